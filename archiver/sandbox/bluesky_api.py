"""The Bluesky servers behind one address: AppView for ``app.bsky.*`` calls, PDS for ``com.atproto.*``, PLC, pictures.

With a bearer token an ``app.bsky.*`` call is answered the way a PDS forwards it: with rate headers and viewer objects.
"""

from __future__ import annotations

from collections.abc import Callable

from archiver.sandbox.bluesky_appview import AppView
from archiver.sandbox.bluesky_pds import Pds
from archiver.sandbox.bluesky_records import blobs
from archiver.sandbox.bluesky_session import Sessions, rate_headers
from archiver.sandbox.limits import Counter, Limit
from archiver.sandbox.model import BLUESKY
from archiver.sandbox.wire import HTML, Answer, Asked, json_answer
from archiver.sandbox.world import World
from archiver.sandbox.xrpc import Call, Refused, Style

LABELERS = ("Atproto-Content-Labelers", "did:example:labeler;redact")
NOTIFICATIONS = "app.bsky.notification."
CALLS = Limit(3000, 300)
"""What a hosted PDS allows one address."""


class BlueskyApi:
    """Answers XRPC calls about one world.

    ``style`` may be switched while the server runs. ``appview_needs_login``: answer ``app.bsky.*`` to nobody without a
    session, as a PDS does. ``factor`` raises the limits.
    """

    def __init__(self, world: World, base_url: str, *, factor: int = 1, style: Style = "0.0.280") -> None:
        self.world = world
        self.limit = Limit(CALLS.calls * factor, CALLS.window_s)
        self.style: Style = style
        self.appview_needs_login = False
        self.counter = Counter(world.now, aligned=False)
        self.sessions = Sessions(world, self.counter, factor)
        self.appview = AppView(world, base_url)
        self.pds = Pds(world, base_url)
        self._routes: dict[str, Callable[[Call], Answer]] = {**self.appview.routes, **self.pds.routes}

    def limited(self, asked: Asked) -> tuple[list[tuple[str, str]], Answer | None]:
        """The AppView sends no rate headers to anonymous callers; the PDS counts everything."""
        own = asked.path.startswith("/xrpc/com.atproto.") and "createSession" not in asked.path
        if not own and "authorization" not in asked.headers:
            return [], None
        count = self.counter.take("all", "127.0.0.1", self.limit)
        headers = rate_headers(count.limit, count.remaining, count.resets_at)
        refusal = Refused(429, "RateLimitExceeded", "Rate Limit Exceeded").answer() if count.over else None
        return headers, refusal

    def exhaust(self) -> None:
        """Use up the limit, so that the next counted call is refused until the window ends."""
        self.counter.exhaust("all", "127.0.0.1", self.limit)

    def cache_key(self, asked: Asked) -> str | None:
        """A page depends on the world, the release that is spoken and who asks."""
        if asked.method != "GET" or NOTIFICATIONS in asked.path:
            return None
        if "authorization" in asked.headers:
            return None  # a session may end at any moment
        if asked.path.endswith(".getPostThread"):
            return f"{self.style} {self.appview_needs_login} {self._thread_key(asked)}"
        return f"{self.style} {self.appview_needs_login} {asked.target}"

    def _thread_key(self, asked: Asked) -> str:
        """All depths beyond the server's own give the same page."""
        text = asked.one("depth") or "6"
        depth = str(min(int(text), self.appview.views.depth_limit)) if text.isdigit() and int(text) <= 1000 else text
        return f"thread {asked.one('uri')} {depth} {asked.one('parentHeight')}"

    def answer(self, asked: Asked) -> Answer:
        """Answer one call. Raises nothing: errors are answers."""
        try:
            answer = self._dispatch(asked)
        except Refused as refused:
            answer = refused.answer()
        answer.gzip = not answer.mime.startswith(("image/", "video/"))
        return answer

    def _dispatch(self, asked: Asked) -> Answer:
        if asked.path.startswith(("/img/", "/vid/")):
            return self._cdn(asked)
        if asked.path.startswith("/did:plc:"):
            return self.pds.plc(asked.path)
        if not asked.path.startswith("/xrpc/"):
            return Answer(404, b"<!DOCTYPE html><html><body><pre>Cannot GET</pre></body></html>", HTML)
        method = asked.path.removeprefix("/xrpc/")
        if asked.method == "POST":
            return self._procedure(method, asked)
        call = Call(asked, self.sessions.viewer(asked), self.style)
        if method == "com.atproto.server.getSession":
            return self._session(call)
        if self.appview_needs_login and method.startswith("app.bsky.") and call.viewer is None:
            raise Refused(401, "AuthMissing", "Authentication Required")
        if method not in self._routes:
            raise Refused(501, "MethodNotImplemented", "Method Not Implemented")
        answer = self._routes[method](call)
        if method.startswith("app.bsky.") and answer.status == 200:
            answer.headers.append(LABELERS)
        return answer

    def _procedure(self, method: str, asked: Asked) -> Answer:
        headers: list[tuple[str, str]] = []
        if method == "com.atproto.server.createSession":
            person, tokens, headers = self.sessions.create(asked)
        elif method == "com.atproto.server.refreshSession":
            person, tokens = self.sessions.refresh(asked)
        else:
            raise Refused(501, "MethodNotImplemented", "Method Not Implemented")
        body: dict[str, object] = {**tokens, "did": person.id, "didDoc": self.pds.did_document(person)}
        body |= {"handle": person.handle, "email": f"clerk@{self.world.domain}", "emailConfirmed": True}
        return json_answer(body | {"active": person.active}, headers=headers, cacheable=False)

    def _session(self, call: Call) -> Answer:
        if call.viewer is None:
            raise Refused(401, "AuthMissing", "Authentication Required")
        body: dict[str, object] = {"did": call.viewer.id, "handle": call.viewer.handle}
        body |= {"email": f"clerk@{self.world.domain}", "emailConfirmed": True, "active": call.viewer.active}
        return json_answer(body | {"didDoc": self.pds.did_document(call.viewer)}, cacheable=False)

    def _cdn(self, asked: Asked) -> Answer:
        """The content network: ``/img/<preset>/plain/<did>/<cid>@jpeg``; films are not played here."""
        *_, did, name = asked.path.split("/")
        person = self.world.people.get((BLUESKY, did))
        picture = blobs(person).get(name.split("@", maxsplit=1)[0]) if person else None
        if picture is None:
            return Answer(404, b"Not Found", "text/plain; charset=utf-8")
        return Answer(200, picture.data, picture.mime)

"""A Mastodon 4.6 server with the city's accounts on it, as its REST API answers.

``access``: who may read without a token: ``open`` everybody; ``closed`` nobody (401); ``login`` sends to a login page
(302); ``gotosocial`` refuses in that server's words. ``fetches_replies``: a context call starts a search for answers
that were not delivered (4.5 and later). ``release`` is the version that is spoken; older ones lack fields and calls.
``link_base`` is what ``Link`` headers begin with: behind a proxy some servers name another scheme or host there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from archiver.sandbox.ids import iso_us
from archiver.sandbox.images import picture
from archiver.sandbox.limits import Count, Counter, Limit
from archiver.sandbox.mastodon_entities import Entities, sees
from archiver.sandbox.mastodon_instance import instance_routes
from archiver.sandbox.mastodon_paging import Page, cut, link_header
from archiver.sandbox.mastodon_settings import Settings
from archiver.sandbox.model import MASTODON, Person, Post, Standing
from archiver.sandbox.wire import HTML, Answer, Asked, json_answer
from archiver.sandbox.world import World

Access = Literal["open", "closed", "login", "gotosocial"]

CALLS = Limit(300, 300)
PAGING = Limit(300, 900)
REFRESH_S = 2
MISSING = picture(0, None)
"""What the server shows for people without a picture of their own."""


_OF_THE_CALLER = (
    "/api/v1/notifications", "/api/v1/blocks", "/api/v1/mutes", "/api/v1/domain_blocks", "/api/v2/filters",
)  # fmt: skip
"""What changes without the world."""


class Problem(Exception):
    """The answer is an error: a status and the words beside it."""

    def __init__(self, status: int, error: str, headers: list[tuple[str, str]] | None = None) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.headers = headers or []

    def answer(self) -> Answer:
        """As it goes over the wire."""
        return json_answer({"error": self.error}, self.status, headers=list(self.headers), cacheable=False)


class MastodonApi:
    """Answers REST calls about one world."""

    def __init__(self, world: World, base_url: str, *, factor: int = 1) -> None:
        self.world = world
        self.base_url = base_url
        self.calls = Limit(CALLS.calls * factor, CALLS.window_s)
        self.paging = Limit(PAGING.calls * factor, PAGING.window_s)
        self.counter = Counter(world.now, aligned=True)
        self.entities = Entities(world, base_url)
        self.access: Access = "open"
        self.link_base = base_url
        self.fetches_replies = True
        self.revoked: set[str] = set()
        self.missing_scopes: set[str] = set()
        self.settings: dict[str, Settings] = {}
        self._searches: dict[str, datetime] = {}
        self._routes: list[tuple[re.Pattern[str], Callable[..., Answer]]] = [
            (re.compile(pattern + r"\Z"), route)
            for pattern, route in (
                (r"/api/v1/accounts/lookup", self.lookup),
                (r"/api/v1/accounts/verify_credentials", self.verify_credentials),
                (r"/api/v1/accounts/(\w+)/statuses", self.account_statuses),
                (r"/api/v1/accounts/(\w+)", self.account),
                (r"/api/v1/statuses", self.statuses),
                (r"/api/v1/statuses/(\w+)/context", self.context),
                (r"/api/v1/statuses/(\w+)/history", self.history),
                (r"/api/v1/statuses/(\w+)/source", self.source),
                (r"/api/v1/statuses/(\w+)/reblogged_by", self.reblogged_by),
                (r"/api/v1/statuses/(\w+)/favourited_by", self.favourited_by),
                (r"/api/v1/statuses/(\w+)/quotes", self.quotes),
                (r"/api/v1/statuses/(\w+)", self.status),
                (r"/api/v1/polls/(\w+)", self.poll),
                (r"/api/v1/notifications", self.notifications),
                (r"/api/v1/notifications/policy", self.notification_policy),
                (r"/api/v1/notifications/requests", self.notification_requests),
                (r"/api/v1_alpha/async_refreshes/(\w+)", self.async_refresh),
                (r"/api/v1/blocks", self.blocks),
                (r"/api/v1/mutes", self.mutes),
                (r"/api/v1/domain_blocks", self.domain_blocks),
                (r"/api/v2/filters", self.filters),
            )
        ]
        self._instance = instance_routes(world, base_url, lambda: self.entities.release)

    @property
    def release(self) -> tuple[int, int]:
        """The version that is spoken, ``(4, 6)`` by default."""
        return self.entities.release

    @release.setter
    def release(self, version: tuple[int, int]) -> None:
        with self.world.change():
            self.entities.release = version

    # --- the layer that all calls pass

    def limited(self, asked: Asked) -> tuple[list[tuple[str, str]], Answer | None]:
        """Headers describe the limit that is nearest to being hit; there is no ``Retry-After``."""
        if not asked.path.startswith("/api/"):
            return [], None
        caller = asked.bearer or "127.0.0.1"
        counts = [self.counter.take("calls", caller, self.calls)]
        if {"max_id", "min_id", "since_id", "page"} & asked.params.keys():
            counts.append(self.counter.take("paging", caller, self.paging))
        count = min(counts, key=lambda c: (not c.over, c.remaining))
        refusal = json_answer({"error": "Too many requests"}, 429, cacheable=False) if count.over else None
        return self._rate_headers(count), refusal

    def _rate_headers(self, count: Count) -> list[tuple[str, str]]:
        resets = count.resets_at.replace(microsecond=self.world.now().microsecond)
        return [
            ("X-RateLimit-Limit", str(count.limit.calls)),
            ("X-RateLimit-Remaining", str(count.remaining)),
            ("X-RateLimit-Reset", iso_us(resets)),
        ]

    def exhaust(self, token: str | None = None) -> None:
        """Use up a caller's limit, so that its next call is refused until the window ends."""
        self.counter.exhaust("calls", token or "127.0.0.1", self.calls)

    def cache_key(self, asked: Asked) -> str | None:
        """A page depends on the world, who asks and who may."""
        if asked.method != "GET" or asked.path.startswith(_OF_THE_CALLER):
            return None
        return f"{self.access} {asked.bearer in self.revoked} {asked.bearer or ''} {asked.target}"

    def answer(self, asked: Asked) -> Answer:
        """Answer one call. Raises nothing: errors are answers."""
        self.entities.timed = False
        try:
            answer = self._dispatch(asked)
        except Problem as problem:
            answer = problem.answer()
        answer.cacheable = answer.cacheable and not self.entities.timed
        return answer

    def _dispatch(self, asked: Asked) -> Answer:
        if asked.path.startswith(("/system/", "/avatars/", "/headers/", "/elsewhere/")):
            return self._file(asked.path)
        if asked.path in self._instance:
            answer = self._instance[asked.path](asked)
            if answer.status == 404:
                raise Problem(404, "Not Found")
            return answer
        if not asked.path.startswith("/api/"):
            return Answer(404, b"<!DOCTYPE html><html><body><h1>404</h1></body></html>", HTML)
        viewer = self._viewer(asked)
        for pattern, route in self._routes:
            match = pattern.match(asked.path)
            if match is not None and asked.method in {"GET", "HEAD"}:
                answer = route(asked, viewer, *match.groups())
                answer.headers.insert(0, ("Cache-Control", "private, no-store"))
                return answer
        raise Problem(404, "Not Found")

    def _viewer(self, asked: Asked) -> Person | None:
        if "authorization" in asked.headers:
            return self._holder(asked.bearer)
        if self.access == "closed":
            raise Problem(401, "This API requires an authenticated user")
        if self.access == "gotosocial":
            raise Problem(401, "Unauthorized: token not supplied")
        if self.access == "login":
            raise _Elsewhere(f"{self.base_url}/auth/sign_in")
        return None

    def _holder(self, token: str | None) -> Person:
        text = "The access token was revoked" if token in self.revoked else "The access token is invalid"
        account = next((a for a in self.world.accounts.values() if a.platform == MASTODON and a.secret == token), None)
        if account is None or token in self.revoked:
            challenge = f'Bearer realm="Doorkeeper", error="invalid_token", error_description="{text}"'
            raise Problem(401, text, [("WWW-Authenticate", challenge)])
        return account.person

    # --- accounts

    def lookup(self, asked: Asked, _viewer: Person | None) -> Answer:
        """``accounts/lookup``: by name, the own server's name may be appended."""
        name = (asked.one("acct") or "").removeprefix("@")
        host = self.base_url.split("//", 1)[1]
        for ending in (f"@{host}", f"@{self.world.domain}"):
            name = name.removesuffix(ending)
        person = self.world.find_person(MASTODON, name)
        if person is None or name == person.id:
            raise Problem(404, "Record not found")
        return json_answer(self.entities.account(person))

    def verify_credentials(self, _asked: Asked, viewer: Person | None) -> Answer:
        """``accounts/verify_credentials``: whose token this is."""
        return json_answer(self.entities.credentials(_user(viewer)))

    def account(self, _asked: Asked, _viewer: Person | None, native: str) -> Answer:
        """``accounts/:id``."""
        return json_answer(self.entities.account(self._person(native)))

    def account_statuses(self, asked: Asked, viewer: Person | None, native: str) -> Answer:
        """``accounts/:id/statuses``: 20 at a time, 40 at most; ``pinned`` without pages."""
        person = self._person(native)
        if person.standing is not Standing.ACTIVE:
            return json_answer([])
        posts = [post for post in person.posts if sees(viewer, post) and _on_profile(post, viewer)]
        if asked.one("pinned") in {"true", "1"}:
            posts = [post for post in person.pinned if sees(viewer, post)]
        posts = [post for post in posts if _chosen(post, asked)]
        page = cut([(post.id, post) for post in posts], asked, default=20)
        views = [self.entities.status(post, viewer) for post in page.entries]
        return self._listing(asked, views, page)

    # --- statuses

    def status(self, _asked: Asked, viewer: Person | None, native: str) -> Answer:
        """``statuses/:id``."""
        return json_answer(self.entities.status(self._post(native, viewer), viewer))

    def statuses(self, asked: Asked, viewer: Person | None) -> Answer:
        """``statuses?id[]=``: at most 20; missing ones are left out without a word. From 4.3 on."""
        if self.entities.release < (4, 3):
            raise Problem(404, "Not Found")
        wanted = asked.params.get("id[]", asked.params.get("id", []))[:20]
        posts = [self.world.find(f"{MASTODON}:{native}") for native in dict.fromkeys(wanted)]
        shown = [self.entities.status(post, viewer) for post in posts if post is not None and sees(viewer, post)]
        return json_answer(shown)

    def context(self, _asked: Asked, viewer: Person | None, native: str) -> Answer:
        """``statuses/:id/context``: 40 up, 60 and 20 levels down without a token; nothing says that it was cut."""
        post = self._post(native, viewer)
        most, levels = anonymous_cut(viewer)
        ancestors = _ancestors(post, 4096 if viewer else 40)
        headers = self._search_more(post)
        below = descendants(post, most, levels)
        body = {
            "ancestors": [self.entities.status(p, viewer) for p in ancestors if sees(viewer, p)],
            "descendants": [self.entities.status(p, viewer) for p in below if sees(viewer, p)],
        }
        return json_answer(body, headers=headers)

    def history(self, _asked: Asked, viewer: Person | None, native: str) -> Answer:
        """``statuses/:id/history``, from 3.5 on."""
        if self.entities.release < (3, 5):
            raise Problem(404, "Not Found")
        return json_answer(self.entities.edits(self._post(native, viewer)))

    def source(self, _asked: Asked, viewer: Person | None, native: str) -> Answer:
        """``statuses/:id/source``: what the author typed; needs a token."""
        post = self._post(native, _user(viewer))
        text = {"id": post.id, "text": post.latest.text, "spoiler_text": post.latest.content_warning}
        return json_answer(text)

    def reblogged_by(self, asked: Asked, viewer: Person | None, native: str) -> Answer:
        """``statuses/:id/reblogged_by``."""
        shares = [(share.id, share.author) for share in self._post(native, viewer).shared_by if share.available]
        page = cut(shares, asked, default=40)
        return self._listing(asked, [self.entities.account(person) for person in page.entries], page, prev="since_id")

    def favourited_by(self, asked: Asked, viewer: Person | None, native: str) -> Answer:
        """``statuses/:id/favourited_by``: at most as many as there are people."""
        post = self._post(native, viewer)
        people = [p for (platform, _), p in self.world.people.items() if platform == MASTODON and p.active]
        likes = [(str(number), person) for number, person in enumerate(people[: post.likes], start=1)]
        page = cut(likes, asked, default=40)
        return self._listing(asked, [self.entities.account(person) for person in page.entries], page, prev="since_id")

    def quotes(self, asked: Asked, viewer: Person | None, native: str) -> Answer:
        """``statuses/:id/quotes``: needs a user token."""
        post = self._post(native, _user(viewer))
        page = cut([(quote.id, quote) for quote in post.quotes if sees(viewer, quote)], asked, default=20)
        return self._listing(asked, [self.entities.status(quote, viewer) for quote in page.entries], page)

    def poll(self, _asked: Asked, viewer: Person | None, native: str) -> Answer:
        """``polls/:id``."""
        for post in self.world.posts.values():
            if post.poll is not None and post.poll.id == native and sees(viewer, post):
                return json_answer(self.entities.poll(post.poll, viewer))
        raise Problem(404, "Record not found")

    # --- notifications

    def notifications(self, asked: Asked, viewer: Person | None) -> Answer:
        """``notifications``: mentions (answers too), boosts and quotes; 40 at a time, 80 at most."""
        person = _user(viewer)
        types = set(asked.params.get("types[]", []))
        others = set(asked.params.get("exclude_types[]", []))
        entries: list[tuple[str, tuple[int, str, Post]]] = []
        for post in person.concerned:
            kind = _notifies(post, person)
            if kind and sees(person, post) and (not types or kind in types) and kind not in others:
                entries.append((str(post.number), (post.number, kind, post)))
        page = cut(entries, asked, default=40)
        views = [self.entities.notification(number, kind, post, person) for number, kind, post in page.entries]
        return self._listing(asked, views, page)

    def notification_policy(self, _asked: Asked, viewer: Person | None) -> Answer:
        """``notifications/policy``."""
        _user(viewer)
        names = ("not_following", "not_followers", "new_accounts", "private_mentions", "limited_accounts", "bots")
        policy: dict[str, Any] = {f"for_{name}": "accept" for name in names}
        summary = {"pending_requests_count": 0, "pending_notifications_count": 0}
        return json_answer(policy | {"summary": summary})

    def notification_requests(self, _asked: Asked, viewer: Person | None) -> Answer:
        """``notifications/requests``: nobody is kept waiting."""
        _user(viewer)
        return json_answer([])

    def async_refresh(self, _asked: Asked, viewer: Person | None, native: str) -> Answer:
        """``async_refreshes/:id``: how a search for more answers stands."""
        _user(viewer)
        post = self._post(native, viewer)
        state = "running" if any(_undelivered(post)) else "finished"
        return json_answer({"async_refresh": {"id": native, "status": state, "result_count": 0}}, cacheable=False)

    # --- settings

    def settings_of(self, account: str) -> Settings:
        """The settings of an account of the city, by its name."""
        return self.settings.setdefault(self.world.accounts[account].person.id, Settings())

    def blocks(self, asked: Asked, viewer: Person | None) -> Answer:
        """``blocks``: 40 at a time, 80 at most, paged by numbers that no answer shows."""
        return self._people(asked, self._settings(viewer, "read:blocks").blocked)

    def mutes(self, asked: Asked, viewer: Person | None) -> Answer:
        """``mutes``: the same."""
        return self._people(asked, self._settings(viewer, "read:mutes").muted)

    def domain_blocks(self, asked: Asked, viewer: Person | None) -> Answer:
        """``domain_blocks``: names of servers, 100 at a time, 200 at most."""
        page = cut(self._settings(viewer, "read:blocks").servers, asked, default=100)
        return self._listing(asked, page.entries, page, prev="since_id")

    def filters(self, _asked: Asked, viewer: Person | None) -> Answer:
        """``v2/filters``, from 4.0 on: all of them at once."""
        if self.entities.release < (4, 0):
            raise Problem(404, "Not Found")
        return json_answer(self._settings(viewer, "read:filters").filters)

    def _settings(self, viewer: Person | None, scope: str) -> Settings:
        person = _user(viewer)
        if scope in self.missing_scopes:
            raise Problem(403, "This action is outside the authorized scopes")
        return self.settings.get(person.id, Settings())

    def _people(self, asked: Asked, entries: list[tuple[str, Person]]) -> Answer:
        page = cut(entries, asked, default=40)
        shown = [self.entities.account(person) for person in page.entries]
        return self._listing(asked, shown, page, prev="since_id")

    # --- parts

    def _search_more(self, post: Post) -> list[tuple[str, str]]:
        """Answers elsewhere that were not delivered are found some seconds after the first call."""
        missing = _undelivered(post)
        if not missing or not self.fetches_replies or self.entities.release < (4, 5):
            return []
        self.entities.timed = True
        began = self._searches.setdefault(post.id, self.world.now())
        if self.world.now() < began + timedelta(seconds=REFRESH_S):
            return [("Mastodon-Async-Refresh", f'id="{post.id}", retry={REFRESH_S}, result_count=0')]
        for reply in missing:
            self.world.deliver(reply)
        return []

    def _person(self, native: str) -> Person:
        person = self.world.people.get((MASTODON, native))
        if person is None:
            raise Problem(404, "Record not found")
        return person

    def _post(self, native: str, viewer: Person | None) -> Post:
        """The same 404 for gone, hidden, suspended and never heard of."""
        post = self.world.find(f"{MASTODON}:{native}")
        if post is None or not sees(viewer, post):
            raise Problem(404, "Record not found")
        return post

    def _listing(self, asked: Asked, views: Sequence[Any], page: Page[Any], *, prev: str = "min_id") -> Answer:
        link = None if asked.one("pinned") else link_header(self.link_base, asked, page, prev)
        return json_answer(list(views), headers=[("Link", link)] if link else [])

    def _file(self, path: str) -> Answer:
        if path.endswith("/original/missing.png"):
            return Answer(200, MISSING.data, MISSING.mime)
        owner, file = self.entities.files.get(path.replace("/small/", "/original/"), (None, None))
        available = owner is not None and (not owner.gone if isinstance(owner, Post) else owner.active)
        if file is None or not available:
            return Answer(404, b"<!DOCTYPE html><html><body><h1>404</h1></body></html>", HTML)
        headers = [("Cache-Control", "public, max-age=2419200, must-revalidate")]
        return Answer(200, file.data, file.mime, headers)


class _Elsewhere(Problem):
    """Sent to a login page."""

    def __init__(self, to: str) -> None:
        super().__init__(302, "", [("Location", to)])

    def answer(self) -> Answer:
        return Answer(302, b"", HTML, list(self.headers), cacheable=False)


def _user(viewer: Person | None) -> Person:
    if viewer is None:
        text = "The access token is invalid"
        challenge = f'Bearer realm="Doorkeeper", error="invalid_token", error_description="{text}"'
        raise Problem(401, text, [("WWW-Authenticate", challenge)])
    return viewer


def _on_profile(post: Post, viewer: Person | None) -> bool:
    """A direct message is on no profile but for its author."""
    return post.visibility != "direct" or viewer is post.author


def _chosen(post: Post, asked: Asked) -> bool:
    """The filters of an account's statuses; answers to oneself are no answers here."""
    yes = {"true", "1"}
    if asked.one("exclude_reblogs") in yes and post.shares is not None:
        return False
    if asked.one("exclude_replies") in yes and post.parent is not None and post.parent.author is not post.author:
        return False
    if asked.one("only_media") in yes and not post.latest.pictures:
        return False
    tag = asked.one("tagged")
    return tag is None or tag.lower() in {name.lower() for name in post.tags}


def _notifies(post: Post, person: Person) -> str | None:
    if post.shares is not None:
        return "reblog" if post.shares.author is person else None
    if person in post.mentions:
        return "mention"
    return "quote" if post.quote is not None and post.quote.author is person else None


def _ancestors(post: Post, most: int) -> list[Post]:
    """From the top down; what hangs below a removed status has no way up."""
    found: list[Post] = []
    parent = post.parent
    while parent is not None and not parent.gone and len(found) < most:
        found.insert(0, parent)
        parent = parent.parent
    return found


def anonymous_cut(viewer: Person | None) -> tuple[int, int]:
    """How many descendants, and how many levels of them, a context shows."""
    return (4096, 4096) if viewer else (60, 20)


def descendants(post: Post, most: int, levels: int) -> list[Post]:
    """Depth first, each level by id; cut before anything is hidden from the caller."""
    found: list[Post] = []
    stack = [(reply, 1) for reply in _children(post)][::-1]
    while stack and len(found) < most:
        reply, level = stack.pop()
        found.append(reply)
        if level < levels:
            stack.extend((child, level + 1) for child in reversed(_children(reply)))
    return found


def _children(post: Post) -> list[Post]:
    kept = [reply for reply in post.replies if not reply.gone and not reply.undelivered and reply.author.active]
    return sorted(kept, key=lambda reply: (len(reply.id), reply.id))


def _undelivered(post: Post) -> list[Post]:
    found: list[Post] = []
    stack = list(post.replies)
    while stack:
        reply = stack.pop()
        stack.extend(reply.replies)
        if reply.undelivered and not reply.gone:
            found.append(reply)
    return found

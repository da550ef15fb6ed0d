"""The Bluesky servers behind one address: AppView for anonymous ``app.bsky.*`` calls, PDS for ``com.atproto.*``.

With a bearer token an ``app.bsky.*`` call is answered the way a PDS forwards it: with rate headers and viewer objects.
``style`` picks the release that is spoken: ``0.0.221`` (AppView of early 2026, PDS 0.4.217: a cursor on every page that
is not empty) or ``0.0.280`` (PDS 0.5.35: no cursor on the last page). Errors are the XRPC layer's: 400 with a name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from archiver.sandbox import bluesky_feed as feed
from archiver.sandbox.bluesky_records import blobs, collection, collections, find_record
from archiver.sandbox.bluesky_session import Refused, Sessions, rate_headers
from archiver.sandbox.bluesky_views import Views, shown_handle
from archiver.sandbox.cid import cid_of_record
from archiver.sandbox.ids import micros_of, tid
from archiver.sandbox.limits import Counter, Limit
from archiver.sandbox.model import BLUESKY, Person, Post, Standing
from archiver.sandbox.wire import HTML, Answer, Asked, json_answer
from archiver.sandbox.world import World

Style = Literal["0.0.221", "0.0.280"]
LABELERS = ("Atproto-Content-Labelers", "did:example:labeler;redact")


class BlueskyApi:
    """Answers XRPC calls about one world."""

    def __init__(self, world: World, base_url: str, *, limit: Limit, style: Style = "0.0.280") -> None:
        self.world = world
        self.base_url = base_url
        self.limit = limit
        self.style: Style = style
        self.counter = Counter(world.now, aligned=False)
        self.sessions = Sessions(world, self.counter)
        self.views = Views(world, base_url)
        self._routes: dict[str, Callable[[Asked, Person | None], Answer]] = {
            "app.bsky.actor.getProfile": self.get_profile,
            "app.bsky.actor.getProfiles": self.get_profiles,
            "app.bsky.feed.getAuthorFeed": self.get_author_feed,
            "app.bsky.feed.getPosts": self.get_posts,
            "app.bsky.feed.getPostThread": self.get_post_thread,
            "app.bsky.feed.getQuotes": self.get_quotes,
            "app.bsky.feed.getRepostedBy": self.get_reposted_by,
            "app.bsky.feed.getLikes": self.get_likes,
            "app.bsky.notification.listNotifications": self.list_notifications,
            "com.atproto.identity.resolveHandle": self.resolve_handle,
            "com.atproto.repo.describeRepo": self.describe_repo,
            "com.atproto.repo.listRecords": self.list_records,
            "com.atproto.repo.getRecord": self.get_record,
            "com.atproto.sync.getLatestCommit": self.get_latest_commit,
            "com.atproto.sync.getRepoStatus": self.get_repo_status,
            "com.atproto.sync.getBlob": self.get_blob,
            "com.atproto.sync.listBlobs": self.list_blobs,
            "com.atproto.server.describeServer": self.describe_server,
            "com.atproto.server.getSession": self.get_session,
            "_health": self.health,
        }

    # --- the layer that all calls pass

    def limited(self, asked: Asked) -> tuple[list[tuple[str, str]], Answer | None]:
        """The rate headers of this call, and the refusal when it is one too many."""
        if not self._counts(asked):
            return [], None
        count = self.counter.take("all", "127.0.0.1", self.limit)
        headers = rate_headers(count.limit, count.remaining, count.resets_at)
        if not count.over:
            return headers, None
        return headers, Refused(429, "RateLimitExceeded", "Rate Limit Exceeded").answer()

    def cache_key(self, asked: Asked) -> str | None:
        """What an answer depends on beside the world; None when it must be made anew each time."""
        if asked.method != "GET" or "listNotifications" in asked.path:
            return None
        return f"{asked.bearer or ''} {asked.target}"

    def answer(self, asked: Asked) -> Answer:
        """Answer one call. Raises nothing: errors are answers."""
        try:
            answer = self._dispatch(asked)
        except Refused as refused:
            answer = refused.answer()
            answer.cacheable = False
        answer.gzip = answer.mime.startswith(("application/json", "text/"))
        return answer

    def _dispatch(self, asked: Asked) -> Answer:
        if asked.path.startswith("/img/"):
            return self._cdn_picture(asked)
        if asked.path.startswith("/did:plc:"):
            return self._plc(asked)
        if not asked.path.startswith("/xrpc/"):
            return Answer(404, b"<!DOCTYPE html><html><body><pre>Cannot GET</pre></body></html>", HTML)
        method = asked.path.removeprefix("/xrpc/")
        if asked.method == "POST":
            return self._procedure(method, asked)
        viewer = self.sessions.viewer(asked)
        if method == "app.bsky.notification.listNotifications" and viewer is None:
            raise Refused(401, "AuthMissing", "Authentication Required")
        route = self._routes.get(method)
        if route is None:
            raise Refused(501, "MethodNotImplemented", "Method Not Implemented")
        answer = route(asked, viewer)
        if method.startswith("app.bsky.") and answer.status == 200:
            answer.headers.append(LABELERS)
        return answer

    def _counts(self, asked: Asked) -> bool:
        """The AppView sends no rate headers to anonymous callers; a PDS counts everything."""
        own = asked.path.startswith("/xrpc/com.atproto.") and "createSession" not in asked.path
        return own or "authorization" in asked.headers

    # --- sessions

    def _procedure(self, method: str, asked: Asked) -> Answer:
        headers: list[tuple[str, str]] = []
        if method == "com.atproto.server.createSession":
            person, tokens, headers = self.sessions.create(asked)
        elif method == "com.atproto.server.refreshSession":
            person, tokens = self.sessions.refresh(asked)
        else:
            raise Refused(501, "MethodNotImplemented", "Method Not Implemented")
        facts = {"did": person.id, "didDoc": self._did_document(person), "handle": person.handle}
        facts |= {"email": f"clerk@{self.world.domain}", "emailConfirmed": True, "active": person.active}
        return json_answer(tokens | facts, headers=headers, cacheable=False)

    def get_session(self, asked: Asked, viewer: Person | None) -> Answer:
        """``com.atproto.server.getSession``."""
        if viewer is None:
            raise Refused(401, "AuthMissing", "Authentication Required")
        facts = {"did": viewer.id, "handle": viewer.handle, "email": f"clerk@{self.world.domain}"}
        facts_more = {"emailConfirmed": True, "active": viewer.active, "didDoc": self._did_document(viewer)}
        return json_answer(facts | facts_more, cacheable=False)

    # --- the AppView

    def get_profile(self, asked: Asked, viewer: Person | None) -> Answer:
        """``app.bsky.actor.getProfile``."""
        person = self._actor(self._required(asked, "actor"))
        return json_answer(self.views.profile(person, viewer))

    def get_profiles(self, asked: Asked, viewer: Person | None) -> Answer:
        """``app.bsky.actor.getProfiles``: unknown ones are left out."""
        names = self._array(asked, "actors", 25)
        people = [self.world.find_person(BLUESKY, name) for name in names]
        found = [self.views.profile(person, viewer) for person in people if person and person.active]
        return json_answer({"profiles": found})

    def get_author_feed(self, asked: Asked, viewer: Person | None) -> Answer:
        """``app.bsky.feed.getAuthorFeed``: filtered after the page is cut, pins on page 1 only."""
        limit = self._number(asked, "limit", 50, 1, 100)
        name = self._required(asked, "actor")
        person = self.world.find_person(BLUESKY, name)
        if person is None or not person.active:
            raise Refused(400, "InvalidRequest", "Profile not found")
        entries = [post for post in person.posts if not post.gone]
        entries.sort(key=feed.order, reverse=True)
        page, cursor = self._page(entries, limit, asked.one("cursor"))
        chosen = [post for post in page if feed.passes(post, asked.one("filter") or "")]
        items = [item for post in chosen if (item := self.views.feed_item(post, viewer)) is not None]
        if asked.one("includePins") == "true" and not asked.one("cursor") and person.pinned:
            pin = {"post": self.views.post(person.pinned[0], viewer)}
            pin["reason"] = {"$type": "app.bsky.feed.defs#reasonPin"}
            items = [pin, *items]
        return self._listing({"feed": items}, cursor)

    def get_posts(self, asked: Asked, viewer: Person | None) -> Answer:
        """``app.bsky.feed.getPosts``: what is not there is left out without a word."""
        posts = [self._find_post(uri) for uri in dict.fromkeys(self._array(asked, "uris", 25))]
        return json_answer({"posts": [self.views.post(post, viewer) for post in posts if post is not None]})

    def get_post_thread(self, asked: Asked, viewer: Person | None) -> Answer:
        """``app.bsky.feed.getPostThread``."""
        uri = self._required(asked, "uri")
        depth = self._number(asked, "depth", 6, 0, 1000)
        height = self._number(asked, "parentHeight", 80, 0, 1000)
        post = self._find_post(uri)
        if post is None:
            raise Refused(400, "NotFound", f"Post not found: {uri}")
        return json_answer(self.views.thread(post, depth=depth, height=min(height, 300), viewer=viewer))

    def get_quotes(self, asked: Asked, viewer: Person | None) -> Answer:
        """``app.bsky.feed.getQuotes``: detached quotes are listed too."""
        uri = self._required(asked, "uri")
        limit = self._number(asked, "limit", 50, 1, 100)
        post = self._find_post(uri)
        quotes = [quote for quote in post.quotes if quote.available] if post else []
        quotes.sort(key=feed.order, reverse=True)
        page, cursor = self._page(quotes, limit, asked.one("cursor"))
        body: dict[str, Any] = {"posts": [self.views.post(quote, viewer) for quote in page], "uri": uri}
        return self._listing(body | self._cid_of(asked), cursor)

    def get_reposted_by(self, asked: Asked, viewer: Person | None) -> Answer:
        """``app.bsky.feed.getRepostedBy``: people, newest share first."""
        uri = self._required(asked, "uri")
        limit = self._number(asked, "limit", 50, 1, 100)
        post = self._find_post(uri)
        shares = [share for share in post.shared_by if share.available] if post else []
        shares.sort(key=feed.order, reverse=True)
        page, cursor = self._page(shares, limit, asked.one("cursor"))
        people = [self.views.listed(share.author, viewer) for share in page]
        return self._listing({"repostedBy": people, "uri": uri} | self._cid_of(asked), cursor)

    def get_likes(self, asked: Asked, viewer: Person | None) -> Answer:
        """``app.bsky.feed.getLikes``: at most as many as there are residents."""
        uri = self._required(asked, "uri")
        limit = self._number(asked, "limit", 50, 1, 100)
        post = self._find_post(uri)
        residents = [p for (platform, _), p in self.world.people.items() if platform == BLUESKY and p.active]
        likes = residents[: min(post.likes, limit)] if post else []
        at = feed.iso_ms(post.created_at) if post else ""
        entries = [{"actor": self.views.listed(p, viewer), "createdAt": at, "indexedAt": at} for p in likes]
        return self._listing({"likes": entries, "uri": uri} | self._cid_of(asked), None)

    def list_notifications(self, asked: Asked, viewer: Person | None) -> Answer:
        """``app.bsky.notification.listNotifications`` of the logged-in account."""
        assert viewer is not None
        limit = self._number(asked, "limit", 50, 1, 100)
        reasons = set(asked.params.get("reasons", []))
        entries = [n for n in feed.notices(self.world, viewer) if not reasons or n.reason in reasons]
        before = _cursor_moment(asked.one("cursor"))
        if before is not None:
            entries = [notice for notice in entries if notice.at < before]
        page = entries[:limit]
        items = [feed.notification(self.views, notice, viewer) for notice in page]
        cursor = feed.iso_ms(page[-1].at) if page and len(entries) > limit else None
        body = {"notifications": items, "priority": False, "seenAt": feed.iso_ms(self.world.now())}
        return self._listing(body, cursor)

    # --- the PDS

    def resolve_handle(self, asked: Asked, viewer: Person | None) -> Answer:
        """``com.atproto.identity.resolveHandle``."""
        person = self.world.find_person(BLUESKY, self._required(asked, "handle"))
        if person is None or person.standing is Standing.DELETED:
            error = "InvalidRequest" if self.style == "0.0.221" else "HandleNotFound"
            raise Refused(400, error, "Unable to resolve handle")
        return json_answer({"did": person.id})

    def describe_repo(self, asked: Asked, viewer: Person | None) -> Answer:
        """``com.atproto.repo.describeRepo``."""
        person = self._repo(self._required(asked, "repo"), sync=True)
        return json_answer({
            "handle": person.handle,
            "did": person.id,
            "didDoc": self._did_document(person),
            "collections": collections(self.world, person),
            "handleIsCorrect": person.handle_valid,
        })

    def list_records(self, asked: Asked, viewer: Person | None) -> Answer:
        """``com.atproto.repo.listRecords``: by record key, newest first; the cursor is the last key."""
        name, wanted = self._required(asked, "repo"), self._required(asked, "collection")
        limit = self._number(asked, "limit", 50, 1, 100, pds=True)
        person = self._repo(name)
        records = collection(self.world, person, wanted)
        cursor = asked.one("cursor")
        if asked.one("reverse") == "true":
            records = [record for record in records if cursor is None or record.rkey > cursor]
        else:
            records = [record for record in reversed(records) if cursor is None or record.rkey < cursor]
        page = records[:limit]
        body = {"records": [{"uri": r.uri, "cid": r.cid, "value": r.value} for r in page]}
        return self._listing(body, page[-1].rkey if page else None)

    def get_record(self, asked: Asked, viewer: Person | None) -> Answer:
        """``com.atproto.repo.getRecord``."""
        name, wanted, rkey = (self._required(asked, key) for key in ("repo", "collection", "rkey"))
        person = self._repo(name)
        record = find_record(self.world, person, wanted, rkey)
        if record is None or asked.one("cid") not in {None, record.cid}:
            uri = f"at://{person.id}/{wanted}/{rkey}"
            raise Refused(400, "RecordNotFound", f"Could not locate record: {uri}")
        return json_answer({"uri": record.uri, "cid": record.cid, "value": record.value})

    def get_latest_commit(self, asked: Asked, viewer: Person | None) -> Answer:
        """``com.atproto.sync.getLatestCommit``: moves with each change of the repository."""
        person = self._repo(self._required(asked, "did"), sync=True)
        rev = self._rev(person)
        commit = {"did": person.id, "version": 3, "rev": rev, "prev": None}
        return json_answer({"cid": cid_of_record(commit), "rev": rev})

    def get_repo_status(self, asked: Asked, viewer: Person | None) -> Answer:
        """``com.atproto.sync.getRepoStatus``."""
        did = self._required(asked, "did")
        person = self.world.find_person(BLUESKY, did)
        if person is None or person.standing is Standing.DELETED:
            raise Refused(400, "RepoNotFound", f"Could not find repo for DID: {did}")
        if not person.active:
            return json_answer({"did": person.id, "active": False, "status": person.standing.value})
        return json_answer({"did": person.id, "active": True, "rev": self._rev(person)})

    def get_blob(self, asked: Asked, viewer: Person | None) -> Answer:
        """``com.atproto.sync.getBlob``: the bytes as uploaded; gone with the last record that refers to them."""
        person = self._repo(self._required(asked, "did"), sync=True)
        picture = blobs(self.world, person).get(self._required(asked, "cid"))
        if picture is None:
            raise Refused(400, "InvalidRequest", "Blob not found")
        headers = [
            ("x-content-type-options", "nosniff"),
            ("content-disposition", f'attachment; filename="{picture.cid}"'),
            ("content-security-policy", "default-src 'none'; sandbox"),
        ]
        return Answer(200, picture.data, picture.mime, headers)

    def list_blobs(self, asked: Asked, viewer: Person | None) -> Answer:
        """``com.atproto.sync.listBlobs``."""
        person = self._repo(self._required(asked, "did"), sync=True)
        limit = self._number(asked, "limit", 500, 1, 1000)
        cids = sorted(blobs(self.world, person))
        cursor = asked.one("cursor")
        rest = [cid for cid in cids if cursor is None or cid > cursor]
        page = rest[:limit]
        return self._listing({"cids": page}, page[-1] if page else None)

    def describe_server(self, asked: Asked, viewer: Person | None) -> Answer:
        """``com.atproto.server.describeServer``."""
        domains = [f".{self.world.domain}"]
        server = {"did": "did:web:localhost", "availableUserDomains": domains, "inviteCodeRequired": True}
        return json_answer(server | {"blobUploadLimit": 52_428_800, "links": {}, "contact": {}})

    def health(self, asked: Asked, viewer: Person | None) -> Answer:
        """``_health``."""
        return json_answer({"version": "0.4.217" if self.style == "0.0.221" else "0.5.35"})

    # --- parts

    def _did_document(self, person: Person) -> dict[str, Any]:
        key = "zQ3sh" + cid_of_record([person.id, "key"])[8:52]
        method = {"id": f"{person.id}#atproto", "type": "Multikey", "controller": person.id}
        service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": self.base_url}
        return {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": person.id,
            "alsoKnownAs": [f"at://{person.handle}"],
            "verificationMethod": [{**method, "publicKeyMultibase": key}],
            "service": [service],
        }

    def _plc(self, asked: Asked) -> Answer:
        did = asked.path.strip("/").split("/", 1)[0]
        person = self.world.people.get((BLUESKY, did))
        if person is None:
            return json_answer({"message": f"DID not registered: {did}"}, 404, cacheable=False)
        return json_answer(self._did_document(person), mime="application/did+ld+json; charset=utf-8")

    def _cdn_picture(self, asked: Asked) -> Answer:
        *_, did, name = asked.path.split("/")
        person = self.world.people.get((BLUESKY, did))
        picture = blobs(self.world, person).get(name.split("@")[0]) if person else None
        if picture is None:
            return Answer(404, b"Not Found", "text/plain; charset=utf-8")
        return Answer(200, picture.data, picture.mime)

    def _rev(self, person: Person) -> str:
        changes = self.world.revisions.get(person.id, 0)
        return tid(micros_of(person.joined_at) + changes * 1_000_003, person.serial)

    def _actor(self, name: str) -> Person:
        person = self.world.find_person(BLUESKY, name)
        if person is None or person.standing is Standing.DELETED:
            raise Refused(400, "InvalidRequest", "Profile not found")
        if person.standing is Standing.DEACTIVATED:
            raise Refused(400, "AccountDeactivated", "Account is deactivated")
        if person.standing is Standing.TAKEN_DOWN:
            raise Refused(400, "AccountTakedown", "Account has been suspended")
        return person

    def _repo(self, name: str, *, sync: bool = False) -> Person:
        person = self.world.find_person(BLUESKY, name)
        if person is not None and person.active:
            return person
        if not sync:
            did = person.id if person else name
            raise Refused(400, "InvalidRequest", f"Could not find repo: {did}")
        if person is None or person.standing is Standing.DELETED:
            raise Refused(400, "RepoNotFound", f"Could not find repo for DID: {person.id if person else name}")
        if person.standing is Standing.DEACTIVATED:
            raise Refused(400, "RepoDeactivated", f"Repo has been deactivated: {person.id}")
        raise Refused(400, "RepoTakendown", f"Repo has been takendown: {person.id}")

    def _find_post(self, uri: str) -> Post | None:
        """A post that can be shown, by its address; the authority may be a handle."""
        authority, _, rest = uri.removeprefix("at://").partition("/")
        person = self.world.find_person(BLUESKY, authority)
        post = self.world.find(f"{BLUESKY}:at://{person.id}/{rest}") if person else None
        return post if post is not None and post.available and post.shares is None else None

    def _cid_of(self, asked: Asked) -> dict[str, str]:
        cid = asked.one("cid")
        return {"cid": cid} if cid else {}

    def _page(self, posts: Sequence[Post], limit: int, cursor: str | None) -> tuple[list[Post], str | None]:
        """Cut a page; the cursor names the last entry of it (``<ms>__<cid>``)."""
        if cursor is not None:
            try:
                before = feed.parse_cursor(cursor)
            except ValueError:
                raise Refused(500, "InternalServerError", "Internal Server Error") from None
            posts = [post for post in posts if feed.order(post) < before]
        page = list(posts[:limit])
        more = bool(page) if self.style == "0.0.221" else len(posts) > limit
        return page, feed.cursor_after(page[-1]) if more else None

    @staticmethod
    def _listing(body: dict[str, Any], cursor: str | None) -> Answer:
        return json_answer(body | ({"cursor": cursor} if cursor is not None else {}))

    # --- parameters

    def _required(self, asked: Asked, name: str) -> str:
        value = asked.one(name)
        if value:
            return value
        old = f'Error: Params must have the property "{name}"'
        raise self._invalid(asked, old, f'Missing required key "{name}"')

    def _number(self, asked: Asked, name: str, default: int, low: int, high: int, *, pds: bool = False) -> int:
        text = asked.one(name)
        if text is None:
            return default
        try:
            number = int(text)
        except ValueError:
            message = f"Error: {name} must be an integer"
            raise self._invalid(asked, message, f"Expected integer value type (got {text!r})") from None
        if low <= number <= high:
            return number
        if pds and self.style == "0.0.221":
            raise Refused(500, "InternalServerError", "Internal Server Error")
        if number > high:
            message = f"Error: {name} can not be greater than {high}"
            raise self._invalid(asked, message, f"integer too big (maximum {high}, got {number})")
        message = f"Error: {name} can not be less than {low}"
        raise self._invalid(asked, message, f"integer too small (minimum {low}, got {number})")

    def _array(self, asked: Asked, name: str, most: int) -> list[str]:
        values = asked.params.get(name, [])
        if not values:
            self._required(asked, name)
        if len(values) > most:
            message = f"Error: {name} must not have more than {most} elements"
            raise self._invalid(asked, message, f"array too big (maximum {most}, got {len(values)})")
        return values

    def _invalid(self, asked: Asked, old: str, new: str) -> Refused:
        if self.style == "0.0.221":
            return Refused(400, "InvalidRequest", old)
        return Refused(400, "InvalidRequest", f"Invalid {asked.path.removeprefix('/xrpc/')} params: {new}")


def _cursor_moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise Refused(500, "InternalServerError", "Internal Server Error") from None


__all__ = ["BlueskyApi", "Style", "shown_handle"]

"""The AppView's calls, ``app.bsky.*``: views of posts, threads, feeds and what an account is notified of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from archiver.sandbox import bluesky_feed as feed
from archiver.sandbox.bluesky_views import Views
from archiver.sandbox.ids import iso_ms, iso_us
from archiver.sandbox.model import BLUESKY, Person, Post, Standing
from archiver.sandbox.wire import Answer, json_answer
from archiver.sandbox.world import World
from archiver.sandbox.xrpc import Call, Refused, broken, listing


class AppView:
    """Answers about one world."""

    def __init__(self, world: World, base_url: str) -> None:
        self.world = world
        self.views = Views(world, base_url)
        self.routes = {
            "app.bsky.actor.getProfile": self.get_profile,
            "app.bsky.actor.getProfiles": self.get_profiles,
            "app.bsky.feed.getAuthorFeed": self.get_author_feed,
            "app.bsky.feed.getPosts": self.get_posts,
            "app.bsky.feed.getPostThread": self.get_post_thread,
            "app.bsky.feed.getQuotes": self.get_quotes,
            "app.bsky.feed.getRepostedBy": self.get_reposted_by,
            "app.bsky.feed.getLikes": self.get_likes,
            "app.bsky.feed.searchPosts": self.search_posts,
            "app.bsky.notification.listNotifications": self.list_notifications,
            "app.bsky.notification.getUnreadCount": self.get_unread_count,
        }

    def get_profile(self, call: Call) -> Answer:
        """``app.bsky.actor.getProfile``."""
        person = self.world.find_person(BLUESKY, call.required("actor"))
        if person is None or person.standing is Standing.DELETED:
            raise Refused(400, "InvalidRequest", "Profile not found")
        if person.standing is Standing.DEACTIVATED:
            raise Refused(400, "AccountDeactivated", "Account is deactivated")
        if person.standing is Standing.TAKEN_DOWN:
            raise Refused(400, "AccountTakedown", "Account has been suspended")
        return json_answer(self.views.profile(person, call.viewer))

    def get_profiles(self, call: Call) -> Answer:
        """``app.bsky.actor.getProfiles``: unknown ones are left out."""
        people = [self.world.find_person(BLUESKY, name) for name in call.array("actors", 25)]
        found = [self.views.profile(person, call.viewer) for person in people if person and person.active]
        return json_answer({"profiles": found})

    def get_author_feed(self, call: Call) -> Answer:
        """``app.bsky.feed.getAuthorFeed``: filtered after the page is cut; the pin on page 1 only."""
        limit = call.number("limit", 50, 1, 100)
        person = self.world.find_person(BLUESKY, call.required("actor"))
        if person is None or not person.active:
            raise Refused(400, "InvalidRequest", "Profile not found")
        page, cursor = self._page([post for post in person.posts if not post.gone], limit, call)
        wanted = call.asked.one("filter") or ""
        chosen = [post for post in page if feed.passes(post, wanted)]
        items = [item for post in chosen if (item := self.views.feed_item(post, call.viewer)) is not None]
        if call.flag("includePins") and call.cursor is None and person.pinned:
            pin = {"post": self.views.post(person.pinned[0], call.viewer)}
            items.insert(0, pin | {"reason": {"$type": "app.bsky.feed.defs#reasonPin"}})
        return listing({"feed": items}, cursor)

    def get_posts(self, call: Call) -> Answer:
        """``app.bsky.feed.getPosts``: what is not there is left out without a word."""
        posts = [self._find_post(uri) for uri in dict.fromkeys(call.array("uris", 25))]
        return json_answer({"posts": [self.views.post(post, call.viewer) for post in posts if post is not None]})

    def get_post_thread(self, call: Call) -> Answer:
        """``app.bsky.feed.getPostThread``."""
        uri = call.required("uri")
        depth = call.number("depth", 6, 0, 1000)
        height = call.number("parentHeight", 80, 0, 1000)
        post = self._find_post(uri)
        if post is None:
            raise Refused(400, "NotFound", f"Post not found: {uri}")
        return json_answer(self.views.thread(post, depth=depth, height=height, viewer=call.viewer))

    def get_quotes(self, call: Call) -> Answer:
        """``app.bsky.feed.getQuotes``: detached quotes are listed too."""
        uri, limit = call.required("uri"), call.number("limit", 50, 1, 100)
        post = self._find_post(uri)
        page, cursor = self._page([quote for quote in post.quotes if quote.available] if post else [], limit, call)
        views = [self.views.post(quote, call.viewer) for quote in page]
        return listing({"posts": views} | _about(call, uri), cursor)

    def get_reposted_by(self, call: Call) -> Answer:
        """``app.bsky.feed.getRepostedBy``: people, newest share first."""
        uri, limit = call.required("uri"), call.number("limit", 50, 1, 100)
        post = self._find_post(uri)
        page, cursor = self._page([share for share in post.shared_by if share.available] if post else [], limit, call)
        people = [self.views.listed(share.author, call.viewer) for share in page]
        return listing({"repostedBy": people} | _about(call, uri), cursor)

    def get_likes(self, call: Call) -> Answer:
        """``app.bsky.feed.getLikes``: at most as many as there are residents."""
        uri, limit = call.required("uri"), call.number("limit", 50, 1, 100)
        post = self._find_post(uri)
        likes: list[dict[str, Any]] = []
        if post is not None:
            at = iso_ms(post.created_at)
            people = [p for (platform, _), p in self.world.people.items() if platform == BLUESKY and p.active]
            actors = [self.views.listed(person, call.viewer) for person in people[: min(post.likes, limit)]]
            likes = [{"actor": actor, "createdAt": at, "indexedAt": at} for actor in actors]
        return listing({"likes": likes} | _about(call, uri), None)

    def search_posts(self, call: Call) -> Answer:
        """``app.bsky.feed.searchPosts``: refused without a login, as in production."""
        wanted = call.required("q").lower()
        if call.viewer is None:
            raise Refused(403, "Forbidden", "Search requires authentication")
        posts = [post for post in self.world.posts.values() if post.platform == BLUESKY and post.available]
        found = [post for post in posts if post.shares is None and wanted in post.latest.text.lower()]
        page, cursor = self._page(found, call.number("limit", 25, 1, 100), call)
        views = [self.views.post(post, call.viewer) for post in page]
        return listing({"posts": views, "hitsTotal": len(found)}, cursor)

    def list_notifications(self, call: Call) -> Answer:
        """``app.bsky.notification.listNotifications`` of the logged-in account, newest first."""
        viewer = _logged_in(call)
        limit = call.number("limit", 50, 1, 100)
        reasons = set(call.asked.params.get("reasons", []))
        entries = [notice for notice in feed.notices(viewer) if not reasons or notice.reason in reasons]
        before = _moment(call.cursor)
        if before is not None:
            entries = [notice for notice in entries if notice.at < before]
        page = entries[:limit]
        items = [feed.notification(self.views, notice, viewer) for notice in page]
        more = bool(page) if call.style == "0.0.221" else len(entries) > limit
        body = {"notifications": items, "priority": False, "seenAt": iso_ms(self.world.now())}
        return listing(body, iso_us(page[-1].at) if more else None)

    def get_unread_count(self, call: Call) -> Answer:
        """``app.bsky.notification.getUnreadCount``."""
        return json_answer({"count": sum(1 for _ in feed.notices(_logged_in(call)))})

    def _find_post(self, uri: str) -> Post | None:
        """A post that can be shown, by its address; the authority may be a handle."""
        authority, _, rest = uri.removeprefix("at://").partition("/")
        person = self.world.find_person(BLUESKY, authority)
        post = self.world.find(f"{BLUESKY}:at://{person.id}/{rest}") if person else None
        return post if post is not None and post.available and post.shares is None else None

    @staticmethod
    def _page(posts: Sequence[Post], limit: int, call: Call) -> tuple[list[Post], str | None]:
        """Cut a page, newest first; the cursor names its last entry (``<ms>__<cid>``)."""
        entries = sorted(((feed.order(post), post) for post in posts), key=lambda entry: entry[0], reverse=True)
        if call.cursor is not None:
            try:
                before = feed.parse_cursor(call.cursor)
            except ValueError:
                raise broken() from None
            entries = [entry for entry in entries if entry[0] < before]
        page = [post for _, post in entries[:limit]]
        more = bool(page) if call.style == "0.0.221" else len(entries) > limit
        return page, feed.cursor_after(page[-1]) if more else None


def _about(call: Call, uri: str) -> dict[str, Any]:
    cid = call.asked.one("cid")
    return {"uri": uri, "cid": cid} if cid else {"uri": uri}


def _logged_in(call: Call) -> Person:
    if call.viewer is None:
        raise Refused(401, "AuthMissing", "Authentication Required")
    return call.viewer


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise broken() from None

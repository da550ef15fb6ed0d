"""The account's own posts and reposts: the repository for completeness, the author's feed for how they are shown.

The repository is the truth about the account's own records; the feed of the AppView omits some and may end early, but
it alone shows counts, labels and the text of what was reposted.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Covered, Cursor, Shortfall, TaskKind
from archiver.platforms.bluesky.addresses import Params
from archiver.platforms.bluesky.answers import document, listing, stated
from archiver.platforms.bluesky.errand import VERSION, Errand, Op
from archiver.platforms.bluesky.errors import error_of, no_repository
from archiver.platforms.bluesky.pages import Place, first_page, next_page
from archiver.platforms.bluesky.reading import OWN_RECORDS
from archiver.platforms.bluesky.syntax import POST, POSTGATE, REPOST, THREADGATE, at_uri, moment, tid_time

LIST_LIMIT = 100
FEED_LIMIT = 100
PAIRS = 12
"""Reposts with their originals in one call, which takes 25 addresses."""
SLACK = timedelta(hours=1)
"""How far beyond the window a listing goes on, for clocks that differ."""
MOST_REPOSTS_KEPT = 500
"""Reposts that wait for the feed to show them; more are asked for at once, so that the cursor stays small."""
AGAIN_AFTER = timedelta(seconds=5)


class Poll(Errand):
    """New and past posts; with ``full`` everything, whatever the window says."""

    def begin(self) -> None:
        """Whether anything changed at all, then the repository, then the feed."""
        self.identify()
        self.state["reposts"] = {}
        memory = self.task.cursor or {}
        if self.task.kind is TaskKind.POLL and not self.task.full and isinstance(memory.get("until"), str):
            self.state["before"] = {"rev": memory.get("rev"), "until": memory["until"]}
        self.last(["commit"])

    def ask(self, op: Op) -> RequestSpec:
        """The request for one thing."""
        match op:
            case ["commit"]:
                whose: Params = [("did", self.did)]
                return self.call(self.pds, "com.atproto.sync.getLatestCommit", whose, OWN_RECORDS, follow=True)
            case ["list", str(collection), dict(place)]:
                listed: Params = [("repo", self.did), ("collection", collection), ("limit", LIST_LIMIT)]
                listed = [*listed, *_cursor(place)]
                return self.call(
                    self.pds, "com.atproto.repo.listRecords", listed, OWN_RECORDS, page=place["page"], follow=True
                )
            case ["feed", dict(place)]:
                shown: Params = [("actor", self.did), ("filter", "posts_with_replies"), ("includePins", "true")]
                params: Params = [*shown, ("limit", FEED_LIMIT), *_cursor(place)]
                return self.call(
                    self.addresses.appview, "app.bsky.feed.getAuthorFeed", params, OWN_RECORDS, page=place["page"]
                )
            case ["posts", list(uris)]:
                return self.call(
                    self.addresses.appview, "app.bsky.feed.getPosts", [("uris", uri) for uri in uris], OWN_RECORDS
                )
            case ["status"]:
                whom: Params = [("did", self.did)]
                return self.call(self.pds, "com.atproto.sync.getRepoStatus", whom, OWN_RECORDS, follow=True)
        return super().ask(op)

    def take(self, op: Op, exchange: Exchange) -> None:
        """What follows from an answer."""
        match op:
            case ["commit"]:
                self._take_commit(exchange)
            case ["list", str(collection), dict(place)]:
                self._take_list(collection, place, exchange)
            case ["feed", dict(place)]:
                self._take_feed(place, exchange)
            case ["posts", _]:
                pass
            case ["status"]:
                self._take_status(exchange)
            case _:
                super().take(op, exchange)

    def leftover(self) -> Cursor | None:
        """The state of the repository, for the next poll to compare with."""
        if "rev" not in self.state or "complete" not in self.state:
            return None
        return {"v": VERSION, "rev": self.state["rev"], "until": self.state["at"]}

    # --- the repository

    def _take_commit(self, exchange: Exchange) -> None:
        """An unchanged revision means that nothing in the repository changed since the last complete listing."""
        if no_repository(exchange):
            self._verify_account(["commit"])
            return
        rev = document(exchange).get("rev") if exchange.ok else None
        if isinstance(rev, str):
            self.state["rev"] = rev
        before = self.state.get("before") or {}
        if rev is not None and rev == before.get("rev"):
            self.state["complete"] = True
            self.findings.append(Covered("posts", datetime.fromisoformat(before["until"]), self.at))
            return
        self.last(*[["list", collection, first_page()] for collection in (POST, REPOST, THREADGATE, POSTGATE)])

    def _take_list(self, collection: str, place: Place, exchange: Exchange) -> None:
        if not exchange.ok:
            self._list_refused(collection, place, exchange)
            return
        records = [stated(one) for one in listing(exchange, "records")]
        uris = [uri for uri in (at_uri(one.get("uri")) for one in records) if uri is not None]
        if collection == REPOST:
            self._remember_reposts(records)
        times = [time for time in (tid_time(uri.rkey) for uri in uris) if time is not None]
        following, problem = next_page(place, document(exchange).get("cursor"), [str(uri) for uri in uris])
        if following is not None and self._wanted(collection, place, times):
            self.first(["list", collection, following])
            return
        if following is not None and collection in {POST, REPOST}:
            self.state["cut"] = True
        self._listed(collection, problem)

    def _list_refused(self, collection: str, place: Place, exchange: Exchange) -> None:
        """The account's state first; a stored cursor that chokes the server is left behind, once."""
        if no_repository(exchange):
            self._verify_account(["list", collection, place])
        elif place["cursor"] is not None and not self.state.get("restarted"):
            self.state["restarted"] = True
            self.not_before = exchange.captured_at + AGAIN_AFTER
            self.first(["list", collection, first_page()])
        else:
            why = error_of(exchange).name or exchange.status
            self._listed(collection, f"the platform refused the listing ({why})")

    def _wanted(self, collection: str, place: Place, times: list[datetime]) -> bool:
        """Whether older pages can hold something of the window.

        Record keys are chosen by clients, so only those that are TIDs say anything of time; a page without one says
        nothing. A gate has the key of the post it governs, which may be old: its first page leads on to the second.
        """
        since = self.task.since
        if self.task.full or since is None:
            return True
        if collection in {THREADGATE, POSTGATE} and place["page"] < 2:
            return True
        return not times or min(times) >= since - SLACK

    def _listed(self, collection: str, problem: str | None) -> None:
        """One list is through. After the last one, say what is complete now, and see how it is shown."""
        since = self.task.since
        until = min(self.at, self.task.until) if self.task.until is not None else self.at
        if problem is not None and collection in {POST, REPOST}:
            self.state["problem"] = problem
            self.findings.append(Shortfall("posts", since, until, problem))
        elif problem is not None:
            why = f"which replies are hidden is not known: {problem}"
            self.findings.append(Shortfall("comments", since, until, why))
        if collection != POSTGATE:
            return
        if "problem" not in self.state:
            self.state["complete"] = True
            whole = self.task.full or since is None or "cut" not in self.state
            self.findings.append(Covered("posts", None if whole else since, until))
        self.last(["feed", first_page()])

    def _verify_account(self, then: Op) -> None:
        """The repository is not here: it moved, or the account is gone. Ask where it is, and in which state."""
        if self.state.get("verified"):
            self.give_up("the account's repository is not where it should be")
            return
        self.state["verified"] = True
        moved = [] if self.addresses.base_url is not None else [["document"]]
        self.first(*moved, ["status"], then)

    def _take_status(self, exchange: Exchange) -> None:
        """An inactive account was judged as gone already; a server that cannot say is one that cannot be listed."""
        if not exchange.ok:
            self.give_up("the account's repository is not where it should be")

    # --- the feed

    def _remember_reposts(self, records: list[dict[str, Any]]) -> None:
        """What the reposts of this page repeat, until the feed shows it or doesn't."""
        kept: dict[str, str] = self.state["reposts"]
        for one in records:
            uri, subject = at_uri(one.get("uri")), at_uri(stated(stated(one.get("value")).get("subject")).get("uri"))
            if uri is not None and subject is not None and subject.collection == POST:
                kept[uri.rkey] = str(subject)
        if len(kept) > MOST_REPOSTS_KEPT:
            self._ask_originals(dict(sorted(kept.items())[:-MOST_REPOSTS_KEPT]))

    def _take_feed(self, place: Place, exchange: Exchange) -> None:
        if not exchange.ok:
            self._feed_refused(place, exchange)
            return
        items = [stated(one) for one in listing(exchange, "feed")]
        reasons = [stated(one.get("reason")) for one in items]
        for reason in reasons:
            shared = at_uri(reason.get("uri"))
            if shared is not None and shared.collection == REPOST:
                self.state["reposts"].pop(shared.rkey, None)
        posts = [stated(item.get("post")) for item in items]
        names = [f"{post.get('uri')} {reason.get('uri')}" for post, reason in zip(posts, reasons, strict=True)]
        following, _ = next_page(place, document(exchange).get("cursor"), names)
        if following is not None and self._feed_wanted(items):
            self.first(["feed", following])
        else:
            self._ask_originals(dict(self.state["reposts"]))

    def _feed_refused(self, place: Place, exchange: Exchange) -> None:
        """A cursor of another time is left behind once; without a feed the originals are asked for by address."""
        if self.wants_login(exchange):
            self.first(["feed", place])
        elif place["cursor"] is not None and not self.state.get("feed_restarted"):
            self.state["feed_restarted"] = True
            self.not_before = exchange.captured_at + AGAIN_AFTER
            self.first(["feed", first_page()])
        else:
            self._ask_originals(dict(self.state["reposts"]))

    def _feed_wanted(self, items: list[dict[str, Any]]) -> bool:
        """A feed is sorted by the earlier of the author's and the platform's time; pins stand out of order.

        Only when all that tells its time is older than the window, the rest is.
        """
        since = self.task.since
        if self.task.full or since is None:
            return True
        times = [time for time in map(_sorted_at, items) if time is not None]
        return not times or max(times) >= since - SLACK

    def _ask_originals(self, reposts: dict[str, str]) -> None:
        """Ask for the originals of reposts that the feed does not show: each repost, then its original."""
        pairs = [[f"at://{self.did}/{REPOST}/{rkey}", original] for rkey, original in reposts.items()]
        for rkey in reposts:
            del self.state["reposts"][rkey]
        batches = [pairs[n : n + PAIRS] for n in range(0, len(pairs), PAIRS)]
        self.last(*[["posts", [uri for pair in batch for uri in pair]] for batch in batches])


def _sorted_at(item: dict[str, Any]) -> datetime | None:
    reason = stated(item.get("reason"))
    if str(reason.get("$type", "")).endswith("#reasonPin"):
        return None
    if "indexedAt" in reason:
        return moment(reason["indexedAt"])
    post = stated(item.get("post"))
    times = [moment(post.get("indexedAt")), moment(stated(post.get("record")).get("createdAt"))]
    known = [time for time in times if time is not None]
    return min(known, default=None, key=lambda time: time.astimezone(UTC))


def _cursor(place: Place) -> list[tuple[str, str | int]]:
    return [("cursor", place["cursor"])] if place["cursor"] is not None else []

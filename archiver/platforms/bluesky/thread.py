"""What is below one post: answers, quotes, and what the account has hidden or detached there.

A deleted, deactivated or blocking person takes all that hangs below them out of the root's view, though it can still
be read by its own address. So whatever the archive knows of a thread and the view no longer shows is asked for by
itself, and below it the walk goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.keys import Key
from archiver.domain.task import Covered, FollowUp, TaskKind
from archiver.platforms.bluesky.addresses import Params
from archiver.platforms.bluesky.answers import document, listing, stated
from archiver.platforms.bluesky.errand import Errand, Op
from archiver.platforms.bluesky.errors import error_of, not_found
from archiver.platforms.bluesky.pages import Place, first_page, next_page
from archiver.platforms.bluesky.reading import thread_nodes
from archiver.platforms.bluesky.syntax import POST, POSTGATE, THREADGATE, at_uri

DEPTH = 10
"""Levels of answers in one call: production gives no more, whatever is asked."""
QUOTES_LIMIT = 100
BATCH = 25
COMMENTS, QUOTES = "comments", "quotes"


class Thread(Errand):
    """One visit to the thread below ``task.subject``.

    ``missing`` are posts known to the archive that this visit has not seen yet, ``asked`` those below which the walk
    went on; both are kept as ``DID/key``.
    """

    def begin(self) -> None:
        """The root first; a share or profile has no thread."""
        root = at_uri(self.root)
        if root is None or root.collection != POST:
            return
        self.identify()
        self.last(["below", _short(self.root)])

    @property
    def root(self) -> str:
        """The at-URI of the post that the visit is about."""
        return self.addresses.uri(self.task.subject or "")

    @property
    def key(self) -> Key:
        """The key of that post."""
        return self.addresses.key(self.root)

    def ask(self, op: Op) -> RequestSpec:
        """The request for one thing."""
        appview = self.addresses.appview
        match op:
            case ["below", str(name)]:
                params: Params = [("uri", _long(name)), ("depth", DEPTH), ("parentHeight", 0)]
                return self.call(appview, "app.bsky.feed.getPostThread", params, COMMENTS)
            case ["posts", list(names)]:
                return self.call(appview, "app.bsky.feed.getPosts", [("uris", _long(name)) for name in names], COMMENTS)
            case ["quotes", dict(place)]:
                params = [("uri", self.root), ("limit", QUOTES_LIMIT)]
                params += [("cursor", place["cursor"])] if place["cursor"] is not None else []
                return self.call(appview, "app.bsky.feed.getQuotes", params, QUOTES, page=place["page"])
            case ["gate", str(collection)]:
                rkey = self.root.rpartition("/")[2]
                params = [("repo", self.did), ("collection", collection), ("rkey", rkey)]
                return self.call(self.pds, "com.atproto.repo.getRecord", params, COMMENTS, follow=True)
        return super().ask(op)

    def take(self, op: Op, exchange: Exchange) -> None:
        """What follows from an answer."""
        match op:
            case ["below", _] if exchange.ok:
                self._take_thread(exchange)
            case ["below", str(name)]:
                self._thread_refused(name, exchange)
            case ["posts", list(names)] if exchange.ok:
                self._take_posts(names, exchange)
            case ["posts", list(names)]:
                self._posts_refused(names, exchange)
            case ["gate", _]:
                pass
            case ["quotes", dict(place)]:
                self._take_quotes(place, exchange)
            case _:
                super().take(op, exchange)
        if not self.todo and not self.state.get("over"):
            self._wind_up()

    # --- the walk

    def _take_thread(self, exchange: Exchange) -> None:
        """Everything that the answer shows is seen; what it cut or withheld is asked for by itself."""
        first_answer = "missing" not in self.state
        seen: set[str] = set()
        covered: set[str] = set()
        deeper: list[str] = []
        withheld: list[str] = []
        for pointer, node in thread_nodes(exchange):
            post = stated(node.get("post"))
            uri = at_uri(post.get("uri"))
            if uri is None:
                withheld += [_short(node["uri"])] if node.get("blocked") and at_uri(node.get("uri")) else []
                continue
            seen.add(_short(str(uri)))
            if not _cut(node):
                covered.add(_short(str(uri)))
            elif pointer != "/thread":
                deeper.append(_short(str(uri)))
        if first_answer:
            self._root_seen(exchange)
        self._strike_out(seen)
        self.state["todo"] = [op for op in self.todo if not (op[0] == "below" and op[1] in covered)]
        self.state["missing"] += [one for one in withheld if one not in self.state["missing"] and one not in seen]
        self._go_below(deeper)
        self._go_on()

    def _root_seen(self, exchange: Exchange) -> None:
        """From the first answer: which known posts to look for, whether to ask for quotes and gates."""
        answer = document(exchange)
        root = stated(stated(answer["thread"]).get("post"))
        self._start()
        if self.task.full or root.get("quoteCount") != 0:
            self.state["after"].append(["quotes", first_page()])
        else:
            self.findings.append(Covered(QUOTES, None, self.at, self.key))
        if self._is_own_root(stated(root.get("record"))):
            gate = stated(stated(root.get("threadgate") or answer.get("threadgate")).get("record"))
            if gate.get("hiddenReplies") or self.task.known:
                self.state["after"].append(["gate", THREADGATE])

    def _is_own_root(self, record: dict[str, Any]) -> bool:
        """Only the author of a thread's first post can hide answers in it."""
        return self.root.startswith(f"at://{self.did}/") and "reply" not in record

    def _start(self) -> None:
        known = [at_uri(self.addresses.uri(key)) for key in self.task.known]
        names = {_short(str(uri)) for uri in known if uri is not None and uri.collection == POST}
        mine = _short(self.root)
        self.state |= {"missing": sorted(names - {mine}, key=_rkey), "asked": [mine], "after": []}

    def _thread_refused(self, name: str, exchange: Exchange) -> None:
        """The root is not shown: what is known below it is asked for by itself, since it outlives the root."""
        if self.wants_login(exchange):
            self.first(["below", name])
            return
        if "missing" not in self.state:
            if not not_found(exchange):
                self.give_up(f"the platform refused the thread ({error_of(exchange).name or exchange.status})")
                return
            self._start()
            self.state["after"].append(["quotes", first_page()])
            self.follow_ups.append(FollowUp(TaskKind.CONFIRM, self.key))
        self._go_on()

    def _take_posts(self, names: list[str], exchange: Exchange) -> None:
        """Those that are shown are still there; the walk goes on below the ones that have answers."""
        seen, deeper = set(), []
        for view in listing(exchange, "posts"):
            uri = at_uri(stated(view).get("uri"))
            if uri is None:
                continue
            seen.add(_short(str(uri)))
            if stated(view).get("replyCount"):
                deeper.append(_short(str(uri)))
        self._strike_out({*seen, *names})
        self._go_below(sorted(deeper, key=_rkey))
        self._go_on()

    def _posts_refused(self, names: list[str], exchange: Exchange) -> None:
        if self.wants_login(exchange):
            self.first(["posts", names])
        else:
            self.give_up(f"the platform refused posts of the thread ({error_of(exchange).name or exchange.status})")

    def _go_below(self, names: Iterable[str]) -> None:
        """Ask for the answers to these, each once."""
        asked = set(self.state["asked"])
        for name in names:
            if name not in asked:
                self.state["asked"].append(name)
                asked.add(name)
                self.last(["below", name])

    def _strike_out(self, seen: set[str]) -> None:
        self.state["missing"] = [name for name in self.state["missing"] if name not in seen]

    def _go_on(self) -> None:
        """When the walk has come to its end: the next batch of what it did not show, then quotes and gates."""
        if self.todo:
            return
        if self.state["missing"]:
            self.last(["posts", self.state["missing"][:BATCH]])
            return
        self.last(*self.state["after"])
        self.state["after"] = []

    # --- quotes and the end

    def _take_quotes(self, place: Place, exchange: Exchange) -> None:
        if not exchange.ok:
            why = error_of(exchange).name or exchange.status
            self.fall_short(QUOTES, f"the platform refused the quotes ({why})", scope=self.key)
            return
        quotes = listing(exchange, "posts")
        names = [str(stated(view).get("uri")) for view in quotes]
        following, problem = next_page(place, document(exchange).get("cursor"), names)
        if following is not None:
            self.first(["quotes", following])
            return
        if problem is not None:
            self.fall_short(QUOTES, problem, scope=self.key)
        else:
            self.findings.append(Covered(QUOTES, None, self.at, self.key))
        if names and self.root.startswith(f"at://{self.did}/"):
            self.last(["gate", POSTGATE])

    def _wind_up(self) -> None:
        """All that can be read was read.

        Counts that differ are normal: they include what is hidden, blocked or taken down.
        """
        self.findings.append(Covered(COMMENTS, None, self.at, self.key))


def _cut(node: dict[str, Any]) -> bool:
    """Absent ``replies`` mean that the answer ended here; an empty list means that there are none to see."""
    return "replies" not in node and bool(stated(node.get("post")).get("replyCount"))


def _short(uri: str) -> str:
    """``DID/key`` of a post: what a cursor of thousands of them can afford."""
    return uri.removeprefix("at://").replace(f"/{POST}/", "/", 1)


def _long(name: str) -> str:
    did, _, rkey = name.partition("/")
    return f"at://{did}/{POST}/{rkey}"


def _rkey(name: str) -> str:
    return name.rpartition("/")[2]

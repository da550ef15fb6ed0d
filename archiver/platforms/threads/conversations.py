"""A thread: its root, all answers below it, those that wait for approval, and where it was written.

``conversation`` gives all answers of all depths, flat, of roots only; ``replies`` gives the direct answers to anything.
So the account's answers in threads of others are followed by ``replies``, answer by answer; and where a conversation
does not show what is known, or what a post says it has, ``replies`` is asked as well before anything is concluded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.keys import Key
from archiver.domain.task import Covered, Cursor, Finding, FollowUp, NotOffered, Shortfall, Step, Task, TaskKind
from archiver.platforms.meta.errors import Fault, GraphError, error_of
from archiver.platforms.meta.fields import document, flag, identifier, mapping, moment, stamp, text
from archiver.platforms.meta.requests import Desk
from archiver.platforms.resuming import state_of
from archiver.platforms.threads.names import Names
from archiver.platforms.threads.posts import post_id, replied_to
from archiver.platforms.threads.routes import Call, Route, route_of
from archiver.platforms.threads.walks import Source, begin, walked
from archiver.platforms.threads.wanted import PENDING, PLACE, POST, REPLY, WAITED

STREAM = "comments"
CONVERSATION = Source("conversation", STREAM, REPLY, query=(("reverse", "false"),))
REPLIES = Source("replies", STREAM, REPLY, query=(("reverse", "false"),))
WAITING = Source("pending_replies", STREAM, PENDING, query=(("reverse", "false"),))
_SOURCES = {Call.CONVERSATION: CONVERSATION, Call.REPLIES: REPLIES, Call.PENDING: WAITING}

BRANCHES = 100
"""So many posts are asked for their direct answers in one visit; a thread that needs more is short."""
NO_SCOPE = (
    "Answers are not shown to this token. Make one with the scope threads_read_replies (`archiver account connect`)."
)
SILENT = (
    "Threads listed no answers, though the post says that it has some or some are known. Most often the token has lost "
    "the scope threads_read_replies: run `archiver check`. Nothing was taken for removed."
)
NO_PENDING = (
    "Answers that wait for approval are not shown to this token; they need the scope threads_manage_replies. Those "
    "that were approved are captured."
)
LOST_PENDING = (
    "Answers that wait for approval were shown to the token before and are not now: it has lost the scope "
    "threads_manage_replies. Make a new one (`archiver account connect`). Nothing was taken for removed."
)
TOO_MANY = "This thread has more branches than are asked for in one visit."
NO_PLACE = "Details of places are not shown to this token; posts keep the place's id."


def start(desk: Desk, names: Names, task: Task) -> Step:
    """The root by itself: an edit, a poll's result, whether it has answers."""
    root = names.native(task.subject or "")
    return desk.step([desk.ask(root, POST, stream=STREAM)], {"met": 0, "branches": [], "doubtful": []})


def proceed(desk: Desk, names: Names, task: Task, step: Step, exchange: Exchange) -> Step:
    """Root, conversation, branches, what waits, the place; then the findings."""
    if mended := desk.mended(step, exchange):
        return mended
    visit = _Visit(desk, names, task, step)
    route = route_of(exchange.url)
    if route is not None and route.call is Call.OBJECT and route.id == visit.root:
        visit.head(exchange)
    elif route is not None and route.call in _SOURCES:
        visit.page(route, exchange)
    elif route is not None and route.call is Call.OBJECT and error_of(exchange) is not None:
        visit.findings.append(NotOffered("places", NO_PLACE))
    return visit.step()


class _Visit:
    """One visit, between two answers: what is still to be asked, what the cursor remembers, and what was found out."""

    def __init__(self, desk: Desk, names: Names, task: Task, step: Step) -> None:
        self.desk, self.names, self.task = desk, names, task
        self.scope = Key(task.subject or "")
        self.root = names.native(self.scope)
        self.known = {names.native(key) for key in task.known} - {self.root}
        self.asked: list[RequestSpec] = list(step.rest().requests)
        self.state: Cursor = deepcopy(state_of(step))
        self.findings: list[Finding] = []
        self.follow_ups: list[FollowUp] = []

    def head(self, exchange: Exchange) -> None:
        """The root. When it is not there, a confirmation says so, of what is known below it as well."""
        error = error_of(exchange)
        if error is not None:
            self._without_head(error)
            return
        post = document(exchange)
        answers = replied_to(post) is not None or flag(post.get("is_reply")) is True
        created = moment(post.get("timestamp"))
        self.state |= {
            "from": stamp(created) if created else None,
            "answers": flag(post.get("has_replies")),
            "whole": not answers,
        }
        if answers:
            self._branch([self.root])
        else:
            self.asked.append(begin(self.desk, self.root, CONVERSATION))
            self.asked.append(begin(self.desk, self.root, WAITING))
        self._place(post)

    def page(self, route: Route, exchange: Exchange) -> None:
        """A page of answers; of the last one what follows from it."""
        source = _SOURCES[route.call]
        at = f"{route.call} {route.id}"
        result = walked(self.desk, route.id, source, exchange, self._walk(at), None)
        self._shown(result.entries, waiting=route.call is Call.PENDING)
        if result.request is not None:
            self.state["walk"] = {at: result.state}
            self.asked.insert(0, result.request)
            return
        self.state["walk"] = {}
        if result.short is not None:
            self.state["short"] = result.short
        if result.refused is not None:
            self._refused(route, result.refused)

    def step(self) -> Step:
        """The next step: what is asked next, else what is still in doubt, else the end."""
        if not self.asked and not self.state.get("over") and not self.state.get("checked"):
            self.state["checked"] = True
            self._check()
        if not self.asked and not self.state.get("over"):
            self.findings += self._result()
        return self.desk.step(self.asked, self.state, findings=self.findings, follow_ups=self.follow_ups)

    def _walk(self, at: str) -> dict[str, Any]:
        walk: dict[str, Any] = self.state.get("walk", {})
        found: dict[str, Any] = walk.get(at, {})
        return found

    def _without_head(self, error: GraphError) -> None:
        self.asked, self.state["over"] = [], True
        if error.fault is Fault.MISSING:
            below = [key for key in self.task.known if key != self.scope]
            self.follow_ups += [FollowUp(TaskKind.CONFIRM, key) for key in (self.scope, *below)]
        else:
            reason = f"Threads refused the post: {error.basis}"
            self.findings.append(Shortfall(STREAM, None, self.task.started_at, reason, self.scope))

    def _place(self, post: Mapping[str, Any]) -> None:
        """Where it was written, if only the id of the place came along."""
        place = identifier(post.get("location_id"))
        shown = mapping(post.get("location"))
        if place is not None and place.isascii() and place.isdigit() and not (shown.get("name") or shown.get("data")):
            self.asked.append(self.desk.ask(place, PLACE, stream="posts"))

    def _shown(self, entries: Sequence[Mapping[str, Any]], *, waiting: bool) -> None:
        """Take note of how much of what is known was shown, and of who has answers that were not.

        Answers come after what they answer, so what has some is in doubt until one of them comes. (The cursor is
        written with each page; a thread may be long.)
        """
        if entries and not waiting:
            self.state["some"] = True
        self.state["met"] += len({post_id(post) for post in entries} & self.known)
        boasting = [one for post in entries if flag(post.get("has_replies")) and (one := post_id(post))]
        if not self.state["whole"]:
            self._branch(boasting)
            return
        answered = {replied_to(post) for post in entries}
        self.state["doubtful"] = [
            one for one in dict.fromkeys([*self.state["doubtful"], *boasting]) if one not in answered
        ]

    def _branch(self, posts: Sequence[str]) -> None:
        """Ask for the direct answers to these."""
        branches: list[str] = self.state["branches"]
        for one in posts:
            if one in branches:
                continue
            if len(branches) >= BRANCHES:
                self.state["short"] = TOO_MANY
                return
            branches.append(one)
            self.asked.append(begin(self.desk, one, REPLIES))

    def _refused(self, route: Route, error: GraphError) -> None:
        if route.call is Call.PENDING and self.task.account.facts.get(WAITED):
            self.state["short"] = f"{LOST_PENDING} Threads says: {error.basis}"
        elif route.call is Call.PENDING:
            self.findings.append(NotOffered("answers waiting for approval", f"{NO_PENDING} ({error.basis})"))
        elif route.call is Call.CONVERSATION and error.fault is not Fault.PERMISSION:
            self.state["whole"] = False  # what looked like a root is none: go down by its direct answers
            self._branch([self.root])
        elif route.id == self.root or error.fault is Fault.PERMISSION:
            self.state["short"] = f"{NO_SCOPE} Threads says: {error.basis}"

    @property
    def _silent(self) -> bool:
        """Nothing was listed, though the post says that it has answers; or says nothing of it, and some are known."""
        answers = self.state.get("answers")
        return not self.state.get("some") and (answers is True or (answers is None and bool(self.known)))

    def _check(self) -> None:
        """Before a conversation counts as complete: ask where it is silent about what is known or said to be there."""
        if self.state.get("short"):
            return
        root = [self.root] if self._silent or self.state["met"] < len(self.known) or self.task.full else []
        self._branch([*root, *self.state["doubtful"]])

    def _result(self) -> list[Finding]:
        """Whether all was listed. What a complete listing did not show is confirmed one by one."""
        until = self.task.started_at
        since: datetime | None = moment(self.state.get("from"))
        short = text(self.state.get("short"))
        if short is None and self._silent:
            short = SILENT
        if short is not None:
            return [Shortfall(STREAM, since, until, short, self.scope)]
        return [Covered(STREAM, None, until, self.scope)]

"""One video with all that was written below it: its comments, and the answers to each.

A thread brings five of its answers along at most; of a longer one the rest is asked for by itself. New answers do not
move an old thread to the front, so the whole list is walked. A walk is *thorough* when it asks for the answers of every
longer thread: only then an absence counts. A *quick* one, because there are more comments than before, asks where the
store does not have as many answers as YouTube counts.

No walk is made where YouTube counts as many comments as at the last one, as long as that was not too long ago.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.keys import Key
from archiver.domain.task import Covered, Cursor, Finding, FollowUp, NotOffered, Shortfall, Step, Task, TaskKind
from archiver.platforms.fields import mapping, objects, zoned_moment
from archiver.platforms.progress import Progress
from archiver.platforms.resuming import state_of
from archiver.platforms.youtube.answers import words_for
from archiver.platforms.youtube.comments import thread_of
from archiver.platforms.youtube.errors import ApiError, Fault, error_of
from archiver.platforms.youtube.fields import entries, identifier, moment
from archiver.platforms.youtube.ids import is_comment, is_video, top_comment_of
from archiver.platforms.youtube.office import MEMORY, Office, done, remembered
from archiver.platforms.youtube.paging import LOST, begun_again, turn
from archiver.platforms.youtube.rhythm import COMMENTS_OFF, again_after, later
from archiver.platforms.youtube.routes import Call, Route, route_of

STREAM = "comments"
OFF = (
    "Comments are switched off below this video. What was written before is kept as it was captured; they are looked "
    "for again every week."
)


def start(office: Office, task: Task) -> Step:
    """The newest comments; nothing where nothing can be new, and that without a call."""
    memory, counted = remembered(task.cursor), task.answers.get(Key(task.subject or ""))
    if not is_video(office.names.native(task.subject or "")):  # a community post, or a comment elsewhere: by a download
        return done(memory)
    thorough = task.full or _is_due(memory, counted, task.started_at)
    if not thorough and counted == memory.get("count"):
        return done(memory, _still_whole(task, memory))
    state: Cursor = {MEMORY: memory, "count": counted, "thorough": thorough, "walk": {}, "deep": []}
    return office.step([_first_page(office, task)], state)


def proceed(office: Office, task: Task, step: Step, exchange: Exchange) -> Step:
    """Page by page the comments, and after each page the rest of its longer threads."""
    visit, route = _Visit(office, task, step), route_of(exchange.url)
    if route is None:
        return visit.step()
    error = error_of(exchange)
    if error is not None and error.fault is Fault.PLACE:
        visit.lost(route)
    elif error is not None:
        visit.refused(route, error)
    elif route.call is Call.THREADS:
        visit.threads(exchange)
    else:
        visit.answers(exchange, route)
    return visit.step()


def _is_due(memory: Cursor, counted: int | None, now: datetime) -> bool:
    """Whether all of it is to be listed again, answers of longer threads included."""
    off_at, walked_at = zoned_moment(memory.get("off")), zoned_moment(memory.get("walked"))
    if off_at is not None:
        return now >= off_at + COMMENTS_OFF or counted != memory.get("count")
    if walked_at is None or now >= walked_at + again_after(zoned_moment(memory.get("newest")), now):
        return True
    before = memory.get("count")
    return counted is not None and isinstance(before, int) and counted < before


def _still_whole(task: Task, memory: Cursor) -> list[Finding]:
    """As many comments as a walk listed that fell short of nothing: so nothing is missing since then, either.

    A visit that was broken off and ended on another day leaves a gap behind, which this closes.
    """
    if not memory.get("whole") or memory.get("count") is None:
        return []
    return [Covered(STREAM, None, task.started_at, Key(task.subject or ""), absence=False)]


def _first_page(office: Office, task: Task) -> RequestSpec:
    video = office.names.native(task.subject or "")
    return office.desk.ask(
        Call.THREADS, ("videoId", video), ("order", "time"), ("textFormat", "plainText"), stream=STREAM
    )


class _Visit:
    """One visit, between two answers: what is to be asked next, what the cursor remembers, and what was found out."""

    def __init__(self, office: Office, task: Task, step: Step) -> None:
        self.office, self.task = office, task
        self.scope = Key(task.subject or "")
        self.state: Cursor = state_of(step)
        self.next: RequestSpec | None = None
        self.over: Step | None = None

    def threads(self, exchange: Exchange) -> None:
        """A page of threads: the longer ones among them, and where the next page is."""
        self._moved(exchange)
        found = [thread for _, one in entries(exchange) if (thread := thread_of(one)) is not None]
        page = turn(exchange, [thread.id for thread in found], self.state["walk"])
        self.state["walk"] = page.state
        for thread in found:
            more = thread.replies > len(thread.inlined)
            if more and (self.state["thorough"] or self._is_new(thread.id, thread.replies, thread.inlined)):
                self.state["deep"].append(thread.id)
        self._short(page.state)
        self.state["token"] = page.token

    def answers(self, exchange: Exchange, route: Route) -> None:
        """A page of the answers in one thread."""
        self._moved(exchange)
        of, before = route.value("parentId"), self.state.get("answers", {})
        ids = [found for _, one in entries(exchange) if (found := identifier(one.get("id")))]
        page = turn(exchange, ids, before["page"] if before.get("of") == of else {})
        self._short(page.state)
        self.state["answers"] = {"of": of, "page": page.state} if page.token is not None else {}
        if page.token is not None:
            self.next = self.office.desk.next(exchange, page.token, page.number)

    def lost(self, route: Route) -> None:
        """The place in a list is no longer known: that list begins again, once."""
        answers = route.call is Call.COMMENTS
        of, before = route.value("parentId"), self.state.get("answers", {})
        progress = (before["page"] if before.get("of") == of else {}) if answers else self.state["walk"]
        anew = begun_again(progress)
        if anew is None:
            self._short({"short": LOST})
        elif answers and of is not None:
            self.state["answers"] = {"of": of, "page": anew}
            self.next = self._answers_to(of)
        else:
            self.state["walk"] = anew
            self.next = _first_page(self.office, self.task)
        if not answers:
            self.state["token"] = None

    def refused(self, route: Route, error: ApiError) -> None:
        """Comments may be off, or the video not there; a thread may have gone since it was listed."""
        if route.call is Call.COMMENTS:
            if error.fault is not Fault.MISSING:
                self._short({"short": words_for(error)})
        elif error.fault is Fault.COMMENTS_OFF:
            memory = {"off": self.task.started_at.isoformat(), "count": self.state.get("count")}
            self.over = done(memory, [NotOffered(STREAM, OFF, self.scope)])
        elif error.fault is Fault.MISSING:
            known = [key for key in self.task.known if key == self.scope or is_comment(self.office.names.native(key))]
            self.over = done({}, (), [FollowUp(TaskKind.CONFIRM, key) for key in dict.fromkeys((self.scope, *known))])
        else:
            self._short({"short": words_for(error)})
            self.state["token"] = None

    def step(self) -> Step:
        """The next request: first the answers of this page's longer threads, then the next page."""
        if self.over is not None:
            return self.over
        deep, token = self.state["deep"], self.state.get("token")
        if self.next is None and deep:
            self.next, self.state["deep"] = self._answers_to(deep[0]), deep[1:]
        elif self.next is None and token is not None:
            number = Progress.of(self.state["walk"].get("progress")).page
            url = _first_page(self.office, self.task).url
            self.next = self.office.desk.turned(url, token, stream=STREAM, page=number)
            self.state["token"] = None
        if self.next is not None:
            return self.office.step([self.next], self.state)
        return done(self._memory(), [self._result()])

    def _memory(self) -> Cursor:
        """What the next visit should know. Also a walk that fell short is not made again at once."""
        before = self.state[MEMORY]
        walked = self.task.started_at.isoformat() if self.state["thorough"] else before.get("walked")
        newest = later(zoned_moment(before.get("newest")), zoned_moment(self.state.get("newest")))
        return {
            "count": self.state.get("count"),
            "walked": walked,
            "newest": newest.isoformat() if newest is not None else None,
            "whole": self.state.get("short") is None,
        }

    def _result(self) -> Finding:
        short, until = self.state.get("short"), self.task.started_at
        if short is not None:
            return Shortfall(
                STREAM, None, until, f"The comments below a video could not all be listed: {short}", self.scope
            )
        return Covered(STREAM, None, until, self.scope, absence=bool(self.state["thorough"]))

    def _answers_to(self, comment: str) -> RequestSpec:
        return self.office.desk.ask(Call.COMMENTS, ("parentId", comment), ("textFormat", "plainText"), stream=STREAM)

    def _is_new(self, comment: str, counted: int, inlined: Sequence[str]) -> bool:
        """Whether the store has other answers to a comment than YouTube counts."""
        known, below = self._known
        return below[comment] != counted or any(one not in known for one in inlined)

    @cached_property
    def _known(self) -> tuple[frozenset[str], Mapping[str, int]]:
        """The known comments, and how many answers each has."""
        known = frozenset(self.office.names.native(key) for key in self.task.known)
        return known, Counter(top for one in known if (top := top_comment_of(one)) is not None)

    def _moved(self, exchange: Exchange) -> None:
        """Remember when the newest comment was written."""
        newest = zoned_moment(self.state.get("newest"))
        for _, one in entries(exchange):
            for comment in _comments_in(one):
                newest = later(newest, moment(mapping(comment.get("snippet")).get("publishedAt")))
        self.state["newest"] = newest.isoformat() if newest is not None else None

    def _short(self, page: Mapping[str, Any]) -> None:
        if page.get("short"):
            self.state["short"] = str(page["short"])


def _comments_in(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A comment, or a thread's top comment with the answers that came along."""
    top = mapping(mapping(entry.get("snippet")).get("topLevelComment"))
    return [entry, top, *(one for _, one in objects(mapping(entry.get("replies")).get("comments")))]

"""The channel's videos: polls and backfills, and with each poll what was written anywhere below them.

Uploads are listed by upload, newest first, and not by publication: a video that was uploaded in January and published
in June stands deep in the list. So nothing ends a walk but the list's end. A poll looks at the head of the list, at the
feed (fifteen videos by publication, free of charge) and at the newest comments of the whole channel; as often as the
quota allows it walks the whole list (`rhythm`). Each walk asks for the details of every video, fifty in a call: titles
and descriptions change without a trace, and the count of comments tells which videos are worth a visit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Covered, Cursor, Finding, FollowUp, NotOffered, Shortfall, Step, Task, TaskKind
from archiver.errors import ShapeChanged
from archiver.platforms.fields import count, document, mapping
from archiver.platforms.resuming import state_of
from archiver.platforms.youtube import queues
from archiver.platforms.youtube.answers import words_for
from archiver.platforms.youtube.errors import Fault, error_of
from archiver.platforms.youtube.feeds import Entry as FeedEntry
from archiver.platforms.youtube.feeds import entries_of as entries_of_feed
from archiver.platforms.youtube.fields import entries, identifier
from archiver.platforms.youtube.office import MEMORY, Office, done, remembered
from archiver.platforms.youtube.paging import LOST, begun_again, turn
from archiver.platforms.youtube.playlists import Entry, entries_of
from archiver.platforms.youtube.pursuits import pursued
from archiver.platforms.youtube.rhythm import walk_due
from archiver.platforms.youtube.routes import Call, route_of

STREAM, COMMENTS = "posts", "comments"
BATCH = 50
"""So many videos one look-up takes."""
HEAD = 50
"""So many of the newest uploads are looked at by every poll."""
NEWEST = 100
"""And so many of the newest threads of comments."""
FEED = 15
"""So many videos a feed has, at most."""
HORIZON = 19_950
OLDER = (
    "YouTube lists about the newest 20,000 uploads of a channel. Older videos are not listed; those that were captured "
    "before are still looked at."
)


def start(office: Office, task: Task) -> Step:
    """Who the account is, where that is not known; else the lists."""
    memory = remembered(task.cursor)
    state: Cursor = {MEMORY: memory, "walk": {}, "todo": [], "listed": 0, "units": 0}
    if office.channel is None:
        return office.step([office.who("profile")], state)
    return office.step(_first_requests(office, task, state), state)


def proceed(office: Office, task: Task, step: Step, exchange: Exchange) -> Step:
    """The next page of whichever list it was; after the last one the details that are still to be had."""
    told = (step.cursor or {}).get("channel")
    poll, route = _Poll(office.of_channel(told) if told else office, task, step), route_of(exchange.url)
    call = route.call if route is not None else None
    if call is Call.CHANNELS:
        poll.known(exchange)
    elif call is Call.FEED:
        poll.feed(exchange)
    elif call is Call.THREADS:
        poll.comments(exchange)
    elif call is Call.PLAYLIST_ITEMS:
        poll.uploads(exchange)
    elif call is Call.VIDEOS:
        poll.videos(exchange)
    return poll.step()


def _first_requests(office: Office, task: Task, state: Cursor) -> list[RequestSpec]:
    """A full listing has the owner's queues, too; a look at the head has the feed and the newest comments."""
    whole = task.full or task.kind is TaskKind.BACKFILL or walk_due(state[MEMORY], task.started_at)
    state["whole"] = whole
    asked: list[RequestSpec] = []
    if task.kind is TaskKind.POLL and task.full:
        asked += queues.questions(office)
    elif task.kind is TaskKind.POLL and office.channel is not None:
        asked += [office.desk.feed(office.channel, stream=STREAM), _newest_comments(office, office.channel)]
    return [*asked, _uploads(office)]


def _uploads(office: Office) -> RequestSpec:
    return office.desk.ask(Call.PLAYLIST_ITEMS, ("playlistId", office.uploads or ""), stream=STREAM)


def _newest_comments(office: Office, channel: str) -> RequestSpec:
    """The newest threads below any video, for one unit. The list is not complete, and shy of old videos."""
    return office.desk.ask(
        Call.THREADS, ("allThreadsRelatedToChannelId", channel), ("order", "time"), ("textFormat", "plainText"),
        stream=COMMENTS,
    )  # fmt: skip


class _Poll:
    """One poll, between two answers: what is to be asked next, what the cursor remembers, and what was found out."""

    def __init__(self, office: Office, task: Task, step: Step) -> None:
        self.office, self.task = office, task
        self.asked: list[RequestSpec] = list(step.rest().requests)
        self.state: Cursor = state_of(step)
        self.findings: list[Finding] = []
        self.follow_ups: list[FollowUp] = []

    def known(self, exchange: Exchange) -> None:
        """Who the account is; from here on it is as if that had always been known."""
        found = next((one for _, one in entries(exchange) if identifier(one.get("id"))), None)
        if found is None:
            raise ShapeChanged(f"{exchange.url} answered with a channel that has no id.")
        self.office = self.office.of_channel(str(found["id"]))
        self.state["channel"] = self.office.channel
        self.asked = _first_requests(self.office, self.task, self.state)

    def feed(self, exchange: Exchange) -> None:
        """The newest publications. A feed that can't be had, or read, is no trouble: it is a hint."""
        if not exchange.ok:
            return
        try:
            found = [one for one in entries_of_feed(exchange.body) if isinstance(one, FeedEntry)]
        except ShapeChanged:
            return
        dated = [one.published_at for one in found if one.published_at is not None]
        reached = len(found) < FEED or (self.task.since is not None and min(dated, default=_EVER) < self.task.since)
        self.state |= {"feed": [one.video for one in found], "reached": reached and len(dated) == len(found)}

    def comments(self, exchange: Exchange) -> None:
        """A page of one of the owner's queues, or of the channel's newest comments."""
        status = queues.queue_of(route_of(exchange.url))
        if status is None:
            self._newest(exchange)
            return
        page = queues.turned(exchange, self.state.get(status, {}))
        self.state[status] = page.state
        if page.token is not None:
            self.asked.insert(0, self.office.desk.next(exchange, page.token, page.number))
        else:
            self.findings.append(queues.result(self.task, status, page.state))

    def uploads(self, exchange: Exchange) -> None:
        """A page of uploads. Of a channel without any, the list is not there."""
        error = error_of(exchange)
        self.state["units"] += 1
        if error is not None:
            self._without(error.fault, words_for(error))
            return
        found = entries_of(exchange)
        if self.state["walk"].get("progress") is None:
            self.state["total"] = count(mapping(document(exchange).get("pageInfo")).get("totalResults"))
        page = turn(exchange, [one.video for one in found], self.state["walk"])
        self.state |= {"walk": page.state, "listed": self.state["listed"] + len(found)}
        self._wanted([one.video for one in found if self._is_inside(one)])
        if page.token is None:
            self.state["whole"] = "short" not in page.state
        elif self.state["whole"] or self.state["listed"] < HEAD:
            self.asked.append(self.office.desk.next(exchange, page.token, page.number))

    def videos(self, exchange: Exchange) -> None:
        """Details of some videos, and what they call for."""
        self.state["units"] += 1
        shown = [video for _, video in entries(exchange)]
        place: int = self.state.get("seen", 0)
        self.state["seen"] = place + len(shown)
        if self.task.kind is TaskKind.POLL:
            self.follow_ups += pursued(self.office, self.task, shown, place, self.state.get("total") or 0)

    def step(self) -> Step:
        """The next step. Details are asked for by the fifty, and at the end of the list for those that are left."""
        todo: list[str] = self.state["todo"]
        at_end = not self.asked
        if at_end and "feed" in self.state:
            self._wanted(self.state.pop("feed"))
            todo = self.state["todo"]
        if len(todo) >= BATCH or (at_end and todo):
            now, self.state["todo"] = todo[:BATCH], todo[BATCH:]
            self.asked.insert(0, self.office.desk.ask(Call.VIDEOS, ("id", ",".join(now)), stream=STREAM))
        if self.asked:
            return self.office.step(self.asked, self.state, findings=self.findings, follow_ups=self.follow_ups)
        return done(self._memory(), [*self.findings, *self._result()], self.follow_ups)

    def _newest(self, exchange: Exchange) -> None:
        """The newest threads of the channel: so many as a page may hold."""
        if error_of(exchange) is not None:
            return
        threads = [found for _, one in entries(exchange) if (found := identifier(one.get("id"))) is not None]
        page = turn(exchange, threads, self.state.get("newest", {}))
        listed = int(self.state.get("threads") or 0) + len(threads)
        self.state |= {"newest": page.state, "threads": listed}
        if page.token is not None and listed < NEWEST:
            self.asked.insert(0, self.office.desk.next(exchange, page.token, page.number))

    def _wanted(self, videos: Sequence[str]) -> None:
        """Videos whose details are to be had, each once as far as the cursor remembers."""
        recent: list[str] = self.state.get("recent", [])
        new = [one for one in dict.fromkeys(videos) if one not in recent]
        self.state["todo"] = self.state["todo"] + new
        self.state["recent"] = (recent + new)[-2 * HEAD :]

    def _is_inside(self, entry: Entry) -> bool:
        """Whether it was published in the time that is to be captured. Of one that is not public nothing tells."""
        if entry.published_at is None:
            return True
        from_at = self.task.since if self.task.kind is TaskKind.BACKFILL else _floor(self.task)
        until = self.task.until
        return (from_at is None or entry.published_at >= from_at) and (until is None or entry.published_at < until)

    def _without(self, fault: Fault, words: str) -> None:
        """A page that was refused: the list is not there, or its place was lost, and it begins again once."""
        first = self.state["walk"].get("progress") is None
        if fault is Fault.MISSING and first:
            self.state["whole"] = True
            return
        anew = begun_again(self.state["walk"]) if fault is Fault.PLACE else None
        if anew is not None:
            self.state |= {"walk": anew, "listed": 0, "recent": []}
            self.asked.append(_uploads(self.office))
        else:
            self.state |= {"walk": {"short": LOST if fault is Fault.PLACE else words}, "whole": False}

    def _memory(self) -> Cursor:
        """When all uploads were listed the last time, and what it cost."""
        if self.state.get("whole"):
            return {"walked": self.task.started_at.isoformat(), "units": self.state["units"]}
        return dict(self.state.get(MEMORY, {}))

    def _result(self) -> list[Finding]:
        """What was listed: all, or, where the feed reaches back far enough, all that was published since."""
        task, since = self.task, self.task.since
        until = min(task.until, task.started_at) if task.until else task.started_at
        short = self.state["walk"].get("short")
        if short is not None:
            return [Shortfall(STREAM, since, until, f"The channel's uploads could not all be listed: {short}")]
        if not self.state.get("whole"):
            reached = [Covered(STREAM, since, until, roots=True, absence=False)]
            return list(reached) if self.state.get("reached") else []
        if task.kind is TaskKind.POLL:
            since = _floor(task)
        if self.state["listed"] >= HORIZON:
            return [Covered(STREAM, since, until, roots=True, absence=False), NotOffered("older videos", OLDER)]
        return [Covered(STREAM, since, until, roots=True)]


def _floor(task: Task) -> datetime | None:
    """From when on the account is captured."""
    return datetime.combine(task.account.since, time(), UTC) if task.account.since is not None else None


_EVER = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)

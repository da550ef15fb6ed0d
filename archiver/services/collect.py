"""The loop: take what is due, ask, capture, store, ask again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from archiver.domain import coverage as ledger
from archiver.domain.access import AccessSeen, data_ended, in_use, remedy
from archiver.domain.account import Account
from archiver.domain.budgets import Priority
from archiver.domain.coverage import CoverageState
from archiver.domain.keys import Key
from archiver.domain.task import About, Covered, Finding, Meaning, Shortfall, Step, Task, TaskKind, Window
from archiver.errors import AccessLost, ArchiverError, PlatformTrouble, ShapeChanged
from archiver.platforms.adapter import Adapter
from archiver.platforms.films import WithFilms
from archiver.platforms.registry import adapter_for
from archiver.platforms.websub import Subscribing
from archiver.services.asking import Asker, Means, Stopped, TaskFailed
from archiver.services.films import Films
from archiver.services.ingest import Ingested
from archiver.services.journal import Context, Recorded
from archiver.services.priorities import as_urgent, most_urgent
from archiver.services.schedule import (
    ORDER,
    Rhythm,
    after_task,
    ensure_standing,
    look_at_changed_access,
    make_all_due,
    mend_dates,
)
from archiver.services.spending import PutOff
from archiver.store import access, accounts, captures, coverage, items, media, tasks
from archiver.store.tasks import TaskRow

if TYPE_CHECKING:
    from archiver.store import Connection

OVERLAP = timedelta(days=3)
"""How far a poll looks back beyond what is covered: late arrivals, backdated posts, pages that moved."""

REMOVALS = "removals"
"""The track of doubts whether something was removed: the next full listing that leaves none ends its gaps."""

ENOUGH_REFUSED = 5
"""After so many tasks in a row that would have cost too much, those like them are put off without being tried."""

_MOMENT = timedelta(seconds=1)
_WITH_SUBJECT = {
    TaskKind.THREAD, TaskKind.CONFIRM, TaskKind.HISTORY, TaskKind.MEDIA, TaskKind.CHAT, TaskKind.CAPTIONS,
}  # fmt: skip
_WINDOWED = {TaskKind.POLL: "posts", TaskKind.MENTIONS: "mentions"}
_LISTING = {TaskKind.POLL, TaskKind.MENTIONS, TaskKind.THREAD, TaskKind.BACKFILL}
_STREAMS = {
    TaskKind.THREAD: "comments",
    TaskKind.HISTORY: "edits",
    TaskKind.MEDIA: "media",
    TaskKind.MENTIONS: "mentions",
    TaskKind.PROFILE: "profile",
    TaskKind.ACCESS: "access",
    TaskKind.CHAT: "chat",
    TaskKind.CAPTIONS: "captions",
    TaskKind.SUBSCRIBE: "push",
}


class Progress(Protocol):
    """Who wants to see a round go on."""

    def __call__(self, account: str, event: str, round_: Round, /) -> None:
        """``event``: ``exchange``, the kind of a task that is done, or ``wait SECONDS``."""


@dataclass(slots=True)
class Round:
    """One round for one account: its counts, and why it fell short if it did.

    ``trouble`` ended it early, or is a person's to mend though it came to its end; ``problems`` are tasks that failed
    and are tried again; ``gaps`` are what the tasks that were carried out could not have. ``oldest_reached`` is the
    creation of the oldest post that it listed.
    """

    account: str
    run: int
    started_at: datetime
    exchanges: int = 0
    tasks_done: int = 0
    tasks_left: int = 0
    total: Ingested = field(default_factory=Ingested)
    trouble: PlatformTrouble | None = None
    problems: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    last_at: datetime | None = None

    @property
    def short(self) -> bool:
        """Whether something was not captured that a later round or a person can mend."""
        return self.trouble is not None or bool(self.problems or self.gaps)

    @property
    def oldest_reached(self) -> datetime | None:
        """The creation of the oldest record of the account that was seen."""
        return self.total.oldest


@dataclass(frozen=True, slots=True)
class Parts(Means):
    """What a collector works with; made in ``wiring``."""

    rhythm: Callable[[str], Rhythm] = lambda _account: Rhythm()
    progress: Progress = lambda _account, _event, _round: None
    films: Callable[[str], Films | None] = lambda _account: None
    """What fetches an account's video files, where that is turned on."""
    callback: Callable[[str, str], str | None] = lambda _account, _topic: None
    """Where what a hub pushes of a topic for an account is received."""


class Collector:
    """Carries out the tasks of one account, one after the other."""

    def __init__(self, parts: Parts, account_id: str, *, wait: bool, run: int) -> None:
        self.parts = parts
        self.rhythm = parts.rhythm(account_id)
        self.round = Round(account_id, run, parts.clock.now())
        with parts.store.read() as conn:
            self.account: Account = accounts.get(conn, account_id)
        self.adapter: Adapter = adapter_for(self.account)
        self.asker = Asker(parts, self.account, wait=wait, waiting=self._waits, recorded=self._count)
        self._short: set[str] = set()
        """Streams of which this round's own tasks could not have something; so it ends none of their gaps."""
        self._stirred: set[str] = set()
        """Threads in which the present task found something."""
        self._listed_all = False
        self._priority = Priority.NEW
        """What the present task's calls are for."""
        self._refused: Counter[tuple[TaskKind, Priority]] = Counter()
        """How many tasks in a row would have cost too much."""

    def due(self, *, everything: bool = False, kinds: Sequence[TaskKind] | None = None) -> Round:
        """One round: all tasks that are due by now, and those that they find to be due at once.

        ``everything``: profile, a full listing, all threads, confirmations and media, whatever the cadence says.
        """
        with self.parts.store.begin() as conn:
            ensure_standing(conn, self.account, self.adapter, self.round.started_at)
            changed_at = self.parts.client.secrets_changed_at(self.account)
            look_at_changed_access(conn, self.account.id, changed_at, self.round.started_at)
            mend_dates(conn, self.account.id, self.round.started_at, self.rhythm)
            self._want_films(conn)
            self._look_for_life(conn)
            if everything:
                make_all_due(conn, self.account, self.adapter, self.round.started_at)
        self._guarded(lambda: self._work(tuple(kinds or ORDER), everything=everything))
        return self.round

    def backfill(self, since: date | None, until: date | None) -> Round:
        """The past, newest first, from the cursor if one is there; then the threads and media that it found.

        Somebody waits for it, so what failed before is tried now and not when its time comes.
        """
        now = self.round.started_at
        from_at = _start_of(since or self.account.since)
        until_at = _start_of(until + timedelta(days=1)) if until else None
        with self.parts.store.begin() as conn:
            ensure_standing(conn, self.account, self.adapter, now)
            tasks.ensure(conn, self.account.id, TaskKind.BACKFILL, _window(since or self.account.since, until),
                         due_at=now, since=from_at, until=until_at)  # fmt: skip
            tasks.retry(conn, self.account.id, now)
        first = (TaskKind.ACCESS, TaskKind.PROFILE, TaskKind.BACKFILL)
        self._guarded(lambda: self._work((*first, *(kind for kind in ORDER if kind not in first)), everything=False))
        return self.round

    def _guarded(self, work: Callable[[], None]) -> None:
        """Do the work; what a platform has in its way becomes a gap and the account's state, not an exception."""
        try:
            self.asker.heed_announced_limit()
            work()
            self.round.trouble = self._blindness()
        except PlatformTrouble as trouble:
            self.round.trouble = trouble
            self._gap(trouble)
        now = self.parts.clock.now()
        with self.parts.store.begin() as conn:
            self.round.tasks_left = tasks.left(conn, self.account.id, now)
            accounts.set_outcome(conn, self.account.id, at=now, trouble=_trouble_of(self.round))

    def _work(self, order: Sequence[TaskKind], *, everything: bool) -> None:
        """Kind by kind until nothing is due; a task may make others due."""
        carried_out: set[int] = set()
        while rows := self._next_rows(order, carried_out):
            if self._carry_out(rows, everything=everything):
                carried_out.update(row.id for row in rows)
        self._close()

    def _next_rows(self, order: Sequence[TaskKind], carried_out: set[int]) -> list[TaskRow]:
        """The next due task, or one batch of them; what was begun together goes on together."""
        now = self.parts.clock.now()
        with self.parts.store.read() as conn:
            waiting = tasks.due_kinds(conn, self.account.id, now)
            if self.adapter.tariff is not None:
                kinds = [kind for kind in order if str(kind) in waiting]
                rows, self._priority = most_urgent(
                    conn, self.account.id, kinds, now, batches=self.adapter.batches, without=carried_out
                )
                return rows
            for kind in order:
                if str(kind) not in waiting:
                    continue
                size = self.adapter.batches.get(kind, 1)
                rows = tasks.due(conn, self.account.id, now, kind=str(kind), limit=size, without=carried_out)
                if rows:
                    return [row for row in rows if row.started_at == rows[0].started_at]
        return []

    def _carry_out(self, rows: list[TaskRow], *, everything: bool) -> bool:
        """One task from its cursor to its end. False: it goes on later, maybe in this very round."""
        if self.parts.stop.is_set():
            raise Stopped
        task, context = self._context(rows, everything=everything)
        before, self._stirred = self.round.total.changes, set()
        try:
            last = Step() if self._fetched_film(task) else self._steps(context, self.adapter.start(task))
            if context.problems:
                raise TaskFailed(  # noqa: TRY301 - fails as any other
                    f"{self.account.id}: {ledger.WHY[Meaning.SHAPE_CHANGED]} ({context.problems[0]})"
                )
        except (TaskFailed, ShapeChanged) as error:
            self._failed(rows, task, str(error))
            return True
        except PutOff as refused:
            self._put_off(rows, task, refused)
            return True
        self._refused[task.kind, self._priority] = 0
        if last.again_at is not None:
            with self.parts.store.begin() as conn:
                for row in rows:
                    tasks.suspend(conn, row.id, last.cursor, due_at=last.again_at)
            return False
        self.round.tasks_done += len(rows)
        self._listed_all = self._listed_all or (task.kind is TaskKind.POLL and task.full)
        now = self.parts.clock.now()
        with self.parts.store.begin() as conn:
            for row in rows:
                changed = self.round.total.changes != before if len(rows) == 1 else row.subject in self._stirred
                after_task(conn, self.account, row, now, changed=changed, rhythm=self.rhythm)
        if task.kind is TaskKind.PROFILE or self.round.total.learned:
            self._reload()
        if task.kind is TaskKind.ACCESS:
            self._unless_refused()
        self.parts.progress(self.account.id, str(task.kind), self.round)
        return True

    def _context(self, rows: list[TaskRow], *, everything: bool) -> tuple[Task, Context]:
        row, now = rows[0], self.parts.clock.now()
        kind = TaskKind(row.kind)
        known: tuple[Key, ...] = ()
        below: dict[str, tuple[Key, ...]] = {}
        more: dict[str, Any] = {}
        since, full = row.since, row.full or everything
        with self.parts.store.begin() as conn:
            for one in rows:
                tasks.begin(conn, one.id, now)
            if kind is TaskKind.THREAD:
                below = {one.subject: self._askable(conn, Key(one.subject)) for one in rows}
                known = tuple(key for keys in below.values() for key in keys)
                more["answers"] = items.answers_counted(conn, [Key(one.subject) for one in rows])
            if kind is TaskKind.MEDIA:
                known = media.shown_by(conn, self.account.id, row.subject)
                more["address"] = media.address_of(conn, self.account.id, row.subject)
            if kind is TaskKind.SUBSCRIBE and isinstance(self.adapter, Subscribing) and self.adapter.topic is not None:
                more["callback"] = self.parts.callback(self.account.id, self.adapter.topic)
            if kind is TaskKind.ACCESS:
                more["access"] = self._known_access(conn)
                more["renewable"] = self.parts.client.renewable(self.account)
            if kind in self.adapter.batches:
                more["about"] = _about(conn, rows, below)
            if kind in _LISTING:
                more["complete"] = {stream: self._complete(conn, stream) for stream in _WINDOWED.values()}
            if kind in _WINDOWED:
                track = coverage.track(conn, self.account.id, _WINDOWED[kind], None)
                since, full = self._window(ledger.coverage_until(track), full=full)
        subjects = tuple(one.subject for one in rows) if kind in _WITH_SUBJECT else ()
        started = now if row.started_at is None or row.cursor is None else row.started_at
        task = Task(self.account, kind, started, subjects, row.cursor, since, row.until, full, known,
                    everything=everything, **more)  # fmt: skip
        ids = tuple(one.id for one in rows)
        return task, Context(self.account, self.adapter, task, ids, self.round.run, self._priority)

    def _askable(self, conn: Connection, thread: Key) -> tuple[Key, ...]:
        """What stands in a thread and can be asked for by itself."""
        return tuple(items.askable(conn, items.in_thread(conn, thread), private=self.account.authenticated))

    def _complete(self, conn: Connection, stream: str) -> tuple[Window, ...]:
        track = coverage.track(conn, self.account.id, stream, None)
        return tuple((one.from_at, one.until_at) for one in track if one.state is CoverageState.COMPLETE)

    def _known_access(self, conn: Connection) -> AccessSeen | None:
        """What was told of the credential in use; None when it was put into its place since."""
        known, changed_at = access.known(conn, self.account.id), self.parts.client.secrets_changed_at(self.account)
        return known[0] if known is not None and in_use(known[1], changed_at) else None

    def _window(self, covered_until: datetime | None, *, full: bool) -> tuple[datetime | None, bool]:
        """A poll looks back over what is not covered and some days more; the first and a full one to the beginning."""
        floor = _start_of(self.account.since)
        if full or covered_until is None:
            return floor, True
        covered_until = min(covered_until, self.round.started_at)  # a clock that was ahead covered the future, too
        return max(filter(None, (floor, covered_until - OVERLAP))), False

    def _steps(self, context: Context, step: Step) -> Step:
        """Send, record, go on, until the adapter wants nothing more; the last step."""
        self._take_findings(context, step)
        while not step.done:
            if step.not_before is not None:
                self.asker.pause_until(step.not_before)
            step = self.asker.answered(context, step).step
        return step

    def _look_for_life(self, conn: Connection) -> None:
        """After calls that were booked and not answered, something that is free goes first."""
        if self.adapter.tariff is None or accounts.outcome(conn, self.account.id).error is None:
            return
        if captures.unanswered_of_late(conn, self.account.id):
            tasks.hasten(conn, self.account.id, TaskKind.ACCESS, self.round.started_at)

    def _want_films(self, conn: Connection) -> None:
        """Video files that no round could have are wanted once something fetches them."""
        if self.parts.films(self.account.id) is None or not isinstance(self.adapter, WithFilms):
            return
        for one in media.wanted(conn, self.account.id):
            if self.adapter.film_page(one.identity) is None:
                continue
            task = tasks.get(conn, self.account.id, TaskKind.MEDIA, one.identity)
            if task is None or task.done:
                tasks.ensure(conn, self.account.id, TaskKind.MEDIA, one.identity, due_at=self.round.started_at)

    def _fetched_film(self, task: Task) -> bool:
        """Whether the task was for a video file that is fetched by another program, and is here now."""
        films = self.parts.films(self.account.id) if task.kind is TaskKind.MEDIA else None
        page = self.adapter.film_page(task.subject or "") if isinstance(self.adapter, WithFilms) else None
        if films is None or page is None:
            return False
        films.fetch(self.account, task.subject or "", page)
        return True

    def _take_findings(self, context: Context, step: Step) -> None:
        """What a task knows before its first request."""
        now = self.parts.clock.now()
        self._remember_short(step.findings)
        self.parts.journal.note(self.account, step.findings, now, task=str(context.task.kind))
        if step.follow_ups:
            with self.parts.store.begin() as conn:
                for follow_up in step.follow_ups:
                    tasks.ensure(
                        conn, self.account.id, follow_up.kind, follow_up.subject, due_at=follow_up.due_at or now
                    )

    def _count(self, recorded: Recorded) -> None:
        round_ = self.round
        round_.exchanges += 1
        round_.last_at = recorded.exchange.captured_at
        round_.total.add(recorded.ingested)
        self._stirred |= recorded.ingested.active_threads
        round_.gaps += [found.reason for found in recorded.step.findings if isinstance(found, Shortfall)]
        self._remember_short(recorded.step.findings)
        self.parts.progress(self.account.id, "exchange", round_)

    def _remember_short(self, found: Sequence[Finding]) -> None:
        self._short |= {one.stream for one in found if isinstance(one, Shortfall) and one.scope is None}

    def _waits(self, seconds: float) -> None:
        self.parts.progress(self.account.id, f"wait {seconds:.0f}", self.round)

    def _failed(self, rows: list[TaskRow], task: Task, error: str) -> None:
        """Others go on; this one is tried again later, and what it should have brought is a gap until then.

        The gap ends where this try began, so that the next one, which begins later, closes all of it.
        """
        now, begun = self.parts.clock.now(), max(task.started_at, self.round.started_at)
        self.round.problems.append(error)
        with self.parts.store.begin() as conn:
            for row in rows:
                tasks.fail(conn, row.id, error, at=now, due_at=now + self.rhythm.after_failure(row.attempts))
        scopes: list[Key | None] = [None]
        if task.kind is TaskKind.THREAD:
            scopes = [Key(subject) for subject in task.subjects]
        stream = _STREAMS.get(task.kind, "posts")
        since = task.since or task.started_at - _MOMENT
        self._note([Shortfall(stream, since, begun, error, scope) for scope in scopes])

    def _put_off(self, rows: list[TaskRow], task: Task, refused: PutOff) -> None:
        """Others go on; this one waits until there is something to spend for it, and so long there is a gap.

        After several of a kind the others that are as urgent are put off with it, without being tried.
        """
        alike = task.kind, self._priority
        self._refused[alike] += 1
        now, ids = self.parts.clock.now(), {row.id for row in rows}
        with self.parts.store.begin() as conn:
            if self._refused[alike] >= ENOUGH_REFUSED:
                ids |= as_urgent(conn, self.account.id, task.kind, self._priority, now)
            tasks.put_off(conn, ids, refused.reason, due_at=refused.until)
        stream = _STREAMS.get(task.kind, "posts")
        reason = f"{self.account.id}: {refused.reason}"
        if stream not in self._short or reason not in self.round.gaps:
            self.round.gaps.append(reason)
            self._short.add(stream)
            self._note([self._missed(task, stream, reason)])

    def _missed(self, task: Task, stream: str, reason: str) -> Shortfall:
        """The gap of a task that is put off: its window, or what is not complete of its stream."""
        begun = self.round.started_at
        if task.kind is TaskKind.BACKFILL:
            return Shortfall(stream, task.since, task.until or begun, reason)
        with self.parts.store.read() as conn:
            until = ledger.coverage_until(coverage.track(conn, self.account.id, stream, None))
        return Shortfall(stream, until or begun - _MOMENT, begun, reason)

    def _gap(self, trouble: PlatformTrouble) -> None:
        """The streams that this round was to capture are short from where they were complete until it began."""
        begun = self.round.started_at
        found: list[Finding] = []
        with self.parts.store.read() as conn:
            for stream in ("posts", "comments") if TaskKind.THREAD in self.adapter.kinds else ("posts",):
                until = ledger.coverage_until(coverage.track(conn, self.account.id, stream, None))
                found.append(Shortfall(stream, until or begun - _MOMENT, begun, trouble.message))
        self._note(found)

    def _close(self) -> None:
        """At the end of a round: what is complete up to its start.

        The comments are, unless a thread is overdue; gaps of single tasks end when none of their kind is left failing,
        and none was short in this very round.
        """
        now, found = self.round.started_at, list[Finding]()
        with self.parts.store.read() as conn:
            posts = coverage.track(conn, self.account.id, "posts", None)
            begun = [span.from_at for span in posts if span.state is CoverageState.COMPLETE]
            waiting = tasks.put_off_count(conn, self.account.id)
            for kind, stream in _STREAMS.items():
                failing = tasks.failing(conn, self.account.id, kind)
                overdue = tasks.due(conn, self.account.id, now, kind=str(kind), limit=1)
                if failing or overdue or kind in waiting or kind not in self.adapter.kinds or stream in self._short:
                    continue
                gaps = ledger.gaps(coverage.track(conn, self.account.id, stream, None))
                if kind is TaskKind.THREAD and begun:
                    found.append(Covered(stream, begun[0], now))
                found += [Covered(stream, gap.from_at, gap.until_at) for gap in gaps]
            if self._no_doubt(conn):
                gaps = ledger.gaps(coverage.track(conn, self.account.id, REMOVALS, None))
                found += [Covered(REMOVALS, gap.from_at, gap.until_at, absence=False) for gap in gaps]
        self._note(found)

    def _no_doubt(self, conn: Connection) -> bool:
        """Whether everything was listed in this round, and all that it did not show is told to be there or not."""
        if not self._listed_all or {REMOVALS, "posts"} & self._short:
            return False
        now, kind = self.round.started_at, TaskKind.CONFIRM
        waiting = tasks.due(conn, self.account.id, now, kind=str(kind), limit=1)
        put_off = kind in tasks.put_off_count(conn, self.account.id)
        return not waiting and not put_off and not tasks.failing(conn, self.account.id, kind)

    def _note(self, found: Sequence[Finding]) -> None:
        self.parts.journal.note(self.account, found, self.parts.clock.now(), task="round")

    def _unless_refused(self) -> None:
        """Nothing more is asked with a credential that the platform calls dead."""
        with self.parts.store.read() as conn:
            known = self._known_access(conn)
        if known is not None and not known.valid:
            raise AccessLost(f"{self.account.id}: {known.detail or 'The platform calls the token invalid.'}")

    def _blindness(self) -> AccessLost | None:
        """Whether the credential is alive and may be shown nothing. What it was shown is kept; a person must know."""
        now = self.parts.clock.now()
        with self.parts.store.read() as conn:
            known = self._known_access(conn)
        why = data_ended(known, now) if self.account.authenticated else None
        return AccessLost(f"{self.account.id}: {why}", advice=remedy(self.account.id, known, now)) if why else None

    def _reload(self) -> None:
        with self.parts.store.read() as conn:
            self.account = accounts.get(conn, self.account.id)
        self.adapter = adapter_for(self.account)
        self.asker.account = self.account
        self.round.total.learned = False


def _about(conn: Connection, rows: Sequence[TaskRow], below: Mapping[str, tuple[Key, ...]]) -> dict[str, About]:
    """What is known of the subjects of a batch."""
    known = items.stored(conn, [Key(row.subject) for row in rows])
    return {
        row.subject: About(
            one.author if one else None, one.thread if one else None, row.cursor, below.get(row.subject, ())
        )
        for row in rows
        for one in [known.get(Key(row.subject))]
    }


def _trouble_of(round_: Round) -> ArchiverError | None:
    if round_.trouble is not None:
        return round_.trouble
    return ShapeChanged(round_.problems[-1], advice="") if round_.problems else None


def _start_of(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


def _window(since: date | None, until: date | None) -> str:
    """What tells one backfill from another."""
    return f"{since or ''}..{until or ''}"

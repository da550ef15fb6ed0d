"""The loop: take what is due, ask, capture, store, ask again."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

import structlog

from archiver.capture.client import Client
from archiver.capture.clock import Clock
from archiver.capture.pace import Pacer
from archiver.capture.retry import next_attempt
from archiver.domain import coverage as ledger
from archiver.domain.account import Account
from archiver.domain.coverage import CoverageState
from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.keys import Key
from archiver.domain.task import Covered, Finding, Meaning, Shortfall, Step, Task, TaskKind, Verdict
from archiver.errors import AccessLost, ArchiverError, PlatformTrouble, RateLimited, ShapeChanged
from archiver.platforms.adapter import Adapter
from archiver.platforms.registry import adapter_for
from archiver.services.ingest import Ingested
from archiver.services.journal import Context, Journal, Recorded
from archiver.services.schedule import ORDER, Rhythm, after_task, ensure_standing, make_all_due
from archiver.store import accounts, coverage, items, limits, tasks
from archiver.store.engine import Store
from archiver.store.tasks import TaskRow

log = structlog.get_logger()

FAILURES_IN_A_ROW = 3
"""So many requests that fail for good in a row are an outage: the account's round ends with a gap."""
LOGINS_PER_REQUEST = 2
REDIRECTS = 5
OVERLAP = timedelta(days=3)
"""How far a poll looks back beyond what is covered: late arrivals, backdated posts, pages that moved."""


class Progress(Protocol):
    """Who wants to see a round go on."""

    def __call__(self, account: str, event: str, round_: Round, /) -> None:
        """``event``: ``exchange``, the kind of a task that is done, or ``wait SECONDS``."""


@dataclass(slots=True)
class Round:
    """One round for one account: its counts, and why it fell short if it did."""

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
    oldest_reached: datetime | None = None
    last_at: datetime | None = None

    @property
    def short(self) -> bool:
        """Whether something was not captured that a later round or a person can mend."""
        return self.trouble is not None or bool(self.problems or self.gaps)


class Stopped(Exception):
    """The stop signal came; everything captured is stored, the task goes on from its cursor next time."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a collector works with; made in ``wiring``."""

    store: Store
    journal: Journal
    client: Client
    pacer: Pacer
    clock: Clock
    stop: threading.Event
    attempts: int = 5
    rhythm: Callable[[str], Rhythm] = lambda _account: Rhythm()
    progress: Progress = lambda _account, _event, _round: None


class Collector:
    """Carries out the tasks of one account, one after the other."""

    def __init__(self, parts: Parts, account_id: str, *, wait: bool, run: int) -> None:
        self.parts = parts
        self.wait = wait
        self.rhythm = parts.rhythm(account_id)
        self.round = Round(account_id, run, parts.clock.now())
        self._failures = 0
        self._random = random.Random()  # noqa: S311 - jitter, not a secret
        with parts.store.read() as conn:
            self.account: Account = accounts.get(conn, account_id)
        self.adapter: Adapter = adapter_for(self.account)

    def due(self, *, everything: bool = False, kinds: Sequence[TaskKind] | None = None) -> Round:
        """One round: all tasks that are due by now, and those that they find to be due at once.

        ``everything``: profile, a full listing, all threads, confirmations and media, whatever the cadence says.
        """
        now = self.round.started_at
        with self.parts.store.begin() as conn:
            ensure_standing(conn, self.account, self.adapter, now)
            if everything:
                make_all_due(conn, self.account, self.adapter, now)
        wanted = tuple(kinds or ORDER)
        self._guarded(lambda: self._work(wanted, everything=everything))
        return self.round

    def backfill(self, since: date | None, until: date | None) -> Round:
        """The past, newest first, from the cursor if one is there; then the threads and media that it found."""
        now = self.round.started_at
        from_at = _start_of(since or self.account.since)
        until_at = _start_of(until) if until else None
        with self.parts.store.begin() as conn:
            ensure_standing(conn, self.account, self.adapter, now)
            tasks.ensure(conn, self.account.id, str(TaskKind.BACKFILL), _window(from_at, until_at),
                         due_at=now, since=from_at, until=until_at)  # fmt: skip
        order = (
            TaskKind.PROFILE,
            TaskKind.BACKFILL,
            *(k for k in ORDER if k not in {TaskKind.PROFILE, TaskKind.BACKFILL}),
        )
        self._guarded(lambda: self._work(order, everything=False))
        return self.round

    def _guarded(self, work: Callable[[], None]) -> None:
        """Do the work; what a platform has in its way becomes a gap and the account's state, not an exception."""
        store = self.parts.store
        try:
            self._heed_announced_limit()
            work()
        except PlatformTrouble as trouble:
            self.round.trouble = trouble
            self._gap(trouble)
        with store.begin() as conn:
            self.round.tasks_left = tasks.left(conn, self.account.id, self.parts.clock.now())
            accounts.set_outcome(conn, self.account.id, at=self.parts.clock.now(), trouble=_trouble_of(self.round))

    def _work(self, order: Sequence[TaskKind], *, everything: bool) -> None:
        """Kind by kind until nothing is due; a task may make others due."""
        carried_out: set[int] = set()
        while True:
            rows = self._next_rows(order, carried_out)
            if not rows:
                break
            carried_out.update(row.id for row in rows)
            self._carry_out(rows, everything=everything)
        self._threads_all_visited()

    def _next_rows(self, order: Sequence[TaskKind], carried_out: set[int]) -> list[TaskRow]:
        """The next due task, or one batch of confirmations."""
        now = self.parts.clock.now()
        with self.parts.store.read() as conn:
            for kind in order:
                size = self.adapter.batch if kind is TaskKind.CONFIRM else 1
                rows = tasks.due(conn, self.account.id, now, kind=str(kind), limit=size, without=carried_out)
                if rows:
                    return rows
        return []

    def _carry_out(self, rows: list[TaskRow], *, everything: bool) -> None:
        """One task from its cursor to its end."""
        if self.parts.stop.is_set():
            raise Stopped
        task, context = self._context(rows, everything=everything)
        before = self.round.total.new + self.round.total.edited + self.round.total.removed + self.round.total.hidden
        try:
            self._steps(context, self.adapter.start(task))
        except ShapeChanged as error:
            self._failed(rows, str(error))
            self._note([_shortfall(task, str(error), self.parts.clock.now())], str(task.kind))
            return
        after = self.round.total.new + self.round.total.edited + self.round.total.removed + self.round.total.hidden
        self.round.tasks_done += len(rows)
        now = self.parts.clock.now()
        with self.parts.store.begin() as conn:
            for row in rows:
                after_task(conn, self.account, row, now, changed=after != before, rhythm=self.rhythm)
        if task.kind is TaskKind.PROFILE:
            self._reload()
        self.parts.progress(self.account.id, str(task.kind), self.round)

    def _context(self, rows: list[TaskRow], *, everything: bool) -> tuple[Task, Context]:
        row, now = rows[0], self.parts.clock.now()
        kind = TaskKind(row.kind)
        known: tuple[Key, ...] = ()
        since, full = row.since, row.full or everything
        with self.parts.store.begin() as conn:
            for one in rows:
                tasks.begin(conn, one.id, now)
            if kind is TaskKind.THREAD:
                known = tuple(items.in_thread(conn, Key(row.subject)))
            if kind is TaskKind.POLL:
                since, full = self._poll_window(full=full)
        subjects = tuple(one.subject for one in rows) if kind in _WITH_SUBJECT else ()
        started = row.started_at if row.cursor is not None and row.started_at is not None else now
        task = Task(self.account, kind, started, subjects, row.cursor, since, row.until, full, known)
        return task, Context(self.account, self.adapter, task, tuple(one.id for one in rows), self.round.run)

    def _poll_window(self, *, full: bool) -> tuple[datetime | None, bool]:
        """A poll looks back over what is not covered and some days more; the first and a full one to the beginning."""
        floor = _start_of(self.account.since)
        with self.parts.store.read() as conn:
            track = coverage.track(conn, self.account.id, "posts", None)
        until = ledger.coverage_until(track)
        if full or until is None:
            return floor, True
        return max(filter(None, (floor, until - OVERLAP))), False

    def _steps(self, context: Context, step: Step) -> None:
        """Send, record, go on, until the adapter wants nothing more."""
        self._take_findings(context, step)
        while not step.done:
            if step.not_before is not None:
                self._pause_until(step.not_before)
            recorded = self._answered(context, step)
            step = recorded.step

    def _take_findings(self, context: Context, step: Step) -> None:
        """What a task knows before its first request."""
        self.parts.journal.note(self.account, step.findings, self.parts.clock.now(), task=str(context.task.kind))
        with self.parts.store.begin() as conn:
            for follow_up in step.follow_ups:
                tasks.ensure(
                    conn, self.account.id, str(follow_up.kind), follow_up.subject, due_at=self.parts.clock.now()
                )

    def _answered(self, context: Context, step: Step) -> Recorded:
        """Send the first request of a step until it has an answer worth reading; each attempt is recorded."""
        attempt, logins, redirects = 0, 0, 0
        spec = step.requests[0]
        while True:
            recorded = self._ask(context, step, spec)
            meaning = recorded.verdict.meaning
            if meaning is Meaning.PROCEED:
                self._failures = 0
                return recorded
            if meaning is Meaning.REDIRECT:
                spec, redirects = self._redirected(spec, recorded.exchange, redirects), redirects + 1
                continue
            if meaning is Meaning.SESSION_EXPIRED and logins < LOGINS_PER_REQUEST:
                self.parts.client.expire(self.account)
                logins += 1
                continue
            attempt += 1
            self._heed(recorded.verdict, attempt, recorded.exchange)

    def _ask(self, context: Context, step: Step, spec: RequestSpec) -> Recorded:
        """One attempt, in turn, logged in if need be."""
        self._login(context, spec)
        self.parts.pacer.turn(self._credential(spec), self.parts.clock, self.parts.stop)
        if self.parts.stop.is_set():
            raise Stopped
        event = self.parts.client.send(self.account, spec)
        if self.parts.stop.is_set() and event.failure is not None:
            raise Stopped
        recorded = self.parts.journal.record(context, step, event, spec)
        self.parts.pacer.note(self._credential(spec), recorded.verdict.budget)
        self.round.exchanges += 1
        self.round.last_at = recorded.exchange.captured_at
        self.round.total.add(recorded.ingested)
        if recorded.problem is not None:
            self.round.problems.append(recorded.problem)
        self.round.gaps += [found.reason for found in recorded.step.findings if isinstance(found, Shortfall)]
        self.parts.progress(self.account.id, "exchange", self.round)
        return recorded

    def _login(self, context: Context, spec: RequestSpec) -> None:
        login = self.adapter.login()
        if spec.credential is None or login is None or not self.parts.client.needs_login(self.account, login):
            return
        event = self.parts.client.login(self.account, login)
        exchange = self.parts.journal.aside(context, event, login.request)
        verdict = self.adapter.judge(exchange)
        if exchange.ok:
            return
        if verdict.meaning is Meaning.PROCEED:
            verdict = replace(verdict, meaning=Meaning.ACCESS_LOST)
        self._heed(verdict, self.parts.attempts, exchange)

    def _redirected(self, spec: RequestSpec, exchange: Exchange, redirects: int) -> RequestSpec:
        target = self.parts.client.redirect(spec, exchange) if redirects < REDIRECTS else None
        if target is None:
            raise ShapeChanged(
                f"{self.account.id}: {spec.url} leads nowhere: it redirects in a way that can't be followed."
            )
        return target

    def _heed(self, verdict: Verdict, attempt: int, exchange: Exchange) -> None:
        """Wait and return to try again, or end the task or the round with the right kind of trouble."""
        now = self.parts.clock.now()
        why = ledger.WHY_NO_ANSWER.get(exchange.failure or "") or ledger.WHY.get(verdict.meaning, verdict.detail)
        detail = f"{self.account.id}: {why}" + (f" ({verdict.detail})" if verdict.detail else "") + "."
        if verdict.meaning is Meaning.WAIT:
            self._limited(verdict, detail)
            return
        if verdict.meaning is Meaning.SHAPE_CHANGED:
            raise ShapeChanged(detail)
        if verdict.meaning is not Meaning.RETRY:
            raise AccessLost(detail, advice=_ADVICE.get(verdict.meaning))
        delay = next_attempt(attempt, verdict, self._random, now) if attempt < self.parts.attempts else None
        if delay is not None:
            self._pause(delay)
            return
        self._failures += 1
        if exchange.failure is not None or self._failures >= FAILURES_IN_A_ROW:
            raise PlatformTrouble(detail, advice="It is tried again at the next round; nothing to do unless it lasts.")
        raise ShapeChanged(detail, advice="It is tried again at the next round.")

    def _limited(self, verdict: Verdict, detail: str) -> None:
        """A limit lasts: it is kept in the store, so that the next process asks nothing before it is over."""
        now = self.parts.clock.now()
        until = verdict.until or now + timedelta(minutes=5)
        with self.parts.store.begin() as conn:
            limits.announce(conn, self.account.id, until, detail)
        if not self.wait:
            raise RateLimited(detail, until=until, advice="The next round goes on after that; or use --wait.")
        self._pause_until(until)

    def _heed_announced_limit(self) -> None:
        with self.parts.store.read() as conn:
            announced = limits.until(conn, self.account.id, self.parts.clock.now())
        if announced is None:
            return
        until, reason = announced
        if not self.wait:
            raise RateLimited(reason, until=until, advice="The next round goes on after that; or use --wait.")
        self._pause_until(until)

    def _pause_until(self, moment: datetime) -> None:
        while (left := (moment - self.parts.clock.now()).total_seconds()) > 0:
            self._pause(left)

    def _pause(self, seconds: float) -> None:
        if seconds > 0:
            self.parts.progress(self.account.id, f"wait {seconds:.0f}", self.round)
            self.parts.clock.wait(seconds, self.parts.stop)
        if self.parts.stop.is_set():
            raise Stopped

    def _credential(self, spec: RequestSpec) -> str:
        return f"{self.account.id}:{spec.credential or 'public'}:{spec.purpose}"

    def _failed(self, rows: list[TaskRow], error: str) -> None:
        now = self.parts.clock.now()
        self.round.problems.append(error)
        with self.parts.store.begin() as conn:
            for row in rows:
                tasks.fail(conn, row.id, error, at=now, due_at=now + self.rhythm.after_failure(row.attempts))

    def _gap(self, trouble: PlatformTrouble) -> None:
        """The streams that this round was to capture are short from where they were complete until now."""
        now = self.parts.clock.now()
        with self.parts.store.read() as conn:
            starts = {
                stream: ledger.coverage_until(coverage.track(conn, self.account.id, stream, None))
                for stream in self._streams()
            }
        beginning = self.round.started_at - timedelta(seconds=1)
        found: list[Finding] = [
            Shortfall(stream, at or beginning, now, trouble.message) for stream, at in starts.items()
        ]
        self._note(found, "round")

    def _note(self, found: Sequence[Finding], task: str) -> None:
        self.parts.journal.note(self.account, found, self.parts.clock.now(), task=task)

    def _threads_all_visited(self) -> None:
        """When no thread is overdue, the comments are complete up to the start of this round."""
        if TaskKind.THREAD not in self.adapter.kinds:
            return
        with self.parts.store.read() as conn:
            overdue = tasks.due(conn, self.account.id, self.round.started_at, kind=str(TaskKind.THREAD), limit=1)
            posts = [
                span
                for span in coverage.track(conn, self.account.id, "posts", None)
                if span.state is CoverageState.COMPLETE
            ]
        if posts and not overdue:
            self._note([Covered("comments", posts[0].from_at, self.round.started_at)], "round")

    def _streams(self) -> tuple[str, ...]:
        return ("posts", "comments") if TaskKind.THREAD in self.adapter.kinds else ("posts",)

    def _reload(self) -> None:
        with self.parts.store.read() as conn:
            self.account = accounts.get(conn, self.account.id)
        self.adapter = adapter_for(self.account)


_WITH_SUBJECT = {TaskKind.THREAD, TaskKind.CONFIRM, TaskKind.HISTORY, TaskKind.MEDIA}
_ADVICE = {
    Meaning.NEEDS_TOKEN: "Set the account's token in config.toml, then run `archiver check`.",
    Meaning.ACCOUNT_GONE: "Look at the account on the platform; if it was closed, set `paused = true` for it.",
}


def _trouble_of(round_: Round) -> ArchiverError | None:
    if round_.trouble is not None:
        return round_.trouble
    return ShapeChanged(round_.problems[-1], advice="") if round_.problems else None


def _shortfall(task: Task, reason: str, now: datetime) -> Shortfall:
    stream = {TaskKind.THREAD: "comments", TaskKind.HISTORY: "edits"}.get(task.kind, "posts")
    if task.kind in {TaskKind.MEDIA, TaskKind.MENTIONS, TaskKind.PROFILE}:
        stream = str(task.kind)
    scope = Key(task.subject) if task.subject and task.kind is TaskKind.THREAD else None
    return Shortfall(stream, task.since or task.started_at - timedelta(seconds=1), now, reason, scope)


def _start_of(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


def _window(since: datetime | None, until: datetime | None) -> str:
    return f"{since.date() if since else ''}..{until.date() if until else ''}"

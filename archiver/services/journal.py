"""The one way from a captured exchange into the archive.

Under one lock: the exchange goes to WARC and is flushed; then the adapter says what it means and what comes
next; that, too, goes to WARC and all of it is synced; then one transaction holds the rows, the cursor and the
pointer. A stop at any instruction leaves either nothing, or WARC records that the next start ingests.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from archiver.domain.account import Account
from archiver.domain.budgets import Priority, charged, day_of
from archiver.domain.delivery import address
from archiver.domain.exchange import Exchange, Purpose, RequestSpec
from archiver.domain.observation import Observation
from archiver.domain.task import Covered, Finding, Meaning, Step, Task, TaskKind, Verdict
from archiver.errors import ShapeChanged
from archiver.platforms.adapter import Adapter
from archiver.services import findings
from archiver.services.contents import content_facts
from archiver.services.ingest import Ingested, ingest
from archiver.services.revalidation import Earlier, earlier, reusable, tag_of
from archiver.store import captures, media, spending, tasks, validators
from archiver.store.captures import ExchangeRow
from archiver.store.engine import Store
from archiver.warc import facts as names
from archiver.warc.event import CaptureEvent
from archiver.warc.fields import uri
from archiver.warc.reader import kept_exchange, live_exchange
from archiver.warc.resources import Resource
from archiver.warc.uncompressed import Watch
from archiver.warc.writer import CaptureRef, Original, SegmentKey, Segments

if TYPE_CHECKING:
    from archiver.store import Connection

log = structlog.get_logger()

T = TypeVar("T")

Facts = dict[str, str | Sequence[str]]
_WHOLE = 200
_NOT_THERE = {400, 401, 403, 404, 410, 451}
"""Answers that say that a file is not to be had here."""
_NOT_YET = CaptureRef("", "", 0, 0, None, None, datetime.fromtimestamp(0, UTC))
"""Stands for the place of a capture while it is being written."""

LATE = timedelta(minutes=1)
"""A delivery that was under way for longer was sent again (platforms try for a day and a half)."""
_SECOND = timedelta(seconds=1)  # platforms say when they sent it in whole seconds

REVISIT_FROM_BYTES = 1024
"""Payloads below this size are written again: a revisit record would not be smaller."""


@dataclass(frozen=True, slots=True)
class Context:
    """Whose exchange it is: the account with its adapter, and the task with its row in the store."""

    account: Account
    adapter: Adapter
    task: Task
    task_ids: tuple[int, ...]
    run: int
    priority: Priority = Priority.NEW
    problems: list[str] = field(default_factory=list)
    """Why answers could not be read. The task's later pages are captured all the same, but nothing is complete."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An exchange that is now in the archive, what it meant, what it brought and what comes next."""

    exchange: Exchange
    verdict: Verdict
    step: Step
    ingested: Ingested


@dataclass(slots=True)
class _Reading:
    """What the adapter made of the exchange between its writing and its syncing."""

    exchange: Exchange
    verdict: Verdict
    step: Step
    seen: Sequence[Observation] = ()
    reusable: bool = False
    cost: int | None = None


class Journal:
    """Records exchanges and task outcomes; the only writer of WARC files and of captured rows."""

    def __init__(self, store: Store, segments: Segments) -> None:
        self._store = store
        self._segments = segments
        self._lock = threading.RLock()
        self._owed: Callable[[Connection], Any] | None = None
        with store.read() as conn:
            self._sequence = captures.last_sequence(conn)

    def record(
        self, context: Context, step: Step, event: CaptureEvent, spec: RequestSpec, before: Earlier | None = None
    ) -> Recorded:
        """Write one exchange, its meaning and its rows. ``step`` is the step whose request was sent.

        ``before`` is the answer that the request asked about, where it asked whether anything has changed since.
        """
        holds = before if before is not None and before.holds(event) else None
        contents = content_facts(event)
        with self._lock, _closing(event):
            self._settle()
            self._sequence += 1
            reading: list[_Reading] = []

            def describe() -> Facts:
                facts = _facts(context, step, spec, self._sequence) | contents
                exchange = live_exchange(event, _NOT_YET, facts, holds=holds.open if holds else None)
                reading.append(_interpret(context, step, exchange, spec))
                reading[0].cost = cost_of(context.adapter, spec.cost if event.request else 0, exchange)
                return facts | _outcome(reading[0]) | _price(context, reading[0].cost)

            ref = self._segments.append(
                SegmentKey(context.account.id, str(spec.purpose)),
                event,
                describe,
                original=holds.original if holds else self._original(context, event, spec),
            )
            read = reading[0]
            read.exchange = replace(read.exchange, id=ref.record_id)
            ingested = self._enter(lambda conn: self._rows(conn, context, read, ref))
            return Recorded(read.exchange, read.verdict, read.step, ingested)

    def catch_up(self) -> None:
        """Enter what the store still lacks of what was written, if there is anything."""
        with self._lock:
            self._settle()

    def aside(self, context: Context, event: CaptureEvent, spec: RequestSpec) -> Exchange:
        """Write an exchange that serves the task without being of it: a login, a redirect."""
        with self._lock, _closing(event):
            self._settle()
            self._sequence += 1
            facts = _facts(context, Step(), spec, self._sequence) | {names.ASIDE: "yes"}
            ref = self._segments.append(SegmentKey(context.account.id, str(spec.purpose)), event, lambda: facts)
            exchange = live_exchange(event, ref, facts)
            self._enter(lambda conn: captures.add(conn, row_of(exchange, ref, context.run)))
            return exchange

    def note(self, account: Account, found: Sequence[Finding], at: datetime, *, task: str) -> None:
        """Write findings that come from no exchange: a gap for a limit, a lost token, a stream that is not offered."""
        if not found:
            return
        with self._lock:
            self._settle()
            self._sequence += 1
            number = self._sequence
            facts = {
                names.ACCOUNT: account.id,
                names.SEQUENCE: str(self._sequence),
                names.TASK: task,
                names.FINDING: [json.dumps(findings.to_json(one), sort_keys=True) for one in found],
            }
            self._segments.note(SegmentKey(account.id, "api"), f"urn:archiver:task:{account.id}:{task}", facts, at)
            self._enter(lambda conn: _note_rows(conn, number, account, found, at))

    def remark(
        self,
        account: Account,
        record_id: str,
        facts: Facts,
        at: datetime,
        *,
        rows: Callable[[Connection, str, int], T],
        unless: Callable[[Connection], bool],
    ) -> T | None:
        """Write a note about a record that is in the archive already, and the rows that follow from it.

        ``rows`` gets the note's id and its sequence number. Nothing is written, and None is the answer, where
        ``unless`` says that the store has those rows.
        """
        with self._lock:
            self._settle()
            with self._store.read() as conn:
                if unless(conn):
                    return None
            self._sequence += 1
            number = self._sequence
            stated = facts | {names.ACCOUNT: account.id, names.SEQUENCE: str(number)}
            key, target = SegmentKey(account.id, "api"), f"urn:uuid:{record_id}"
            ref = self._segments.note(key, target, stated, at, refers_to=record_id)
            return self._enter(lambda conn: rows(conn, ref.record_id, number))

    def keep(
        self,
        account: Account,
        klass: str,
        resource: Resource,
        facts: Facts,
        *,
        rows: Callable[[Connection, Exchange, CaptureRef], None],
        watch: Watch | None = None,
    ) -> Exchange:
        """Write a file that somebody handed in, whole, and the rows of it. What ``watch`` raises leaves nothing."""
        with self._lock:
            self._settle()
            number = self._sequence + 1
            stated = facts | {names.ACCOUNT: account.id, names.SEQUENCE: str(number)}
            ref = self._segments.keep(SegmentKey(account.id, klass), resource, stated, watch=watch)
            self._sequence = number
            exchange = kept_exchange(resource, ref, stated)
            self._enter(lambda conn: rows(conn, exchange, ref))
            return exchange

    def _enter(self, rows: Callable[[Connection], T]) -> T:
        """One transaction for what was just written to WARC; until it succeeds nothing else is written."""
        self._owed = rows
        with self._store.begin() as conn:
            entered = rows(conn)
        self._owed = None
        return entered

    def _settle(self) -> None:
        """Enter what a full disk kept out of the store after it was in the WARC, before anything comes after it."""
        if self._owed is not None:
            self._enter(self._owed)

    @staticmethod
    def _history_moved(conn: Connection, context: Context, ingested: Ingested, subject: str) -> bool:
        """An edited record shows that it was at each sighting; its history is asked for when something is new in it."""
        return subject in ingested.changed or not tasks.exists(conn, context.account.id, TaskKind.HISTORY, subject)

    def earlier(self, account: Account, spec: RequestSpec) -> Earlier | None:
        """The answer of which it can be asked whether it still holds."""
        return earlier(self._store, self._segments.folder, account, spec)

    def _original(self, context: Context, event: CaptureEvent, spec: RequestSpec) -> Original | None:
        """An earlier response of this account with the same payload, so that this one can be a revisit (R32, R64).

        An answer that may stand for later ones repeats none of another address: they refer to its own.
        """
        large = event.response is not None and event.response.size >= REVISIT_FROM_BYTES
        if not large or event.payload_sha256 is None or event.truncated:
            return None
        with self._store.read() as conn:
            found = captures.original_of(conn, context.account.id, f"sha256:{event.payload_sha256}")
        if found is None or (reusable(spec) and found[0] != uri(event.url)):
            return None
        return Original(*found)

    def _rows(self, conn: Connection, context: Context, reading: _Reading, ref: CaptureRef) -> Ingested:
        """The transaction of one exchange."""
        exchange, step = reading.exchange, reading.step
        captures.add(conn, row_of(exchange, ref, context.run, reading.cost))
        if reading.cost is not None:
            spending.release(conn, context.account.id)
            charge(conn, context.adapter, exchange, context.priority, reading.cost)
        if reading.reusable:
            validators.note(conn, exchange, captures.number_of(conn, exchange.id), tag_of(context.adapter, exchange))
        later = reading.verdict.meaning is Meaning.WAIT
        ingested = entered(conn, context.account, exchange, ref, reading.seen, later=later)
        findings.apply(conn, context.account, step.findings, exchange.captured_at, task_started=context.task.started_at)
        for follow_up in (*step.follow_ups, *ingested.follow_ups):
            if follow_up.kind is TaskKind.HISTORY and not self._history_moved(
                conn, context, ingested, follow_up.subject
            ):
                continue
            due_at = follow_up.due_at or exchange.captured_at
            tasks.ensure(conn, context.account.id, str(follow_up.kind), follow_up.subject, due_at=due_at)
        if reading.verdict.meaning is Meaning.PROCEED and not context.problems:
            for task_id in context.task_ids:
                tasks.save_cursor(conn, task_id, step.cursor)
        for thread in ingested.active_threads:
            tasks.stir(conn, context.account.id, thread, exchange.captured_at)
        return ingested


def _note_rows(conn: Connection, sequence: int, account: Account, found: Sequence[Finding], at: datetime) -> None:
    captures.set_sequence(conn, sequence)
    findings.apply(conn, account, found, at)


@contextmanager
def _closing(event: CaptureEvent) -> Iterator[None]:
    """Give the spool file of a large answer back once it is in the WARC."""
    try:
        yield
    finally:
        if event.response is not None:
            event.response.close()


def rows_of(
    conn: Connection, account: Account, adapter: Adapter, exchange: Exchange, ref: CaptureRef, verdict: Verdict
) -> Ingested:
    """Read an exchange and write what it shows: what recovery and rebuild call."""
    readable = verdict.meaning is Meaning.PROCEED and not exchange.redirects
    seen = read_by(adapter, exchange)[0] if readable else ()
    return entered(conn, account, exchange, ref, seen, later=verdict.meaning is Meaning.WAIT)


def entered(
    conn: Connection, account: Account, exchange: Exchange, ref: CaptureRef, seen: Sequence[Observation], *,
    later: bool = False,
) -> Ingested:  # fmt: skip
    """Write what an exchange showed. ``later``: only for now there is no answer, so a refused file can still be had."""
    if exchange.purpose is not Purpose.MEDIA or exchange.redirects:
        return ingest(conn, account, exchange, seen, spoken_at=_spoken_at(exchange)) if seen else Ingested()
    answered = exchange.status is not None and 200 <= exchange.status < 300
    if answered and exchange.content is not None and exchange.subject:
        media.link(conn, exchange.subject, exchange.content, file=ref.file, offset=ref.offset,
                   exchange=exchange.id, truncated=exchange.truncated)  # fmt: skip
    elif exchange.status in _NOT_THERE and exchange.subject and not later:
        media.failed(conn, account.id, exchange.subject, f"the server answered {exchange.status}")
    return Ingested()


def _spoken_at(exchange: Exchange) -> datetime | None:
    """Until when a delivery was true: it is read later than it came, and it may have come late. None for all else."""
    if exchange.stream != TaskKind.PUSH:
        return None
    sent_at = address(exchange.request_body or b"").sent_at.get(exchange.subject or "")
    late = sent_at is not None and exchange.captured_at - sent_at > LATE
    return sent_at + _SECOND if sent_at is not None and late else exchange.captured_at


def read_by(adapter: Adapter, exchange: Exchange) -> tuple[list[Observation], str | None]:
    """What an exchange shows; a reader that fails costs no record, since the exchange is in the WARC."""
    if exchange.purpose is Purpose.MEDIA:
        return [], None
    try:
        return list(adapter.read(exchange)), None
    except ShapeChanged as error:
        return [], error.message
    except Exception as error:
        log.exception("reader failed", url=exchange.url, exchange=exchange.id)
        return [], _fault("reader", exchange, error)


def _interpret(context: Context, step: Step, exchange: Exchange, spec: RequestSpec) -> _Reading:
    """The meaning of an exchange and the next step, without anything written."""
    if spec.follow and exchange.redirects:
        return _Reading(exchange, Verdict(Meaning.REDIRECT), step)
    verdict = context.adapter.judge(exchange)
    if verdict.meaning is not Meaning.PROCEED:
        return _Reading(exchange, verdict, step)
    lasting = reusable(spec) and exchange.status == _WHOLE and exchange.ok
    seen, problem = read_by(context.adapter, exchange)
    if problem is not None:
        context.problems.append(problem)
    try:
        following = context.adapter.proceed(context.task, step, exchange)
    except ShapeChanged as error:
        return _Reading(exchange, Verdict(Meaning.SHAPE_CHANGED, error.message), Step(), seen, lasting)
    except Exception as error:
        log.exception("adapter failed", url=exchange.url, task=str(context.task.kind))
        fault = Verdict(Meaning.SHAPE_CHANGED, _fault("adapter", exchange, error))
        return _Reading(exchange, fault, Step(), seen, lasting)
    if context.problems:
        shown = tuple(one for one in following.findings if not isinstance(one, Covered))
        following = replace(following, findings=shown)
    return _Reading(exchange, verdict, following, seen, lasting)


def _fault(part: str, exchange: Exchange, error: Exception) -> str:
    name = type(error).__name__
    return f"A fault in the archiver's {part} at {exchange.url}: {name}. The answer is kept; report it."


def _facts(context: Context, step: Step, spec: RequestSpec, sequence: int) -> Facts:
    facts: dict[str, str | Sequence[str]] = {
        names.SEQUENCE: str(sequence),
        names.ACCOUNT: context.account.id,
        names.TASK: str(context.task.kind),
        names.RUN: str(context.run),
        names.STREAM: spec.stream,
        names.PAGE: str(spec.page),
        names.PURPOSE: str(spec.purpose),
    }
    if context.task.subject is not None:
        facts[names.SUBJECT] = context.task.subject
    if spec.note:
        facts[names.NOTE] = spec.note
    if step.cursor is not None:
        facts[names.CURSOR_IN] = json.dumps(step.cursor, sort_keys=True)
    return facts


def _outcome(reading: _Reading) -> Facts:
    facts: dict[str, str | Sequence[str]] = {names.MEANING: str(reading.verdict.meaning)}
    if reading.reusable:
        facts[names.REUSABLE] = "yes"
    if reading.step.cursor is not None:
        facts[names.CURSOR_OUT] = json.dumps(reading.step.cursor, sort_keys=True)
    if reading.step.findings:
        facts[names.FINDING] = [json.dumps(findings.to_json(one), sort_keys=True) for one in reading.step.findings]
    return facts


def _price(context: Context, cost: int | None) -> Facts:
    return {names.COST: str(cost), names.SPENT_ON: str(context.priority)} if cost else {}


def cost_of(adapter: Adapter, most: int, exchange: Exchange) -> int | None:
    """What a call is taken to have cost; None where nobody counts."""
    return charged(adapter.tariff, most, exchange) if adapter.tariff is not None else None


def charge(conn: Connection, adapter: Adapter, exchange: Exchange, priority: Priority, cost: int) -> None:
    """Enter what a call has cost on its day."""
    if cost and adapter.tariff is not None:
        spending.charge(conn, exchange.account, day_of(adapter.tariff, exchange.captured_at), priority, cost)


def row_of(exchange: Exchange, ref: CaptureRef, run: int | None, cost: int | None = None) -> ExchangeRow:
    """The store's entry of an exchange that lies at ``ref``."""
    return ExchangeRow(
        exchange=exchange, file=ref.file, offset=ref.offset, length=ref.length,
        payload_digest=ref.payload_digest, block_digest=ref.block_digest, run=run, cost=cost,
    )  # fmt: skip

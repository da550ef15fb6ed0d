"""Reading WARC files back into the store: after a crash what the store does not know yet, at a rebuild everything.

Both go through the code that live capture goes through: the same exchanges in the same order give the same rows (R4).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.domain.account import Account
from archiver.domain.task import TaskKind
from archiver.platforms.adapter import Adapter
from archiver.platforms.registry import adapter_for
from archiver.services import findings
from archiver.services.journal import rows_of
from archiver.store import accounts, captures, tasks
from archiver.store.captures import ExchangeRow
from archiver.store.engine import Store
from archiver.warc import facts as names
from archiver.warc.reader import StoredEvent, events, exchange_of, segment_files
from archiver.warc.writer import CaptureRef, Segments

if TYPE_CHECKING:
    from archiver.store import Connection


Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Replayed:
    """What a replay did; ``torn`` are the files whose end was set aside, ``unread`` the events without an account."""

    exchanges: int = 0
    notes: int = 0
    torn: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an event lies, small enough to sort all of an archive's by sequence."""

    sequence: int
    file: str
    offset: int


def recover(store: Store, segments: Segments, folder: Path) -> Replayed:
    """At start: set a torn last member aside, and enter whole events that the store does not know."""
    result = Replayed()
    recovered = segments.recover()
    result.torn = [one.file for one in recovered if one.set_aside is not None]
    with store.read() as conn:
        after = captures.last_sequence(conn)
    fresh = [one for one in _places(folder, (one.file for one in recovered)) if one.sequence > after]
    _replay(store, folder, sorted(fresh, key=lambda one: one.sequence), result, live=True)
    return result


def replay_all(store: Store, folder: Path, *, progress: Progress) -> Replayed:
    """Everything in the folder, in the order in which it was captured, into an empty store."""
    result = Replayed()
    places = sorted(_places(folder, segment_files(folder)), key=lambda one: one.sequence)
    _replay(store, folder, places, result, live=False, progress=progress)
    return result


def _places(folder: Path, files: Iterable[str]) -> Iterator[_Place]:
    for file in files:
        for event in events(folder, file, heads_only=True):
            sequence = event.facts.get(names.SEQUENCE)
            if sequence:
                yield _Place(int(sequence[0]), file, event.offset)


def _replay(
    store: Store,
    folder: Path,
    places: list[_Place],
    result: Replayed,
    *,
    live: bool,
    progress: Progress = lambda _done, _of: None,
) -> None:
    known: dict[str, tuple[Account, Adapter]] = {}
    for done, place in enumerate(places, start=1):
        event = next(events(folder, place.file, start=place.offset))
        account_id = _fact(event, names.ACCOUNT)
        with store.begin() as conn:
            if account_id not in known and not _load(conn, account_id, known):
                result.unread.append(f"{place.file} at {place.offset}: no account {account_id!r} in the configuration")
                continue
            if event.is_note:
                _note(conn, known[account_id][0], event)
                captures.set_sequence(conn, place.sequence)
                result.notes += 1
            else:
                _exchange(conn, folder, event, known[account_id], live=live)
                result.exchanges += 1
            if _fact(event, names.TASK) == TaskKind.PROFILE:
                _load(conn, account_id, known)
        progress(done, len(places))


def _load(conn: Connection, account_id: str, known: dict[str, tuple[Account, Adapter]]) -> bool:
    account = accounts.find(conn, account_id)
    if account is not None:
        known[account_id] = (account, adapter_for(account))
    return account is not None


def _note(conn: Connection, account: Account, event: StoredEvent) -> None:
    found = [findings.from_json(json.loads(one)) for one in event.facts.get(names.FINDING, [])]
    findings.apply(conn, account, found, event.captured_at)


def _exchange(
    conn: Connection, folder: Path, event: StoredEvent, whose: tuple[Account, Adapter], *, live: bool
) -> None:
    account, adapter = whose
    exchange = exchange_of(folder, event)
    ref: CaptureRef = event.ref
    run = int(_fact(event, names.RUN) or 0)
    captures.add(
        conn,
        ExchangeRow(
            exchange=exchange, file=ref.file, offset=ref.offset, length=ref.length,
            payload_digest=ref.payload_digest, block_digest=ref.block_digest, run=run or None,
        ),
    )  # fmt: skip
    if names.ASIDE in event.facts:
        return
    ingested, _ = rows_of(conn, account, adapter, exchange, ref, adapter.judge(exchange))
    found = [findings.from_json(json.loads(one)) for one in event.facts.get(names.FINDING, [])]
    findings.apply(conn, account, found, exchange.captured_at)
    if live:
        for follow_up in ingested.follow_ups:
            tasks.ensure(conn, account.id, str(follow_up.kind), follow_up.subject, due_at=exchange.captured_at)


def _fact(event: StoredEvent, name: str) -> str:
    values = event.facts.get(name)
    return values[0] if values else ""

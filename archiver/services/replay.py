"""Reading WARC files back into the store: after a crash what the store does not know yet, at a rebuild everything.

Both go through the code that live capture goes through: the same exchanges in the same order give the same rows (R4).
"""

from __future__ import annotations

import heapq
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.domain.account import Account
from archiver.domain.budgets import Priority
from archiver.domain.exchange import Exchange
from archiver.domain.task import Cursor, Finding, TaskKind
from archiver.errors import ArchiverError, EvidenceDamaged
from archiver.platforms.adapter import Adapter
from archiver.platforms.registry import adapter_for
from archiver.services import findings
from archiver.services.adoption import enter
from archiver.services.imports.replaying import Imports
from archiver.services.journal import charge, cost_of, row_of, rows_of
from archiver.services.revalidation import tag_of
from archiver.store import accounts, captures, spending, tasks, validators
from archiver.store.engine import Store
from archiver.warc import facts as names
from archiver.warc.members import Damage
from archiver.warc.names import OPEN, is_pushed, relative, segments
from archiver.warc.pushed import Delivery, delivery_at, refers_to
from archiver.warc.reader import StoredEvent, events, exchange_of
from archiver.warc.writer import Segments

if TYPE_CHECKING:
    from archiver.store import Connection

Progress = Callable[[int, int], None]

TOGETHER = 100
"""So many events of a rebuild share a transaction."""


@dataclass(slots=True)
class Replayed:
    """What a replay did; ``torn`` are the files whose end was set aside, ``unread`` what could not be read and why."""

    exchanges: int = 0
    notes: int = 0
    torn: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def recover(store: Store, warc: Segments) -> Replayed:
    """At start: set a torn last member aside, and enter whole events that the store does not know.

    One event at most was under way when the process ended, since all go through one lock; but a store may also be
    older than its WARC files, restored from a backup.
    """
    with store.read() as conn:
        last = captures.last_sequence(conn)
        sealed = captures.sealed(conn)
    recovered = warc.recover(lambda _event: {names.SEQUENCE: str(last + 1)})
    replay = _Replay(store, warc.folder, live=True)
    replay.result.torn = [one.file for one in recovered if one.set_aside is not None]
    unfinished = [
        path for path in _in_sequence(warc.folder) if path.name.endswith(OPEN) or relative(path) not in sealed
    ]
    with store.read() as conn:
        ends = {relative(path): captures.end_of(conn, relative(path)) for path in unfinished}
    replay.run(event for event in _in_order(unfinished, replay.damaged, ends) if _sequence(event) > last)
    with store.begin() as conn:
        spending.settle_left(conn)
    return replay.result


def replay_all(store: Store, folder: Path, *, progress: Progress) -> Replayed:
    """Everything in the folder, in the order in which it was captured, into an empty store. Progress is in bytes."""
    replay = _Replay(store, folder, live=False)
    paths = _in_sequence(folder)
    replay.run(_counted(_in_order(paths, replay.damaged, {}), sum(path.stat().st_size for path in paths), progress))
    return replay.result


def _in_sequence(folder: Path) -> list[Path]:
    """The files whose events have a sequence number. Deliveries get theirs by the notes of their adoption."""
    return [path for path in segments(folder) if not is_pushed(path)]


def _in_order(
    paths: Iterable[Path], on_damage: Callable[[Path, Damage], None], starts: dict[str, int]
) -> Iterator[StoredEvent]:
    """The events of all files by sequence. Within the files of one folder they are in order, so merging is enough."""
    folders: dict[Path, list[Path]] = defaultdict(list)
    for path in paths:
        folders[path.parent].append(path)

    def of_one(files: list[Path]) -> Iterator[StoredEvent]:
        for path in files:
            yield from events(path, start=starts.get(relative(path), 0), on_damage=on_damage)

    return heapq.merge(*(of_one(files) for files in folders.values()), key=_sequence)


def _counted(source: Iterator[StoredEvent], total: int, progress: Progress) -> Iterator[StoredEvent]:
    done = 0
    for event in source:
        done += event.end - event.offset
        progress(done, total)
        yield event


class _Replay:
    """Events on their way into a store, with the accounts as they were known at each."""

    def __init__(self, store: Store, folder: Path, *, live: bool) -> None:
        self.store = store
        self.folder = folder
        self.live = live
        self.result = Replayed()
        self.known: dict[str, tuple[Account, Adapter]] = {}
        self.imports = Imports(folder, live=live)

    def damaged(self, path: Path, damage: Damage) -> None:
        """Take note of what can't be read."""
        self.result.unread.append(f"{relative(path)} at byte {damage.offset}: {damage.problem}")

    def run(self, source: Iterator[StoredEvent]) -> None:
        """Enter all events."""
        with self.imports:
            while some := list(islice(source, 1 if self.live else TOGETHER)):
                with self.store.begin() as conn:
                    for event in some:
                        self._enter(conn, event)

    def _enter(self, conn: Connection, event: StoredEvent) -> None:
        account_id = _fact(event, names.ACCOUNT)
        if account_id not in self.known and not self._load(conn, account_id):
            self.result.unread.append(f"{event.file} at byte {event.offset}: no account {account_id!r} is configured")
            return
        account, adapter = self.known[account_id]
        if self.imports.is_of_one(event):
            self._import(conn, event, account)
        elif names.DELIVERY_FILE in event.facts:
            self._delivery(conn, event, account, adapter)
        elif event.is_note:
            findings.apply(conn, account, _found(event), event.captured_at)
            captures.set_sequence(conn, _sequence(event))
            self.result.notes += 1
        else:
            self._exchange(conn, event, account, adapter)
            self.result.exchanges += 1
        if _fact(event, names.TASK) == TaskKind.PROFILE:
            self._load(conn, account_id)

    def _delivery(self, conn: Connection, event: StoredEvent, account: Account, adapter: Adapter) -> None:
        """What a note says was read for an account, out of the file of pushed events that it names."""
        note, file = event.main, _fact(event, names.DELIVERY_FILE)
        try:
            found = delivery_at(self.folder, file, int(_fact(event, names.DELIVERY_OFFSET) or 0), refers_to(note))
        except EvidenceDamaged as error:
            self.result.unread.append(f"{event.file} at byte {event.offset}: {error.message}")
            captures.set_sequence(conn, _sequence(event))
            return
        subject = _fact(event, names.SUBJECT) or None
        exchange = found.exchange(note.record_id, _sequence(event), account.id, subject)
        enter(conn, account, adapter, exchange, found.ref(note.record_id), place=self._place(conn, account, found))
        self.result.exchanges += 1

    def _import(self, conn: Connection, event: StoredEvent, account: Account) -> None:
        """A step of an import, out of the download that lies in the WARC files."""
        try:
            self.imports.enter(conn, event, account)
        except ArchiverError as error:
            self.result.unread.append(f"{event.file} at byte {event.offset}: {error.message}")
            captures.set_sequence(conn, _sequence(event))
            return
        if event.is_note and names.IMPORT_SPAN not in event.facts:
            self.result.notes += 1
        else:
            self.result.exchanges += 1

    def _place(self, conn: Connection, account: Account, found: Delivery) -> Cursor | None:
        """Up to where the account's deliveries were read, this one included; None at a rebuild, which plans nothing."""
        if not self.live:
            return None
        row = tasks.get(conn, account.id, TaskKind.PUSH)
        known: Cursor = dict(row.cursor or {}) if row is not None else {}
        return known | {found.file.partition("/")[0]: [found.file, found.end]}

    def _load(self, conn: Connection, account_id: str) -> bool:
        account = accounts.find(conn, account_id)
        if account is not None:
            self.known[account_id] = (account, adapter_for(account))
        return account is not None

    def _exchange(self, conn: Connection, event: StoredEvent, account: Account, adapter: Adapter) -> None:
        exchange, ref = exchange_of(event), event.ref
        aside = names.ASIDE in event.facts
        cost = None if aside else _cost(event, adapter, exchange)
        captures.add(conn, row_of(exchange, ref, int(_fact(event, names.RUN) or 0) or None, cost))
        if cost:
            charge(conn, adapter, exchange, Priority(_fact(event, names.SPENT_ON) or Priority.NEW), cost)
        if aside:
            return
        if names.REUSABLE in event.facts:
            validators.note(conn, exchange, captures.number_of(conn, exchange.id), tag_of(adapter, exchange))
        ingested = rows_of(conn, account, adapter, exchange, ref, adapter.judge(exchange))
        findings.apply(conn, account, _found(event), exchange.captured_at)
        for follow_up in ingested.follow_ups if self.live else ():
            tasks.ensure(
                conn, account.id, follow_up.kind, follow_up.subject, due_at=follow_up.due_at or exchange.captured_at
            )


def _cost(event: StoredEvent, adapter: Adapter, exchange: Exchange) -> int | None:
    """What a call was taken to have cost then, whatever it would cost today; None where nobody counts."""
    if adapter.tariff is None:
        return None
    if names.RECOVERED in event.facts:  # the process ended before that was said
        return cost_of(adapter, 0, exchange)
    return int(_fact(event, names.COST) or 0)


def _found(event: StoredEvent) -> list[Finding]:
    return [findings.from_json(json.loads(one)) for one in event.facts.get(names.FINDING, [])]


def _sequence(event: StoredEvent) -> int:
    return int(_fact(event, names.SEQUENCE) or 0)


def _fact(event: StoredEvent, name: str) -> str:
    values = event.facts.get(name)
    return values[0] if values else ""

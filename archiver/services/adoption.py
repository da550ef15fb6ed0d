"""Deliveries on their way from the files of pushed events into the archive's order and rows.

The receiver only writes down what came. Here it is read for each account that it names: a note in the account's own
WARC file gives it its sequence number, one transaction its rows, and tasks that are due now fetch what it names. Each
delivery is read once for an account, however often the platform sent it and however often this is done.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from archiver.domain.account import Account
from archiver.domain.delivery import SUBSCRIBED, Address, address
from archiver.domain.exchange import Exchange
from archiver.domain.task import Cursor, FollowUp, TaskKind
from archiver.errors import ShapeChanged
from archiver.platforms.adapter import Adapter
from archiver.platforms.registry import adapter_for
from archiver.services.ingest import Ingested
from archiver.services.journal import Journal, entered, read_by, row_of
from archiver.services.register import refusals
from archiver.store import accounts, captures, tasks
from archiver.store.engine import Store
from archiver.warc import facts as names
from archiver.warc.members import Damage
from archiver.warc.names import PUSHED, SEVERAL, pushed_key, relative, serial_of
from archiver.warc.pushed import STREAM, Delivery, committed, deliveries
from archiver.warc.writer import CaptureRef, SegmentKey

if TYPE_CHECKING:
    from archiver.store import Connection

log = structlog.get_logger()

_THREADS = "threads"
_SAVE_EVERY = 500
"""So many deliveries that concern nobody here are passed over before the place is kept."""
_SIGNS = "app_secret"
"""The secret by which an account has an application of its own, that signs what is said about it."""

Signs = Callable[[str, bytes], bool]
"""Whether a secret that an account (its id) has now signed a delivery (its request as it came)."""


def nobody_signs(_account: str, _request: bytes) -> bool:
    """Where no secrets are at hand, what the receiver found out counts alone."""
    return False


@dataclass(slots=True)
class Adopted:
    """What deliveries brought an account: how many there were, and what was in them."""

    account: str
    deliveries: int = 0
    total: Ingested = field(default_factory=Ingested)


class Adopter:
    """Reads new deliveries of the WARC folder for some accounts. The one of a process may be used by one thread."""

    def __init__(
        self, store: Store, journal: Journal, folder: Path, stop: threading.Event | None = None,
        signs: Signs = nobody_signs,
    ) -> None:  # fmt: skip
        self._signs = signs
        self._store = store
        self._journal = journal
        self._folder = folder
        self._stop = stop or threading.Event()
        self._strangers: set[str] = set()
        self._doubted: set[str] = set()

    def adopt(self, account_ids: Iterable[str], now: datetime) -> list[Adopted]:
        """All that came since the last time, for each account; those for which something came.

        An account whose profile was not read yet has no platform id; its deliveries wait until it has. Those of one
        that was closed stay where they are.
        """
        if not any(self._folder.glob(f"*/{PUSHED}")):
            return []
        with self._store.read() as conn:
            found = [account for one in account_ids if (account := accounts.find(conn, one)) is not None]
        self._tell_strangers(found)
        refused = refusals(self._store, [account.id for account in found])
        open_ones = [account for account in found if account.id not in refused]
        adopted = [self._of(account, found, now) for account in open_ones if account.native_id is not None]
        return [one for one in adopted if one.deliveries]

    def _of(self, account: Account, others: Sequence[Account], now: datetime) -> Adopted:
        """What came for one account, from where it was read up to the last time."""
        adopted = Adopted(account.id)
        with self._store.read() as conn:
            row = tasks.get(conn, account.id, TaskKind.PUSH)
        place: Cursor = dict(row.cursor or {}) if row is not None else {}
        for passed, delivery in enumerate(self._all_new(account, place), start=1):
            if self._stop.is_set():
                return adopted
            place[delivery.file.partition("/")[0]] = [delivery.file, delivery.end]
            if self._concerns(account, others, address(_body(delivery))) and self._is_believed(account, delivery):
                self._adopt(account, delivery, dict(place), now, adopted)
            elif passed % _SAVE_EVERY == 0:
                self._remember(account, place)
        if place != (row.cursor if row is not None else {}):
            self._remember(account, place)
        return adopted

    def _adopt(self, account: Account, delivery: Delivery, place: Cursor, now: datetime, adopted: Adopted) -> None:
        """One delivery, unless the same bytes were read before."""
        adapter, request = adapter_for(account), delivery.request
        digest = request.value("WARC-Payload-Digest") or ""
        facts = {
            names.TASK: str(TaskKind.PUSH), names.STREAM: STREAM, names.SUBJECT: account.native_id or "",
            names.DELIVERY_FILE: delivery.file, names.DELIVERY_OFFSET: str(request.offset),
        }  # fmt: skip

        def rows(conn: Connection, note_id: str, sequence: int) -> Ingested:
            exchange = delivery.exchange(note_id, sequence, account.id, account.native_id)
            return enter(conn, account, adapter, exchange, delivery.ref(note_id), place=place)

        brought = self._journal.remark(
            account, request.record_id, {**facts}, now, rows=rows,
            unless=lambda conn: captures.delivered(conn, account.id, digest),
        )  # fmt: skip
        if brought is not None:
            adopted.deliveries += 1
            adopted.total.add(brought)

    def _remember(self, account: Account, place: Cursor) -> None:
        with self._store.begin() as conn:
            tasks.remember(conn, account.id, TaskKind.PUSH, place)

    def _all_new(self, account: Account, place: Cursor) -> Iterator[Delivery]:
        """What may be about the account, in the order in which it came."""
        keys = dict.fromkeys((pushed_key(account.native_id or ""), SEVERAL))
        return heapq.merge(*(self._new(key, dict(place)) for key in keys), key=lambda one: one.event.captured_at)

    def _new(self, key: SegmentKey, place: Cursor) -> Iterator[Delivery]:
        """The deliveries of a key that lie behind the place up to which they were read."""
        file, end = place.get(key.account, ["", 0])
        serial = serial_of(file.rpartition("/")[2])
        if not self._has_news(key, serial, end):
            return
        for path, size in committed(self._folder, key):
            begun = serial_of(path.name)
            start = end if begun == serial else 0
            if begun >= serial and size > start:
                yield from deliveries(path, start=start, end=size, on_damage=_damaged)

    def _has_news(self, key: SegmentKey, serial: int, end: int) -> bool:
        """Whether a file of the key is newer or longer than what was read: a look at names and sizes alone."""
        place = self._folder / key.account / key.klass
        for path in place.iterdir() if place.is_dir() else ():
            begun = serial_of(path.name)
            try:
                if begun > serial or (begun == serial > 0 and path.stat().st_size > end):
                    return True
            except FileNotFoundError:  # sealed in this moment
                return True
        return False

    @staticmethod
    def _concerns(account: Account, others: Sequence[Account], whom: Address) -> bool:
        """Whether a delivery is to be read for an account. One of Threads that names no account is the only one's."""
        if whom.concerns(account.platform, account.native_id):
            return True
        unsaid = whom.platform == _THREADS == account.platform and (whom.guessed or not whom.sent_at)
        return unsaid and [one.id for one in others if one.platform == _THREADS] == [account.id]

    def _is_believed(self, account: Account, delivery: Delivery) -> bool:
        """Whether the application of the account signed it; nobody else's may speak of it, least of all of removals.

        An account without an application of its own believes whoever signed. The receiver knows the accounts of its
        time; one that was configured later may have the same application, so its secret of now is tried, too.
        """
        if account.id in delivery.event.facts.get(names.SIGNED_FOR, ()):
            return True
        if account.platform in SUBSCRIBED:  # another account's subscription may be for the same channel
            return False
        if _SIGNS not in account.secrets:
            return True
        with delivery.request.open_block() as block:
            if self._signs(account.id, block.read()):
                return True
        if account.id not in self._doubted:
            self._doubted.add(account.id)
            log.warning("deliveries that another account's application signed are kept and not read",
                        account=account.id, file=delivery.file)  # fmt: skip
        return False

    def _tell_strangers(self, found: Sequence[Account]) -> None:
        """Deliveries about accounts that nobody configured are kept; that is said once."""
        for name in unclaimed(self._folder, found):
            if name not in self._strangers:
                self._strangers.add(name)
                log.info("deliveries are kept that no account has the id of", platform_id=name)


def unclaimed(folder: Path, found: Iterable[Account]) -> list[str]:
    """The platform ids of whom deliveries below the WARC folder are about, and that none of these accounts has."""
    ours = {pushed_key(one.native_id).account for one in found if one.native_id is not None} | {SEVERAL.account}
    names = {place.parent.name for place in folder.glob(f"*/{PUSHED}")} - ours
    return sorted(name.removeprefix("_") for name in names)


def enter(
    conn: Connection, account: Account, adapter: Adapter, exchange: Exchange, ref: CaptureRef, *, place: Cursor | None
) -> Ingested:
    """The rows of one delivery; with a ``place`` (live capture, recovery) the tasks that it calls for, too."""
    captures.add(conn, row_of(exchange, ref, None))
    seen, problem = read_by(adapter, exchange)
    if problem is not None:
        log.warning("a delivery can't be read; it is kept", account=account.id, exchange=exchange.id, why=problem)
    ingested = entered(conn, account, exchange, ref, seen)
    if place is None:
        return ingested
    tasks.remember(conn, account.id, TaskKind.PUSH, place, at=exchange.captured_at)
    for follow_up in (*_called_for(adapter, exchange), *ingested.follow_ups):
        tasks.ensure(
            conn, account.id, str(follow_up.kind), follow_up.subject, due_at=follow_up.due_at or exchange.captured_at
        )
    for thread in ingested.active_threads:
        tasks.stir(conn, account.id, thread, exchange.captured_at)
    return ingested


def _called_for(adapter: Adapter, exchange: Exchange) -> tuple[FollowUp, ...]:
    try:
        return adapter.pushed(exchange)
    except ShapeChanged:
        return ()
    except Exception:  # a reader that fails costs no record
        log.exception("reader of deliveries failed", exchange=exchange.id)
        return ()


def _body(delivery: Delivery) -> bytes:
    return delivery.exchange("", 0, "", None).request_body or b""


def _damaged(path: Path, damage: Damage) -> None:
    log.warning("a file of deliveries is damaged", file=relative(path), at=damage.offset, why=damage.problem)

"""What people say of single records: official or personal on a mixed account (R48), whether they are records (R2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from archiver.domain.account import Capacity
from archiver.domain.acting import Actor
from archiver.domain.keys import Key
from archiver.domain.marking import CapacityMark, RecordStatus, StatusMark
from archiver.errors import NotFound, UsageError
from archiver.services.retention.eligibility import Terms, assess
from archiver.store import Connection, accounts, items
from archiver.store.decisions import audit, marks, statuses
from archiver.store.decisions.audit import Act
from archiver.store.engine import Store

Kept = Callable[[Connection, Key], str | None]
"""Under which series a record is kept and until when, as a sentence; None where no series is assigned to it."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A post that was marked. ``before`` is what stood until now, ``kept`` what the mark leaves as it is."""

    record: Key
    before: CapacityMark | None
    kept: str | None


def kept_under(terms: Terms, today: date) -> Kept:
    """What the schedules say of a record on that day of the archive's zone."""

    def kept(conn: Connection, record: Key) -> str | None:
        found = next(assess(conn, today, terms, [record]), None)
        if found is None or found.code is None:
            return None
        ends = f"until {found.due}" if found.due else "and no day is known on which that ends"
        return f"It is kept under the series {found.code} {ends}."

    return kept


def mark_capacity(
    store: Store, name: str, capacity: Capacity, *, by: Actor, reason: str | None, at: datetime, confirmed: bool,
    kept: Kept,
) -> Marked:  # fmt: skip
    """Mark a post of a mixed account. It is shown, exported and kept as before: a mark hides and deletes nothing.

    Where a series is assigned to the record nothing is entered before that was ``confirmed``. Raises NotFound, and
    UsageError where the mark makes no sense or a word is missing.
    """
    if not reason:
        raise UsageError(f"Why is {name} {capacity}?", advice="Add --reason.")
    with store.begin() as conn:
        record = _resolve(conn, name)
        key, account = record.key, accounts.get(conn, record.account)
        if account.capacity is not Capacity.MIXED:
            raise UsageError(
                f"{account.id} is {account.capacity}; posts of mixed accounts alone are marked one by one.",
                advice=f"If it is used for both: archiver account change {account.id} --capacity mixed --reason …",
            )
        before = marks.capacity_of(conn, [key]).get(key)
        if before is not None and before.capacity is capacity:
            raise UsageError(f"{key} is marked as {capacity} already, by {before.by.name}.", advice="Nothing is new.")
        series = kept(conn, key)
        if series is not None and not confirmed:
            raise UsageError(
                f"{series} A mark as {capacity} changes nothing of that: whether its time should be another one is "
                "decided by assigning another series.",
                advice="Run it again with --confirm to enter the mark.",
            )
        marks.add(conn, CapacityMark(key, capacity, at, by, reason))
        was = str(before.capacity) if before else None
        audit.add(conn, Act(at, by, "account mark", key, reason, {"capacity": str(capacity), "before": was}))
    return Marked(key, before, series)


def set_status(
    store: Store, names: Sequence[str], status: RecordStatus, *, by: Actor, reason: str | None, at: datetime,
    target: str | None = None,
) -> list[Key]:  # fmt: skip
    """Say what records are; gives their keys. All of them or, where an error is raised, none.

    ``target`` is the key or the address of the record copy, which a copy needs (R2).
    """
    if not reason:
        raise UsageError(f"Why is it {status}?", advice="Add --reason.")
    if (status is RecordStatus.COPY) is not bool(target):
        raise UsageError(
            "A copy, and nothing else, has a record copy that it is a copy of.",
            advice="Name the record copy, by its key or its address, for a copy.",
        )
    with store.begin() as conn:
        keys = list(dict.fromkeys(_resolve(conn, name).key for name in names))
        found = items.resolve(conn, target) if target else None
        if found in keys and target is not None:
            raise UsageError(f"{target} can't be a copy of itself.", advice="Name the other record.")
        before = statuses.status_of(conn, keys)
        for key in keys:
            statuses.add(conn, StatusMark(key, status, at, by, reason, found or target))
            was = str(before[key].status) if key in before else str(RecordStatus.UNDETERMINED)
            details = {"status": str(status), "before": was} | ({"target": found or target} if target else {})
            audit.add(conn, Act(at, by, "record status", key, reason, details))
    return keys


@dataclass(frozen=True, slots=True)
class _Record:
    key: Key
    account: str


def _resolve(conn: Connection, name: str) -> _Record:
    key = items.resolve(conn, name)
    if key is None:
        raise NotFound(f"There is no record {name!r}.", advice="`archiver search` lists the keys.")
    found = items.stored(conn, [key]).get(key)
    if found is None:
        raise NotFound(f"{key} was disposed of.", advice="Nothing is left of which something could be said.")
    return _Record(key, found.account)


def said_of(conn: Connection, record: Key) -> list[dict[str, object]]:
    """All marks of a record as rows, oldest first: what it was said to be, by whom, why."""
    capacities = [(one.at, f"posted as {one.capacity}", one.by, one.reason) for one in marks.history(conn, record)]
    kinds = [
        (one.at, f"{one.status}{f' of {one.target}' if one.target else ''}", one.by, one.reason)
        for one in statuses.history(conn, record)
    ]
    told = sorted(capacities + kinds, key=lambda one: one[0])
    return [{"at": at, "says": says, "by": by.name, "reason": reason} for at, says, by, reason in told]

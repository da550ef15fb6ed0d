"""Which records of a list may go now, and why the others stay: asked when it is proposed, and again as it is destroyed.

Both questions, whether a record is past its time and whether a stop covers it, are put to the store in the
transaction that acts on the answer (records rule R26).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from archiver.domain.disposal import Entry, Kept
from archiver.domain.item import Kind
from archiver.domain.keys import Key
from archiver.domain.retention import Disposition
from archiver.services.retention.eligibility import Eligibility, Terms, assess, eligible
from archiver.store import Connection, tombstones
from archiver.store.decisions import stops

AFTER_TRANSFER = frozenset({Disposition.TRANSFER.value, Disposition.TRANSFER_THEN_DESTROY.value})
"""What goes only after an archive has said that it has it."""

GONE = "the archive does not have it"
BY_APPLICATION = "application"
"""Stands in the place of a schedule for what goes by a one-time approval (records rule R24)."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What of a list may go, and what stays with the reason."""

    going: tuple[Entry, ...]
    kept: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: of these accounts and series; empty is all."""

    accounts: frozenset[str] = frozenset()
    series: frozenset[str] = frozenset()

    def holds(self, one: Eligibility) -> bool:
        """Whether a record is asked for."""
        code = one.code or one.application
        return (not self.accounts or one.account in self.accounts) and (not self.series or code in self.series)


def due_now(conn: Connection, day: date, terms: Terms, wish: Wish) -> Weighed:
    """Everything that is past its time and asked for, with what a stop keeps of it."""
    found = sorted((_entry(one) for one in eligible(conn, day, terms) if wish.holds(one)), key=lambda one: one.record)
    return _without_stopped(conn, found)


def again(conn: Connection, day: date, terms: Terms, listed: Sequence[Entry], *, received: bool) -> Weighed:
    """What of an approved list may still go. ``received``: an archive has said that it has what is to be transferred.

    What has come under another series since stays too: that is not what was approved.
    """
    going: list[Entry] = []
    kept: list[Kept] = []
    now = {one.record: one for one in assess(conn, day, terms, [entry.record for entry in listed])}
    for entry in listed:
        reason = _changed(entry, now.get(entry.record), received=received)
        if reason is None:
            going.append(entry)
        else:
            kept.append(Kept(entry.record, reason))
    left = _without_stopped(conn, going)
    return Weighed(left.going, tuple(sorted((*kept, *left.kept), key=lambda one: one.record)))


def by_order(conn: Connection, listed: Sequence[Entry], beside: Sequence[Key]) -> Weighed:
    """What of the list of a court's order may go: what the archive has, and no stop covers. It need not be due.

    ``beside`` are records that stay and would be changed: where a stop covers one of them, nothing goes.
    """
    if held := stops.stopping(conn, beside):
        return Weighed((), tuple(Kept(key, f"under {_named(names)}") for key, names in sorted(held.items())))
    there = {stone.record for stone in tombstones.of(conn, [entry.record for entry in listed])}
    missing = tuple(Kept(entry.record, GONE) for entry in listed if entry.record not in there)
    left = _without_stopped(conn, [entry for entry in listed if entry.record in there])
    return Weighed(left.going, (*missing, *left.kept))


def _changed(entry: Entry, now: Eligibility | None, *, received: bool) -> str | None:
    """Why a record that was approved stays; None: nothing is in the way."""
    if now is None:
        return GONE
    if now.why_not is not None:
        return f"it is not due any more: {now.why_not}"
    fresh = _entry(now)
    if (fresh.schedule, fresh.edition, fresh.series) != (entry.schedule, entry.edition, entry.series):
        return f"it has come under another series since: {fresh.series}"
    if fresh.disposition in AFTER_TRANSFER and not received:
        return "it is to be transferred first, and no archive's receipt is recorded"
    return None


def _without_stopped(conn: Connection, found: Sequence[Entry]) -> Weighed:
    held = stops.stopping(conn, [one.record for one in found])
    kept = tuple(Kept(key, f"under {_named(names)}") for key, names in sorted(held.items()))
    return Weighed(tuple(one for one in found if one.record not in held), kept)


def _named(names: Sequence[str]) -> str:
    return f"stop {names[0]}" if len(names) == 1 else f"stops {', '.join(names)}"


def _entry(one: Eligibility) -> Entry:
    """The line of a record that is eligible."""
    schedule, _, edition = (one.edition or f"{BY_APPLICATION}@{one.due}").partition("@")
    due = one.due
    assert due is not None  # what has no such day is not eligible
    return Entry(
        record=one.record, account=one.account, kind=Kind(one.kind), created_at=one.came_at, schedule=schedule,
        edition=edition, series=one.code or one.application or "",
        series_title=one.series.title if one.series else "one-time application",
        disposition=one.disposition.value, trigger_on=one.trigger_date or due, due_on=due,
    )  # fmt: skip

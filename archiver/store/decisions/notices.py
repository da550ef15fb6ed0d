"""Notices of a stop to those who keep what it covers, with their acknowledgements and reminders (records rule R27)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, ForeignKey, Identity, Index, Table, insert, select

from archiver.domain.acting import Actor
from archiver.domain.stops import NoticeStep, StopName
from archiver.store.guards import refuse_change_of
from archiver.store.tables import metadata
from archiver.store.types import Id, Moment, Words

stop_notices = Table(
    "stop_notices",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("stop", Words, ForeignKey("stops.name"), nullable=False),
    Column("step", Words, nullable=False),
    Column("custodian", Words, nullable=False),
    Column("address", Words),
    Column("at", Moment, nullable=False),
    Column("due_at", Moment),  # until when the custodian is to acknowledge
    Column("means", Words, nullable=False),  # mail, hand
    Column("text", Words),  # as it went out
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Index(None, "stop"),
)
refuse_change_of("stop_notices")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to a custodian's notice. Moments are aware, UTC.

    ``means`` is how it went: ``mail``, or ``hand`` where a person brings it. ``due_at`` and ``text`` are there where
    something went out.
    """

    stop: StopName
    step: NoticeStep
    custodian: str
    address: str | None
    at: datetime
    due_at: datetime | None
    means: str
    text: str | None
    by: Actor


@dataclass(frozen=True, slots=True)
class Notice:
    """How it stands with one custodian: all entries about them, oldest first; the first one is the notice itself."""

    stop: StopName
    custodian: str
    entries: tuple[Entry, ...]

    @property
    def address(self) -> str | None:
        """Where the last one went."""
        return next((one.address for one in reversed(self.entries) if one.address), None)

    @property
    def sent_at(self) -> datetime:
        """When the first one went out."""
        return self.entries[0].at

    @property
    def acknowledged_at(self) -> datetime | None:
        """When the custodian said that it was read; None as long as they have not, or were sent another since."""
        last = [one for one in self.entries if one.step is not NoticeStep.REMINDED][-1]
        return last.at if last.step is NoticeStep.ACKNOWLEDGED else None

    @property
    def reminded(self) -> int:
        """How often they were reminded."""
        return sum(one.step is NoticeStep.REMINDED for one in self.entries)

    @property
    def due_at(self) -> datetime | None:
        """Until when they are to answer what went out last."""
        return next((one.due_at for one in reversed(self.entries) if one.due_at), None)

    def is_overdue(self, now: datetime) -> bool:
        """Whether they should have acknowledged it by now."""
        return self.acknowledged_at is None and self.due_at is not None and self.due_at <= now


def add(conn: Connection, one: Entry) -> None:
    """Write it down."""
    conn.execute(
        insert(stop_notices).values(
            stop=one.stop, step=one.step.value, custodian=one.custodian, address=one.address, at=one.at,
            due_at=one.due_at, means=one.means, text=one.text, person=one.by.name, login=one.by.login,
        )
    )  # fmt: skip


def of(conn: Connection, names: Iterable[StopName]) -> list[Notice]:
    """The notices of these stops, in the order in which they first went out. A name is the same in any case."""
    found: dict[tuple[str, str], list[Entry]] = {}
    query = select(stop_notices).where(stop_notices.c.stop.in_(list(names))).order_by(stop_notices.c.id)
    for row in conn.execute(query):
        entry = Entry(
            StopName(row.stop), NoticeStep(row.step), row.custodian, row.address, row.at, row.due_at, row.means,
            row.text, Actor(row.person, row.login),
        )  # fmt: skip
        found.setdefault((row.stop, plain(row.custodian)), []).append(entry)
    return [Notice(entries[0].stop, entries[0].custodian, tuple(entries)) for entries in found.values()]


def plain(name: str) -> str:
    """A name without what makes nobody another person: spaces and capitals."""
    return " ".join(name.split()).casefold()

"""How much a stop covers, for people (records rule R27): by account, and what its release leaves under no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from archiver.domain.item import State
from archiver.domain.keys import Key
from archiver.domain.stops import Basis
from archiver.store.decisions.stops import Stop, every, not_listed, stopped_records
from archiver.store.tables import items


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of an account a stop covers. Moments are of the records' creation, or first sight; aware, UTC."""

    account: str
    records: int
    first_at: datetime
    last_at: datetime


def extent(conn: Connection, stop: Stop) -> list[Extent]:
    """What is on a stop's list and what matches now, by account; what was disposed of before it is not counted."""
    c, s = items.c, stopped_records.c
    listed = select(s.key).where(s.stop == stop.name)
    covered = (
        c.key.in_(listed) if stop.released else or_(*(c.key.in_(one) for one in (listed, *not_listed(conn, stop))))
    )
    query = select(c.account, func.count(), func.min(c.moment), func.max(c.moment)).where(
        covered, c.state != State.DISPOSED.value
    )
    return [Extent(*row) for row in conn.execute(query.group_by(c.account).order_by(c.account))]


def has_records_of(conn: Connection, stop: Stop, account: str) -> bool:
    """Whether a record of that account is on a stop's list."""
    s = stopped_records.c
    query = select(s.key).join(items, items.c.key == s.key).where(s.stop == stop.name, items.c.account == account)
    return conn.execute(query.limit(1)).first() is not None


@dataclass(frozen=True, slots=True)
class Listed:
    """A record on a stop's list, why, and since when (aware, UTC). It may be one that was never seen."""

    record: Key
    basis: Basis
    at: datetime


def listed(conn: Connection, stop: Stop) -> Iterator[Listed]:
    """The list of a stop, in the order in which it grew."""
    s = stopped_records.c
    query = select(s.key, s.basis, s.at).where(s.stop == stop.name).order_by(s.at, s.key)
    with conn.execute(query.execution_options(yield_per=500)) as rows:
        for row in rows:
            yield Listed(Key(row.key), Basis(row.basis), row.at)


def freed_by(conn: Connection, stop: Stop) -> int:
    """How many records are under this stop and under no other open one."""
    others = [one.name for one in every(conn, open_only=True) if one.name != stop.name]
    s, other = stopped_records.c, stopped_records.alias("other").c
    elsewhere = select(other.key).where(other.key == s.key, other.stop.in_(others)).exists()
    held = select(items.c.key).where(items.c.key == s.key, items.c.state != State.DISPOSED.value).exists()
    query = select(func.count()).select_from(stopped_records).where(s.stop == stop.name, ~elsewhere, held)
    number: int = conn.execute(query).scalar_one()
    return number

"""Which posts of mixed accounts somebody marked as official or personal (records rule R48)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Column, Connection, Identity, Index, Row, Table, insert, select

from archiver.domain.account import Capacity
from archiver.domain.acting import Actor
from archiver.domain.keys import Key
from archiver.domain.marking import CapacityMark
from archiver.store import bulk
from archiver.store.guards import refuse_change_of
from archiver.store.tables import items, metadata
from archiver.store.types import Id, Moment, Words

capacity_marks = Table(
    "capacity_marks",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Column("record", Words, nullable=False),
    Column("capacity", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Index(None, "record"),
)
refuse_change_of("capacity_marks")


def add(conn: Connection, mark: CapacityMark) -> None:
    """Keep it; the marks before it stay."""
    conn.execute(
        insert(capacity_marks).values(
            at=mark.at, person=mark.by.name, login=mark.by.login, record=mark.record, capacity=mark.capacity.value,
            reason=mark.reason,
        )
    )  # fmt: skip


def history(conn: Connection, record: Key) -> list[CapacityMark]:
    """All marks of a record, oldest first; the last one counts."""
    return list(_read(conn, [record]))


def capacity_of(conn: Connection, records: Iterable[Key]) -> dict[Key, CapacityMark]:
    """What each of these records was last marked as; those that never were are left out."""
    return {one.record: one for one in _read(conn, records)}


def of_account(conn: Connection, account: str) -> list[CapacityMark]:
    """The marks of an account's records, oldest first."""
    c = capacity_marks.c
    query = select(capacity_marks).join(items, items.c.key == c.record).where(items.c.account == account)
    return [_mark(row) for row in conn.execute(query.order_by(c.id))]


def all_marks(conn: Connection) -> list[CapacityMark]:
    """Every mark, oldest first."""
    return [_mark(row) for row in conn.execute(select(capacity_marks).order_by(capacity_marks.c.id))]


def _read(conn: Connection, records: Iterable[Key]) -> Iterator[CapacityMark]:
    c = capacity_marks.c
    for keys in bulk.portions(iter(records)):
        yield from map(_mark, conn.execute(select(capacity_marks).where(c.record.in_(keys)).order_by(c.id)))


def _mark(row: Row[Any]) -> CapacityMark:
    return CapacityMark(Key(row.record), Capacity(row.capacity), row.at, Actor(row.person, row.login), row.reason)

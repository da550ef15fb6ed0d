"""Whether what was captured is an official record, as far as somebody decided it (records rule R2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Column, Connection, Identity, Index, Row, Table, insert, select

from archiver.domain.acting import Actor
from archiver.domain.keys import Key
from archiver.domain.marking import RecordStatus, StatusMark
from archiver.store import bulk
from archiver.store.guards import refuse_change_of
from archiver.store.tables import metadata
from archiver.store.types import Id, Moment, Words

record_statuses = Table(
    "record_statuses",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Column("record", Words, nullable=False),
    Column("status", Words, nullable=False),
    Column("target", Words),
    Column("reason", Words, nullable=False),
    Index(None, "record"),
)
refuse_change_of("record_statuses")


def add(conn: Connection, mark: StatusMark) -> None:
    """Keep it; what was said before it stays."""
    conn.execute(
        insert(record_statuses).values(
            at=mark.at, person=mark.by.name, login=mark.by.login, record=mark.record, status=mark.status.value,
            target=mark.target, reason=mark.reason,
        )
    )  # fmt: skip


def history(conn: Connection, record: Key) -> list[StatusMark]:
    """All that was said of a record, oldest first; the last one counts."""
    return list(_read(conn, [record]))


def status_of(conn: Connection, records: Iterable[Key]) -> dict[Key, StatusMark]:
    """What each of these records was last said to be; those that nobody decided, undetermined ones, are left out."""
    return {one.record: one for one in _read(conn, records)}


def _read(conn: Connection, records: Iterable[Key]) -> Iterator[StatusMark]:
    c = record_statuses.c
    for keys in bulk.portions(iter(records)):
        yield from map(_mark, conn.execute(select(record_statuses).where(c.record.in_(keys)).order_by(c.id)))


def _mark(row: Row[Any]) -> StatusMark:
    return StatusMark(
        Key(row.record), RecordStatus(row.status), row.at, Actor(row.person, row.login), row.reason, row.target
    )

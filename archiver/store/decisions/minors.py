"""Who is said to be a minor, who their parents are, and what was asked to be withheld from these (records rule R18).

People are named as ``platform:id``, since a rebuild numbers them anew. The latest statement counts; all of them stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Identity, Index, Row, Table, insert, select

from archiver.domain.acting import Actor
from archiver.domain.minors import Decision, MinorFlag, Outcome, Relation, Statement, WithholdRequest
from archiver.store import bulk
from archiver.store.guards import refuse_change_of
from archiver.store.tables import metadata
from archiver.store.types import Day, Id, Moment, Words


def _said() -> tuple[Column[Any], ...]:
    """Who wrote a row, and when."""
    return (
        Column("at", Moment, nullable=False),
        Column("person", Words, nullable=False),
        Column("login", Words, nullable=False),
    )


minor_flags = Table(
    "minor_flags",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    *_said(),
    Column("subject", Words, nullable=False),
    Column("flag", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("evidence", Words),
    Index(None, "subject"),
)

minor_parents = Table(
    "minor_parents",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    *_said(),
    Column("subject", Words, nullable=False),
    Column("parent", Words, nullable=False),
    Column("evidence", Words, nullable=False),
    Index(None, "subject"),
)

withhold_requests = Table(
    "withhold_requests",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    *_said(),
    Column("subject", Words, nullable=False),
    Column("asked_on", Day, nullable=False),
    Column("reason", Words, nullable=False),
    Index(None, "subject"),
)

withhold_decisions = Table(
    "withhold_decisions",
    metadata,
    Column("request_id", Id, ForeignKey("withhold_requests.id"), primary_key=True),
    *_said(),
    Column("outcome", Words, nullable=False),
    Column("reason", Words, nullable=False),
)
refuse_change_of("minor_flags", "minor_parents", "withhold_requests", "withhold_decisions")


def state(conn: Connection, one: Statement) -> int:
    """Keep a statement; its number."""
    values = {"subject": one.person, "flag": one.flag.value, "reason": one.reason, "evidence": one.evidence}
    return _added(conn, minor_flags, one, values)


def relate(conn: Connection, one: Relation) -> int:
    """Keep who is a parent; its number."""
    return _added(conn, minor_parents, one, {"subject": one.person, "parent": one.parent, "evidence": one.evidence})


def ask(conn: Connection, one: WithholdRequest) -> int:
    """Keep a request; its number."""
    values = {"subject": one.person, "asked_on": one.asked_on, "reason": one.reason}
    return _added(conn, withhold_requests, one, values)


def decide(conn: Connection, number: int, one: Decision) -> None:
    """Keep what was decided of an open request; a second decision is refused by the key."""
    values = {"at": one.at, "person": one.by.name, "login": one.by.login}
    values |= {"request_id": number, "outcome": one.outcome.value, "reason": one.reason}
    conn.execute(insert(withhold_decisions).values(values))


def statements(conn: Connection, people: Iterable[str] | None = None) -> list[Statement]:
    """What was said of these people, or of all, oldest first."""
    rows = _rows(conn, minor_flags, people)
    return [
        Statement(r.subject, MinorFlag(r.flag), r.reason, Actor(r.person, r.login), r.at, r.evidence, r.id)
        for r in rows
    ]


def flags(conn: Connection, people: Iterable[str] | None = None) -> dict[str, Statement]:
    """What counts of these people, or of all of whom anything was said: the latest statement."""
    return {one.person: one for one in statements(conn, people)}


def relations(conn: Connection, people: Iterable[str] | None = None) -> list[Relation]:
    """The parents of these people, or of all, as they were entered."""
    rows = _rows(conn, minor_parents, people)
    return [Relation(r.subject, r.parent, r.evidence, Actor(r.person, r.login), r.at, r.id) for r in rows]


def requests(conn: Connection, people: Iterable[str] | None = None) -> list[WithholdRequest]:
    """The requests of these people, or of all, oldest first, with what was decided."""
    decided = {row.request_id: _decision(row) for row in conn.execute(select(withhold_decisions))}
    rows = _rows(conn, withhold_requests, people)
    return [
        WithholdRequest(r.subject, r.asked_on, r.reason, Actor(r.person, r.login), r.at, decided.get(r.id), r.id)
        for r in rows
    ]


def _added(
    conn: Connection, table: Table, one: Statement | Relation | WithholdRequest, values: Mapping[str, object]
) -> int:
    said = {"at": one.at, "person": one.by.name, "login": one.by.login, **values}
    (number,) = conn.execute(insert(table).values(said)).inserted_primary_key or (0,)
    return int(number)


def _rows(conn: Connection, table: Table, people: Iterable[str] | None) -> list[Row[Any]]:
    query = select(table).order_by(table.c.id)
    if people is None:
        return list(conn.execute(query))
    asked = sorted(set(people))
    found = [row for some in bulk.chunks(asked) for row in conn.execute(query.where(table.c.subject.in_(some)))]
    return sorted(found, key=lambda row: int(row.id))


def _decision(row: Row[Any]) -> Decision:
    return Decision(Outcome(row.outcome), row.reason, Actor(row.person, row.login), row.at)

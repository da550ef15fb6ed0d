"""One-time applications: leave to dispose of records that no schedule has (records rule R24).

What is asked for is a list of records, written down when the application is drafted. It counts once the number under
which it was approved is stored. Drafts and approvals stay for good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Identity, Row, Table, func, insert, select

from archiver.domain.acting import Actor
from archiver.domain.keys import Key
from archiver.store import bulk
from archiver.store.decisions.scopes import Scope, read_scope
from archiver.store.guards import refuse_change_of
from archiver.store.selection import Query
from archiver.store.tables import metadata
from archiver.store.types import Day, Id, Json, Moment, Words

applications = Table(
    "applications",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("description", Words, nullable=False),
    Column("rule", Json, nullable=False),  # as typed and as understood: `scopes.Scope`
    Column("first_day", Day),
    Column("last_day", Day),
    Column("digest", Words, nullable=False),  # SHA-256 over the sorted keys, a line each
    Column("at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
)

application_records = Table(
    "application_records",
    metadata,
    Column("record", Words, primary_key=True),
    Column("application_id", Id, ForeignKey("applications.id"), primary_key=True),
)

application_approvals = Table(
    "application_approvals",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("application_id", Id, ForeignKey("applications.id"), nullable=False, unique=True),
    Column("number", Words, nullable=False),
    Column("body", Words, nullable=False),
    Column("day", Day, nullable=False),
    Column("at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
)
refuse_change_of("applications", "application_records", "application_approvals")


@dataclass(frozen=True, slots=True)
class Approval:
    """Under which number, by which body and on which day an application was approved; entered by whom, and when."""

    number: str
    body: str
    day: date
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class Application:
    """A draft, or what became of it. ``first`` and ``last`` are the days of its records, ``count`` says how many."""

    number: int
    description: str
    query: Query | None
    first: date | None
    last: date | None
    digest: str
    by: Actor
    at: datetime
    count: int
    approval: Approval | None = None

    @property
    def name(self) -> str:
        """By which people and the audit log name it."""
        return f"A-{self.number}"


def add(conn: Connection, draft: Application, records: Sequence[Key]) -> int:
    """Keep a draft with its records; its number."""
    statement = insert(applications).values(
        description=draft.description, rule=Scope(draft.query, context=False).document(), first_day=draft.first,
        last_day=draft.last, digest=draft.digest, at=draft.at, person=draft.by.name, login=draft.by.login,
    )  # fmt: skip
    number: int = conn.execute(statement.returning(applications.c.id)).scalar_one()
    bulk.insert(conn, "application_records", ("record", "application_id"), [(record, number) for record in records])
    return number


def approve(conn: Connection, number: int, approval: Approval) -> None:
    """Store that it was approved; raises where it was before."""
    conn.execute(
        insert(application_approvals).values(
            application_id=number, number=approval.number, body=approval.body, day=approval.day, at=approval.at,
            person=approval.by.name, login=approval.by.login,
        )
    )  # fmt: skip


def listed(conn: Connection) -> list[Application]:
    """All, in the order in which they were drafted."""
    c = application_records.c
    counts = select(c.application_id, func.count().label("records")).group_by(c.application_id).subquery()
    a = application_approvals.c
    query = (
        select(
            applications, counts.c.records, a.number, a.body, a.day, a.at.label("approved_at"),
            a.person.label("approved_by"), a.login.label("approved_from"),
        )
        .outerjoin(counts, counts.c.application_id == applications.c.id)
        .outerjoin(application_approvals, a.application_id == applications.c.id)
        .order_by(applications.c.id)
    )  # fmt: skip
    return [_application(row) for row in conn.execute(query)]


def records_of(conn: Connection, number: int) -> list[Key]:
    """The records of an application, by key."""
    c = application_records.c
    query = select(c.record).where(c.application_id == number).order_by(c.record)
    return [Key(record) for record in conn.execute(query).scalars()]


def approved(conn: Connection, on: date) -> dict[str, tuple[str, date]]:
    """The records that may go by an application approved until a day: its number, and the day of the approval."""
    a, r = application_approvals.c, application_records.c
    query = (
        select(r.record, a.number, a.day)
        .join(application_approvals, a.application_id == r.application_id)
        .where(a.day <= on)
        .order_by(a.id.desc())
    )
    return {row.record: (row.number, row.day) for row in conn.execute(query)}


def _application(row: Row[Any]) -> Application:
    approval = None
    if row.number is not None:
        by = Actor(row.approved_by, row.approved_from)
        approval = Approval(row.number, row.body, row.day, by, row.approved_at)
    return Application(
        row.id, row.description, read_scope(row.rule).query, row.first_day, row.last_day, row.digest,
        Actor(row.person, row.login), row.at, row.records or 0, approval,
    )  # fmt: skip

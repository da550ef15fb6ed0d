"""The audit log: who did what to the records, when and why (the content of records rule R85).

A row is written in the transaction of the act that it tells of, so that neither is there without the other. It holds
no words of a record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Identity, Index, Table, insert, select

from archiver.domain.acting import Actor
from archiver.store.guards import refuse_change_of
from archiver.store.tables import metadata
from archiver.store.types import Id, Json, Moment, Words

acts = Table(
    "acts",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Column("act", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("reason", Words),
    Column("details", Json, nullable=False),
    Index(None, "at"),
    Index(None, "subject"),
)
refuse_change_of("acts")


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a person did. ``at`` is aware, UTC.

    ``act`` is a noun and a verb (``hold place``), ``subject`` names what it was done to: a record's key, an account,
    a hold. ``details`` is what a reader of the log needs to repeat or undo it, in values of JSON.
    """

    at: datetime
    by: Actor
    act: str
    subject: str
    reason: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def add(conn: Connection, act: Act) -> None:
    """Write it down, in the transaction of the act itself."""
    conn.execute(
        insert(acts).values(
            at=act.at, person=act.by.name, login=act.by.login, act=act.act, subject=act.subject, reason=act.reason,
            details=dict(act.details),
        )
    )  # fmt: skip


def rows(
    conn: Connection, *, subject: str | None = None, since: datetime | None = None, until: datetime | None = None,
    verbs: Collection[str] | None = None,
) -> Iterator[Act]:  # fmt: skip
    """The acts, oldest first. ``since`` is the first moment, ``until`` the first one that is too late.

    ``verbs`` leaves in only acts that are called so.
    """
    c = acts.c
    query = select(acts).order_by(c.id)
    if subject is not None:
        query = query.where(c.subject == subject)
    if verbs is not None:
        query = query.where(c.act.in_(list(verbs)))
    if since is not None:
        query = query.where(c.at >= since)
    if until is not None:
        query = query.where(c.at < until)
    with conn.execute(query.execution_options(yield_per=500)) as found:
        for row in found:
            yield Act(row.at, Actor(row.person, row.login), row.act, row.subject, row.reason, row.details or {})

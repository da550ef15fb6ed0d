"""Which series records belong to, and on which days the events were that no platform tells of (R22, R23).

An assignment names a series and what it is for: single records, an account, a kind, the records that a saved filter
finds, or several of these together. Revoking one is another row. A choice says which of two series holds where both
match. A day of an event can be corrected, and taken back, by a later row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Identity, Index, Row, Table, insert, select

from archiver.domain.acting import Actor
from archiver.domain.keys import Key
from archiver.domain.retention import Trigger
from archiver.store import bulk
from archiver.store.decisions.schedules import SeriesName
from archiver.store.decisions.scopes import Scope, read_scope
from archiver.store.guards import refuse_change_of
from archiver.store.selection import Query
from archiver.store.tables import metadata
from archiver.store.types import Day, Id, Json, Moment, Words

series_assignments = Table(
    "series_assignments",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("edition", Words, ForeignKey("schedule_editions.name"), nullable=False),
    Column("code", Words, nullable=False),
    Column("rule", Json, nullable=False),  # as typed and as understood: `scopes.Scope`
    Column("reason", Words),
    Column("at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
)

series_revocations = Table(
    "series_revocations",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("assignment_id", Id, ForeignKey("series_assignments.id"), nullable=False, unique=True),
    Column("reason", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
)

series_choices = Table(
    "series_choices",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("edition", Words, ForeignKey("schedule_editions.name"), nullable=False),
    Column("code", Words, nullable=False),
    Column("over_edition", Words, ForeignKey("schedule_editions.name"), nullable=False),
    Column("over_code", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
)

trigger_dates = Table(
    "trigger_dates",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("record", Words, nullable=False),
    Column("trigger", Words, nullable=False),
    Column("day", Day),  # null: it has not happened after all
    Column("reason", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Index(None, "record"),
)
refuse_change_of("series_assignments", "series_revocations", "series_choices", "trigger_dates")


@dataclass(frozen=True, slots=True)
class Assignment:
    """That records belong to a series; ``number`` is given by the store.

    Which ones, ``records`` (by name), ``threads`` (all that stands in these, by their roots) or ``query`` say.
    """

    series: SeriesName
    query: Query | None
    records: tuple[Key, ...]
    by: Actor
    at: datetime
    reason: str | None = None
    number: int = 0
    threads: tuple[Key, ...] = ()

    @property
    def scope(self) -> Scope:
        """Which records are meant, as a stop would say it."""
        query = None if self.query is None else replace(self.query, limit=None)
        return Scope(query, self.threads, self.records, context=False)

    @property
    def filters(self) -> frozenset[tuple[str, str]]:
        """The conditions that a record meets to be meant: who has more of them is more specific."""
        if self.query is None:
            return frozenset(("thread", root) for root in self.threads) or _RECORD
        named = ("account", "platform", "kind", "state", "author", "since", "until")
        given = ((name, getattr(self.query, name)) for name in named)
        words = frozenset(("words", repr(term)) for term in self.query.terms)
        return words | {(name, str(value)) for name, value in given if value is not None}


_RECORD = frozenset({("record", "")})
"""A record that was named goes before everything; see `archiver.services.retention.matching`."""


@dataclass(frozen=True, slots=True)
class Choice:
    """That one series holds where another one matches too."""

    series: SeriesName
    over: SeriesName
    reason: str
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class TriggerDay:
    """The day of an event, as a person stated it; None: it has not happened after all."""

    record: Key
    trigger: Trigger
    day: date | None
    reason: str
    by: Actor
    at: datetime


def assign(conn: Connection, one: Assignment) -> int:
    """Write it down; its number."""
    statement = insert(series_assignments).values(
        edition=one.series[0], code=one.series[1], rule=one.scope.document(), reason=one.reason, at=one.at,
        person=one.by.name, login=one.by.login,
    )  # fmt: skip
    number: int = conn.execute(statement.returning(series_assignments.c.id)).scalar_one()
    return number


def revoke(conn: Connection, number: int, *, reason: str, by: Actor, at: datetime) -> None:
    """End an assignment that is there and was not revoked."""
    conn.execute(
        insert(series_revocations).values(
            assignment_id=number, reason=reason, at=at, person=by.name, login=by.login
        )
    )  # fmt: skip


def assignments(conn: Connection) -> list[Assignment]:
    """Those that hold, in the order in which they were made."""
    c = series_assignments.c
    gone = select(series_revocations.c.assignment_id)
    query = select(series_assignments).where(c.id.not_in(gone)).order_by(c.id)
    return [_assignment(row) for row in conn.execute(query)]


def choose(conn: Connection, one: Choice) -> None:
    """Write a choice down."""
    conn.execute(
        insert(series_choices).values(
            edition=one.series[0], code=one.series[1], over_edition=one.over[0], over_code=one.over[1],
            reason=one.reason, at=one.at, person=one.by.name, login=one.by.login,
        )
    )  # fmt: skip


def choices(conn: Connection) -> list[Choice]:
    """Those that hold: of two that contradict each other, the later one."""
    found: dict[frozenset[SeriesName], Choice] = {}
    for row in conn.execute(select(series_choices).order_by(series_choices.c.id)):
        series, over = (row.edition, row.code), (row.over_edition, row.over_code)
        found[frozenset({series, over})] = Choice(series, over, row.reason, Actor(row.person, row.login), row.at)
    return list(found.values())


def state_days(conn: Connection, days: Iterable[TriggerDay]) -> None:
    """Write down on which days events were."""
    for one in days:
        conn.execute(
            insert(trigger_dates).values(
                record=one.record, trigger=str(one.trigger), day=one.day, reason=one.reason, at=one.at,
                person=one.by.name, login=one.by.login,
            )
        )  # fmt: skip


def stated_days(conn: Connection, records: Sequence[str] | None = None) -> dict[str, dict[Trigger, TriggerDay]]:
    """For each record the last statement about each event; of some records, or of all that there are any of."""
    c = trigger_dates.c
    query = select(trigger_dates).order_by(c.id)
    found: dict[str, dict[Trigger, TriggerDay]] = {}
    parts = [query] if records is None else [query.where(c.record.in_(some)) for some in bulk.chunks(records)]
    for part in parts:
        for row in conn.execute(part):
            found.setdefault(row.record, {})[Trigger(row.trigger)] = _day(row)
    return found


def _assignment(row: Row[Any]) -> Assignment:
    rule = read_scope(row.rule)
    by = Actor(row.person, row.login)
    series = (row.edition, row.code)
    return Assignment(series, rule.query, rule.records, by, row.at, row.reason, row.id, rule.threads)


def _day(row: Row[Any]) -> TriggerDay:
    by = Actor(row.person, row.login)
    return TriggerDay(Key(row.record), Trigger(row.trigger), row.day, row.reason, by, row.at)

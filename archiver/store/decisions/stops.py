"""Stops on destruction: one table for holds, requests, audits, claims and court orders (records rules R26 and R27).

A record is under a stop when it is on the stop's list, or matches its scope at the moment of asking. The list is
written when the stop is placed, and grows in the very transaction that captures or changes a record, so that what
matched once stays covered until the stop is released, whatever becomes of the record (docs/decisions/0082-stops.md).

Whoever destroys asks `stopping` inside the transaction of the destruction. From then on until its end nobody can place
or release a stop: SQLite has one writer at a time, on PostgreSQL a lock on the table sees to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Identity,
    Index,
    Row,
    Select,
    Table,
    insert,
    literal,
    select,
)

from archiver.domain.acting import Actor
from archiver.domain.item import clean
from archiver.domain.keys import Key
from archiver.domain.stops import Basis, Step, StopName, StopType
from archiver.store import bulk
from archiver.store.decisions.scopes import Scope, context_of, matching, matching_among, read_scope
from archiver.store.guards import refuse_change_of
from archiver.store.tables import items, metadata
from archiver.store.types import Id, Json, Moment, Words
from archiver.store.upsert import upsert

stops = Table(
    "stops",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("name", Words, nullable=False, unique=True),
    Column("at", Moment, nullable=False),
    Column("type", Words, nullable=False),
    Column("matter", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Column("scope", Json, nullable=False),  # as typed and as understood: `scopes.Scope`
)

stopped_records = Table(
    "stopped_records",
    metadata,
    Column("key", Words, primary_key=True),
    Column("stop", Words, ForeignKey("stops.name"), primary_key=True),
    Column("basis", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "stop"),
)

stop_releases = Table(
    "stop_releases",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("stop", Words, ForeignKey("stops.name"), nullable=False),
    Column("step", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Index(None, "stop"),
)
refuse_change_of("stops", "stopped_records", "stop_releases")


@dataclass(frozen=True, slots=True)
class Release:
    """A step of a release. ``at`` is aware, UTC."""

    step: Step
    at: datetime
    by: Actor
    reason: str


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop as it stands. ``releases`` are the steps of its release, oldest first. ``at`` is aware, UTC."""

    name: StopName
    at: datetime
    type: StopType
    matter: str
    reason: str
    by: Actor
    scope: Scope
    releases: tuple[Release, ...] = ()

    @property
    def released(self) -> Release | None:
        """Its end; None while it is open."""
        return next((step for step in self.releases if step.step is Step.APPROVED), None)

    @property
    def asked(self) -> Release | None:
        """The latest request to release it."""
        return next((step for step in reversed(self.releases) if step.step is Step.ASKED), None)


def place(conn: Connection, *, at: datetime, kind: StopType, matter: str, reason: str, by: Actor, scope: Scope) -> Stop:
    """Place a stop, with the list of what it covers now. In the caller's write transaction."""
    settle(conn)
    number = 1 + sum(1 for _ in conn.execute(select(stops.c.id)))
    stop = Stop(StopName(f"H-{number}"), at, kind, matter, reason, by, scope)
    conn.execute(
        insert(stops).values(
            name=stop.name, at=at, type=kind.value, matter=matter, reason=reason, person=by.name, login=by.login,
            scope=scope.document(),
        )
    )  # fmt: skip
    _list(conn, stop.name, map(clean, scope.records), Basis.NAMED, at)
    _list_matching(conn, stop, at)
    return stop


def add_step(conn: Connection, name: StopName, step: Release) -> None:
    """A step towards a release; who may take it is for the caller to know."""
    settle(conn)
    conn.execute(
        insert(stop_releases).values(
            stop=name, step=step.step.value, at=step.at, person=step.by.name, login=step.by.login, reason=step.reason
        )
    )


def settle(conn: Connection) -> None:
    """Wait until nobody is deciding by the stops as they stand, and have others wait until this transaction is over."""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("LOCK TABLE stops IN EXCLUSIVE MODE")


def _rely(conn: Connection) -> None:
    """No stop is placed or released from here to the end of a write transaction. Shared with others who rely on it."""
    if conn.dialect.name != "postgresql":
        return
    if conn.exec_driver_sql("SHOW transaction_read_only").scalar_one() == "off":
        conn.exec_driver_sql("LOCK TABLE stops IN ROW SHARE MODE")


def every(conn: Connection, *, open_only: bool = False) -> list[Stop]:
    """All stops, in the order in which they were placed."""
    steps: dict[str, list[Release]] = {}
    for row in conn.execute(select(stop_releases).order_by(stop_releases.c.id)):
        step = Release(Step(row.step), row.at, Actor(row.person, row.login), row.reason)
        steps.setdefault(row.stop, []).append(step)
    found = [_stop(row, steps.get(row.name, ())) for row in conn.execute(select(stops).order_by(stops.c.id))]
    return [stop for stop in found if not (open_only and stop.released)]


def named(conn: Connection, name: str) -> Stop | None:
    """The stop of that name."""
    return next((stop for stop in every(conn) if stop.name == name), None)


def _stop(row: Row[Any], steps: Sequence[Release]) -> Stop:
    return Stop(
        StopName(row.name), row.at, StopType(row.type), row.matter, row.reason, Actor(row.person, row.login),
        read_scope(row.scope), tuple(steps),
    )  # fmt: skip


_OPEN = """
SELECT 1 FROM stops WHERE NOT EXISTS (SELECT 1 FROM stop_releases r WHERE r.stop = stops.name AND r.step = 'approved')
LIMIT 1
"""


def anything_stopped(conn: Connection) -> bool:
    """Whether any stop is open."""
    return conn.exec_driver_sql(_OPEN).first() is not None


FEW = 1000
"""So many records are looked at one by one; for more, all that matches and is not on the list yet is asked for."""


def stopping(conn: Connection, keys: Sequence[Key]) -> dict[Key, tuple[StopName, ...]]:
    """Which of the records must not be destroyed, and by which open stops. Those under none are left out.

    In a write transaction the answer holds until its end. Who asks portion by portion asks a `Watch`.
    """
    return Watch(conn).over(keys)


class Watch:
    """The open stops, for who asks about many records in one transaction; what is the same each time is read once."""

    def __init__(self, conn: Connection) -> None:
        _rely(conn)
        self._conn = conn
        self._open = every(conn, open_only=True)
        self._unlisted: dict[StopName, set[str]] = {}

    def over(self, keys: Sequence[Key]) -> dict[Key, tuple[StopName, ...]]:
        """As `stopping`; in the order of the keys."""
        given = {clean(key): key for key in keys}
        if not self._open or not given:
            return {}
        order = {stop.name: number for number, stop in enumerate(self._open)}
        found: dict[str, set[StopName]] = {}
        for statement in (_LISTED, _LISTED_AS_ALIAS):
            for key, name in bulk.select(self._conn, statement, list(given)):
                if name in order:
                    found.setdefault(key, set()).add(name)
        for stop in self._open:
            for key in self._matching(stop, list(given)) & given.keys():
                found.setdefault(key, set()).add(stop.name)
        return {given[key]: tuple(sorted(found[key], key=order.__getitem__)) for key in given if key in found}

    def _matching(self, stop: Stop, keys: Sequence[str]) -> set[str]:
        """What matches and is not on the list, with its context: all, or for few keys what these may be part of."""
        if stop.scope.query is None and not stop.scope.threads:
            return set()
        if stop.name in self._unlisted:
            return self._unlisted[stop.name]
        near = _near(self._conn, keys, context=stop.scope.context) if len(keys) <= FEW else None
        if near is not None:
            return self._with_context(stop, matching_among(self._conn, stop.scope, near))
        found = {key for query in not_listed(self._conn, stop) for key in self._conn.execute(query).scalars()}
        self._unlisted[stop.name] = self._with_context(stop, found)
        return self._unlisted[stop.name]

    def _with_context(self, stop: Stop, found: set[str]) -> set[str]:
        return found.union(*context_of(self._conn, sorted(found))) if found and stop.scope.context else found


_LISTED = "SELECT key, stop FROM stopped_records WHERE key {among}"
_LISTED_AS_ALIAS = """
SELECT i.key, s.stop FROM items i JOIN aliases a ON a.item_id = i.id JOIN stopped_records s ON s.key = a.alias
WHERE i.key {among}
"""


def _near(conn: Connection, keys: Sequence[str], *, context: bool) -> list[str] | None:
    """The records, and those whose context they may be; None where these are not few."""
    if not context:
        return list(keys)
    threads = {thread for (thread,) in bulk.select(conn, "SELECT thread FROM items WHERE key {among}", keys)}
    found = set(keys)
    for some in bulk.chunks(sorted(threads.union(keys))):
        c = items.c
        for column in (c.thread, c.quotes, c.shares):
            found.update(conn.execute(select(c.key).where(column.in_(some)).limit(FEW + 1)).scalars())
            if len(found) > FEW:
                return None
    return sorted(found)


def not_listed(conn: Connection, stop: Stop) -> list[Select[Any]]:
    """Queries that together give the keys of what matches a stop now and is not on its list."""
    s = stopped_records.c
    listed = select(s.key).where(s.key == items.c.key, s.stop == stop.name).exists()
    return [query.where(~listed) for query in matching(conn, stop.scope)]


def cover(conn: Connection, keys: Collection[str], at: datetime) -> None:
    """These records have just been captured or changed: what an open stop asks for of them goes on its list.

    Called in the transaction of the capture, by what writes records.
    """
    _rely(conn)
    if not keys or not anything_stopped(conn):
        return
    asked = sorted({clean(key) for key in keys})
    for stop in every(conn, open_only=True):
        before = {key for key, name in bulk.select(conn, _LISTED, asked) if name == stop.name}
        found = matching_among(conn, stop.scope, asked)
        _list(conn, stop.name, sorted(found - before), Basis.MATCHED, at)
        if stop.scope.context and (found or before):  # what was listed before may answer or quote more by now
            _list_context(conn, stop.name, sorted(found | before), at)


def cover_all(conn: Connection, at: datetime) -> None:
    """Put on the lists of all open stops what matches now; after captured rows were made again."""
    _rely(conn)
    for stop in every(conn, open_only=True):
        _list_matching(conn, stop, at)


def _list_matching(conn: Connection, stop: Stop, at: datetime) -> None:
    s = stopped_records.c
    columns = ["key", "stop", "basis", "at"]
    for query in not_listed(conn, stop):
        facts = literal(stop.name, s.stop.type), literal(Basis.MATCHED.value, s.basis.type), literal(at, s.at.type)
        new = upsert(conn, stopped_records).from_select(columns, query.add_columns(*facts))
        conn.execute(new.on_conflict_do_nothing())
    if stop.scope.context:
        of_its_own = select(s.key).where(s.stop == stop.name, s.basis != Basis.CONTEXT.value)
        _list_context(conn, stop.name, conn.execute(of_its_own).scalars().all(), at)


def _list_context(conn: Connection, name: StopName, keys: Sequence[str], at: datetime) -> None:
    for wave in context_of(conn, keys):
        _list(conn, name, sorted(wave), Basis.CONTEXT, at)


def _list(conn: Connection, name: StopName, keys: Iterable[str], basis: Basis, at: datetime) -> None:
    rows = [{"key": key, "stop": name, "basis": basis.value, "at": at} for key in keys]
    if rows:
        conn.execute(upsert(conn, stopped_records).on_conflict_do_nothing(), rows)

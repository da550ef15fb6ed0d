"""Saved searches, and what each of them found whenever it was run (records rule R42).

Of a result the keys are kept, each with the digest of what the record was then, and no word of a record. So a second
run can say what is new, what is gone, and what has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, ForeignKey, Identity, Index, Row, Table, func, insert, select

from archiver.domain.acting import Actor
from archiver.domain.keys import Key
from archiver.store.guards import refuse_change_of
from archiver.store.tables import metadata
from archiver.store.types import Id, Json, Moment, Words

saved_searches = Table(
    "saved_searches",
    metadata,
    Column("search", Words, primary_key=True),  # the name that a person gave it
    Column("at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Column("words", Words, nullable=False),  # as typed
    Column("filters", Json, nullable=False),
    Column("zone", Words, nullable=False),
)

search_results = Table(
    "search_results",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("search", Words, ForeignKey("saved_searches.search"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Column("parsed", Json, nullable=False),  # the words as terms
    Column("rules", Words, nullable=False),  # the version of the rules by which text becomes words
    Column("software", Words, nullable=False),
    Column("clearance", Words, nullable=False),  # on what terms it was read
    Column("coverage", Json, nullable=False),
    Column("records", BigInteger, nullable=False),
    Column("digest", Words, nullable=False),
    Index(None, "search"),
)

search_members = Table(
    "search_members",
    metadata,
    Column("result", Id, ForeignKey("search_results.id"), primary_key=True),
    Column("record", Words, primary_key=True),
    Column("digest", Words, nullable=False),
)
refuse_change_of("saved_searches", "search_results", "search_members")

_TOGETHER = 5000


@dataclass(frozen=True, slots=True)
class Saved:
    """A search under a name. ``words`` is as typed, ``filters`` are the others, in values of JSON."""

    name: str
    at: datetime
    by: Actor
    words: str
    filters: Mapping[str, Any]
    zone: str


@dataclass(frozen=True, slots=True)
class Result:
    """What a search found at a moment. ``members`` is each record's key with the digest of what it was then.

    ``parsed`` are the words as terms, ``rules`` the version of the rules that made them, ``clearance`` the terms on
    which it was read, in words; ``coverage`` are the spans of the accounts and dates asked about.
    """

    at: datetime
    by: Actor
    parsed: Sequence[Any]
    rules: str
    software: str
    clearance: str
    coverage: Sequence[Mapping[str, Any]]
    digest: str
    members: Mapping[Key, str]


@dataclass(frozen=True, slots=True)
class Listed:
    """A saved search with its last result's moment, size and digest, and how often it was run."""

    saved: Saved
    runs: int
    last_at: datetime
    records: int
    digest: str


def save(conn: Connection, one: Saved) -> None:
    """Keep a search under its name; a name that is taken is for the caller to refuse."""
    conn.execute(
        insert(saved_searches).values(
            search=one.name, at=one.at, person=one.by.name, login=one.by.login, words=one.words,
            filters=dict(one.filters), zone=one.zone,
        )
    )  # fmt: skip


def find(conn: Connection, name: str) -> Saved | None:
    """A saved search, None when there is none of that name."""
    row = conn.execute(select(saved_searches).where(saved_searches.c.search == name)).one_or_none()
    return _saved(row) if row is not None else None


def keep(conn: Connection, name: str, result: Result) -> None:
    """Write down what a search found."""
    made = conn.execute(
        insert(search_results).values(
            search=name, at=result.at, person=result.by.name, login=result.by.login, parsed=list(result.parsed),
            rules=result.rules, software=result.software, clearance=result.clearance,
            coverage=[dict(one) for one in result.coverage], records=len(result.members), digest=result.digest,
        )
    )  # fmt: skip
    (number,) = made.inserted_primary_key or (None,)
    rows = [{"result": number, "record": key, "digest": digest} for key, digest in result.members.items()]
    for start in range(0, len(rows), _TOGETHER):
        conn.execute(insert(search_members), rows[start : start + _TOGETHER])


def last(conn: Connection, name: str) -> Result | None:
    """What a search found when it was run last."""
    c = search_results.c
    row = conn.execute(select(search_results).where(c.search == name).order_by(c.id.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    m = search_members.c
    members = conn.execute(select(m.record, m.digest).where(m.result == row.id).order_by(m.record))
    return Result(
        row.at, Actor(row.person, row.login), row.parsed, row.rules, row.software, row.clearance, row.coverage,
        row.digest, {Key(record): digest for record, digest in members},
    )  # fmt: skip


def listed(conn: Connection) -> Iterable[Listed]:
    """All saved searches by name, each with its last result."""
    c = search_results.c
    latest = select(c.search, func.max(c.id).label("id"), func.count().label("runs")).group_by(c.search).subquery()
    query = (
        select(saved_searches, latest.c.runs, c.at.label("last_at"), c.records, c.digest)
        .join(latest, latest.c.search == saved_searches.c.search)
        .join(search_results, c.id == latest.c.id)
        .order_by(saved_searches.c.search)
    )
    for row in conn.execute(query):
        yield Listed(_saved(row), row.runs, row.last_at, row.records, row.digest)


def _saved(row: Row[Any]) -> Saved:
    return Saved(row.search, row.at, Actor(row.person, row.login), row.words, row.filters, row.zone)

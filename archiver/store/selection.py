"""Which records are asked for: the filters of `archiver search`, which exports share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, CompoundSelect, Connection, Select, select
from sqlalchemy.dialects.postgresql import TSQUERY

from archiver.domain.fulltext import Term, query_terms
from archiver.domain.history import Basis
from archiver.domain.item import Kind, State, clean
from archiver.store.bulk import chunks
from archiver.store.fulltext import ID_MASK, account_token, document_number, first_number, fts5_query, tsquery
from archiver.store.tables import accounts, items, people, person_versions, versions

PAGE = 50

FULLTEXT = sa.table(
    "fulltext", sa.column("rowid", sa.BigInteger), sa.column("version_id", sa.BigInteger), sa.column("words")
)
DOCUMENT: ColumnElement[int] = FULLTEXT.c.rowid
VERSION_ON_SQLITE: ColumnElement[int] = FULLTEXT.c.rowid.op("&")(sa.literal_column(str(ID_MASK), sa.BigInteger))


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for; None and "" leave everything in. ``words`` follows the rules of `archiver.domain.fulltext`.

    ``author`` is a handle, a name or a native id, of any time. ``since`` is the first moment (aware, UTC), ``until``
    the first one that is too late: of the record's creation, or of our first sight of it where the platform says
    nothing. Both are exact.
    ``limit`` None: all.
    """

    words: str = ""
    account: str | None = None
    platform: str | None = None
    kind: Kind | None = None
    state: State | None = None
    author: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = PAGE
    offset: int = 0

    @property
    def terms(self) -> list[Term]:
        """The words as terms."""
        return query_terms(self.words)

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the words leaves something out."""
        c = (self.account, self.platform, self.kind, self.state, self.author, self.since, self.until)
        return any(value is not None for value in c)

    @property
    def hopeless(self) -> bool:
        """Whether words were given of which nothing can be searched for."""
        return bool(self.words.strip("\x00 \t\r\n")) and not self.terms


def conditions(query: Query) -> list[ColumnElement[bool]]:
    """All filters but the words, as conditions on ``items``."""
    c = items.c
    found: list[ColumnElement[bool]] = []
    if query.account is not None:
        found.append(c.account == query.account)
    if query.platform is not None:
        found.append(c.account.in_(select(accounts.c.account).where(accounts.c.platform == query.platform)))
    if query.kind is not None:
        found.append(c.kind == str(query.kind))
    if query.state is not None:
        found.append(c.state == str(query.state))
        if query.state is not State.LIVE:  # said as the index of what is not live says it, so that it is used
            found.append(c.state != sa.literal_column("'live'"))
    if query.author is not None:
        found.append(c.author_id.in_(_authors(query.author)))
    if query.since is not None:
        found.append(c.moment >= query.since)
    if query.until is not None:
        found.append(c.moment < query.until)
    return found


def selected(conn: Connection, query: Query) -> Select[Any]:
    """The ids of all records that are asked for, in no order; ``limit`` and ``offset`` don't count."""
    chosen = select(items.c.id).where(*conditions(query))
    if query.hopeless:
        return chosen.where(sa.false())
    if query.terms:
        chosen = chosen.where(items.c.id.in_(_found(conn, query)))
    return chosen


def matches(conn: Connection, query: Query) -> ColumnElement[bool]:
    """The words as a condition on FULLTEXT; on SQLite account and time are told by the index itself."""
    if conn.dialect.name == "postgresql":
        return FULLTEXT.c.words.op("@@", is_comparison=True)(sa.cast(tsquery(query.terms), TSQUERY))
    expression = fts5_query(query.terms)
    if query.account is not None:
        expression = f'("{account_token(query.account)}") AND {expression}'
    condition: ColumnElement[bool] = sa.literal_column("fulltext").op("MATCH", is_comparison=True)(expression)
    if query.since is not None:
        condition &= first_number(query.since) <= DOCUMENT
    if query.until is not None:
        condition &= first_number(query.until) + ID_MASK >= DOCUMENT
    return condition


def verified(conn: Connection, query: Query, item_ids: Sequence[int]) -> Iterator[tuple[int, int]]:
    """These records with the versions in which the words are found, the newest first. ``query`` has terms."""
    v = versions.c
    if conn.dialect.name == "postgresql":
        return _verified_on_postgres(conn, query, item_ids)
    places: dict[int, tuple[int, int]] = {}
    for some in chunks(item_ids):
        written = select(items.c.moment, v.id, v.item_id).join(items).where(v.item_id.in_(some))
        for moment, version_id, item_id in conn.execute(written.where(v.basis != Basis.STATE.value)):
            places[document_number(moment, version_id)] = (item_id, version_id)
    found: list[int] = []
    for some in chunks(list(places)):
        found += conn.execute(select(DOCUMENT).where(matches(conn, query), DOCUMENT.in_(some))).scalars()
    return (places[number] for number in sorted(found, reverse=True))


def _verified_on_postgres(conn: Connection, query: Query, item_ids: Sequence[int]) -> Iterator[tuple[int, int]]:
    v = versions.c
    pairs = select(v.item_id, v.id).join(FULLTEXT, FULLTEXT.c.version_id == v.id).where(matches(conn, query))
    for some in chunks(item_ids):
        yield from (
            (row.item_id, row.id) for row in conn.execute(pairs.where(v.item_id.in_(some)).order_by(v.id.desc()))
        )


def _found(conn: Connection, query: Query) -> Select[Any]:
    """The items of the documents in which all words stand."""
    version = FULLTEXT.c.version_id if conn.dialect.name == "postgresql" else VERSION_ON_SQLITE
    return (
        select(versions.c.item_id)
        .select_from(FULLTEXT)
        .join(versions, versions.c.id == version)
        .where(matches(conn, query))
    )


def _authors(author: str) -> Select[Any] | CompoundSelect[Any]:
    """The people who have that native id, or had a handle or name with these words."""
    c = person_versions.c
    wanted = clean(author)
    by_id = select(people.c.id).where(people.c.native_id == wanted)
    padded = sa.literal(" ") + c.names + sa.literal(" ")
    words = [
        padded.contains(f" {' '.join(term.tokens)}" + ("" if term.prefix else " "), autoescape=True)
        for term in query_terms(wanted)
    ]
    if not words:
        return by_id
    return by_id.union(select(c.person_id).where(*words))

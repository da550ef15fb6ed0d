"""Finding records by words, author, date and state; newest first, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, select

from archiver.domain.excerpt import excerpt
from archiver.domain.history import Basis
from archiver.domain.item import Cause, Kind, State
from archiver.domain.keys import Key
from archiver.store.bulk import chunks
from archiver.store.selection import (
    DOCUMENT,
    FULLTEXT,
    PAGE,
    VERSION_ON_SQLITE,
    Query,
    conditions,
    matches,
    selected,
    verified,
)
from archiver.store.tables import accounts, attachments, items, person_versions, versions

__all__ = ["PAGE", "Hit", "Query", "count", "search"]


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found. ``snippet`` is one line around what was found, ``marks`` the places of it in there.

    ``current`` is False when the words stand only in a version that has been edited since.
    """

    record: Key
    account: str
    platform: str
    kind: Kind
    state: State
    cause: Cause | None
    author: str | None
    author_handle: str | None
    created_at: datetime | None
    first_seen_at: datetime
    permalink: str | None
    snippet: str
    marks: tuple[tuple[int, int], ...]
    current: bool

    def document(self) -> dict[str, Any]:
        """In the words of the exports."""
        return {name: value for name, value in asdict(self).items() if name != "marks"}


def search(conn: Connection, query: Query) -> list[Hit]:
    """A page of what was found. Any text may be searched for; no text raises."""
    found = _page(conn, query)
    rows = _rows(conn, [item_id for item_id, _ in found])
    shown = _versions(conn, rows, dict(found))
    return [_hit(rows[item_id], shown[item_id], query) for item_id, _ in found]


def count(conn: Connection, query: Query) -> int:
    """How many records there are on all pages together."""
    number: int = conn.execute(select(func.count()).select_from(selected(conn, query).subquery())).scalar_one()
    return number


Place = tuple[int, int | None]
"""An item and the version in which the words were found; None: no words were asked for."""


def _page(conn: Connection, query: Query) -> list[Place]:
    if query.hopeless:
        return []
    if not query.terms:
        c = items.c
        plain = select(c.id).where(*conditions(query)).order_by(c.moment.desc(), c.id.desc())
        return [
            (item_id, None) for item_id in conn.execute(plain.limit(query.limit).offset(query.offset or None)).scalars()
        ]
    if conn.dialect.name == "postgresql":
        return [(row.id, row.version) for row in conn.execute(_found_on_postgres(conn, query))]
    end = None if query.limit is None else query.offset + query.limit
    return list(islice(_found_on_sqlite(conn, query), query.offset, end))


def _found_on_postgres(conn: Connection, query: Query) -> Select[Any]:
    c = items.c
    return (
        select(c.id, func.max(versions.c.id).label("version"))
        .select_from(FULLTEXT)
        .join(versions, versions.c.id == FULLTEXT.c.version_id)
        .join(items, c.id == versions.c.item_id)
        .where(matches(conn, query), *conditions(query))
        .group_by(c.id, c.moment)
        .order_by(c.moment.desc(), c.id.desc())
        .limit(query.limit)
        .offset(query.offset or None)
    )


def _found_on_sqlite(conn: Connection, query: Query) -> Iterator[Place]:
    """The newest first, each record once, with the newest of its versions in which the words are found."""
    few = _few_candidates(conn, query)
    documents = _stream(conn, query) if few is None else verified(conn, query, few)
    given: set[int] = set()
    for item_id, version_id in documents:
        if item_id not in given:
            given.add(item_id)
            yield item_id, version_id


def _stream(conn: Connection, query: Query) -> Iterator[tuple[int, int]]:
    """The index gives the newest first, so no more of it is read than the page needs."""
    pairs = select(DOCUMENT, VERSION_ON_SQLITE.label("version_id")).where(matches(conn, query))
    found = pairs.order_by(DOCUMENT.desc()).limit(-1).subquery("found")  # LIMIT keeps SQLite from flattening it away
    statement = (
        select(versions.c.item_id, found.c.version_id)
        .select_from(found)
        .join(versions, versions.c.id == found.c.version_id)
        .join(items, items.c.id == versions.c.item_id)
        .where(*conditions(query))
    )
    with conn.execute(statement.execution_options(yield_per=200)) as rows:
        yield from ((row.item_id, row.version_id) for row in rows)


FEW = 1000
"""So many records are asked one by one whether they hold the words, rather than all that hold them whose they are."""


def _few_candidates(conn: Connection, query: Query) -> list[int] | None:
    """The records that the filters leave in, None when they are not few, or no filter promises so."""
    if query.author is None and query.state in {None, State.LIVE}:
        return None
    found = conn.execute(select(items.c.id).where(*conditions(query)).limit(FEW + 1)).scalars().all()
    return list(found) if len(found) <= FEW else None


def _rows(conn: Connection, item_ids: Sequence[int]) -> dict[int, RowMapping]:
    c, v, p = items.c, versions.c, person_versions.c
    name = func.coalesce(
        v.person_version_id, select(func.max(p.id)).where(p.person_id == c.author_id).correlate(items).scalar_subquery()
    )
    query = (
        select(
            c.id, c.key, c.account, accounts.c.platform, c.kind, c.state, c.cause, c.created_at, c.first_seen_at,
            c.permalink, c.current, p.display_name, p.handle, v.id.label("version_id"),
        )
        .join(accounts)
        .outerjoin(versions, (v.item_id == c.id) & (v.ordinal == c.current))
        .outerjoin(person_versions, p.id == name)
    )  # fmt: skip
    rows: dict[int, RowMapping] = {}
    for some in chunks(item_ids):
        rows.update((row["id"], row) for row in conn.execute(query.where(c.id.in_(some))).mappings())
    return rows


@dataclass(frozen=True, slots=True)
class _Shown:
    texts: tuple[str, ...]
    current: bool


def _versions(conn: Connection, rows: dict[int, RowMapping], found: dict[int, int | None]) -> dict[int, _Shown]:
    """The texts of the version in which the words were found, and whether it still holds."""
    chosen = {
        item_id: version if version is not None else rows[item_id]["version_id"] for item_id, version in found.items()
    }
    v = versions.c
    texts: dict[int, list[str | None]] = {}
    described: dict[int, list[str | None]] = {}
    later: set[int] = set()
    changing = v.basis.in_([Basis.EDIT.value, Basis.DETAIL.value])
    for some in chunks(list(chosen)):
        numbers = [chosen[item_id] for item_id in some if chosen[item_id] is not None]
        for row in conn.execute(select(v.id, v.text, v.title, v.content_warning, v.basis).where(v.id.in_(numbers))):
            texts[row.id] = [row.text, row.title, row.content_warning]
            if row.basis == Basis.HISTORY.value:
                later.add(row.id)
        alt = select(attachments.c.version_id, attachments.c.alt_text).where(attachments.c.version_id.in_(numbers))
        for version, text in conn.execute(alt.order_by(attachments.c.position)):
            described.setdefault(version, []).append(text)
        for item_id, version in conn.execute(select(v.item_id, v.id).where(v.item_id.in_(some), changing)):
            if version > chosen[item_id]:
                later.add(chosen[item_id])
    return {  # what was disposed of has no version
        item_id: _Shown(tuple(filter(None, texts.get(version, []) + described.get(version, []))), version not in later)
        for item_id, version in chosen.items()
    }


def _hit(row: RowMapping, shown: _Shown, query: Query) -> Hit:
    piece = excerpt(shown.texts, query.terms)
    return Hit(
        record=Key(row["key"]),
        account=row["account"],
        platform=row["platform"],
        kind=Kind(row["kind"]),
        state=State(row["state"]),
        cause=Cause(row["cause"]) if row["cause"] else None,
        author=row["display_name"],
        author_handle=row["handle"],
        created_at=row["created_at"],
        first_seen_at=row["first_seen_at"],
        permalink=row["permalink"],
        snippet=piece.text,
        marks=piece.marks,
        current=shown.current,
    )

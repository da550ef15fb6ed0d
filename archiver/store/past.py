"""Versions that were never seen, learned from an edit history that the platform keeps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from archiver.domain.fulltext import document
from archiver.domain.history import Basis, EventName, NewVersion
from archiver.domain.item import State, canonical, clean, digest_of, facets_of
from archiver.domain.keys import Key
from archiver.domain.observation import PastVersion
from archiver.store import bulk
from archiver.store.captures import number_of
from archiver.store.decisions import stops
from archiver.store.facets import rest_of
from archiver.store.fulltext import add_documents
from archiver.store.rows import EVENT, VERSION, Columns, Parts, add_parts
from archiver.store.tables import items, person_versions, versions


def past_known(conn: Connection, key: Key) -> list[tuple[datetime | None, str]]:
    """The platform's time and the digest of each stored version."""
    c = versions.c
    query = select(c.edited_at, c.digest).join(items, items.c.id == c.item_id).where(items.c.key == clean(key))
    return [(row.edited_at, row.digest) for row in conn.execute(query.order_by(c.ordinal))]


def add_past(
    conn: Connection, key: Key, past: Sequence[PastVersion], *, exchange: str, at: datetime,
    source: str = "the platform's own history of edits",
) -> None:  # fmt: skip
    """Enter versions of a known record; the one that holds now stays, each of these is an edit that was not seen.

    ``source`` says in words where they stand.

    They carry the author's name as it is now: an edit history tells the words of the time, not the names.
    """
    number = number_of(conn, exchange)
    item = conn.execute(select(items).where(items.c.key == clean(key))).one()
    person, names = _author(conn, item.author_id)
    moment = bulk.moments(conn)
    rows, hanging, documents, events = [], [], [], []
    version_ids = bulk.reserve(conn, "versions", len(past))
    for ordinal, (entry, version_id) in enumerate(zip(past, version_ids, strict=True), start=item.learned + 1):
        body = entry.body
        version = NewVersion(
            Basis.HISTORY,
            body,
            canonical(facets_of(body)),
            digest_of(body),
            State.LIVE,
            cause=None,
            native_version=None,
        )
        columns, parts = Columns.of(body), Parts.of(body)
        rows.append((
            version_id, item.id, ordinal, str(version.basis), moment(at), moment(body.edited_at or entry.at),
            str(version.state), None, *columns, rest_of(version, columns), version.digest, None, person, "", number,
        ))  # fmt: skip
        hanging.append((version_id, parts))
        documents.append((item.moment, version_id, item.account, document(columns.words(parts), names)))
        basis = f"in {source}, version of {entry.at.isoformat()}"
        events.append((item.id, str(EventName.EDITED), moment(at), basis, number))
    bulk.insert(conn, "versions", VERSION, rows)
    add_parts(conn, hanging, exchange=number, at=at)
    bulk.insert(conn, "events", EVENT, events)
    add_documents(conn, documents)
    conn.execute(update(items).where(items.c.id == item.id).values(learned=item.learned + len(past)))
    stops.cover(conn, [item.key], at)  # an earlier wording may be what a stop asks for


def _author(conn: Connection, author_id: int | None) -> tuple[int | None, str]:
    """The newest name of the author, and its words."""
    c = person_versions.c
    query = select(c.id, c.names).where(c.person_id == author_id).order_by(c.id.desc()).limit(1)
    row = conn.execute(query).one_or_none()
    return (row.id, row.names) if row else (None, "")

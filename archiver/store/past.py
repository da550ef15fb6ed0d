"""Versions that were never seen, learned from an edit history that the platform keeps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from archiver.domain.fulltext import document
from archiver.domain.history import Basis, EventName
from archiver.domain.item import State, canonical, clean, digest_of, facets_of
from archiver.domain.keys import Key
from archiver.domain.observation import PastVersion
from archiver.store.captures import number_of
from archiver.store.fulltext import add_documents
from archiver.store.rows import Parts, add_parts, body_columns
from archiver.store.facets import rest_of
from archiver.store.tables import events, items, people, person_versions, versions


def past_known(conn: Connection, key: Key) -> list[tuple[datetime | None, str]]:
    """The platform's time and the digest of each stored version."""
    c = versions.c
    query = select(c.edited_at, c.digest).join(items, items.c.id == c.item_id).where(items.c.key == clean(key))
    return [(row.edited_at, row.digest) for row in conn.execute(query.order_by(c.ordinal))]


def add_past(conn: Connection, key: Key, past: Sequence[PastVersion], *, exchange: str, at: datetime) -> None:
    """Enter versions of a known record; the one that holds now stays, each of these is an edit that was not seen."""
    number = number_of(conn, exchange)
    item = conn.execute(select(items).where(items.c.key == clean(key))).one()
    person = _author(conn, item.author_id)
    for ordinal, entry in enumerate(past, start=item.learned + 1):
        columns = body_columns(entry.body)
        row = columns | {
            "item_id": item.id,
            "ordinal": ordinal,
            "basis": Basis.HISTORY.value,
            "observed_at": at,
            "edited_at": entry.body.edited_at or entry.at,
            "state": State.LIVE.value,
            "facets": rest_of(canonical(facets_of(entry.body)), columns),
            "digest": digest_of(entry.body),
            "person_version_id": person[0] if person else None,
            "pointer": "",
            "exchange_id": number,
        }
        version: int = conn.execute(insert(versions).values(**row).returning(versions.c.id)).scalar_one()
        parts = Parts.of(entry.body)
        add_parts(conn, [(version, parts)], exchange=number, at=at)
        words = document(parts.words(columns), person[1] if person else "")
        add_documents(conn, [(item.moment, version, item.account, words)])
    conn.execute(update(items).where(items.c.id == item.id).values(learned=items.c.learned + len(past)))
    basis = "in the platform's own history of edits, version of {}"
    rows = [
        {"item_id": item.id, "event": EventName.EDITED.value, "at": at, "exchange_id": number, "basis": basis.format(entry.at.isoformat())}
        for entry in past
    ]
    if rows:
        conn.execute(insert(events), rows)


def _author(conn: Connection, author_id: int | None) -> tuple[int, str] | None:
    """The newest name of the author, and its words."""
    c = person_versions.c
    query = select(c.id, c.names).join(people).where(people.c.id == author_id).order_by(c.id.desc()).limit(1)
    row = conn.execute(query).one_or_none()
    return None if row is None else (row.id, row.names)

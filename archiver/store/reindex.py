"""Making the full-text index again from the rows."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, select

from archiver.domain.fulltext import document
from archiver.domain.history import Basis
from archiver.store.bulk import portions
from archiver.store.fulltext import Document, add_documents, clear
from archiver.store.rows import Columns, Parts, parts_of
from archiver.store.tables import items, person_versions, versions
from archiver.store.types import json_text


def reindex(conn: Connection) -> None:
    """Index all versions anew, as they were indexed when they came."""
    clear(conn)
    v, p = versions.c, person_versions.c
    query = (
        select(v.id, v.title, v.text, v.content_warning, v.tags, p.names, items.c.moment, items.c.account)
        .join(items, items.c.id == v.item_id)
        .outerjoin(person_versions, p.id == v.person_version_id)
        .where(v.basis != Basis.STATE.value)
        .order_by(items.c.moment, v.id)
    )
    with conn.execute(query.execution_options(yield_per=500)) as found:
        for portion in portions(found.mappings()):
            parts = parts_of(conn, [row["id"] for row in portion])
            add_documents(conn, [_document(row, parts[row["id"]]) for row in portion])


def _document(row: RowMapping, parts: Parts) -> Document:
    tags = None if row["tags"] is None else json_text(row["tags"])
    columns = Columns(title=row["title"], text=row["text"], content_warning=row["content_warning"], tags=tags)
    return row["moment"], row["id"], row["account"], document(columns.words(parts), row["names"] or "")

"""Which records were hidden, removed or shown again in a period, and which have the same words and were not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, select, text

from archiver.domain.keys import Key
from archiver.domain.moderation import MODERATING
from archiver.store.selection import Query, selected
from archiver.store.tables import events, items, versions

_SOMETHING_HAPPENED = text("events.event NOT IN ('seen', 'edited')")  # as the index says it, so that it is used


def records(
    conn: Connection, *, since: datetime | None = None, until: datetime | None = None, account: str | None = None
) -> Iterator[Key]:
    """The records with such an event from ``since`` on and before ``until`` (aware, UTC), each once, by key."""
    query = (
        select(items.c.key)
        .join(events, events.c.item_id == items.c.id)
        .where(_SOMETHING_HAPPENED, events.c.event.in_(sorted(MODERATING)))
        .distinct()
        .order_by(items.c.key)
    )
    if since is not None:
        query = query.where(events.c.at >= since)
    if until is not None:
        query = query.where(events.c.at < until)
    if account is not None:
        query = query.where(items.c.account == account)
    for key in conn.execute(query).scalars().all():
        yield Key(key)


def with_words(conn: Connection, query: Query) -> list[tuple[Key, str]]:
    """The keys and present texts of records in which the query's words stand, as many as its ``limit``."""
    c, v = items.c, versions.c
    texts = (
        select(c.key, v.text)
        .join(versions, (v.item_id == c.id) & (v.ordinal == c.current))
        .where(c.id.in_(selected(conn, query)))
        .limit(query.limit)
    )
    return [(Key(row.key), row.text or "") for row in conn.execute(texts)]

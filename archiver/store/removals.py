"""Which records were hidden, removed or shown again in a period; found by an index that has nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, select, text

from archiver.domain.keys import Key
from archiver.domain.moderation import MODERATING
from archiver.store.tables import events, items

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

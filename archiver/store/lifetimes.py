"""When records came to be and when they left their platform: from what their retention is worked out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, func, select

from archiver.domain.history import EventName
from archiver.domain.item import State
from archiver.domain.keys import Key
from archiver.store import bulk
from archiver.store.tables import accounts, events, items

PORTION = 2000


@dataclass(frozen=True, slots=True)
class Lifetime:
    """A record as its retention sees it. Moments are aware, UTC.

    ``created_at`` is the platform's word, None where it says nothing. ``removed_at`` is when it was last seen to go
    from sight: None for a record that is to be seen.
    """

    record: Key
    account: str
    kind: str
    state: str
    created_at: datetime | None
    first_seen_at: datetime
    removed_at: datetime | None
    configured: str | None

    @property
    def came_at(self) -> datetime:
        """When it was made, or reached the city, as early as is known."""
        return self.created_at or self.first_seen_at


def lifetimes(conn: Connection, keys: Sequence[str] | None = None) -> Iterator[list[Lifetime]]:
    """In portions: all records in the order in which they were found, or these. Unknown keys are left out."""
    c = items.c
    query = _query().order_by(c.id)
    if keys is not None:
        for some in bulk.chunks(keys):
            yield [_lifetime(row) for row in conn.execute(query.where(c.key.in_(some)))]
        return
    last = 0
    while rows := conn.execute(query.where(c.id > last).limit(PORTION)).all():
        yield [_lifetime(row) for row in rows]
        last = rows[-1].id


def threads_of(conn: Connection, keys: Sequence[str]) -> tuple[Key, ...]:
    """The keys of the roots of the threads in which these records stand, each once."""
    c = items.c
    found = (conn.execute(select(c.thread).where(c.key.in_(some))).scalars() for some in bulk.chunks(keys))
    return tuple(dict.fromkeys(Key(root) for roots in found for root in roots))


def _query() -> Any:
    c, e = items.c, events.c
    leaving = [EventName.HIDDEN.value, EventName.GONE.value, EventName.RESTORED.value]
    left = select(func.max(e.at)).where(e.item_id == c.id, e.event.in_(leaving)).correlate(items).scalar_subquery()
    out_of_sight = c.state.in_([State.HIDDEN.value, State.GONE.value])
    return select(
        c.id, c.key, c.account, c.kind, c.state, c.created_at, c.first_seen_at,
        case((out_of_sight, func.coalesce(left, c.first_seen_at))).label("removed_at"), accounts.c.series,
    ).join(accounts, accounts.c.account == c.account)  # fmt: skip


def _lifetime(row: Any) -> Lifetime:
    return Lifetime(
        Key(row.key), row.account, row.kind, row.state, row.created_at, row.first_seen_at, row.removed_at, row.series
    )

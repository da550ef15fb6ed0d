"""Records of one person that are not shown, and of which nobody has said why."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, exists, select

from archiver.domain.history import EventName
from archiver.domain.item import State, clean
from archiver.domain.keys import Key
from archiver.store.tables import events, items, people

_BEGAN = {State.GONE: EventName.GONE, State.HIDDEN: EventName.HIDDEN}


def unexplained(
    conn: Connection, *, platform: str, author: str, state: State, since: datetime, basis: str
) -> list[Key]:
    """The records of a person that were found in a state, without a cause, since a moment.

    Those that this very ``basis`` was noted for already are left out: said twice it is one event.
    """
    began = exists().where(
        events.c.item_id == items.c.id, events.c.event == str(_BEGAN[state]), events.c.at >= since
    )  # fmt: skip
    noted = exists().where(
        events.c.item_id == items.c.id, events.c.event == str(EventName.EXPLAINED), events.c.basis == clean(basis),
        events.c.at >= since,
    )  # fmt: skip
    query = (
        select(items.c.key)
        .join(people, people.c.id == items.c.author_id)
        .where(people.c.platform == platform, people.c.native_id == clean(author))
        .where(items.c.state == str(state), items.c.cause.is_(None), began, ~noted)
        .order_by(items.c.id)
    )
    return [Key(key) for key in conn.execute(query).scalars()]

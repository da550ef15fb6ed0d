"""What a record is at this moment, as a digest: the same as long as nobody would see a difference."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import Connection, select

from archiver.domain.keys import Key
from archiver.store.bulk import chunks
from archiver.store.tables import items, versions
from archiver.store.types import json_text


def of(conn: Connection, keys: Iterable[Key]) -> dict[Key, str]:
    """The digests of the records of these keys that there are: of their state, cause, and all their versions.

    A rebuild gives the same ones; counts of likes and the like don't count.
    """
    found: dict[Key, str] = {}
    c, v = items.c, versions.c
    for some in chunks(sorted(set(keys))):
        rows = conn.execute(select(c.id, c.key, c.state, c.cause).where(c.key.in_(some))).all()
        told: dict[int, list[list[str | None]]] = {row.id: [[row.state, row.cause]] for row in rows}
        history = (
            select(v.item_id, v.digest, v.state, v.cause).where(v.item_id.in_(told)).order_by(v.item_id, v.ordinal)
        )
        for item_id, *version in conn.execute(history):
            told[item_id].append(version)
        found |= {Key(row.key): hashlib.sha256(json_text(told[row.id]).encode()).hexdigest() for row in rows}
    return found


def states(conn: Connection, keys: Iterable[Key]) -> dict[Key, str]:
    """The states of the records of these keys that there are."""
    found: dict[Key, str] = {}
    for some in chunks(sorted(set(keys))):
        rows = conn.execute(select(items.c.key, items.c.state).where(items.c.key.in_(some)))
        found |= {Key(row.key): row.state for row in rows}
    return found

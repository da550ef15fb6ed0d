"""What `writing` needs to know of records that the store has: their rows, and the versions that hold now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection

from archiver.store import bulk
from archiver.store.rows import Columns, Parts, parts_of


class ItemRow(NamedTuple):
    """A row of ``items`` as the driver gives it. The columns that may change come first, in the order of CHANGING."""

    kind: Any
    parent: Any
    thread: Any
    thread_author: Any
    shares: Any
    author_id: Any
    created_at: Any
    last_seen_at: Any
    permalink: Any
    state: Any
    cause: Any
    quotes: Any
    current: Any
    learned: Any
    like_count: Any
    reply_count: Any
    share_count: Any
    view_count: Any
    reactions: Any
    votes: Any
    id: int
    moment: Any
    key: str


CHANGING = ItemRow._fields[:20]


@dataclass(frozen=True, slots=True)
class Before:
    """The version of a record that holds until now. ``edited_at`` is as the driver gives it."""

    columns: Columns
    parts: Parts
    edited_at: Any
    person: int | None


def known_rows(conn: Connection, keys: Sequence[str]) -> dict[str, ItemRow]:
    """The rows of these keys that the store has, in the order of the keys."""
    found = {row[-1]: ItemRow._make(row) for row in bulk.select(conn, _KNOWN, keys)}
    return {key: found[key] for key in keys if key in found}


def versions_before(conn: Connection, item_ids: Sequence[int]) -> dict[int, Before]:
    """The versions that hold now, by item."""
    rows = bulk.select(conn, _BEFORE, item_ids)
    parts = parts_of(conn, [version for version, *_ in rows])
    return {
        item_id: Before(Columns._make(columns), parts[version], edited_at, person)
        for version, item_id, edited_at, person, *columns in rows
    }


_KNOWN = f"SELECT {', '.join(ItemRow._fields)} FROM items WHERE key {{among}}"  # noqa: S608 - our own names

_BEFORE = f"""
SELECT v.id, v.item_id, v.edited_at, v.person_version_id, {", ".join("v." + name for name in Columns._fields)}
FROM items i JOIN versions v ON v.item_id = i.id AND v.ordinal = i.current WHERE i.id {{among}}
"""  # noqa: S608 - our own names

"""What readers of threads lose when records go (records rule R25): how many answers that stay hang below each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from archiver.domain.item import State
from archiver.domain.keys import Key
from archiver.store.bulk import chunks
from archiver.store.tables import items


@dataclass(frozen=True, slots=True)
class Loss:
    """A record that goes, and how many stay that answer it, or stand in the thread that it began."""

    record: Key
    staying: int


def losses(conn: Connection, keys: Sequence[Key]) -> list[Loss]:
    """The records of a list that others, which stay, hang below; those with the most first."""
    going, found = set(keys), dict[Key, int]()
    for some in chunks(sorted(going)):
        for above, below in _below(conn, some):
            if below not in going:
                found[above] = found.get(above, 0) + 1
    return [Loss(key, found[key]) for key in sorted(found, key=lambda one: (-found[one], one))]


def _below(conn: Connection, keys: Sequence[Key]) -> Iterator[tuple[Key, Key]]:
    c = items.c
    stays = c.state != State.DISPOSED.value
    for row in conn.execute(select(c.parent, c.key).where(c.parent.in_(keys), stays)):
        yield Key(row.parent), Key(row.key)
    deeper = c.thread.in_(keys) & (c.key != c.thread) & (c.parent.is_(None) | (c.parent != c.thread))
    for row in conn.execute(select(c.thread, c.key).where(deeper, stays)):
        yield Key(row.thread), Key(row.key)

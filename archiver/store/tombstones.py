"""What stays of records that were disposed of (records rule R33): rows of ``items`` without words, names or versions.

They keep a place in their thread for those who read what stays, and they keep what was disposed of from coming back:
what a platform shows of it again is passed over, and the capture is noted in ``residue`` to be cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, insert, select

from archiver.domain.disposal import Tombstone
from archiver.domain.item import Kind, State, clean
from archiver.domain.keys import Key
from archiver.store import bulk
from archiver.store.bulk import chunks
from archiver.store.captures import number_of
from archiver.store.tables import aliases, exchanges, items, residue
from archiver.store.upsert import upsert


@dataclass(frozen=True, slots=True)
class Stone:
    """A record that was disposed of, as far as placing others needs it. ``kind`` is what it was.

    ``thread_author`` is the account's own id where the account began the thread; others' ids are not kept.
    """

    key: Key
    kind: Kind
    thread: Key
    thread_author: str | None


def among(conn: Connection, names: Iterable[Key]) -> dict[Key, Stone]:
    """Those of the names, keys or other ids, that are of records which were disposed of. One look where none were."""
    if conn.exec_driver_sql(_ANY).first() is None:
        return {}
    asked = {clean(name): name for name in names}
    found = bulk.select(conn, _BY_ALIAS, list(asked)) + bulk.select(conn, _BY_KEY, list(asked))
    return {asked[name]: Stone(Key(key), Kind(kind), Key(thread), author) for name, key, kind, thread, author in found}


_ANY = "SELECT 1 FROM items WHERE state <> 'live' AND state = 'disposed' LIMIT 1"
_BY_KEY = "SELECT key, key, kind, thread, thread_author FROM items WHERE state = 'disposed' AND key {among}"
_BY_ALIAS = """
SELECT a.alias, i.key, i.kind, i.thread, i.thread_author FROM aliases a JOIN items i ON i.id = a.item_id
WHERE i.state = 'disposed' AND a.alias {among}
"""


def seed(conn: Connection, stones: Sequence[Tombstone]) -> None:
    """Enter tombstones into a store that has none of these records."""
    if not stones:
        return
    numbers = bulk.reserve(conn, "items", len(stones))
    rows, names = [], []
    for one, number in zip(stones, numbers, strict=True):
        rows.append(
            {
                "id": number, "key": one.record, "account": one.account, "kind": str(one.kind), "parent": one.parent,
                "thread": one.thread, "thread_author": one.thread_author, "created_at": one.created_at,
                "moment": one.moment, "first_seen_at": one.first_seen_at, "last_seen_at": one.last_seen_at,
                "state": State.DISPOSED.value, "current": 0, "learned": 0,
            }
        )  # fmt: skip
        names += [{"alias": name, "item_id": number} for name in one.names]
    for some in chunks(rows):
        conn.execute(insert(items), list(some))
    for others in chunks(names):
        conn.execute(upsert(conn, aliases).on_conflict_do_nothing(), list(others))


def of(conn: Connection, keys: Sequence[Key]) -> list[Tombstone]:
    """What will stay of these records, in the order of their keys; of those that the store has."""
    found: list[Tombstone] = []
    for some in chunks(sorted(set(keys))):
        rows = conn.execute(select(items).where(items.c.key.in_(some))).mappings().all()
        names: dict[int, list[str]] = {}
        called = select(aliases.c.item_id, aliases.c.alias).where(aliases.c.item_id.in_([row["id"] for row in rows]))
        for item_id, alias in conn.execute(called.order_by(aliases.c.alias)):
            names.setdefault(item_id, []).append(alias)
        own = _own(conn, [row["id"] for row in rows])
        found += (_stone(row, names.get(row["id"], ()), own.get(row["id"])) for row in rows)
    return sorted(found, key=lambda stone: stone.record)


def _stone(row: RowMapping, names: Iterable[str], own: str | None) -> Tombstone:
    return Tombstone(
        record=Key(row["key"]), names=tuple(names), account=row["account"], kind=Kind(row["kind"]),
        parent=row["parent"], thread=row["thread"], thread_author=own, created_at=row["created_at"],
        moment=row["moment"], first_seen_at=row["first_seen_at"], last_seen_at=row["last_seen_at"],
    )  # fmt: skip


def _own(conn: Connection, item_ids: Sequence[int]) -> dict[int, str]:
    """The account's own id for the items whose thread the account began."""
    return dict(bulk.select(conn, _OWN, item_ids))


_OWN = """
SELECT i.id, a.native_id FROM items i JOIN accounts a ON a.account = i.account
LEFT JOIN people p ON p.id = i.author_id
WHERE a.native_id IS NOT NULL
  AND (i.thread_author = a.native_id OR (i.thread = i.key AND p.native_id = a.native_id)) AND i.id {among}
"""


def note_residue(conn: Connection, exchange: str, records: Iterable[Key]) -> None:
    """A capture shows these records, which were disposed of."""
    shown = sorted({clean(key) for key in records})
    if shown:
        number = number_of(conn, exchange)
        rows = [{"exchange_id": number, "record": key} for key in shown]
        conn.execute(upsert(conn, residue).on_conflict_do_nothing(), rows)


def residues(conn: Connection) -> dict[str, list[Key]]:
    """The captures that show records which were disposed of: the records of each, by the exchange's id."""
    found: dict[str, list[Key]] = {}
    query = select(exchanges.c.exchange, residue.c.record).join_from(residue, exchanges)
    for exchange, record in conn.execute(query.order_by(exchanges.c.sequence, residue.c.record)):
        found.setdefault(exchange, []).append(Key(record))
    return found

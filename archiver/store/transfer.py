"""Taking the captured half of another store over, in one transaction (records rule R4).

This is the one place where captured rows give way: to what a rebuild has just read out of the WARC files, which
are what was captured. It lifts the triggers inside the transaction and sets them again before its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, insert, select, update

from archiver.store import bulk, tables
from archiver.store.engine import Store
from archiver.store.fulltext import clear
from archiver.store.guards import lifted
from archiver.store.reindex import reindex

CAPTURED: tuple[Table, ...] = (
    tables.account_handles,
    tables.exchanges,
    tables.validators,
    tables.people,
    tables.person_versions,
    tables.items,
    tables.aliases,
    tables.versions,
    tables.events,
    tables.attachments,
    tables.links,
    tables.polls,
    tables.metrics,
    tables.media,
    tables.media_sources,
    tables.gates,
    tables.gate_members,
    tables.setting_pages,
    tables.totals,
    tables.coverage,
    tables.downloads,
    tables.download_parts,
    tables.download_entries,
    tables.download_files,
    tables.residue,
)
"""In the order in which foreign keys let them be filled."""

_LEARNED = ("native_id", "handle", "display_name", "facts", "access")


def take_over_captured(conn: Connection, other: Store) -> None:
    """Put the other store's captured rows in the place of this one's; accounts keep their register."""
    with other.read() as source, lifted(conn):
        _clear(conn)
        for table in CAPTURED:
            highest = 0
            for rows in bulk.portions(_rows(source, table), 2000):
                conn.execute(insert(table), [row._asdict() for row in rows])
                highest = max(highest, *(getattr(row, "id", 0) for row in rows))
            if highest:
                bulk.settle(conn, table.name, highest)
        for account in source.execute(select(tables.accounts)).mappings():
            learned = {name: account[name] for name in _LEARNED}
            where = tables.accounts.c.account == account["account"]
            conn.execute(update(tables.accounts).where(where).values(**learned))
        reindex(conn)


def _clear(conn: Connection) -> None:
    """Empty the captured tables and the index over them."""
    clear(conn)
    for table in reversed(CAPTURED):
        conn.execute(delete(table))


def _rows(source: Connection, table: Table) -> Iterator[Row[Any]]:
    with source.execute(select(table).execution_options(yield_per=2000)) as found:
        yield from found

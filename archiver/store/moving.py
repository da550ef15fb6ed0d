"""What a move from one database to another needs of both: a target with nothing in it, a source that stands still."""

from __future__ import annotations

from sqlalchemy import Connection

from archiver.errors import UsageError
from archiver.store import copying, migrate
from archiver.store.connections import parse, shown
from archiver.store.engine import Store, open_store, upgrade
from archiver.store.whole import all_tables

_PATIENCE = "60s"


def open_target(url: str) -> Store:
    """Where a store shall be: one that is there, or an empty one that is made.

    Raises UsageError where the database holds something else, StoreTooOld and StoreTooNew.
    """
    parsed = parse(url)
    if migrate.revision(parsed) is None:
        if not migrate.is_blank(parsed):
            raise UsageError(
                f"{shown(parsed)} holds tables of another program.",
                advice="Make a database of its own for the archive.",
            )
        upgrade(url)
    return open_store(url, durable=True)


def is_empty(conn: Connection) -> bool:
    """Whether no table has a row."""
    return not any(copying.counts(conn).values())


def hold_still(conn: Connection) -> None:
    """Until the end of this write transaction nobody else writes to the store, whoever reads it.

    On SQLite that is so anyway. Raises OperatorError while somebody else goes on writing.
    """
    if conn.dialect.name != "postgresql":
        return
    conn.exec_driver_sql(f"SET LOCAL lock_timeout = '{_PATIENCE}'")
    conn.exec_driver_sql(f"LOCK TABLE {', '.join(table.name for table in all_tables())} IN SHARE MODE")

"""Making what was deleted unreadable in the database's own files (records rule R30).

A deleted row's bytes are overwritten (``secure_delete``), but the full-text index keeps words of deleted documents in
its segments until these are merged, and a write-ahead log keeps pages until it is begun anew.
"""

from __future__ import annotations

from sqlalchemy import Engine
from sqlalchemy.engine.interfaces import DBAPIConnection

from archiver.errors import OperatorError
from archiver.store.tables import metadata


def sync(writer: Engine) -> None:
    """Have what was committed on disk: captures are not synced one by one (`sqlite.set_up`)."""
    if writer.dialect.name != "sqlite":
        return
    connection = writer.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
    finally:
        connection.close()


def wipe(writer: Engine) -> None:
    """Write the index and the database's files anew. Safe to repeat. Raises OperatorError while somebody reads.

    On PostgreSQL all tables are written anew; that server's own log and backups are its administrator's to let expire
    (docs/explanation/limits.md).
    """
    connection = writer.raw_connection()
    try:
        driver = connection.driver_connection
        assert driver is not None
        _wipe_sqlite(driver) if writer.dialect.name == "sqlite" else _wipe_postgres(driver)
    finally:
        connection.close()


def _wipe_sqlite(driver: DBAPIConnection) -> None:
    cursor = driver.cursor()
    cursor.execute("INSERT INTO fulltext (fulltext) VALUES ('optimize')")
    cursor.execute("PRAGMA temp_store = FILE")  # the copy has the size of the store
    cursor.execute("VACUUM")
    cursor.execute("PRAGMA temp_store = MEMORY")
    busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    cursor.close()
    if busy:
        raise OperatorError(
            "Another program reads the store, so its log still holds what was destroyed.",
            advice="Close the program, then run any archiver command that writes, for example `archiver seal`.",
        )


def _wipe_postgres(driver: DBAPIConnection) -> None:
    driver.autocommit = True
    try:
        cursor = driver.cursor()
        for name in (*(table.name for table in metadata.sorted_tables), "fulltext"):
            cursor.execute(f"VACUUM (FULL) {name}")
        cursor.close()
    finally:
        driver.autocommit = False

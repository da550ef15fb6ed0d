"""Making what was deleted unreadable in the database's own files (records rule R30).

A deleted row's bytes are overwritten (``secure_delete``), but the full-text index keeps words of deleted documents in
its segments until these are merged, and a write-ahead log keeps pages until it is begun anew.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection

from archiver.errors import OperatorError
from archiver.store.whole import all_tables

_PATIENCE = "60s"
"""So long a table is waited for that somebody reads."""

_OWNED = "SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database()"

_LOOKING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND backend_type = 'client backend' AND backend_xmin IS NOT NULL
"""
"""Other sessions, as far as the server shows them to us, with a transaction that sees the store as it was."""


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

    On PostgreSQL all tables are written anew, and the samples that its planner took of them; the files of before go
    with the server's next checkpoint. Its own log and backups are its administrator's (docs/how-to/dispose.md).
    """
    if writer.dialect.name == "postgresql":
        _wipe_postgres(writer)
        return
    connection = writer.raw_connection()
    try:
        assert connection.driver_connection is not None
        _wipe_sqlite(connection.driver_connection)
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


def _wipe_postgres(writer: Engine) -> None:
    """`ANALYZE` takes other samples of the rows; those of before lie in ``pg_statistic`` until that is written anew."""
    with writer.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql(f"SET lock_timeout = '{_PATIENCE}'")
        try:
            _require_owner(conn)
            _require_nobody_looks_back(conn)
            for name in (*(table.name for table in all_tables()), "fulltext"):
                conn.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {name}")
            conn.exec_driver_sql("VACUUM (FULL) pg_catalog.pg_statistic")
        finally:
            conn.exec_driver_sql("RESET lock_timeout")


def _require_owner(conn: Connection) -> None:
    """Only a database's owner may write ``pg_statistic`` anew; for others the server passes over it."""
    if not conn.exec_driver_sql(_OWNED).scalar_one():
        raise OperatorError(
            "The database user does not own the database, so its server's samples still hold what was destroyed.",
            advice="Have the administrator run ALTER DATABASE … OWNER TO that user, then run `archiver seal`.",
        )


def _require_nobody_looks_back(conn: Connection) -> None:
    """Rows that another transaction may still see are written anew with the rest. Raises OperatorError."""
    if conn.exec_driver_sql(_LOOKING).scalar_one():
        raise OperatorError(
            "Another program reads the store, so its files still hold what was destroyed.",
            advice="Close the program, then run any archiver command that writes, for example `archiver seal`.",
        )

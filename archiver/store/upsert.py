"""INSERT … ON CONFLICT, which both databases speak in two dialects of SQLAlchemy."""

from __future__ import annotations

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(conn: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that has ``on_conflict_do_update`` and ``on_conflict_do_nothing``."""
    return sqlite.insert(table) if conn.dialect.name == "sqlite" else postgresql.insert(table)

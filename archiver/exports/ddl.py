"""The SQLite file's schema, from the definitions of tables and views."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from archiver.exports import schema
from archiver.exports.schema import Table
from archiver.exports.views import VIEWS

APPLICATION_ID = 0x41524356
"""``ARCV`` in the file's header, by which ``file`` and our own tools know an export."""

INDEXES = {
    "records": (("account", "created_at"), ("thread",), ("parent",), ("author_id",), ("state",)),
    "versions": (("exchange",),),
    "events": (("record", "at"),),
    "attachments": (("media",),),
    "metrics": (("record", "observed_at"),),
    "origins": (("record",), ("download",)),
}

SEARCHED = ("title", "text", "author", "author_handle", "alt_text", "earlier_text")
"""The columns of ``records`` that both search tables index."""


def tables() -> Iterator[str]:
    """CREATE TABLE and CREATE INDEX statements."""
    for table in (schema.ABOUT, schema.COLUMNS, *schema.TABLES):
        yield _create(table)
        for columns in INDEXES.get(table.name, ()):
            yield f"CREATE INDEX {table.name}_{'_'.join(columns)} ON {table.name} ({', '.join(columns)})"


def views() -> Iterator[str]:
    """CREATE VIEW statements."""
    for view in VIEWS:
        yield view.sql.strip()


def search() -> Iterator[str]:
    """The two search tables. They hold no text of their own: it is in ``records``, which Datasette recognises."""
    columns = ", ".join(("record UNINDEXED", *SEARCHED))
    rest = "content=\"records\", content_rowid='id'"
    yield f"CREATE VIRTUAL TABLE search USING fts5({columns}, {rest}, tokenize='unicode61 remove_diacritics 2')"
    yield f"CREATE VIRTUAL TABLE search_cjk USING fts5({columns}, {rest}, tokenize='trigram')"


def view_columns() -> dict[str, list[str]]:
    """The columns of each view, as SQLite itself names them."""
    with_schema = sqlite3.connect(":memory:")
    try:
        for statement in (*tables(), *views()):
            with_schema.execute(statement)
        return {view.name: [row[1] for row in with_schema.execute(f"PRAGMA table_info({view.name})")] for view in VIEWS}
    finally:
        with_schema.close()


def _create(table: Table) -> str:
    parts = ["id INTEGER PRIMARY KEY"] if table is schema.RECORDS else []
    for column in table.columns:
        words = [f'"{column.name}"', column.kind.sql]
        if column.required:
            words.append("NOT NULL")
        if column.refers:
            words.append("REFERENCES {} ({})".format(*column.refers))
        parts.append(" ".join(words))
    if table is schema.RECORDS:
        parts.append("UNIQUE (record)")
    elif table.key:
        parts.append(f"PRIMARY KEY ({', '.join(table.key)})")
    if table.key == ("record", "version", "position"):
        parts.append("FOREIGN KEY (record, version) REFERENCES versions (record, version)")
    return f"CREATE TABLE {table.name} (\n  " + ",\n  ".join(parts) + "\n)"

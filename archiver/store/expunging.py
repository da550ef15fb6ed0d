"""What people decided, without the names of records that a court had expunged (records rule R35).

The tables of decisions are append-only, and stay so for all else: no row goes here but the lines of the order's own
list and the salts in them, and nothing is changed but the names, which give way to marks. Every column of text of every
table is looked through, so that a table that comes later is not forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Table, delete, select, update

from archiver.domain.expungement import Marks
from archiver.domain.keys import Key
from archiver.store import bulk
from archiver.store.decisions.classes import class_marks
from archiver.store.decisions.disposals import disposal_entries, disposed
from archiver.store.decisions.moderation import acts
from archiver.store.decisions.searches import search_members, search_results
from archiver.store.guards import APPEND_ONLY, lifted
from archiver.store.tables import metadata, tasks
from archiver.store.transfer import CAPTURED
from archiver.store.types import Json, Words


def forget_names(conn: Connection, marks: Marks, name: str) -> int:
    """Put marks in the place of names, in all tables but the captured half; how many rows were changed.

    ``name`` is the list of the order, whose lines go. Cursors of tasks that say a name begin anew.
    """
    changed = 0
    tables = [table for table in metadata.sorted_tables if table not in CAPTURED]
    guarded = [table.name for table in tables if table.name not in APPEND_ONLY and _is_guarded(conn, table)]
    with lifted(conn, *guarded):
        conn.execute(delete(disposal_entries).where(disposal_entries.c.disposal == name))
        for old in marks.keys:
            conn.execute(delete(disposed).where(disposed.c.record == old))
        for table in tables:
            changed += _in_table(conn, table, marks)
    return changed


def own_names(conn: Connection) -> set[str]:
    """How the archive's accounts are called, and who decided something in it."""
    return {str(one) for query in _OWN for row in conn.exec_driver_sql(query) for one in row if one}


_OWN = (
    "SELECT account, configured_handle, handle, display_name, native_id, department FROM accounts",
    "SELECT handle, display_name, native_id FROM account_handles",
    "SELECT DISTINCT person, login FROM acts",
)


def naming(conn: Connection, marks: Marks) -> set[Key]:
    """The records whose rows say a name, in their words or by who wrote them."""
    return {Key(key) for query in _SAYING for key, *told in conn.exec_driver_sql(query) if _says(told, marks)}


def _says(told: Sequence[object], marks: Marks) -> bool:
    return any(marks.in_text(str(one)) for one in told if one is not None)


_SAYING = (
    """
    SELECT i.key, v.text, v.title, v.markup, v.content_warning, v.quotes, v.tags, v.labels, v.facets
    FROM versions v JOIN items i ON i.id = v.item_id
    """,
    """
    SELECT i.key, a.url, a.alt_text
    FROM attachments a JOIN versions v ON v.id = a.version_id JOIN items i ON i.id = v.item_id
    """,
    """
    SELECT i.key, l.url, l.expanded, l.title
    FROM links l JOIN versions v ON v.id = l.version_id JOIN items i ON i.id = v.item_id
    """,
    "SELECT i.key, p.option FROM polls p JOIN versions v ON v.id = p.version_id JOIN items i ON i.id = v.item_id",
    """
    SELECT i.key, i.permalink, p.native_id, w.handle, w.display_name
    FROM items i JOIN people p ON p.id = i.author_id LEFT JOIN person_versions w ON w.person_id = p.id
    """,
)


def forget_fingerprints(conn: Connection, keys: Sequence[Key], digest_of: Callable[[Mapping[Key, str]], str]) -> None:
    """Digests of what a record said, in results of saved searches and in marks, and who wrote what was taken away.

    ``digest_of`` is that of a result: of its records with the digest of each.
    """
    m, r = search_members.c, search_results.c
    found = bulk.select(conn, "SELECT DISTINCT result FROM search_members WHERE record {among}", keys)
    results = sorted(row[0] for row in found)
    with lifted(conn, *(table.name for table in (search_members, search_results, class_marks, acts))):
        for key in keys:
            conn.execute(update(class_marks).where(class_marks.c.record == key).values(digest=None))
            conn.execute(update(acts).where(acts.c.record == key).values(whom=None, text=None))
            conn.execute(update(search_members).where(m.record == key).values(digest=""))
        for number in results:
            rows = conn.execute(select(m.record, m.digest).where(m.result == number))
            digest = digest_of({Key(record): one for record, one in rows})
            conn.execute(update(search_results).where(r.id == number).values(digest=digest))


def _is_guarded(conn: Connection, table: Table) -> bool:
    """Whether a trigger refuses change of it."""
    if conn.dialect.name == "sqlite":
        query = "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = ?"
        return conn.exec_driver_sql(query, (f"{table.name}_no_UPDATE",)).first() is not None
    query = "SELECT 1 FROM pg_trigger WHERE tgname = %s"
    return conn.exec_driver_sql(query, (f"{table.name}_no_change",)).first() is not None


def _in_table(conn: Connection, table: Table, marks: Marks) -> int:
    columns = [column for column in table.columns if isinstance(column.type, Json | Words)]
    keys = list(table.primary_key.columns)
    changes = list(_changes(conn, keys, columns, marks))
    for key, values in changes:
        where = [column == value for column, value in zip(keys, key, strict=True)]
        conn.execute(update(table).where(*where).values(**values))
    return len(changes)


def _changes(
    conn: Connection, keys: list[Column[Any]], columns: list[Column[Any]], marks: Marks
) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """The rows that say a name: their keys, and what they are to say."""
    query = select(*keys, *columns).execution_options(yield_per=1000)
    with conn.execute(query) as found:
        for rows in bulk.portions(iter(found), 1000):
            for row in rows:
                values = {}
                for column, value in zip(columns, row[len(keys) :], strict=True):
                    if marks.in_text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)):
                        values[column.name] = None if column is tasks.c.cursor else marks.value(value)
                if values:
                    yield tuple(row[: len(keys)]), values

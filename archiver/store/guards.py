"""The database itself refuses to change or delete what was captured (records rule R5).

An official disposal will pass through a switch of its own; until then nothing does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from archiver.store.tables import on_create

APPEND_ONLY = (
    "account_handles",
    "attachments",
    "download_entries",
    "download_files",
    "download_parts",
    "events",
    "exchanges",
    "links",
    "metrics",
    "person_versions",
    "polls",
    "segments",
    "versions",
)

_SQLITE_REFUSE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""

_SQLITE_RUNS = """
CREATE TRIGGER runs_end_once BEFORE UPDATE ON runs
WHEN old.ended_at IS NOT NULL OR new.id IS NOT old.id OR new.command IS NOT old.command
  OR new.software IS NOT old.software OR new.started_at IS NOT old.started_at
BEGIN SELECT RAISE(ABORT, 'runs is append-only: a run can only end, once'); END
"""

_POSTGRES_FUNCTION = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""

_POSTGRES_RUNS_FUNCTION = """
CREATE FUNCTION refuse_change_of_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF old.ended_at IS NOT NULL OR new.id <> old.id OR new.command <> old.command
     OR new.software <> old.software OR new.started_at <> old.started_at THEN
    RAISE EXCEPTION 'runs is append-only: a run can only end, once';
  END IF;
  RETURN new;
END $$
"""


def sqlite_guards() -> list[str]:
    """The triggers on SQLite, a statement each."""
    refused = [(table, verb) for table in APPEND_ONLY for verb in ("UPDATE", "DELETE")]
    refused.append(("runs", "DELETE"))
    return [_SQLITE_REFUSE.format(table=table, verb=verb) for table, verb in refused] + [_SQLITE_RUNS]


def postgres_guards() -> list[str]:
    """The functions and triggers on PostgreSQL, a statement each."""
    refuse = "EXECUTE FUNCTION refuse_change()"
    row, whole = f"FOR EACH ROW {refuse}", f"FOR EACH STATEMENT {refuse}"
    once = "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_run()"
    return [
        _POSTGRES_FUNCTION,
        _POSTGRES_RUNS_FUNCTION,
        *(f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} {row}" for table in APPEND_ONLY),
        f"CREATE TRIGGER runs_no_delete BEFORE DELETE ON runs {row}",
        f"CREATE TRIGGER runs_end_once BEFORE UPDATE ON runs {once}",
        *(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} {whole}" for table in (*APPEND_ONLY, "runs")),
    ]


@contextmanager
def lifted(conn: Connection) -> Iterator[None]:
    """Inside a write transaction: change is let through, and refused again at the end of the block.

    Others see neither: on both databases the triggers are part of the transaction.
    """
    if conn.dialect.name == "sqlite":
        names = conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
        for name in names:
            conn.exec_driver_sql(f"DROP TRIGGER {name}")
        yield
        for statement in sqlite_guards():
            conn.exec_driver_sql(statement)
    else:
        for table in (*APPEND_ONLY, "runs"):
            conn.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in (*APPEND_ONLY, "runs"):
            conn.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _attach() -> None:
    for dialect, statements in (("sqlite", sqlite_guards()), ("postgresql", postgres_guards())):
        for statement in statements:
            on_create(dialect, statement)


_attach()

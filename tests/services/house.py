"""A store with one account, on Mastodon unless told otherwise, whose exchanges are made by hand, to see what services make of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange
from archiver.domain.item import Body, Form, Person
from archiver.domain.keys import Key
from archiver.domain.observation import AccountSeen, ItemSeen, Observation
from archiver.services.ingest import Ingested, ingest
from archiver.store import accounts, captures, items
from archiver.store.captures import ExchangeRow
from archiver.store.engine import Store, open_store, upgrade
from archiver.store.items import Stored

BEGINNING = datetime(2026, 11, 1, 8, tzinfo=UTC)
ACCOUNT = Account("city", "mastodon", "city@social.example")
CITY, ANN, BOB = Person("1", "city", "City"), Person("2", "ann", "Ann"), Person("3", "bob", "Bob")


def key(name: str) -> Key:
    """A record's key."""
    return Key(f"mastodon:{name}")


def sight(name: str, author: Person = ANN, *, to: str | None = None, names_city: bool = False, **more: Any) -> ItemSeen:
    """A sighting that tells no more of its place than what it answers, as in a Mastodon notification."""
    in_body = {field: more.pop(field) for field in list(more) if field in Body.__slots__}
    facts: dict[str, Any] = {
        "created_at": BEGINNING - timedelta(days=1),
        "parent": key(to) if to else None,
        "thread": None if to else key(name),
        "mentions": frozenset({CITY.native_id} if names_city else ()),
    }
    return ItemSeen(key(name), Form.POST, author, Body(**{"text": f"I am {name}"} | in_body), **facts | more)


class House:
    """The store; each call of ``show`` is an exchange, an hour after the one before."""

    def __init__(self, store: Store, account: Account = ACCOUNT) -> None:
        self.store = store
        self.now = BEGINNING
        self.sequence = 0
        with store.begin() as conn:
            accounts.register(conn, [account], self.now)
        self.show(AccountSeen(CITY.native_id, "city"))

    def show(self, *seen: Observation) -> Ingested:
        """One exchange shows these."""
        self.sequence += 1
        self.now += timedelta(hours=1)
        exchange = Exchange(
            f"exchange-{self.sequence}", self.sequence, "city", "https://social.example/api", "posts", self.now,
            status=200, task_kind="poll",
        )  # fmt: skip
        with self.store.begin() as conn:
            captures.add(conn, ExchangeRow(exchange, "city/api/A.warc.gz", 1000 * self.sequence, 500))
            return ingest(conn, accounts.get(conn, "city"), exchange, seen)

    def held(self, *names: str) -> dict[str, Stored]:
        """What the store holds of these records, by name."""
        with self.store.read() as conn:
            found = items.stored(conn, [key(name) for name in names])
        return {name: found[key(name)] for name in names if key(name) in found}

    def places(self, *names: str) -> dict[str, tuple[str, str]]:
        """Kind and thread of these records, by name."""
        return {name: (str(one.kind), one.thread.removeprefix("mastodon:")) for name, one in self.held(*names).items()}

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """The answer to a query."""
        with self.store.read() as conn:
            return [tuple(row) for row in conn.exec_driver_sql(statement)]


@cache
def empty_store() -> Path:
    """A new store, to be copied."""
    path = Path(mkdtemp(prefix="archiver-house-")) / "empty.sqlite"
    upgrade(f"sqlite:///{path}")
    return path


@contextmanager
def built(path: Path, account: Account = ACCOUNT) -> Iterator[House]:
    """A house on a new store at ``path``."""
    shutil.copy(empty_store(), path)
    store = open_store(f"sqlite:///{path}")
    try:
        yield House(store, account)
    finally:
        store.dispose()

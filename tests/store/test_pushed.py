"""What the store remembers of deliveries: which were read, where, and up to which place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from archiver.domain.exchange import Exchange
from archiver.domain.task import TaskKind
from archiver.store import captures, tasks
from archiver.store.captures import ExchangeRow
from archiver.store.engine import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DIGEST = "sha256:aa"


@pytest.fixture
def conn(city: Any, store: Store) -> Iterator[Connection]:
    """A write transaction on a store with the account ``city``."""
    with store.begin() as opened:
        yield opened


def add(conn: Connection, number: int, stream: str) -> None:
    """An exchange with the payload."""
    exchange = Exchange(f"e{number}", number, "city", "https://a/meta", stream, NOON, status=200, task_kind=stream)
    captures.add(conn, ExchangeRow(exchange, "_1/push/A", 10 * number, 5, payload_digest=DIGEST, block_digest="b"))


def test_a_delivery_is_known_by_its_bytes(conn: Connection) -> None:
    """For its account; an answer with the same payload is none, and a delivery is nobody's original."""
    add(conn, 1, "posts")
    assert not captures.delivered(conn, "city", DIGEST)
    add(conn, 2, "push")
    assert captures.delivered(conn, "city", DIGEST)
    assert not captures.delivered(conn, "police", DIGEST)
    assert captures.pushed_places(conn, "_1/push/A") == {10: (DIGEST, "b"), 20: (DIGEST, "b")}
    found = captures.original_of(conn, "city", DIGEST)
    assert found is not None
    assert found[2] == "e1"


def test_a_delivery_alone_is_no_original(conn: Connection) -> None:
    """A revisit record must lead to a response."""
    add(conn, 1, "push")
    assert captures.original_of(conn, "city", DIGEST) is None


def test_a_place_is_remembered_and_never_due(conn: Connection) -> None:
    """It moves on; when something was found is kept until something is found again."""
    tasks.remember(conn, "city", TaskKind.PUSH, {"_1": ["A", 10]})
    tasks.remember(conn, "city", TaskKind.PUSH, {"_1": ["A", 20]}, at=NOON)
    tasks.remember(conn, "city", TaskKind.PUSH, {"_1": ["B", 5]})
    kept = tasks.get(conn, "city", TaskKind.PUSH)
    assert kept is not None
    assert (kept.cursor, kept.changed_at, kept.done) == ({"_1": ["B", 5]}, NOON, True)
    ages_later = NOON + timedelta(days=10_000)
    assert tasks.due(conn, "city", ages_later) == []
    assert tasks.left(conn, "city", ages_later) == 0
    assert tasks.counts(conn, "city") == {}

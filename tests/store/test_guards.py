"""What was captured can be added to, not changed: the database itself refuses (records rule R5)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from archiver.domain.item import Attachment, Link, Metrics, Poll, PollOption
from archiver.domain.keys import Key
from archiver.domain.observation import AccountSeen, SettingSeen
from archiver.domain.page_settings import Member, SettingName
from archiver.store import Connection, accounts, captures, downloads, page_settings
from archiver.store.engine import Store
from archiver.store.guards import APPEND_ONLY, lifted

SELF = {  # a column that can be set to itself: the refusal must not depend on a change
    "account_handles": "handle", "attachments": "url", "download_entries": "path", "download_files": "path",
    "download_parts": "name", "events": "event", "exchanges": "url", "links": "url", "metrics": "likes",
    "person_versions": "handle", "polls": "votes", "segments": "sha256", "setting_pages": "digest",
    "versions": "text",
}  # fmt: skip


@pytest.fixture
def full(city: Any, store: Store) -> Store:
    """A store with a row in every guarded table."""
    city.post(1, "x", metrics=Metrics(likes=1), attachments=(Attachment("image", "u"),), links=(Link("u"),), poll=Poll((PollOption("a", 1),)))  # fmt: skip
    with store.begin() as conn:
        accounts.observe(conn, "city", AccountSeen("1", "city"), city.now)
        captures.add_sealed(
            conn, "f", sha256="0", records=1, size_bytes=1, first_at=None, last_at=None, sealed_at=city.now
        )
        captures.end_run(conn, captures.start_run(conn, "collect", city.now), city.now, "done")
        imported(city, conn)
        blocked = SettingSeen(SettingName.BLOCKED_USERS, (Member("7", "@troll"),))
        page_settings.observe(conn, "city", blocked, exchange=city.exchange(conn), at=city.now)
    return store


def imported(city: Any, conn: Connection) -> None:
    """A download that shows the record."""
    name = city.exchange(conn)
    parts = (downloads.Part("posts.zip", "ab" * 32, 3, name),)
    begun = downloads.Download(
        0, "note", "city", "test", None, "city", None, None, None, None, False, city.now, 0, None, None, parts
    )
    downloads.begin(conn, begun)
    (begun,) = downloads.of_account(conn, "city")
    entry = downloads.EntryRow(Key("mastodon:1"), "new", "", "posts.json", "/0")
    downloads.add(conn, begun, name, [entry], [downloads.FileRow("media/1.png", "ab")], 1)


def refused(store: Store, statement: str) -> None:
    """The statement fails, and says why."""
    with pytest.raises(DBAPIError, match="append-only"), store.begin() as conn:
        conn.exec_driver_sql(statement)


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_no_change_and_no_removal(full: Store, table: str) -> None:
    """Neither an update nor a deletion passes, not even one that changes nothing."""
    refused(full, f"UPDATE {table} SET {SELF[table]} = {SELF[table]}")
    refused(full, f"DELETE FROM {table}")
    if full.dialect == "postgresql":
        refused(full, f"TRUNCATE {table} CASCADE")
    else:
        with full.read() as conn:
            columns = [row[1] for row in conn.exec_driver_sql(f"PRAGMA table_info({table})")]
        refused(full, f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) SELECT * FROM {table}")


def test_a_run_ends_once(full: Store, city: Any) -> None:
    """A run can end; it can't end again, become another, or vanish."""
    refused(full, "DELETE FROM runs")
    refused(full, "UPDATE runs SET outcome = 'better'")
    with full.begin() as conn:
        run = captures.start_run(conn, "backfill", city.now)
    refused(full, f"UPDATE runs SET command = 'collect' WHERE id = {run}")
    with full.begin() as conn:
        captures.end_run(conn, run, city.now, "done")
    refused(full, f"UPDATE runs SET ended_at = NULL WHERE id = {run}")


def test_the_guards_come_back(full: Store) -> None:
    """What lifts them for a rebuild sets them again before its transaction ends, also when it fails."""
    with full.begin() as conn, lifted(conn):
        conn.exec_driver_sql("DELETE FROM polls")
    refused(full, "DELETE FROM events")

    def fail() -> None:
        with full.begin() as conn, lifted(conn):
            conn.exec_driver_sql("DELETE FROM events")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    refused(full, "DELETE FROM events")
    with full.read() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM events").scalar_one() == 1

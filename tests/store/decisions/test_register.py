"""The account register in the store: entries stay, the last one counts, and the database refuses anything else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from archiver.domain.account import Account, Capacity
from archiver.domain.acting import Actor
from archiver.domain.keys import Key
from archiver.domain.marking import CapacityMark, RecordStatus, StatusMark
from archiver.domain.register import CONFIGURATION, Entry, Fact
from archiver.store import accounts
from archiver.store.decisions import marks, register, statuses
from archiver.store.engine import Store

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = date(2026, 11, 23)
DANA = Actor("Dana Clerk", "dclerk")
POST, OTHER = Key("mastodon:1"), Key("mastodon:2")


def enter(store: Store, *entries: Entry) -> None:
    """Enter these."""
    with store.begin() as conn:
        register.add(conn, entries)


def test_entries_come_back_as_they_were(store: Store) -> None:
    """Every field, in the order of entering; an account without an entry has nothing to stand on."""
    first = Entry("city", Fact.ADOPTED, date(2026, 1, 2), NOW, DANA, None, "Resolution 26-118", "the council's page")
    last = Entry("city", Fact.CAPACITY, TODAY, NOW + timedelta(days=1), CONFIGURATION, "mixed")
    enter(store, first, last, Entry("parks", Fact.OPENED, TODAY, NOW, DANA))
    with store.read() as conn:
        assert register.standing(conn, "city").entries == (first, last)
        assert set(register.all_standings(conn)) == {"city", "parks"}
        assert register.standing(conn, "police").entries == ()
        assert register.standing(conn, "city").capacity is Capacity.MIXED


def test_why_nothing_is_collected(store: Store) -> None:
    """What is not in the register at all, and what was closed; an open account is collected."""
    with store.begin() as conn:
        accounts.register(conn, [Account("city", "mastodon", "c"), Account("old", "mastodon", "o")], NOW)
    enter(store, Entry("old", Fact.CLOSED, TODAY, NOW, DANA, reason="The office was dissolved."))
    with store.read() as conn:
        assert register.refusal(conn, "city") is None
        assert "not in the register" in str(register.refusal(conn, "stranger"))
        assert register.refusal(conn, "old") == (
            "closed since 2026-11-23 (The office was dissolved): nothing new is collected, its records stay."
        )
        assert register.closed_days(conn) == {"old": TODAY}


def test_marks_of_posts_are_a_history(store: Store) -> None:
    """The last mark counts, those before it stay; a record without one is left out."""
    told = [
        CapacityMark(POST, Capacity.PERSONAL, NOW, DANA, "a birthday"),
        CapacityMark(POST, Capacity.OFFICIAL, NOW + timedelta(hours=1), DANA, "it announces a meeting"),
    ]
    with store.begin() as conn:
        for one in told:
            marks.add(conn, one)
    with store.read() as conn:
        assert marks.history(conn, POST) == marks.all_marks(conn) == told
        assert marks.capacity_of(conn, [POST, OTHER]) == {POST: told[1]}


def test_what_a_record_is_is_a_history(store: Store) -> None:
    """The last word counts; more records than fit into one question are asked about in turns."""
    first = StatusMark(POST, RecordStatus.TRANSITORY, NOW, DANA, "a thank you")
    last = StatusMark(POST, RecordStatus.COPY, NOW, DANA, "as on the website", "https://example.gov/news/1")
    with store.begin() as conn:
        statuses.add(conn, first)
        statuses.add(conn, last)
    with store.read() as conn:
        assert statuses.history(conn, POST) == [first, last]
        many = [Key(f"mastodon:{number}") for number in range(1200)]
        assert statuses.status_of(conn, reversed(many)) == {POST: last}


@pytest.mark.parametrize("table", ["register_entries", "capacity_marks", "record_statuses"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET person = 'Nobody'", "DELETE FROM {}"])
def test_what_was_decided_stays(store: Store, table: str, statement: str) -> None:
    """The database itself refuses to change or delete it."""
    enter(store, Entry("city", Fact.OPENED, TODAY, NOW, DANA))
    with store.begin() as conn:
        marks.add(conn, CapacityMark(POST, Capacity.PERSONAL, NOW, DANA, "a birthday"))
        statuses.add(conn, StatusMark(POST, RecordStatus.RECORD, NOW, DANA, "a decision"))
    with pytest.raises(DBAPIError, match="append-only"), store.begin() as conn:
        conn.exec_driver_sql(statement.format(table))

"""Schedules, assignments and applications: kept as they were said, on both databases, and judged alike."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from archiver.domain.acting import Actor
from archiver.domain.item import Cause, State
from archiver.domain.keys import Key
from archiver.domain.observation import StateSeen
from archiver.domain.retention import Archival, Disposition, Edition, Period, Series, Trigger
from archiver.services.retention.eligibility import Terms, WhyNot, assess
from archiver.store.decisions import applications, assignments, schedules
from archiver.store.decisions.applications import Application, Approval
from archiver.store.decisions.assignments import Assignment, Choice, TriggerDay
from archiver.store.decisions.schedules import Adoption
from archiver.store.engine import Store, open_store
from archiver.store.selection import Query

DANA = Actor("Dana Clerk", "dclerk")
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
TODAY = NOW.date()
TERMS = Terms(ZoneInfo("America/Chicago"))
SERIES = (
    Series("A-1", "Posts", (Trigger.CREATED,), Period.parse("30 days"), Disposition.DESTROY),
    Series(
        "A-2", "Comments", (Trigger.RECEIVED, Trigger.REMOVED_FROM_PLATFORM), Period.parse("3 years"),
        Disposition.TRANSFER, Archival.APPRAISAL_REQUIRED, "Communications", "What residents say", ("public", "private"),
        ("a statute",),
    ),
    Series("A-3", "Council", (), Period.parse("permanent"), Disposition.RETAIN),
)  # fmt: skip
EDITION = Edition(
    "cities", date(2021, 3, 1), "General schedule", SERIES, False, "State archives", "2021-4", "https://a.example"
)


def adopted(store: Store) -> None:
    """The schedule is taken in and adopted."""
    with store.begin() as conn:
        schedules.add_edition(conn, EDITION, file_sha256="ab" * 32, by=DANA, at=NOW)
        schedules.add_adoption(conn, Adoption(EDITION.name, date(2021, 6, 1), "Resolution", DANA, NOW))


def assigned(store: Store, code: str, query: Query | None, *records: Key) -> int:
    """A series is assigned; the assignment's number."""
    with store.begin() as conn:
        return assignments.assign(conn, Assignment((EDITION.name, code), query, records, DANA, NOW))


def verdicts(store: Store, on: date = TODAY) -> dict[str, tuple[str | None, WhyNot | None]]:
    """The series of each record, and what is in the way of its disposal."""
    with store.begin() as conn:
        return {one.record: (one.code, one.why_not) for one in assess(conn, on, TERMS)}


def test_an_edition_is_kept_as_it_was_issued(store: Store) -> None:
    """All that it says comes back, and its digest is that of what comes back."""
    with store.begin() as conn:
        digest = schedules.add_edition(conn, EDITION, file_sha256="ab" * 32, by=DANA, at=NOW)
    with store.read() as conn:
        (found,) = schedules.editions(conn)
    assert found.edition == EDITION
    assert found.digest == digest == schedules.digest_of(found.edition)
    assert (found.by, found.at, found.file_sha256) == (DANA, NOW, "ab" * 32)
    with pytest.raises(IntegrityError), store.begin() as conn:
        schedules.add_edition(conn, EDITION, file_sha256="cd" * 32, by=DANA, at=NOW)


def test_the_adoption_that_holds_on_a_day_counts(store: Store) -> None:
    """Also one that was entered late; of two of the same day the one entered last."""
    adopted(store)
    with store.begin() as conn:
        for day, holds, instrument in [(5, False, "void"), (3, True, "again"), (5, True, "after all")]:
            schedules.add_adoption(
                conn, Adoption(EDITION.name, date(2022, day, 1), instrument, DANA, NOW, ("Council",), adopted=holds)
            )
    with store.read() as conn:
        said = schedules.adoptions(conn)
    force = {day: schedules.in_force(said, day).get(EDITION.name) for day in (date(2021, 5, 31), date(2021, 6, 1), date(2022, 4, 1), date(2022, 5, 1))}  # fmt: skip
    assert [one.instrument if one else None for one in force.values()] == [None, "Resolution", "again", "after all"]
    assert [one.covers(SERIES[1]) for one in force.values() if one] == [True, False, False]


TABLES = (
    "schedule_editions", "schedule_series", "schedule_adoptions", "schedule_mappings", "series_assignments",
    "series_revocations", "series_choices", "trigger_dates", "applications", "application_records",
    "application_approvals",
)  # fmt: skip


def test_what_was_decided_stays(store: Store) -> None:
    """The database itself refuses to change or delete any of it."""
    adopted(store)
    number = assigned(store, "A-1", Query(account="city"))
    one, other = (EDITION.name, "A-1"), (EDITION.name, "A-2")
    with store.begin() as conn:
        schedules.add_mappings(conn, {one: other}, by=DANA, at=NOW)
        assignments.revoke(conn, number, reason="mistaken", by=DANA, at=NOW)
        assignments.choose(conn, Choice(one, other, "why not", DANA, NOW))
        assignments.state_days(conn, [TriggerDay(Key("x:1"), Trigger.MANUAL, TODAY, "done", DANA, NOW)])
        draft = Application(0, "Old posts", Query(account="city"), TODAY, TODAY, "ab" * 32, DANA, NOW, 1)
        made = applications.add(conn, draft, [Key("x:1")])
        applications.approve(conn, made, Approval("PR1-1", "The panel", TODAY, DANA, NOW))
    for table in TABLES:
        column = "record" if table == "application_records" else "id"
        for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            with pytest.raises(DBAPIError, match="append-only"), store.begin() as conn:
                conn.exec_driver_sql(statement)


def test_decisions_come_back_as_they_were_made(store: Store) -> None:
    """Assignments with their filters, choices, days and applications."""
    adopted(store)
    query = Query("pothole", "city", since=datetime(2020, 1, 1, tzinfo=UTC), limit=None)
    numbers = [assigned(store, "A-1", query), assigned(store, "A-2", None, Key("x:1"), Key("x:2"))]
    one, other = (EDITION.name, "A-1"), (EDITION.name, "A-2")
    with store.begin() as conn:
        for choice in (Choice(one, other, "first", DANA, NOW), Choice(other, one, "after all", DANA, NOW)):
            assignments.choose(conn, choice)
        for day in (TODAY, None):
            assignments.state_days(conn, [TriggerDay(Key("x:1"), Trigger.MANUAL, day, "done", DANA, NOW)])
        draft = Application(0, "Old posts", query, TODAY, TODAY, "ab" * 32, DANA, NOW, 2)
        made = applications.add(conn, draft, [Key("x:2"), Key("x:1")])
    with store.read() as conn:
        found = assignments.assignments(conn)
        assert [(each.number, each.query, each.records) for each in found] == [
            (numbers[0], query, ()),
            (numbers[1], None, ("x:1", "x:2")),
        ]
        assert [each.reason for each in assignments.choices(conn)] == ["after all"]
        assert assignments.stated_days(conn)["x:1"][Trigger.MANUAL].day is None
        (application,) = applications.listed(conn)
        assert (application.number, application.query, application.count, application.approval) == (
            made,
            query,
            2,
            None,
        )
        assert applications.records_of(conn, made) == ["x:1", "x:2"]
        assert applications.approved(conn, TODAY) == {}
    with store.begin() as conn:
        applications.approve(conn, made, Approval("PR1-1", "The panel", TODAY, DANA, NOW))
    with store.read() as conn:
        assert applications.approved(conn, TODAY) == dict.fromkeys(["x:1", "x:2"], ("PR1-1", TODAY))
        assert applications.approved(conn, TODAY - timedelta(days=1)) == {}


def test_records_are_judged_alike_on_both_databases(city: Any, store: Store) -> None:
    """By account, words, events and named records; the day of removal is the last time that one went from sight."""
    adopted(store)
    plain, talk, gone, council = (city.post(number, text) for number, text in enumerate(["a", "talk", "b", "c"]))
    city.now = datetime(2026, 5, 31, 23, 30, tzinfo=UTC)
    city.state(gone, StateSeen(gone, State.HIDDEN, "said so", Cause.BY_CITY))
    assigned(store, "A-1", Query(account="city"))
    assigned(store, "A-2", Query(account="city", words="talk"))
    assigned(store, "A-2", None, gone)
    assigned(store, "A-3", None, council)
    assert verdicts(store, date(2999, 1, 1)) == {
        plain: ("A-1", None),
        talk: ("A-2", WhyNot.NO_TRIGGER_DATE),
        gone: ("A-2", None),
        council: ("A-3", WhyNot.NO_END),
    }
    with store.read() as conn:
        (one,) = assess(conn, TODAY, TERMS, [gone])
    assert one.trigger_date == date(2026, 5, 31)  # 00:30 UTC of the 1st of June is the evening before in the city
    assert one.due == date(2029, 6, 1)


def test_nobody_decides_anew_under_a_destruction(store: Store, store_url: str, city: Any) -> None:
    """What was read in a write transaction holds until its end: another connection's decision waits for it (R26)."""
    adopted(store)
    post = city.post(1)
    assigned(store, "A-1", Query(account="city"))
    other, done = open_store(store_url), threading.Event()

    def withdraw() -> None:
        with other.begin() as conn:
            void = Adoption(EDITION.name, date(2021, 6, 1), "void", DANA, NOW, adopted=False)
            schedules.add_adoption(conn, void)
        done.set()

    waiting = threading.Thread(target=withdraw)
    try:
        with store.begin() as conn:
            assert [one.why_not for one in assess(conn, TODAY, TERMS, [post])] == [None]
            waiting.start()
            assert not done.wait(0.2)
            assert [one.why_not for one in assess(conn, TODAY, TERMS, [post])] == [None]
        waiting.join(20)
        assert done.is_set()
        assert verdicts(store) == {post: ("A-1", WhyNot.NOT_ADOPTED)}
    finally:
        waiting.join(20)
        other.dispose()

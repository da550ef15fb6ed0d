"""What the law asks for again and again: recorded when done, reminded of when late, in states that ask (R15)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from archiver.config import profile as profiles
from archiver.domain.acting import Actor
from archiver.domain.profile import Profile, Recurring
from archiver.errors import NotFound, UsageError
from archiver.services.checkup import Level, check_recurring
from archiver.services.recurring import DONE, never, record, standing
from archiver.store.decisions import audit
from archiver.store.engine import Store
from tests.services.house import built

DANA = Actor("Dana Clerk", "dclerk")
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = date(2026, 11, 23)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An archive's store."""
    with built(tmp_path / "archive.sqlite") as house:
        yield house.store


def yearly(profile: Profile) -> Profile:
    """The rules of a state that asks for one thing each year, whatever else it says."""
    return replace(profile, recurring=(Recurring("look", "A look", "Law 5", 1),))


@pytest.mark.parametrize(
    ("done", "late"),
    [
        ((), True),
        ((date(2025, 11, 23),), False),
        ((date(2025, 11, 22),), True),
        ((date(2026, 1, 1), date(2024, 1, 1)), False),
        ((date(2026, 11, 23),), False),
    ],
    ids=["never", "a year ago today", "a year and a day ago", "an older one told later", "today"],
)
def test_it_is_late_when_more_than_a_year_has_passed(
    store: Store, profile: Profile, done: tuple[date, ...], late: bool
) -> None:
    """Counted from the latest day on which it was done, in whatever order that was written down."""
    mine = yearly(profile)
    for day in done:
        record(store, mine, "look", day, "Report", DANA, NOW, TODAY)
    (found,) = standing(store, mine, TODAY)
    assert found.late is late
    assert (found.reminder is not None) is late
    assert "A look (Law 5)" in found.sentence
    (checked,) = check_recurring([found])
    assert checked.level is (Level.WARNING if late else Level.OK)


def test_each_state_is_reminded_of_what_it_asks_for(store: Store, profile: Profile) -> None:
    """Of nothing where its profile lists nothing; with the law of the profile in the log where it does."""
    assert [one.what for one in standing(store, profile, TODAY)] == [*profile.recurring]
    assert [one.late for one in never(profile)] == [True] * len(profile.recurring)
    if not profile.recurring:
        with pytest.raises(NotFound, match="asks for no"):
            record(store, profile, "security-assessment", TODAY, "Report", DANA, NOW, TODAY)
        return
    what = profile.recurring[0]
    record(store, profile, what.name, TODAY, " Report  3 ", DANA, NOW, TODAY)
    assert [one.reminder for one in standing(store, profile, TODAY)] == [None]
    with store.read() as conn:
        (act,) = audit.rows(conn)
    assert (act.act, act.subject, act.reason) == (DONE, what.name, "Report 3")
    assert act.details == {"day": "2026-11-23", "law": what.citation, "rule_set": profile.rule_set}


def test_one_state_of_the_package_asks_for_one() -> None:
    """So that the test before this one has both kinds."""
    assert {bool(profiles.load_profile(name).recurring) for name in profiles.names()} == {True, False}


@pytest.mark.parametrize(
    ("day", "words", "error"),
    [(date(2026, 11, 24), "Report", "yet to come"), (TODAY, " ", "Nothing tells of it")],
)
def test_what_makes_no_sense_is_refused(store: Store, profile: Profile, day: date, words: str, error: str) -> None:
    """Nothing is written down then."""
    with pytest.raises(UsageError, match=error):
        record(store, yearly(profile), "look", day, words, DANA, NOW, TODAY)
    assert [one.last for one in standing(store, yearly(profile), TODAY)] == [None]

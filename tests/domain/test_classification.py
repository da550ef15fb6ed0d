"""What class a record has, who may see it, and when that ends: worked out from rules, marks and the day."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta

import pytest

from archiver.domain.acting import Actor
from archiver.domain.classification import (
    PUBLIC_ONLY,
    UNDECIDED,
    Audience,
    Clearance,
    Mark,
    Part,
    Span,
    Withdrawal,
    classified,
    may_see,
)
from archiver.domain.keys import Key
from archiver.domain.profile import DataClass, Opening, Profile

NOW = datetime(2026, 11, 23, tzinfo=UTC)
DANA = Actor("Dana Clerk", "dclerk")
MADE = date(2020, 2, 29)
TODAY = date(2026, 11, 23)

MATRIX = {
    # class:              everybody, the subject, their parent, staff whose work asks for it, other staff
    "public":              (True, True, True, True, True),
    "private":             (False, True, True, True, False),
    "confidential":        (False, False, False, True, False),
    "nonpublic":           (False, True, True, True, False),
    "protected-nonpublic": (False, False, False, True, False),
    "exempt":              (False, False, False, True, False),
}  # fmt: skip
"""The access matrix of records rule R12, and that of the second state."""


def mark(number: int, class_: str, part: Part = Part.RECORD, **more: object) -> Mark:
    """A mark on a record."""
    made = Mark(number, Key("mastodon:1"), part, class_, "Law 1", "because", DANA, NOW)
    return dataclasses.replace(made, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("audience", Audience)
def test_the_access_matrix(profile: Profile, audience: Audience) -> None:
    """Each class of each state opens to exactly those whom its law names."""
    place = list(Audience).index(audience)
    for one in profile.classes:
        assert may_see(one, audience) is MATRIX[one.name][place], one.name
    assert set(profile.class_names) <= MATRIX.keys()


def test_public_is_the_default(profile: Profile) -> None:
    """What nobody marked is public, and everybody may see it."""
    found = classified(profile, [], limited=False, made_on=MADE, today=TODAY)
    assert (found.class_, found.parts, found.rule_set) == ("public", (), profile.rule_set)
    assert PUBLIC_ONLY.kept_back(found, "city") == []


def test_shown_to_few_is_undecided(profile: Profile) -> None:
    """It stays in until somebody decides; a mark of either kind is a decision."""
    found = classified(profile, [], limited=True, made_on=MADE, today=TODAY)
    assert found.class_ == UNDECIDED
    assert found.whole is not None
    closed = profile.class_names[-1]
    for class_ in ("public", closed):
        decided = classified(profile, [mark(1, class_)], limited=True, made_on=MADE, today=TODAY)
        assert decided.class_ == class_
    field = classified(profile, [mark(1, closed, Part.AUTHOR)], limited=True, made_on=MADE, today=TODAY)
    assert [one.class_ for one in field.parts] == [UNDECIDED, closed]


def test_the_class_of_a_record_is_that_of_its_parts(profile: Profile) -> None:
    """One closed span makes the whole as closed as itself; the strictest part counts, the latest mark on each part."""
    span = Span(1, "d", 0, 4)
    for name in profile.class_names[1:]:
        marks = [mark(1, "public"), mark(2, name, Part.TEXT, span=span)]
        found = classified(profile, marks, limited=False, made_on=MADE, today=TODAY)
        assert found.class_ == name
        assert found.whole is None
        assert [one.span for one in found.parts] == [span]
        again = [*marks, mark(3, "public", Part.TEXT, span=dataclasses.replace(span, version=2))]  # the same text
        assert classified(profile, again, limited=False, made_on=MADE, today=TODAY).class_ == "public"
    everything = [
        mark(place, name, part) for place, (name, part) in enumerate(zip(profile.class_names, Part, strict=False))
    ]
    strictest = classified(profile, everything, limited=False, made_on=MADE, today=TODAY).class_
    assert not any(may_see(one, Audience.SUBJECT) for one in profile.classes if one.name == strictest)


def test_a_withdrawn_mark_no_longer_holds(profile: Profile) -> None:
    """The one before it does again."""
    closed = profile.class_names[1]
    withdrawn = mark(2, "public", withdrawn=Withdrawal(DANA, NOW + timedelta(days=1), "wrong"))
    assert classified(profile, [mark(1, closed), withdrawn], limited=False, made_on=MADE, today=TODAY).class_ == closed


def test_a_class_of_another_state_stays_closed(profile: Profile) -> None:
    """After a change of the profile nothing opens by accident, and no clearance covers it unnamed."""
    found = classified(profile, [mark(1, "of-elsewhere")], limited=False, made_on=MADE, today=TODAY)
    assert found.class_ == "of-elsewhere"
    everything = Clearance(frozenset(profile.class_names))
    assert everything.kept_back(found, "city") == list(found.parts)


OPENINGS = {
    "the day before": (Opening(10, "Law"), date(2030, 2, 28), False),
    "the day, where there is no 29th": (Opening(10, "Law"), date(2030, 3, 1), True),
    "a condition that no date tells": (Opening(10, "Law", "unless harmful"), date(2040, 1, 1), False),
    "a longer time in a later rule set": (Opening(30, "Law"), date(2040, 1, 1), False),
    "a law that opens nothing": (None, date(2100, 1, 1), False),
}


@pytest.mark.parametrize(("opening", "today", "opens"), OPENINGS.values(), ids=OPENINGS)
def test_the_law_of_the_day_decides(profile: Profile, opening: Opening | None, today: date, opens: bool) -> None:
    """The same record on other days and under other rule sets has other answers (R13), each with its rule set."""
    public = profile.public
    closed = DataClass("closed", "Closed", "all", False, False, True, "Law", opening)
    rules = dataclasses.replace(profile, version="other", classes=(public, closed))
    found = classified(rules, [mark(1, "closed")], limited=False, made_on=MADE, today=today)
    assert (found.class_ == "public") is opens
    assert found.rule_set == f"{profile.id} other"
    if not opens:
        assert found.opens_on == (opening.on(MADE) if opening else None)
        assert found.parts[0].condition == (opening.condition if opening else None)


def test_a_day_that_a_person_set_comes_first(profile: Profile) -> None:
    """It opens without a condition, whatever the profile says."""
    one = mark(1, profile.class_names[1], opens_on=date(2027, 1, 1))
    for today, class_ in ((date(2026, 12, 31), one.class_), (date(2027, 1, 1), "public")):
        assert classified(profile, [one], limited=False, made_on=MADE, today=today).class_ == class_


def test_clearance_is_for_classes_and_accounts(profile: Profile) -> None:
    """Who is cleared for one class sees no other, and for one account nothing of another."""
    names = profile.class_names[1:]
    found = classified(profile, [mark(1, names[0])], limited=False, made_on=MADE, today=TODAY)
    assert Clearance(frozenset(names)).kept_back(found, "city") == []
    assert Clearance(frozenset(names), frozenset({"city"})).kept_back(found, "city") == []
    assert Clearance(frozenset(names), frozenset({"police"})).kept_back(found, "city") == list(found.parts)
    assert Clearance(frozenset({UNDECIDED, *names[1:]})).kept_back(found, "city") == list(found.parts)


@pytest.mark.parametrize("accounts", [None, "city", "elsewhere"])
@pytest.mark.parametrize("series", [None, "a@2001-01-01/1", "b@2001-01-01/1"])
@pytest.mark.parametrize("of", [None, "a@2001-01-01/1"])
def test_class_account_and_series_are_granted_together(
    profile: Profile, accounts: str | None, series: str | None, of: str | None
) -> None:
    """Each of the three can close it; what is of no series is open to work about all series only (R14)."""
    granted, asked = profile.class_names[1], UNDECIDED
    one = Clearance(
        frozenset({granted}),
        None if accounts is None else frozenset({accounts}),
        None if series is None else frozenset({series}),
    )
    expected = accounts in {None, "city"} and (series is None or series == of)
    assert one.covers(granted, "city", of) is expected
    assert not one.covers(asked, "city", of)

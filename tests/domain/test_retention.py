"""How long records are kept: the clock, the calendar, and which of several series counts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.retention import (
    BY_HAND,
    Candidate,
    Disposition,
    Edition,
    Period,
    Series,
    Term,
    Trigger,
    Unit,
    due_on,
    event_day,
    longest,
    most_specific,
    year_end,
)

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


def series(period: str, *triggers: Trigger, code: str = "X-1", then: Disposition = Disposition.DESTROY) -> Series:
    """A series with that rule."""
    return Series(code, "A series", triggers or (Trigger.CREATED,), Period.parse(period), then)


@pytest.mark.parametrize(
    ("period", "event", "last_day"),
    [
        ("1 year", date(2024, 5, 10), date(2025, 5, 10)),
        ("3 years", date(2023, 3, 1), date(2026, 3, 1)),
        ("1 year", date(2024, 2, 29), date(2025, 2, 28)),  # 29 February ends on the last day of a common February
        ("4 years", date(2024, 2, 29), date(2028, 2, 29)),
        ("1 year", date(2023, 2, 28), date(2024, 2, 28)),
        ("100 years", date(2000, 2, 29), date(2100, 2, 28)),  # 2100 is no leap year
        ("1 month", date(2026, 1, 31), date(2026, 2, 28)),
        ("1 month", date(2024, 1, 31), date(2024, 2, 29)),
        ("13 months", date(2025, 12, 15), date(2027, 1, 15)),
        ("90 days", date(2026, 1, 1), date(2026, 4, 1)),
        ("1 year", date(2026, 12, 31), date(2027, 12, 31)),
        ("0 days", date(2026, 3, 4), date(2026, 3, 4)),
    ],
)
def test_a_record_is_kept_through_the_last_day_of_its_period(period: str, event: date, last_day: date) -> None:
    """The day of the event is not counted, the last day is; disposal is possible from the day after."""
    assert Period.parse(period).last_day(event) == last_day
    assert due_on(series(period), event) == last_day + timedelta(days=1)


@pytest.mark.parametrize("period", ["permanent", "indefinite", "9999 years"])
def test_a_period_without_an_end_is_never_over(period: str) -> None:
    """Nor is one that ends beyond the calendar."""
    assert due_on(series(period), date(2000, 1, 1)) is None


def test_without_the_day_of_the_event_nothing_is_ever_due() -> None:
    """However short the period (R22)."""
    assert due_on(series("0 days"), None) is None


@pytest.mark.parametrize("unit", [Unit.DAYS, Unit.MONTHS, Unit.YEARS])
@given(day=DAYS, later=DAYS, count=st.integers(0, 200), more=st.integers(0, 200))
def test_nothing_shortens_a_period(unit: Unit, day: date, later: date, count: int, more: int) -> None:
    """A later event, or a longer period, never makes a record due earlier; and none is due on the day of its event."""
    day, later = sorted((day, later))

    def due(event: date, length: int) -> date:
        found = due_on(series(str(Period(length, unit))), event)
        assert found is not None
        return found

    assert day < due(day, count) <= due(later, count)
    assert due(day, count) <= due(day, count + more)


@given(day=DAYS, years=st.integers(0, 150))
def test_twelve_months_are_a_year(day: date, years: int) -> None:
    """And the month and day are those of the event, but for a 29 February."""
    last = Period(years, Unit.YEARS).last_day(day)
    assert last is not None
    assert last == Period(12 * years, Unit.MONTHS).last_day(day)
    assert (last.year, last.month) == (day.year + years, day.month)
    assert last.day == day.day or (day.month, day.day, last.day) == (2, 29, 28)


@given(day=DAYS, first_month=st.integers(1, 12))
def test_a_year_ends_on_the_eve_of_the_next(day: date, first_month: int) -> None:
    """No day is later than its year's end or more than a year before it, and the next day begins a year."""
    end = year_end(day, first_month)
    assert day <= end <= day + timedelta(days=366)
    assert ((end + timedelta(days=1)).month, (end + timedelta(days=1)).day) == (first_month, 1)
    assert year_end(end, first_month) == end


@pytest.mark.parametrize(
    ("first_month", "day", "end"),
    [
        (1, date(2024, 12, 31), date(2024, 12, 31)),
        (7, date(2024, 6, 30), date(2024, 6, 30)),
        (7, date(2024, 7, 1), date(2025, 6, 30)),
        (3, date(2023, 4, 1), date(2024, 2, 29)),
        (10, date(2024, 12, 31), date(2025, 9, 30)),
    ],
)
def test_the_fiscal_year_is_the_city_s(first_month: int, day: date, end: date) -> None:
    """Of years that begin on the first of a month."""
    assert year_end(day, first_month) == end


@pytest.mark.parametrize("text", ["3 years", "1 year", "90 days", "1 month", "0 days", "permanent", "indefinite"])
def test_a_period_is_read_as_it_is_written(text: str) -> None:
    """In small words or large ones, singular or plural."""
    assert str(Period.parse(text)) == text
    assert Period.parse(f" {text.upper()} ") == Period.parse(text)


@pytest.mark.parametrize(
    "text", ["", "3", "three years", "-1 years", "1.5 years", "3 weeks", "until paid", "12345 days"]
)
def test_what_is_no_period_is_said(text: str) -> None:
    """With what would be right."""
    with pytest.raises(ValueError, match='write one like "90 days"'):
        Period.parse(text)


def test_of_several_events_the_last_one_counts() -> None:
    """And each must have happened: what is published is in use until it is taken down (R22)."""
    both = series("2 years", Trigger.RECEIVED, Trigger.REMOVED_FROM_PLATFORM)
    came, gone = date(2020, 1, 1), date(2024, 6, 1)
    assert event_day(both, {Trigger.RECEIVED: came}) is None
    assert event_day(both, {Trigger.RECEIVED: came, Trigger.REMOVED_FROM_PLATFORM: gone}) == gone
    assert event_day(both, {Trigger.RECEIVED: gone, Trigger.REMOVED_FROM_PLATFORM: came}) == gone
    assert both.rule == "2 years after received and removed from platform"


def test_no_platform_tells_when_a_record_was_superseded() -> None:
    """An edit is a version of the same record, which goes and stays with it; a person says what took its place."""
    assert Trigger.SUPERSEDED in BY_HAND
    assert not BY_HAND & {Trigger.CREATED, Trigger.REMOVED_FROM_PLATFORM, Trigger.ACCOUNT_CLOSED}


ACCOUNT, KIND = ("account", "police"), ("kind", "comment")


def candidate(code: str, *filters: tuple[str, str], over: tuple[str, ...] = (), usable: bool = True) -> Candidate:
    """A series that matches by these conditions, and was chosen over others."""
    chosen = frozenset(("s@2021-01-01", each) for each in over)
    known = series("1 year", code=code)
    return Candidate(code, frozenset(filters), "s@2021-01-01", known, usable=usable, chosen_over=chosen)


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ([candidate("A", ACCOUNT), candidate("B", ACCOUNT, KIND)], "B"),
        ([candidate("A", ACCOUNT), candidate("B", KIND)], "AB"),
        ([candidate("A"), candidate("B", KIND)], "B"),
        ([candidate("A", ACCOUNT), candidate("B", ACCOUNT)], "AB"),
        ([candidate("A", ACCOUNT), candidate("B", KIND, over=("A",))], "B"),
        ([candidate("A", ACCOUNT, KIND), candidate("B", ACCOUNT, over=("A",))], "A"),
    ],
    ids=["account and kind", "account or kind", "kind of all", "twice the same", "chosen", "chosen, but less specific"],
)
def test_what_is_said_of_fewer_records_goes_first(given: list[Candidate], left: str) -> None:
    """More specific is what has all conditions of another and more; a choice decides between the rest (R23)."""
    assert "".join(one.code for one in most_specific(given)) == left


def term(code: str, due: date | None, *, usable: bool = True, then: Disposition = Disposition.DESTROY) -> Term:
    """A series with the day that it comes to."""
    return Term(Candidate(code, frozenset(), "s", series("1 year", code=code, then=then), usable), None, due)


EARLY, LATE = date(2026, 1, 1), date(2030, 1, 1)


@pytest.mark.parametrize(
    ("given", "counts"),
    [
        ([term("A", EARLY), term("B", LATE)], "B"),
        ([term("A", LATE), term("B", EARLY)], "A"),
        ([term("A", LATE), term("B", None)], "B"),
        ([term("A", LATE), term("B", EARLY, usable=False)], "B"),
        ([term("A", LATE), term("B", LATE, then=Disposition.REVIEW)], "B"),
        ([term("A", LATE, then=Disposition.RETAIN), term("B", LATE)], "A"),
    ],
    ids=["later", "later first", "no end", "not adopted", "review", "retain"],
)
def test_in_doubt_the_longest_period_counts(given: list[Term], counts: str) -> None:
    """What has no end, or may not dispose, keeps longest (R23)."""
    found = longest(given)
    assert found is not None
    assert found.candidate.code == counts
    assert longest(reversed(given)) == found


def test_nothing_keeps_what_no_series_matches() -> None:
    """The caller must not take that for due: there is no term."""
    assert longest([]) is None


def test_an_edition_is_named_by_its_schedule_and_day() -> None:
    """So that two editions of one schedule never meet."""
    assert Edition("cities", date(2021, 3, 1), "General", ()).name == "cities@2021-03-01"


FILTERS = st.frozensets(st.sampled_from([ACCOUNT, KIND, ("words", "plan"), ("state", "gone")]), max_size=3)
CANDIDATES = st.builds(lambda code, filters, years, usable: (code, filters, years, usable), st.sampled_from("ABCDEF"), FILTERS, st.integers(0, 9), st.booleans())  # fmt: skip
Given = tuple[str, frozenset[tuple[str, str]], int, bool]


def counts(given: list[Given]) -> date | None:
    """The day on which a record may go that all of these match; None: never."""
    made = [Candidate(c, f, "s", series(f"{years} years", code=c), usable) for c, f, years, usable in given]
    terms = [Term(one, EARLY, due_on(one.series, EARLY)) for one in most_specific(made) if one.series]
    found = longest(terms)
    return found.due if found and found.candidate.usable else None


@given(before=st.lists(CANDIDATES, min_size=1, max_size=5), more=CANDIDATES)
def test_another_series_shortens_nothing_unless_it_is_more_specific(before: list[Given], more: Given) -> None:
    """However many match, in whatever order they are read (R23)."""
    assert counts(before) == counts(before[::-1])
    if not any(filters < more[1] for _, filters, _, _ in before):
        sooner, later = counts(before), counts([*before, more])
        assert later is None or (sooner is not None and sooner <= later)

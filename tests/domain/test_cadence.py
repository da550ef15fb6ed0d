"""When a thread is looked at again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.cadence import (
    AFTER_POLL,
    LONGEST,
    SHORTEST,
    Due,
    ThreadFacts,
    interval_of,
    next_visit,
    pick,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def minutes(n: int) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=n)


def hours(n: int) -> timedelta:
    """So many hours."""
    return timedelta(hours=n)


def days(n: int) -> timedelta:
    """So many days."""
    return timedelta(days=n)


def quiet_for(age: timedelta, *, replies: int = 3, changed: timedelta | None = None) -> ThreadFacts:
    """A thread whose root is ``age`` old and that moved ``changed`` ago."""
    return ThreadFacts(NOW - age, NOW - changed if changed is not None else None, visits=4, replies=replies)


WAITS = {
    "just written: the shortest wait": (quiet_for(minutes(1)), minutes(5)),
    "an hour old": (quiet_for(hours(1)), minutes(10)),
    "a day old": (quiet_for(days(1)), hours(4)),
    "a month old": (quiet_for(days(30)), days(5)),
    "three years old: the longest wait": (quiet_for(days(1095)), days(90)),
    "three years old, but answered an hour ago": (quiet_for(days(1095), changed=hours(1)), minutes(10)),
    "a day old and never answered": (quiet_for(days(1), replies=0), hours(8)),
    "dated in the future by its server": (quiet_for(days(-2)), minutes(5)),
    "of unknown age": (ThreadFacts(None, visits=1), minutes(5)),
}


@pytest.mark.parametrize(("facts", "wait"), WAITS.values(), ids=WAITS)
def test_a_thread_waits_in_proportion_to_its_quiet(facts: ThreadFacts, wait: timedelta) -> None:
    """Young and busy ones are looked at every few minutes, old and silent ones every few months."""
    assert next_visit(facts, NOW) == NOW + wait


def test_a_thread_never_visited_is_due_at_once() -> None:
    """However old it is, and whatever interval is set."""
    assert next_visit(ThreadFacts(NOW - days(900)), NOW, every=days(1)) == NOW


def test_a_fixed_interval_overrides_the_rule() -> None:
    """The operator's word wins for young and old alike."""
    for age in (minutes(1), days(2000)):
        assert next_visit(quiet_for(age), NOW, every=hours(6)) == NOW + hours(6)


@pytest.mark.parametrize("every", [None, days(30)], ids=["adaptive", "fixed"])
def test_the_close_of_a_poll_is_not_slept_through(every: timedelta | None) -> None:
    """The result is read a minute after the close, and a closed poll changes nothing any more."""
    closes = NOW + hours(2)
    open_poll = ThreadFacts(NOW - days(60), visits=9, replies=1, poll_until=closes)
    assert next_visit(open_poll, NOW, every=every) == closes + AFTER_POLL
    closed = ThreadFacts(NOW - days(60), visits=9, replies=1, poll_until=NOW - days(1))
    assert next_visit(closed, NOW, every=every) == NOW + (every or days(10))


def test_a_poll_that_closes_now_is_read_once_more() -> None:
    """A visit in the very minute of the close has not seen the result yet."""
    facts = ThreadFacts(NOW - days(1), visits=9, replies=1, poll_until=NOW)
    assert next_visit(facts, NOW) == NOW + AFTER_POLL


@given(
    age=st.timedeltas(timedelta(0), days(9000)),
    later=st.timedeltas(timedelta(0), days(9000)),
    replies=st.integers(0, 10_000),
)
def test_more_quiet_never_means_sooner(age: timedelta, later: timedelta, replies: int) -> None:
    """The wait grows with the quiet, between its two bounds."""
    facts = quiet_for(age, replies=replies)
    soon, late = interval_of(facts, NOW), interval_of(facts, NOW + later)
    assert SHORTEST <= soon <= late <= LONGEST


def test_a_silent_thread_costs_few_visits() -> None:
    """The module's claim: some eighty in two years, for a thread that was answered once."""
    now, visits = NOW, 0
    while now < NOW + days(730):
        visits += 1
        now = next_visit(ThreadFacts(NOW, visits=visits, replies=1), now)
    assert 70 <= visits <= 85


def due(subject: str, late: timedelta, interval: timedelta = timedelta(hours=1), calls: int = 1) -> Due:
    """A task that should have gone ``late`` ago."""
    return Due(subject, NOW - late, interval, calls)


PICKS = {
    "all that is due goes while the budget lasts": ([due("a", hours(1)), due("b", hours(2))], 9, ["b", "a"]),
    "what is not due stays": ([due("a", -minutes(1)), due("b", timedelta(0))], 9, ["b"]),
    "without a budget there is no bound": ([due(n, hours(1)) for n in "cab"], None, ["a", "b", "c"]),
    "a spent budget lets nothing go": ([due("a", hours(1))], 0, []),
    "an overspent budget lets nothing go": ([due("a", hours(1))], -3, []),
    "minutes late of five minutes beat hours late of ninety days": (
        [due("old", hours(20), days(90)), due("young", minutes(10), minutes(5))], 1, ["young"],
    ),
    "a thread of months that is ten days late beats one of minutes that is half an hour late": (
        [due("old", days(10), days(90)), due("young", minutes(30), minutes(5))], 1, ["old"],
    ),
    "nothing overtakes a long one that does not fit": (
        [due("short", minutes(1)), due("first", hours(3)), due("long", hours(2), calls=50)], 10, ["first"],
    ),
    "a long one alone goes anyway": ([due("short", minutes(1)), due("long", hours(2), calls=50)], 10, ["long"]),
}  # fmt: skip


@pytest.mark.parametrize(("waiting", "budget", "goes"), PICKS.values(), ids=PICKS)
def test_the_latest_in_its_own_measure_goes_first(waiting: list[Due], budget: int | None, goes: list[str]) -> None:
    """A table of rounds."""
    assert [one.subject for one in pick(waiting, budget, NOW)] == goes


@given(
    intervals=st.lists(st.integers(5, 100), min_size=1, max_size=12),
    costs=st.lists(st.integers(1, 30), min_size=12, max_size=12),
    budget=st.integers(1, 10),
)
def test_nothing_starves(intervals: list[int], costs: list[int], budget: int) -> None:
    """Under any budget of at least one call a round, every thread has its turn again and again.

    While the one with the longest interval has one turn, each of the others has as many as its share: 20 at most.
    """
    waiting = {str(n): Due(str(n), NOW, timedelta(minutes=every), costs[n]) for n, every in enumerate(intervals)}
    turns = dict.fromkeys(waiting, 0)
    now = NOW
    for _ in range(3 * 20 * len(waiting)):
        now += timedelta(minutes=max(intervals))
        for one in pick(waiting.values(), budget, now):
            turns[one.subject] += 1
            waiting[one.subject] = Due(one.subject, now + one.interval, one.interval, one.calls)
    assert min(turns.values()) >= 2

"""What may be spent on what, and when."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.budgets import (
    EDGE,
    SOONEST,
    Priority,
    Standing,
    charged,
    day_of,
    edge,
    forecast,
    next_chance,
    parts_of,
    room,
    term_of,
)
from archiver.domain.exchange import Exchange
from archiver.domain.spending import Period, Tariff

MONEY = Tariff("USD", 1000, Period.MONTH, "UTC", lambda exchange: len(exchange.body))
UNITS = Tariff("units", 1, Period.DAY, "America/Los_Angeles", lambda exchange: len(exchange.body), allowance=10_000)


def at(day: str, time: str = "00:00:00") -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(f"{day}T{time}+00:00")


TERMS = {
    "a month begins": (MONEY, at("2026-11-01"), "2026-11", at("2026-11-01"), at("2026-12-01")),
    "a month ends": (MONEY, at("2026-12-31", "23:59:59"), "2026-12", at("2026-12-01"), at("2027-01-01")),
    "the short one of a leap year": (MONEY, at("2028-02-10"), "2028-02", at("2028-02-01"), at("2028-03-01")),
    "a day in winter": (UNITS, at("2026-11-23", "07:59:59"), "2026-11-22", at("2026-11-22", "08:00:00"), at("2026-11-23", "08:00:00")),
    "a day in summer": (UNITS, at("2026-07-01", "07:00:00"), "2026-07-01", at("2026-07-01", "07:00:00"), at("2026-07-02", "07:00:00")),
    "the day of 23 hours": (UNITS, at("2026-03-08", "20:00:00"), "2026-03-08", at("2026-03-08", "08:00:00"), at("2026-03-09", "07:00:00")),
    "the day of 25 hours": (UNITS, at("2026-11-01", "20:00:00"), "2026-11-01", at("2026-11-01", "07:00:00"), at("2026-11-02", "08:00:00")),
}  # fmt: skip


@pytest.mark.parametrize("case", TERMS)
def test_terms(case: str) -> None:
    """A period is a calendar day or month where the tariff is at home, summer time included."""
    tariff, moment, name, begins, ends = TERMS[case]
    term = term_of(tariff, moment)
    assert (term.name, term.begins, term.ends) == (name, begins, ends)
    assert term.first <= day_of(tariff, moment) <= term.last
    assert term_of(tariff, term.ends).begins == term.ends


EDGES = {
    at("2026-11-01", "00:00:00"): at("2026-11-01", "00:01:00"),
    at("2026-11-01", "00:00:59"): at("2026-11-01", "00:01:00"),
    at("2026-11-01", "00:01:00"): None,
    at("2026-11-30", "23:58:59"): None,
    at("2026-11-30", "23:59:00"): at("2026-12-01", "00:01:00"),
}


@pytest.mark.parametrize("moment", EDGES, ids=str)
def test_the_edges_of_a_term(moment: datetime) -> None:
    """A minute before and after the change nothing is asked."""
    assert edge(term_of(MONEY, moment), moment) == EDGES[moment]


def exchange(**more: object) -> Exchange:
    """An answered call with three bytes."""
    words = {"status": 200, "body": b"abc"} | more
    return Exchange("x", 1, "city", "https://a.example/", "posts", at("2026-11-01"), **words)  # type: ignore[arg-type]


CHARGES = {
    "a whole answer": (exchange(), 3),
    "an answer that was cut": (exchange(truncated="disconnect"), 50),
    "an answer that is no HTTP": (exchange(status=None, failure="protocol"), 50),
    "no answer in time": (exchange(status=None, failure="timeout"), 50),
    "a connection that broke": (exchange(status=None, failure="disconnect"), 50),
    "no address": (exchange(status=None, failure="dns"), 0),
    "no connection": (exchange(status=None, failure="connect"), 0),
    "no TLS": (exchange(status=None, failure="tls"), 0),
    "an address that may not be asked": (exchange(status=None, failure="refused"), 0),
}


@pytest.mark.parametrize("case", CHARGES)
def test_what_a_call_is_taken_to_have_cost(case: str) -> None:
    """All that it may, where the answer does not tell; nothing, where it never left."""
    found, expected = CHARGES[case]
    assert charged(MONEY, 50, found) == expected


def test_amounts() -> None:
    """A budget is never rounded up."""
    assert [parts_of(MONEY, Decimal(one)) for one in ("25", "0.0129", "0.0001")] == [25_000, 12, 0]


TERM = term_of(MONEY, at("2026-11-10"))
MIDDLE = at("2026-11-16")


def account(limit: int | None, new: int = 0, other: int = 0, a_day: tuple[float, float] | None = None) -> Standing:
    """An account that spent that much on what is new and on the rest, and does so daily."""
    daily = None if a_day is None else {Priority.NEW: a_day[0], Priority.AGAIN: a_day[1]}
    return Standing(limit, {Priority.NEW: new, Priority.PAST: 0, Priority.AGAIN: other}, daily)


ROOMS = {
    # half of the month is left: half of the half, and half of the tenth, are kept
    "nothing is known": (account(1000, 100, 100), (800, 800 - 250 - 50)),
    # fifteen days at 10
    "what a day costs is known": (account(1000, 100, 100, (10, 90)), (800, 800 - 150 - 50)),
    "the news need all of it": (account(1000, 100, 100, (60, 0)), (800, 800 - 900 - 50)),
    "it is spent": (account(1000, 600, 400, (10, 10)), (0, -200)),
}


@pytest.mark.parametrize("case", ROOMS)
def test_room(case: str) -> None:
    """What is new may use all that is left; the rest what the news of the days to come do not need."""
    found, expected = ROOMS[case]
    of = [room(found, priority, TERM, Period.MONTH, MIDDLE) for priority in Priority]
    assert tuple(of) == (expected[0], expected[1], expected[1])


def test_without_a_limit_there_is_room() -> None:
    """For everything, always."""
    assert min(room(account(None, 10**9), one, TERM, Period.MONTH, MIDDLE) for one in Priority) > 10**12


accounts = st.builds(
    account,
    st.integers(1, 10**6),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.none() | st.tuples(st.floats(0, 10**5), st.floats(0, 10**5)),
)
moments = st.timedeltas(timedelta(0), timedelta(days=29, hours=23)).map(lambda since: at("2026-11-01") + since)


@given(accounts, st.sampled_from(Priority), moments, st.timedeltas(timedelta(0), timedelta(hours=1)))
def test_room_only_grows_while_nothing_is_spent(
    found: Standing, priority: Priority, moment: datetime, later: timedelta
) -> None:  # fmt: skip
    """What is kept shrinks to nothing, so what nobody needed is there at the end."""
    before, after = (room(found, priority, TERM, Period.MONTH, one) for one in (moment, moment + later))
    assert before <= after <= found.rest


@given(accounts, st.sampled_from(Priority), moments, st.integers(1, 10**6))
def test_what_waits_is_looked_at_when_there_is_room(
    found: Standing, priority: Priority, moment: datetime, cost: int
) -> None:  # fmt: skip
    """Not before, but for rounding, and at the next period at the latest."""
    chance = next_chance(found, priority, cost, TERM, Period.MONTH, moment)
    assert moment < chance <= TERM.ends + EDGE
    if chance < TERM.ends:
        assert room(found, priority, TERM, Period.MONTH, chance) >= cost - 1
    if moment + 2 * SOONEST < chance < TERM.ends:
        assert room(found, priority, TERM, Period.MONTH, chance - SOONEST) <= cost


FORECASTS = {
    "nothing is known": (account(1000, 100), None),
    "as of late": (account(1000, 100, 100, (10, 5)), 200 + 15 * 15),
    "bounded by the limit": (account(1000, 100, 100, (100, 50)), 1000),
    "without a limit": (account(None, 100, 100, (100, 50)), 200 + 15 * 150),
    "more than the limit is spent already": (account(100, 100, 100, (100, 50)), 200),
}


@pytest.mark.parametrize("case", FORECASTS)
def test_forecasts(case: str) -> None:
    """What will have been spent at the end of the period."""
    found, expected = FORECASTS[case]
    assert forecast(found, TERM, MIDDLE) == expected

"""Rounds side by side, in the register of runs."""

from __future__ import annotations

from datetime import date

import pytest
from structlog.testing import capture_logs

from archiver.domain.account import Account
from archiver.domain.acting import Actor
from archiver.domain.register import Entry, Fact
from archiver.services.asking import Stopped
from archiver.services.collect import Round
from archiver.services.rounds import AT_ONCE, carry_out
from archiver.store import accounts as known
from archiver.store.decisions import register
from tests.services.house import House
from tests.support.clock import FakeClock

CLOCK = FakeClock()


def _round(account: str, run: int) -> Round:
    return Round(account, run, CLOCK.now())


@pytest.fixture(autouse=True)
def _registered(house: House) -> None:
    """The accounts of these tests are in the register."""
    names = [*"abcde", *(f"account-{number}" for number in range(5 * AT_ONCE))]
    with house.store.begin() as conn:
        known.register(conn, [Account(name, "mastodon", name) for name in names], house.now)


def test_each_account_has_its_round(house: House) -> None:
    """In the order asked for, all of one run, whose end is entered."""
    done = carry_out(house.store, CLOCK, ["a", "b", "c", "d", "e"], "collect", _round)
    assert [one.account for one in done] == ["a", "b", "c", "d", "e"]
    assert len({one.run for one in done}) == 1
    assert house.rows("SELECT command, outcome FROM runs") == [("collect", "done")]


def test_a_round_that_fell_short_shows_in_the_run(house: House) -> None:
    """A gap of one account is a gap of the run."""

    def work(account: str, run: int) -> Round:
        one = _round(account, run)
        if account == "b":
            one.gaps.append("rate limit")
        return one

    carry_out(house.store, CLOCK, ["a", "b"], "collect", work)
    assert house.rows("SELECT outcome FROM runs") == [("done, with gaps",)]


def test_a_stop_leaves_the_rounds_that_ended(house: House) -> None:
    """What was stopped goes on with the next run."""

    def work(account: str, run: int) -> Round:
        if account == "b":
            raise Stopped
        return _round(account, run)

    assert [one.account for one in carry_out(house.store, CLOCK, ["a", "b"], "collect", work)] == ["a"]
    assert house.rows("SELECT outcome FROM runs") == [("stopped",)]


def test_a_bug_in_one_round_lets_the_others_end(house: House) -> None:
    """It is raised after them, also after those that waited for a free thread, and the run says that it failed."""
    accounts = [f"account-{number}" for number in range(5 * AT_ONCE)]
    ended: list[str] = []

    def work(account: str, run: int) -> Round:
        if account == accounts[0]:
            raise ZeroDivisionError
        ended.append(account)
        return _round(account, run)

    with pytest.raises(ZeroDivisionError):
        carry_out(house.store, CLOCK, accounts, "collect", work)
    assert sorted(ended) == sorted(accounts[1:])
    assert house.rows("SELECT outcome FROM runs") == [("failed",)]


def test_nothing_is_collected_from_what_the_register_does_not_have(house: House) -> None:
    """A run for an unknown account writes nothing at all, and the log says why (R1)."""
    before = house.rows("SELECT name, sql FROM sqlite_master"), house.rows("SELECT * FROM accounts")
    with capture_logs() as logs:
        assert carry_out(house.store, CLOCK, ["stranger"], "collect", _round) == []
    (line,) = logs
    assert (line["event"], line["account"], line["log_level"]) == ("not collected", "stranger", "warning")
    assert "not in the register of accounts" in line["why"]
    assert house.rows("SELECT count(*) FROM runs") == [(0,)]
    assert (house.rows("SELECT name, sql FROM sqlite_master"), house.rows("SELECT * FROM accounts")) == before


def test_a_closed_account_is_left_out(house: House) -> None:
    """The others have their round."""
    entry = Entry("b", Fact.CLOSED, date(2026, 11, 1), house.now, Actor("Dana", "d"), reason="moved")
    with house.store.begin() as conn:
        register.add(conn, [entry])
    with capture_logs() as logs:
        done = carry_out(house.store, CLOCK, ["a", "b"], "collect", _round)
    assert [one.account for one in done] == ["a"]
    assert [line["account"] for line in logs if line["event"] == "not collected"] == ["b"]
    assert house.rows("SELECT outcome FROM runs") == [("done",)]

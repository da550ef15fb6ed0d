"""The light of each account: green, yellow, red or grey."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from archiver.domain.acting import Actor
from archiver.domain.register import OFF, Entry, Fact
from archiver.services.health import AccountHealth, AccountState, health
from archiver.store.decisions import register
from tests.platforms.mastodon_world import CITY, Server
from tests.services.loopback import Desk, answer, desk, served


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[Desk]:
    """A process in front of one post."""
    world = Server()
    world.post("113000000000000020", CITY)
    with served(world), desk(tmp_path, world, token=True) as made:
        yield made


def _light(desk_: Desk, *, paused: bool = False) -> AccountHealth:
    (one,) = health(desk_.store, desk_.clock.now(), paused={"city-mastodon": paused})
    return one


def test_an_account_that_nobody_collected_yet_is_yellow(at_work: Desk) -> None:
    """Silence is never success."""
    assert _light(at_work).state is AccountState.GAP
    assert _light(at_work).last_success_at is None


def test_a_good_round_is_green(at_work: Desk) -> None:
    """It says how many records there are and until when all is captured."""
    at_work.round()
    light = _light(at_work)
    assert light.state is AccountState.OK
    assert light.records == 2
    assert light.coverage_until is not None
    assert light.open_gaps == ()
    assert light.last_error is None


def test_a_limit_is_yellow_until_a_round_is_good(at_work: Desk) -> None:
    """The gap has its reason, and closes by itself."""
    at_work.round()
    at_work.clock.advance(3600)
    at_work.world.faults = [answer(429, ("Retry-After", "60"))]
    at_work.round()
    light = _light(at_work)
    assert light.state is AccountState.GAP
    assert light.last_error
    assert light.open_gaps
    at_work.clock.advance(3600)
    at_work.round()
    assert _light(at_work).state is AccountState.OK


def test_a_dead_token_is_red_and_says_what_to_do(at_work: Desk) -> None:
    """Until a person renews it."""
    at_work.world.token = "revoked"
    at_work.round()
    light = _light(at_work)
    assert light.state is AccountState.ATTENTION
    assert light.advice
    at_work.world.token = "valid"
    at_work.clock.advance(3600)
    at_work.round(everything=True)
    assert _light(at_work).state is AccountState.OK


def test_a_paused_account_is_grey(at_work: Desk) -> None:
    """Whatever happened to it."""
    at_work.world.token = "revoked"
    at_work.round()
    assert _light(at_work, paused=True).state is AccountState.PAUSED


@pytest.mark.parametrize(
    ("fact", "state", "sentence"),
    [
        (Fact.CLOSED, AccountState.CLOSED, "closed since 2026-11-01 (moved): nothing new is collected"),
        (Fact.COLLECTION, AccountState.PAUSED, "Dana turned its collection off on 2026-11-01 (moved)."),
    ],
)
def test_what_the_register_says_comes_first(at_work: Desk, fact: Fact, state: AccountState, sentence: str) -> None:
    """Of an account that people closed, or whose collection they turned off, nothing is expected."""
    now, value = at_work.clock.now(), OFF if fact is Fact.COLLECTION else None
    entry = Entry("city-mastodon", fact, date(2026, 11, 1), now, Actor("Dana", "d"), value, reason="moved")
    with at_work.store.begin() as conn:
        register.add(conn, [entry])
    light = _light(at_work)
    assert light.state is state
    assert light.not_collected is not None
    assert light.not_collected.startswith(sentence)

"""One request until its answer can be read, against a real server on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from archiver.domain.task import TaskKind
from archiver.errors import AccessLost, PlatformTrouble, RateLimited
from archiver.services.asking import Stopped
from tests.platforms.mastodon_world import Server
from tests.services.loopback import Desk, answer, desk, served

PROFILE = TaskKind.PROFILE


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[Desk]:
    """A process that collects without a token."""
    world = Server()
    with served(world), desk(tmp_path, world) as made:
        yield made


def test_a_passing_fault_is_asked_again(at_work: Desk) -> None:
    """Each attempt is in the archive; the third is read."""
    at_work.world.faults = [answer(503), answer(502)]
    done = at_work.round(PROFILE)
    assert done.trouble is None
    assert [status for (status,) in at_work.rows("SELECT status FROM exchanges ORDER BY sequence")][:3] == [
        503, 502, 200,
    ]  # fmt: skip
    assert len(at_work.clock.waits) >= 2


def test_a_request_that_fails_for_good_leaves_the_rest_of_the_round(at_work: Desk) -> None:
    """Three attempts, then the next task has its turn; the round says that it fell short."""
    at_work.world.faults = [answer(503)] * 3
    done = at_work.round(PROFILE, TaskKind.POLL)
    assert done.trouble is None
    assert len(done.problems) == 1
    assert at_work.rows("SELECT kind, attempts FROM tasks WHERE attempts > 0") == [("profile", 1)]
    assert at_work.rows("SELECT state FROM coverage WHERE stream = 'profile'") == [("gap",)]


def test_a_server_that_is_down_ends_the_round(at_work: Desk) -> None:
    """Nothing listens there: each attempt is recorded, then the other tasks are spared the same."""
    at_work.world.base = "http://127.0.0.1:9"
    with desk(at_work.folder, at_work.world) as other:
        done = other.round(PROFILE, TaskKind.POLL)
        assert isinstance(done.trouble, PlatformTrouble)
        assert other.rows("SELECT failure, status FROM exchanges") == [("connect", None)] * 3


def test_a_limit_ends_a_round_that_does_not_wait(at_work: Desk) -> None:
    """The next process asks nothing before the moment that the platform named."""
    at_work.world.faults = [answer(429, ("Retry-After", "600"))]
    assert isinstance(at_work.round(PROFILE).trouble, RateLimited)
    asked = len(at_work.world.asked)
    with desk(at_work.folder, at_work.world, clock=at_work.clock) as later:
        assert isinstance(later.round(PROFILE).trouble, RateLimited)
        assert len(later.world.asked) == asked
        later.clock.advance(601)
        assert later.round(PROFILE).trouble is None


def test_a_budget_that_is_used_up_binds_the_next_process(at_work: Desk) -> None:
    """Nobody was refused yet, the answers only say that nothing is left; so not even one call tries it out."""
    ends = at_work.clock.now() + timedelta(minutes=20)
    spent = (("X-RateLimit-Limit", "300"), ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", f"{ends:%FT%TZ}"))
    at_work.world.faults = [answer(503, *spent)]
    assert isinstance(at_work.round(PROFILE).trouble, RateLimited)
    asked = len(at_work.world.asked)
    with desk(at_work.folder, at_work.world, clock=at_work.clock) as later:
        assert isinstance(later.round(PROFILE).trouble, RateLimited)
        assert len(later.world.asked) == asked == 1
        later.clock.advance(21 * 60)
        assert later.round(PROFILE).trouble is None


def test_a_limit_is_waited_for_when_that_is_wanted(at_work: Desk) -> None:
    """With --wait time passes until the limit is over, and the same request is sent again."""
    at_work.world.faults = [answer(429, ("Retry-After", "600"))]
    began = at_work.clock.now()
    assert at_work.round(PROFILE, wait=True).trouble is None
    assert at_work.clock.now() - began >= timedelta(seconds=590)


def test_a_redirect_in_circles_fails_one_task(at_work: Desk) -> None:
    """It is followed only so often, and never makes an endless round."""
    world = at_work.world
    world.faults = [answer(302, ("Location", f"{world.base}/again")) for _ in range(50)]
    done = at_work.round(PROFILE)
    assert done.short
    assert len(world.asked) < 20


def test_a_dead_token_needs_a_person(tmp_path: Path) -> None:
    """One call, then none: the account's state says what to do."""
    world = Server(token="revoked")
    with served(world), desk(tmp_path, world, token=True) as at_work:
        done = at_work.round()
        assert isinstance(done.trouble, AccessLost)
        assert len(world.asked) == 1


def test_a_stop_ends_at_once_and_loses_nothing(at_work: Desk) -> None:
    """The next process goes on with the same task."""
    at_work.stop.set()
    with pytest.raises(Stopped):
        at_work.round()
    with desk(at_work.folder, at_work.world) as later:
        assert later.round().trouble is None
        assert later.count("items") == 1

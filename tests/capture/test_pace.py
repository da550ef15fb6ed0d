"""A platform's budget lasts until its reset, and nobody starves."""

from __future__ import annotations

import itertools
import threading
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.pace import RESERVE, UNKNOWN_WINDOW, Pacer
from archiver.domain.task import Budget
from tests.support.clock import FakeClock

STOP = threading.Event()
LONG_WAIT = timedelta(days=1)


def turns(pacer: Pacer, clock: FakeClock, count: int, key: str = "city") -> list[float]:
    """The seconds after the start at which turns come."""
    start, moments = clock.now(), []
    for _ in range(count):
        pacer.turn(key, clock, STOP)
        moments.append((clock.now() - start).total_seconds())
    return moments


def budget(clock: FakeClock, limit: int | None, remaining: int, seconds: float | None) -> Budget:
    """A budget that runs for so many seconds."""
    return Budget(limit, remaining, None if seconds is None else clock.now() + timedelta(seconds=seconds))


def test_the_minimum_interval() -> None:
    """Requests of one credential keep a distance; those of another do not wait for them."""
    pacer, clock = Pacer(0.2), FakeClock()
    assert turns(pacer, clock, 4) == pytest.approx([0, 0.2, 0.4, 0.6])
    assert turns(pacer, clock, 1, key="parks") == [0]


def test_time_that_passed_counts() -> None:
    """Who comes late does not wait."""
    pacer, clock = Pacer(0.2), FakeClock()
    turns(pacer, clock, 1)
    clock.advance(5)
    assert turns(pacer, clock, 1) == [0]


def test_plenty_is_not_spread() -> None:
    """While more than half is left, requests go out as fast as they may."""
    pacer, clock = Pacer(0), FakeClock()
    pacer.note("city", budget(clock, 300, 300, 300))
    assert turns(pacer, clock, 150)[-1] == 0


def test_the_rest_is_spread_to_the_reset() -> None:
    """Below that, what is left, less the reserve, lasts until the reset; then it goes on."""
    pacer, clock = Pacer(0), FakeClock()
    pacer.note("city", budget(clock, 300, 115, 200))
    moments = turns(pacer, clock, 102)
    assert moments[:3] == pytest.approx([0, 2, 4])
    assert moments[99] == pytest.approx(198)
    assert moments[100:] == pytest.approx([200, 200])


def test_only_the_reserve_is_left() -> None:
    """The reserve is for the city's other programs: nothing before the reset."""
    pacer, clock = Pacer(0), FakeClock()
    pacer.note("city", budget(clock, 300, int(300 * RESERVE), 77))
    assert turns(pacer, clock, 2) == pytest.approx([77, 77])


def test_a_small_budget_is_used_up() -> None:
    """One request per window is allowed to be made."""
    pacer, clock = Pacer(0), FakeClock()
    pacer.note("city", budget(clock, 1, 1, 60))
    assert turns(pacer, clock, 2) == pytest.approx([0, 60])


def test_a_budget_without_a_limit_is_spread() -> None:
    """Where it is not said how much a full budget is, every rest is spread."""
    pacer, clock = Pacer(0), FakeClock()
    pacer.note("city", budget(clock, None, 10, 100))
    assert turns(pacer, clock, 3) == pytest.approx([0, 10, 20])


def test_a_budget_without_a_reset() -> None:
    """Where the reset is not said, some minutes are assumed; without a clock it is not counted."""
    pacer, clock = Pacer(0), FakeClock()
    pacer.note("city", budget(clock, None, 0, None))
    assert turns(pacer, clock, 1) == [0]
    pacer.note("city", budget(clock, None, 0, None), now=clock.now())
    assert turns(pacer, clock, 1) == [UNKNOWN_WINDOW.total_seconds()]


def test_a_late_answer_does_not_give_back() -> None:
    """Within a window the smaller number counts; a new window starts anew."""
    pacer, clock = Pacer(0), FakeClock()
    window = budget(clock, None, 3, 30)
    pacer.note("city", window)
    turns(pacer, clock, 2)
    pacer.note("city", Budget(None, 3, window.resets_at))
    assert turns(pacer, clock, 2)[-1] == pytest.approx(20)
    pacer.note("city", budget(clock, None, 100, 1000))
    assert turns(pacer, clock, 2)[-1] <= 20


def test_no_budget_changes_nothing() -> None:
    """An answer without budget headers says nothing."""
    pacer, clock = Pacer(0), FakeClock()
    pacer.note("city", budget(clock, 100, 0, 50))
    pacer.note("city", None)
    assert turns(pacer, clock, 1) == [50]


def test_patience() -> None:
    """A turn that is too far away is named instead of waited for, and not taken."""
    pacer, clock = Pacer(0), FakeClock()
    pacer.note("city", budget(clock, 100, 0, 50))
    later = clock.now() + timedelta(seconds=50)
    assert pacer.turn("city", clock, STOP, patience_s=10) == later
    assert pacer.turn("city", clock, STOP, patience_s=10) == later
    assert clock.waits == []
    assert pacer.turn("city", clock, STOP, patience_s=60) is None
    assert clock.now() == later


def test_a_stop_ends_the_wait() -> None:
    """A stop is not waited through."""
    pacer, clock, stop = Pacer(3600), FakeClock(), threading.Event()
    pacer.turn("city", clock, stop)
    stop.set()
    pacer.turn("city", clock, stop)
    assert clock.waits == []


budgets = st.builds(
    lambda limit, used, seconds: (limit, max(0, limit - used), seconds),
    st.integers(1, 60), st.integers(0, 60), st.floats(1, 900),
)  # fmt: skip


@given(budgets, st.floats(0, 2), st.integers(1, 120))
def test_a_budget_is_never_exceeded(given_budget: tuple[int, int, float], interval: float, count: int) -> None:
    """Before the reset no more turns are given than are left, less the reserve; and every turn comes."""
    limit, remaining, seconds = given_budget
    pacer, clock = Pacer(interval), FakeClock()
    pacer.note("city", budget(clock, limit, remaining, seconds))
    moments = turns(pacer, clock, count)
    allowed = max(0, remaining - int(limit * RESERVE))
    assert sum(1 for moment in moments if moment < seconds - 1e-3) <= allowed
    assert moments == sorted(moments)
    assert moments[-1] <= seconds + count * interval + 1e-3
    assert all(after - before >= interval - 1e-5 for before, after in itertools.pairwise(moments))


class Window:
    """A platform that counts: so many requests per window, aligned to its start."""

    def __init__(self, clock: FakeClock, limit: int, seconds: float) -> None:
        self._clock, self._limit, self._length = clock, limit, timedelta(seconds=seconds)
        self._start, self._used, self.refused = clock.now(), 0, 0

    def ask(self) -> Budget:
        """One request; the budget that its answer states."""
        while self._clock.now() >= self._start + self._length:
            self._start, self._used = self._start + self._length, 0
        self._used += 1
        self.refused += self._used > self._limit
        return Budget(self._limit, max(0, self._limit - self._used), self._start + self._length)


@given(st.integers(1, 50), st.floats(5, 900), st.lists(st.floats(0, 100), min_size=1, max_size=150))
def test_a_platform_that_counts_never_refuses(limit: int, seconds: float, pauses: list[float]) -> None:
    """Against a counting platform, at any rhythm of our own, no request is one too many and none waits beyond a window."""
    clock = FakeClock()
    platform, pacer = Window(clock, limit, seconds), Pacer(0)
    for pause in pauses:
        clock.advance(pause)
        asked = clock.now()
        pacer.turn("city", clock, STOP)
        assert (clock.now() - asked).total_seconds() <= seconds + 1e-3
        pacer.note("city", platform.ask(), now=clock.now())
    assert platform.refused == 0


def test_threads_share_a_budget() -> None:
    """Threads that ask at the same time get turns of their own, together no more than are left."""
    clock = FakeClock()
    pacer, moments, lock = Pacer(0), [], threading.Lock()
    reset = clock.now() + timedelta(seconds=1000)
    pacer.note("city", Budget(None, 40, reset))
    booked: list[datetime] = []

    class Recorder(FakeClock):
        """Stands still, so that every turn is asked for at the same moment."""

        def wait(self, seconds: float, stop: threading.Event) -> bool:
            with lock:
                booked.append(self.now() + timedelta(seconds=seconds))
            return True

    still = Recorder(clock.now())

    def work() -> None:
        for _ in range(10):
            pacer.turn("city", still, STOP)
            with lock:
                moments.append(1)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(moments) == 60
    assert len([moment for moment in booked if moment < reset]) == 39
    assert len(set(booked)) >= 39

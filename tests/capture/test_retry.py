"""When a request is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.retry import FIRST_DELAY_S, LONGEST_DELAY_S, backoff, next_attempt
from archiver.domain.task import Meaning, Verdict

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


class Most(Random):
    """Draws the upper end."""

    def uniform(self, a: float, b: float) -> float:
        """The largest that may be drawn."""
        return b


def verdict(meaning: Meaning, seconds: float | None = None) -> Verdict:
    """A verdict that may name a moment."""
    return Verdict(meaning, until=None if seconds is None else NOW + timedelta(seconds=seconds))


TABLE: dict[str, tuple[int, Verdict, int | None, float | None]] = {
    "the first delay is up to a second": (1, verdict(Meaning.RETRY), None, 1),
    "the second up to two": (2, verdict(Meaning.RETRY), None, 2),
    "the fifth up to sixteen": (5, verdict(Meaning.RETRY), None, 16),
    "the seventh is capped": (7, verdict(Meaning.RETRY), None, LONGEST_DELAY_S),
    "the thousandth too": (1000, verdict(Meaning.RETRY), None, LONGEST_DELAY_S),
    "the last attempt was made": (5, verdict(Meaning.RETRY), 5, None),
    "one attempt is left": (4, verdict(Meaning.RETRY), 5, 8),
    "a passing fault that names a moment": (1, verdict(Meaning.RETRY, 30), None, 30),
    "a moment that has passed": (1, verdict(Meaning.RETRY, -30), None, 1),
    "a limit until a moment": (1, verdict(Meaning.WAIT, 250), None, 250),
    "a limit is waited for however often": (99, verdict(Meaning.WAIT, 250), 5, 250),
    "a limit that is over": (1, verdict(Meaning.WAIT, -1), None, 0),
    "a limit that names nothing": (3, verdict(Meaning.WAIT), None, 4),
    "an answer": (1, verdict(Meaning.PROCEED), None, None),
    "lost access": (1, verdict(Meaning.ACCESS_LOST), None, None),
    "a session that ended": (1, verdict(Meaning.SESSION_EXPIRED), None, None),
    "another shape": (1, verdict(Meaning.SHAPE_CHANGED, 5), None, None),
}


@pytest.mark.parametrize("case", TABLE)
def test_the_next_attempt(case: str) -> None:
    """The longest delay that a case may have."""
    attempt, seen, attempts, expected = TABLE[case]
    assert next_attempt(attempt, seen, Most(), NOW, attempts=attempts) == expected


@given(st.integers(1, 10_000), st.integers())
def test_delays_are_bounded(attempt: int, seed: int) -> None:
    """A delay is never negative and never longer than its cap; the same seed gives the same delay."""
    delay = backoff(attempt, Random(seed))
    assert 0 <= delay <= min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** (attempt - 1) if attempt < 50 else LONGEST_DELAY_S)
    assert delay == backoff(attempt, Random(seed))


def test_delays_differ() -> None:
    """Many clients that failed together do not come back together."""
    rand = Random(7)
    assert len({round(backoff(6, rand), 1) for _ in range(200)}) > 100

"""When to ask again. Pure: it decides and does nothing else.

The arithmetic is "full jitter" (a random part of an exponentially growing, capped delay), which tenacity calls
``wait_random_exponential``; its strategies want the state of its own retry loop and the process's random numbers, while
our loop must record each attempt and its tests must repeat, so these are three lines of our own.
"""

from __future__ import annotations

from datetime import datetime
from random import Random

from archiver.domain.task import Meaning, Verdict

FIRST_DELAY_S = 1.0
LONGEST_DELAY_S = 60.0


def next_attempt(
    attempt: int, verdict: Verdict, rand: Random, now: datetime, *, attempts: int | None = None
) -> float | None:
    """Seconds until the next attempt; None: give up.

    ``attempt`` counts those made, from 1; ``attempts`` is how many may be made (None: the caller counts). A passing
    fault is tried again after a random part of 1, 2, 4, … 60 seconds, and not before the moment that the answer named.
    A limit is waited for, however often: until the moment it names, or by the same delays. All else is not repeated.
    """
    named_s = (verdict.until - now).total_seconds() if verdict.until is not None else 0.0
    if verdict.meaning is Meaning.WAIT:
        return max(0.0, named_s) if verdict.until is not None else backoff(attempt, rand)
    if verdict.meaning is not Meaning.RETRY or (attempts is not None and attempt >= attempts):
        return None
    return max(backoff(attempt, rand), named_s)


def backoff(attempt: int, rand: Random) -> float:
    """A random part of the delay after so many attempts, in seconds."""
    return rand.uniform(0.0, min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** min(attempt - 1, 32)))

"""When a thread is looked at again.

Most hiding and deleting happens early, and a thread that moves will move again (records rule R9). So a
thread waits a sixth of the time for which it has been quiet: ten minutes after an hour, four hours after a
day, five days after a month; never less than five minutes, never more than ninety days. Once it has gone
silent it costs some eighty visits in two years.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(days=90)
QUIET_SHARE = 6
"""A thread waits this part (1/6) of the time since it last moved."""
UNANSWERED = 2
"""A thread that nobody has answered waits that many times longer."""
AFTER_POLL = timedelta(minutes=1)
"""A poll's result is read so long after its close: the platforms count on for a few seconds."""
PATIENCE = timedelta(days=1)
"""Lateness is measured in a thread's own interval, but at most in days: ninety days late is very late."""

ADAPTIVE = "adaptive"
"""The setting that stands for the rule above instead of a fixed interval."""


@dataclass(frozen=True, slots=True)
class ThreadFacts:
    """What the cadence depends on.

    ``created_at`` is the root's (None: unknown), ``changed_at`` the last time that a visit showed something new (the
    first one: when the newest answer was written); ``visits`` how often it was looked at; ``poll_until`` when its poll
    closes.
    """

    created_at: datetime | None
    changed_at: datetime | None = None
    visits: int = 0
    replies: int = 0
    poll_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A task that waits its turn. ``calls`` estimates its cost; ``interval`` is what it was told to wait."""

    subject: str
    due_at: datetime
    interval: timedelta = SHORTEST
    calls: int = 1

    def lateness(self, now: datetime) -> float:
        """How late it is, in intervals of its own (a day for longer ones); below zero before its time."""
        return (now - self.due_at) / min(max(self.interval, SHORTEST), PATIENCE)


def interval_of(facts: ThreadFacts, now: datetime, *, every: timedelta | None = None) -> timedelta:
    """How long a thread waits from ``now`` on, a poll's close aside. ``every``: a fixed interval, if set."""
    if every is not None:
        return every
    moved = [at for at in (facts.created_at, facts.changed_at) if at is not None]
    if not moved:
        return SHORTEST
    wait = (now - max(moved)) / QUIET_SHARE
    if facts.replies == 0:
        wait *= UNANSWERED
    return min(max(wait, SHORTEST), LONGEST)


def next_visit(facts: ThreadFacts, now: datetime, *, every: timedelta | None = None) -> datetime:
    """When the thread is to be looked at again, at a visit's end (``now``); at once when it never was."""
    if facts.visits == 0:
        return now
    regular = now + interval_of(facts, now, every=every)
    if facts.poll_until is not None and facts.poll_until + AFTER_POLL > now:
        return min(regular, facts.poll_until + AFTER_POLL)
    return regular


def pick(due: Iterable[Due], budget: int | None, now: datetime) -> list[Due]:
    """Those that go now, in order, for at most ``budget`` calls (None: unlimited).

    The latest in proportion to its own interval goes first: under a budget too small for all, each is late by
    the same multiple of its interval and none waits for ever. For the same reason nothing overtakes one that
    does not fit; one that alone needs more than the budget goes alone and is continued from its cursor.
    """
    ready = [one for one in due if one.due_at <= now]
    ready.sort(key=lambda one: (-one.lateness(now), one.due_at, one.subject))
    if budget is None:
        return ready
    picked: list[Due] = []
    left = budget
    for one in ready:
        if one.calls > left and (picked or left <= 0):
            break
        picked.append(one)
        left -= one.calls
    return picked

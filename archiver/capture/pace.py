"""How fast to ask, so that a platform's budget lasts until it is filled again.

Three rules, per credential:

* Two requests are never closer than the minimum interval.
* While more than half of a budget is left, that is all: a round of a few requests is not slowed down.
* Below that, what is left, less a reserve for the city's other programs, is spread evenly over the time to the reset;
  when only the reserve is left, nothing is asked before the reset.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from archiver.capture.clock import Clock
from archiver.domain.task import Budget

PLENTY = 0.5
"""The part of a budget above which nothing is spread."""
RESERVE = 0.05
"""The part of a budget that is left to others."""
UNKNOWN_WINDOW = timedelta(minutes=5)
"""How long a budget is taken to run when the platform does not say."""


@dataclass(slots=True)
class _Lane:
    """What is known of one credential. ``free_at``: the next turn is not before that."""

    free_at: datetime | None = None
    limit: int | None = None
    remaining: int | None = None
    resets_at: datetime | None = None
    shared: bool = False

    def forget_what_is_over(self, now: datetime) -> None:
        """After its reset a budget is unknown until the platform states the new one."""
        if self.remaining is not None and self.resets_at is not None and now >= self.resets_at:
            self.limit = self.remaining = self.resets_at = None

    def book(self, now: datetime, interval: timedelta) -> datetime:
        """Take the next turn; when it is."""
        at = max(now, self.free_at or now)
        self.forget_what_is_over(at)
        if self.remaining is None or self.resets_at is None:
            self.free_at = at + interval
            return at
        usable = self.remaining - int((self.limit or 0) * RESERVE)
        if usable <= 0:
            at = self.resets_at
            self.free_at = at + interval
            self.forget_what_is_over(at)
            return at
        plenty = self.limit is not None and self.remaining > self.limit * PLENTY
        spread = interval if plenty else max(interval, (self.resets_at - at) / usable)
        self.free_at = at + spread
        self.remaining -= 1
        return at


class Pacer:
    """Gives turns. Thread-safe; turns of one credential are given in the order they were asked for."""

    def __init__(self, min_interval_s: float = 0.2) -> None:
        self._interval = timedelta(seconds=min_interval_s)
        self._lanes: dict[str, _Lane] = {}
        self._lock = threading.Lock()

    def turn(
        self, credential_key: str, clock: Clock, stop: threading.Event, *, patience_s: float | None = None
    ) -> datetime | None:
        """Wait for the credential's turn; a stop ends the wait.

        With ``patience_s``, a turn that is further away is not waited for and not taken: the result is its moment.
        """
        with self._lock:
            lane = self._lanes.setdefault(credential_key, _Lane())
            now = clock.now()
            if patience_s is not None and (at := self._peek(lane, now)) > now + timedelta(seconds=patience_s):
                return at
            at = lane.book(now, self._interval)
        if at > now:
            clock.wait((at - now).total_seconds(), stop)
        return None

    def note(self, credential_key: str, budget: Budget | None, *, now: datetime | None = None) -> None:
        """Take over what an answer says of the budget.

        Within one window the smaller number counts: an answer does not know of the requests that are under way.
        A budget without a reset is taken to run `UNKNOWN_WINDOW` from ``now``, and is not counted without that.
        """
        if budget is None:
            return
        resets_at = budget.resets_at or (now + UNKNOWN_WINDOW if now else None)
        with self._lock:
            lane = self._lanes.setdefault(credential_key, _Lane())
            remaining = budget.remaining
            if lane.remaining is not None and (lane.limit, lane.resets_at) == (budget.limit, resets_at):
                remaining = min(remaining, lane.remaining)
            lane.limit, lane.remaining, lane.resets_at = budget.limit, remaining, resets_at
            lane.shared = budget.shared

    def shared(self, credential_key: str) -> bool:
        """Whether the budget that was stated last is that of a whole app."""
        with self._lock:
            lane = self._lanes.get(credential_key)
            return lane is not None and lane.shared

    def _peek(self, lane: _Lane, now: datetime) -> datetime:
        return _Lane(lane.free_at, lane.limit, lane.remaining, lane.resets_at).book(now, self._interval)

"""How often may be asked: windows of a quarter of an hour from the first call, by endpoint and token."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from archiver.sandbox.limits import Count, Counter, Limit

WINDOW_S = 900
A_SECOND = timedelta(seconds=1)
Header = tuple[str, str]


class Limits:
    """Counts the calls. ``generous`` raises the limits so far that nobody waits, and forgets the one call a second."""

    def __init__(self, now: Callable[[], datetime], *, generous: bool) -> None:
        self._now = now
        self._generous = generous
        self._counter = Counter(now, aligned=False)
        self._lock = threading.Lock()
        self._last: dict[str, datetime] = {}
        self._blocked: dict[str, datetime] = {}

    def take(self, endpoint: str, token: str, calls: int) -> tuple[Count, bool]:
        """Count one call; whether it is refused."""
        limit = Limit(calls * 1000 if self._generous else calls, WINDOW_S)
        count = self._counter.take(endpoint, token, limit)
        until = self._blocked.get(endpoint)
        if until is not None and until > self._now():
            return Count(limit, 0, until, over=True), True
        return count, count.over

    def too_soon(self, token: str) -> bool:
        """Whether a token has asked the full archive within this second."""
        if self._generous:
            return False
        now = self._now()
        with self._lock:
            last = self._last.get(token)
            if last is not None and now - last < A_SECOND:
                return True
            self._last[token] = now
            return False

    def block(self, endpoint: str, *, seconds: float) -> None:
        """The window of an endpoint is used up for everybody, and ends in so many seconds."""
        self._blocked[endpoint] = self._now() + timedelta(seconds=seconds)

    def lift(self) -> None:
        """Forget all blocks."""
        self._blocked.clear()


def headers_of(count: Count) -> list[Header]:
    """What every answer says of its window."""
    return [
        ("x-rate-limit-limit", str(count.limit.calls)),
        ("x-rate-limit-remaining", str(count.remaining)),
        ("x-rate-limit-reset", str(int(count.resets_at.timestamp()))),
    ]

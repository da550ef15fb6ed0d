"""A clock for tests: time passes only when somebody waits."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from archiver.capture.clock import Clock


class FakeClock(Clock):
    """Waiting moves it at once; ``waits`` are the seconds that were waited. Safe to use from several threads."""

    def __init__(self, start: datetime = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)) -> None:
        self._now = start
        self._lock = threading.Lock()
        self.waits: list[float] = []

    def now(self) -> datetime:
        """The clock's present."""
        with self._lock:
            return self._now

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        """Let the time pass, unless it was stopped."""
        if stop.is_set():
            return False
        with self._lock:
            self.waits.append(seconds)
            self._now += timedelta(seconds=max(0.0, seconds))
        return True

    def advance(self, seconds: float) -> None:
        """Let time pass without anybody waiting."""
        with self._lock:
            self._now += timedelta(seconds=seconds)

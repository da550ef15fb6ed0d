"""Counts of what was refused, told in the log now and then: a flood must not fill the disk with log lines."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable

import structlog

log = structlog.get_logger()

EVERY_S = 60.0


class Tally:
    """Tells the first of a kind at once, and how many more there were after a while. Safe for threads."""

    def __init__(self, *, every_s: float = EVERY_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._every_s = every_s
        self._clock = clock
        self._lock = threading.Lock()
        self._told_at: dict[str, float] = {}
        self._since: Counter[str] = Counter()
        self.total: Counter[str] = Counter()

    def count(self, kind: str, advice: str = "") -> None:
        """One more of a kind, which must be one of a few fixed words."""
        now = self._clock()
        with self._lock:
            self.total[kind] += 1
            self._since[kind] += 1
            if now - self._told_at.get(kind, -1e9) < self._every_s:
                return
            self._told_at[kind], number = now, self._since.pop(kind)
        log.warning(kind, count=number, **({"advice": advice} if advice else {}))

"""Counting calls as the platforms do: fixed windows, answered in headers, refused with 429."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """``calls`` in each window of ``window_s`` seconds."""

    calls: int
    window_s: int = 300


@dataclass(frozen=True, slots=True)
class Count:
    """Where a caller stands: ``over`` when this call is one too many."""

    limit: Limit
    remaining: int
    resets_at: datetime
    over: bool


class Counter:
    """Counts calls by key. ``aligned`` windows begin on the clock (Mastodon), others with the first call (Bluesky)."""

    def __init__(self, now: Callable[[], datetime], *, aligned: bool) -> None:
        self._now = now
        self._aligned = aligned
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, str], tuple[datetime, int]] = {}

    def take(self, name: str, key: str, limit: Limit) -> Count:
        """Count one call."""
        now = self._now()
        with self._lock:
            ends, used = self._windows.get((name, key), (now, 0))
            if ends <= now:
                ends, used = self._window_end(now, limit), 0
            used += 1
            self._windows[name, key] = (ends, used)
        return Count(limit, max(limit.calls - used, 0), ends, used > limit.calls)

    def exhaust(self, name: str, key: str, limit: Limit) -> None:
        """Use up what is left of the present window, so that the next call is refused."""
        now = self._now()
        with self._lock:
            ends, _ = self._windows.get((name, key), (now, 0))
            ends = ends if ends > now else self._window_end(now, limit)
            self._windows[name, key] = (ends, limit.calls)

    def _window_end(self, now: datetime, limit: Limit) -> datetime:
        if not self._aligned:
            return now + timedelta(seconds=limit.window_s)
        begun = int(now.timestamp()) // limit.window_s * limit.window_s
        return datetime.fromtimestamp(begun + limit.window_s, UTC)

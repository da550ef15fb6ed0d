"""The city's present: standing still where a test sets it, else the real time, shifted as told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class CityClock:
    """``now`` None: the wall clock. ``advance`` moves either kind."""

    def __init__(self, now: datetime | None = None) -> None:
        self._fixed = now.astimezone(UTC) if now is not None else None
        self._shift = timedelta()

    def now(self) -> datetime:
        """The present, aware, UTC."""
        return (self._fixed or datetime.now(UTC)) + self._shift

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self._shift += by

"""The present, and waiting for it to pass."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

_LONGEST_WAIT_S = 24 * 3600.0  # beyond some centuries an Event refuses to wait at all


class Clock:
    """The system's clock. Tests have one that only moves when somebody waits."""

    def now(self) -> datetime:
        """The present, aware, UTC."""
        return datetime.now(UTC)

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        """Let ``seconds`` pass, a day at most; a stop ends it at once. Whether the time passed (False: stopped)."""
        return not stop.wait(min(max(seconds, 0.0), _LONGEST_WAIT_S))

"""What a server was asked: for tests that count calls."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from archiver.sandbox.wire import Asked


@dataclass(frozen=True, slots=True)
class Call:
    """One request and the status of its answer (0: the connection was dropped)."""

    at: datetime
    method: str
    target: str
    endpoint: str
    status: int
    authorized: bool
    user_agent: str


class Journal:
    """All calls in order. ``endpoint`` is the XRPC method, or the path with ids as ``:id``."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._lock = threading.Lock()

    def note(self, asked: Asked, status: int, at: datetime) -> None:
        """Write down one call."""
        call = Call(
            at,
            asked.method,
            asked.target,
            endpoint_of(asked.path),
            status,
            "authorization" in asked.headers,
            asked.headers.get("user-agent", ""),
        )
        with self._lock:
            self._calls.append(call)

    @property
    def calls(self) -> list[Call]:
        """A copy of all calls."""
        with self._lock:
            return list(self._calls)

    def counts(self) -> Counter[str]:
        """How often each endpoint was asked."""
        return Counter(call.endpoint for call in self.calls)

    def clear(self) -> None:
        """Forget all calls."""
        with self._lock:
            self._calls.clear()


def endpoint_of(path: str) -> str:
    """``/xrpc/app.bsky.feed.getPosts`` → the method; ``/api/v1/statuses/123/context`` → with ``:id``."""
    if path.startswith("/xrpc/"):
        return path.removeprefix("/xrpc/")
    parts = [":id" if part.isdigit() else part for part in path.split("/")]
    return "/".join(parts)

"""The exchange that a thread is carrying out, as its sockets need to know it.

Connections are kept open and shared, so which exchange a byte belongs to is told by the thread that sends or receives
it: a thread carries out one exchange at a time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from archiver.capture.faults import LENGTH, OVERTIME, STOPPED, Fault
from archiver.capture.recording import Recording

_HELD_LIMIT_BYTES = 64 * 1024 * 1024  # an answer that is held in memory may not be larger, whatever else is allowed


class Attempt:
    """One exchange under way: what it may take, what was recorded, whom it was with.

    ``secure``: it is to be sent over TLS, so what goes over a stream in the clear (a proxy's CONNECT) is not of it.
    ``trusted``: the operator named this very origin, so its address is not judged.
    """

    def __init__(
        self,
        recording: Recording,
        stop: threading.Event,
        *,
        secure: bool,
        trusted: bool,
        max_bytes: int,
        max_seconds: float,
    ) -> None:
        self.recording = recording
        self.secure = secure
        self.trusted = trusted
        self.peer: str | None = None
        self.tls: str | None = None
        self.sent = False
        self.ended_by_peer = False
        self._stop = stop
        self._max_bytes = max_bytes
        self._max_seconds = max_seconds
        self._deadline = time.monotonic() + max_seconds

    def check(self) -> None:
        """Raise Fault when this process is to end or the exchange has taken all its time."""
        if self._stop.is_set():
            raise Fault(STOPPED, "The archiver was asked to end.")
        if time.monotonic() >= self._deadline:
            raise Fault(OVERTIME, f"More than the {self._max_seconds:g} seconds allowed.")

    def room(self) -> int:
        """How many bytes may still come; raises Fault when there are none."""
        limit = min(self._max_bytes, _HELD_LIMIT_BYTES) if self.recording.holding else self._max_bytes
        room = limit - self.recording.received_bytes
        if room <= 0:
            raise Fault(LENGTH, f"More than the {limit} bytes allowed.")
        return room


_CURRENT: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


def current() -> Attempt | None:
    """The attempt that this thread carries out."""
    return _CURRENT.get()


@contextmanager
def carried_out(attempt: Attempt) -> Iterator[Attempt]:
    """Make an attempt this thread's."""
    token = _CURRENT.set(attempt)
    try:
        yield attempt
    finally:
        _CURRENT.reset(token)

"""The clock waits, and stops waiting when it is asked to."""

from __future__ import annotations

import threading
import time
from datetime import UTC

from archiver.capture.clock import Clock


def test_now() -> None:
    """The present is aware and in UTC."""
    assert Clock().now().tzinfo is UTC


def test_waiting() -> None:
    """The time asked for passes; nothing, or less, passes at once."""
    began = time.monotonic()
    assert Clock().wait(0.05, threading.Event())
    assert time.monotonic() - began >= 0.05
    assert Clock().wait(0, threading.Event())
    assert Clock().wait(-5, threading.Event())


def test_a_stop_ends_the_longest_wait() -> None:
    """A stop is seen at once, during a wait of any length and before it."""
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    began = time.monotonic()
    assert not Clock().wait(1e18, stop)
    assert not Clock().wait(5, stop)
    assert time.monotonic() - began < 1

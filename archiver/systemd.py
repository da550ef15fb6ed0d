"""Telling systemd how the service does: datagrams to ``$NOTIFY_SOCKET`` (sd_notify(3)); nothing where there is none."""

from __future__ import annotations

import os
import socket
from contextlib import suppress

READY, STOPPING, ALIVE = "READY=1", "STOPPING=1", "WATCHDOG=1"
TIMEOUT_S = 1.0
"""Nobody may be reading: the queue of a socket holds some ten datagrams, then sending waits."""


def notify(*states: str) -> None:
    """Say the states, each once. Nobody listening is no error: the service runs on."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address[:1] not in {"/", "@"}:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
        sock.settimeout(TIMEOUT_S)
        sock.connect(f"\0{address[1:]}" if address[0] == "@" else address)
        sock.sendall("\n".join(states).encode())


def watchdog_s() -> float | None:
    """How often to say that all is well, in seconds: half of what systemd waits for. None when it does not wait."""
    text = os.environ.get("WATCHDOG_USEC", "")
    owner = os.environ.get("WATCHDOG_PID") or str(os.getpid())
    if not text.isdecimal() or int(text) == 0 or owner != str(os.getpid()):
        return None
    return int(text) / 2_000_000

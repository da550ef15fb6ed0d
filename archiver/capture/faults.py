"""What can go wrong on the wire, in the words of ``Exchange.failure`` and WARC-Truncated.

Our own wire raises `Fault`; what httpcore and httpx raise above it is mapped in one table, and a test sees that none of
their errors is missing there.
"""

from __future__ import annotations

import httpcore
import httpx


class Fault(Exception):
    """An exchange ended early. ``word`` is one of those below; ``detail`` a few words for a person."""

    def __init__(self, word: str, detail: str) -> None:
        super().__init__(word, detail)
        self.word = word
        self.detail = detail


DNS, CONNECT, TLS, TIMEOUT, DISCONNECT = "dns", "connect", "tls", "timeout", "disconnect"
REFUSED = "refused"  # by our guard, before a byte was sent
PROTOCOL = "protocol"
LENGTH = "length"  # more bytes than allowed
OVERTIME = "overtime"  # more time than allowed, though bytes kept coming
STOPPED = "stopped"  # this process was asked to end

TRUNCATED = {
    TIMEOUT: "time", OVERTIME: "time", LENGTH: "length", DISCONNECT: "disconnect", TLS: "disconnect",
    PROTOCOL: "unspecified",
}  # fmt: skip
"""WARC-Truncated's word for a fault after the head had come."""

FAILURE = {OVERTIME: TIMEOUT, LENGTH: PROTOCOL}
"""``Exchange.failure``'s word for a fault before the head had come, where it is another one."""

_FOREIGN: dict[type[Exception], str] = {
    httpcore.ConnectTimeout: TIMEOUT,
    httpcore.ReadTimeout: TIMEOUT,
    httpcore.WriteTimeout: TIMEOUT,
    httpcore.PoolTimeout: TIMEOUT,
    httpcore.ConnectError: CONNECT,
    httpcore.ReadError: DISCONNECT,
    httpcore.WriteError: DISCONNECT,
    httpcore.ProxyError: CONNECT,
    httpcore.RemoteProtocolError: PROTOCOL,
    httpcore.LocalProtocolError: PROTOCOL,
    httpcore.UnsupportedProtocol: REFUSED,
    httpx.InvalidURL: REFUSED,
    httpcore.TimeoutException: TIMEOUT,
    httpcore.NetworkError: DISCONNECT,
    httpcore.ProtocolError: PROTOCOL,
}

FOREIGN = tuple(_FOREIGN)
"""The foreign errors that an exchange may end with."""


def of_foreign(error: Exception) -> Fault:
    """A foreign error as ours: the nearest entry of the table."""
    word = next(word for kind, word in _FOREIGN.items() if isinstance(error, kind))
    return Fault(word, str(error) or type(error).__name__)

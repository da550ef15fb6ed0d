"""HTTP/1.1 as it comes in, byte for byte, and as it goes out. h11 knows the protocol; this keeps the bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from http import HTTPStatus

import h11

HEAD_LIMIT_BYTES = 32 * 1024
BODY_LIMIT_BYTES = 16 * 1024 * 1024
"""A thousand changes with long texts are some megabytes."""

_BARE_LF = re.compile(rb"(?<!\r)\n")
_FOLDED = re.compile(rb"\r\n[ \t]")


class Refused(Exception):
    """The message can't be taken; ``status`` is what to answer. Nothing more can be read from the connection."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, slots=True)
class Head:
    """A request's first line and its header fields; names are in lower case, and repeated ones are joined by commas."""

    method: str
    target: str
    headers: dict[str, str]

    @property
    def path(self) -> str:
        """The target up to the question mark."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """What follows the question mark."""
        return self.target.partition("?")[2]


@dataclass(frozen=True, slots=True)
class Message:
    """A whole request: ``raw`` are its bytes as received, ``body`` is without transfer coding."""

    head: Head
    raw: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of ours. ``close``: the connection ends with it. ``wire``: its bytes, once they are fixed."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    close: bool = False
    wire: bytes = b""

    def fixed(self, now: datetime) -> Reply:
        """This answer with its bytes as they will be on the wire."""
        return self if self.wire else replace(self, wire=self._encoded(now))

    def _encoded(self, now: datetime) -> bytes:
        phrase = HTTPStatus(self.status).phrase
        fields = [
            ("Date", format_datetime(now, usegmt=True)),
            ("Content-Length", str(len(self.body))),
            *([("Content-Type", "text/plain; charset=utf-8")] if self.body else []),
            ("X-Content-Type-Options", "nosniff"),
            *self.headers,
            *([("Connection", "close")] if self.close else []),
        ]
        head = "".join(f"{name}: {value}\r\n" for name, value in fields)
        return f"HTTP/1.1 {self.status} {phrase}\r\n{head}\r\n".encode("latin-1") + self.body


class Reader:
    """Requests out of a connection's bytes, however they are cut. Yields a Head, then, of the same request, a Message.

    Between the two the caller may refuse. ``answered`` must be called before the next request is read.
    """

    def __init__(self) -> None:
        self._connection = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_LIMIT_BYTES)
        self._raw = bytearray()
        self._head: Head | None = None
        self._parts: list[bytes] = []
        self.body_bytes = 0

    @property
    def begun(self) -> bool:
        """Whether some of a request has come that is not answered yet."""
        return bool(self._raw)

    @property
    def expects_word(self) -> bool:
        """Whether the client waits for ``100 Continue`` before it sends the body."""
        return self._connection.they_are_waiting_for_100_continue

    def feed(self, data: bytes) -> None:
        """Bytes that came."""
        self._raw += data
        self._connection.receive_data(data)

    def proceed(self) -> bytes:
        """The bytes that tell a waiting client to go on."""
        return self._connection.send(h11.InformationalResponse(status_code=100, headers=[])) or b""

    def events(self) -> Iterator[Head | Message]:
        """What is complete by now. Raises Refused."""
        while True:
            try:
                event = self._connection.next_event()
            except h11.RemoteProtocolError as error:
                raise Refused(error.error_status_hint, str(error)) from error
            if isinstance(event, h11.Request):
                self._head = self._checked(event)
                yield self._head
            elif isinstance(event, h11.Data):
                self.body_bytes += len(event.data)
                if self.body_bytes > BODY_LIMIT_BYTES:
                    raise Refused(413, "the body is too large")
                self._parts.append(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage) and self._head is not None:
                yield self._message(self._head)
            else:
                return

    def answered(self, reply: Reply) -> bool:
        """Take note of the answer, and get ready for the next request. Whether there may be one."""
        try:
            fields = [("Content-Length", str(len(reply.body)))] + ([("Connection", "close")] if reply.close else [])
            self._connection.send(h11.Response(status_code=reply.status, headers=fields))
            if reply.body:
                self._connection.send(h11.Data(data=reply.body))
            self._connection.send(h11.EndOfMessage())
            if self._connection.our_state is not h11.DONE or self._connection.their_state is not h11.DONE:
                return False
            rest = self._connection.trailing_data[0]
            self._connection.start_next_cycle()
        except h11.LocalProtocolError:
            return False
        self._raw, self._head, self._parts, self.body_bytes = bytearray(rest), None, [], 0
        return True

    def _checked(self, event: h11.Request) -> Head:
        """The head of a request that can be kept as it came: with strict line ends, and no line folded."""
        end = self._raw.find(b"\r\n\r\n")
        raw = bytes(self._raw[: end + 2])
        if end < 0 or _BARE_LF.search(raw) or _FOLDED.search(raw):
            raise Refused(400, "the head's lines don't end as they must")
        headers: dict[str, str] = {}
        for name, value in event.headers:
            key = name.decode("latin-1")
            headers[key] = f"{headers[key]},{value.decode('latin-1')}" if key in headers else value.decode("latin-1")
        if event.http_version not in {b"1.0", b"1.1"}:
            raise Refused(505, "another HTTP")
        if "content-length" in headers and "transfer-encoding" in headers:
            raise Refused(400, "two ways to tell where the body ends")
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > BODY_LIMIT_BYTES:
            raise Refused(413, "the body is too large")
        return Head(event.method.decode("latin-1"), event.target.decode("latin-1"), headers)

    def _message(self, head: Head) -> Message:
        rest = len(self._connection.trailing_data[0])
        raw = bytes(self._raw[: len(self._raw) - rest])
        return Message(head, raw, b"".join(self._parts))

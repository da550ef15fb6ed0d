"""HTTP/1.1 messages inside WARC records: where the head ends, what the payload is, what the content is.

*Payload* is the entity-body: transfer coding removed, content coding kept (ISO 28500, 5.9). *Content* is the payload
with its content coding removed. Live capture and reading back use this same code, on top of h11.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

import h11

from archiver.domain.exchange import Headers

PIECE_BYTES = 64 * 1024
HEAD_LIMIT_BYTES = 1024 * 1024
"""A head (or chunk head) larger than this is no HTTP."""

CONTENT_LIMIT_BYTES = 64 * 1024 * 1024
"""How much an API answer may unfold to; a small one that unfolds to more is a decompression bomb."""

_CHUNKED = re.compile(rb"^transfer-encoding:[^\r\n]*chunked", re.IGNORECASE | re.MULTILINE)
_GZIP_MAGIC = b"\x1f\x8b"


class Malformed(ValueError):
    """The bytes are not the HTTP response, or not the coding, that they should be; the message says why."""


class TooLarge(Malformed):
    """The content unfolds to more bytes than were allowed."""


@dataclass(frozen=True, slots=True)
class Head:
    """A response's status line and header fields.

    ``size_bytes`` is where they end in the block, interim responses included.
    """

    status: int
    reason: str
    headers: Headers
    size_bytes: int

    def values(self, name: str) -> list[str]:
        """All values of a header field, in order; the name in any letter case."""
        wanted = name.lower()
        return [value for key, value in self.headers if key.lower() == wanted]


class Answer:
    """A response read in one pass from a stream of its bytes as received.

    ``method`` is the request's: an answer to HEAD has no body. Raises Malformed when there is no response head.
    ``complete`` says, once the payload was read to its end, whether all of it was there.
    """

    def __init__(self, stream: BinaryIO, *, method: str = "GET") -> None:
        self._stream = stream
        self._fed = 0
        self._ended = False
        self._connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_LIMIT_BYTES)
        asked = "HEAD" if method.upper() == "HEAD" else "GET"
        self._connection.send(h11.Request(method=asked, target="/", headers=[("Host", "x")]))
        self._connection.send(h11.EndOfMessage())
        self.complete = False
        self.head = self._read_head()

    def _next(self) -> object:
        """The next event of h11, fed as it asks for bytes; the end of the stream is the end of the connection."""
        while (event := self._connection.next_event()) is h11.NEED_DATA:
            data = self._stream.read(PIECE_BYTES)
            self._fed += len(data)
            self._ended = not data
            self._connection.receive_data(data)
        return event

    def _read_head(self) -> Head:
        try:
            event = self._next()
            while isinstance(event, h11.InformationalResponse):
                event = self._next()
        except h11.ProtocolError as error:
            raise Malformed("the answer ends within its head" if self._ended else str(error)) from error
        if not isinstance(event, h11.Response):
            raise Malformed("the answer is no HTTP response")
        return Head(
            status=event.status_code,
            reason=event.reason.decode("latin-1"),
            headers=tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in event.headers.raw_items()),
            size_bytes=self._fed - len(self._connection.trailing_data[0]),
        )

    def payload(self) -> Iterator[bytes]:
        """The entity-body, piece by piece; raises Malformed on wrong framing.

        It ends early, with ``complete`` False, where the bytes do.
        """
        while True:
            try:
                event = self._next()
            except h11.ProtocolError as error:
                if self._ended:
                    return
                raise Malformed(str(error)) from error
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            else:
                self.complete = isinstance(event, h11.EndOfMessage)
                return

    def content(self, *, limit: int | None = None) -> Iterator[bytes]:
        """The payload without its content coding, in pieces; raises Malformed, and TooLarge beyond ``limit`` bytes."""
        return decoded(self.payload(), self.head, limit=limit, whole=lambda: self.complete)


def decoded(
    pieces: Iterable[bytes], head: Head, *, limit: int | None = None, whole: Callable[[], bool] = lambda: True
) -> Iterator[bytes]:
    """Remove the content codings that ``head`` names from a payload.

    ``whole`` tells, at the end, whether the payload was complete: only a cut one may break off in the middle of its
    coding.
    """
    codings = [word.strip().lower() for value in head.values("content-encoding") for word in value.split(",")]
    stream: Iterator[bytes] = iter(pieces)
    for coding in reversed([word for word in codings if word not in {"", "identity"}]):
        if coding not in {"gzip", "x-gzip", "deflate"}:
            raise Malformed(f"content coding {coding!r} is unknown")
        stream = _inflated(stream, coding, whole)
    return stream if limit is None else _limited(stream, limit)


def payload_sha256(stream: BinaryIO, *, method: str = "GET") -> str | None:
    """The hex digest for WARC-Payload-Digest of a response block; None where there is no response, or wrong framing."""
    digest = hashlib.sha256()
    try:
        for piece in Answer(stream, method=method).payload():
            digest.update(piece)
    except Malformed:
        return None
    return digest.hexdigest()


def request_parts(block: bytes) -> tuple[str, bytes]:
    """The method and the body of a request block, as far as it can be read; a body in chunks is put together."""
    head, _, body = block.partition(b"\r\n\r\n")
    if _CHUNKED.search(head):
        body = _whole(block, body)
    return head.split(b" ", 1)[0].decode("latin-1"), body


def _whole(block: bytes, raw_body: bytes) -> bytes:
    """The body of a chunked request, or its bytes as they came where they are no chunks."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_LIMIT_BYTES)
    connection.receive_data(block)
    connection.receive_data(b"")
    parts: list[bytes] = []
    try:
        while not isinstance(event := connection.next_event(), h11.EndOfMessage):
            if isinstance(event, h11.Data):
                parts.append(bytes(event.data))
            elif not isinstance(event, h11.Request):
                return raw_body
    except h11.ProtocolError:
        return raw_body
    return b"".join(parts)


def _inflated(pieces: Iterator[bytes], coding: str, whole: Callable[[], bool]) -> Iterator[bytes]:
    """One content coding removed, in pieces of bounded size."""
    first = b""
    while len(first) < 2 and (piece := next(pieces, b"")):
        first += piece
    window = _window(coding, first)
    if window is None:
        yield first
        yield from pieces
        return
    inflate = zlib.decompressobj(window)
    for piece in chain((first,), pieces):
        rest = piece
        while rest and not inflate.eof:
            try:
                out = inflate.decompress(rest, PIECE_BYTES)
            except zlib.error as error:
                raise Malformed(f"the {coding} coding is damaged: {error}") from error
            if out:
                yield out
            rest = inflate.unconsumed_tail
            if inflate.unused_data.startswith(_GZIP_MAGIC):  # gzip may have several members
                rest = inflate.unused_data
                inflate = zlib.decompressobj(window)
    yield inflate.flush()
    if first and not inflate.eof and whole():
        raise Malformed(f"the {coding} coding breaks off")


def _window(coding: str, start: bytes) -> int | None:
    """Zlib's ``wbits`` for a coding, by what its first two bytes show; None for a body that is not coded at all.

    Servers say gzip over plain bodies, and "deflate" was sent without its zlib wrapper for years (RFC 9110, 8.4.1.2).
    """
    if coding != "deflate":
        return 31 if start.startswith(_GZIP_MAGIC[: max(1, len(start))]) else None
    wrapped = start[:1] != b"" and start[0] & 0x0F == zlib.DEFLATED and int.from_bytes(start[:2], "big") % 31 == 0
    return zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS


def _limited(pieces: Iterator[bytes], limit: int) -> Iterator[bytes]:
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > limit:
            raise TooLarge(f"the answer unfolds to more than {limit} bytes")
        yield piece

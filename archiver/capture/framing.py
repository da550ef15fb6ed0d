"""Where head, framing and payload lie in the bytes of an HTTP/1.1 answer, told while they come in.

h11 says what an answer means, but not where its bytes stood; to write a marker over a secret that is cut in two by a
chunk's end, and to see where an answer ends, the places are needed. The rules are those of RFC 9112, sections 6 and 7,
as lenient as h11 is; a property test holds the two against each other. Nothing here raises: h11, which reads the same
bytes, does that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

Fields = tuple[tuple[str, str], ...]

_HEAD_END = re.compile(rb"\n\r?\n")
_STATUS = re.compile(rb"HTTP/[0-9]\.[0-9] ([0-9]{3})", re.ASCII)
_FOLD = re.compile(rb"\r?\n[ \t]+")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,20})(?:;.*)?[ \t]*\r\n", re.DOTALL)


class Part(Enum):
    """What some bytes of an answer are. ``SURPLUS`` comes after its end and is no part of it."""

    INTERIM = "interim"
    HEAD = "head"
    FRAMING = "framing"
    PAYLOAD = "payload"
    SURPLUS = "surplus"


Piece = tuple[Part, bytes]


@dataclass(frozen=True, slots=True)
class AnswerHead:
    """A response's status and its header fields, names in lower case, folded lines joined."""

    status: int
    fields: Fields = field(repr=False)

    @classmethod
    def of(cls, head: bytes) -> AnswerHead:
        """Read a head; what is no header line is left out. The status is 0 when there is none."""
        status = _STATUS.match(head)
        lines = _FOLD.sub(b" ", head).split(b"\n")[1:]
        named = (line.decode("latin-1").partition(":") for line in lines if b":" in line)
        fields = tuple((name.strip().lower(), value.strip(" \t\r")) for name, _, value in named)
        return cls(int(status[1]) if status else 0, fields)

    @property
    def ok(self) -> bool:
        """Whether the status says success."""
        return 200 <= self.status < 300

    def value(self, name: str) -> str | None:
        """The first value of a field (name in lower case)."""
        return next((value for key, value in self.fields if key == name), None)

    def words(self, name: str) -> list[str]:
        """A comma-separated list over all fields of that name, in lower case."""
        values = (value for key, value in self.fields if key == name)
        return [word.strip().lower() for value in values for word in value.split(",") if word.strip()]


class Framing:
    """Cuts an answer into parts as it comes. The pieces, put together in order, are the bytes fed.

    ``head`` is the final response's, None before it is whole. ``ended``: all of the answer came (one whose length
    only the closing of the connection tells never says so by itself).
    """

    def __init__(self, method: str) -> None:
        self._method = method.upper()
        self._buffer = bytearray()
        self._next = self._head
        self._left = 0
        self.head: AnswerHead | None = None
        self.ended = False

    def feed(self, data: bytes) -> Iterator[Piece]:
        """The pieces that are certain after these bytes."""
        self._buffer += data
        while self._buffer:
            piece = self._next()
            if piece is None:
                return
            yield piece

    def rest(self) -> Iterator[Piece]:
        """What is left when nothing more will come: a head or a framing line that broke off."""
        if self._buffer:
            yield (Part.FRAMING if self.head else Part.HEAD), self._take(len(self._buffer))

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _head(self) -> Piece | None:
        end = _HEAD_END.search(self._buffer)
        if end is None:
            return None
        raw = self._take(end.end())
        head = AnswerHead.of(raw)
        if 100 <= head.status < 200 and head.status != 101:
            return Part.INTERIM, raw
        self.head = head
        self._begin_body(head)
        return Part.HEAD, raw

    def _begin_body(self, head: AnswerHead) -> None:
        if self._method == "HEAD" or head.status in {101, 204, 304}:
            self._end()
        elif head.words("transfer-encoding"):
            self._next = self._chunk_head
        elif lengths := head.words("content-length"):
            self._left = int(lengths[0]) if lengths[0].isascii() and lengths[0].isdigit() else 0
            self._next = self._counted
            if not self._left:
                self._end()
        else:
            self._next = self._until_close

    def _end(self) -> None:
        self.ended = True
        self._next = self._surplus

    def _counted(self) -> Piece:
        payload = self._take(self._left)
        self._left -= len(payload)
        if not self._left:
            self._end()
        return Part.PAYLOAD, payload

    def _until_close(self) -> Piece:
        return Part.PAYLOAD, self._take(len(self._buffer))

    def _surplus(self) -> Piece:
        return Part.SURPLUS, self._take(len(self._buffer))

    def _chunk_head(self) -> Piece | None:
        end = self._buffer.find(b"\r\n")
        if end < 0:
            return None
        line = self._take(end + 2)
        size = _CHUNK.fullmatch(line)
        if size is None:
            self._next = self._until_close  # broken; h11 refuses it, and what came is kept
        elif (count := int(size[1], 16)) == 0:
            self._next = self._trailers
        else:
            self._left = count
            self._next = self._chunk_data
        return Part.FRAMING, line

    def _chunk_data(self) -> Piece:
        payload = self._take(self._left)
        self._left -= len(payload)
        if not self._left:
            self._next = self._chunk_end
        return Part.PAYLOAD, payload

    def _chunk_end(self) -> Piece | None:
        if len(self._buffer) < 2:
            return None
        self._next = self._chunk_head
        return Part.FRAMING, self._take(2)

    def _trailers(self) -> Piece | None:
        empty = next((line for line in (b"\n", b"\r\n") if self._buffer.startswith(line)), None)
        if empty is not None:
            self._end()
            return Part.FRAMING, self._take(len(empty))
        end = _HEAD_END.search(self._buffer)
        if end is None:
            return None
        self._end()
        return Part.FRAMING, self._take(end.end())

"""Gzip members that hold their bytes as they are: a reader can go to any place in them at once (RFC 1951, 3.2.4).

What people hand in is compressed already, and may have many gigabytes: a zip is read from its end, and its files from
all over. Every block but the last is as long as one can be, so the place of each byte is known. To any other reader it
is a gzip member as all others are.
"""

from __future__ import annotations

import io
import os
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from archiver.errors import EvidenceDamaged
from archiver.warc.members import HEAD_LIMIT_BYTES, RECORD_END
from archiver.warc.names import locate, opened
from archiver.warc.stored import StoredRecord, record_at

_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
BLOCK_BYTES = 0xFFFF
_BLOCK_HEAD = struct.Struct("<BHH")
_TRAILER = struct.Struct("<II")
_COPY_BYTES = 1024 * 1024
Watch = Callable[[int], None]
"""Is told how many bytes were written so far; may raise, and nothing is kept then."""


def member(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """One gzip member of ``size`` bytes, as pieces to be written one after the other.

    Raises ValueError, at the end, where the pieces are not as long as they were to be.
    """
    yield _HEADER
    crc, left, waiting = 0, size, bytearray()
    if not size:
        yield _BLOCK_HEAD.pack(1, 0, BLOCK_BYTES)
    for piece in pieces:
        crc = zlib.crc32(piece, crc)
        waiting += piece
        while waiting and len(waiting) >= min(BLOCK_BYTES, left) > 0:
            block = bytes(waiting[: min(BLOCK_BYTES, left)])
            del waiting[: len(block)]
            left -= len(block)
            yield _BLOCK_HEAD.pack(not left, len(block), len(block) ^ 0xFFFF) + block
    if left or waiting:
        raise ValueError("the bytes are not as many as were announced")
    yield _TRAILER.pack(crc, size & 0xFFFFFFFF)


def open_resource(folder: Path, file: str, offset: int) -> BinaryIO:
    """The block of the record at ``offset`` as a stream that can be sought in. To be closed.

    Where the member was compressed after all (a WARC file that another tool wrote anew), its bytes are unfolded into a
    nameless file first. Raises NotFound and EvidenceDamaged.
    """
    path = locate(folder, file)
    handle = opened(path)
    try:
        content = _Content(handle, offset)
        head = content.head()
        if head is not None:
            start, length = head
            return cast("BinaryIO", io.BufferedReader(_Part(content, start, length), _COPY_BYTES))
    except BaseException:
        handle.close()
        raise
    handle.close()
    return _unfolded(record_at(path, offset))


def _unfolded(record: StoredRecord) -> BinaryIO:
    target = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - the caller closes it
    with record.open_block() as block:
        while piece := block.read(_COPY_BYTES):
            target.write(piece)
    target.seek(0)
    return target


class _Content:
    """What is in one member, by position."""

    def __init__(self, file: BinaryIO, offset: int) -> None:
        self.file = file
        self._start = offset + len(_HEADER)
        self._name = getattr(file, "name", "the WARC file")

    def head(self) -> tuple[int, int] | None:
        """Where the record's block begins, and its length; None where the member is compressed."""
        begun = os.pread(self.file.fileno(), len(_HEADER) + 1, self._start - len(_HEADER))
        if begun[: len(_HEADER)] != _HEADER or begun[-1] not in {0, 1}:
            return None
        data = b""
        while (end := data.find(RECORD_END)) < 0:
            piece = self.read(len(data), BLOCK_BYTES)
            if not piece or len(data) > HEAD_LIMIT_BYTES:
                raise EvidenceDamaged(f"{self._name} has no record at byte {self._start - len(_HEADER)}.")
            data += piece
        fields = dict(line.split(b": ", 1) for line in data[:end].split(b"\r\n") if b": " in line)
        return end + len(RECORD_END), int(fields.get(b"Content-Length", b"0"))

    def read(self, position: int, count: int) -> bytes:
        """Bytes from a position on, at least one and to the end of its block at most; none at the member's end."""
        place, within = divmod(position, BLOCK_BYTES)
        at = self._start + place * (_BLOCK_HEAD.size + BLOCK_BYTES)
        head = os.pread(self.file.fileno(), _BLOCK_HEAD.size, at)
        if len(head) < _BLOCK_HEAD.size:
            return b""
        kind, length, complement = _BLOCK_HEAD.unpack(head)
        if kind not in {0, 1} or length ^ complement != BLOCK_BYTES or (kind == 0 and length != BLOCK_BYTES):
            raise EvidenceDamaged(f"{self._name} can't be read at byte {at}: no block of the record begins there.")
        return os.pread(self.file.fileno(), min(count, length - within), at + _BLOCK_HEAD.size + within)


class _Part(io.RawIOBase):
    """A stretch of a member's content as a stream."""

    def __init__(self, content: _Content, start: int, length: int) -> None:
        super().__init__()
        self._content = content
        self._start = start
        self._length = length
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._length}[whence]
        if base + offset < 0:
            raise OSError(22, "a place before the beginning")
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any, /) -> int:
        count = min(len(buffer), self._length - self._position)
        if count <= 0:
            return 0
        data = self._content.read(self._start + self._position, count)
        if not data:
            raise EvidenceDamaged("A WARC file ends within a record.")
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._content.file.close()
        super().close()

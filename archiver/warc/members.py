"""Walking a file of gzip members, one WARC record each, and trusting none of it.

A member counts only when its CRC-32 and length are right and it holds exactly one record: head, as many bytes as
Content-Length says, and the two line ends after it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from archiver.warc import fields as f
from archiver.warc.deflate import InflateError, inflater

_MAGIC = b"\x1f\x8b\x08"
_PIECE_BYTES = 32 * 1024
_WINDOW_BYTES = 1024 * 1024
HEAD_LIMIT_BYTES = 1024 * 1024
RECORD_END = b"\r\n\r\n"


class Broken(Exception):
    """No whole record at ``offset``; ``problem`` says what is wrong with it."""

    def __init__(self, offset: int, problem: str) -> None:
        super().__init__(f"at byte {offset}: {problem}")
        self.offset = offset
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes of a WARC file that are no record, although records follow them, or that are missing at its end."""

    offset: int
    length: int
    problem: str


@dataclass(frozen=True, slots=True)
class Scanned(f.Named):
    """A record found whole, and where its member lies."""

    offset: int
    length: int

    @property
    def end(self) -> int:
        """Where the next member begins."""
        return self.offset + self.length


class Member:
    """One gzip member; ``end`` is known once all its pieces were read. Raises Broken for what is wrong with it."""

    def __init__(self, file: BinaryIO, offset: int) -> None:
        self._descriptor = file.fileno()
        self.offset = offset
        self.end = offset

    def pieces(self) -> Iterator[bytes]:
        """The inflated bytes."""
        inflate = inflater()
        position = self.offset
        while not inflate.eof:
            data = os.pread(self._descriptor, _PIECE_BYTES, position)
            if not data:
                problem = "the file ends within a record" if position > self.offset else "the file ends"
                raise Broken(self.offset, problem)
            position += len(data)
            try:
                out = inflate.decompress(data)
            except InflateError as error:
                raise Broken(self.offset, f"the gzip member is damaged ({error})") from error
            if out:
                yield out
        self.end = position - len(inflate.unused_data)


def split_head(pieces: Iterator[bytes], offset: int) -> tuple[bytes, bytes]:
    """The head of the record that begins with these pieces, empty line included, and what was read beyond it."""
    data = b""
    for piece in pieces:
        data += piece
        end = data.find(b"\r\n\r\n")
        if end >= 0:
            return data[: end + 4], data[end + 4 :]
        if len(data) > HEAD_LIMIT_BYTES:
            break
    raise Broken(offset, "the record has no head")


def scan(file: BinaryIO, start: int = 0) -> Iterator[Scanned]:
    """The whole records from ``start`` to the end of the file; raises Broken at the first that is not whole."""
    offset = start
    size = os.fstat(file.fileno()).st_size
    while offset < size:
        record = scan_one(file, offset)
        yield record
        offset = record.end


def scan_one(file: BinaryIO, offset: int) -> Scanned:
    """The record at ``offset``; raises Broken unless it is whole."""
    member = Member(file, offset)
    pieces = member.pieces()
    head, rest = split_head(pieces, offset)
    fields = _parsed(head, offset)
    found = len(rest)
    tail = rest[-4:]
    for piece in pieces:
        found += len(piece)
        tail = (tail + piece)[-4:]
    record = Scanned(fields, offset, member.end - offset)
    length = record.value("Content-Length") or ""
    if not length.isascii() or not length.isdigit() or found != int(length) + len(RECORD_END) or tail != RECORD_END:
        raise Broken(offset, "the record is not as long as it says")
    return record


def next_record(file: BinaryIO, after: int) -> Scanned | None:
    """The first whole record of this file that begins behind ``after``.

    Where the file's own warcinfo records can be read, a record that names another does not count: a captured
    attachment may itself be a WARC file, and lie in ours uncompressed.
    """
    descriptor = file.fileno()
    own = _warcinfo_ids(file) if after > 0 else set()
    position = after + 1
    while window := os.pread(descriptor, _WINDOW_BYTES, position):
        at = window.find(_MAGIC)
        while at >= 0:
            record = _whole(file, position + at)
            if record and (not own or f.bare_id(record.value("WARC-Warcinfo-ID") or "") in own):
                return record
            at = window.find(_MAGIC, at + 1)
        position += max(1, len(window) - len(_MAGIC) + 1)
    return None


def _whole(file: BinaryIO, offset: int) -> Scanned | None:
    try:
        return scan_one(file, offset)
    except Broken:
        return None


def _warcinfo_ids(file: BinaryIO) -> set[str]:
    """The warcinfo records that a file begins with: of one that was written anew those of its forerunners follow."""
    found: set[str] = set()
    record = _whole(file, 0)
    while record is not None and record.type == "warcinfo":
        found.add(record.record_id)
        record = _whole(file, record.end)
    return found


def _parsed(head: bytes, offset: int) -> f.Fields:
    """The named fields of a head; lenient about all but its first line."""
    version, *lines = head.decode("utf-8", "replace").split("\r\n")
    if not version.startswith("WARC/"):
        raise Broken(offset, "the gzip member holds no WARC record")
    pairs = (line.partition(":") for line in lines)
    return tuple((name.strip(), value.strip()) for name, colon, value in pairs if colon)

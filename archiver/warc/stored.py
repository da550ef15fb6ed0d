"""Records and capture events as they lie in WARC files, read with warcio."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, cast

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import DecompressingBufferedReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeadersParserException

from archiver.errors import EvidenceDamaged
from archiver.warc import facts as fact
from archiver.warc import fields as f
from archiver.warc.deflate import InflateError, inflater
from archiver.warc.event import CaptureRef
from archiver.warc.members import Damage, next_record
from archiver.warc.names import OPEN, opened, relative

_KEEP_BYTES = 16 * 1024 * 1024
_PIECE_BYTES = 64 * 1024
_UNREADABLE = (ArchiveLoadFailed, StatusAndHeadersParserException, EOFError, ValueError, *InflateError)

OnDamage = Callable[[Path, Damage], None]


class _Members(DecompressingBufferedReader):  # type: ignore[misc]  # warcio has no types
    """warcio's reader on our inflater, and strict: warcio's takes damaged bytes for text that was never compressed."""

    DECOMPRESSORS = {"gzip": inflater}  # noqa: RUF012 - warcio's attribute

    def _decompress(self, data: bytes) -> bytes:
        return cast("bytes", self.decompressor.decompress(data)) if self.decompressor and data else data

    @property
    def torn(self) -> bool:
        """Whether the file ended within the member that was read last."""
        return self.decompressor is not None and not self.decompressor.eof


@dataclass(frozen=True, slots=True)
class StoredRecord(f.Named):
    """A record in a WARC file; ``offset`` and ``length`` are its gzip member's, in bytes.

    ``data`` is the block, None when it is too large to be held while reading on.
    """

    path: Path
    offset: int
    length: int
    data: bytes | None

    @property
    def end(self) -> int:
        """Where the next record begins."""
        return self.offset + self.length

    @property
    def target(self) -> str:
        """WARC-Target-URI."""
        return self.value("WARC-Target-URI") or ""

    @property
    def block_bytes(self) -> int:
        """Content-Length: how many bytes the block has."""
        return int(self.value("Content-Length") or "0")

    def open_block(self) -> BinaryIO:
        """The block as a stream, from memory or anew from the file."""
        return io.BytesIO(self.data) if self.data is not None else _open_block(self.path, self.offset)


@dataclass(frozen=True)
class StoredEvent:
    """The records of one capture event, or a note.

    ``response`` is a response or revisit record. All three can be missing: a transport failure and a note are only a
    metadata record, and an event that was interrupted has none until it is recovered.

    Where records were taken out of it by a disposal, a conversion stands in the place of the response (of a delivery:
    of the request), and ``about`` is the metadata record about that one (`archiver.warc.conversions`).
    """

    request: StoredRecord | None
    response: StoredRecord | None
    metadata: StoredRecord | None
    about: StoredRecord | None = None

    @property
    def main(self) -> StoredRecord:
        """The record whose id is the exchange's: the response, or the metadata record when no response came."""
        record = self.response or self.metadata or self.request
        assert record is not None
        return record

    @property
    def records(self) -> list[StoredRecord]:
        """The records that there are, in the order of the file."""
        found = [one for one in (self.request, self.response, self.about, self.metadata) if one is not None]
        return sorted(found, key=lambda record: record.offset)

    @property
    def id(self) -> str:
        """The exchange's id: the main record's, or of a conversion that of the record whose place it took."""
        return self.main.stands_for

    @property
    def file(self) -> str:
        """The file's name as rows hold it."""
        return relative(self.main.path)

    @property
    def captured_at(self) -> datetime:
        """When the request began (aware, UTC); of a note, when it was written."""
        return self.main.at

    @property
    def ref(self) -> CaptureRef:
        """What writing it returned."""
        main = self.main
        payload, block = main.value("WARC-Payload-Digest"), main.value("WARC-Block-Digest")
        return CaptureRef(self.id, self.file, main.offset, main.length, payload, block, main.at)

    @property
    def offset(self) -> int:
        """Where the first record begins."""
        return self.records[0].offset

    @property
    def end(self) -> int:
        """Where the next event begins."""
        return self.records[-1].end

    @cached_property
    def facts(self) -> dict[str, list[str]]:
        """What the metadata record says (`archiver.warc.facts`)."""
        if self.metadata is None:
            return {}
        with self.metadata.open_block() as block:
            return fact.from_block(block.read())

    @cached_property
    def changes(self) -> dict[str, list[str]]:
        """What the metadata record about the conversion says (`archiver.warc.facts`)."""
        if self.about is None:
            return {}
        with self.about.open_block() as block:
            return fact.from_block(block.read())

    @property
    def is_note(self) -> bool:
        """Whether this is the outcome of a task and no capture."""
        return self.response is None and self.request is None and self.main.target.startswith("urn:")


def records_in(path: Path, *, start: int = 0, heads_only: bool = False) -> Iterator[StoredRecord]:
    """The records of a file from ``start`` on. Raises EvidenceDamaged at the first that can't be read whole.

    In a file that is still open the last may be half written; reading just ends before it. With ``heads_only`` only
    the blocks of metadata records are held.
    """
    offset = start
    with opened(path) as file:
        file.seek(start)
        archive, reader = _archive(file)
        try:
            for raw in archive:
                record = _stored(path, archive, reader, raw, heads_only=heads_only)
                yield record
                offset = record.end
            at_end = file.seek(0, io.SEEK_END)
        except _UNREADABLE as error:
            if path.name.endswith(OPEN) and next_record(file, offset) is None:
                return
            raise EvidenceDamaged(f"{path} can't be read at byte {offset}: {error}.") from error
        if offset != at_end and not path.name.endswith(OPEN):
            raise EvidenceDamaged(f"{path} holds something that is no record at byte {offset}.")


def record_at(path: Path, offset: int) -> StoredRecord:
    """The record whose member begins at ``offset``. Raises EvidenceDamaged."""
    for record in records_in(path, start=offset):
        return record
    raise EvidenceDamaged(f"{path} has no record at byte {offset}.")


def events(
    path: Path, *, start: int = 0, heads_only: bool = False, on_damage: OnDamage | None = None
) -> Iterator[StoredEvent]:
    """The capture events and notes of a file from ``start`` on: where an event begins, or a response ends.

    What can't be read raises EvidenceDamaged, or is told to ``on_damage`` and passed over.
    """
    for records in _grouped(_readable(path, start, on_damage, heads_only=heads_only)):
        event = _event(records)
        if all(record.describes for record in records):  # the conversion itself ended there, or can't be read
            start = event.end if event.offset == start else start
            continue
        if event.response is not None or event.metadata is None or not event.metadata.concurrent:
            yield event
        elif event.offset == start:
            continue  # the metadata of the response that ended there
        elif on_damage is not None:
            length = event.end - event.offset
            on_damage(path, Damage(event.offset, length, "what is left of an event whose response can't be read"))
        else:
            raise EvidenceDamaged(f"{path} lacks the response that the record at byte {event.offset} names.")


def _grouped(records: Iterable[StoredRecord]) -> Iterator[list[StoredRecord]]:
    """The records of each event; its metadata record ends it."""
    pending: list[StoredRecord] = []
    for record in records:
        if record.type == "warcinfo":
            continue
        if pending and not _belongs(record, pending):
            if record.describes:
                continue
            yield pending
            pending = []
        pending.append(record)
        if record.type == "metadata" and not record.describes:
            yield pending
            pending = []
    if pending:
        yield pending


def _readable(path: Path, start: int, on_damage: OnDamage | None, *, heads_only: bool) -> Iterator[StoredRecord]:
    """The records of a file that can be read, and a word about what can't."""
    offset: int | None = start
    while offset is not None:
        try:
            for record in records_in(path, start=offset, heads_only=heads_only):
                offset = record.end
                yield record
        except EvidenceDamaged as error:
            if on_damage is None:
                raise
            with opened(path) as file:
                follower = next_record(file, offset)
                end = follower.offset if follower else file.seek(0, io.SEEK_END)
            on_damage(path, Damage(offset, end - offset, error.message))
            offset = follower.offset if follower else None
        else:
            return


def _archive(file: BinaryIO) -> tuple[Any, _Members]:
    archive = ArchiveIterator(file, no_record_parse=True)
    archive.reader = reader = _Members(file, block_size=_PIECE_BYTES)
    return archive, reader


def _stored(path: Path, archive: Any, reader: _Members, raw: Any, *, heads_only: bool) -> StoredRecord:
    """Read a record to its end; raises ValueError where it is not whole."""
    fields = f.Named(tuple((str(name), str(value)) for name, value in raw.rec_headers.headers))
    length = int(fields.value("Content-Length") or "-1")
    data: bytes | None = None
    if 0 <= length <= _KEEP_BYTES and (not heads_only or fields.type == "metadata"):
        data = raw.raw_stream.read(length) if length else b""
        found = len(data)
    else:
        found = sum(len(piece) for piece in iter(lambda: raw.raw_stream.read(_PIECE_BYTES), b""))
    offset, size = archive.get_record_offset(), archive.get_record_length()
    if reader.torn or found != length:
        raise ValueError("the file ends within a record" if reader.torn else "the record is not as long as it says")
    return StoredRecord(fields.fields, path, offset, size, data)


def _belongs(record: StoredRecord, pending: list[StoredRecord]) -> bool:
    """Whether a record is of the same event as those before it: one of them names the other."""
    ids = {other.stands_for for other in pending}
    if not ids.isdisjoint(record.concurrent) or any(record.stands_for in other.concurrent for other in pending):
        return True
    return record.describes is not None and any(other.record_id == record.describes for other in pending)


def _event(records: list[StoredRecord]) -> StoredEvent:
    by_type = {record.type: record for record in records if not record.describes}
    rest = next((r for r in records if r.type not in {"request", "response", "revisit", "metadata"}), None)
    request, response = by_type.get("request"), by_type.get("response") or by_type.get("revisit")
    if rest is not None and response is not None and request is None:
        request = rest  # a delivery: its request is the evidence
    return StoredEvent(
        request=request,
        response=response or rest,
        metadata=by_type.get("metadata"),
        about=next((record for record in records if record.describes), None),
    )


class _BlockStream(io.RawIOBase):
    """The block of one record, read from its file; its end comes only when the record proved to be whole."""

    def __init__(self, path: Path, offset: int) -> None:
        super().__init__()
        self._path = path
        self._offset = offset
        self._file = opened(path)
        self._left = 0
        with self._readable():
            self._file.seek(offset)
            self._archive, self._reader = _archive(self._file)
            raw = next(self._archive)
            self._source = raw.raw_stream
            self._left = int(raw.rec_headers.get_header("Content-Length"))

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (StopIteration, TypeError, *_UNREADABLE) as error:
            self.close()
            raise EvidenceDamaged(f"{self._path} can't be read at byte {self._offset}: {error}.") from error

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        with self._readable():
            data: bytes = self._source.read(min(len(buffer), self._left)) if self._left else b""
            self._left -= len(data)
            if not data:
                self._archive.get_record_length()  # reads on to the member's end, where its CRC-32 is
                if self._left or self._reader.torn:
                    raise ValueError("the file ends within a record")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


def _open_block(path: Path, offset: int) -> BinaryIO:
    return cast("BinaryIO", io.BufferedReader(_BlockStream(path, offset), _PIECE_BYTES))

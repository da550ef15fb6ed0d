"""One open WARC file: whole events at its end, or nothing of them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from archiver.errors import OperatorError
from archiver.warc import fields as f
from archiver.warc.deflate import deflater, gzip_member
from archiver.warc.members import RECORD_END, scan
from archiver.warc.names import OPEN, SegmentKey, key_of, relative
from archiver.warc.records import Record
from archiver.warc.storage import disk, sync_folder, write_all
from archiver.warc.uncompressed import Watch, member

_PIECE_BYTES = 256 * 1024
MARK_EVERY_BYTES = 64 * 1024 * 1024
_SEALED_MODE = 0o444
_OPEN_MODE = 0o644


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a segment goes: bytes and records of whole events, the warcinfo's id, first and last capture (UTC)."""

    size: int = 0
    records: int = 0
    warcinfo_id: str = ""
    first_at: datetime | None = None
    last_at: datetime | None = None

    def grown(self, length: int, at: datetime, *, warcinfo_id: str = "") -> Extent:
        """With one more record of ``length`` bytes. A warcinfo captured nothing, so its date does not count."""
        if warcinfo_id:
            return replace(self, size=self.size + length, records=self.records + 1, warcinfo_id=warcinfo_id)
        first = at if self.first_at is None else min(self.first_at, at)
        last = at if self.last_at is None else max(self.last_at, at)
        return Extent(self.size + length, self.records + 1, self.warcinfo_id, first, last)


@dataclass(frozen=True, slots=True)
class Span:
    """Where a record's member lies in its file, in bytes."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Sealed:
    """A finished WARC file: its name relative to the WARC folder, the digest of all its bytes, what it spans (UTC)."""

    file: str
    sha256: str
    records: int
    first_at: datetime
    last_at: datetime
    size_bytes: int


class Segment:
    """A WARC file under its ``.open`` name. Not safe for threads: `Segments` holds the lock."""

    def __init__(self, path: Path, extent: Extent, *, fsync: Callable[[int], None] = os.fsync) -> None:
        self.path = path
        self.extent = extent
        self.broken = False
        self._fsync = fsync
        self._descriptor: int | None = None
        self._marked = extent.size

    @classmethod
    def create(cls, path: Path, warcinfo: Record, *, fsync: Callable[[int], None] = os.fsync) -> Segment:
        """A new file with its warcinfo record; leaves nothing behind when that does not fit on the disk."""
        with disk(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OPEN_MODE))
        segment = cls(path, Extent(), fsync=fsync)
        try:
            with segment.event():
                segment.write(warcinfo, warcinfo=True)
            with disk(path):
                for folder in path.parents[:3]:
                    sync_folder(folder)
        except BaseException:
            segment.release(mark=False)
            path.unlink(missing_ok=True)
            raise
        return segment

    @property
    def key(self) -> SegmentKey:
        """Whose captures it holds."""
        return key_of(self.path)

    @property
    def file(self) -> str:
        """Its name as rows hold it."""
        return relative(self.path)

    @contextmanager
    def event(self) -> Iterator[None]:
        """All records written inside are on disk when this ends without an error, and none of them otherwise."""
        before = self.extent
        try:
            with disk(self.path):
                yield
                self._fsync(self._open())
        except BaseException:
            self._cut(before)
            raise
        if self.extent.size - self._marked >= MARK_EVERY_BYTES:
            self.save_mark()

    def write(self, record: Record, *, warcinfo: bool = False, watch: Watch | None = None) -> Span:
        """Hand a record to the operating system, as one gzip member. ``watch`` is told of one that is kept as it is."""
        length = self._write_as_it_is(record, watch) if record.as_it_is else self._write_member(record)
        span = Span(self.extent.size, length)
        self.extent = self.extent.grown(span.length, record.at, warcinfo_id=record.record_id if warcinfo else "")
        return span

    def _write_member(self, record: Record) -> int:
        descriptor = self._open()
        length = 0
        for data in gzipped(record):
            write_all(descriptor, data)
            length += len(data)
        return length

    def _write_as_it_is(self, record: Record, watch: Watch | None) -> int:
        """Uncompressed; raises OperatorError where the file changed since its digest was taken."""
        length, digest, block = 0, hashlib.sha256(), record.block

        def pieces() -> Iterator[bytes]:
            yield record.head
            done = 0
            with block.open() as stream:
                while piece := stream.read(_PIECE_BYTES):
                    digest.update(piece)
                    done += len(piece)
                    yield piece
                    if watch is not None:
                        watch(done)
            yield RECORD_END

        try:
            for data in member(pieces(), len(record.head) + block.size + len(RECORD_END)):
                write_all(self._open(), data)
                length += len(data)
            unchanged = digest.hexdigest() == block.sha256
        except ValueError:
            unchanged = False
        if not unchanged:
            raise OperatorError("A file changed while it was read; nothing of it was kept.", advice="Try again.")
        return length

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        return self._descriptor

    def _cut(self, extent: Extent) -> None:
        """Back to the last whole event. Where even that fails, the file is left to recovery."""
        self.extent = extent
        try:
            descriptor = self._open()
            os.ftruncate(descriptor, extent.size)
            self._fsync(descriptor)
        except (OSError, OperatorError):
            self.broken = True

    def release(self, *, mark: bool = True) -> None:
        """Close the file, to be opened again when needed."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        if mark and not self.broken and self.extent.size != self._marked:
            self.save_mark()

    def save_mark(self) -> None:
        """Note how far the file is whole, so that recovery need not read all of it. Only a hint: failing is no harm."""
        with contextlib.suppress(OSError):
            mark_of(self.path).write_text(json.dumps(_marked(self.extent)), encoding="utf-8")
            self._marked = self.extent.size

    def seal(self) -> Sealed:
        """Close for ever: synced, renamed, read-only. The file has its final name only when all of that is done."""
        final = self.path.with_name(self.path.name.removesuffix(OPEN))
        if final.exists():
            raise OperatorError(f"{final} exists already.", advice="Move one of the two files away; both are evidence.")
        try:
            with disk(self.path):
                return self._sealed_as(final)
        except BaseException:
            with contextlib.suppress(OSError):  # an open segment can be written to
                self.path.chmod(_OPEN_MODE)
            raise

    def _sealed_as(self, final: Path) -> Sealed:
        descriptor = self._open()
        sealed = self._described()
        os.fchmod(descriptor, _SEALED_MODE)
        self._fsync(descriptor)
        self.release(mark=False)
        self.path.rename(final)
        sync_folder(final.parent)
        mark_of(self.path).unlink(missing_ok=True)
        return sealed

    def _described(self) -> Sealed:
        begun = self.extent.first_at
        last = self.extent.last_at
        assert begun is not None
        assert last is not None
        digest, size = file_digest(self.path)
        return Sealed(self.file, digest, self.extent.records, begun, last, size)


def gzipped(record: Record) -> Iterator[bytes]:
    """A record as one gzip member, in pieces."""
    if record.block.data is not None:
        yield gzip_member(b"".join((record.head, record.block.data, RECORD_END)))
        return
    compress = deflater()
    with record.block.open() as stream:
        for piece in chain((record.head,), iter(lambda: stream.read(_PIECE_BYTES), b""), (RECORD_END,)):
            yield compress.compress(piece)
    yield compress.flush()


def file_digest(path: Path) -> tuple[str, int]:
    """The hex SHA-256 of a file, and its size in bytes."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return digest, os.fstat(file.fileno()).st_size


def describe(path: Path) -> Sealed:
    """What sealing told about a sealed file, from its bytes. Raises `members.Broken` where it is damaged."""
    extent = Extent()
    with path.open("rb") as file:
        for record in scan(file):
            if record.describes:  # written at a disposal, long after what it is about
                extent = replace(extent, size=extent.size + record.length, records=extent.records + 1)
                continue
            extent = extent.grown(
                record.length, record.at, warcinfo_id=record.record_id if record.type == "warcinfo" else ""
            )
    digest, size = file_digest(path)
    at = extent.first_at or datetime.min.replace(tzinfo=UTC)
    return Sealed(relative(path), digest, extent.records, at, extent.last_at or at, size)


def mark_of(path: Path) -> Path:
    """Where the mark of an open segment lies."""
    return path.with_name(f".{path.name.removesuffix(OPEN)}.mark")


def read_mark(path: Path) -> Extent | None:
    """The extent that was noted for a segment; None when there is none that can be read."""
    try:
        noted = json.loads(mark_of(path).read_text(encoding="utf-8"))
        first, last = (None if noted[name] is None else f.parse_date(noted[name]) for name in ("first_at", "last_at"))
        return Extent(int(noted["size"]), int(noted["records"]), str(noted["warcinfo_id"]), first, last)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _marked(extent: Extent) -> dict[str, int | str | None]:
    return {
        "size": extent.size,
        "records": extent.records,
        "warcinfo_id": extent.warcinfo_id,
        "first_at": f.date(extent.first_at) if extent.first_at else None,
        "last_at": f.date(extent.last_at) if extent.last_at else None,
    }

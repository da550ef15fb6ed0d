"""A sealed WARC file written anew without what was disposed of (records rules R31, R32).

All members that stay are copied as they are, compressed bytes and ids. What a body shows beside others is taken out by
a conversion in the place of its message. The new file says which one it replaces, and why; the old one is not touched.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import zlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from archiver.domain.exchange import Headers
from archiver.domain.expungement import Marks
from archiver.errors import EvidenceDamaged
from archiver.warc import facts as fact
from archiver.warc import fields as f
from archiver.warc.conversions import Converted, Grounds, conversion, headers_in, open_message
from archiver.warc.event import Block, CaptureRef
from archiver.warc.http import Answer
from archiver.warc.names import OPEN, is_pushed, key_of, relative, rewritten_name
from archiver.warc.naming import without_names
from archiver.warc.originals import original_of
from archiver.warc.reader import exchange_of
from archiver.warc.records import Record, WarcInfo, warcinfo
from archiver.warc.resources import FileBlock
from archiver.warc.segment import Extent, Sealed, file_digest, gzipped
from archiver.warc.storage import disk, sync_folder, write_all
from archiver.warc.stored import StoredEvent, StoredRecord, events, records_in

_COPY_BYTES = 1024 * 1024
_SEALED_MODE = 0o444
_PART = ".part"
_UNKNOWN = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Keep:
    """The event stays as it is."""


@dataclass(frozen=True, slots=True)
class Remove:
    """The event goes, with all its records."""


@dataclass(frozen=True, slots=True)
class Replace:
    """The event's body goes, and ``body`` (decoded, of ``media_type``) stands in its place.

    ``removed`` counts the objects that were taken out of it.
    """

    body: bytes
    media_type: str
    removed: int


@dataclass(frozen=True, slots=True)
class Unname:
    """The event's body stays; its other records name what a court had expunged, and are written without the names."""


Decision = Keep | Remove | Replace | Unname
Decide = Callable[[StoredEvent], Decision]
KEEP = Keep()
UNNAME = Unname()


@dataclass(frozen=True, slots=True)
class About:
    """Why files are written anew: the disposal's name, its authority (series and edition, court order), when (UTC).

    ``info`` goes into the warcinfo of each new file. ``marks`` take the place of names that a court had expunged.
    """

    disposal: str
    authority: Sequence[str]
    at: datetime
    info: WarcInfo
    marks: Marks | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """Ids of messages of one account that are removed, and of those that are replaced, in any of its files."""

    removed: Collection[str] = frozenset()
    replaced: Collection[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Survey:
    """What has to be written anew of an account's files. ``files`` are paths; the others go to each `rewrite`.

    ``decide`` remembers what was decided, so that nothing is cut twice.
    """

    files: tuple[Path, ...]
    lost: Lost
    decide: Decide


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A file that was written anew.

    ``old_file`` and what ``sealed`` names are relative to the WARC folder; ``sealed`` is None where no event is left,
    and no file was written. ``removed`` are the ids of the records that are not in the new file, ``replaced`` maps ids
    of messages (exchanges; of deliveries the request's) to that of the conversion in their place. ``places`` says
    where each exchange lies now.
    """

    old_file: str
    old_sha256: str
    old_bytes: int
    sealed: Sealed | None
    path: Path | None
    removed: tuple[str, ...]
    replaced: dict[str, str]
    places: dict[str, CaptureRef]


def survey(paths: Sequence[Path], decide: Decide) -> Survey:
    """Which of an account's sealed files have to be written anew; ``paths`` are all of them.

    A file may need it only because it repeats a payload that goes elsewhere. Raises EvidenceDamaged.
    """
    remembered = _Remembered(decide)
    removed: set[str] = set()
    replaced: set[str] = set()
    files: set[Path] = set()
    repeats: list[tuple[Path, StoredRecord]] = []
    for path in paths:
        for event in events(path):
            decision = remembered.first(event)
            if isinstance(decision, Keep | Unname):
                if isinstance(decision, Unname):
                    files.add(path)
                if event.response is not None and event.response.type == "revisit":
                    repeats.append((path, event.response))
                continue
            files.add(path)
            (removed if isinstance(decision, Remove) else replaced).update(_messages(event))
    lost = Lost(frozenset(removed), frozenset(replaced))
    files.update(path for path, revisit in repeats if _dangles(revisit, lost))
    return Survey(tuple(path for path in paths if path in files), lost, remembered)


class _Remembered:
    """Decisions that are asked for twice; bodies are held packed, and no longer than until the second time."""

    def __init__(self, decide: Decide) -> None:
        self._decide = decide
        self._packed: dict[str, tuple[bytes, str, int]] = {}
        self._kept: dict[str, Keep | Unname] = {}

    def first(self, event: StoredEvent) -> Decision:
        """Decide, and remember it."""
        decision = self._decide(event)
        if isinstance(decision, Keep | Unname):
            self._kept[event.id] = decision
        elif isinstance(decision, Replace):
            self._packed[event.id] = (zlib.compress(decision.body, 1), decision.media_type, decision.removed)
        return decision

    def __call__(self, event: StoredEvent) -> Decision:
        if event.id in self._kept:
            return self._kept[event.id]
        packed = self._packed.pop(event.id, None)
        return Replace(zlib.decompress(packed[0]), *packed[1:]) if packed else self._decide(event)


def rewrite(path: Path, target: Path, decide: Decide, about: About, *, lost: Lost | None = None) -> Rewritten:
    """Write a sealed file anew, to ``target/<account>/<class>/<name>.rN.warc.gz``; it is whole, on disk and read-only.

    A file of that name that an earlier attempt left is written over. Until it is whole it has a name that no reader
    takes for a WARC file. A revisit record whose original is among ``lost`` gets the payload itself (R32). Raises
    EvidenceDamaged where the file can't be read to its end, and StorageFull; nothing is left in ``target`` then.
    """
    if path.name.endswith(OPEN):
        raise ValueError(f"{path} is not sealed")
    return _Rewriting(path, target, decide, about, lost or Lost()).carry_out()


def _messages(event: StoredEvent) -> list[str]:
    """The ids of an event's messages, by which other records may refer to them."""
    return [record.stands_for for record in (event.request, event.response) if record is not None]


def _dangles(revisit: StoredRecord, lost: Lost) -> bool:
    """Whether what a revisit repeats is not there any more. What a 304 says still holds may have been changed."""
    wanted = f.bare_id(revisit.value("WARC-Refers-To") or "")
    changed = wanted in lost.replaced and revisit.value("WARC-Profile") == f.IDENTICAL_PAYLOAD
    return wanted in lost.removed or changed


@dataclass(slots=True)
class _New:
    """The new file while it is written."""

    path: Path
    descriptor: int
    size: int = 0
    extent: Extent = field(default_factory=Extent)

    def take(self, data: bytes) -> None:
        write_all(self.descriptor, data)
        self.size += len(data)

    def write(self, record: Record) -> tuple[int, int]:
        """Write a record; its offset and length."""
        offset = self.size
        for data in gzipped(record):
            self.take(data)
        return offset, self.size - offset

    def copy(self, source: int, start: int, end: int) -> None:
        """Copy bytes of the old file."""
        while start < end:
            data = os.pread(source, min(_COPY_BYTES, end - start), start)
            if not data:
                raise EvidenceDamaged(f"{self.path} ends at byte {start}, before it should.")
            self.take(data)
            start += len(data)

    def counts(self, length: int, at: datetime) -> None:
        """One more record of a capture."""
        self.extent = self.extent.grown(length, at)


class _Rewriting:
    """One file on its way."""

    def __init__(self, path: Path, target: Path, decide: Decide, about: About, lost: Lost) -> None:
        self._old = path
        self._decide = decide
        self._about = about
        self._lost = lost
        self._final = target / path.parts[-3] / path.parts[-2] / rewritten_name(path.name)
        self._file = relative(self._final)
        self._digest, self._bytes = file_digest(path)
        self._info = self._warcinfo()
        self._removed: list[str] = []
        self._replaced: dict[str, str] = {}
        self._places: dict[str, CaptureRef] = {}

    def carry_out(self) -> Rewritten:
        part = self._final.with_name(self._final.name + _PART)
        with disk(part):
            part.parent.mkdir(parents=True, exist_ok=True)
            part.unlink(missing_ok=True)
            self._final.unlink(missing_ok=True)
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        new = _New(part, descriptor)
        try:
            with disk(part), self._old.open("rb") as source:
                self._write(new, source.fileno())
                sealed = self._finish(new) if new.extent.records else None
        finally:
            os.close(descriptor)
            with contextlib.suppress(FileNotFoundError):
                part.unlink()
        path = self._final if sealed else None
        gone, moved = tuple(self._removed), self._replaced
        return Rewritten(relative(self._old), self._digest, self._bytes, sealed, path, gone, moved, self._places)

    def _write(self, new: _New, source: int) -> None:
        new.write(self._info)
        done = 0
        for event in events(self._old):
            decision = self._decision(event)
            for record in event.records:
                if _stays(event, record, decision):
                    if unnamed := self._unnamed(event, record, decision):
                        new.copy(source, done, record.offset)
                        done = record.end
                        self._write_unnamed(new, event, record, unnamed)
                        continue
                    self._kept(new, event, record, new.size + record.offset - done)
                    continue
                new.copy(source, done, record.offset)
                done = record.end
                self._removed.append(record.record_id)
                if isinstance(decision, Converted) and record is _message(event):
                    self._convert(new, event, record, decision)
        new.copy(source, done, self._bytes)

    def _decision(self, event: StoredEvent) -> Keep | Remove | Unname | Converted:
        decision = self._decide(event)
        if isinstance(decision, Replace):
            return self._told_without_names(_changed(event, decision))
        revisit = event.response
        if isinstance(decision, Keep | Unname) and revisit is not None and revisit.type == "revisit":
            return self._told_without_names(_repeated(event, revisit)) if _dangles(revisit, self._lost) else decision
        return decision

    def _told_without_names(self, made: Converted) -> Converted:
        marks = self._about.marks
        if marks is None:
            return made
        return replace(made, start_line=marks.text(made.start_line), headers=marks.value(made.headers))

    def _unnamed(
        self, event: StoredEvent, record: StoredRecord, decision: Keep | Remove | Unname | Converted
    ) -> Record | None:
        """A record that stays without the names that are expunged; None where it has none of them."""
        if self._about.marks is None or not isinstance(decision, Unname | Converted):
            return None
        told = {fact.EXPUNGED: [self._about.disposal]} if record is event.metadata else {}
        return without_names(record, self._about.marks, told)

    def _write_unnamed(self, new: _New, event: StoredEvent, record: StoredRecord, unnamed: Record) -> None:
        offset, length = new.write(unnamed)
        if record is not event.about:
            new.counts(length, record.at)
        self._replaced[record.stands_for] = record.record_id
        if record is _message(event):
            block = f.digest(unnamed.block.sha256)
            self._places[record.stands_for] = CaptureRef(
                record.stands_for, self._file, offset, length, record.value("WARC-Payload-Digest"), block, record.at
            )

    def _kept(self, new: _New, event: StoredEvent, record: StoredRecord, offset: int) -> None:
        if record is not event.about:
            new.counts(record.length, record.at)
        if record is _message(event):
            payload, block = record.value("WARC-Payload-Digest"), record.value("WARC-Block-Digest")
            self._places[record.stands_for] = CaptureRef(
                record.stands_for, self._file, offset, record.length, payload, block, record.at
            )

    def _convert(self, new: _New, event: StoredEvent, record: StoredRecord, converted: Converted) -> None:
        before = event.changes
        target = self._about.marks.text(record.target) if self._about.marks else None
        grounds = Grounds(
            list(dict.fromkeys((*before.get(fact.DISPOSAL, ()), self._about.disposal))),
            list(dict.fromkeys((*before.get(fact.AUTHORITY, ()), *self._about.authority))),
            self._about.at,
        )
        made, told = conversion(record, converted, grounds, warcinfo_id=self._info.record_id, target=target)
        offset, length = new.write(made)
        new.write(told)
        new.counts(length, made.at)
        self._replaced[record.stands_for] = made.record_id
        digest = f.digest(converted.body.sha256)
        self._places[record.stands_for] = CaptureRef(
            record.stands_for, self._file, offset, length, digest, digest, record.at
        )

    def _warcinfo(self) -> Record:
        facts: fact.Facts = {
            fact.REPLACES: self._old.name,
            fact.REPLACES_SHA256: self._digest,
            fact.DISPOSAL: self._about.disposal,
            fact.AUTHORITY: self._about.authority,
        }
        return warcinfo(self._about.info, key_of(self._old), self._final.name, self._about.at, more=facts)

    def _finish(self, new: _New) -> Sealed:
        """Synced, read-only, and then under its name."""
        records = sum(1 for _ in records_in(new.path, heads_only=True))
        digest, size = file_digest(new.path)
        os.fchmod(new.descriptor, _SEALED_MODE)
        os.fsync(new.descriptor)
        new.path.rename(self._final)
        sync_folder(self._final.parent)
        first, last = new.extent.first_at, new.extent.last_at
        assert first is not None
        assert last is not None
        return Sealed(self._file, digest, records, first, last, size)


def _message(event: StoredEvent) -> StoredRecord:
    """The record in whose place a conversion comes: the answer, or of a delivery what was sent."""
    if event.request is not None and is_pushed(event.request.path):
        return event.request
    return event.main


def _stays(event: StoredEvent, record: StoredRecord, decision: Keep | Remove | Unname | Converted) -> bool:
    if isinstance(decision, Converted):
        return record is not _message(event) and record is not event.about
    return isinstance(decision, Keep | Unname)


def _changed(event: StoredEvent, decision: Replace) -> Converted:
    """The conversion of an event out of whose body something was taken. Raises ValueError where it has no body."""
    message = _message(event)
    before = event.changes
    removed = decision.removed + int(next(iter(before.get(fact.RECORDS_REMOVED, ())), "0"))
    start_line, headers = _told(event, message)
    unmodified = message.value("WARC-Profile") == f.NOT_MODIFIED or fact.UNMODIFIED in before
    if unmodified:
        headers = exchange_of(event).headers
    return Converted(
        body=Block.of(decision.body),
        media_type=decision.media_type,
        start_line=start_line,
        headers=headers,
        removed=removed,
        unmodified=unmodified,
        truncated=message.value("WARC-Truncated") if message.type != "revisit" else None,
    )


def _told(event: StoredEvent, message: StoredRecord) -> tuple[str, Headers]:
    """The first line and the header fields of a message, of an earlier conversion as they were handed on."""
    if message.type == "conversion":
        return event.changes[fact.START_LINE][0], headers_in(event.changes)
    with message.open_block() as block:
        if message is event.request:
            first, *lines = block.read().partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
            pairs = (line.partition(":") for line in lines)
            return first, tuple((name.strip(), value.strip()) for name, colon, value in pairs if colon)
        head = Answer(block).head
    return f"HTTP/1.1 {head.status} {head.reason}", head.headers


def _repeated(event: StoredEvent, revisit: StoredRecord) -> Converted:
    """The payload itself in the place of a record that only says where it was (R32)."""
    start_line, headers = _told(event, revisit)
    original = original_of(revisit)
    if revisit.value("WARC-Profile") == f.NOT_MODIFIED:
        read = exchange_of(event)
        media_type = read.header("content-type") or _UNKNOWN
        return Converted(Block.of(read.body), media_type, start_line, read.headers, 0, unmodified=True)
    with _payload(original) as stream:
        digest, size = hashlib.sha256(), 0
        while data := stream.read(_COPY_BYTES):
            digest.update(data)
            size += len(data)
    block = FileBlock(size, digest.hexdigest(), lambda: _payload(original))
    media_type = next((value for name, value in headers if name.lower() == "content-type"), _UNKNOWN)
    return Converted(block, media_type, start_line, headers, 0, coded=True)


def _payload(original: StoredRecord) -> BinaryIO:
    return cast("BinaryIO", io.BufferedReader(_Payload(open_message(original)), _COPY_BYTES))


class _Payload(io.RawIOBase):
    """The entity-body of a message: transfer coding removed, content coding kept."""

    def __init__(self, message: BinaryIO) -> None:
        super().__init__()
        self._message = message
        self._pieces = Answer(message).payload()
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._rest and (piece := next(self._pieces, None)) is not None:
            self._rest = piece
        data, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._message.close()
        super().close()

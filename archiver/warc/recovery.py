"""The tail of an open segment after a crash: whole events stay, the rest is set aside, nothing is lost or doubled.

Events are synced one by one, so only the last can be torn. What is damaged although records follow it is no crash:
it is reported, and left as it is.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from archiver.warc import facts as fact
from archiver.warc.event import REMOVED
from archiver.warc.members import HEAD_LIMIT_BYTES, Broken, Damage, Scanned, next_record, scan
from archiver.warc.names import HANDED_IN, OPEN, key_of, relative
from archiver.warc.records import belated_metadata
from archiver.warc.segment import Extent, Segment, mark_of, read_mark
from archiver.warc.storage import disk, sync_folder, write_all
from archiver.warc.stored import StoredEvent, events

_COPY_BYTES = 1024 * 1024

_KEPT = {fact.STREAM: "import", fact.TASK: "import", fact.METHOD: "IMPORT"}
"""What is known of a file that somebody handed in."""

LateFacts = Callable[[StoredEvent], fact.Facts]
"""What the caller can still say about an event whose metadata record was not written."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was done to one open segment.

    ``set_aside`` holds the ``bytes_set_aside`` bytes of a torn event (None: they were let go, being half a file that
    somebody handed in); ``completed`` counts metadata records that were
    added; ``damaged`` lists what can't be read in the midst of the file: restore it from a backup.
    """

    file: str
    set_aside: Path | None = None
    bytes_set_aside: int = 0
    completed: int = 0
    damaged: tuple[Damage, ...] = ()


@dataclass(slots=True)
class _Survey:
    """What reading an open segment showed: whole events up to ``extent``, then records of one that is not whole."""

    extent: Extent
    pending: list[Scanned] = field(default_factory=list)
    damaged: list[Damage] = field(default_factory=list)

    def take(self, record: Scanned) -> None:
        """One more whole record. An event ends with its metadata record."""
        if record.type in {"request", "resource"} or (record.type == "metadata" and not record.concurrent):
            self._commit()
        self.pending.append(record)
        if record.type not in {"request", "response", "revisit", "resource"}:
            self._commit()

    def _commit(self) -> None:
        for record in self.pending:
            at = record.at
            own_id = record.record_id if record.type == "warcinfo" else ""
            self.extent = self.extent.grown(record.length, at, warcinfo_id=own_id)
        self.pending = []

    @property
    def end(self) -> int:
        """Where the last whole record ends."""
        return self.pending[-1].end if self.pending else self.extent.size

    def skip(self, record: Scanned, problem: str) -> None:
        """Go on behind bytes that are no record."""
        self._commit()
        lost = record.offset - self.extent.size
        self.damaged.append(Damage(self.extent.size, lost, problem))
        self.extent = Extent(
            record.offset, self.extent.records, self.extent.warcinfo_id, self.extent.first_at, self.extent.last_at
        )


def recover(
    path: Path, *, now: datetime, fsync: Callable[[int], None] = os.fsync, facts: LateFacts | None = None
) -> tuple[Segment | None, Recovered]:
    """Mend one ``.open`` file: the segment to go on with (None: nothing is left of it), and what was done.

    Raises StorageFull or OperatorError; the file is then as it was, or mended already.
    """
    with disk(path):
        path.chmod(0o644)  # sealing may have been interrupted
        with path.open("r+b") as file:
            survey = _survey(file, read_mark(path))
            survey = _without_lone_request(survey)
            aside, length = _set_aside(file, path, survey.end, now)
        if survey.end == 0:
            path.unlink()
            mark_of(path).unlink(missing_ok=True)
            sync_folder(path.parent)
    told = Recovered(relative(path), aside, length, 0, tuple(survey.damaged))
    if survey.end == 0:
        return None, told
    segment = Segment(path, survey.extent, fsync=fsync)
    if survey.pending:
        _complete(segment, survey.pending, facts)
        told = Recovered(told.file, aside, length, 1, told.damaged)
    return segment, told


def _survey(file: BinaryIO, mark: Extent | None) -> _Survey:
    """Read from the mark, or from the beginning, to where no whole record follows."""
    size = os.fstat(file.fileno()).st_size
    survey = _Survey(mark or Extent())
    if mark and mark.size > size:
        survey = _Survey(Extent())
        survey.damaged.append(Damage(size, mark.size - size, "the file was longer than it is"))
    while True:
        try:
            for record in scan(file, survey.end):
                survey.take(record)
        except Broken as broken:
            follower = next_record(file, broken.offset)
            if follower is None:
                return survey
            survey.skip(follower, broken.problem)
        else:
            return survey


def _without_lone_request(survey: _Survey) -> _Survey:
    """A request whose response is torn is torn with it: the task asks again."""
    if [record.type for record in survey.pending] == ["request"]:
        survey.pending = []
    return survey


def _set_aside(file: BinaryIO, path: Path, end: int, now: datetime) -> tuple[Path | None, int]:
    """Move what lies behind ``end`` to a file of its own, first there, then gone here.

    Half a file that somebody handed in is let go: they have it, and it may be larger than what is left of the disk.
    """
    length = os.fstat(file.fileno()).st_size - end
    if length <= 0:
        return None, 0
    if key_of(path).klass == HANDED_IN:
        os.ftruncate(file.fileno(), end)
        os.fsync(file.fileno())
        return None, length
    stem = f"{path.name.removesuffix(OPEN)}.torn-{now:%Y%m%d%H%M%S}"
    names = (stem if count == 0 else f"{stem}-{count}" for count in range(10_000))
    aside = next(candidate for name in names if not (candidate := path.with_name(name)).exists())
    try:
        _copy(file, end, aside)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    os.ftruncate(file.fileno(), end)
    os.fsync(file.fileno())
    return aside, length


def _copy(file: BinaryIO, start: int, target: Path) -> None:
    """The bytes from ``start`` on, durably, in a new file."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
    try:
        file.seek(start)
        while piece := file.read(_COPY_BYTES):
            write_all(descriptor, piece)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(target.parent)


def _complete(segment: Segment, pending: list[Scanned], facts: LateFacts | None) -> None:
    """Write the metadata record that request and response still lack, under the id that they name for it."""
    own = {record.record_id for record in pending}
    metadata_id = next(other for record in pending for other in record.concurrent if other not in own)
    event = next(events(segment.path, start=pending[0].offset))
    stated: dict[str, str | Sequence[str]] = {
        fact.ACCOUNT: segment.key.account,
        fact.PURPOSE: segment.key.klass,
        fact.REMOVED_HEADER: _removed_headers(event),
        **(_KEPT if pending[0].type == "resource" else {}),
        **(facts(event) if facts else {}),
        fact.RECOVERED: "true",
    }
    at = pending[0].at
    url = pending[0].value("WARC-Target-URI") or ""
    warcinfo_id = segment.extent.warcinfo_id
    for record in pending:
        segment.extent = segment.extent.grown(record.length, at)
    record_ids = [record.record_id for record in pending]
    with segment.event():
        segment.write(belated_metadata(metadata_id, url, at, record_ids, stated, warcinfo_id=warcinfo_id))


def _removed_headers(event: StoredEvent) -> list[str]:
    """The header fields of which only a marker was stored: what the metadata record was to disclose (R62)."""
    names: dict[str, None] = {}
    for record in (event.request, event.response):
        if record is not None:
            with record.open_block() as block:
                lines = block.read(HEAD_LIMIT_BYTES).partition(b"\r\n\r\n")[0].split(b"\r\n")
            for name, _, value in (line.partition(b":") for line in lines):
                if value.strip() == REMOVED.encode():
                    names[name.decode("latin-1").strip().lower()] = None
    return list(names)

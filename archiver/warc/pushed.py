"""Deliveries: what platforms sent by themselves, as it lies in WARC files.

One process writes them while another reads. What is being written is not read: the writer holds a lock from the
first byte of a group to the end of its sync, and a reader takes its measure of a file between two groups.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from archiver.domain.exchange import Exchange
from archiver.errors import EvidenceDamaged, NotFound
from archiver.warc import fields as f
from archiver.warc.event import CaptureRef
from archiver.warc.members import Damage
from archiver.warc.names import NAME, OPEN, PUSHED, SUFFIX, SegmentKey, is_pushed, locate, opened, relative, serial_of
from archiver.warc.reader import StoredEvent, StoredRecord, events, exchange_of

STREAM = "push"
"""Stream and task of an exchange that is a delivery."""
_LOCK = ".push.lock"
_WISH = ".push.seal"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery in a WARC file: the platform's request, our answer to it, and what is known about the two."""

    event: StoredEvent
    request: StoredRecord

    @property
    def file(self) -> str:
        """The WARC file as rows hold it."""
        return relative(self.request.path)

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.event.end

    def ref(self, record_id: str) -> CaptureRef:
        """Where the delivery lies, under the id of the note that says for whom it was read."""
        request = self.request
        payload, block = request.value("WARC-Payload-Digest"), request.value("WARC-Block-Digest")
        return CaptureRef(record_id, self.file, request.offset, request.length, payload, block, request.at)

    def exchange(self, record_id: str, sequence: int, account: str, subject: str | None) -> Exchange:
        """The delivery as the adapter of one account reads it."""
        read = exchange_of(self.event)
        return replace(
            read, id=record_id, sequence=sequence, account=account, stream=STREAM, task_kind=STREAM, subject=subject
        )


@contextmanager
def committing(folder: Path) -> Iterator[None]:
    """Nobody takes the measure of push files below the WARC folder while they are being written."""
    with _locked(folder, fcntl.LOCK_EX):
        yield


def committed(folder: Path, key: SegmentKey) -> list[tuple[Path, int]]:
    """The files of a key in their order, each with the bytes that are whole and on disk."""
    place = folder / key.account / key.klass
    if not place.is_dir():
        return []
    with _locked(folder, fcntl.LOCK_SH):
        paths = [path for path in place.iterdir() if NAME.fullmatch(path.name.removesuffix(OPEN))]
        sizes = [(path, path.stat().st_size) for path in sorted(paths, key=lambda path: serial_of(path.name))]
    for path, _size in sizes:
        if path.name.endswith(OPEN):  # its writer may have died between writing and syncing
            with opened(path) as file:
                os.fsync(file.fileno())
    return sizes


def deliveries(path: Path, *, start: int, end: int, on_damage: Callable[[Path, Damage], None]) -> Iterator[Delivery]:
    """The deliveries of a file from ``start`` to ``end``; what can't be read is told and passed over."""
    for event in events(path, start=start, on_damage=on_damage):
        if event.end > end:
            return
        if event.request is not None and event.metadata is not None:
            yield Delivery(event, event.request)


def delivery_at(folder: Path, file: str, offset: int, record_id: str) -> Delivery:
    """The delivery whose request record has that id; ``file`` and ``offset`` are tried first.

    Raises EvidenceDamaged where no push file below ``folder`` has it.
    """
    try:
        found = _first(locate(folder, file), offset, record_id)
    except (EvidenceDamaged, NotFound):
        found = None
    for path in [] if found else sorted(folder.glob(f"*/{PUSHED}/*{SUFFIX}*")):
        found = found or _searched(path, record_id)
    if found is None:
        raise EvidenceDamaged(f"The delivery {record_id} was in {file} and is in no file of pushed events now.")
    return found


def _first(path: Path, offset: int, record_id: str) -> Delivery | None:
    for event in events(path, start=offset):
        request = event.request
        return Delivery(event, request) if request is not None and request.stands_for == record_id else None
    return None


def _searched(path: Path, record_id: str) -> Delivery | None:
    if not NAME.fullmatch(path.name.removesuffix(OPEN)) or not is_pushed(path):
        return None
    for event in events(path, on_damage=lambda _path, _damage: None):
        if event.request is not None and event.request.stands_for == record_id:
            return Delivery(event, event.request)
    return None


def ask_to_seal(folder: Path) -> None:
    """Leave a wish for the process that receives: to close its files."""
    (folder / _WISH).touch()


def sealing_is_asked(folder: Path) -> bool:
    """Whether somebody waits for that."""
    return (folder / _WISH).exists()


def sealing_is_done(folder: Path) -> None:
    """The wish is fulfilled."""
    (folder / _WISH).unlink(missing_ok=True)


def refers_to(note: StoredRecord) -> str:
    """The bare id of the record that a note is about; empty when it names none."""
    return f.bare_id(note.value("WARC-Refers-To") or "")


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)

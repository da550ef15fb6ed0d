"""Writing captures: one open segment per account and class, an event whole on disk or not at all.

Records are put together here and not by warcio's writer; docs/decisions says why.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from archiver.warc import facts as fact
from archiver.warc import fields as f
from archiver.warc import records
from archiver.warc.event import CaptureEvent, CaptureRef
from archiver.warc.names import OPEN, SegmentKey, begun_at, key_of, open_segments, segment_name, serial_of
from archiver.warc.records import EventRecords, Original, WarcInfo
from archiver.warc.recovery import LateFacts, Recovered, recover
from archiver.warc.resources import Resource, ResourceRecords
from archiver.warc.segment import Sealed, Segment, Span, mark_of
from archiver.warc.uncompressed import Watch

__all__ = ["CaptureRef", "Original", "Recovered", "Sealed", "SegmentKey", "Segments", "WarcInfo"]

SIZE_LIMIT_BYTES = 10**9
"""The standard's recommended size of a file (Annex C)."""

_OPEN_FILES = 128
_HEADS_BYTES = 4096  # what an event takes beside the response's block, generously


class Segments:
    """The open WARC files of a folder. Threads may share it; appends happen one after the other.

    ``size_limit`` in bytes. ``sync`` False leaves it to the operating system when bytes reach the disk: for
    imports, which can be repeated, and for benchmarks. ``ours`` says which keys this process writes: open files of
    others are left alone, so that two processes can work on one folder, each on its own classes.
    """

    def __init__(
        self,
        folder: Path,
        *,
        info: WarcInfo,
        now: Callable[[], datetime],
        size_limit: int = SIZE_LIMIT_BYTES,
        sync: bool = True,
        ours: Callable[[SegmentKey], bool] = lambda _key: True,
    ) -> None:
        self.folder = folder
        self._ours = ours
        self._info = info
        self._now = now
        self._size_limit = size_limit
        self._fsync = os.fsync if sync else _no_sync
        self._lock = threading.RLock()
        self._segments: OrderedDict[SegmentKey, Segment] = OrderedDict()
        self._newly_sealed: list[Sealed] = []

    def append(
        self,
        key: SegmentKey,
        event: CaptureEvent,
        facts: Callable[[], fact.Facts],
        *,
        original: Original | None = None,
    ) -> CaptureRef:
        """Write one capture event; it is on disk when this returns.

        Request and response are with the operating system before ``facts`` is asked. If it raises, the event is kept,
        marked as recovered, and the error goes on. ``original`` makes the response a revisit where that is allowed
        (R32, R64). Raises StorageFull, and nothing of the event is left in the file then.
        """
        with self._lock:
            segment = self._current(key, event.response.size if event.response else 0)
            known = original if _same_account(original, key) else None
            made = EventRecords(event, warcinfo_id=segment.extent.warcinfo_id, original=known)
            failed: BaseException | None = None
            with segment.event():
                written = [(record, segment.write(record)) for record in made.exchange()]
                try:
                    stated = facts()
                except BaseException as error:  # noqa: BLE001 - raised again below, when the capture is safe
                    failed, stated = error, {fact.RECOVERED: "true"}
                metadata = made.metadata(fact.complete(event, stated, account=key.account))
                span = segment.write(metadata)
            if failed is not None:
                raise failed
            main, main_span = written[-1] if written else (metadata, span)
            return _reference(segment, main, main_span, made.payload_digest)

    def append_together(self, key: SegmentKey, events: Sequence[tuple[CaptureEvent, fact.Facts]]) -> list[CaptureRef]:
        """Write several events with one sync; all of them are on disk when this returns, or none.

        The reference is to the request record: these are events whose request is the evidence. Raises StorageFull.
        """
        with self._lock:
            coming = sum(len(event.request) + _HEADS_BYTES for event, _facts in events)
            segment = self._current(key, coming)
            refs: list[CaptureRef] = []
            with segment.event():
                for event, stated in events:
                    made = EventRecords(event, warcinfo_id=segment.extent.warcinfo_id)
                    request, *others = made.exchange()
                    span = segment.write(request)
                    for record in (*others, made.metadata(fact.complete(event, stated, account=key.account))):
                        segment.write(record)
                    digest = event.request_payload_sha256
                    refs.append(_reference(segment, request, span, f.digest(digest) if digest else None))
            return refs

    def note(
        self, key: SegmentKey, target: str, facts: fact.Facts, at: datetime, *, refers_to: str | None = None
    ) -> CaptureRef:
        """Write a metadata record that stands alone: the outcome of a task. ``target`` is a ``urn:`` that names it.

        ``refers_to`` is the bare id of the record that it is about, where there is one.
        """
        if not target.startswith("urn:"):
            raise ValueError(f"{target!r} must be a urn: to be told from a capture")
        with self._lock:
            segment = self._current(key, 0)
            record = records.note(target, facts, at, warcinfo_id=segment.extent.warcinfo_id, refers_to=refers_to)
            with segment.event():
                span = segment.write(record)
            return _reference(segment, record, span, None)

    def keep(self, key: SegmentKey, resource: Resource, facts: fact.Facts, *, watch: Watch | None = None) -> CaptureRef:
        """Write a file that somebody handed in, whole, and what is said about it; it is on disk when this returns.

        ``watch`` is told how many bytes were written. Raises StorageFull, OperatorError where the file changes
        meanwhile, and what ``watch`` raises; nothing of it is left in the WARC file then.
        """
        with self._lock:
            segment = self._current(key, resource.block.size)
            made = ResourceRecords(resource, warcinfo_id=segment.extent.warcinfo_id)
            with segment.event():
                kept = made.resource()
                span = segment.write(kept, watch=watch)
                segment.write(made.metadata({**facts, fact.ACCOUNT: key.account}))
            return _reference(segment, kept, span, f.digest(resource.block.sha256))

    def seal(self, keys: Iterable[SegmentKey] | None = None) -> list[Sealed]:
        """Finish the open files of these keys (None: all of ours), those of an earlier process included."""
        with self._lock:
            wanted = (
                {key for path in open_segments(self.folder) if self._ours(key := key_of(path))} | set(self._segments)
                if keys is None
                else set(keys)
            )
            sealed = [self._seal(key) for key in sorted(wanted) if self._adopt(key)]
            return [one for one in sealed if one is not None]

    def recover(self, facts: LateFacts | None = None) -> list[Recovered]:
        """Mend what an earlier process left open, and tell of each such file; to be called at start.

        ``facts`` may add to the metadata record of an event that was interrupted.
        """
        with self._lock:
            told: list[Recovered] = []
            for key in dict.fromkeys(key_of(path) for path in open_segments(self.folder)):
                if key not in self._segments and self._ours(key):
                    self._adopt(key, told=told, facts=facts)
            return told

    def newly_sealed(self) -> list[Sealed]:
        """What was sealed since this was asked last, also for having grown too large or too old."""
        with self._lock:
            sealed, self._newly_sealed = self._newly_sealed, []
            return sealed

    def close(self) -> None:
        """Close all files; they stay open segments, and the next process goes on with them."""
        with self._lock:
            for segment in self._segments.values():
                segment.release()
            self._segments.clear()

    def _current(self, key: SegmentKey, coming_bytes: int) -> Segment:
        """The segment that takes the next event of ``coming_bytes`` uncompressed bytes: the open one, or a new one."""
        now = self._now().astimezone(UTC)
        segment = self._adopt(key)
        if segment is not None and self._is_finished(segment, now, coming_bytes):
            self._seal(key)
            segment = None
        if segment is None:
            segment = self._create(key, now)
        self._segments[key] = segment
        self._segments.move_to_end(key)
        for idle in list(self._segments.values())[:-_OPEN_FILES]:
            idle.release()
        return segment

    def _is_finished(self, segment: Segment, now: datetime, coming_bytes: int) -> bool:
        begun = begun_at(segment.path.name)
        same_month = begun is not None and (begun.year, begun.month) == (now.year, now.month)
        has_events = segment.extent.first_at is not None
        return not same_month or (has_events and segment.extent.size + coming_bytes + _HEADS_BYTES > self._size_limit)

    def _create(self, key: SegmentKey, now: datetime) -> Segment:
        folder = self.folder / key.account / key.klass
        serial = max((serial_of(path.name) for path in folder.glob("*.warc.gz*")), default=0) + 1
        name = segment_name(key, now, serial, self._info.host)
        return Segment.create(folder / (name + OPEN), records.warcinfo(self._info, key, name, now), fsync=self._fsync)

    def _adopt(
        self, key: SegmentKey, *, told: list[Recovered] | None = None, facts: LateFacts | None = None
    ) -> Segment | None:
        """The open segment of a key, mended first when an earlier process (or a failed write) left it."""
        segment = self._segments.get(key)
        if segment is not None and not segment.broken:
            return segment
        if segment is not None:
            segment.release(mark=False)
            del self._segments[key]
        for path in open_segments(self.folder, key):
            found, mended = recover(path, now=self._now(), fsync=self._fsync, facts=facts)
            if told is not None:
                told.append(mended)
            if found is None:
                continue
            if key in self._segments:  # an interrupted change of files: only the newest goes on
                self._seal(key)
            self._segments[key] = found
            if mended.damaged:
                self._seal(key)
        return self._segments.get(key)

    def _seal(self, key: SegmentKey) -> Sealed | None:
        """Finish a segment; one without any event is removed instead."""
        segment = self._segments[key]
        if segment.extent.first_at is None:
            del self._segments[key]
            segment.release(mark=False)
            segment.path.unlink()
            mark_of(segment.path).unlink(missing_ok=True)
            return None
        sealed = segment.seal()
        del self._segments[key]
        self._newly_sealed.append(sealed)
        return sealed


def _reference(segment: Segment, record: records.Record, span: Span, payload_digest: str | None) -> CaptureRef:
    return CaptureRef(
        record_id=record.record_id,
        file=segment.file,
        offset=span.offset,
        length=span.length,
        payload_digest=payload_digest,
        block_digest=f.digest(record.block.sha256),
        captured_at=record.at,
    )


def _same_account(original: Original | None, key: SegmentKey) -> bool:
    """A revisit must not outlive its original, so it never refers to another account (R32)."""
    return original is not None and (original.file is None or original.file.split("/", 1)[0] == key.account)


def _no_sync(descriptor: int) -> None:
    """Leave it to the operating system."""

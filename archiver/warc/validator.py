"""Checking a WARC file against the standard and the records rules, and trusting none of it.

Every byte is read again, every digest made again, from the file alone. Findings name file, offset, expected and found.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from archiver.errors import EvidenceDamaged
from archiver.warc import fields as f
from archiver.warc.blocks import Reading, block_faults
from archiver.warc.facts import REPLACES
from archiver.warc.members import Broken, next_record
from archiver.warc.names import NAME, OPEN, begun_at, relative, segments
from archiver.warc.originals import original_of
from archiver.warc.rules import CONVERSION_FIELDS, Disclosure, Fault, field_faults
from archiver.warc.stored import StoredRecord, records_in


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be, in ``file`` (as rows name it) at byte ``offset``."""

    file: str
    offset: int
    record_id: str | None
    problem: str
    expected: str = ""
    found: str = ""


_WHOLE = (
    ["metadata", "request", "response"],
    ["metadata", "request", "revisit"],
    ["conversion", "metadata", "request"],
    ["conversion", "metadata", "response"],
)
"""The records of an event; where records were disposed of, a conversion in the place of one."""


@dataclass(slots=True)
class _Event:
    """The records of one event that were read so far."""

    records: list[tuple[int, f.Named]] = field(default_factory=list)
    disclosure: Disclosure = field(default_factory=Disclosure)

    def holds(self, record: f.Named) -> bool:
        """Whether a record is of this event."""
        ids = {other.stands_for for _, other in self.records}
        named = {name for _, other in self.records for name in other.concurrent}
        described = record.describes is not None and record.describes in {one.record_id for _, one in self.records}
        return described or record.stands_for in named or not ids.isdisjoint(record.concurrent)


def validate(path: Path) -> Iterator[Finding]:
    """All findings of one WARC file, sealed or open; none for a file that is right.

    What an open file has at its end of a record that is just being written is no finding.
    """
    return _Validation(path).findings()


def unresolved(folder: Path) -> Iterator[Finding]:
    """The revisit records of a WARC folder whose original is not in the files of the same account (R32, R64).

    A file is read up to where it can't be read any more; that is a finding of ``validate``.
    """
    for path in segments(folder):
        with suppress(EvidenceDamaged):
            for record in records_in(path, heads_only=True):
                if record.type == "revisit":
                    yield from _unresolved(record)


def _unresolved(record: StoredRecord) -> Iterator[Finding]:
    file = relative(record.path)
    try:
        original = original_of(record)
    except EvidenceDamaged as error:
        yield Finding(file, record.offset, record.record_id, error.message, record.value("WARC-Refers-To") or "")
        return
    for name, told in (("WARC-Date", "WARC-Refers-To-Date"), ("WARC-Target-URI", "WARC-Refers-To-Target-URI")):
        if record.value(told) != original.value(name):
            problem = f"{told} is not the original's"
            yield Finding(
                file, record.offset, record.record_id, problem, original.value(name) or "", record.value(told) or ""
            )
    digest, expected = record.value("WARC-Payload-Digest"), original.value("WARC-Payload-Digest")
    if digest is not None and digest != expected:
        yield Finding(file, record.offset, record.record_id, "the original has another payload", expected or "", digest)


class _Validation:
    """One pass over a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = relative(path)
        self._is_open = path.name.endswith(OPEN)
        self._ids: set[int] = set()
        self._event = _Event()
        self._warcinfo_ids: list[str] = []
        self._named = path.name.removesuffix(OPEN)

    def findings(self) -> Iterator[Finding]:
        name = self._path.name.removesuffix(OPEN)
        if not NAME.fullmatch(name) or begun_at(name) is None:
            form = "Prefix-YYYYMMDDhhmmss-Serial-Host.warc.gz"
            yield self._finding(0, None, Fault("the file's name has another form", form, name))
        with self._path.open("rb") as file:
            size = file.seek(0, 2)
            offset = 0
            while offset < size:
                reading = Reading(file, offset)
                try:
                    yield from self._record(reading)
                    offset = reading.end
                except Broken as broken:
                    follower = next_record(file, offset)
                    if follower is not None or not self._is_open:
                        yield self._finding(offset, None, Fault(broken.problem, "a gzip member with one WARC record"))
                    offset = follower.offset if follower else size
        if not self._is_open:
            yield from self._close_event()
        if not self._warcinfo_ids:
            yield self._finding(0, None, Fault("the file holds no record", "a warcinfo record"))

    def _finding(self, offset: int, record_id: str | None, fault: Fault) -> Finding:
        return Finding(self._file, offset, record_id, fault.problem, fault.expected, fault.found)

    def _record(self, reading: Reading) -> Iterator[Finding]:
        """Read one record to its end; raises Broken where its gzip member is damaged."""
        record, faults = reading.head()
        record_id = record.record_id or None
        for fault in chain(faults, field_faults(record), self._identity_faults(reading.offset, record)):
            yield self._finding(reading.offset, record_id, fault)
        for fault in block_faults(record, reading, self._event.disclosure):
            yield self._finding(reading.offset, record_id, fault)
        if record.type == "warcinfo":
            self._warcinfo_ids.append(record.record_id)
            yield from (self._finding(reading.offset, record_id, fault) for fault in self._file_faults(record))
        if record.describes:
            for name in CONVERSION_FIELDS:
                if name not in self._event.disclosure.fields:
                    yield self._finding(
                        reading.offset, record_id, Fault(f"what is said about a conversion lacks {name}")
                    )

    def _identity_faults(self, offset: int, record: f.Named) -> Iterator[Fault]:
        """What is wrong with a record among the others."""
        try:
            number = uuid.UUID(record.record_id).int
        except ValueError:
            number = -1
        if number in self._ids:
            yield Fault("the record id was used before", "an id of its own", record.record_id)
        elif number >= 0:
            self._ids.add(number)
        if offset == 0 and record.type != "warcinfo":
            yield Fault("the first record is no warcinfo", "warcinfo", record.type)
        told = record.value("WARC-Warcinfo-ID")
        if told is not None and f.bare_id(told) not in self._warcinfo_ids:
            yield Fault("WARC-Warcinfo-ID is not this file's", " ".join(self._warcinfo_ids), told)
        if self._event.records and not self._event.holds(record):
            yield from self._event_faults()
        self._event.records.append((offset, record))

    def _event_faults(self) -> Iterator[Fault]:
        """What is wrong with the event that was just read (R58, R59, R62); begins a new one."""
        event, self._event = self._event, _Event()
        every = [record for _, record in event.records]
        records = [record for record in every if not record.describes]
        ids = {record.stands_for for record in records}
        kinds = sorted(record.type for record in records)
        yield from _conversion_faults(every)
        for record in records:
            if record.type != "conversion" and set(record.concurrent) != ids - {record.record_id}:
                names = f"the {record.type} record {record.record_id} of the event before"
                yield Fault(f"{names} does not name the others", " ".join(sorted(ids)), " ".join(record.concurrent))
        if len({record.value("WARC-Date") for record in records}) > 1:
            dates = " ".join(record.value("WARC-Date") or "none" for record in records)
            yield Fault("the records of one event differ in their date", "one WARC-Date", dates)
        part = len(kinds) > 1 or kinds[:1] in (["request"], ["response"], ["revisit"])
        if part and kinds not in _WHOLE and "resource" not in kinds:
            yield Fault("an event is not whole", "request, response or revisit, metadata", ", ".join(kinds))
        if undisclosed := event.disclosure.masked - event.disclosure.told:
            yield Fault("a removed header is not disclosed", "removed-header", " ".join(sorted(undisclosed)))

    def _close_event(self) -> Iterator[Finding]:
        if self._event.records:
            offset, record = self._event.records[0]
            yield from (self._finding(offset, record.record_id, fault) for fault in self._event_faults())

    def _file_faults(self, warcinfo: f.Named) -> Iterator[Fault]:
        """What a warcinfo says of its file (R57, R68)."""
        told = warcinfo.value("WARC-Filename")
        if told is not None and told != self._named:
            yield Fault("WARC-Filename is not the file's name", self._named, told)
        replaced = self._event.disclosure.fields.get(REPLACES, [])
        self._named = replaced[0] if replaced else self._named
        self._event = _Event()


def _conversion_faults(records: list[f.Named]) -> Iterator[Fault]:
    """What is wrong with the conversions of an event: each has a record that tells what was done, and is its own."""
    made = [record.record_id for record in records if record.type == "conversion"]
    described = [record.describes for record in records if record.describes]
    if len(records) > 1 and made != described:
        yield Fault("a conversion and what is said about it do not go together", " ".join(made), " ".join(described))
    elif described and not made:
        yield Fault("what is said about a conversion stands without it", " ".join(described), "none")

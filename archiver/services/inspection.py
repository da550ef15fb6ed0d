"""One WARC file against the standard: what a worker process of ``verify`` does.

It knows nothing of the store, so that such a process is there in an instant.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

from archiver.warc import facts as fact
from archiver.warc.members import Damage
from archiver.warc.names import is_pushed, locate
from archiver.warc.pushed import deliveries
from archiver.warc.reader import events
from archiver.warc.validator import validate


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be."""

    file: str
    offset: int | None
    problem: str
    expected: str = ""
    found: str = ""

    def sentence(self) -> str:
        """For a person."""
        place = f"{self.file} at {self.offset}" if self.offset is not None else self.file
        detail = f" (expected {self.expected}; found {self.found})" if self.expected or self.found else ""
        return f"{place}: {self.problem}{detail}."

    def document(self) -> dict[str, object]:
        """For a program."""
        return {
            "file": self.file,
            "offset": self.offset,
            "problem": self.problem,
            "expected": self.expected,
            "found": self.found,
        }


@dataclass(frozen=True, slots=True)
class Checked:
    """What one file holds: its faults and where each exchange lies.

    ``deliveries`` are where those lie, by offset, with payload and block digest, in a file of pushed events;
    ``adopted`` are the notes that say for whom one was read, or which stretch of a data download: their id is the
    exchange's.
    """

    file: str
    faults: tuple[Finding, ...]
    places: dict[str, tuple[int, str | None, str | None]]
    sha256: str
    size_bytes: int
    deliveries: dict[int, tuple[str | None, str | None]] = field(default_factory=dict)
    adopted: tuple[str, ...] = ()


def check(job: tuple[str, str, str | None]) -> Checked:
    """One file in a process of its own. ``trusted`` is the digest that spares the closer look."""
    folder, file, trusted = job
    path = locate(Path(folder), file)
    sha256, size = _digest(path)
    if sha256 == trusted:
        return Checked(file, (), {}, sha256, size)
    faults = tuple(Finding(file, one.offset, one.problem, one.expected, one.found) for one in validate(path))
    held = Checked(file, faults, {}, sha256, size)
    return _pushed(path, held) if is_pushed(path) else _captured(path, held)


def _captured(path: Path, held: Checked) -> Checked:
    """With the exchanges of a file, and the notes that stand for some that lie elsewhere."""
    places: dict[str, tuple[int, str | None, str | None]] = {}
    adopted: list[str] = []
    for event in events(path, on_damage=_passed_over):
        if not event.is_note:
            places[event.ref.record_id] = (event.ref.offset, event.ref.payload_digest, event.ref.block_digest)
        elif fact.DELIVERY_FILE in event.facts or fact.IMPORT_SPAN in event.facts:
            adopted.append(event.main.record_id)
    return replace(held, places=places, adopted=tuple(adopted))


def _pushed(path: Path, held: Checked) -> Checked:
    """With the deliveries of a file."""
    found = deliveries(path, start=0, end=held.size_bytes, on_damage=_passed_over)
    refs = [one.ref("") for one in found]
    return replace(held, deliveries={ref.offset: (ref.payload_digest, ref.block_digest) for ref in refs})


def _passed_over(_path: Path, _damage: Damage) -> None:
    """What can't be read is among the faults already."""


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest(), path.stat().st_size

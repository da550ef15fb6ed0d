"""One WARC file against the standard: what a worker process of ``verify`` does.

It knows nothing of the store, so that such a process is there in an instant.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from archiver.warc.names import locate
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
    """What one file holds: its faults and where each exchange lies."""

    file: str
    faults: tuple[Finding, ...]
    places: dict[str, tuple[int, str | None, str | None]]
    sha256: str
    size_bytes: int


def check(job: tuple[str, str, str | None]) -> Checked:
    """One file in a process of its own. ``trusted`` is the digest that spares the closer look."""
    folder, file, trusted = job
    path = locate(Path(folder), file)
    sha256, size = _digest(path)
    if sha256 == trusted:
        return Checked(file, (), {}, sha256, size)
    faults = tuple(Finding(file, one.offset, one.problem, one.expected, one.found) for one in validate(path))
    places = {
        event.ref.record_id: (event.ref.offset, event.ref.payload_digest, event.ref.block_digest)
        for event in events(path, on_damage=lambda _path, _damage: None)
        if not event.is_note
    }  # fmt: skip
    return Checked(file, faults, places, sha256, size)


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest(), path.stat().st_size

"""Checking everything and trusting no column: the WARC files against the standard, the store against the WARC files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from archiver.ledger import seals
from archiver.ledger.notes import Verifier
from archiver.services.seal import statement_of
from archiver.store import captures
from archiver.store.engine import Store
from archiver.warc.names import OPEN, locate, relative, segments
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
class _Checked:
    """What one file holds, as read by a worker process: its faults and where each exchange lies."""

    file: str
    faults: tuple[Finding, ...]
    places: dict[str, tuple[int, str | None, str | None]]
    sha256: str
    size_bytes: int


Progress = Callable[[int, int], None]


def verify(
    store: Store, folder: Path, *, full: bool, workers: int | None = None, progress: Progress,
    verifier: Verifier | None = None,
) -> Iterator[Finding]:  # fmt: skip
    """All findings. Without ``full`` a sealed file whose digest is the one recorded at sealing is not opened again.

    With ``verifier`` each sealed file needs a statement that the archive's key has signed, so that a file and its row
    in the store can't be changed together.
    """
    with store.read() as conn:
        sealed = captures.sealed(conn)
        cited = captures.cited_files(conn)
    paths = segments(folder)
    present = [relative(path) for path in paths]
    if verifier is not None:
        yield from _unsigned(sealed, [relative(path) for path in paths if not path.name.endswith(OPEN)], verifier)
    for file in sorted((set(cited) | set(sealed)) - set(present)):
        yield Finding(file, None, "the file is missing", "the WARC file that the store cites", "nothing there")
    context = get_context("spawn")
    with ProcessPoolExecutor(max_workers=workers, mp_context=context) as pool:
        jobs = [(str(folder), file, None if full or file not in sealed else sealed[file].sha256) for file in present]
        for done, checked in enumerate(pool.map(_check, jobs), start=1):
            yield from checked.faults
            if file_digest := sealed.get(checked.file):
                yield from _seal_faults(checked, file_digest.sha256)
            if checked.places or checked.file not in sealed:
                yield from _store_faults(store, checked)
            progress(done, len(present))


def _check(job: tuple[str, str, str | None]) -> _Checked:
    """One file in a process of its own. ``trusted`` is the digest that spares the closer look."""
    folder, file, trusted = job
    path = locate(Path(folder), file)
    sha256, size = _digest(path)
    if sha256 == trusted:
        return _Checked(file, (), {}, sha256, size)
    faults = tuple(Finding(file, one.offset, one.problem, one.expected, one.found) for one in validate(path))
    places = {
        event.ref.record_id: (event.ref.offset, event.ref.payload_digest, event.ref.block_digest)
        for event in events(path, on_damage=lambda _path, _damage: None)
        if not event.is_note
    }  # fmt: skip
    return _Checked(file, faults, places, sha256, size)


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest(), path.stat().st_size


def _unsigned(sealed: Mapping[str, captures.SealedRow], closed: Iterable[str], verifier: Verifier) -> Iterator[Finding]:
    """Sealed files without a signed statement of just what the store says of them."""
    for row in sealed.values():
        problem = seals.fault(row.statement, statement_of(row), verifier)
        if problem is not None:
            yield Finding(row.file, None, problem)
    for file in sorted(set(closed) - set(sealed)):
        yield Finding(file, None, "it is sealed, and the store has no entry of its sealing")


def _seal_faults(checked: _Checked, expected: str) -> Iterator[Finding]:
    if checked.sha256 != expected:
        yield Finding(checked.file, None, "the sealed file was changed", expected, checked.sha256)


def _store_faults(store: Store, checked: _Checked) -> Iterator[Finding]:
    """The store's exchanges of this file against what the file holds, both ways."""
    with store.read() as conn:
        rows = captures.places(conn, checked.file)
    for exchange, place in rows.items():
        held = checked.places.get(exchange)
        if held is None:
            yield Finding(checked.file, place[0], f"exchange {exchange} is in the store and not in the file")
        elif held != place:
            yield Finding(
                checked.file,
                place[0],
                f"exchange {exchange} is not where or what the store says",
                str(place),
                str(held),
            )
    for exchange in checked.places.keys() - rows.keys():
        problem = f"exchange {exchange} is in the file and not in the store; `archiver rebuild` mends it"
        yield Finding(checked.file, checked.places[exchange][0], problem)

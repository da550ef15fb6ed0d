"""Checking everything and trusting no column: the WARC files against the standard, the store against the WARC files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from archiver.ledger import seals
from archiver.ledger.notes import Verifier
from archiver.services.inspection import Checked, Finding, check
from archiver.services.seal import statement_of
from archiver.store import captures
from archiver.store.engine import Store
from archiver.warc.names import OPEN, PUSHED, relative, segments
from archiver.warc.validator import unresolved

__all__ = ["Finding", "Progress", "verify"]

Progress = Callable[[int, int], None]

_SMALL_BYTES = 16 * 10**6
"""WARC files that are smaller together are checked sooner than another process has started."""


def verify(
    store: Store, folder: Path, *, full: bool, workers: int | None = None, progress: Progress,
    verifier: Verifier | None = None,
) -> Iterator[Finding]:  # fmt: skip
    """All findings. Without ``full`` a sealed file whose digest is the one recorded at sealing is not opened again.

    With ``full`` each revisit record must also lead to its original, which may lie in another file.

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
    jobs = [(str(folder), file, None if full or file not in sealed else sealed[file].sha256) for file in present]
    workers = min(workers or os.cpu_count() or 1, max(len(jobs), 1))  # all of them are started at once
    if sum(map(_size_of, paths)) < _SMALL_BYTES:
        workers = 1
    with _mapping(workers) as mapped:
        for done, checked in enumerate(mapped(check, jobs), start=1):
            yield from checked.faults
            if file_digest := sealed.get(checked.file):
                yield from _seal_faults(checked, file_digest.sha256)
            unchanged = file_digest is not None and file_digest.sha256 == checked.sha256
            if checked.file.split("/")[1] == PUSHED:
                yield from _delivery_faults(store, checked) if full or not unchanged else ()
            elif checked.places or checked.file not in sealed:
                yield from _store_faults(store, checked)
            yield from _adoption_faults(store, checked)
            progress(done, len(present))
    if full:
        for one in unresolved(folder):
            yield Finding(one.file, one.offset, one.problem, one.expected, one.found)


Job = tuple[str, str, str | None]
"""What `check` is given: the WARC folder, a file's name, the digest at which it need not be opened."""

_Mapping = Callable[[Callable[[Job], Checked], Sequence[Job]], Iterator[Checked]]


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # sealed in this moment
        return 0


@contextmanager
def _mapping(workers: int) -> Iterator[_Mapping]:
    """What checks the files: this process, or several others."""
    if workers == 1:
        yield map
        return
    with ProcessPoolExecutor(max_workers=workers, mp_context=get_context("spawn")) as pool:
        yield pool.map


def _unsigned(sealed: Mapping[str, captures.SealedRow], closed: Iterable[str], verifier: Verifier) -> Iterator[Finding]:
    """Sealed files without a signed statement of just what the store says of them."""
    for row in sealed.values():
        problem = seals.fault(row.statement, statement_of(row), verifier)
        if problem is not None:
            yield Finding(row.file, None, problem)
    for file in sorted(set(closed) - set(sealed)):
        yield Finding(file, None, "it is sealed, and the store has no entry of its sealing")


def _seal_faults(checked: Checked, expected: str) -> Iterator[Finding]:
    if checked.sha256 != expected:
        yield Finding(checked.file, None, "the sealed file was changed", expected, checked.sha256)


def _delivery_faults(store: Store, checked: Checked) -> Iterator[Finding]:
    """The deliveries that the store says were read, against the file. That others were not is no fault: they wait."""
    with store.read() as conn:
        rows = captures.pushed_places(conn, checked.file)
    for offset, told in rows.items():
        held = checked.deliveries.get(offset)
        if held is None:
            yield Finding(checked.file, offset, "a delivery is in the store and not in the file")
        elif held != told:
            yield Finding(checked.file, offset, "a delivery is not what the store says", str(told), str(held))


def _adoption_faults(store: Store, checked: Checked) -> Iterator[Finding]:
    """Deliveries that were read for an account, and that the store does not have."""
    with store.read() as conn:
        missing = set(checked.adopted) - captures.known_ids(conn, checked.adopted) if checked.adopted else set()
    for exchange in sorted(missing):
        yield Finding(
            checked.file, None, f"what {exchange} says was read is not in the store; `archiver rebuild` mends it"
        )


def _store_faults(store: Store, checked: Checked) -> Iterator[Finding]:
    """The store's exchanges of this file against what the file holds, both ways."""
    with store.read() as conn:
        rows = captures.places(conn, checked.file)
    whole = set(checked.places.values())
    for exchange, place in rows.items():
        held = checked.places.get(exchange)
        if held is None and place in whole:
            continue  # read out of a data download, which lies there
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

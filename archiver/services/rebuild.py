"""Making the captured half of the store again from the WARC files, or comparing the two (records rule R4)."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from archiver.domain.disposal import Tombstone
from archiver.domain.expungement import Marks
from archiver.errors import EvidenceDamaged
from archiver.services.replay import Replayed, replay_all
from archiver.store import accounts, captures, spending, tasks, tombstones, transfer
from archiver.store.compare import Difference, differences
from archiver.store.decisions import disposals, stops
from archiver.store.engine import Store, create_scratch

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Compared:
    """The outcome of a comparison: what was replayed, and where store and WARC differ."""

    replayed: Replayed
    differences: list[Difference] = field(default_factory=list)


def check(store: Store, folder: Path, scratch_dir: Path, at: datetime, *, progress: Progress) -> Compared:
    """Replay everything into a second store and compare; the first is only read."""
    with second_store(store, scratch_dir, at) as second:
        replayed = replay_all(second, folder, progress=progress)
        return Compared(replayed, list(differences(store, second)))


def rebuild(store: Store, folder: Path, scratch_dir: Path, at: datetime, *, progress: Progress) -> Replayed:
    """Replay everything into a second store, then take its captured half over in one transaction.

    A stop on the way leaves the store as it was. The work ahead (tasks, limits, runs) and what people decided
    stays; tasks that the store had lost are planned anew. Raises EvidenceDamaged, and the store stays as it was,
    where it cites exchanges that the WARC files no longer tell.
    """
    with second_store(store, scratch_dir, at) as second:
        replayed = replay_all(second, folder, progress=progress)
        _lose_nothing(store, second)
        with store.begin() as conn:
            transfer.take_over_captured(conn, second)
            with second.read() as told:
                spending.at_least(conn, spending.rows(told))
            tasks.replan(conn, at)
            stops.cover_all(conn, at)
        return replayed


def _lose_nothing(store: Store, second: Store) -> None:
    with store.read() as ours, second.read() as theirs:
        lost = [
            f"{file} ({count})"
            for file in sorted(captures.cited_files(ours))
            if (count := len(captures.places(ours, file).keys() - captures.places(theirs, file).keys()))
        ]
    if lost:
        raise EvidenceDamaged(
            f"The store knows exchanges that can't be read any more in {', '.join(lost)}; it stays as it was.",
            advice="Run `archiver verify --full` for the list of findings, restore these files from a backup, "
            "then rebuild.",
        )


@contextmanager
def second_store(
    store: Store, scratch_dir: Path, at: datetime, more: Sequence[Tombstone] = (), marks: Marks | None = None
) -> Iterator[Store]:
    """An empty store with the same accounts, and with tombstones of what was disposed of, and of ``more``.

    ``marks`` take the place of names: what a court had expunged keeps no tombstone of its own, nor a place in others'.
    """
    scratch_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch_dir, prefix="rebuild-") as folder:
        second = create_scratch(Path(folder) / "scratch.sqlite")
        try:
            with store.read() as conn, second.begin() as other:
                for account in accounts.listed(conn):
                    accounts.register(other, [accounts.unlearned(account)], at)
                stones = list(disposals.stones(conn))
                if marks is not None:
                    stones = [marks.value(one) for one in stones if one.record not in marks.keys]
                tombstones.seed(other, [*stones, *more])  # what was disposed of does not come back
            yield second
        finally:
            second.dispose()

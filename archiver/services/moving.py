"""Moving the store to another database, with what people decided (docs/decisions/0088-moving-the-store.md).

Everything goes into the new database in one transaction, which also compares it with the old one, row by row: a stop
at any point leaves the new one empty and the old one as it was.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from archiver.domain.acting import Actor
from archiver.errors import EvidenceDamaged, OperatorError, UsageError
from archiver.services import left_behind
from archiver.services.left_behind import Move
from archiver.services.rebuild import Progress, second_store
from archiver.services.replay import replay_all
from archiver.store import Connection, compare, copying, moving, portable, transfer
from archiver.store.compare import Difference
from archiver.store.decisions import audit, disposals
from archiver.store.decisions.audit import Act
from archiver.store.engine import Store, shown
from archiver.store.portable import Fingerprint

ACT = "store move"


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved. ``told`` is of the half that no WARC file can give back.

    ``before`` says that an earlier call moved it, which was stopped before it could say so.
    """

    left: str
    to: str
    records: int
    told: Fingerprint
    before: bool = False


def move(
    source: Store, target: str, *, storage: Path, data_dir: Path, by: Actor, at: datetime, progress: Progress
) -> Moved:  # fmt: skip
    """Bring the store into the database ``target``, which must be empty; whoever opens the old one is refused then.

    Nobody may capture meanwhile: the caller has the lock of the data folder. Raises UsageError, EvidenceDamaged and
    OperatorError; the new database has no row then.
    """
    if shown(target) == source.url:
        raise UsageError(f"The store is at {source.url} already.", advice="Name another database with --to.")
    scratch = data_dir / "spool" / "move"
    shutil.rmtree(scratch, ignore_errors=True)  # of a call that was stopped
    new = moving.open_target(target)
    try:
        moved = _finished_before(source, new)
        noted = Move(source.url, new.url, at.astimezone(UTC).isoformat())
        if moved is None:
            _require_settled(source)
            left_behind.begin(data_dir, noted)
            moved = _moved(source, new, storage, scratch, by, at, progress)
    finally:
        new.dispose()
        shutil.rmtree(scratch, ignore_errors=True)
    left_behind.end(data_dir, noted)
    return moved


def _finished_before(source: Store, new: Store) -> Moved | None:
    """What an earlier call moved that was stopped before it could say so; None where the new store is empty.

    Raises UsageError where it holds something else.
    """
    with source.read() as ours, new.read() as theirs:
        if moving.is_empty(theirs):
            return None
        told = portable.fingerprint(ours)
        arrived = [one.act == ACT and one.details.get("sha256") == told.sha256 for one in audit.rows(theirs)][-1:]
        if arrived != [True] or any(compare.between(ours, theirs)):
            raise UsageError(
                f"{new.url} is not empty, and a move never writes over an archive.",
                advice="Make a new database, or empty this one with the database's own tools.",
            )
        return Moved(source.url, new.url, copying.counts(theirs)["items"], told, before=True)


def _moved(
    source: Store, new: Store, storage: Path, scratch: Path, by: Actor, at: datetime, progress: Progress
) -> Moved:  # fmt: skip
    with second_store(source, scratch, at) as second:
        replayed = replay_all(second, storage, progress=progress)
        if replayed.unread:
            raise EvidenceDamaged(
                f"Not all captures can be read: {replayed.unread[0]}.", advice="Run `archiver verify --full`."
            )
        with source.begin() as ours, new.begin() as theirs:
            moving.hold_still(ours)
            with second.read() as captured:
                _require_same(compare.between(ours, captured), "The store is not what the WARC files tell")
            portable.read(theirs, portable.lines(ours))
            transfer.take_over_captured(theirs, second)
            told = _compared(ours, theirs)
            details = {"from": source.url, "to": new.url, "rows": told.rows, "sha256": told.sha256}
            audit.add(theirs, Act(at, by, ACT, "store", details=details))
            return Moved(source.url, new.url, copying.counts(theirs)["items"], told)


def _require_settled(source: Store) -> None:
    with source.read() as conn:
        if disposals.unfinished(conn):
            raise OperatorError(
                "A disposal is not finished.", advice="Run `archiver seal`, which finishes it, then this command again."
            )


def _compared(ours: Connection, theirs: Connection) -> Fingerprint:
    """Raises OperatorError unless both hold the same, in both halves."""
    told, arrived = portable.fingerprint(ours), portable.fingerprint(theirs)
    if told != arrived:
        raise OperatorError(
            f"What people decided would not be the same: {told.rows} rows ({told.sha256}), and {arrived.rows} "
            f"({arrived.sha256}) in the new database. Nothing was moved.",
            advice="Report this.",
        )
    _require_same(compare.between(ours, theirs), "The captured half would not be the same")
    return told


def _require_same(differences: Iterable[Difference], sentence: str) -> None:
    found = list(islice(differences, 1))
    if found:
        raise OperatorError(
            f"{sentence}: {found[0]}. Nothing was moved.",
            advice="Run `archiver seal`, then `archiver rebuild --check`; `archiver rebuild` mends the store.",
        )

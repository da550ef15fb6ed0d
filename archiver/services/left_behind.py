"""The stores that an archive had before it was moved to another database: nobody works on with one by mistake.

A file in the data folder tells of them, since the old store itself is not written to any more.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from archiver.errors import OperatorError
from archiver.warc.storage import disk, sync_folder

FILE = ".moved"


@dataclass(frozen=True, slots=True)
class Move:
    """From where to where the store was moved; addresses without passwords. ``at`` is ISO 8601 in UTC.

    Until it is ``done`` the archive is where it was, and what was begun may lie in the files of the new store.
    """

    left: str
    to: str
    at: str
    done: bool = False


def begin(data_dir: Path, move: Move) -> None:
    """Take note of a move before the new store gets its first row."""
    _write(data_dir, [*_others(data_dir, move), replace(move, done=False)])


def end(data_dir: Path, move: Move) -> None:
    """Take note that the archive is in the new store from now on."""
    _write(data_dir, [*_others(data_dir, move), replace(move, done=True)])


def read(data_dir: Path) -> tuple[Move, ...]:
    """All moves, the last one at the end; none where the store is where it was first. Raises OperatorError."""
    path = data_dir / FILE
    if not path.exists():
        return ()
    try:
        return tuple(Move(**one) for one in json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise OperatorError(
            f"{path} can't be read: {error}.", advice="Delete it if you know where the store is."
        ) from None


def require_not_left(data_dir: Path, database: str) -> None:
    """Raises OperatorError where this is a store that was left. ``database`` is without a password."""
    done = [one for one in read(data_dir) if one.done]
    if done and database != done[-1].to and any(one.left == database for one in done):
        raise OperatorError(
            f"The store was moved to {done[-1].to}; this one has nothing of what came since.",
            advice=f'Write database = "{done[-1].to}" into [archive] of the configuration.',
        )


def require_gone(data_dir: Path, database: str) -> None:
    """Raises OperatorError while a file of another store still holds what a disposal is to destroy (R30).

    ``database`` is the archive's, without a password.
    """
    found = [path for address in _elsewhere(data_dir, database) for path in _files(address)]
    if found:
        raise OperatorError(
            "A store that was left at a move, or begun for one, is still there, with all that is to go: "
            f"{', '.join(map(str, found))}.",
            advice="Delete it, then run this command again.",
        )


def _elsewhere(data_dir: Path, database: str) -> list[str]:
    return sorted({address for one in read(data_dir) for address in (one.left, one.to)} - {database})


def _files(address: str) -> list[Path]:
    if not address.startswith("sqlite:///"):
        return []
    path = Path(address.removeprefix("sqlite:///"))
    return [one for one in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))) if one.exists()]


def _others(data_dir: Path, move: Move) -> list[Move]:
    """All but the same move, where that was begun and not done."""
    return [one for one in read(data_dir) if one.done or (one.left, one.to) != (move.left, move.to)]


def _write(data_dir: Path, moves: list[Move]) -> None:
    path = data_dir / FILE
    draft = path.with_name(FILE + ".draft")
    with disk(path):
        with draft.open("w", encoding="utf-8") as file:
            json.dump([asdict(one) for one in moves], file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(data_dir)

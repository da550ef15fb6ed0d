"""The store that an archive had before it was moved to another database: nobody works on with it by mistake.

A file in the data folder tells of it, since the old store itself is not written to any more.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from archiver.errors import OperatorError
from archiver.warc.storage import disk, sync_folder

FILE = ".moved"


@dataclass(frozen=True, slots=True)
class Left:
    """From where to where the store was moved last; addresses without passwords. ``at`` is ISO 8601 in UTC."""

    left: str
    to: str
    at: str


def write(data_dir: Path, left: Left) -> None:
    """Take note of a move, in the place of the one before."""
    path = data_dir / FILE
    draft = path.with_name(FILE + ".draft")
    with disk(path):
        with draft.open("w", encoding="utf-8") as file:
            json.dump(asdict(left), file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(data_dir)


def read(data_dir: Path) -> Left | None:
    """The last move; None where the store is where it was first."""
    path = data_dir / FILE
    if not path.exists():
        return None
    try:
        return Left(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise OperatorError(
            f"{path} can't be read: {error}.", advice="Delete it if you know where the store is."
        ) from None


def require_not_left(data_dir: Path, database: str) -> None:
    """Raises OperatorError where this is the store that was left. ``database`` is without a password."""
    told = read(data_dir)
    if told is not None and told.left == database:
        raise OperatorError(
            f"The store was moved to {told.to}; this one has nothing of what came since.",
            advice="Correct `database` in [archive] of the configuration.",
        )


def require_gone(data_dir: Path) -> None:
    """Raises OperatorError while the file of the old store still holds what a disposal is to destroy (R30)."""
    told = read(data_dir)
    if told is None or not told.left.startswith("sqlite:///"):
        return
    path = Path(told.left.removeprefix("sqlite:///"))
    found = [one for one in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))) if one.exists()]
    if found:
        raise OperatorError(
            f"The store from before the move is still there, with all that is to go: {', '.join(map(str, found))}.",
            advice="Delete it, then run this command again.",
        )

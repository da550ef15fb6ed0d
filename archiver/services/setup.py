"""Making an archive: its configuration, its key and its empty store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.errors import OperatorError
from archiver.ledger import keys
from archiver.services import left_behind
from archiver.store.engine import revision, shown, upgrade

if TYPE_CHECKING:
    from archiver.config import Settings


def make(settings: Settings, text: str) -> None:
    """Write the configuration (only its owner can read it), the archive's key and an empty store."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys.signer(settings.keys, settings.archive.name)
    bring_store_up(settings)
    descriptor = os.open(settings.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def append(path: Path, text: str) -> None:
    """Put text at the end of a file that is there, whose owner and permissions stay. Raises OperatorError."""
    try:
        with path.open("a", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OperatorError(
            f"{path} can't be written to: {error.strerror}.", advice="Run this as a user who may edit it."
        ) from error


def bring_store_up(settings: Settings) -> tuple[str | None, str | None]:
    """The store at this program's schema; what it was at before, and is at now."""
    left_behind.require_not_left(settings.data_dir, shown(settings.database))
    if settings.database.startswith("sqlite:///"):
        Path(settings.database.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    before = revision(settings.database)
    upgrade(settings.database)
    return before, revision(settings.database)

"""What a backup folder looks like, and the manifest of a backup.

::

    <folder>/warc/<account>/<class>/*.warc.gz       sealed WARC files, each once for all backups
    <folder>/disposals/                             destruction lists, for the restore of an older backup
    <folder>/<name>/manifest.json                   a backup; it is whole when this name is there
    <folder>/<name>/store.sqlite, config.toml, keys/, moderation/, warc/<account>/<class>/*.warc.gz.open

A backup is written as ``.<name>.part`` and renamed as the last step; one that is deleted is first renamed to
``.<name>.gone``.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from archiver.domain.acting import Actor
from archiver.domain.moderation import KEPT_FOLDER
from archiver.errors import NotFound, OperatorError, UsageError

FORMAT = "archiver backup v1"
MANIFEST, CONFIG, KEYS, WARC, DISPOSALS = "manifest.json", "config.toml", "keys", "warc", "disposals"
PART, GONE = ".part", ".gone"
MARK = ".restoring"
"""A file in a data folder that is being restored; it holds the backup's name."""
_NAME = re.compile(r"\d{8}T\d{6}Z(-\d+)?")
_PATH = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")


class Role(StrEnum):
    """What a file of a backup is."""

    SEALED = "sealed"
    OPEN = "open"
    ASIDE = "aside"
    STORE = "store"
    KEY = "key"
    KEPT = "kept"
    CONFIG = "config"


SHARED = frozenset({Role.SEALED, Role.ASIDE})
"""What lies beside the backups, once for all of them, since it never changes."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a backup. ``path`` is relative to the folder of its kind: of WARC files, of keys, of the backup."""

    role: Role
    path: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. ``made_at`` is aware, UTC; ``schema`` and ``counts`` are the store's at that moment.

    ``key`` is the archive's public key, ``disposals`` names the destruction lists that were carried out before it,
    ``damaged`` the sealed files that the archive no longer had as they were sealed.
    """

    name: str
    archive: str
    key: str
    made_at: datetime
    by: Actor
    software: str
    schema: str
    keep_days: int
    counts: dict[str, int]
    parts: tuple[Part, ...]
    disposals: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()

    @property
    def size_bytes(self) -> int:
        """The bytes of all its files."""
        return sum(one.size_bytes for one in self.parts)

    @property
    def records(self) -> int:
        """How many records it holds."""
        return self.counts.get("items", 0)

    @property
    def store(self) -> Part:
        """The copy of the store."""
        return next(one for one in self.parts if one.role is Role.STORE)

    def text(self) -> str:
        """As it is written."""
        document = {"format": FORMAT, "secrets": SECRETS} | asdict(self)
        document["made_at"] = self.made_at.astimezone(UTC).isoformat()
        return json.dumps(document, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """From that text; raises ValueError where it is none, or names a file that could lie outside."""
        told: dict[str, Any] = json.loads(text)
        if told.pop("format", None) != FORMAT:
            raise ValueError("it is no manifest of a backup")
        told.pop("secrets", None)
        parts = tuple(Part(**one | {"role": Role(one["role"])}) for one in told.pop("parts"))
        for one in parts:
            if not _PATH.fullmatch(one.path) or {".", ".."} & set(one.path.split("/")):
                raise ValueError(f"it names the file {one.path!r}")
        found = cls(
            **told | {"made_at": datetime.fromisoformat(told["made_at"]), "by": Actor(**told["by"]), "parts": parts}
            | {name: tuple(told[name]) for name in ("disposals", "damaged")},
        )  # fmt: skip
        if sum(one.role is Role.STORE for one in parts) != 1:
            raise ValueError("it names no store, or two")
        return found


SECRETS = "none: tokens, passwords and the files that hold them are not in a backup; set them up again after a restore"


@dataclass(frozen=True, slots=True)
class Backup:
    """A whole backup on disk. ``sha256`` is its manifest's."""

    folder: Path
    manifest: Manifest
    sha256: str

    def place(self, part: Part) -> Path:
        """Where a file of it lies."""
        match part.role:
            case Role.SEALED | Role.ASIDE:
                return self.folder.parent / WARC / part.path
            case Role.OPEN:
                return self.folder / WARC / part.path
            case Role.KEY:
                return self.folder / KEYS / part.path
            case Role.KEPT:
                return self.folder / KEPT_FOLDER / part.path
        return self.folder / part.path


def name_at(at: datetime, root: Path) -> str:
    """The name of a backup that is made now, one that the folder does not have yet."""
    stem = f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    names = (stem if count == 0 else f"{stem}-{count}" for count in range(10_000))
    return next(name for name in names if not (root / name).exists())


def names_in(root: Path) -> list[str]:
    """The whole backups of a folder, oldest first."""
    found = [one.name for one in root.iterdir() if _NAME.fullmatch(one.name)] if root.is_dir() else []
    return sorted(name for name in found if (root / name / MANIFEST).is_file())


def in_folder(root: Path) -> tuple[list[Backup], tuple[str, ...]]:
    """All of them, oldest first, and the names of those whose manifest can't be read."""
    found: list[Backup] = []
    unreadable: list[str] = []
    for name in names_in(root):
        try:
            found.append(opened(root / name))
        except OperatorError:
            unreadable.append(name)
    return found, tuple(unreadable)


def opened(folder: Path) -> Backup:
    """A backup by its folder; of a folder of backups the newest one. Raises NotFound and OperatorError."""
    folder = folder.absolute()
    if not (folder / MANIFEST).is_file():
        names = names_in(folder)
        if not names:
            half = folder.name.endswith(PART) and folder.is_dir()
            advice = "It was interrupted; make another one." if half else "Name the folder of one, as `backup` said it."
            raise NotFound(f"There is no whole backup at {folder}.", advice=advice)
        folder /= names[-1]
    try:
        data = (folder / MANIFEST).read_bytes()
        return Backup(folder, Manifest.parse(data.decode()), hashlib.sha256(data).hexdigest())
    except OSError as error:
        raise OperatorError(f"{folder / MANIFEST} can't be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise OperatorError(
            f"{folder / MANIFEST} is damaged: {error}.", advice="Take another backup of that folder."
        ) from error


def require_ours(root: Path, key: str) -> None:
    """Raises UsageError where the folder holds the backups of another archive."""
    for one in in_folder(root)[0]:
        if one.manifest.key != key:
            raise UsageError(
                f"{root} holds backups of another archive, {one.manifest.archive}.", advice="Name a folder of its own."
            )

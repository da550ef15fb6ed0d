"""The zips that a person hands in: found, hashed and looked through before anything of them is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from archiver.errors import DownloadRefused, UsageError

Progress = Callable[[str, int, int], None]
"""Is told what is being done, and how many of how many bytes of it are; may raise to stop it."""
_PIECE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Given:
    """A zip as it was handed in: its path, digest (hex) and size."""

    path: Path
    sha256: str
    size_bytes: int

    def open(self) -> BinaryIO:
        """Its bytes."""
        return self.path.open("rb")


def given(paths: Sequence[Path], progress: Progress) -> list[Given]:
    """The files, each with its digest. Raises UsageError for what is no file, and where one is given twice."""
    for path in paths:
        _refuse_what_is_no_file(path)
    total, done = sum(path.stat().st_size for path in paths), 0
    found: list[Given] = []
    for path in paths:
        digest, size = hashlib.sha256(), 0
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE_BYTES):
                digest.update(piece)
                size += len(piece)
                progress("hashing", done + size, total)
        done += size
        found.append(Given(path, digest.hexdigest(), size))
    if len({one.sha256 for one in found}) < len(found):
        raise UsageError("One of the files is given twice.", advice="Name each part of the download once.")
    return found


def _refuse_what_is_no_file(path: Path) -> None:
    if path.is_dir():
        raise UsageError(
            f"{path} is a folder.",
            advice="Give the zip as the platform made it: unpacked files prove nothing. Is it lost, ask for it again.",
        )
    if not path.is_file():
        raise UsageError(f"There is no file {path}.", advice="Name the zip files of the download.")
    try:
        with path.open("rb") as stream:
            begin = stream.read(2)
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}.") from error
    if begin == b"\x1f\x8b":
        raise DownloadRefused(
            f"{path.name} is a .tgz; nothing of it was kept.", advice="Ask the platform for the download as .zip."
        )

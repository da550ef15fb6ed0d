"""Copying a file so that it is at its place whole and on disk, or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from archiver.warc.segment import file_digest
from archiver.warc.storage import disk, sync_folder, write_all

_PIECE_BYTES = 1024 * 1024
DRAFT = ".draft"
"""What the name of a file ends in that is being copied."""

Moved = Callable[[int], None]
"""Is told of so many more bytes that were copied or checked."""


def copy(source: BinaryIO, target: Path, *, mode: int, length: int | None = None, moved: Moved) -> tuple[str, int]:
    """Copy a stream, or its first ``length`` bytes; SHA-256 and size of what was written. Raises StorageFull."""
    make_folder(target.parent)
    draft = target.with_name(target.name + DRAFT)
    digest, size = hashlib.sha256(), 0
    with disk(target):
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            while piece := source.read(_PIECE_BYTES if length is None else min(_PIECE_BYTES, length - size)):
                write_all(descriptor, piece)
                digest.update(piece)
                size += len(piece)
                moved(len(piece))
            os.fsync(descriptor)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)
        draft.replace(target)
        sync_folder(target.parent)
    return digest.hexdigest(), size


def holds(path: Path, sha256: str, size_bytes: int, moved: Moved) -> bool:
    """Whether a file is there with just this content."""
    try:
        if path.stat().st_size != size_bytes:
            return False
        found, size = file_digest(path)
    except OSError:
        return False
    moved(size)
    return found == sha256


def make_folder(folder: Path) -> None:
    """A folder that only its owner can look into, and those above it. Raises OperatorError."""
    with disk(folder):
        for one in reversed([folder, *folder.parents]):
            if not one.exists():
                one.mkdir(mode=0o700, exist_ok=True)
                sync_folder(one.parent)

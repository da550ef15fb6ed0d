"""Writing an export so that it is there whole or not at all.

Everything is written under a temporary name beside its place, flushed to the disk, and renamed as the last step.
What is in the way stays unless the person said ``force``, and a folder is only ever replaced when it holds an export.
"""

from __future__ import annotations

import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archiver.errors import OperatorError, UsageError
from archiver.exports.dataset import MediaMode
from archiver.warc.storage import disk, disk_error, sync_folder

MARK = "about.csv"
"""The file by which a folder is known to be an export."""


def check_free(path: Path, *, force: bool, is_ours: bool) -> None:
    """Raises UsageError when something stands at ``path`` that may not be replaced.

    ``is_ours``: what stands there is of the kind that is going to be written.
    """
    if not os.path.lexists(path):
        return
    if not is_ours:
        what = "a folder" if path.is_dir() else "not an export"
        raise UsageError(f"{path} is {what} and is not replaced.", advice="Name another place.")
    if not force:
        raise UsageError(f"{path} is already there.", advice="Name another place, or say --force to replace it.")


@contextmanager
def new_file(path: Path, *, force: bool) -> Iterator[Path]:
    """A temporary path that becomes ``path`` when the block ends well."""
    check_free(path, force=force, is_ours=not path.is_dir())
    parent = _parent(path)
    temporary = parent / f".{path.name}.{uuid.uuid4().hex[:8]}.part"
    try:
        with disk(path):
            yield temporary
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
            if not force and os.path.lexists(path):  # it came while we wrote
                check_free(path, force=False, is_ours=not path.is_dir())
            temporary.replace(path)
            sync_folder(parent)
    finally:
        for rest in (temporary, temporary.with_name(temporary.name + "-journal")):
            rest.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path, *, force: bool, is_ours: bool) -> Iterator[Path]:
    """A temporary folder that becomes ``path`` when the block ends well. ``is_ours``: one there may be replaced."""
    check_free(path, force=force, is_ours=is_ours and path.is_dir() and not path.is_symlink())
    parent = _parent(path)
    serial = uuid.uuid4().hex[:8]
    temporary, old = parent / f".{path.name}.{serial}.part", parent / f".{path.name}.{serial}.old"
    try:
        with disk(path):
            temporary.mkdir()
            yield temporary
            _sync_tree(temporary)
            if path.exists():
                check_free(path, force=force, is_ours=is_ours)
                path.rename(old)
            try:
                temporary.rename(path)
            except OSError:
                if old.exists():
                    old.rename(path)
                raise
            sync_folder(parent)
    finally:
        for rest in (temporary, old):
            shutil.rmtree(rest, ignore_errors=True)


def check_beside(media: MediaMode | None, name: str) -> None:
    """Raises UsageError where contents of media are wanted inside a format that can't hold them."""
    if media is MediaMode.INLINE:
        raise UsageError(f"{name} holds no pictures and videos inside.", advice="Use --media files or --media none.")


def is_export_folder(path: Path) -> bool:
    """Whether a folder holds a CSV export, or nothing."""
    return path.is_dir() and (not any(path.iterdir()) or (path / MARK).is_file())


def full(path: Path) -> OperatorError:
    """The error of a disk that is full."""
    return disk_error(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), path)


def _parent(path: Path) -> Path:
    parent = path.absolute().parent
    with disk(parent):
        parent.mkdir(parents=True, exist_ok=True)
    return parent


def _sync_tree(folder: Path) -> None:
    for root, _, files in os.walk(folder):
        for name in files:
            with (Path(root) / name).open("rb") as file:
                os.fsync(file.fileno())
        sync_folder(Path(root))

"""The end of backups: after their maximum age they are gone, with the WARC files that no other backup holds (R30)."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from archiver.services.backup import layout
from archiver.services.backup.files import DRAFT
from archiver.services.backup.layout import SHARED
from archiver.warc.storage import disk, sync_folder


def clear(root: Path) -> None:
    """Remove what an interrupted call left: half backups, half deleted ones, half copied files."""
    for one in [*root.glob(f".*{layout.PART}"), *root.glob(f".*{layout.GONE}")]:
        shutil.rmtree(one, ignore_errors=True)
    for draft in (root / layout.WARC).rglob(f"*{DRAFT}"):
        draft.unlink(missing_ok=True)


def expire(root: Path, before: datetime) -> tuple[str, ...]:
    """Delete the backups that were made before a moment, but never the newest one; the names of those deleted.

    Where a manifest can't be read, nothing is deleted of the WARC files that it might name.
    """
    found, unreadable = layout.in_folder(root)
    old = [one for one in found[:-1] if one.manifest.made_at < before]
    for one in old:
        gone = root / f".{one.folder.name}{layout.GONE}"
        with disk(one.folder):
            one.folder.rename(gone)  # from here on it does not look whole
            sync_folder(root)
            shutil.rmtree(gone)
    if unreadable:
        return tuple(one.folder.name for one in old)
    _sweep(root, {part.path for one in found if one not in old for part in one.manifest.parts if part.role in SHARED})
    return tuple(one.folder.name for one in old)


def _sweep(root: Path, cited: set[str]) -> None:
    """Delete the WARC files that no backup holds any more."""
    pool = root / layout.WARC
    for path in pool.rglob("*"):
        if path.is_file() and path.relative_to(pool).as_posix() not in cited:
            with disk(path):
                path.unlink()

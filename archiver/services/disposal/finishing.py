"""What is left to be done after a disposal's transaction: files into place, old ones away, the database written anew.

Each step can be taken again, so that a run that was stopped at any of them is finished at the next start. A folder of
a disposal that was never committed is an attempt, and goes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import structlog

from archiver.domain.disposal import Rewritten
from archiver.errors import EvidenceDamaged
from archiver.services.disposal.staging import FOLDER, new_files
from archiver.store.decisions import disposals, moderation
from archiver.store.decisions.disposals import Run
from archiver.store.engine import Store
from archiver.warc.segment import file_digest
from archiver.warc.storage import disk, sync_folder

log = structlog.get_logger()

LISTS = "disposals"
"""Below the data folder, and beside the backups: the signed lists, a file each."""

EXPORTS = "exports"
"""Below the data folder: exports that the archive keeps."""

_SPOOL = "spool"
_LIST_MODE = 0o444


def finish(store: Store, storage: Path, data_dir: Path, at: datetime, *, backups: Path | None = None) -> list[str]:
    """Do what runs left to be done; the names of those that are finished now. Raises EvidenceDamaged, StorageFull."""
    with store.read() as conn:
        todo = disposals.unfinished(conn)
        files = {run.name: disposals.replaced(conn, run.name) for run in todo}
        shown = moderation.files_about(conn, disposals.names_gone(conn)) if todo else set()
        every = disposals.runs(conn) if todo else []
    if todo:
        store.sync()  # what is deleted below can't be had again
    for run in todo:
        _files_into_place(storage, new_files(data_dir, run.name), files[run.name])
        _clear_away(data_dir, storage, shown)
    for run in every:  # an expungement takes names out of earlier lists
        _keep_list(run, data_dir, backups)
    if todo:
        store.wipe()
        with store.begin() as conn:
            for run in todo:
                disposals.end(conn, run.name, at)
                log.info("disposal finished", disposal=run.name)
    _drop_attempts(data_dir)
    return [run.name for run in todo]


def kept_exports(data_dir: Path) -> tuple[str, ...]:
    """The exports that the archive keeps, relative to their folder."""
    folder = data_dir / EXPORTS
    return tuple(sorted(str(path.relative_to(folder)) for path in _files_below(folder)))


def _files_into_place(storage: Path, waiting: Path, files: list[Rewritten]) -> None:
    """The new files first, then the old ones away: no reader finds neither."""
    for one in files:
        if one.new is None:
            continue
        new, place = waiting / one.new, storage / one.new
        if new.exists():
            _move(new, place)
        elif not place.exists() or file_digest(place)[0] != one.new_sha256:
            raise EvidenceDamaged(f"The WARC file {one.new}, which a disposal wrote, is not there any more.")
    for one in files:
        old = storage / one.file
        old.unlink(missing_ok=True)
        if old.parent.is_dir():
            sync_folder(old.parent)


def _move(source: Path, target: Path) -> None:
    """Into place, whole or not at all, to another disk too."""
    with disk(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            source.rename(target)
        except OSError:
            part = target.with_name(target.name + ".part")
            shutil.copy2(source, part)
            with part.open("rb") as copied:
                os.fsync(copied.fileno())
            part.rename(target)
            source.unlink()
        sync_folder(target.parent)


def _clear_away(data_dir: Path, storage: Path, shown: Iterable[str]) -> None:
    """Kept exports, what lies in the spool, and ends of captures that a crash tore off: all may hold what went.

    ``shown`` are files that people handed in to show it: screenshots of what was taken away.
    """
    for name in shown:
        (data_dir / name).unlink(missing_ok=True)
    for path in _files_below(data_dir / EXPORTS):
        path.unlink()
    for path in (data_dir / _SPOOL).glob("*") if (data_dir / _SPOOL).is_dir() else ():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in storage.glob("*/*/*.torn-*"):
        path.unlink()


def _files_below(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() or path.is_symlink()) if folder.is_dir() else iter(())


def _keep_list(run: Run, data_dir: Path, backups: Path | None) -> None:
    """The signed list as a file, so that an older backup that is restored can be brought up to date (R36)."""
    for above in (data_dir, backups):
        if above is None or not above.is_dir():
            continue
        folder = above / LISTS
        folder.mkdir(exist_ok=True)
        path = folder / f"{run.name}.txt"
        if path.exists() and path.read_text(encoding="utf-8") == run.note:
            continue
        part = path.with_name(path.name + ".part")
        part.unlink(missing_ok=True)
        with disk(part), part.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(run.note)
            stream.flush()
            os.fsync(stream.fileno())
        part.chmod(_LIST_MODE)
        part.rename(path)
        sync_folder(folder)


def _drop_attempts(data_dir: Path) -> None:
    """Folders in which files were made; what had to go into its place is there by now."""
    folder = data_dir / FOLDER
    if folder.is_dir():
        shutil.rmtree(folder)

"""Getting an archive back from a backup: everything is checked first, then copied, and only then may it be used.

While files are copied the data folder has a mark, by which every command refuses it, and by which the same restore
goes on after a stop.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from archiver.domain.disposal import Certificate
from archiver.domain.moderation import KEPT_FOLDER
from archiver.errors import EvidenceDamaged, OperatorError, UsageError
from archiver.ledger.notes import Verifier
from archiver.services.backup import layout
from archiver.services.backup.files import DRAFT, copy, holds, make_folder
from archiver.services.backup.layout import MARK, Backup, Part, Role
from archiver.services.backup.making import Places, lists_in
from archiver.warc.storage import disk, sync_folder

_MODES = {Role.SEALED: 0o444, Role.ASIDE: 0o444, Role.OPEN: 0o644, Role.STORE: 0o600, Role.KEY: 0o600, Role.KEPT: 0o600}
_UNINTERESTING = frozenset({".lock", ".listen.lock", MARK, layout.DISPOSALS})

Progress = Callable[[int, int], None]


def check(backup: Backup, *, progress: Progress) -> None:
    """Raises EvidenceDamaged unless each file of the backup is there and has its digest. Nothing is written."""
    done, damaged = 0, list[str]()
    for part in backup.manifest.parts:
        if not holds(backup.place(part), part.sha256, part.size_bytes, lambda _size: None):
            damaged.append(str(backup.place(part)))
        done += part.size_bytes
        progress(done, backup.manifest.size_bytes)
    if damaged:
        raise _damaged(backup, damaged)


def config_of(backup: Backup) -> str | None:
    """The configuration in a backup; None where it has none. Raises EvidenceDamaged."""
    part = next((one for one in backup.manifest.parts if one.role is Role.CONFIG), None)
    if part is None:
        return None
    if not holds(backup.place(part), part.sha256, part.size_bytes, lambda _size: None):
        raise _damaged(backup, [str(backup.place(part))])
    return backup.place(part).read_text(encoding="utf-8")


def _damaged(backup: Backup, files: Sequence[str]) -> EvidenceDamaged:
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    return EvidenceDamaged(
        f"The backup {backup.folder} is damaged: {files[0]}{more} is missing or not what was written.",
        advice="Nothing was restored; take another backup, or another copy of this one.",
    )


def require_empty(places: Places, backup: Backup) -> None:
    """Raises UsageError where an archive is already, unless it is this backup's, half restored."""
    mark = places.data_dir / MARK
    if mark.exists():
        name = mark.read_text(encoding="utf-8").strip()
        if name != backup.manifest.name:
            raise UsageError(
                f"A restore of {name} into {places.data_dir} was not finished.",
                advice="Finish it with that backup, or delete the folder and begin again.",
            )
        return
    taken = [one for one in (places.data_dir, places.storage, places.keys, _store_of(places)) if _is_taken(one)]
    if taken:
        raise UsageError(
            f"{taken[0]} is not empty, and a restore never writes over an archive.",
            advice="Move it away, or name another folder with --to.",
        )


@dataclass(frozen=True, slots=True)
class Later:
    """A disposal that was carried out after the backup was made: the signed destruction list, and what it says."""

    note: str
    certificate: Certificate


def later_disposals(places: Places, backup: Backup) -> list[Later]:
    """The disposals that the backup knows nothing of, in their order; lists beside it and in the data folder count.

    Raises EvidenceDamaged for a file that is no destruction list of this archive: what it was to keep from coming
    back is not known then (records rule R36).
    """
    folders = (backup.folder.parent / layout.DISPOSALS, places.disposals)
    found = {one.name: one for folder in folders for one in lists_in(folder)}
    later = [_read(path, backup) for name, path in found.items() if name not in backup.manifest.disposals]
    if ordered := [one.certificate for one in later if one.certificate.order]:
        raise OperatorError(
            f"After this backup was made, records were expunged by order of a court ({ordered[0].name}); it holds "
            "them, and nothing tells any more which they are.",
            advice="Restore a backup that was made after that, and destroy this one.",
        )
    return sorted(later, key=lambda one: one.certificate.run_at)


def _read(path: Path, backup: Backup) -> Later:
    try:
        note = path.read_text(encoding="utf-8")
        return Later(note, Certificate.parse(Verifier.parse(backup.manifest.key).text_of(note)))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EvidenceDamaged(
            f"{path} is not a destruction list that this archive has signed: {error}.",
            advice="Nothing was restored. Put the list there as it was; what it names must not come back.",
        ) from error


def write_config(path: Path, text: str) -> None:
    """The configuration of the restored archive, for its owner only."""
    draft = path.with_name(path.name + DRAFT)
    with disk(path):
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)


def begin(places: Places, backup: Backup) -> None:
    """Mark the data folder as half restored."""
    make_folder(places.data_dir)
    mark = places.data_dir / MARK
    with disk(mark):
        descriptor = os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{backup.manifest.name}\n")
            file.flush()
            os.fsync(file.fileno())
        sync_folder(places.data_dir)


def clear_attempt(places: Places, backup: Backup) -> None:
    """Remove what an earlier call of this restore made beyond the backup's files, as by disposing again."""
    kept = {target for _, target in _targets(places, backup)}
    for path in places.storage.rglob("*"):
        if path.is_file() and path not in kept:
            path.unlink()
    for name in ("disposal", "spool"):
        shutil.rmtree(places.data_dir / name, ignore_errors=True)


def copy_files(places: Places, backup: Backup, *, progress: Progress) -> None:
    """Put each file at its place, and check once more what arrived; what an earlier call brought stays."""
    done = 0
    for part, target in _targets(places, backup):
        mode = _MODES[part.role] if part.path != "seal.pub" else 0o644
        if not holds(target, part.sha256, part.size_bytes, lambda _size: None):
            if part.role is Role.STORE:
                _clear_beside(target)
            with backup.place(part).open("rb") as source:
                found, _ = copy(source, target, mode=mode, moved=lambda _size: None)
            if found != part.sha256:
                raise EvidenceDamaged(
                    f"{backup.place(part)} changed while it was read.", advice="Run the same command again."
                )
        done += part.size_bytes
        progress(done, backup.manifest.size_bytes)


def _clear_beside(store: Path) -> None:
    """What SQLite left beside a file that an earlier call opened must not be read into the new one."""
    for suffix in ("-wal", "-shm", "-journal"):
        store.with_name(store.name + suffix).unlink(missing_ok=True)


def finish(places: Places) -> None:
    """The archive may be used from here on."""
    with disk(places.data_dir):
        (places.data_dir / MARK).unlink(missing_ok=True)
        sync_folder(places.data_dir)


def hand_on_disposals(places: Places, backup: Backup) -> None:
    """The destruction lists beside the backups belong to the archive, whenever they were carried out."""
    for path in lists_in(backup.folder.parent / layout.DISPOSALS):
        with path.open("rb") as source:
            copy(source, places.disposals / path.name, mode=0o444, moved=lambda _size: None)


def rows_of(places: Places, backup: Backup) -> Path | None:
    """The copy of a store that is rows and no database file; None where it is one."""
    return places.data_dir / backup.manifest.store.path if is_rows(backup) else None


def is_rows(backup: Backup) -> bool:
    """Whether the store in a backup is rows as text and no database file."""
    return not backup.manifest.store.path.endswith(".sqlite")


def _targets(places: Places, backup: Backup) -> Iterator[tuple[Part, Path]]:
    for part in backup.manifest.parts:
        match part.role:
            case Role.SEALED | Role.ASIDE | Role.OPEN:
                yield part, places.storage / part.path
            case Role.KEY:
                yield part, places.keys / part.path
            case Role.KEPT:
                yield part, places.data_dir / KEPT_FOLDER / part.path
            case Role.STORE if not is_rows(backup):
                path = _store_of(places)
                if path is None:
                    raise OperatorError(
                        "This backup holds an SQLite store, and the configuration names a PostgreSQL database.",
                        advice="Restore with --to, then follow docs/how-to/move-to-postgresql.md.",
                    )
                yield part, path
            case Role.STORE:
                yield part, places.data_dir / part.path
            case Role.CONFIG:
                continue  # the one that is there counts; --to has written it already


def _store_of(places: Places) -> Path | None:
    if not places.database.startswith("sqlite:///"):
        return None
    return Path(places.database.removeprefix("sqlite:///"))


def _is_taken(path: Path | None) -> bool:
    if path is None or not path.exists():
        return False
    return path.is_file() or any(one.name not in _UNINTERESTING for one in path.iterdir())

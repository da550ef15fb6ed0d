"""Making a backup while captures may go on (docs/decisions/0085-backups.md).

The store is copied first, in one view; then the WARC files, up to what that view knows: a capture is in its WARC file
before the store tells of it, so nothing that the copy of the store cites is missing. What was captured since is left
for the next backup.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from archiver import __version__
from archiver.domain.acting import Actor
from archiver.domain.moderation import KEPT_FOLDER
from archiver.errors import InstanceRunning, OperatorError
from archiver.ledger import keys
from archiver.services.backup import expiring, layout
from archiver.services.backup.configuration import without_passwords
from archiver.services.backup.files import copy, holds, make_folder
from archiver.services.backup.layout import Backup, Manifest, Part, Role
from archiver.store import copying
from archiver.store.copying import Moment
from archiver.store.decisions import backups
from archiver.store.engine import Store, revision
from archiver.warc import facts as names
from archiver.warc.extent import end_of_events
from archiver.warc.names import OPEN, is_pushed, key_of, opened, relative
from archiver.warc.names import segments as segment_paths
from archiver.warc.pushed import committed
from archiver.warc.segment import file_digest
from archiver.warc.storage import disk, sync_folder
from archiver.warc.stored import StoredEvent

_SEALED, _SECRET = 0o444, 0o600

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the parts of an archive lie. ``database`` is the store's URL."""

    config: Path
    data_dir: Path
    storage: Path
    keys: Path
    database: str

    @property
    def disposals(self) -> Path:
        """The folder of the destruction lists."""
        return self.data_dir / layout.DISPOSALS


@dataclass(frozen=True, slots=True)
class Made:
    """What was done.

    ``copied`` counts the sealed files that were not in the folder yet, ``mended`` names those that were damaged there
    and are whole again, ``removed`` the backups that were older than ``keep``, ``unreadable`` those whose manifest is
    damaged.
    """

    backup: Backup
    copied: int
    mended: tuple[str, ...]
    removed: tuple[str, ...]
    unreadable: tuple[str, ...] = ()


def make(
    store: Store, places: Places, root: Path, *, archive: str, by: Actor, now: Callable[[], datetime], keep: timedelta,
    progress: Progress,
) -> Made:  # fmt: skip
    """Make a backup in a folder, write that down in the store, and delete what is older than ``keep``.

    A stop on the way leaves nothing that looks whole; the next call uses what was copied of the sealed files. Raises
    UsageError where the folder is another archive's, InstanceRunning, StorageFull, OperatorError.
    """
    make_folder(root)
    with alone(root):
        key = _key(places)
        layout.require_ours(root, key)
        expiring.clear(root)
        name = layout.name_at(at := now(), root)
        part = root / f".{name}{layout.PART}"
        try:
            with disk(root):
                part.mkdir(mode=0o700)
            writing = _Writing(store, places, root, part, progress)
            found = writing.all_parts()
            manifest = Manifest(
                name=name, archive=archive, key=key, made_at=at, by=by, software=f"archiver {__version__}",
                schema=revision(places.database) or "", keep_days=keep.days, counts=dict(writing.moment.counts),
                parts=tuple(found), damaged=tuple(writing.damaged),
                disposals=tuple(one.name for one in lists_in(places.disposals)),
            )  # fmt: skip
            _finish(part, root / name, manifest)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        _hand_on_disposals(places.disposals, root / layout.DISPOSALS)
        made = layout.opened(root / name)
        removed = expiring.expire(root, at - keep)
        _write_down(store, made, removed)
        return Made(made, writing.copied, tuple(writing.mended), removed, layout.in_folder(root)[1])


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """One process for each backup folder. Raises InstanceRunning."""
    lock = FileLock(root / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise InstanceRunning(f"Another archiver process works on the backup folder {root}.") from None
    try:
        yield
    finally:
        lock.release()


class _Writing:
    """A backup on its way: the store's copy, and the files that belong to that moment."""

    def __init__(self, store: Store, places: Places, root: Path, part: Path, progress: Progress) -> None:
        self.places = places
        self.root = root
        self.part = part
        self.copied = 0
        self.mended: list[str] = []
        self.damaged: list[str] = []
        self._progress = progress
        self.moment: Moment = copying.take(store, part, progress=lambda _done, _of: None)
        self._paths = segment_paths(places.storage)
        self._done = 0
        self._of = sum(path.stat().st_size for path in self._paths if path.exists())

    def all_parts(self) -> list[Part]:
        """Copy everything. Raises OperatorError where a file went that the store's copy cites."""
        stored = self.part / self.moment.file
        _synced(stored)
        found = [Part(Role.STORE, self.moment.file, *file_digest(stored))]
        for path in self._paths:
            found += self._segment(path)
        found += self._aside()
        found += self._lost({one.path for one in found})
        missing = {*self.moment.cited, *self.moment.sealed} - {one.path.removesuffix(OPEN) for one in found}
        if missing:
            raise OperatorError(
                f"WARC files that the store cites are not there: {', '.join(sorted(missing)[:3])}.",
                advice="If a disposal was run meanwhile, make the backup again; else run `archiver verify`.",
            )
        for name in (keys.PRIVATE, keys.PUBLIC):
            found += self._own(self.places.keys / name, Role.KEY, layout.KEYS)
        for path in sorted((self.places.data_dir / KEPT_FOLDER).glob("[0-9a-f]*")):
            found += self._own(path, Role.KEPT, KEPT_FOLDER)
        return found + self._config()

    def _segment(self, path: Path) -> Iterator[Part]:
        file = relative(path)
        if file in self.moment.sealed:
            yield self._sealed(path, file, self.moment.sealed[file].sha256)
        elif is_pushed(path) and not path.name.endswith(OPEN):
            yield self._sealed(path, file, None)
        else:
            yield from self._open(path, file)

    def _sealed(self, path: Path, file: str, sha256: str | None) -> Part:
        """A sealed file, from the archive where it is not in the folder, or not whole there any more."""
        target = self.root / layout.WARC / file
        if sha256 is None:
            sha256, _ = file_digest(path)
        was_there = target.exists()
        if was_there and holds(target, sha256, target.stat().st_size, self._moved):
            return Part(Role.SEALED, file, sha256, target.stat().st_size)
        with path.open("rb") as source:
            found, size = copy(source, target, mode=_SEALED, moved=self._moved)
        self.copied += 1
        if found != sha256:
            self.damaged.append(file)
        elif was_there:
            self.mended.append(file)
        return Part(Role.SEALED, file, found, size)

    def _lost(self, present: set[str]) -> Iterator[Part]:
        """Sealed files that the archive lacks and this folder still has."""
        for file, row in self.moment.sealed.items():
            target = self.root / layout.WARC / file
            if file not in present and holds(target, row.sha256, row.size_bytes, self._moved):
                self.damaged.append(file)
                yield Part(Role.SEALED, file, row.sha256, row.size_bytes)

    def _open(self, path: Path, file: str) -> Iterator[Part]:
        """A file that was being written: up to the last event that the store's copy knows, or that came whole."""
        try:
            end = self._end_of(path, file)
            if end == 0:
                return
            with opened(path) as source:
                name = file + OPEN
                yield Part(
                    Role.OPEN, name,
                    *copy(source, self.part / layout.WARC / name, mode=_SECRET, length=end, moved=self._moved),
                )  # fmt: skip
        except FileNotFoundError:  # it was empty, and is gone
            return

    def _end_of(self, path: Path, file: str) -> int:
        if is_pushed(path):  # the receiver's, who knows no store: as far as it is whole and on disk
            sizes = {relative(one): size for one, size in committed(self.places.storage, key_of(path))}
            return end_of_events(path, limit=sizes.get(file, 0), belongs=lambda _event: True)
        known = self.moment.sequence
        return end_of_events(path, start=self.moment.ends.get(file, 0), belongs=lambda event: _sequence(event) <= known)

    def _aside(self) -> Iterator[Part]:
        """What a crash tore off, which is evidence as well."""
        for path in sorted(self.places.storage.glob("*/*/*.torn-*")):
            file = "/".join(path.parts[-3:])
            yield replace(self._sealed(path, file, None), role=Role.ASIDE)

    def _own(self, path: Path, role: Role, folder: str) -> Iterator[Part]:
        if path.exists():
            with path.open("rb") as source:
                yield Part(
                    role, path.name,
                    *copy(source, self.part / folder / path.name, mode=_SECRET, moved=lambda _size: None),
                )  # fmt: skip

    def _config(self) -> list[Part]:
        if not self.places.config.exists():
            return []
        text = without_passwords(self.places.config.read_text(encoding="utf-8")).encode()
        return [Part(Role.CONFIG, layout.CONFIG, *_written(self.part / layout.CONFIG, text))]

    def _moved(self, size: int) -> None:
        self._done += size
        self._progress(self._done, max(self._of, self._done))


def _sequence(event: StoredEvent) -> int:
    return int((event.facts.get(names.SEQUENCE) or ["0"])[0] or 0)


def _finish(part: Path, final: Path, manifest: Manifest) -> None:
    """The manifest is the last file, and the name the last thing of all."""
    with disk(part):
        _written(part / layout.MANIFEST, manifest.text().encode())
        for folder, _, _ in os.walk(part, topdown=False):
            sync_folder(Path(folder))
        part.rename(final)
        sync_folder(final.parent)


def _written(path: Path, data: bytes) -> tuple[str, int]:
    with disk(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _SECRET)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    return hashlib.sha256(data).hexdigest(), len(data)


def _synced(path: Path) -> None:
    with disk(path), path.open("rb") as file:
        os.fsync(file.fileno())


def _key(places: Places) -> str:
    verifier = keys.verifier(places.keys)
    return str(verifier) if verifier is not None else ""


def lists_in(folder: Path) -> list[Path]:
    """The destruction lists in a folder."""
    return sorted(one for one in folder.iterdir() if one.is_file()) if folder.is_dir() else []


def _hand_on_disposals(source: Path, target: Path) -> None:
    """Destruction lists lie beside the backups, so that a restore of an older one knows of them (R36)."""
    for path in lists_in(source):
        there = target / path.name
        if not there.exists() or there.read_bytes() != path.read_bytes():
            with path.open("rb") as stream:
                copy(stream, there, mode=_SEALED, moved=lambda _size: None)


def _write_down(store: Store, made: Backup, removed: tuple[str, ...]) -> None:
    one = made.manifest
    told = backups.Backup(
        one.name, str(made.folder), one.made_at, one.by, made.sha256, len(one.parts), one.size_bytes, one.records
    )
    with store.begin() as conn:
        backups.add_backup(conn, told, removed)

"""An archive out of a backup, put together and opened; and the drill that tries that and writes down how it went."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archiver.config import Settings
from archiver.config.reading import parse_text
from archiver.domain.acting import Actor
from archiver.errors import EvidenceDamaged, OperatorError, StoreTooNew, UsageError
from archiver.ledger import keys
from archiver.platforms.registry import counts as counts_of_platform
from archiver.platforms.registry import platforms
from archiver.services import rebuild
from archiver.services.backup import layout, restoring
from archiver.services.backup.configuration import moved_home
from archiver.services.backup.layout import Backup
from archiver.services.disposal.repeating import repeat
from archiver.services.verify import verify
from archiver.store import copying
from archiver.store.decisions import audit, backups
from archiver.store.decisions.audit import Act
from archiver.store.decisions.backups import Drill
from archiver.store.engine import Store, open_store, revision, upgrade
from archiver.store.migrate import revisions
from archiver.wiring import open_archive, open_for_deciding, places_of, workshop_of

Counting = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]
"""Shows the progress of a step: what is counted, and then how much of it is done."""

_DRILL = "drill-"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of a restore. ``findings`` says in sentences what is wrong, ``disposals`` which lists were repeated."""

    settings: Settings
    backup: Backup
    records: int
    findings: tuple[str, ...]
    disposals: tuple[str, ...] = ()


def settings_in(folder: Path, backup: Backup) -> tuple[Settings, str]:
    """The backup's configuration as it will be in another folder, and its text.

    Raises UsageError where something else is in that folder, OperatorError where the configuration can't be moved,
    EvidenceDamaged where it is not what was written.
    """
    folder = folder.absolute()
    path = folder / layout.CONFIG
    written = restoring.config_of(backup)
    if written is None:
        raise OperatorError(f"{backup.folder} holds no configuration.", advice="Write one, and restore without --to.")
    text = moved_home(written)
    settings = parse_text(text, path, platforms=platforms(), counts=counts_of_platform)
    if settings.data_dir != folder.resolve() / "data" or not settings.database.startswith("sqlite:///"):
        raise OperatorError(
            f"The configuration in {backup.folder} can't be moved to {folder}.",
            advice="Put it there, correct data_dir, database and storage, and restore without --to.",
        )
    goes_on = (settings.data_dir / layout.MARK).exists()
    there = list(folder.iterdir()) if folder.is_dir() else []
    if any(not goes_on or one.name not in {layout.CONFIG, "data"} for one in there):
        raise UsageError(f"{folder} is not empty.", advice="Name a folder that is empty or not there yet.")
    return settings, text


def restore(
    backup: Backup, settings: Settings, *, by: Actor, now: Callable[[], datetime], counting: Counting,
    text: str | None = None, full: bool = False,
) -> Restored:  # fmt: skip
    """Make the archive of a backup at the places of a configuration, where there is none yet.

    ``text`` is a configuration to be written as well. All digests are checked before anything is written; what was
    disposed of since is disposed of again (records rule R36), and only when all this has ended can the archive be
    used. A stop on the way is no harm: the same call goes on.
    """
    places = places_of(settings)
    restoring.require_empty(places, backup)
    goes_on = (settings.data_dir / layout.MARK).exists()
    if not goes_on and not settings.database.startswith("sqlite:///") and revision(settings.database) is not None:
        raise UsageError("The database is not empty, and a restore never writes over an archive.")
    _require_known(backup)
    with counting("bytes checked") as progress:
        restoring.check(backup, progress=progress)
    later = restoring.later_disposals(places, backup)
    restoring.begin(places, backup)
    restoring.clear_attempt(places, backup)
    if text is not None:
        restoring.write_config(settings.path, text)
    with counting("bytes copied") as progress:
        restoring.copy_files(places, backup, progress=progress)
    restoring.hand_on_disposals(places, backup)
    findings = _fill(settings, backup, counting)
    with open_archive(settings, restoring=True) as archive:
        repeated = tuple(
            one.certificate.name
            for one in later
            if repeat(workshop_of(archive), one.certificate, one.note, by=by, at=now())
        )
        with archive.store.begin() as conn:
            made_at = backup.manifest.made_at.isoformat()
            details = {"manifest": backup.sha256, "made_at": made_at, "disposals": list(repeated)}
            audit.add(conn, Act(now(), by, "backup restore", backup.manifest.name, details=details))
        verifier = keys.verifier(settings.keys)
        with counting("files verified") as progress:
            found = verify(archive.store, settings.storage, full=full, progress=progress, verifier=verifier)
            findings += [one.sentence() for one in found]
    restoring.finish(places)
    return Restored(settings, backup, backup.manifest.records, tuple(findings), repeated)


def _require_known(backup: Backup) -> None:
    """Raises StoreTooNew and OperatorError where this program can't take the store of a backup."""
    told, known = backup.manifest, revisions()
    if told.schema not in known:
        raise StoreTooNew(
            f"The store in {backup.folder} has schema {told.schema}, which this program does not know.",
            advice=f"Restore it with {told.software} or a newer one.",
        )
    if told.schema != known[-1] and restoring.is_rows(backup):
        raise OperatorError(
            f"The rows in {backup.folder} have schema {told.schema}, this program works with {known[-1]}.",
            advice=f"Restore it with {told.software}, then update the program and run `archiver db upgrade`.",
        )


def drill(
    backup: Backup, settings: Settings, *, by: Actor, now: Callable[[], datetime], counting: Counting
) -> Drill:  # fmt: skip
    """Restore a backup into a temporary folder, check everything, remove it again; the outcome is written down.

    Raises OperatorError for what is no fault of the backup, like a full disk; that is no outcome.
    """
    spool = settings.data_dir / "spool"
    spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in spool.glob(f"{_DRILL}*"):  # of a drill that was killed
        shutil.rmtree(left, ignore_errors=True)
    findings: list[str] = []
    with open_for_deciding(settings) as store:
        findings += _strange(store, backup, settings)
        with tempfile.TemporaryDirectory(dir=spool, prefix=_DRILL) as folder:
            findings += _tried(backup, Path(folder) / "archive", by, now, counting)
        one = Drill(
            now(), by, backup.manifest.name, backup.manifest.made_at, backup.sha256, backup.manifest.records,
            tuple(findings),
        )  # fmt: skip
        with store.begin() as conn:
            backups.add_drill(conn, one)
    return one


def _strange(store: Store, backup: Backup, settings: Settings) -> list[str]:
    """What does not fit what this archive wrote down of the backup."""
    with store.read() as conn:
        told = backups.named(conn, backup.manifest.name)
    verifier = keys.verifier(settings.keys)
    findings = [f"{one} was damaged in the archive when the backup was made." for one in backup.manifest.damaged]
    if told is not None and told.manifest != backup.sha256:
        findings.append("The manifest is not the one that was written when the backup was made.")
    if verifier is not None and backup.manifest.key != str(verifier):
        findings.append("The backup is another archive's, or from before this one's key was made.")
    return findings


def _tried(backup: Backup, folder: Path, by: Actor, now: Callable[[], datetime], counting: Counting) -> list[str]:
    """What is wrong with what comes out of the backup."""
    try:
        settings, text = settings_in(folder, backup)
        restored = restore(backup, settings, by=by, now=now, counting=counting, text=text, full=True)
    except EvidenceDamaged as error:
        return [error.message]
    findings = list(restored.findings)
    store = open_store(settings.database)
    try:
        with counting("bytes read back") as progress:
            scratch = settings.data_dir / "spool"
            compared = rebuild.check(store, settings.storage, scratch, now(), progress=progress)
    finally:
        store.dispose()
    return (
        findings + [f"A rebuild gives something else: {one}" for one in compared.differences] + compared.replayed.unread
    )


def _fill(settings: Settings, backup: Backup, counting: Counting) -> list[str]:
    """Bring the store up to this program, and count its rows; one that is rows and no file is made of them."""
    rows = restoring.rows_of(places_of(settings), backup)
    if revision(settings.database) != revisions()[-1]:
        upgrade(settings.database)
    store = open_store(settings.database, durable=True)
    try:
        if rows is not None:
            with store.read() as conn:
                loaded = copying.counts(conn)["accounts"] > 0  # before a stop
            if not loaded:
                copying.load(store, rows)
            with counting("bytes read back") as progress:
                scratch, at = settings.data_dir / "spool", backup.manifest.made_at
                rebuild.rebuild(store, settings.storage, scratch, at, progress=progress)
            rows.unlink()
        with store.read() as conn:
            found = copying.counts(conn)
    finally:
        store.dispose()
    expected = copying.lasting(backup.manifest.counts)
    return [
        f"There were {count} rows in {name} when the backup was made, and there are {found.get(name, 0)} now."
        for name, count in expected.items()
        if found.get(name) != count
    ]

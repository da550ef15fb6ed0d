"""``backup`` and ``restore``: copies of the whole archive, and getting it back from one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from archiver.cli.acting import By, actor_or_login, login
from archiver.cli.context import state_of
from archiver.cli.output import local, print_json, table, utc
from archiver.cli.progress import counting
from archiver.domain.acting import Actor
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.config import Settings
    from archiver.restoration import Restored
    from archiver.services.backup.layout import Backup
    from archiver.services.backup.making import Made
    from archiver.store.decisions.backups import Drill


def add_to(app: typer.Typer) -> None:
    """Hang the commands of this module into the program."""
    app.command()(backup)
    app.command()(restore)


def backup(
    context: typer.Context,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The folder of the backups [default: [backup] folder].")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Make none; list the backups and drills there were.")] = False,
    by: By = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Copy the whole archive into a folder, while captures may go on; delete backups that are too old.

    Examples: `archiver backup`, `archiver backup -o /mnt/backup/archive`, `archiver backup --list`
    """
    from datetime import UTC, datetime

    from archiver.config.settings import BackupSettings
    from archiver.services.backup.making import make
    from archiver.wiring import open_for_deciding, open_for_reading, places_of

    settings = state_of(context).settings()
    if listed:
        with open_for_reading(settings) as store:
            _list(store, ZoneInfo(settings.archive.timezone), as_json=as_json)
        return
    root = output.absolute() if output is not None else settings.backups
    if root is None:
        raise UsageError("No folder for backups is named.", advice="Add -o DIR, or folder to [backup].")
    _require_apart(root, settings)
    keep = (settings.backup or BackupSettings(folder=root)).keep
    with open_for_reading(settings):
        pass  # there must be an archive
    with open_for_deciding(settings) as store, counting("bytes", quiet=as_json) as progress:
        made = make(
            store, places_of(settings), root, archive=settings.archive.name, by=actor_or_login(settings, by),
            now=lambda: datetime.now(UTC), keep=keep, progress=progress,
        )  # fmt: skip
    _tell_made(made, as_json=as_json)
    if made.backup.manifest.damaged or made.unreadable:
        raise typer.Exit(1)


def restore(
    context: typer.Context,
    backup: Annotated[
        Path | None, typer.Argument(help="The folder of a backup, or of all of them: the newest [default: [backup]].")
    ] = None,
    to: Annotated[Path | None, typer.Option("--to", help="Make the archive in this empty folder.")] = None,
    drill: Annotated[
        bool, typer.Option("--drill", help="Only try it: restore, check everything, write down the outcome, remove it.")
    ] = False,
    by: By = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Make the archive of a backup where there is none yet: at the places of the configuration, or in a new folder.

    Examples: `archiver restore /mnt/backup/archive --to /srv/archive`, `archiver restore --drill`
    """
    from datetime import UTC, datetime

    from archiver import restoration
    from archiver.services.backup.layout import opened
    from archiver.wiring import open_for_reading

    def now() -> datetime:
        return datetime.now(UTC)

    def shown(what: str) -> AbstractContextManager[Callable[[int, int], None]]:
        return counting(what, quiet=as_json)

    if drill and to is not None:
        raise UsageError("A drill removes what it restored, so --to has no meaning.", advice="Give one of the two.")
    if to is not None and backup is not None:  # on a new machine there is no configuration yet
        found = opened(backup)
        settings, text = restoration.settings_in(to, found)
        who = Actor(by, login()) if by else Actor(login(), login())
        restored = restoration.restore(found, settings, by=who, now=now, counting=shown, text=text)
        _tell_restored(restored, as_json=as_json)
        return
    settings = state_of(context).settings()
    place = backup or settings.backups
    if place is None:
        raise UsageError("No backup is named.", advice="Name its folder, or add folder to [backup].")
    found = opened(place)
    if to is not None:
        moved, text = restoration.settings_in(to, found)
        restored = restoration.restore(
            found, moved, by=actor_or_login(settings, by), now=now, counting=shown, text=text
        )
        _tell_restored(restored, as_json=as_json)
    elif drill:
        with open_for_reading(settings):
            pass  # what is tried out must be there
        one = restoration.drill(found, settings, by=actor_or_login(settings, by), now=now, counting=shown)
        _tell_drill(one, as_json=as_json)
    else:
        restored = restoration.restore(found, settings, by=actor_or_login(settings, by), now=now, counting=shown)
        _tell_restored(restored, as_json=as_json)


def _require_apart(root: Path, settings: Settings) -> None:
    """Raises UsageError where backups would lie inside of what they are backups of."""
    for place in (settings.data_dir, settings.storage):
        if root.resolve().is_relative_to(place):
            raise UsageError(f"{root} lies within the archive.", advice="Name a folder elsewhere, on another disk.")


def _tell_made(made: Made, *, as_json: bool) -> None:
    one = made.backup.manifest
    if as_json:
        print_json(_document(made.backup) | {
            "copied": made.copied, "mended": list(made.mended), "damaged": list(one.damaged),
            "removed": list(made.removed), "unreadable": list(made.unreadable),
        })  # fmt: skip
        return
    typer.echo(
        f"{made.backup.folder}: {one.records} records, {len(one.parts)} files, {one.size_bytes} bytes; "
        f"{made.copied} sealed files are new there."
    )
    for name in made.mended:
        typer.echo(f"{name} was damaged in the backup folder; it is whole again.")
    for name in made.removed:
        typer.echo(f"{name} was too old and is deleted.")
    for name in made.unreadable:
        typer.echo(f"{name} has a damaged manifest and is no backup any more; delete its folder.", err=True)
    for name in one.damaged:
        typer.echo(f"{name} is not what was sealed; run `archiver verify`.", err=True)


def _tell_restored(restored: Restored, *, as_json: bool) -> None:
    settings, one = restored.settings, restored.backup.manifest
    if as_json:
        print_json({
            "backup": one.name, "made_at": one.made_at, "folder": str(settings.home), "config": str(settings.path),
            "records": restored.records, "findings": list(restored.findings), "disposals": list(restored.disposals),
        })  # fmt: skip
    else:
        typer.echo(f"{settings.data_dir}: {restored.records} records, as they were at {utc(one.made_at)}.")
        for name in restored.disposals:
            typer.echo(f"{name} was carried out after that, and now again.")
        for finding in restored.findings:
            typer.echo(finding)
        typer.echo("Everything verifies." if not restored.findings else f"{len(restored.findings)} findings.")
        typer.echo(
            "No token or password is in a backup: set them up again as "
            f"{settings.path} names them, then run `archiver check`."
        )
    if restored.findings:
        raise typer.Exit(1)


def _tell_drill(one: Drill, *, as_json: bool) -> None:
    if as_json:
        print_json(_drill(one))
    else:
        for finding in one.findings:
            typer.echo(finding)
        typer.echo(f"The drill with {one.backup} {one.outcome}: {one.records} records, {len(one.findings)} findings.")
    if not one.passed:
        raise typer.Exit(1)


def _list(store: object, zone: ZoneInfo, *, as_json: bool) -> None:
    from archiver.store.decisions import backups
    from archiver.store.engine import Store

    assert isinstance(store, Store)
    with store.read() as conn:
        made, tried = backups.made(conn), backups.tried(conn)
    if as_json:
        documents = [
            {"backup": one.name, "folder": one.folder, "made_at": one.made_at, "by": one.by.name,
             "records": one.records, "files": one.files, "bytes": one.size_bytes, "manifest": one.manifest}
            for one in made
        ]  # fmt: skip
        print_json({"backups": documents, "drills": [_drill(one) for one in tried]})
        return
    table(
        ("backup", "made", "by", "records", "bytes", "folder"),
        [(one.name, local(one.made_at, zone), one.by.name, str(one.records), str(one.size_bytes), one.folder)
         for one in made],
    )  # fmt: skip
    table(
        ("drill", "by", "backup", "outcome", "findings"),
        [(local(one.at, zone), one.by.name, one.backup, one.outcome, "; ".join(one.findings)) for one in tried],
    )


def _document(one: Backup) -> dict[str, object]:
    told = one.manifest
    return {
        "backup": told.name, "folder": str(one.folder), "made_at": told.made_at, "records": told.records,
        "files": len(told.parts), "bytes": told.size_bytes, "manifest": one.sha256,
    }  # fmt: skip


def _drill(one: Drill) -> dict[str, object]:
    return {
        "at": one.at, "by": one.by.name, "backup": one.backup, "made_at": one.made_at, "manifest": one.manifest,
        "outcome": one.outcome, "records": one.records, "findings": list(one.findings),
    }  # fmt: skip

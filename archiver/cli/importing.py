"""``import``: a platform's own data download, kept whole and joined with what was captured."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self
from zoneinfo import ZoneInfo

import typer

from archiver.cli.context import GAPS, state_of, stop_on_signals
from archiver.cli.output import harmless, local, print_json, table, utc
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.services.imports.importing import Imported
    from archiver.services.imports.report import Report

SHOWN = 20
"""So many lines of a list stand on the screen; --json has all of them."""


def add_to(app: typer.Typer) -> None:
    """Hang the commands of this module into the program."""
    app.command(name="import")(import_)


def import_(
    context: typer.Context,
    account: Annotated[str, typer.Argument(help="The account that the download is of.")],
    file: Annotated[
        list[Path] | None, typer.Argument(help="The zip of the download; all of them where it has several parts.")
    ] = None,
    requested_on: Annotated[
        datetime | None,
        typer.Option("--requested-on", formats=["%Y-%m-%d"], help="The day on which the platform was asked for it."),
    ] = None,
    requested_by: Annotated[str | None, typer.Option("--requested-by", help="Who asked the platform for it.")] = None,
    report: Annotated[
        bool,
        typer.Option("--report", help="Say what it has that the capture lacks, and the other way round; without FILE "
                     "of the download that was imported last."),
    ] = False,
    anyway: Annotated[bool, typer.Option("--anyway", help="Import it although it names another account.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:  # fmt: skip
    """Import the platform's own data download; stop it at any time, call it again and it goes on.

    Examples: `archiver import police-facebook facebook-ExamplePD.zip --requested-by "J. Clerk"`, `archiver import
    city-x part1.zip part2.zip --report`
    """
    from archiver.config import load_profile
    from archiver.services.clearance import Access
    from archiver.services.imports.importing import Importer, Wish
    from archiver.services.imports.report import report_of
    from archiver.wiring import open_archive

    settings = state_of(context).settings()
    chosen = settings.chosen([account])[0].id
    if not file and not report:
        raise UsageError("No file is named.", advice="Name the zip files of the download, or say --report alone.")
    zone = ZoneInfo(settings.archive.timezone)
    done: Imported | None = None
    found: Report | None = None
    with open_archive(settings, stop=stop_on_signals()) as archive, _Progress(quiet=as_json) as progress:
        if file:
            day = requested_on.date() if requested_on else None
            wish = Wish(chosen, [path.absolute() for path in file], day, requested_by, anyway)
            importer = Importer(
                archive.store, archive.journal, settings.storage, archive.clock.now, archive.stop, progress
            )
            done = importer.carry_out(wish)
        if report and not (done and done.stopped):
            access = Access(load_profile(settings.archive.profile), archive.clock.now().astimezone(zone).date())
            found = report_of(archive.store, access, chosen, done.download.download if done else None)
    if as_json:
        print_json(_document(done) | ({"report": found.document()} if found else {}))
    else:
        _say(done, zone)
        _print(found, zone)
    if done is not None and done.stopped:
        raise typer.Exit(GAPS)


class _Progress:
    """A bar for each thing that an import does, on a terminal."""

    def __init__(self, *, quiet: bool) -> None:
        from contextlib import ExitStack

        self._quiet = quiet
        self._stack = ExitStack()
        self._what = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    def __call__(self, what: str, done: int, of: int, /) -> None:
        from archiver.cli.progress import counting

        if what != self._what:
            self._stack.close()
            self._what = what
            self._show = self._stack.enter_context(counting(what, quiet=self._quiet))
        self._show(done, of or done)


def _document(done: Imported | None) -> dict[str, object]:
    if done is None:
        return {}
    download, total = done.download, done.total
    return {
        "account": download.account,
        "download": download.download,
        "reader": download.reader,
        "files": [{"name": one.name, "sha256": one.sha256, "bytes": one.size_bytes} for one in download.parts],
        "generated_at": utc(download.generated_at),
        "requested_on": download.requested_on,
        "requested_by": download.requested_by,
        "imported_at": utc(download.imported_at),
        "already": done.already,
        "stopped": done.stopped,
        "entries": download.read,
        "new": total.new,
        "edited": total.edited,
        "hidden": total.hidden,
        "removed": total.removed,
        "not_understood": [
            {"path": path, "pointer": pointer, "reason": why} for path, pointer, why in download.not_understood or ()
        ],
    }


def _say(done: Imported | None, zone: ZoneInfo) -> None:
    if done is None:
        return
    download, total = done.download, done.total
    if done.already:
        typer.echo(
            f"{download.account}: this download was imported on {local(download.imported_at, zone)}; nothing to do."
        )
    elif done.stopped:
        typer.echo("Stopped. What was read so far is kept; the same command goes on from here.")
    else:
        typer.echo(
            f"{download.account}: {download.reader} read, {total.seen} entries; {total.new} new, "
            f"{total.edited} edited, {total.hidden} hidden, {total.removed} removed."
        )
    reasons = [
        f"{path}{' at ' + pointer if pointer else ''}: {why}" for path, pointer, why in download.not_understood or ()
    ]
    for line in reasons[:SHOWN]:
        typer.echo(f"  not read: {harmless(line)}.")
    if len(reasons) > SHOWN:
        typer.echo(f"  not read: {len(reasons) - SHOWN} more; --json lists them.")


def _print(report: Report | None, zone: ZoneInfo) -> None:
    if report is None:
        return
    typer.echo("")
    table(("", "records"), [(name, str(count)) for name, count in report.counts()])
    for title, rows in (
        ("In the download, and never captured:", report.only_download),
        ("Captured, and not in the download:", report.only_captured),
        ("Probably the same:", report.probable),
    ):
        if rows:
            typer.echo(f"\n{title}")
            table(
                ("created", "kind", "text", "record", "why"),
                [
                    (local(row.created_at, zone), row.kind, (row.text or "")[:60], row.record, row.basis)
                    for row in rows[:SHOWN]
                ],
            )
        if len(rows) > SHOWN:
            typer.echo(f"and {len(rows) - SHOWN} more; --json lists them.")

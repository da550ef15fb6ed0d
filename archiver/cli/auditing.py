"""``audit``: who did what to the records, when and why; and who saw what of somebody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from archiver.cli.acting import By, actor
from archiver.cli.context import state_of
from archiver.cli.finding import midnight
from archiver.cli.output import harmless, local, print_json, table, utc
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.config import Settings
    from archiver.services.who_saw import Report, Sight


def add_to(app: typer.Typer) -> None:
    """Hang the command into the program."""
    app.command()(audit)


def audit(
    context: typer.Context,
    subject: Annotated[
        str | None, typer.Argument(help="Only what was done to this: a record, an account, a hold, a disposal.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], help="Done on that day or later.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="Done on that day or before.")
    ] = None,
    about: Annotated[
        list[str] | None,
        typer.Option(
            "--about",
            metavar="PERSON|RECORD",
            help="Who saw, or was refused, what is not public about this person or record; can be given again.",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="With --about: a .csv file to write.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
    by: By = None,
    purpose: Annotated[
        str | None, typer.Option("--purpose", help="With --about: what the report is needed for.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """The audit log: every decision about the records, oldest first. Nothing in it can be changed.

    With --about it tells who saw data about somebody that was not public when they saw it; that you asked is noted.
    A person is named by a handle or by the platform's id.

    Examples: `archiver audit`, `archiver audit H-1`, `archiver audit --since 2026-01-01 --json`,
    `archiver audit --about @ann --since 2026-03-01 -o ann.csv --by "Dana Clerk" --purpose "Breach 4"`
    """
    from archiver.store.decisions.audit import rows
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    zone = ZoneInfo(settings.archive.timezone)
    first = midnight(since.date(), zone) if since else None
    end = midnight(until.date() + timedelta(days=1), zone) if until else None
    if about:
        if subject is not None:
            raise UsageError("--about has its own persons and records.", advice=f"Write --about {subject}, too.")
        _who_saw(settings, about, first, end, output, by, purpose, force=force, as_json=as_json)
        return
    if output is not None or purpose is not None:
        raise UsageError("--output and --purpose belong to --about.", advice="Say whom the report is about.")
    with open_for_reading(settings) as store, store.read() as conn:
        acts = list(rows(conn, subject=subject, since=first, until=end))
    if as_json:
        told = [
            {
                "at": act.at, "person": act.by.name, "login": act.by.login, "act": act.act, "subject": act.subject,
                "reason": act.reason, "details": dict(act.details),
            }
            for act in acts
        ]  # fmt: skip
        print_json({"acts": told})
        return
    table(
        ("at", "person", "act", "subject", "reason"),
        [(local(act.at, zone), act.by.name, act.act, act.subject, harmless(act.reason or "")) for act in acts],
    )


COLUMNS = (
    "at", "local_time", "person", "login", "purpose", "about", "subject", "part", "version", "span", "class", "law",
    "outcome", "way", "audience", "why",
)  # fmt: skip
"""Of the file, in their order; those of ``--json`` beside the local time."""


def _who_saw(
    settings: Settings, about: list[str], since: datetime | None, until: datetime | None, output: Path | None,
    by: str | None, purpose: str | None, *, force: bool, as_json: bool,
) -> None:  # fmt: skip
    from archiver.exports.sights import write
    from archiver.services.who_saw import Asking, report
    from archiver.wiring import open_for_deciding

    if output is not None and output.suffix.lower() != ".csv":
        raise UsageError(f"{output} has no ending that says what to write.", advice="Name it .csv.")
    zone = ZoneInfo(settings.archive.timezone)
    asking = Asking(actor(settings, by), " ".join((purpose or "").split()), datetime.now(UTC))
    with open_for_deciding(settings) as store:
        made = report(store, about, asking, since=since, until=until)
    if output is not None:
        write(
            COLUMNS, (one.document() | {"local_time": local(one.at, zone)} for one in made.sights), output, force=force
        )
    if as_json:
        print_json(_document(made))
        return
    if output is None:
        table(
            ("at", "person", "outcome", "class", "part", "record", "purpose"),
            [_row(one, zone) for one in made.sights],
        )
    shown = sum(one.outcome == "shown" for one in made.sights)
    where = f"{output}: " if output is not None else ""
    typer.echo(
        f"{where}about {harmless(', '.join(made.names))}: {shown} shown, {len(made.sights) - shown} refused.",
        err=output is None,
    )


def _row(one: Sight, zone: ZoneInfo) -> tuple[str, ...]:
    return (local(one.at, zone), one.person, one.outcome, one.class_, one.part or "", one.subject, one.purpose)


def _document(made: Report) -> dict[str, object]:
    people = [{"person": one.name, "handles": list(one.handles)} for one in made.people]
    return {
        "people": people, "records": list(made.records), "since": utc(made.since), "until": utc(made.until),
        "sights": [one.document() for one in made.sights],
    }  # fmt: skip

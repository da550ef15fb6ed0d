"""``assessment``: what the state's law has a city do every year, and that it was done."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from archiver.cli.acting import By, actor
from archiver.cli.context import state_of
from archiver.cli.output import harmless, local, print_json, table, utc

assessment = typer.Typer(
    help="What the law asks for again and again, like a security assessment: when it was done, and is due.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


def add_to(app: typer.Typer) -> None:
    """Hang the commands of the group into the program."""
    app.add_typer(assessment, name="assessment")


@assessment.command("list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """What your state's profile asks for, when it was done, and by when it has to be done again.

    Example: `archiver assessment list`
    """
    from archiver.config import load_profile
    from archiver.services.recurring import standing, times
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    zone = ZoneInfo(settings.archive.timezone)
    profile = load_profile(settings.archive.profile)
    with open_for_reading(settings) as store:
        found = standing(store, profile, datetime.now(zone).date())
        with store.read() as conn:
            done = list(times(conn))
    if as_json:
        asked = [
            {
                "assessment": one.what.name, "label": one.what.label, "citation": one.what.citation,
                "last": one.last.day if one.last else None,
                "until": one.what.until(one.last.day) if one.last else None, "late": one.late,
            }
            for one in found
        ]  # fmt: skip
        told = [
            {"assessment": one.what, "on": one.day, "reason": one.words, "by": one.by.name, "at": utc(one.at)}
            for one in done
        ]
        print_json({"asked": asked, "done": told})
        return
    if not found:
        typer.echo(f"The profile of {profile.title} asks for nothing of that kind.")
    for one in found:
        typer.echo(one.sentence)
    if done:
        rows = [(str(one.day), one.what, harmless(one.words), one.by.name, local(one.at, zone)) for one in done]
        table(("done on", "assessment", "what tells of it", "entered by", "at"), rows)


@assessment.command("done")
def done_(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ASSESSMENT", help="What was done, as `list` calls it.")],
    on: Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="The day on which it was done.")],
    reason: Annotated[str, typer.Option("--reason", help="What tells of it: the report, its number, who did it.")],
    by: By = None,
) -> None:
    """Write down that it was done. `archiver status` and `archiver check` remind when it is due again.

    Example: `archiver assessment done security-assessment --on 2026-11-20 --reason "Report IT-26-3" --by "Dana Clerk"`
    """
    from archiver.config import load_profile
    from archiver.services.recurring import record
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    who = actor(settings, by)
    profile = load_profile(settings.archive.profile)
    today = datetime.now(ZoneInfo(settings.archive.timezone)).date()
    with open_for_deciding(settings) as store:
        made = record(store, profile, name, on.date(), reason, who, datetime.now(UTC), today)
    typer.echo(f"{made.what} was done on {made.day}: {harmless(made.words)}.")

"""``retention``: the city's records schedules. Beside it: `assigning` (what belongs where), `keeping`, `disposing`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archiver.cli.acting import By, actor
from archiver.cli.context import state_of
from archiver.cli.output import harmless, print_json, table, utc
from archiver.errors import OperatorError, UsageError

if TYPE_CHECKING:
    from archiver.config import Settings
    from archiver.domain.retention import Series
    from archiver.store.decisions.schedules import Adoption, Imported

retention = typer.Typer(
    help="How long records are kept: schedules, series, what is past its time, and its disposal.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Edition = Annotated[
    str,
    typer.Argument(
        metavar="EDITION", help="As `archiver retention list` shows it; the schedule's name where it has one edition."
    ),
]
EditionOption = Annotated[
    str | None,
    typer.Option("--edition", metavar="EDITION", help="The edition of the schedule, where several have the code."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


def add_to(app: typer.Typer) -> None:
    """Hang the commands of this module into the program."""
    from archiver.cli import assigning, disposing, keeping

    assigning.add_to(retention)
    keeping.add_to(retention)
    disposing.add_to(retention)
    app.add_typer(retention, name="retention")


def today(settings: Settings) -> date:
    """The day in the archive's zone."""
    from archiver.services.retention.eligibility import terms_of

    return terms_of(settings).day(datetime.now(UTC))


@retention.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The schedule: TOML, or CSV with a line a series.")],
    by: By = None,
    schedule: Annotated[str | None, typer.Option("--schedule", metavar="NAME", help="CSV: its short name.")] = None,
    edition: Annotated[
        datetime | None, typer.Option("--edition", formats=["%Y-%m-%d"], help="CSV: the day on which it was issued.")
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="CSV: its title.")] = None,
) -> None:
    """Take in an edition of a schedule. It changes nothing before it is adopted and series are assigned.

    Examples: `archiver retention import schedule.toml --by "Dana Clerk"`,
    `archiver retention import table.csv --schedule cities --edition 2021-03-01 --title "General" --by "Dana Clerk"`
    """
    from archiver.config.profile import load_profile
    from archiver.config.schedule_file import read_schedule
    from archiver.services.retention.adopting import advice, take_in
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    who = actor(settings, by)
    stated = {"id": schedule, "edition": edition.date() if edition else None, "title": title}
    found = read_schedule(file, {name: value for name, value in stated.items() if value is not None})
    with open_for_deciding(settings) as store:
        taken = take_in(store, found.edition, found.sha256, who, datetime.now(UTC))
    told = f"{taken.name}: {len(found.edition.series)} series, sha256 {taken.digest}."
    typer.echo(f"Imported {told}" if taken.new else f"Already there, unchanged: {told}")
    for sentence in advice(found.edition, load_profile(settings.archive.profile)):
        typer.echo(sentence)
    if taken.new and not found.edition.example:
        typer.echo(f'Next: archiver retention adopt {taken.name} --on DAY --instrument "…"')


@retention.command()
def adopt(
    context: typer.Context,
    edition: Edition,
    on: Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="The day from which it holds.")],
    instrument: Annotated[
        str, typer.Option("--instrument", help="By what: the resolution, the notice to the archives.")
    ],
    section: Annotated[
        list[str] | None, typer.Option("--section", help="Only this section; may be repeated. Else all of it.")
    ] = None,
    by: By = None,
) -> None:
    """Write down that the city adopted a schedule. Only under an adopted one can records be disposed of.

    Example: `archiver retention adopt cities --on 2026-11-02 --instrument "Resolution 26-118" --by "Dana Clerk"`
    """
    from archiver.services.retention.adopting import adopt
    from archiver.store.decisions.schedules import Adoption
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    who = actor(settings, by)
    if not instrument.strip():
        raise UsageError("No instrument is named.", advice="Say with --instrument by what the city adopted it.")
    with open_for_deciding(settings) as store:
        done = adopt(
            store, Adoption(edition, on.date(), instrument.strip(), who, datetime.now(UTC), tuple(section or ()))
        )
    parts = f", sections {', '.join(done.sections)}" if done.sections else ""
    typer.echo(f"{done.edition} is adopted from {done.day} on{parts}: {done.instrument}.")


@retention.command()
def withdraw(
    context: typer.Context,
    edition: Edition,
    on: Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="The day from which it holds no longer.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    by: By = None,
) -> None:
    """Write down that a schedule is no longer adopted; nothing is disposed of under it from that day on.

    Example: `archiver retention withdraw cities@2021-03-01 --on 2026-12-01 --reason "Resolution 26-130" --by Dana`
    """
    from archiver.services.retention.adopting import withdraw
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    who = actor(settings, by)
    with open_for_deciding(settings) as store:
        name = withdraw(store, edition, on.date(), reason, who, datetime.now(UTC))
    typer.echo(f"{name} holds no longer from {on.date()} on.")


@retention.command("map")
def map_(
    context: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD", help="The earlier edition.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The later edition.")],
    codes: Annotated[list[str] | None, typer.Argument(metavar="OLD=NEW", help="Which series follows on which.")] = None,
    same: Annotated[bool, typer.Option("--same", help="Each series is followed by that of its own code.")] = False,
    by: By = None,
) -> None:
    """Say which series of a later edition follow on those of an earlier one; it counts once the later one is adopted.

    Example: `archiver retention map cities@2021-03-01 cities@2026-01-01 --same COM-1=COM-10 --by "Dana Clerk"`
    """
    from archiver.services.retention.adopting import follow
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    who = actor(settings, by)
    pairs = dict(_pair(one) for one in codes or [])
    with open_for_deciding(settings) as store:
        done = follow(store, old, new, pairs, same=same, by=who, at=datetime.now(UTC))
    table(("edition", "series", "followed by", "series"), ((*a, *b) for a, b in done))


@retention.command("list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """The editions that were imported, and which of them are adopted.

    Example: `archiver retention list`
    """
    settings = state_of(context).settings()
    found, said = _read(settings)
    rows = [_edition_document(one, said, today(settings)) for one in found]
    if as_json:
        print_json({"editions": rows})
        return
    columns = ("edition", "title", "series", "adopted", "instrument", "sections")
    table(columns, ([_cell(row[name]) for name in columns] for row in rows))


@retention.command()
def show(context: typer.Context, edition: Edition, as_json: AsJson = False) -> None:
    """An edition with its origin, its adoptions, its digest and its series.

    Example: `archiver retention show cities`
    """
    from archiver.services.retention.adopting import edition_of
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    with open_for_reading(settings) as store, store.read() as conn:
        one = edition_of(conn, edition)
    _, said = _read(settings)
    document = _edition_document(one, said, today(settings)) | {
        "body": one.edition.body, "reference": one.edition.reference, "source_url": one.edition.source_url,
        "digest": one.digest, "file_sha256": one.file_sha256, "imported_by": one.by.name, "imported_at": one.at,
        "adoptions": [_adoption_document(each) for each in said if each.edition == one.edition.name],
    }  # fmt: skip
    if as_json:
        print_json(document | {"series": [series_document(each, one.edition.name) for each in one.edition.series]})
        return
    for name, value in document.items():
        if name != "adoptions":
            typer.echo(f"{name.replace('_', ' ')}: {_cell(value)}")
    for each in said:
        if each.edition == one.edition.name:
            verb = "adopted from" if each.adopted else "withdrawn from"
            typer.echo(f"{verb} {each.day} on: {harmless(each.instrument)} (entered by {harmless(each.by.name)})")
    _print_series([series_document(each, one.edition.name) for each in one.edition.series])


@retention.command()
def series(context: typer.Context, edition: EditionOption = None, as_json: AsJson = False) -> None:
    """The series of the adopted schedules, or of one edition.

    Example: `archiver retention series --edition cities@2021-03-01`
    """
    from archiver.services.retention.adopting import edition_of
    from archiver.store.decisions.schedules import in_force
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    found, said = _read(settings)
    force = in_force(said, today(settings))
    if edition is not None:
        with open_for_reading(settings) as store, store.read() as conn:
            found = [edition_of(conn, edition)]
    elif force:
        found = [one for one in found if one.edition.name in force]
    rows = [
        series_document(each, one.edition.name)
        | {"adopted": (adoption := force.get(one.edition.name)) is not None and adoption.covers(each)}
        for one in found
        for each in one.edition.series
    ]
    if as_json:
        print_json({"series": rows})
        return
    _print_series(rows)


@retention.command()
def example(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it; must not exist.")],
    profile: Annotated[
        str | None, typer.Option("--profile", help="Of which state; else of the configured one.")
    ] = None,
) -> None:
    """Write an example schedule to a file, to see the form. Nothing is ever disposed of under it.

    Example: `archiver retention example schedule.toml`
    """
    from archiver.config import profile as profiles
    from archiver.config.schedule_file import example_schedule

    name = profile or (
        state_of(context).settings().archive.profile if state_of(context).config.exists() else profiles.default_name()
    )
    if name not in profiles.names():
        raise UsageError(f'"{name}" is not a state profile.', advice=f"Known: {', '.join(profiles.names())}.")
    try:
        with file.open("x", encoding="utf-8") as target:
            target.write(example_schedule(name))
    except FileExistsError:
        raise UsageError(f"{file} is there already.", advice="Name another file.") from None
    except OSError as error:
        raise OperatorError(f"{file} can't be written: {error.strerror}.", advice="Name another file.") from error
    typer.echo(f"Wrote {file}. It is an example: write your city's own schedule in its form.")


def series_document(one: Series, edition: str) -> dict[str, Any]:
    """A series as ``--json`` tells it."""
    return {
        "series": one.code, "title": one.title, "section": one.section, "description": one.description,
        "trigger": [str(each) for each in one.triggers], "period": str(one.period),
        "disposition": str(one.disposition), "archival": str(one.archival), "classes": list(one.classes),
        "statute": list(one.statute), "edition": edition,
    }  # fmt: skip


def _print_series(rows: Sequence[dict[str, Any]]) -> None:
    columns = ("series", "title", "period", "trigger", "disposition", "section", "edition")
    table(columns, ([_cell(row[name]) for name in columns] for row in rows))


def _read(settings: Settings) -> tuple[list[Imported], list[Adoption]]:
    from archiver.store.decisions import schedules
    from archiver.wiring import open_for_reading

    with open_for_reading(settings) as store, store.read() as conn:
        return schedules.editions(conn), schedules.adoptions(conn)


def _edition_document(one: Imported, said: Sequence[Adoption], on: date) -> dict[str, Any]:
    from archiver.store.decisions.schedules import in_force

    edition, adoption = one.edition, in_force(said, on).get(one.edition.name)
    return {
        "edition": edition.name, "title": edition.title, "series": len(edition.series), "example": edition.example,
        "adopted": adoption.day if adoption else None, "instrument": adoption.instrument if adoption else None,
        "sections": list(adoption.sections) if adoption else None,
    }  # fmt: skip


def _adoption_document(one: Adoption) -> dict[str, Any]:
    return {
        "adopted": one.adopted, "day": one.day, "instrument": one.instrument, "sections": list(one.sections),
        "by": one.by.name, "at": one.at,
    }  # fmt: skip


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "all"
    if isinstance(value, datetime):
        return utc(value) or "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _pair(text: str) -> tuple[str, str]:
    old, equals, new = (part.strip() for part in text.partition("="))
    if not (old and equals and new):
        raise UsageError(f'"{text}" does not say which series follows.', advice="Write OLD=NEW, codes of series.")
    return old, new

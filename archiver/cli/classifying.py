"""``classify``: what is not public, by which law, and who said so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from archiver.cli import record_status
from archiver.cli.acting import By, actor
from archiver.cli.clearing import ClearanceOption, For, ForOption, Purpose, access, not_public
from archiver.cli.context import state_of
from archiver.cli.finding import Account, Author, KindOption, Platform, Since, StateOption, Until, filters
from archiver.cli.output import harmless, local, print_json, table, utc
from archiver.domain.classification import Part
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.domain.classification import Mark, NotPublic
    from archiver.services.classifying import Suggestion

classify = typer.Typer(
    help="What is not public: marks on records and parts of them, with their law.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, without words of the record.")]


def add_to(app: typer.Typer) -> None:
    """Hang the commands of this module into the program."""
    record_status.add_to(classify)
    app.add_typer(classify, name="classify")


@classify.command()
def mark(
    context: typer.Context,
    record: Annotated[str, typer.Argument(help="A record's key, or the platform's id of it.")],
    reason: Reason = "",
    class_: Annotated[str | None, typer.Option("--class", help="The class; public says that it is public.")] = None,
    citation: Annotated[str | None, typer.Option("--citation", help="The law that makes it so.")] = None,
    like: Annotated[
        str | None, typer.Option("--like", metavar="ENTRY", help="As this entry of the watch list: its class and law.")
    ] = None,
    part: Annotated[
        Part, typer.Option("--part", help="What of the record; all of it if nothing is said.")
    ] = Part.RECORD,
    version: Annotated[int | None, typer.Option("--version", min=1, help="Of --span: in which version.")] = None,
    span: Annotated[
        str | None,
        typer.Option("--span", metavar="FROM-TO", help="A piece of that part: from which character, from 0."),
    ] = None,
    opens_on: Annotated[
        datetime | None, typer.Option("--opens-on", formats=["%Y-%m-%d"], help="Public from that day on.")
    ] = None,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="Take the same words out of all other records, too.")
    ] = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Say of which class a record, a field or a piece of its text is.

    Of several marks on the same place the latest counts. What was captured is not changed: searches and exports leave
    it out.

    Examples: `archiver classify mark KEY --like social-security-number --part text --span 10-21 --reason "SSN"`,
    `archiver classify mark KEY --class public --reason "An announcement to all followers"`
    """
    from archiver.config import load_profile
    from archiver.services import classifying
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    profile = load_profile(settings.archive.profile)
    who = actor(settings, by)
    wanted = classifying.Wanted(
        record, part, reason, class_, citation, like, version, _span(span), opens_on.date() if opens_on else None,
        everywhere,
    )  # fmt: skip
    with open_for_deciding(settings) as store:
        made = classifying.mark(store, profile, wanted, who, datetime.now(UTC))
    if as_json:
        print_json(_document(made))
        return
    typer.echo(f"Mark {made.id}: {_place(made)} of {harmless(made.record)} is {made.class_} ({made.citation}).")
    special = profile.special_of(like) if like is not None else None
    if special is not None and special.caution:
        typer.echo(f"Weigh: {special.caution}", err=True)


@classify.command()
def withdraw(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="MARK", help="The mark's number.")],
    reason: Reason = "",
    by: By = None,
) -> None:
    """Take a mark back: what it said no longer holds. The mark stays in the list of all marks, with your reason.

    Example: `archiver classify withdraw 12 --reason "The number was a case number"`
    """
    from archiver.services import classifying
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    who = actor(settings, by)
    with open_for_deciding(settings) as store:
        was = classifying.withdraw(store, number, reason, who, datetime.now(UTC))
    typer.echo(f"Mark {number} of {harmless(was.record)} is withdrawn.")


@classify.command("list")
def list_(
    context: typer.Context,
    account: Account = None,
    everything: Annotated[bool, typer.Option("--all", help="Also marks that were withdrawn.")] = False,
    as_json: AsJson = False,
) -> None:
    """The marks, oldest first.

    Example: `archiver classify list --account city-facebook`
    """
    from archiver.store.decisions import classes
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    zone = ZoneInfo(settings.archive.timezone)
    with open_for_reading(settings) as store, store.read() as conn:
        marks = list(classes.listed(conn, account=account, withdrawn=everything))
    if as_json:
        print_json({"marks": [_document(one) for one in marks]})
        return
    rows = [
        (str(one.id), local(one.at, zone), one.by.name, one.class_, _place(one), one.citation, one.record, _end(one))
        for one in marks
    ]
    table(("mark", "set", "by", "class", "part", "law", "record", "until"), rows)


@classify.command()
def show(
    context: typer.Context,
    record: Annotated[str, typer.Argument(help="A record's key, or the platform's id of it.")],
    as_json: AsJson = False,
) -> None:
    """What class a record has today, by which rules, and since when.

    Example: `archiver classify show KEY`
    """
    from archiver.services import classifying
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    zone = ZoneInfo(settings.archive.timezone)
    with (
        access(settings, None, None, None, ForOption.STAFF, way="classify show") as terms,
        open_for_reading(settings) as store,
    ):
        found = classifying.standing(store, terms, record)
    today = found.classified
    if as_json:
        parts = [_part(one) for one in today.parts]
        marks = [_document(one) for one in found.marks]
        beside = {"rule_set": today.rule_set, "opens_on": today.opens_on, "not_public": parts, "marks": marks}
        print_json({"record": found.record, "class": today.class_} | beside)
        return
    typer.echo(f"{harmless(found.record)} is {today.class_} by the rules of {today.rule_set}.")
    for one in today.parts:
        opens = f"; opens on {one.opens_on}" if one.opens_on else ""
        condition = f", {one.condition}" if one.condition else ""
        typer.echo(f"  {one.part}{_piece(one)} is {one.class_}: {one.citation}{opens}{condition}")
    for each in found.marks:
        said = f"  Mark {each.id} of {local(each.at, zone)} by {each.by.name}: {_place(each)} is {each.class_}"
        typer.echo(f"{said} ({each.citation}). {harmless(each.reason)} {_end(each)}".rstrip())


@classify.command()
def suggest(
    context: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(help="Words that must all occur.")] = None,
    account: Account = None,
    platform: Platform = None,
    kind: KindOption = None,
    state: StateOption = None,
    author: Author = None,
    since: Since = None,
    until: Until = None,
    like: Annotated[
        str | None, typer.Option("--like", metavar="ENTRY", help="Only this entry of the watch list.")
    ] = None,
    clearance: ClearanceOption = None,
    by: By = None,
    purpose: Purpose = None,
    for_: For = ForOption.STAFF,
    as_json: AsJson = False,
) -> None:
    """Places that may hold special data, by the hints of your state's profile. Nothing is withheld by that.

    Read each; where the law named does apply, set the mark yourself with `archiver classify mark`.

    Example: `archiver classify suggest --account city-facebook --since 2026-01-01`
    """
    from archiver.services import classifying
    from archiver.services.clearance import Aim
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    zone = ZoneInfo(settings.archive.timezone)
    query = filters(" ".join(words or []), account, platform, kind, state, author, since, until, zone)
    with (
        access(settings, clearance, by, purpose, for_, way="classify suggest", aim=Aim(query=query)) as terms,
        open_for_reading(settings) as store,
        store.read() as conn,
    ):
        if like is not None and terms.profile.special_of(like) is None:
            known = ", ".join(one.name for one in terms.profile.special)
            raise UsageError(f'"{like}" is not on the watch list.', advice=f"Known: {known}.")
        everything, closed = classifying.suggestions(conn, terms, query)
        found = [one for one in everything if like in {None, one.special.name}]
    if as_json:
        print_json({"suggestions": [_suggested(one) for one in found], "not_public": closed})
        return
    rows = [
        (one.special.name, one.special.citation, one.words, _where(one), str(one.version), one.record) for one in found
    ]
    table(("like", "law", "words", "place", "version", "record"), rows)
    for special in sorted({one.special.name: one.special for one in found}.values(), key=lambda one: one.name):
        if special.caution:
            typer.echo(f"{special.name}: {special.caution}", err=True)
    if closed:
        typer.echo(not_public(closed), err=True)


def _span(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    start, _, end = text.partition("-")
    if not (start.strip().isdecimal() and end.strip().isdecimal()):
        raise UsageError(f'--span "{text}" is not a piece.', advice="Write it as FROM-TO, like 10-21.")
    return int(start), int(end)


def _place(one: Mark) -> str:
    if one.span is None:
        return "all" if one.part is Part.RECORD else one.part.value
    return f"{one.part} {one.span.start}-{one.span.end} of version {one.span.version}"


def _where(one: Suggestion) -> str:
    return f"{one.part} {one.start}-{one.end}" if one.part.has_spans else one.part.value


def _piece(one: NotPublic) -> str:
    return f" {one.span.start}-{one.span.end} of version {one.span.version}" if one.span else ""


def _end(one: Mark) -> str:
    if one.withdrawn is not None:
        return f"withdrawn by {one.withdrawn.by.name}: {one.withdrawn.reason}"
    return f"opens on {one.opens_on}" if one.opens_on else ""


def _part(one: NotPublic) -> dict[str, Any]:
    span = None if one.span is None else {"version": one.span.version, "from": one.span.start, "to": one.span.end}
    return {
        "part": one.part.value, "span": span, "class": one.class_, "citation": one.citation, "reason": one.reason,
        "opens_on": one.opens_on, "condition": one.condition, "mark": one.mark.id if one.mark else None,
    }  # fmt: skip


def _document(one: Mark) -> dict[str, Any]:
    span = None if one.span is None else {"version": one.span.version, "from": one.span.start, "to": one.span.end}
    gone = one.withdrawn
    return {
        "mark": one.id, "record": one.record, "part": one.part.value, "span": span, "class": one.class_,
        "citation": one.citation, "reason": one.reason, "like": one.special, "by": one.by.name, "at": utc(one.at),
        "opens_on": one.opens_on, "everywhere": one.everywhere,
        "withdrawn": None if gone is None else {"by": gone.by.name, "at": utc(gone.at), "reason": gone.reason},
    }  # fmt: skip


def _suggested(one: Suggestion) -> dict[str, Any]:
    return {
        "record": one.record, "account": one.account, "version": one.version, "part": one.part.value,
        "span": {"from": one.start, "to": one.end}, "words": one.words, "like": one.special.name,
        "label": one.special.label, "class": one.special.class_, "citation": one.special.citation,
        "caution": one.special.caution,
    }  # fmt: skip

"""``hold``: stops on destruction, who was told of them, and their release by two people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from archiver.cli.acting import By, actor, approver, logins_count
from archiver.cli.context import state_of
from archiver.cli.finding import Account, Author, KindOption, Platform, Since, StateOption, Until, filters
from archiver.cli.output import harmless, local, print_json, table
from archiver.domain.keys import Key
from archiver.domain.stops import StopType
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.config import Settings
    from archiver.services.holds import Hold
    from archiver.services.noticing import Letter, Office
    from archiver.store.decisions.notices import Notice

hold = typer.Typer(
    help="Stops on destruction: legal holds, data requests, audits, claims, court orders.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

DAYS = 7
Name = Annotated[str, typer.Argument(metavar="HOLD", help="The hold's name: H-1, H-2 …")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


def add_to(app: typer.Typer) -> None:
    """Hang the commands of this module into the program."""
    app.add_typer(hold, name="hold")


@hold.command()
def place(
    context: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(help="Words that must all occur.")] = None,
    kind_of_stop: Annotated[
        str, typer.Option("--type", metavar="TYPE", help=f"Why: {', '.join(StopType)}.")
    ] = StopType.LEGAL_HOLD.value,
    matter: Annotated[str, typer.Option("--matter", help="The case, request or audit that it is for.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why it is placed.")] = "",
    record: Annotated[list[str] | None, typer.Option("--record", help="A single record; may be repeated.")] = None,
    thread: Annotated[
        list[str] | None, typer.Option("--thread", help="A whole thread, by any record in it; may be repeated.")
    ] = None,
    account: Account = None,
    platform: Platform = None,
    kind: KindOption = None,
    state: StateOption = None,
    author: Author = None,
    since: Since = None,
    until: Until = None,
    everything: Annotated[bool, typer.Option("--everything", help="All there is, and all that comes.")] = False,
    with_context: Annotated[
        bool,
        typer.Option("--context/--no-context", help="Also what a covered record answers, quotes or passes on."),
    ] = True,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Stop the destruction of records: those that match now, and those that will.

    Words and filters are those of `archiver search`. What comes later is covered as it arrives, and what was covered
    once stays so until the release.

    Examples: `archiver hold place "main street" --account police-x --matter "Doe v. City" --reason "claim received"`,
    `archiver hold place --type audit --thread bluesky:at://… --matter "Audit 2026" --reason "auditor's letter"`
    """
    from archiver.services import holds
    from archiver.store.decisions.scopes import Scope
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    person = actor(settings, by)
    zone = ZoneInfo(settings.archive.timezone)
    typed = " ".join(words or [])
    query = filters(typed, account, platform, kind, state, author, since, until, zone)
    asked = everything or any((typed, account, platform, kind, state, author, since, until))
    scope = Scope(
        query if asked else None, tuple(map(Key, thread or ())), tuple(map(Key, record or ())), context=with_context
    )
    with open_for_deciding(settings) as store:
        placed = holds.place(
            store, _type(kind_of_stop), scope, matter=matter, reason=reason, by=person, at=datetime.now(UTC),
            paused=_paused(settings),
        )  # fmt: skip
    if as_json:
        print_json(_document(placed, datetime.now(UTC)))
        return
    typer.echo(f"{placed.stop.name} is placed. {_how_much(placed, zone)}")
    _print_reaches(placed, zone)
    _warn(placed)
    typer.echo(f'Next: archiver hold notices {placed.stop.name} --to "Name <address>"')


@hold.command()
def release(
    context: typer.Context,
    name: Name,
    reason: Annotated[str, typer.Option("--reason", help="Why it may end; from the person who asks for it.")] = "",
    approve: Annotated[
        bool, typer.Option("--approve", help="Approve what another person asked for; then it is over.")
    ] = False,
    by: By = None,
) -> None:
    """End a hold: one person asks for it, another person approves it.

    Retention clocks are not set anew. What another hold covers too stays covered.

    Examples: `archiver hold release H-1 --reason "settled" --by "Dana Clerk"`,
    `archiver hold release H-1 --approve --by "Lee Attorney"`
    """
    from archiver.services import holds
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    if approve and reason:
        raise UsageError("--reason is for who asks, --approve for who approves.", advice="Give one of them.")
    person = approver(settings, by) if approve else actor(settings, by)
    with open_for_deciding(settings) as store:
        if not approve:
            stop = holds.ask_release(store, name, by=person, at=datetime.now(UTC), reason=reason)
            typer.echo(f"{stop.name} stands until another person approves its release:")
            typer.echo(f"archiver hold release {stop.name} --approve --by …")
            return
        stop, freed = holds.approve_release(store, name, by=person, at=datetime.now(UTC), logins=logins_count(settings))
        told = [one.custodian for one in holds.load(store, name, _paused(settings)).notices]
    typer.echo(f"{stop.name} is released. {_records(freed)} no longer under any hold.")
    if told:
        typer.echo(harmless(f"Tell its custodians that it is over: {', '.join(told)}."))


@hold.command("list")
def list_(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Released ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """The open holds: what they are for, how much they cover, who has not acknowledged a notice.

    Examples: `archiver hold list`, `archiver hold list --all --json`
    """
    from archiver.services import holds
    from archiver.wiring import open_for_reading

    settings, now = state_of(context).settings(), datetime.now(UTC)
    with open_for_reading(settings) as store:
        found = holds.listed(store, _paused(settings), open_only=not every)
    if as_json:
        print_json({"holds": [_document(one, now) for one in found]})
        return
    zone = ZoneInfo(settings.archive.timezone)
    rows = [
        (
            one.stop.name, one.stop.type.value, one.stop.matter, local(one.stop.at, zone), one.stop.by.name,
            _state(one), str(one.records), str(sum(notice.is_overdue(now) for notice in one.notices)),
        )
        for one in found
    ]  # fmt: skip
    table(("hold", "type", "matter", "placed", "by", "state", "records", "notices overdue"), rows)
    for one in found:
        _warn(one)


@hold.command()
def show(
    context: typer.Context,
    name: Name,
    records: Annotated[
        bool, typer.Option("--records", help="Also each record on its list, why and since when.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """One hold: its scope, what it covers at this moment, its notices, its release.

    Examples: `archiver hold show H-1`, `archiver hold show H-1 --records --json`
    """
    from archiver.services import holds
    from archiver.services.noticing import WORDS, scope_in_words
    from archiver.wiring import open_for_reading

    settings, now = state_of(context).settings(), datetime.now(UTC)
    with open_for_reading(settings) as store:
        found = holds.load(store, name, _paused(settings))
        on_list = list(holds.records_of(store, name)) if records else []
    if as_json:
        each = [{"record": one.record, "why": one.basis.value, "since": one.at} for one in on_list]
        print_json(_document(found, now) | ({"list": each} if records else {}))
        return
    zone, stop = ZoneInfo(settings.archive.timezone), found.stop
    typer.echo(harmless(f"{stop.name}  {WORDS[stop.type]}, {_state(found)}: {stop.matter}"))
    typer.echo(harmless(f"Placed {local(stop.at, zone)} by {stop.by.name}: {stop.reason}"))
    typer.echo(harmless(f"Covers {scope_in_words(stop.scope, zone)}."))
    typer.echo(_how_much(found, zone))
    _print_reaches(found, zone)
    for step in stop.releases:
        typer.echo(harmless(f"Release {step.step} {local(step.at, zone)} by {step.by.name}: {step.reason}"))
    _print_notices(found.notices, zone, now)
    if records:
        table(("record", "why", "since"), [(one.record, one.basis.value, local(one.at, zone)) for one in on_list])
    _warn(found)


@hold.command()
def notices(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="HOLD", help="The hold's name; all overdue ones without.")
    ] = None,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", metavar="CUSTODIAN", help="Send a notice: a name, or Name <address>; may be repeated."),
    ] = None,
    text: Annotated[
        Path | None, typer.Option("--text", metavar="FILE", help="The notice in your own words [default: ours].")
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, help="So long they have to acknowledge it.")] = DAYS,
    acknowledge: Annotated[
        str | None, typer.Option("--acknowledge", metavar="NAME", help="This custodian has said that they read it.")
    ] = None,
    remind: Annotated[bool, typer.Option("--remind", help="Remind those who are overdue.")] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="Write what has to be brought by hand there [default: stdout]."
        ),
    ] = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Tell custodians what they must keep, note who has read it, remind the others; or list how that stands.

    Goes out by mail where alerts.mail is configured and an address is given; else it is printed, to be brought by hand.
    Either way it is recorded.

    Examples: `archiver hold notices H-1 --to "Sam Porter <sam.porter@city.example>"`,
    `archiver hold notices H-1 --acknowledge "Sam Porter"`, `archiver hold notices H-1 --remind`
    """
    settings = state_of(context).settings()
    wanted = (bool(to), acknowledge is not None, remind)
    if sum(wanted) > 1:
        raise UsageError("--to, --acknowledge and --remind are three acts.", advice="Give one of them at a time.")
    if not any(wanted):
        _list_notices(settings, name, as_json=as_json)
        return
    if name is None:
        raise UsageError("Of which hold?", advice="`archiver hold list` names them.")
    from archiver.wiring import noticing

    with noticing(settings, actor(settings, by)) as office:
        if acknowledge is not None:
            office.acknowledge(name, acknowledge)
            typer.echo(harmless(f"{acknowledge} has acknowledged the notice of {name}."))
            return
        _deliver(_letters(office, name, to, text, timedelta(days=days)), output)


def _letters(office: Office, name: str, to: list[str] | None, text: Path | None, patience: timedelta) -> list[Letter]:
    if to is None or not to:
        return office.remind(name, patience=patience)
    try:
        words = text.read_text(encoding="utf-8") if text is not None else None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{text} can't be read: {error}.", advice="--text takes a file of plain text.") from None
    return office.send(name, to, patience=patience, text=words)


def _deliver(letters: list[Letter], output: Path | None) -> None:
    """Say what went out, and give what has to be brought."""
    if not letters:
        typer.echo("Nobody is overdue.")
    for one in letters:
        way = f"went to {one.address}" if one.by_mail else "is to be brought by hand; it is recorded as sent"
        typer.echo(harmless(f"The notice to {one.custodian} {way}."))
    text = "\n\n".join(one.text for one in letters if not one.by_mail)
    if not text:
        return
    if output is None:
        typer.echo(f"\n{text}")
        return
    output.write_text(text, encoding="utf-8")
    typer.echo(f"Written to {output}.")


def _list_notices(settings: Settings, name: str | None, *, as_json: bool) -> None:
    from archiver.services import holds
    from archiver.services.noticing import overdue
    from archiver.wiring import open_for_reading

    now = datetime.now(UTC)
    with open_for_reading(settings) as store:
        if name is not None:
            found = list(holds.load(store, name, _paused(settings)).notices)
        else:
            with store.read() as conn:
                found = overdue(conn, now)
    if as_json:
        print_json({"notices": [_notice(one, now) for one in found]})
        return
    _print_notices(found, ZoneInfo(settings.archive.timezone), now)


def _type(word: str) -> StopType:
    try:
        return StopType(word.replace("-", "_"))
    except ValueError:
        raise UsageError(f'--type "{word}" is not known.', advice=f"Known: {', '.join(StopType)}.") from None


def _paused(settings: Settings) -> dict[str, bool]:
    return {one.id: one.paused for one in settings.accounts}


def _state(found: Hold) -> str:
    from archiver.services.holds import waiting

    if found.stop.released is not None:
        return "released"
    return "open, release asked for" if waiting(found.stop) else "open"


def _records(count: int) -> str:
    return "1 record is" if count == 1 else f"{count} records are"


def _how_much(found: Hold, zone: ZoneInfo) -> str:
    were = "were" if found.stop.released else "are"
    if not found.records:
        return f"No records {were} under it so far."
    count = f"{found.records} record{'' if found.records == 1 else 's'}"
    return f"{count} {were} under it, from {local(found.first_at, zone)} until {local(found.last_at, zone)}."


def _print_reaches(found: Hold, zone: ZoneInfo) -> None:
    rows = [
        (
            one.account, str(one.extent.records if one.extent else 0),
            local(one.extent.first_at if one.extent else None, zone),
            local(one.extent.last_at if one.extent else None, zone), local(one.captured_until, zone), str(one.gaps),
        )
        for one in found.reaches
    ]  # fmt: skip
    if rows:
        table(("account", "records", "from", "until", "captured until", "gaps"), rows)


def _print_notices(found: list[Notice] | tuple[Notice, ...], zone: ZoneInfo, now: datetime) -> None:
    rows = [
        (
            one.stop, one.custodian, one.address or "", local(one.sent_at, zone), str(one.reminded),
            local(one.acknowledged_at, zone), _due(one, zone, now),
        )
        for one in found
    ]  # fmt: skip
    if rows:
        table(("hold", "custodian", "address", "sent", "reminders", "acknowledged", "due"), rows)


def _due(one: Notice, zone: ZoneInfo, now: datetime) -> str:
    if one.acknowledged_at is not None or one.due_at is None:
        return ""
    return f"{local(one.due_at, zone)}{', overdue' if one.is_overdue(now) else ''}"


def _warn(found: Hold) -> None:
    for sentence in found.warnings():
        typer.echo(f"Warning: {sentence}", err=True)


def _document(found: Hold, now: datetime) -> dict[str, Any]:
    stop = found.stop
    return {
        "hold": stop.name,
        "type": stop.type.value,
        "matter": stop.matter,
        "reason": stop.reason,
        "state": "released" if stop.released else "open",
        "placed_at": stop.at,
        "placed_by": stop.by.name,
        "scope": stop.scope.document(),
        "records": found.records,
        "first_at": found.first_at,
        "last_at": found.last_at,
        "accounts": [one.document() for one in found.reaches],
        "release": [
            {"step": step.step.value, "at": step.at, "by": step.by.name, "reason": step.reason}
            for step in stop.releases
        ],
        "notices": [_notice(one, now) for one in found.notices],
        "warnings": list(found.warnings()),
    }  # fmt: skip


def _notice(one: Notice, now: datetime) -> dict[str, Any]:
    return {
        "hold": one.stop,
        "custodian": one.custodian,
        "address": one.address,
        "sent_at": one.sent_at,
        "due_at": one.due_at,
        "acknowledged_at": one.acknowledged_at,
        "reminders": one.reminded,
        "overdue": one.is_overdue(now),
    }

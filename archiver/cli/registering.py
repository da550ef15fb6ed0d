"""``account list|show|add|change|close|mark``: the register of accounts, and what was decided about them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from archiver.cli import register_lines as lines
from archiver.cli.acting import By, actor
from archiver.cli.context import state_of
from archiver.cli.output import harmless, print_json, table
from archiver.domain.account import Capacity
from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.config import Settings
    from archiver.services.registering import Sitting
    from archiver.store.decisions.stops import Stop

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Name = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's id in config.toml.")]
On = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day from which it holds [default: today].")
]
Reason = Annotated[str | None, typer.Option("--reason", help="Why, in a sentence that others will read.")]
Decision = Annotated[
    str | None, typer.Option("--decision", help="The document that decides it, like 'Resolution 26-118'.")
]
CapacityOption = Annotated[
    Capacity | None,
    typer.Option("--capacity", help="In which capacity it is used; personal and campaign need a reason."),
]
Department = Annotated[str | None, typer.Option("--department", help="The department that it belongs to.")]
Opened = Annotated[
    datetime | None, typer.Option("--opened", formats=["%Y-%m-%d"], help="The day on which the account was opened.")
]
MayPost = Annotated[
    list[str] | None, typer.Option("--may-post", metavar="PERSON", help="Who may post; again for each further person.")
]


class Switch(StrEnum):
    """Whether something is turned on."""

    ON = "on"
    OFF = "off"


class Side(StrEnum):
    """What a post on a mixed account is."""

    OFFICIAL = "official"
    PERSONAL = "personal"


def add_to(group: typer.Typer) -> None:
    """Hang the commands of this module into the group ``account``."""
    for name, command in (
        ("list", list_),
        ("show", show),
        ("add", add),
        ("change", change),
        ("close", close),
        ("mark", mark),
    ):
        group.command(name)(command)


def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """Every account: in which capacity it is used, by which decision it was adopted, whether it is collected.

    Examples: `archiver account list`, `archiver account list --json`
    """
    from archiver.services.registering import listed
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    with open_for_reading(settings) as store:
        found = listed(store)
    if as_json:
        print_json({"accounts": [lines.document(row, standing, settings) for row, standing in found]})
        return
    table(lines.COLUMNS, [lines.row(row, standing, settings) for row, standing in found])
    lacking = [row.account.id for row, standing in found if standing.adopted is None]
    if lacking:
        typer.echo(
            f"No decision is entered for {', '.join(lacking)}. "
            f'Enter it: archiver account add {lacking[0]} --decision "…" --by "…"',
            err=True,
        )


def show(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """What the register says of an account, all that was entered, its names, its coverage, the marks of its posts.

    Example: `archiver account show mayor-facebook`
    """
    from archiver.services.registering import card
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    with open_for_reading(settings) as store:
        found = card(store, name)
    if as_json:
        print_json(lines.card_document(found, settings))
        return
    for line in lines.card_lines(found, settings):
        typer.echo(harmless(line))


def add(
    context: typer.Context,
    name: Name,
    decision: Decision = None,
    on: On = None,
    opened: Opened = None,
    platform: Annotated[str | None, typer.Option("--platform", help="Of an account that is new here.")] = None,
    handle: Annotated[str | None, typer.Option("--handle", help="Of an account that is new here.")] = None,
    base_url: Annotated[str | None, typer.Option("--base-url", help="Another server, for one that is new.")] = None,
    capacity: CapacityOption = None,
    department: Department = None,
    may_post: MayPost = None,
    reason: Reason = None,
    by: By = None,
) -> None:
    """Enter that the city adopted an account: when, by which decision, who may post.

    An account that config.toml does not name is written into it, with --platform and --handle. A closed account
    is open again after this.

    Examples: `archiver account add city-facebook --decision "Resolution 26-118" --on 2026-03-02 --by "Dana Clerk"`,
    `archiver account add parks-x --platform x --handle ExampleParks --decision "Memo of 2 March" --by "Dana Clerk"`
    """
    from archiver.services import registering
    from archiver.services.registering import Change
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    sitting = _sitting(settings, by)
    words = {"platform": platform, "handle": handle, "base_url": base_url}
    if not decision:
        raise UsageError("By which decision was it adopted?", advice='Add --decision "Resolution 26-118".')
    day = on.date() if on else None
    if any(one.id == name for one in settings.accounts):
        _require_equal(settings, name, words)
    else:
        _require_past(sitting, day, opened.date() if opened else None)
        more = {"capacity": str(capacity) if capacity else None, "department": department, "collect_reason": reason}
        settings = _write_into_configuration(settings, {"id": name} | words | more)
        typer.echo(f"{name} is written into {settings.path}.")
    change = Change(
        day, decision, reason, capacity, department, opened.date() if opened else None, may_post=may_post or ()
    )
    with open_for_deciding(settings) as store:
        registering.adopt(store, name, sitting, change)
    typer.echo(f"{name} is in the register: adopted on {day or sitting.today} by {decision}.")
    if any(words.values()):
        typer.echo(f"Next: archiver check; archiver backfill {name}. A running `archiver run` needs a restart.")


def change(
    context: typer.Context,
    name: Name,
    on: On = None,
    capacity: CapacityOption = None,
    department: Department = None,
    opened: Opened = None,
    may_post: MayPost = None,
    may_not_post: Annotated[
        list[str] | None, typer.Option("--may-not-post", metavar="PERSON", help="Who may no longer post.")
    ] = None,
    collect: Annotated[Switch | None, typer.Option("--collect", help="Whether it is collected.")] = None,
    decision: Decision = None,
    reason: Reason = None,
    by: By = None,
) -> None:
    """Enter what is different from a day on; what stood before stays readable.

    Examples: `archiver account change mayor-x --capacity mixed --reason "Family news, too." --by "Dana Clerk"`,
    `archiver account change city-x --may-post "Bo Writer" --may-not-post "Al Editor" --by "Dana Clerk"`
    """
    from archiver.services import holds, registering
    from archiver.services.registering import Change
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    entered = Change(
        on.date() if on else None, decision, reason, capacity, department, opened.date() if opened else None,
        None if collect is None else collect is Switch.ON, may_post or (), may_not_post or (),
    )  # fmt: skip
    sitting = _sitting(settings, by)
    with open_for_deciding(settings) as store:
        registering.change(store, name, sitting, entered)
        standing = registering.card(store, name).standing
        held = holds.reaching(store, name) if standing.refusal is not None else []
    for entry in standing.entries:
        if entry.at == sitting.at and not entry.is_configured:
            typer.echo(harmless(f"{name}: {lines.told(entry)}"))
    _warn_of_holds(name, held)


def close(context: typer.Context, name: Name, on: On = None, reason: Reason = None, by: By = None) -> None:
    """Enter that an account is closed: nothing new is collected, its records stay, their time may begin to run.

    Example: `archiver account close old-facebook --on 2026-06-30 --reason "Moved." --by "Dana Clerk"`
    """
    from archiver.services import holds, registering
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    sitting, day = _sitting(settings, by), on.date() if on else None
    with open_for_deciding(settings) as store:
        registering.close(store, name, sitting, on=day, reason=reason)
        held = holds.reaching(store, name)
    typer.echo(f"{name} is closed since {day or sitting.today}: nothing new is collected, its records stay.")
    _warn_of_holds(name, held)


def _warn_of_holds(name: str, held: list[Stop]) -> None:
    """R27: what a hold covers is still to come, and is collected no more."""
    if held:
        names = ", ".join(f"{stop.name} ({stop.matter})" for stop in held)
        typer.echo(harmless(f"Warning: {name} is under {names}; what happens there from now on is not kept."), err=True)


def mark(
    context: typer.Context,
    record: Annotated[str, typer.Argument(help="A record's key, or the platform's id of it.")],
    side: Annotated[Side, typer.Argument(help="What it is: official or personal.")],
    reason: Reason = None,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Enter it, although the record is kept under a series.")
    ] = False,
    by: By = None,
) -> None:
    """Mark a post of a mixed account as official or personal. It hides and deletes nothing, and changes no retention.

    Example: `archiver account mark x:1728 personal --reason "A birthday in his family." --by "Dana Clerk"`
    """
    from archiver.services.marking import kept_under, mark_capacity
    from archiver.services.retention.eligibility import terms_of
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    sitting, capacity = _sitting(settings, by), Capacity(str(side))
    with open_for_deciding(settings) as store:
        done = mark_capacity(
            store, record, capacity, by=sitting.by, reason=reason, at=sitting.at, confirmed=confirm,
            kept=kept_under(terms_of(settings), sitting.today),
        )  # fmt: skip
    before = f"It was marked as {done.before.capacity} by {done.before.by.name}." if done.before else ""
    typer.echo(harmless(f"{done.record} is marked as {side}. {before} {done.kept or ''}".rstrip()))


def _sitting(settings: Settings, by: str | None) -> Sitting:
    from archiver.services.registering import Sitting

    now = datetime.now(UTC)
    return Sitting(actor(settings, by), now, now.astimezone(ZoneInfo(settings.archive.timezone)).date())


def _require_past(sitting: Sitting, *days: date | None) -> None:
    """Raises before the configuration is written to, where the register would refuse the days."""
    for day in days:
        if day is not None and day > sitting.today:
            raise UsageError(f"{day} is still to come.", advice="Enter it on that day, or later.")


def _require_equal(settings: Settings, name: str, words: Mapping[str, str | None]) -> None:
    """Raises where what is said of an account is not what the configuration says."""
    setting = settings.chosen([name])[0]
    for word, value in words.items():
        if value is not None and value != (known := getattr(setting, word)):
            raise UsageError(
                f"{settings.path} says of {name}: {word} {known or 'not set'}.",
                advice=f"Leave --{word.replace('_', '-')} out, or choose another id for another account.",
            )


def _write_into_configuration(settings: Settings, words: Mapping[str, str | None]) -> Settings:
    """Add an account's table at the end of config.toml, where it changes nothing else; the settings with it."""
    from archiver import config
    from archiver.cli.first_config import account_table
    from archiver.domain.register import needs_reason
    from archiver.errors import ConfigError
    from archiver.platforms.registry import counts, platforms
    from archiver.services.setup import append

    name, capacity = words["id"], words["capacity"]
    if not (words["platform"] and words["handle"]):
        raise UsageError(
            f'There is no account "{name}" in {settings.path}.',
            advice="Add --platform and --handle to have it written there.",
        )
    if capacity and needs_reason(Capacity(capacity)) and not words["collect_reason"]:
        raise UsageError(
            f"{name} would be collected as a {capacity} account, which makes it government data.",
            advice="Add --reason with what the officer named by --by decided, and why (R1).",
        )
    kept = words if capacity and needs_reason(Capacity(capacity)) else {**words, "collect_reason": None}
    text = settings.path.read_text(encoding="utf-8")
    added = ("" if text.endswith("\n") else "\n") + "\n".join(account_table(kept)) + "\n"
    try:
        new = config.parse_text(text + added, settings.path, platforms=platforms(), counts=counts)
    except ConfigError as error:
        raise UsageError(str(error), advice="Nothing was written.") from None
    append(settings.path, added)
    return new

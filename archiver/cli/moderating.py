"""``moderation``: what was hidden, removed or shut out; here, what people add to the record of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from archiver.cli.acting import By, actor
from archiver.cli.clearing import ClearanceOption, For, ForOption, Purpose, access
from archiver.cli.context import state_of
from archiver.cli.finding import one_of
from archiver.cli.moderation_reading import AsJson, list_, report, scope_of, show
from archiver.cli.output import harmless, local, print_json, table
from archiver.errors import UsageError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from archiver.config import Settings
    from archiver.domain.moderation import Entry, Note
    from archiver.services.clearance import Access

moderation = typer.Typer(
    help="What was hidden, removed or shut out: by whom, under which rule, and why.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

On = Annotated[
    datetime,
    typer.Option("--on", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="The day, or the day and time, in the city."),
]
Who = Annotated[str | None, typer.Option("--actor", metavar="NAME", help="The person of the city who did it.")]
RuleOption = Annotated[str | None, typer.Option("--rule", metavar="CODE", help="The rule of the comment policy.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Why, in words.")]
Notice = Annotated[str | None, typer.Option("--notice", help="How and when the person was told.")]
Appeal = Annotated[str | None, typer.Option("--appeal", help="An appeal, and what came of it.")]
File = Annotated[Path | None, typer.Option("--file", help="A screenshot or letter; a copy is kept.")]


def add_to(app: typer.Typer) -> None:
    """Hang the commands of the group into the program."""
    app.add_typer(moderation, name="moderation")


moderation.command("list")(list_)
moderation.command()(show)
moderation.command()(report)


@moderation.command()
def note(
    context: typer.Context,
    entry: Annotated[str, typer.Argument(help="An entry, or a record: its latest one.")],
    who: Who = None,
    rule: RuleOption = None,
    reason: Reason = None,
    notice: Notice = None,
    appeal: Appeal = None,
    action: Annotated[
        str | None, typer.Option("--action", help="What it was, where the capture does not tell: delete, hide …")
    ] = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Say of a captured event who did it, under which rule and why. A later note counts; the earlier ones stay.

    Example: `archiver moderation note mastodon:1154 --actor "Pat Doe" --rule 3 --reason "A threat" --by "Dana Clerk"`
    """
    from archiver.services.moderation.deciding import note as write
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    scope = scope_of(settings, _public(settings))
    said = _said(settings, by, action, who, rule, reason, notice, appeal)
    with open_for_deciding(settings) as store:
        noted = write(store, scope, entry, said)
    _entered(noted, as_json=as_json)


@moderation.command()
def act(
    context: typer.Context,
    account: Annotated[str, typer.Argument(help="The account's id in config.toml.")],
    action: Annotated[str, typer.Argument(help="delete, hide, block, mute, restrict, comments_off, limit_replies …")],
    on: On,
    basis: Annotated[str, typer.Option("--known-from", metavar="WORDS", help="How this is known: who told it, a log.")],
    record: Annotated[
        str | None, typer.Option("--record", help="What it was done to, where the archive has it.")
    ] = None,
    person: Annotated[
        str | None, typer.Option("--person", metavar="HANDLE", help="Who was blocked, or wrote it.")
    ] = None,
    text: Annotated[str | None, typer.Option("--text", help="What stood there, as far as it is known.")] = None,
    file: File = None,
    who: Who = None,
    rule: RuleOption = None,
    reason: Reason = None,
    notice: Notice = None,
    appeal: Appeal = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Enter what was done and no platform tells of: a block, or a deletion before any capture. Does nothing itself.

    Example: `archiver moderation act city-facebook block --on 2026-11-03 --person @troll --known-from "Pat Doe told me"
    --actor "Pat Doe" --rule 3 --reason "Threats" --by "Dana Clerk"`
    """
    from archiver.domain.moderation import Action
    from archiver.services.moderation.deciding import act as write
    from archiver.services.moderation.deciding import keep_file, require
    from archiver.store.decisions.moderation import ManualAct
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    scope = scope_of(settings, _public(settings))
    said = _said(settings, by, None, who, rule, reason, notice, appeal)
    at, day_only = _moment(on, scope.zone, said.at)
    kind = one_of(Action, action, "ACTION")
    kept = keep_file(settings.data_dir, file) if file is not None else None
    one = ManualAct(account, kind, at, day_only, said.at, said.by, basis, record, person, text, kept)
    with open_for_deciding(settings) as store:
        name = write(store, one, said)
        with store.read() as conn:
            entry = require(conn, scope, name)
    _entered(entry, as_json=as_json)


@moderation.command()
def policy(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="The policy as text or Markdown; without it all are listed.")
    ] = None,
    effective: Annotated[
        datetime | None, typer.Option("--effective", formats=["%Y-%m-%d"], help="The day from which it holds.")
    ] = None,
    shown_at: Annotated[
        str | None,
        typer.Option("--shown-at", metavar="WHERE", help="Where visitors could read it: an address, a place."),
    ] = None,
    title: Annotated[str, typer.Option("--title", help="What it is called.")] = "Comment policy",
    account: Annotated[
        str | None, typer.Option("--account", help="The one account that it is for [default: all without their own].")
    ] = None,
    has_rule: Annotated[
        list[str] | None,
        typer.Option(
            "--has-rule", metavar="CODE: WORDS", help="A rule, where the text does not number them. Repeat it."
        ),
    ] = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """The versions of the comment policy; with a file, a new one. Its text is kept as it stands, with its digest.

    Examples: `archiver moderation policy`,
    `archiver moderation policy comments.md --effective 2026-01-01 --shown-at "the page's About" --by "Dana Clerk"`
    """
    from archiver.exports.moderation_rows import policy_document
    from archiver.services.moderation.deciding import PolicyGiven
    from archiver.services.moderation.deciding import policy as write
    from archiver.store.decisions.moderation import policy_versions
    from archiver.wiring import open_for_deciding, open_for_reading

    settings = state_of(context).settings()
    if file is None:
        with open_for_reading(settings) as store, store.read() as conn:
            versions = policy_versions(conn)
        if as_json:
            print_json({"policies": [policy_document(one) for one in versions]})
            return
        rows = [
            (f"policy:{one.number}", one.effective.isoformat(), one.account or "all", str(len(one.rules)), one.title)
            for one in versions
        ]
        table(("policy", "effective", "account", "rules", "title"), rows)
        return
    if effective is None or shown_at is None:
        raise UsageError(
            "A policy holds from a day, and was shown somewhere.", advice="Add --effective and --shown-at."
        )
    who = actor(settings, by)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} can't be read: {error.strerror}.") from error
    given = PolicyGiven(content, title, effective.date(), shown_at, account, tuple(has_rule or ()))
    with open_for_deciding(settings) as store:
        version = write(store, given, who, datetime.now(UTC))
    if as_json:
        print_json(policy_document(version))
        return
    typer.echo(f"Entered as policy:{version.number}, in force from {version.effective}.")
    if version.rules:
        typer.echo("Its rules: " + harmless("; ".join(f"{one.code} {one.words}" for one in version.rules)))
    else:
        typer.echo(
            "No numbered rule was found in it; name them with --has-rule, so that entries can cite one.", err=True
        )


@moderation.command()
def setting(
    context: typer.Context,
    account: Annotated[
        str | None, typer.Argument(help="The account's id in config.toml; all when none is named.")
    ] = None,
    name: Annotated[
        str | None, typer.Argument(metavar="[SETTING]", help="What is entered: filters, page_roles …")
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="When it stood so, in the city's time."),
    ] = None,
    value: Annotated[
        list[str] | None, typer.Option("--value", help="A word, a person, a role, a choice. Repeat it for each.")
    ] = None,
    empty: Annotated[bool, typer.Option("--empty", help="The list was empty.")] = False,
    file: File = None,
    remark: Annotated[str | None, typer.Option("--remark", help="How it was looked up.")] = None,
    clearance: ClearanceOption = None,
    purpose: Purpose = None,
    for_: For = ForOption.STAFF,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """The settings as they stood at each account's last look; with a setting's name, an entry of how it stood.

    Enter the whole list each time: what is new in it, and what is missing, becomes an entry of the moderation record.

    Examples: `archiver moderation setting`,
    `archiver moderation setting city-facebook filters --on 2026-11-03 --value idiot --value scam --file filters.png
    --by "Dana Clerk"`
    """
    from archiver.domain.page_settings import SettingName
    from archiver.services.moderation.deciding import SettingGiven, keep_file
    from archiver.services.moderation.deciding import setting as write
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    if name is None:
        _list_settings(
            settings, account, as_json, access(settings, clearance, by, purpose, for_, way="moderation setting")
        )
        return
    kind = one_of(SettingName, name, "SETTING")
    if account is None or on is None or not (value or empty):
        raise UsageError(
            "An entry says when it stood so, and what was in it.", advice="Add --on, and --value for each, or --empty."
        )
    who, now = actor(settings, by), datetime.now(UTC)
    at, _ = _moment(on, ZoneInfo(settings.archive.timezone), now)
    kept = keep_file(settings.data_dir, file) if file is not None else None
    given = SettingGiven(account, kind, at, tuple(value or ()), remark, kept)
    with open_for_deciding(settings) as store:
        entered = write(store, given, who, now)
    if as_json:
        print_json({"entered": entered})
    else:
        typer.echo(f"Entered as {entered}.")


def _list_settings(
    settings: Settings, account: str | None, as_json: bool, asked: AbstractContextManager[Access]
) -> None:
    from archiver.domain.page_settings import by_track
    from archiver.exports.moderation_page import look_words
    from archiver.exports.moderation_rows import look_document
    from archiver.services.moderation.entries import looks, snapshots
    from archiver.wiring import open_for_reading

    settings.chosen([account] if account else [])
    zone = ZoneInfo(settings.archive.timezone)
    with asked as terms, open_for_reading(settings) as store, store.read() as conn:
        found = looks(by_track(snapshots(conn, account)).values(), terms)
    if as_json:
        print_json({"settings": [look_document(one) for one in found]})
        return
    rows = [
        (one.account, str(one.setting), "written down" if one.manual else "captured", local(one.last_at, zone),
         look_words(one))
        for one in found
    ]  # fmt: skip
    table(("account", "setting", "source", "last look", "as it stood then"), rows)


def _public(settings: Settings) -> Access:
    """The terms for what a command that enters something says of it."""
    from archiver.config import load_profile
    from archiver.services.clearance import Access

    zone = ZoneInfo(settings.archive.timezone)
    return Access(load_profile(settings.archive.profile), datetime.now(zone).date())


def _said(
    settings: Settings, by: str | None, action: str | None, who: str | None, rule: str | None, reason: str | None,
    notice: str | None, appeal: str | None,
) -> Note:  # fmt: skip
    from archiver.domain.moderation import Action, Note

    kind = one_of(Action, action, "--action")
    words = (text.strip() or None if text is not None else None for text in (who, rule, reason, notice, appeal))
    return Note(datetime.now(UTC), actor(settings, by), kind, *words)


def _moment(on: datetime, zone: ZoneInfo, now: datetime) -> tuple[datetime, bool]:
    """When something was so, and whether only the day is told. Raises UsageError for what has not come yet."""
    day_only = (on.hour, on.minute) == (0, 0)
    at = on.replace(tzinfo=zone).astimezone(UTC)
    if at > now:
        raise UsageError(f"--on {on:%Y-%m-%d %H:%M} has not come yet.")
    return at, day_only


def _entered(entry: Entry, *, as_json: bool) -> None:
    from archiver.exports.moderation_rows import entry_document

    if as_json:
        print_json(entry_document(entry))
        return
    typer.echo(f"Entered: {harmless(entry.reference)}")
    for doubt in entry.doubts:
        typer.echo(f"Still to be said: {doubt}.")

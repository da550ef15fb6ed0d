"""``moderation list|show|report``: what was hidden, removed or shut out, by whom, and what has no reason yet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from archiver.cli.acting import By
from archiver.cli.clearing import ClearanceOption, For, ForOption, Purpose, access
from archiver.cli.context import state_of
from archiver.cli.finding import midnight
from archiver.cli.output import harmless, local, print_json, table
from archiver.errors import NotFound, UsageError

if TYPE_CHECKING:
    from archiver.config import Settings
    from archiver.domain.moderation import Entry, PolicyVersion
    from archiver.domain.moderation_report import Report
    from archiver.services.clearance import Access, Aim
    from archiver.services.moderation.entries import Scope

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Account = Annotated[str | None, typer.Option("--account", help="Only this account.")]
Since = Annotated[datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], help="On that day or later.")]
Until = Annotated[datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="On that day or before.")]


def list_(
    context: typer.Context,
    since: Since = None,
    until: Until = None,
    account: Account = None,
    only_open: Annotated[bool, typer.Option("--open", help="Only what has no reason yet.")] = False,
    clearance: ClearanceOption = None,
    by: By = None,
    purpose: Purpose = None,
    for_: For = ForOption.STAFF,
    as_json: AsJson = False,
) -> None:
    """The entries of a period, oldest first, each with its name.

    Examples: `archiver moderation list --open`, `archiver moderation list --since 2026-01-01 --account city-facebook`
    """
    from archiver.exports.moderation_rows import DONE, WHOSE, entry_document
    from archiver.services.moderation.entries import gathered
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    with (
        access(settings, clearance, by, purpose, for_, way="moderation list", aim=_aim(account)) as terms,
        open_for_reading(settings) as store,
        store.read() as conn,
    ):
        scope = scope_of(settings, terms, since, until, account)
        found = [one for one in gathered(conn, scope) if one.is_open or not only_open]
    if as_json:
        print_json({"entries": [entry_document(one) for one in found]})
        return
    rows = [
        (
            when(one, scope.zone), one.account, DONE[one.action], one.said.actor or WHOSE[one.by], one.said.rule or "",
            one.said.reason or ("none yet" if one.is_open else ""), _words(one)[:60], one.reference,
        )
        for one in found
    ]  # fmt: skip
    table(("when", "account", "what", "by", "rule", "reason", "words", "entry"), rows)


def show(
    context: typer.Context,
    entry: Annotated[str, typer.Argument(help="An entry, a record, or policy:NUMBER.")],
    clearance: ClearanceOption = None,
    by: By = None,
    purpose: Purpose = None,
    for_: For = ForOption.STAFF,
    as_json: AsJson = False,
) -> None:
    """One entry with all that is known and said of it; all entries of a record; or a policy with its text.

    Examples: `archiver moderation show act:3`, `archiver moderation show policy:1`
    """
    from archiver.exports.moderation_rows import entry_document, policy_document
    from archiver.services.clearance import Aim
    from archiver.services.moderation.entries import found, of_one_record
    from archiver.store import items
    from archiver.store.decisions.moderation import policy_versions
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    with (
        access(settings, clearance, by, purpose, for_, way="moderation show", aim=Aim(_record_of(entry))) as terms,
        open_for_reading(settings) as store,
        store.read() as conn,
    ):
        scope = scope_of(settings, terms)
        if entry.startswith("policy:"):
            policy = next((one for one in policy_versions(conn) if f"policy:{one.number}" == entry), None)
            if policy is None:
                raise NotFound(f"There is no {entry}.", advice="`archiver moderation policy` lists them.")
            if as_json:
                print_json(policy_document(policy) | {"text": policy.text})
            else:
                _print_policy(policy)
            return
        key = items.resolve(conn, entry)
        one = None if key is not None else found(conn, scope, entry)
        entries = of_one_record(conn, scope, key) if key is not None else [one] if one is not None else []
    if not entries:
        raise NotFound(f"The moderation record has nothing of {entry!r}.", advice="`archiver moderation list` has it.")
    if as_json:
        print_json({"entries": [entry_document(one) for one in entries]})
        return
    for one in entries:
        _print(one, scope.zone)


def report(
    context: typer.Context,
    since: Since = None,
    until: Until = None,
    account: Account = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="A file to write: .html to read, .csv for a spreadsheet."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
    clearance: ClearanceOption = None,
    by: By = None,
    purpose: Purpose = None,
    for_: For = ForOption.STAFF,
    as_json: AsJson = False,
) -> None:
    """Everything that vanished or was hidden in a period: its text, by whom, under which rule, and what has no reason.

    Examples: `archiver moderation report --since 2026-01-01 --until 2026-06-30 -o moderation.html`,
    `archiver moderation report --account city-facebook --json`
    """
    from archiver.exports import moderation_page, moderation_rows
    from archiver.services.moderation.report import report as compiled
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    writers = {".html": moderation_page.write, ".csv": moderation_rows.write_csv}
    if output is not None and output.suffix.lower() not in writers:
        raise UsageError(f"{output} has no ending that says what to write.", advice="Name it .html or .csv.")
    with (
        access(settings, clearance, by, purpose, for_, way="moderation report", aim=_aim(account)) as terms,
        open_for_reading(settings) as store,
    ):
        scope = scope_of(settings, terms, since, until, account)
        made = compiled(store, scope, archive=settings.archive.name, made_at=datetime.now(UTC))
    if output is not None:
        writers[output.suffix.lower()](made, output, force=force)
    if as_json:
        print_json(moderation_rows.document(made))
        return
    if output is not None:
        typer.echo(f"Wrote {output}: {len(made.entries)} entries, {len(made.open)} without a reason yet.")
    else:
        _print_report(made, scope.zone)
    for gap in made.gaps():
        typer.echo(
            f"Not all was captured: {gap['stream']} of {gap['account']} from {local(gap['from_at'], scope.zone)} "
            f"until {local(gap['until_at'], scope.zone)}: {(gap['reason'] or '').rstrip('.')}.",
            err=True,
        )


def _aim(account: str | None) -> Aim:
    """What a reading of entries is about: an account's records, or all."""
    from archiver.services.clearance import Aim
    from archiver.store.selection import Query

    return Aim(query=Query(account=account))


def _record_of(entry: str) -> str:
    """The record that an entry's name begins with; the name itself where there is none."""
    return entry.rpartition("#")[0] or entry


def _print_report(made: Report, zone: ZoneInfo) -> None:
    for one in made.entries:
        _print(one, zone)
    typer.echo(f"{len(made.entries)} entries, {len(made.open)} without a reason yet.")
    for doubt, entries in made.doubted():
        typer.echo(f"{doubt}: {len(entries)}")
    for like in made.unlike:
        standing = ", ".join(harmless(key) for key in like.standing)
        typer.echo(f"The same text was left standing in {standing}: {harmless(like.text)}")


def _print(one: Entry, zone: ZoneInfo) -> None:
    from archiver.exports.moderation_rows import DONE, SOURCES, WHOSE

    subject, said = one.subject, one.said
    typer.echo(f"{when(one, zone)}  {one.account}  {DONE[one.action]}  {harmless(one.reference)}")
    facts = (
        ("by", " ".join(part for part in (WHOSE[one.by], said.actor and f"({said.actor})") if part)),
        ("author", subject.author), ("person", subject.person), ("setting", subject.setting),
        ("withheld", subject.withheld), ("text", subject.text), ("before", subject.earlier_text),
        ("rule", f"{said.rule} {one.rule.words if one.rule else ''}".strip() if said.rule else None),
        ("reason", said.reason), ("notice", said.notice), ("appeal", said.appeal),
        ("missing", "; ".join(one.doubts)), ("source", f"{SOURCES[one.source]}, {one.basis}"),
        ("file", one.kept.path if one.kept else None),
    )  # fmt: skip
    for name, value in facts:
        if value:
            typer.echo(f"  {name}: {harmless(value)}")


def _print_policy(one: PolicyVersion) -> None:
    typer.echo(f"{harmless(one.title)}, in force from {one.effective}, for {one.account or 'all accounts'}")
    typer.echo(f"Shown at {harmless(one.shown_at)}; entered by {harmless(one.by.name)}; SHA-256 {one.sha256}\n")
    for line in one.text.splitlines():
        typer.echo(harmless(line))


def scope_of(
    settings: Settings, terms: Access, since: datetime | None = None, until: datetime | None = None,
    account: str | None = None,
) -> Scope:  # fmt: skip
    """What is asked for, on what terms; days are days of the city's time zone."""
    from archiver.services.moderation.entries import Scope

    zone = ZoneInfo(settings.archive.timezone)
    if account is not None:
        settings.chosen([account])
    return Scope(
        zone, terms, midnight(since.date(), zone) if since else None,
        midnight(until.date() + timedelta(days=1), zone) if until else None, account,
    )  # fmt: skip


def when(one: Entry, zone: ZoneInfo) -> str:
    """When it was seen, or done, in the city."""
    return str(one.at.astimezone(zone).date()) if one.day_only else local(one.at, zone)


def _words(one: Entry) -> str:
    subject = one.subject
    return subject.text or subject.setting or subject.person or ("withheld" if subject.withheld else "")

"""``retention explain``, ``due`` and what no schedule has: why records are kept, and what is past its time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from archiver.cli.acting import By, actor
from archiver.cli.context import state_of
from archiver.cli.finding import Account, Author, KindOption, Platform, Since, StateOption, Until, filters
from archiver.cli.output import harmless, print_json, table
from archiver.cli.retention import AsJson, today

if TYPE_CHECKING:
    from archiver.services.retention.applying import Draft
    from archiver.services.retention.due import Due

Day = Annotated[
    datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="As it will be on that day; else today.")
]
Description = Annotated[str, typer.Option("--description", help="What the records are, as the form asks it.")]


def add_to(group: typer.Typer) -> None:
    """Hang the commands of this module into the group."""
    for command in (explain, due, unscheduled, apply, application, grant):
        group.command()(command)


def explain(
    context: typer.Context,
    record: Annotated[str, typer.Argument(metavar="RECORD", help="A record's key, or the platform's id of it.")],
    until: Day = None,
    as_json: AsJson = False,
) -> None:
    """Why a record is kept until when: its series, the event and its day, the period, stops, and what is missing.

    Example: `archiver retention explain mastodon:113`
    """
    from archiver.services.retention.eligibility import terms_of
    from archiver.services.retention.explaining import explain
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    with open_for_reading(settings) as store:
        found = explain(store, record, until.date() if until else today(settings), terms_of(settings))
    if as_json:
        print_json(found.document())
        return
    for sentence in found.sentences:
        typer.echo(harmless(sentence))


def due(context: typer.Context, until: Day = None, as_json: AsJson = False) -> None:
    """What is past its time, by account and series; what is stopped, and what waits for a person.

    Example: `archiver retention due --until 2026-12-31`
    """
    from archiver.services.retention.due import due
    from archiver.services.retention.eligibility import terms_of
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    with open_for_reading(settings) as store, store.read() as conn:
        found = due(conn, until.date() if until else today(settings), terms_of(settings))
    if as_json:
        print_json(found.document())
        return
    _print_due(found)


def _print_due(found: Due) -> None:
    table(
        ("account", "series", "title", "disposition", "records", "stopped", "in doubt", "oldest", "newest"),
        (
            (
                one.account, one.series, one.title, one.disposition, str(one.records), str(one.stopped),
                str(one.in_doubt), one.oldest.isoformat(), one.newest.isoformat(),
            )
            for one in found.groups
        ),
    )  # fmt: skip
    typer.echo(
        f"On {found.day} {_records(found.records)} may be proposed for disposal; "
        f"{_records(found.not_yet)} kept, the time not over."
    )
    for one in found.waiting:
        series = f" of {one.series}" if one.series else ""
        when = f"{one.oldest} to {one.newest}"
        typer.echo(f"{_records(one.records)}{series} in {one.account}, {when}: {_WAITS[str(one.reason)]}")


def _records(count: int) -> str:
    return f"{count} record{'' if count == 1 else 's'}"


_WAITS = {
    "undetermined": "marked as undetermined, kept until somebody decides (`archiver classify status`).",
    "unscheduled": "no series (`archiver retention assign`, or `archiver retention apply`).",
    "not adopted": "their schedule is not adopted (`archiver retention list`).",
    "no trigger date": "the event that starts their time has not happened, or nobody has stated its day.",
    "to be reviewed": "their time is over, and each is to be reviewed (`archiver retention assign … --record`).",
}


def unscheduled(
    context: typer.Context, account: Account = None, kind: KindOption = None, as_json: AsJson = False
) -> None:
    """The records that no schedule has: they can't be disposed of.

    Example: `archiver retention unscheduled --account police-bluesky`
    """
    from archiver.services.retention.applying import unscheduled
    from archiver.services.retention.eligibility import terms_of
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    terms = terms_of(settings)
    query = filters("", account, None, kind, None, None, None, None, terms.zone)
    with open_for_reading(settings) as store, store.read() as conn:
        found = unscheduled(conn, today(settings), terms, query)
    rows = [
        {
            "record": one.record, "account": one.account, "kind": one.kind, "status": one.status,
            "day": terms.day(one.came_at),
        }
        for one in found
    ]  # fmt: skip
    if as_json:
        print_json({"records": rows})
        return
    table(("day", "account", "kind", "status", "record"),
          ([str(row[name]) for name in ("day", "account", "kind", "status", "record")] for row in rows))  # fmt: skip


def apply(
    context: typer.Context,
    description: Description,
    words: Annotated[list[str] | None, typer.Argument(help="Words that must all occur.")] = None,
    account: Account = None,
    platform: Platform = None,
    kind: KindOption = None,
    state: StateOption = None,
    author: Author = None,
    since: Since = None,
    until: Until = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Draft a one-time application for records that no schedule has: what they are, from when, how many.

    Example: `archiver retention apply --description "Posts of a test page" --account test-page --by Dana`
    """
    from archiver.services.retention.applying import apply
    from archiver.services.retention.eligibility import terms_of
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    who = actor(settings, by)
    zone = ZoneInfo(settings.archive.timezone)
    query = filters(" ".join(words or []), account, platform, kind, state, author, since, until, zone)
    with open_for_deciding(settings) as store:
        done = apply(
            store, query, description, by=who, at=datetime.now(UTC), at_day=today(settings), terms=terms_of(settings)
        )
    _print_application(done, as_json=as_json)


def application(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="APPLICATION", help="A-1, A-2 …; all when not given.")] = None,
    as_json: AsJson = False,
) -> None:
    """The one-time applications, or the contents of one, as the form asks for them.

    Example: `archiver retention application A-1`
    """
    from archiver.services.retention.applying import listed, load
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    with open_for_reading(settings) as store:
        if name is not None:
            _print_application(load(store, name), as_json=as_json)
            return
        found = [load(store, one.name) for one in listed(store)]
    if as_json:
        print_json({"applications": [one.document() for one in found]})
        return
    table(
        ("application", "description", "records", "first", "last", "approval"),
        (
            (
                one.application.name, one.application.description, str(one.application.count),
                str(one.application.first), str(one.application.last),
                one.application.approval.number if one.application.approval else "-",
            )
            for one in found
        ),
    )  # fmt: skip


def grant(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="APPLICATION", help="A-1, A-2 …")],
    number: Annotated[str, typer.Option("--number", help="The number of the approval.")],
    body: Annotated[str, typer.Option("--from", help="Which body approved it.")],
    on: Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="The day of the approval.")],
    by: By = None,
) -> None:
    """Store the approval of an application: its records may be proposed for disposal from that day on.

    Example: `archiver retention grant A-1 --number PR1-26-118 --from "The panel" --on 2026-10-01 --by Dana`
    """
    from archiver.services.retention.applying import grant
    from archiver.store.decisions.applications import Approval
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    who = actor(settings, by)
    with open_for_deciding(settings) as store:
        done = grant(store, name, Approval(number, body, on.date(), who, datetime.now(UTC)))
    typer.echo(f"{done.name} is approved as {harmless(number)}: {_records(done.count)}.")


def _print_application(draft: Draft, *, as_json: bool) -> None:
    document = draft.document()
    if as_json:
        print_json(document)
        return
    one = draft.application
    typer.echo(f"Application {one.name}: {harmless(one.description)}")
    typer.echo(f"Dates: {one.first} to {one.last}")
    typer.echo(f"Quantity: {_records(one.count)}")
    for account, kind, count in draft.by_account:
        typer.echo(f"  {count} {kind} of {account}")
    typer.echo(f"Asked for: {harmless(document['scope'])}")
    typer.echo(f"SHA-256 over the list of their keys: {one.digest}")
    typer.echo(f"Drafted by {harmless(one.by.name)} on {one.at:%Y-%m-%d}")
    if one.approval is not None:
        approval = one.approval
        typer.echo(harmless(f"Approved as {approval.number} by {approval.body} on {approval.day}"))
    else:
        typer.echo(f"Not approved yet: send it in, then `archiver retention grant {one.name}`.")

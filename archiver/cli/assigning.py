"""``retention assign`` and its kin: which records belong to which series, and on which days events were."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from archiver.cli.acting import By, actor
from archiver.cli.context import state_of
from archiver.cli.finding import Account, Author, KindOption, Platform, Since, StateOption, Until, filters
from archiver.cli.output import harmless, print_json, table
from archiver.cli.retention import AsJson, EditionOption, today
from archiver.domain.retention import BY_HAND
from archiver.errors import UsageError

SeriesCode = Annotated[str, typer.Argument(metavar="SERIES", help="The series' code.")]
Records = Annotated[
    list[str] | None, typer.Option("--record", metavar="RECORD", help="A single record; may be repeated.")
]


def add_to(group: typer.Typer) -> None:
    """Hang the commands of this module into the group."""
    for command in (assign, assignments, revoke, choose, event):
        group.command()(command)


def assign(
    context: typer.Context,
    series: SeriesCode,
    words: Annotated[list[str] | None, typer.Argument(help="Words that must all occur.")] = None,
    edition: EditionOption = None,
    record: Records = None,
    thread: Annotated[
        list[str] | None,
        typer.Option("--thread", metavar="RECORD", help="A thread, by any record in it; may be repeated."),
    ] = None,
    account: Account = None,
    platform: Platform = None,
    kind: KindOption = None,
    state: StateOption = None,
    author: Author = None,
    since: Since = None,
    until: Until = None,
    everything: Annotated[bool, typer.Option("--all", help="All records.")] = False,
    reason: Annotated[str | None, typer.Option("--reason", help="Why.")] = None,
    by: By = None,
) -> None:
    """Assign a series: to single records, or to all that a filter finds, now and later.

    What is said of fewer records goes before what is said of more; where neither is, the longer period counts.
    Examples: `archiver retention assign COM-3 --account police-bluesky --kind comment --by "Dana Clerk"`,
    `archiver retention assign COM-4 "council hearing" --since 2026-01-01 --by "Dana Clerk"`
    """
    from archiver.services.retention.assigning import Target, assign, meant
    from archiver.store.selection import Query
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    who = actor(settings, by)
    zone = ZoneInfo(settings.archive.timezone)
    asked = filters(" ".join(words or []), account, platform, kind, state, author, since, until, zone)
    query = asked if everything or asked != Query(limit=None) else None
    with open_for_deciding(settings) as store:
        done = assign(
            store, Target(series, edition), query, record or (), threads=thread or (), reason=reason, by=who,
            at=datetime.now(UTC), today=today(settings),
        )  # fmt: skip
    typer.echo(f"Assignment {done.number}: {done.series[1]} of {done.series[0]} to {harmless(meant(done))}.")


def assignments(context: typer.Context, as_json: AsJson = False) -> None:
    """The assignments that hold, and the choices between series.

    Example: `archiver retention assignments`
    """
    from archiver.services.retention.assigning import meant
    from archiver.services.retention.eligibility import terms_of
    from archiver.store import accounts
    from archiver.store.decisions import assignments
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    terms = terms_of(settings)
    with open_for_reading(settings) as store, store.read() as conn:
        made, choices, known = assignments.assignments(conn), assignments.choices(conn), accounts.listed(conn)
    rows: list[dict[str, Any]] = [
        {
            "assignment": one.number, "series": one.series[1], "edition": one.series[0],
            "to": meant(one), "by": one.by.name,
            "day": terms.day(one.at), "reason": one.reason,
        }
        for one in made
    ]  # fmt: skip
    rows += [
        {
            "assignment": None, "series": one.series, "edition": None, "to": f"account {one.id}",
            "by": str(settings.path.name), "day": None, "reason": None,
        }
        for one in known if one.series is not None
    ]  # fmt: skip
    chosen = [
        {
            "series": one.series[1], "edition": one.series[0], "over": one.over[1], "over_edition": one.over[0],
            "by": one.by.name, "day": terms.day(one.at), "reason": one.reason,
        }
        for one in choices
    ]  # fmt: skip
    if as_json:
        print_json({"assignments": rows, "choices": chosen})
        return
    columns = ("assignment", "series", "edition", "to", "by", "day")
    table(columns, (["-" if row[name] is None else str(row[name]) for name in columns] for row in rows))
    for row in chosen:
        typer.echo(
            harmless(f"Where both match, {row['series']} holds over {row['over']}: {row['by']}, {row['reason']}")
        )


def revoke(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="ASSIGNMENT", help="Its number.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    by: By = None,
) -> None:
    """End an assignment; what it was stays in the log.

    Example: `archiver retention revoke 4 --reason "wrong account" --by "Dana Clerk"`
    """
    from archiver.services.retention.assigning import revoke
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    who = actor(settings, by)
    with open_for_deciding(settings) as store:
        done = revoke(store, number, reason=reason, by=who, at=datetime.now(UTC))
    typer.echo(f"Assignment {number} ({done.series[1]}) is revoked.")


def choose(
    context: typer.Context,
    series: SeriesCode,
    over: Annotated[str, typer.Option("--over", metavar="SERIES", help="The other one's code.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    edition: EditionOption = None,
    over_edition: Annotated[
        str | None, typer.Option("--over-edition", metavar="EDITION", help="The other one's edition.")
    ] = None,
    by: By = None,
) -> None:
    """Decide which of two series holds where both match a record and neither is more specific.

    Example: `archiver retention choose COM-5 --over COM-3 --reason "complaints have their own" --by Dana`
    """
    from archiver.services.retention.assigning import Target, choose
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    who = actor(settings, by)
    with open_for_deciding(settings) as store:
        done = choose(
            store, Target(series, edition), Target(over, over_edition), reason=reason, by=who,
            at=datetime.now(UTC), today=today(settings),
        )  # fmt: skip
    typer.echo(f"Where both match, {done.series[1]} holds, not {done.over[1]}.")


def event(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="EVENT", help=f"{', '.join(sorted(BY_HAND))}.")],
    records: Annotated[list[str], typer.Argument(metavar="RECORD...", help="The records that it is about.")],
    reason: Annotated[str, typer.Option("--reason", help="What happened.")],
    on: Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day on which it was.")] = None,
    taken_back: Annotated[bool, typer.Option("--taken-back", help="It has not happened after all.")] = False,
    thread: Annotated[bool, typer.Option("--thread", help="For all that stands in their threads, too.")] = False,
    by: By = None,
) -> None:
    """State the day of an event that no platform tells of: an action completed, a case closed, a record superseded.

    Example: `archiver retention event case_closed mastodon:113 --thread --on 2026-06-30 --reason "voted" --by Dana`
    """
    from archiver.domain.retention import Trigger
    from archiver.services.retention.assigning import state_event
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    who = actor(settings, by)
    if name not in set(Trigger):
        raise UsageError(f'"{name}" is not an event of a schedule.', advice=f"Known: {', '.join(sorted(BY_HAND))}.")
    if (on is None) is not taken_back:
        raise UsageError("No day is given.", advice="Give --on with the day, or --taken-back.")
    with open_for_deciding(settings) as store:
        keys = state_event(
            store, Trigger(name), records, on.date() if on else None, threads=thread, reason=reason, by=who,
            at=datetime.now(UTC), today=today(settings),
        )  # fmt: skip
    said = f"was on {on.date()}" if on else "has not happened"
    typer.echo(f"{name} {said}: {len(keys)} record{'' if len(keys) == 1 else 's'}.")

"""``search`` and ``show``: find a record, and see it with all that belongs to it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeVar, overload
from zoneinfo import ZoneInfo

import typer

from archiver.cli.acting import By, actor
from archiver.cli.clearing import ClearanceOption, For, ForOption, ParentOption, Purpose, access, not_public
from archiver.cli.context import state_of
from archiver.cli.output import harmless, local, print_json, table, utc
from archiver.errors import NotFound, UsageError

if TYPE_CHECKING:
    from archiver.services.records import Shown
    from archiver.store.search import Query
    from archiver.store.views import Row

PAGE = 50
E = TypeVar("E", bound=StrEnum)

Account = Annotated[str | None, typer.Option("--account", help="Only this account.")]
Platform = Annotated[str | None, typer.Option("--platform", help="Only this platform.")]
KindOption = Annotated[
    str | None, typer.Option("--kind", help="post, comment, reply, share, quote, mention, profile …")
]
StateOption = Annotated[str | None, typer.Option("--state", help="live, hidden, gone.")]
Author = Annotated[str | None, typer.Option("--author", help="A handle, a name or the platform's id.")]
Since = Annotated[datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], help="Created on that day or later.")]
Until = Annotated[datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="Created on that day or before.")]


def add_to(app: typer.Typer) -> None:
    """Hang the commands of this module into the program."""
    app.command()(search)
    app.command()(show)


def filters(
    words: str, account: str | None, platform: str | None, kind: str | None, state: str | None, author: str | None,
    since: datetime | None, until: datetime | None, zone: ZoneInfo, *, limit: int | None = None, offset: int = 0,
) -> Query:  # fmt: skip
    """The filters of search, which exports share; days are days of the city's time zone."""
    from archiver.domain.item import Kind, State
    from archiver.store.search import Query

    return Query(
        words=words, account=account, platform=platform,
        kind=one_of(Kind, kind, "--kind"), state=one_of(State, state, "--state"),
        author=author, since=midnight(since.date(), zone) if since else None,
        until=midnight(until.date() + timedelta(days=1), zone) if until else None, limit=limit, offset=offset,
    )  # fmt: skip


def search(
    context: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(help="Words that must all occur.")] = None,
    account: Account = None,
    platform: Platform = None,
    kind: KindOption = None,
    state: StateOption = None,
    author: Author = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="So many at most.")] = PAGE,
    offset: Annotated[int, typer.Option("--offset", min=0, help="Skip so many.")] = 0,
    clearance: ClearanceOption = None,
    by: By = None,
    purpose: Purpose = None,
    for_: For = ForOption.STAFF,
    parent: ParentOption = None,
    save: Annotated[
        str | None, typer.Option("--save", metavar="NAME", help="Keep this search, with all that it finds now.")
    ] = None,
    again: Annotated[
        str | None, typer.Option("--again", metavar="NAME", help="Do a saved search again: what is new since then?")
    ] = None,
    saved: Annotated[bool, typer.Option("--saved", help="List the saved searches.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Find records by their words, author, date and state; newest first. What was captured of the accounts is said.

    Examples: `archiver search pothole`, `archiver search "Main St" --state hidden --since 2026-01-01`,
    `archiver search pothole --save potholes --by "Dana Clerk"`, `archiver search --again potholes --by "Dana Clerk"`
    """
    from archiver.cli import search_again
    from archiver.services.clearance import Aim
    from archiver.services.covered import asked_about
    from archiver.services.records import find
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    zone = ZoneInfo(settings.archive.timezone)
    query = filters(
        " ".join(words or []), account, platform, kind, state, author, since, until, zone, limit=limit, offset=offset
    )
    if saved:
        search_again.listed(settings, as_json=as_json)
        return
    if again is not None and (query.words or query.is_filtered):
        raise UsageError("A saved search has its own words and filters.", advice="Leave the others out with --again.")
    with access(settings, clearance, by, purpose, for_, way="search", aim=Aim(query=query), parent=parent) as terms:
        if save is not None:
            search_again.save(settings, save, query, terms, actor(settings, by), as_json=as_json)
            return
        if again is not None:
            search_again.again(settings, again, terms, actor(settings, by), as_json=as_json)
            return
        with open_for_reading(settings) as store:
            found = find(store, query, terms)
            accounts = asked_about(store, query)
    if as_json:
        print_json(
            {
                "records": found.documents(),
                "coverage": list(found.coverage),
                "more": found.more,
                "not_public": found.not_public,
            }
        )
        return
    rows = [
        (
            local(hit.created_at, zone),
            hit.account,
            str(hit.kind),
            str(hit.state),
            hit.author_handle or "",
            hit.snippet,
            hit.record,
        )
        for hit in found.hits
    ]
    table(("created", "account", "kind", "state", "author", "text", "record"), rows)
    if found.not_public:
        typer.echo(not_public(found.not_public), err=True)
    search_again.state_coverage(accounts, found.coverage, zone)
    for gap in found.shortcomings():
        typer.echo(
            f"Not all was captured: {gap['stream']} of {gap['account']} from {local(gap['from_at'], zone)} "
            f"until {local(gap['until_at'], zone)}: {(gap['reason'] or '').rstrip('.')}.",
            err=True,
        )
    if found.more:
        typer.echo(f"There are more; add --offset {offset + limit}.", err=True)


def show(
    context: typer.Context,
    record: Annotated[str, typer.Argument(help="A record's key, or the platform's id of it.")],
    clearance: ClearanceOption = None,
    by: By = None,
    purpose: Purpose = None,
    for_: For = ForOption.STAFF,
    parent: ParentOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """One record with its thread, versions, events, media, the holds that it is under, and where its proof is.

    Example: `archiver show bluesky:at://did:plc:…/app.bsky.feed.post/3k…`
    """
    from archiver.services.clearance import Aim
    from archiver.services.records import load
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    with (
        access(settings, clearance, by, purpose, for_, way="show", aim=Aim(record), parent=parent) as terms,
        open_for_reading(settings) as store,
    ):
        found = load(store, record, terms)
    if found is None:
        raise NotFound(f"There is no record {record!r}.", advice="`archiver search` lists the keys.")
    if as_json:
        print_json(found.document())
        return
    _print(found)


def _print(found: Shown) -> None:
    row = found.record.row
    cause = f", {row['cause']}" if row["cause"] else ""
    typer.echo(f"{harmless(row['record'])}  ({row['kind']}, {row['state']}{cause})")
    if found.disposed is None:
        who = f"{harmless(row['author'] or '')} @{harmless(row['author_handle'] or '')}"
        typer.echo(f"{who}  {harmless(row['permalink'] or '')}")
    if (gone := found.disposed) is not None:
        series = f"{gone['series']} {gone['series_title']}, {gone['schedule']} {gone['edition']}"
        typer.echo(f"Disposed of under {series} on {gone['at']:%Y-%m-%d}, by {gone['disposal']}.")
    for version in found.record.versions:
        typer.echo(f"\nVersion {version['version']}, seen {utc(version['observed_at'])}, {version['state']}")
        for line in (version["text"] or "").splitlines() or [""]:
            typer.echo(f"  {harmless(line)}")
    _section("Events", found.record.events, ("event", "at", "basis"))
    _section("Attachments", _in_order(found.record.attachments), ("version", "kind", "url", "alt_text", "media"))
    _section("Links", _in_order(found.record.links), ("version", "url", "title"))
    _section("Data downloads that show it", found.record.origins, ("match", "basis", "file", "pointer", "download"))
    _section("Thread", list(found.thread), ("record", "author_handle", "state", "text"))
    _section("What people say it is", list(found.said), ("at", "says", "by", "reason"))
    _section("The author is said to be a minor", [found.minor] if found.minor else [], ("flag", "at", "by", "reason"))
    _section("Holds that stop its destruction", list(found.holds), ("hold", "type", "matter", "placed_at"))
    _section("Not public, and not shown", list(found.withheld), ("part", "span", "class", "basis"))
    _section("Proof", list(found.exchanges), ("captured_at", "exchange", "warc_file", "warc_offset", "payload_digest"))

    if found.not_public:
        typer.echo(f"\nOf the thread: {not_public(found.not_public)}")


def _in_order(rows: list[Row]) -> list[Row]:
    """By version; one that was learned late from the platform's history stands where it belongs."""
    return sorted(rows, key=lambda row: (row["version"], row["position"]))


def _section(title: str, rows: list[Row], columns: tuple[str, ...]) -> None:
    if rows:
        typer.echo(f"\n{title}")
    for row in rows:
        values = (utc(value) if isinstance(value := row.get(name), datetime) else value for name in columns)
        typer.echo("  " + "  ".join(harmless(str(value)) for value in values if value is not None))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day of the city, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


@overload
def one_of(kinds: type[E], word: str, option: str) -> E: ...
@overload
def one_of(kinds: type[E], word: str | None, option: str) -> E | None: ...
def one_of(kinds: type[E], word: str | None, option: str) -> E | None:
    """The value that a word of an option stands for. Raises UsageError, with what is known."""
    if word is None:
        return None
    try:
        return kinds(word)
    except ValueError:
        known = ", ".join(str(one) for one in kinds)
        raise UsageError(f'{option} "{word}" is not known.', advice=f"Known: {known}.") from None

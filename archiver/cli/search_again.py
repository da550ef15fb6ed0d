"""``search --save``, ``--again`` and ``--saved``: a search that is kept, done again, and compared."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import typer

from archiver.cli.output import local, print_json, table, utc

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from archiver.config import Settings
    from archiver.domain.acting import Actor
    from archiver.services.clearance import Access
    from archiver.services.searches import Again
    from archiver.store.search import Hit, Query
    from archiver.store.views import Row


def state_coverage(accounts: Iterable[str], spans: Sequence[Row], zone: ZoneInfo) -> None:
    """A line for each account that was asked about: how much of it was captured."""
    from archiver.services.covered import covered

    for one in covered(accounts, spans):
        typer.echo(one.sentence(local(one.until, zone)), err=True)


def save(settings: Settings, name: str, query: Query, access: Access, by: Actor, *, as_json: bool) -> None:
    """Keep a search under a name."""
    from archiver.services import searches
    from archiver.services.covered import asked_about
    from archiver.wiring import open_for_deciding

    zone = ZoneInfo(settings.archive.timezone)
    with open_for_deciding(settings) as store:
        saved, result, found = searches.save(
            store, name, query, zone=settings.archive.timezone, access=access, by=by, at=datetime.now(UTC)
        )
        accounts = asked_about(store, query)
    if as_json:
        document = {"search": saved.name, "digest": result.digest, "records": len(result.members)}
        print_json(document | {"coverage": list(found.coverage)})
        return
    typer.echo(f'"{saved.name}" is saved with {len(result.members)} records, digest {result.digest}.')
    state_coverage(accounts, found.coverage, zone)


def again(settings: Settings, name: str, access: Access, by: Actor, *, as_json: bool) -> None:
    """Do a saved search again, and say what is not as it was."""
    from archiver.services import searches
    from archiver.services.covered import asked_about
    from archiver.wiring import open_for_deciding

    with open_for_deciding(settings) as store:
        done = searches.again(store, name, access=access, by=by, at=datetime.now(UTC))
        accounts = asked_about(store, searches.query_of(done.saved))
    if as_json:
        print_json(_document(done))
        return
    _print(done, accounts, ZoneInfo(settings.archive.timezone))


def listed(settings: Settings, *, as_json: bool) -> None:
    """The saved searches."""
    from archiver.store.decisions import searches
    from archiver.wiring import open_for_reading

    zone = ZoneInfo(settings.archive.timezone)
    with open_for_reading(settings) as store, store.read() as conn:
        found = list(searches.listed(conn))
    if as_json:
        documents = [
            {"search": one.saved.name, "words": one.saved.words, "filters": dict(one.saved.filters),
             "saved_at": one.saved.at, "by": one.saved.by.name, "runs": one.runs, "last_at": one.last_at,
             "records": one.records, "digest": one.digest}
            for one in found
        ]  # fmt: skip
        print_json({"searches": documents})
        return
    rows = [
        (one.saved.name, one.saved.words, _filters(one.saved.filters), local(one.saved.at, zone), one.saved.by.name,
         str(one.runs), local(one.last_at, zone), str(one.records))
        for one in found
    ]  # fmt: skip
    table(("search", "words", "filters", "saved", "by", "runs", "last", "records"), rows)


def _filters(told: object) -> str:
    assert isinstance(told, dict)
    return ", ".join(f"{name} {value}" for name, value in told.items() if value)


def _print(done: Again, accounts: Sequence[str], zone: ZoneInfo) -> None:
    from archiver.services.searches import coverage_of

    when = local(done.before.at, zone)
    rows = [("new", *_row(hit, zone)) for hit in done.new]
    rows += [("changed", *_row(hit, zone)) for hit in done.changed]
    rows += [("gone", "", "", "", one.state or "", "", "", one.record) for one in done.gone]
    table(("since then", "created", "account", "kind", "state", "author", "text", "record"), rows)
    typer.echo(
        f"Since {when}: {len(done.new)} new, {len(done.changed)} changed, {len(done.gone)} gone from the result; "
        f"{len(done.now.members)} records, digest {done.now.digest}{' as then' if done.same else ''}."
    )
    for note in done.notes:
        typer.echo(note, err=True)
    typer.echo(f"Coverage then, at {when}:", err=True)
    state_coverage(accounts, coverage_of(done.before), zone)
    typer.echo("Coverage now:", err=True)
    state_coverage(accounts, done.found.coverage, zone)


def _row(hit: Hit, zone: ZoneInfo) -> tuple[str, ...]:
    return (
        local(hit.created_at, zone), hit.account, str(hit.kind), str(hit.state), hit.author_handle or "", hit.snippet,
        hit.record,
    )  # fmt: skip


def _document(done: Again) -> dict[str, object]:
    return {
        "search": done.saved.name,
        "words": done.saved.words,
        "filters": dict(done.saved.filters),
        "then": {
            "at": utc(done.before.at), "records": len(done.before.members), "digest": done.before.digest,
            "coverage": list(done.before.coverage),
        },
        "now": {
            "at": utc(done.now.at), "records": len(done.now.members), "digest": done.now.digest,
            "coverage": list(done.found.coverage),
        },
        "same": done.same,
        "new": [hit.document() for hit in done.new],
        "changed": [hit.document() for hit in done.changed],
        "gone": [{"record": one.record, "state": one.state} for one in done.gone],
        "notes": list(done.notes),
        "not_public": done.found.not_public,
    }  # fmt: skip

"""``export``: files that others open without us."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from archiver.cli.acting import By
from archiver.cli.clearing import ClearanceOption, For, ForOption, ParentOption, Purpose, access
from archiver.cli.context import state_of
from archiver.cli.finding import Account, Author, KindOption, Platform, Since, StateOption, Until, filters
from archiver.cli.output import print_json


class FormatOption(StrEnum):
    """The formats of an export."""

    SQLITE = "sqlite"
    CSV = "csv"
    JSON = "json"


class MediaOption(StrEnum):
    """Where the contents of pictures and videos go."""

    INLINE = "inline"
    FILES = "files"
    NONE = "none"


def add_to(app: typer.Typer) -> None:
    """Hang the commands of this module into the program."""
    app.command()(export)


def export(
    context: typer.Context,
    format_: Annotated[FormatOption, typer.Argument(metavar="FORMAT", help="sqlite, csv or json.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file (sqlite, json) or folder (csv) to write.")],
    words: Annotated[str, typer.Option("--words", help="Only records with these words.")] = "",
    account: Account = None,
    platform: Platform = None,
    kind: KindOption = None,
    state: StateOption = None,
    author: Author = None,
    since: Since = None,
    until: Until = None,
    media: Annotated[
        MediaOption | None, typer.Option("--media", help="Contents of media: inside, as files beside it, or none.")
    ] = None,
    clearance: ClearanceOption = None,
    by: By = None,
    purpose: Purpose = None,
    for_: For = ForOption.STAFF,
    parent: ParentOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an export that is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Write the archive, or a part of it, as a file that opens without this program.

    Only public data is in it, if no clearance is given; what is withheld is listed in it.

    Examples: `archiver export sqlite -o all.db`, `archiver export csv -o march --since 2026-03-01 --until 2026-03-31`
    """
    from archiver.exports.dataset import MediaMode
    from archiver.services.clearance import Aim
    from archiver.services.export import Format, Request, made_at
    from archiver.services.export import export as write
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    zone = ZoneInfo(settings.archive.timezone)
    query = filters(words, account, platform, kind, state, author, since, until, zone)
    way = f"export {format_.value}"
    with (
        access(settings, clearance, by, purpose, for_, way=way, aim=Aim(query=query), parent=parent) as terms,
        open_for_reading(settings) as store,
    ):
        request = Request(
            format=Format(format_.value),
            path=output,
            archive=settings.archive.name,
            made_at=made_at(os.environ, datetime.now(UTC)),
            access=terms,
            query=query,
            media=MediaMode(media.value) if media else None,
            force=force,
            timezone=settings.archive.timezone,
        )
        produced = write(store, settings.storage, request)
    if as_json:
        print_json({"files": list(produced.files), "counts": dict(produced.counts)})
        return
    held = ", ".join(f"{count} {table}" for table, count in produced.counts.items() if count)
    typer.echo(f"{output}: {held}.")

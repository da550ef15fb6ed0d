"""``classify status``: whether what was captured is an official record at all (records rule R2)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from archiver.cli.acting import By, actor
from archiver.cli.context import state_of
from archiver.cli.output import harmless, local, print_json
from archiver.domain.marking import RecordStatus
from archiver.errors import NotFound, UsageError

if TYPE_CHECKING:
    from archiver.domain.keys import Key
    from archiver.domain.marking import StatusMark


def add_to(group: typer.Typer) -> None:
    """Hang the command into the group ``classify``."""
    group.command()(status)


def status(
    context: typer.Context,
    record: Annotated[list[str], typer.Argument(help="Records, by key or by the platform's id.")],
    is_: Annotated[
        RecordStatus | None, typer.Option("--is", help="What they are; without it, what was said of them is shown.")
    ] = None,
    of: Annotated[
        str | None, typer.Option("--of", metavar="COPY", help="For a copy: the record copy, its key or its address.")
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why, without words of the record.")] = None,
    by: By = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Say what records are: a record, transitory, a copy of a record kept elsewhere, or not determined.

    What nobody has decided is kept as a record. Saying it changes no series; all that was said stays.

    Examples: `archiver classify status x:1728 --is transitory --reason "A thank you" --by "Dana Clerk"`,
    `archiver classify status x:1729 --is copy --of https://example.gov/7 --reason "As on the web" --by "Dana Clerk"`,
    `archiver classify status x:1728`
    """
    settings = state_of(context).settings()
    if is_ is None:
        if of or reason:
            raise UsageError("Nothing is said that they are.", advice="Add --is.")
        _show(_said(context, record), ZoneInfo(settings.archive.timezone), as_json=as_json)
        return
    from archiver.services.marking import set_status
    from archiver.wiring import open_for_deciding

    who = actor(settings, by)
    with open_for_deciding(settings) as store:
        keys = set_status(store, record, is_, by=who, reason=reason, at=datetime.now(UTC), target=of)
    if as_json:
        print_json({"records": [{"record": key, "status": str(is_)} for key in keys]})
        return
    for key in keys:
        typer.echo(harmless(f"{key} is {_WORDS[is_]}{f', of {of}' if of else ''}."))


_WORDS = {
    RecordStatus.UNDETERMINED: "not determined, and kept as a record",
    RecordStatus.RECORD: "a record",
    RecordStatus.TRANSITORY: "transitory",
    RecordStatus.COPY: "a copy",
}


def _said(context: typer.Context, names: list[str]) -> dict[Key, list[StatusMark]]:
    from archiver.store import items
    from archiver.store.decisions import statuses
    from archiver.wiring import open_for_reading

    found = {}
    with open_for_reading(state_of(context).settings()) as store, store.read() as conn:
        for name in names:
            key = items.resolve(conn, name)
            if key is None:
                raise NotFound(f"There is no record {name!r}.", advice="`archiver search` lists the keys.")
            found[key] = statuses.history(conn, key)
    return found


def _show(said: dict[Key, list[StatusMark]], zone: ZoneInfo, *, as_json: bool) -> None:
    if as_json:
        print_json({"records": [_document(key, marks) for key, marks in said.items()]})
        return
    for key, marks in said.items():
        now = marks[-1].status if marks else RecordStatus.UNDETERMINED
        typer.echo(harmless(f"{key} is {_WORDS[now]}."))
        for one in marks:
            of = f" of {one.target}" if one.target else ""
            typer.echo(harmless(f"  {local(one.at, zone)}  {one.by.name}: {one.status}{of}, because: {one.reason}"))


def _document(key: Key, marks: list[StatusMark]) -> dict[str, object]:
    now = marks[-1] if marks else None
    return {
        "record": key,
        "status": str(now.status if now else RecordStatus.UNDETERMINED),
        "copy_of": now.target if now else None,
        "history": [
            {
                "at": one.at, "by": one.by.name, "login": one.by.login, "status": str(one.status),
                "copy_of": one.target, "reason": one.reason,
            }
            for one in marks
        ],
    }  # fmt: skip

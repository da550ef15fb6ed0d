"""``audit``: who did what to the records, when and why."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from archiver.cli.context import state_of
from archiver.cli.finding import midnight
from archiver.cli.output import harmless, local, print_json, table


def add_to(app: typer.Typer) -> None:
    """Hang the command into the program."""
    app.command()(audit)


def audit(
    context: typer.Context,
    subject: Annotated[
        str | None, typer.Argument(help="Only what was done to this: a record, an account, a hold, a disposal.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], help="Done on that day or later.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="Done on that day or before.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """The audit log: every decision about the records, oldest first. Nothing in it can be changed.

    Examples: `archiver audit`, `archiver audit H-1`, `archiver audit --since 2026-01-01 --json`
    """
    from archiver.store.decisions.audit import rows
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    zone = ZoneInfo(settings.archive.timezone)
    first = midnight(since.date(), zone) if since else None
    end = midnight(until.date() + timedelta(days=1), zone) if until else None
    with open_for_reading(settings) as store, store.read() as conn:
        acts = list(rows(conn, subject=subject, since=first, until=end))
    if as_json:
        told = [
            {
                "at": act.at, "person": act.by.name, "login": act.by.login, "act": act.act, "subject": act.subject,
                "reason": act.reason, "details": dict(act.details),
            }
            for act in acts
        ]  # fmt: skip
        print_json({"acts": told})
        return
    table(
        ("at", "person", "act", "subject", "reason"),
        [(local(act.at, zone), act.by.name, act.act, act.subject, harmless(act.reason or "")) for act in acts],
    )

"""``collect`` and ``backfill``: get what is due, or the past, and say what came."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from archiver.cli.context import GAPS, State, state_of, stop_on_signals

if TYPE_CHECKING:
    from archiver.services.collect import Collector, Round


def add_to(app: typer.Typer) -> None:
    """Hang the commands of this module into the program."""
    app.command()(collect)
    app.command()(backfill)


def collect(
    context: typer.Context,
    account: Annotated[list[str] | None, typer.Argument(help="Accounts; all when none is named.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Look at everything again, whatever is due.")] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait out rate limits instead of leaving a gap for the next round.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """One round of what is due, then exit (for cron).

    Examples: `archiver collect`, `archiver collect police-bluesky --all`, `archiver collect --wait --json`
    """
    _rounds(
        state_of(context), account or [], "collect", lambda collector: collector.due(everything=everything),
        wait=wait, as_json=as_json,
    )  # fmt: skip


def backfill(
    context: typer.Context,
    account: Annotated[list[str], typer.Argument(help="Accounts.")],
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="How far back; the account's `since`, else all.")
    ] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Up to that day.")] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait out rate limits.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """The past, newest first; stop it at any time, call it again and it goes on.

    Examples: `archiver backfill city-bluesky`, `archiver backfill city-bluesky --since 2019-01-01`
    """
    first, last = since.date() if since else None, until.date() if until else None
    _rounds(
        state_of(context), account, "backfill", lambda collector: collector.backfill(first, last),
        wait=wait, as_json=as_json,
    )  # fmt: skip


def _rounds(
    state: State, accounts: list[str], command: str, work: Callable[[Collector], Round], *, wait: bool, as_json: bool
) -> None:
    """Carry a round out for each account, side by side, and report."""
    from archiver.cli.progress import Watcher
    from archiver.cli.rounds import report
    from archiver.services.collect import Collector
    from archiver.services.register import refusals
    from archiver.services.rounds import carry_out
    from archiver.wiring import alerts_of, open_archive, require_secrets

    settings = state.settings()
    require_secrets(settings)
    wanted = [chosen.id for chosen in settings.chosen(accounts)]
    with open_archive(settings, stop=stop_on_signals()) as archive, Watcher(quiet=as_json) as watcher:
        refused = refusals(archive.store, wanted)
        wanted = [one for one in wanted if one not in refused]
        parts = archive.parts(watcher)
        adopter, everyone = archive.adopter(), [one.id for one in settings.chosen([])]
        pushed = adopter.adopt(everyone, archive.clock.now())
        try:
            rounds = carry_out(
                archive.store, archive.clock, wanted, command,
                lambda account_id, run: work(Collector(parts, account_id, wait=wait, run=run)),
            )  # fmt: skip
            pushed += adopter.adopt(everyone, archive.clock.now())  # an account that is new has an id only now
        finally:
            if not archive.stop.is_set():
                alerts_of(settings).tell(archive.store, archive.clock.now())
        stopped = archive.stop.is_set()
    report(rounds, pushed, refused=refused, stopped=stopped, as_json=as_json)
    if stopped or any(round_.short for round_ in rounds):
        raise typer.Exit(GAPS)

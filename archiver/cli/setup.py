"""``init``, ``check`` and ``db``: what the administrator does once, and when something breaks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archiver.cli.context import GAPS, state_of
from archiver.cli.moving import move
from archiver.cli.output import harmless, print_json
from archiver.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from archiver.config import Settings
    from archiver.config.settings import TermsSettings
    from archiver.services.checkup import Checked

database = typer.Typer(help="The store: its schema, and where it is.", no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    """Hang the commands of this module into the program."""
    app.command()(init)
    app.command()(check)
    database.command()(move)
    app.add_typer(database, name="db")


def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where the archive shall be.")] = Path(),
    name: Annotated[str | None, typer.Option("--name", help="The archive's name, like 'City of Example'.")] = None,
    timezone: Annotated[str | None, typer.Option("--timezone", help="Like America/Chicago.")] = None,
    account: Annotated[
        list[str] | None,
        typer.Option("--account", help="PLATFORM:HANDLE, like bluesky:example.gov; again for each further account."),
    ] = None,
    base_url: Annotated[str | None, typer.Option("--base-url", help="Another server for these accounts.")] = None,
) -> None:
    """Write config.toml, the archive's key and an empty store; asks for what is not given.

    Examples: `archiver init`, `archiver init city --name "City of Example" --account bluesky:cityofexample.gov`
    """
    from archiver import config
    from archiver.cli.first_config import Answers, ask, write
    from archiver.platforms.registry import platforms
    from archiver.services.setup import make

    path = folder / "config.toml"
    if path.exists():
        raise UsageError(f"There is a configuration at {path} already.", advice="Edit it, or choose another folder.")
    answers = ask(Answers(name, timezone, tuple(account or ()), base_url), platforms())
    folder.mkdir(parents=True, exist_ok=True)
    text = write(answers)
    try:
        settings = config.parse_text(text, path, platforms=platforms())
    except ConfigError as error:
        raise UsageError(str(error), advice="Nothing was written.") from None
    make(settings, text)
    first = settings.accounts[0].id
    typer.echo(f"The archive of {settings.archive.name} is at {folder.resolve()}.")
    typer.echo(f"Next: cd {folder}; archiver check; archiver backfill {first}")


def check(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Configuration, store, disk, clock, and for each account: reachable, token valid. Changes nothing.

    Examples: `archiver check`, `archiver check --json`
    """
    from archiver.services.checkup import Level

    settings = state_of(context).settings()
    found = list(_look(settings))
    if as_json:
        print_json(
            {
                "checks": [
                    {"what": one.what, "state": str(one.level), "found": one.sentence, "advice": one.advice}
                    for one in found
                ]
            }
        )
    else:
        for one in found:
            typer.echo(marked(one))
    if any(one.level is Level.MACHINE for one in found):
        raise typer.Exit(1)
    if any(one.level is Level.ACCOUNT for one in found):
        raise typer.Exit(GAPS)


def marked(one: Checked) -> str:
    """What was found, as a line."""
    from archiver.services.checkup import Level

    mark = {Level.OK: "ok", Level.WARNING: "warning"}.get(one.level, "FAULT")
    return f"{mark:8}{one.what}: {harmless(one.sentence.removeprefix(f'{one.what}: '))} {one.advice}".rstrip()


def _look(settings: Settings) -> list[Checked]:
    import tempfile
    import threading

    from archiver.capture.client import Client
    from archiver.capture.clock import Clock
    from archiver.reception import check_receiver
    from archiver.services.checkup import (
        NOTHING_KNOWN,
        Checked,
        Level,
        check_account,
        check_budget,
        check_key,
        check_machine,
        check_recurring,
        check_terms,
    )
    from archiver.services.films import MISSING, installed
    from archiver.wiring import bounds, known_of, network_of, recurring_of, require_secrets, secrets_of

    require_secrets(settings)
    clock, secrets, known = Clock(), secrets_of(settings, keep=False), known_of(settings)
    counted = bounds(settings, secrets)
    found = list(check_machine(settings.database, settings.data_dir, settings.storage, clock.now()))
    found.append(check_key(settings.keys))
    found += filter(None, [check_receiver(settings)])
    found += check_terms(
        {one.platform for one in settings.accounts}, {one.platform: _decided(one) for one in settings.terms}
    )
    found += check_recurring(recurring_of(settings, clock.now()))
    found += [
        Checked(one.id, Level.WARNING, MISSING) for one in settings.accounts if one.video_files and not installed()
    ]
    with tempfile.TemporaryDirectory(prefix="archiver-check-") as spool:
        client = Client(network_of(settings), secrets, Path(spool), clock, threading.Event())
        try:
            for one in settings.account_values():
                its = known.get(one.id, NOTHING_KNOWN)
                if its.not_collected is not None:
                    found.append(Checked(one.id, Level.OK, f"{its.not_collected[0].upper()}{its.not_collected[1:]}"))
                    continue
                if one.id in counted:
                    found.append(check_budget(counted[one.id]))
                found += check_account(one, client, secrets, clock.now(), its)
        finally:
            client.close()
    return found


def _decided(terms: TermsSettings) -> str:
    """A decision, with who made it."""
    counsel = f", counsel {terms.counsel}" if terms.counsel else ""
    return f"{terms.decision} ({terms.decided_by}{counsel}, {terms.decided_on:%Y-%m-%d})"


@database.command()
def upgrade(context: typer.Context) -> None:
    """Bring the store to this version's schema; makes it when there is none.

    Example: `archiver db upgrade`
    """
    from archiver.services.setup import bring_store_up

    before, after = bring_store_up(state_of(context).settings())
    changed = f"The store went from schema {before or 'none'} to {after}."
    typer.echo(f"The store is at schema {after}." if before == after else changed)

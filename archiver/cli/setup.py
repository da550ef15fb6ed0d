"""``init``, ``check`` and ``db``: what the administrator does once, and when something breaks."""

from __future__ import annotations

import typer

from archiver.cli.context import state_of

database = typer.Typer(help="The store's schema.", no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    """Hang the commands of this module into the program."""
    app.add_typer(database, name="db")


@database.callback()
def _database() -> None:
    """Keep ``upgrade`` a command of its own, not the whole group."""


@database.command()
def upgrade(context: typer.Context) -> None:
    """Bring the store to this version's schema; makes it when there is none.

    Example: `archiver db upgrade`
    """
    from pathlib import Path

    from archiver.store.engine import revision
    from archiver.store.engine import upgrade as bring_up

    settings = state_of(context).settings()
    if settings.database.startswith("sqlite:///"):
        Path(settings.database.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    before = revision(settings.database)
    bring_up(settings.database)
    after = revision(settings.database)
    typer.echo(
        f"The store is at schema {after}."
        if before == after
        else f"The store went from schema {before or 'none'} to {after}."
    )

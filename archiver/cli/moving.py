"""``db move``: the store to another database, with what people decided."""

from __future__ import annotations

from typing import Annotated

import typer

from archiver.cli.acting import By, actor_or_login
from archiver.cli.context import state_of
from archiver.cli.output import print_json
from archiver.cli.progress import counting


def move(
    context: typer.Context,
    to: Annotated[
        str,
        typer.Option(
            "--to", metavar="URL", help="An empty database: sqlite:///PATH or postgresql+psycopg://USER@HOST/NAME."
        ),
    ],
    by: By = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Bring the store into another, empty database, with what people decided; the old one is only read.

    Example: `archiver db move --to postgresql+psycopg://archiver@db.example.gov/archive`
    """
    from datetime import UTC, datetime

    from archiver.services.moving import move as bring
    from archiver.store.engine import open_store
    from archiver.wiring import alone, open_for_reading

    settings = state_of(context).settings()
    who = actor_or_login(settings, by)
    with open_for_reading(settings):
        pass  # there must be an archive, whole and not moved before
    with alone(settings), counting("bytes read back", quiet=as_json) as progress:
        source = open_store(settings.database)
        try:
            moved = bring(
                source, settings.located(to), storage=settings.storage, data_dir=settings.data_dir, by=who,
                at=datetime.now(UTC), progress=progress,
            )  # fmt: skip
        finally:
            source.dispose()
    if as_json:
        print_json({
            "from": moved.left, "to": moved.to, "records": moved.records, "rows": moved.told.rows,
            "sha256": moved.told.sha256, "finished_before": moved.before,
        })  # fmt: skip
        return
    typer.echo(
        f"{moved.records} records, and {moved.told.rows} rows of what people decided and of the work ahead, are at "
        f"{moved.to}{', from an earlier call' if moved.before else ''}. Both halves are the same as before."
    )
    typer.echo(
        f'Next: write database = "{moved.to}" into [archive] of {settings.path}, then run `archiver rebuild --check`.'
    )
    if not moved.to.startswith("sqlite:"):
        typer.echo("No password is in that line: if the server asks for one, put it into ~/.pgpass.")

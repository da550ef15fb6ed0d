"""``run``: the daemon, for systemd or a container."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from archiver.cli.context import state_of, stop_on_signals


class LogForm(StrEnum):
    """What log lines look like."""

    PLAIN = "plain"
    JSON = "json"


def add_to(app: typer.Typer) -> None:
    """Hang the command of this module into the program."""
    app.command()(run)


def run(
    context: typer.Context,
    log: Annotated[
        LogForm, typer.Option("--log", help="Log lines as key=value or as JSON, on stderr.")
    ] = LogForm.PLAIN,
) -> None:
    """Collect on schedule until stopped (SIGTERM, Ctrl-C), which takes 10 s at most and loses nothing.

    Examples: `archiver run`, `archiver run --log json`
    """
    from archiver.cli import logs
    from archiver.daemon import Daemon
    from archiver.wiring import alerts_of, open_archive, require_secrets

    state = state_of(context)
    settings = state.settings()
    require_secrets(settings)
    with open_archive(settings, stop=stop_on_signals()) as archive:
        logs.configure(
            level="debug" if state.debug else "info", as_json=log is LogForm.JSON, mask=archive.secrets.masked,
            tracebacks=state.debug,
        )  # fmt: skip
        Daemon(archive, alerts_of(settings)).run()

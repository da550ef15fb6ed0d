"""``run`` and ``listen``: the daemon and the receiver, for systemd or a container."""

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
    """Hang the commands of this module into the program."""
    app.command()(run)
    app.command()(listen)


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


def listen(
    context: typer.Context,
    log: Annotated[
        LogForm, typer.Option("--log", help="Log lines as key=value or as JSON, on stderr.")
    ] = LogForm.PLAIN,
) -> None:
    """Receive what platforms push, until stopped. `run` does it too; this is for cron, or for a process of its own.

    Each delivery is on disk before it is answered; `collect` or `run` reads it. Behind a web server with HTTPS.

    Examples: `archiver listen`, `archiver listen --log json`
    """
    from archiver import systemd
    from archiver.cli import logs
    from archiver.reception import open_receiver
    from archiver.wiring import secrets_of

    state, stop = state_of(context), stop_on_signals()
    settings = state.settings()
    secrets = secrets_of(settings)
    logs.configure(
        level="debug" if state.debug else "info", as_json=log is LogForm.JSON, mask=secrets.masked,
        tracebacks=state.debug,
    )  # fmt: skip
    with open_receiver(settings, secrets=secrets) as server:
        systemd.notify(systemd.READY, f"STATUS=Receiving at {server.host}:{server.port}")
        every = systemd.watchdog_s()
        while not stop.wait(every):
            systemd.notify(systemd.ALIVE)
        systemd.notify(systemd.STOPPING)

"""The command line: global options, the error edge and the exit codes (design 5.2)."""

from __future__ import annotations

import os
import sys
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from typer.core import TyperGroup

from archiver import __version__
from archiver.cli import (
    account,
    assessing,
    auditing,
    backing_up,
    classifying,
    collecting,
    demo,
    finding,
    holding,
    importing,
    minors,
    moderating,
    producing,
    proving,
    reporting,
    retention,
    running,
    setup,
)
from archiver.cli.context import State
from archiver.errors import ArchiverError, StorageFull
from archiver.warc.storage import FULL

app = typer.Typer(
    name="archiver",
    help="Keeps what a city publishes on social media, and what residents answer there, as public records. "
    "--config and --debug may also stand behind the command.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"archiver {__version__}")
        raise typer.Exit


@app.callback()
def _global(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="FILE", help="The configuration [default: $ARCHIVER_CONFIG, then ./config.toml]."
        ),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and the log.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    chosen = config or Path(os.environ.get("ARCHIVER_CONFIG") or "config.toml")
    from archiver.cli import logs

    logs.configure(level="debug" if debug else "warning", tracebacks=debug)
    context.obj = State(config=chosen, debug=debug)


setup.add_to(app)
account.add_to(app)
collecting.add_to(app)
importing.add_to(app)
running.add_to(app)
reporting.add_to(app)
finding.add_to(app)
classifying.add_to(app)
minors.add_to(app)
producing.add_to(app)
proving.add_to(app)
moderating.add_to(app)
holding.add_to(app)
backing_up.add_to(app)
retention.add_to(app)
auditing.add_to(app)
assessing.add_to(app)
demo.add_to(app)


def global_first(arguments: list[str]) -> list[str]:
    """The arguments with the global options in front: people write them behind the command as well."""
    front: list[str] = []
    rest: list[str] = []
    left = iter(arguments)
    for argument in left:
        if argument == "--":
            rest += [argument, *left]
        elif argument == "--debug" or argument.startswith("--config="):
            front.append(argument)
        elif argument == "--config":
            front += [argument, *islice(left, 1)]
        else:
            rest.append(argument)
    return front + rest


@cache
def program() -> TyperGroup:
    """All commands, worked out from their functions once: a process may carry out many."""
    return typer.main.get_group(app)


def main(arguments: list[str] | None = None) -> None:
    """Run a command and leave with its exit code; no traceback reaches a user without ``--debug``."""
    given = global_first(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    try:
        program()(args=given, standalone_mode=True)
    except ArchiverError as error:
        if debug:
            raise
        typer.echo(f"archiver: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:
        if debug or error.errno not in FULL:
            _fault(error, debug=debug)
        place = f" while writing {error.filename}" if error.filename else ""
        typer.echo(f"archiver: {StorageFull(f'No room left{place}.')}", err=True)
        sys.exit(StorageFull.exit_code)
    except Exception as error:  # noqa: BLE001 - said as a fault of ours
        _fault(error, debug=debug)


def _fault(error: Exception, *, debug: bool) -> NoReturn:
    """A bug ends the program with a sentence, or, with ``--debug``, as Python ends it."""
    if debug:
        raise error
    typer.echo(
        f"archiver: A fault in the archiver itself: {type(error).__name__}: {error}. "
        "Nothing captured is lost; run the command with --debug and report what it prints.",
        err=True,
    )
    sys.exit(1)

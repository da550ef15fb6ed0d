"""Runs commands for ``demo`` as a person would type them, in one process that is started once."""

from __future__ import annotations

import io
import json
import multiprocessing
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import typer

from archiver.errors import OperatorError


class Commands:
    """The commands of one installation. The city is in our process, the archiver in another, as in life."""

    def __init__(self, config: Path) -> None:
        self._config = config
        started = multiprocessing.get_context("spawn")
        self._ours, theirs = started.Pipe()
        self._process = started.Process(target=serve, args=(theirs,))
        self._process.start()
        theirs.close()

    def show(self, *arguments: str, codes: Sequence[int] = (0,)) -> None:
        """Run a command, its name above what it prints."""
        typer.secho(f"$ archiver {' '.join(map(_quoted, arguments))}", dim=True)
        self._run(arguments, codes, quiet=False)
        typer.echo()

    def ask(self, *arguments: str, codes: Sequence[int] = (0,)) -> Any:
        """Run a command with ``--json``; its document."""
        return json.loads(self._run((*arguments, "--json"), codes, quiet=True))

    def _run(self, arguments: Sequence[str], codes: Sequence[int], *, quiet: bool) -> str:
        sys.stdout.flush()
        try:
            self._ours.send((["--config", str(self._config), *arguments], quiet))
            code, text = self._ours.recv()
        except (EOFError, BrokenPipeError):
            code, text = 1, ""
        if code not in codes:
            raise OperatorError(
                f"The demonstration stopped: `archiver {' '.join(arguments)}` ended with exit code {code}.",
                advice="Run it again; if it stops again, report what stands above this line.",
            )
        return str(text)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ours.close()
        self._process.join(timeout=10)
        if self._process.is_alive():
            self._process.terminate()


def serve(connection: Connection) -> None:
    """Run each command that comes until the other side closes; answer with its exit code and what it printed."""
    from archiver.cli.main import main

    while True:
        try:
            arguments, quiet = connection.recv()
        except EOFError:
            return
        printed = io.StringIO()
        try:
            with redirect_stdout(printed if quiet else sys.stdout):
                main(arguments)
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        sys.stdout.flush()
        connection.send((code, printed.getvalue()))


def _quoted(argument: str) -> str:
    return f'"{argument}"' if " " in argument else argument

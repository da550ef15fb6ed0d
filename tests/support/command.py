"""Commands of the archiver, carried out in this process as a script does: for tests that ask for many."""

from __future__ import annotations

import io
import os
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess

import structlog

from archiver.cli.main import main


def run(home: Path, *arguments: str, given: str | None = None) -> CompletedProcess[str]:
    """A command in ``home``, with its config.toml, and with ``given`` on standard input."""
    before, here, log = sys.stdin, Path.cwd(), structlog.get_config()
    handlers = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}
    out, err, code = io.StringIO(), io.StringIO(), 0
    os.chdir(home)
    try:
        sys.stdin = io.StringIO(given or "")
        with redirect_stdout(out), redirect_stderr(err):
            main(["--config", str(home / "config.toml"), *arguments])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    finally:
        sys.stdin = before
        os.chdir(here)
        structlog.configure(**log)
        for one, handler in handlers.items():
            signal.signal(one, handler)
    return CompletedProcess([], code, out.getvalue(), err.getvalue())

"""Commands in processes of their own, with what they cost."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ARCHIVER = ("-c", "from archiver.cli.main import main; main()")


class CommandFailed(Exception):
    """A command left with an exit code that was not expected; the message has its output."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall time and CPU time (user and system, children included) in seconds, and peak resident memory in bytes."""

    wall_s: float
    cpu_s: float
    peak_bytes: int
    output: str


def python(*arguments: str, codes: Sequence[int] = (0,), given: str = "") -> Cost:
    """Run this Python on the code beside this folder, from start to end, with ``given`` on its standard input."""
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as complaints:
        source.write(given.encode())
        source.seek(0)
        command = (sys.executable, *arguments)
        started = time.perf_counter()
        process = subprocess.Popen(command, stdin=source, stdout=output, stderr=complaints, env=environment())
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode()
        if process.returncode not in codes:
            complaints.seek(0)
            raise CommandFailed(f"{arguments} left with {process.returncode}:\n{text}\n{complaints.read().decode()}")
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, text)


def environment() -> dict[str, str]:
    """The environment of all processes: the code beside this folder goes before any that is installed."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}

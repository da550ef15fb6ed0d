"""What every command gets: where the configuration is, and how it is read."""

from __future__ import annotations

import signal
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from archiver.config import Settings

GAPS = 3
"""Exit code: done, with gaps."""


@dataclass(frozen=True, slots=True)
class State:
    """The global options."""

    config: Path
    debug: bool

    def settings(self) -> Settings:
        """The configuration; raises ConfigError with every fault of it."""
        from archiver import config
        from archiver.platforms.registry import counts, platforms

        return config.load(self.config, platforms=platforms(), counts=counts)


def state_of(context: typer.Context) -> State:
    """The global options of this call."""
    state = context.find_object(State)
    if state is None:
        msg = "the command was called without the global options"
        raise RuntimeError(msg)
    return state


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and the first Ctrl-C set; a second Ctrl-C interrupts at once."""
    stop = threading.Event()

    def ask(_signal: int, _frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    return stop

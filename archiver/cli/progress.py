"""The progress of a long command, on stderr: bars on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

import typer

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from archiver.services.collect import Round

LINE_EVERY_S = 30.0


class Watcher:
    """Shows how the rounds of several accounts go on; called from their threads."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._lock = threading.Lock()
        self._progress: Progress | None = None
        self._bars: dict[str, TaskID] = {}
        self._last_line = time.monotonic()

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            self._progress = Progress(
                SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(),
                TextColumn("{task.fields[note]}"),
                console=Console(stderr=True), transient=True,
            )  # fmt: skip
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def __call__(self, account: str, event: str, round_: Round, /) -> None:
        """Take note of an event of a round."""
        if self._quiet:
            return
        with self._lock:
            if self._progress is not None:
                self._draw(self._progress, account, event, round_)
            elif event.startswith("wait ") or time.monotonic() - self._last_line >= LINE_EVERY_S:
                self._last_line = time.monotonic()
                typer.echo(f"{account}: {_summary(round_)}{_note(event)}", err=True)

    def _draw(self, progress: Progress, account: str, event: str, round_: Round) -> None:
        if account not in self._bars:
            self._bars[account] = progress.add_task(account, total=None, note="")
        progress.update(self._bars[account], description=f"{account}: {_summary(round_)}", note=_note(event))


def _summary(round_: Round) -> str:
    total = round_.total
    elapsed = max(((round_.last_at or round_.started_at) - round_.started_at).total_seconds(), 0.1)
    reached = f", back to {round_.oldest_reached:%Y-%m-%d}" if round_.oldest_reached else ""
    left = f", {round_.tasks_left} tasks left" if round_.tasks_left else ""
    return f"{total.seen} seen, {total.new} new, {total.seen / elapsed:.0f} records/s{reached}{left}"


def _note(event: str) -> str:
    return f" (waiting {event.removeprefix('wait ')} s for the platform)" if event.startswith("wait ") else ""


@contextmanager
def counting(what: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A bar for a task that counts ``done`` of ``all``; silent in a pipe."""
    if quiet or not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(what, total=None)
        yield lambda done, of: progress.update(bar, completed=done, total=of)

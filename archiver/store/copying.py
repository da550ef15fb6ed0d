"""A copy of the store while it is written to, and what else a backup must know of that very moment.

On SQLite the copy is the database file, by its online backup; on PostgreSQL it is the rows that
`archiver.store.portable` tells. Copy and facts are read in one transaction, so they tell of one moment.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from archiver.errors import OperatorError, StorageFull
from archiver.store import captures, portable, sqlite
from archiver.store.captures import SealedRow
from archiver.store.engine import Store
from archiver.store.whole import all_tables

SQLITE_NAME, ROWS_NAME = "store.sqlite", "store.jsonl.gz"

_PAGES = 2048
"""So many pages are copied between two words about the progress."""

Progress = Callable[[int, int], None]

_PASSING = frozenset({"runs", "segments", "counters", "tasks", "limits", "spending", "reservations", "alerts"})
"""Tables of the work itself, in which opening an archive changes rows."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The store as it was when it was copied.

    ``sequence`` is the last number that was given to an exchange or note, ``sealed`` the WARC files that were closed
    then, ``ends`` how far the others were known (bytes), ``counts`` the rows of each table.
    """

    file: str
    sequence: int
    sealed: Mapping[str, SealedRow]
    ends: Mapping[str, int]
    counts: Mapping[str, int]

    @property
    def cited(self) -> set[str]:
        """The WARC files in which the store's exchanges lie."""
        return set(self.ends)


def take(store: Store, folder: Path, *, progress: Progress) -> Moment:
    """Copy the store into a folder. ``progress`` is told of steps done and of all. Raises OperatorError."""
    with store.read() as conn:
        ends = {file: captures.end_of(conn, file) for file in sorted(captures.cited_files(conn))}
        moment = Moment(
            SQLITE_NAME if store.dialect == "sqlite" else ROWS_NAME,
            captures.last_sequence(conn), captures.sealed(conn), ends, counts(conn),
        )  # fmt: skip
        path = folder / moment.file
        if store.dialect == "sqlite":
            _copy_file(conn, path, progress)
        else:
            _write_rows(conn, path)
    return moment


def counts(conn: Connection) -> dict[str, int]:
    """The rows of each table."""
    return {table.name: conn.execute(select(func.count()).select_from(table)).scalar_one() for table in all_tables()}


def lasting(told: Mapping[str, int]) -> dict[str, int]:
    """Of such counts those that opening an archive leaves as they are."""
    return {name: count for name, count in told.items() if name not in _PASSING}


def load(store: Store, path: Path) -> None:
    """Fill an empty store from rows; its captured half comes by a rebuild."""
    with gzip.open(path, "rt", encoding="utf-8") as lines, store.begin() as conn:
        portable.read(conn, lines)


def _copy_file(conn: Connection, path: Path, progress: Progress) -> None:
    """SQLite's online backup, inside a read transaction: writers go on, and the copy stays at the moment of this view.

    Raises OperatorError where the file can't be written.
    """
    module = sqlite.driver().module
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(descriptor)
    source: Any = conn.connection.driver_connection
    target = module.connect(str(path))
    try:
        source.backup(target, pages=_PAGES, progress=lambda _status, left, of: progress(of - left, of))
        target.execute("PRAGMA journal_mode = DELETE")  # one file that needs nothing beside it
    except module.Error as error:
        raise _refused(error, path) from error
    finally:
        target.close()


def _refused(error: Exception, path: Path) -> OperatorError:
    """What SQLite says, as the operating system's error where it is one."""
    if "full" in str(error) or "disk I/O" in str(error):
        return StorageFull(f"No room left while writing {path}.")
    return OperatorError(f"The store could not be copied to {path}: {error}.", advice="Look at disk and permissions.")


def _write_rows(conn: Connection, path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
        for line in portable.lines(conn):
            packed.write(line.encode() + b"\n")

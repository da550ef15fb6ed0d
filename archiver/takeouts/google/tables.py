"""The tables of a download: which files they are, and their rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from archiver.takeouts.google.shapes import Row, Table, table_of
from archiver.takeouts.protocol import Files
from archiver.takeouts.streams import Unreadable, rows

_LOOKED_AT = 5
"""So many rows tell what a table holds: its titles, and some that may lack values."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row with the line of the file in which it ends (from 1)."""

    number: int
    row: Row

    @property
    def pointer(self) -> str:
        """Its place, as an entry names it."""
        return f"line {self.number}"


def csv_files(files: Files) -> list[str]:
    """The paths of all tables."""
    return [path for path in files.paths if path.lower().endswith(".csv")]


def kind_of(files: Files, path: str) -> Table | None:
    """What a table holds, by its first rows; None for what is no table of ours."""
    try:
        with files.open(path) as stream:
            found = (table_of(row) for _line, row in islice(rows(stream), _LOOKED_AT))
            return next((table for table in found if table is not None), None)
    except (Unreadable, OSError, ValueError, KeyError):
        return None


def is_empty(files: Files, path: str) -> bool:
    """Whether a table has nothing but titles: there was nothing to put into it."""
    try:
        with files.open(path) as stream:
            return len(list(islice(rows(stream), 2))) < 2
    except (Unreadable, OSError, ValueError, KeyError):
        return False


def titles(files: Files, path: str) -> Row:
    """The row of titles; empty where the first row has values already."""
    with files.open(path) as stream:
        head = next((row for _line, row in rows(stream)), ())
    return () if table_of(head) is not None else head


def lines(files: Files, path: str) -> Iterator[Line]:
    """The rows with values, streamed. Raises Unreadable where the table breaks off."""
    with files.open(path) as stream:
        for place, (number, row) in enumerate(rows(stream)):
            if place or table_of(row) is not None:
                yield Line(number, row)

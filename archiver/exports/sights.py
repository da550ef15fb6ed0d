"""Who saw data about somebody, as a file for whoever investigates: CSV as a spreadsheet takes it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from archiver.exports.csv import guarded
from archiver.exports.dataset import cell
from archiver.exports.target import new_file


def write(columns: Sequence[str], rows: Iterable[Mapping[str, object]], path: Path, *, force: bool = False) -> None:
    """Write the rows, a line each, under the names of the columns. Raises UsageError where a file is in the way."""
    with new_file(path, force=force) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(columns)
        for row in rows:
            found = (cell(row.get(name)) for name in columns)
            writer.writerow([guarded(value) if isinstance(value, str) else value for value in found])

"""The CSV export: what the clerk opens in a spreadsheet. A folder, or one .zip, with a file per table.

A name that ends in .csv is the file of the records; the other tables and media are then in NAME.csv-tables beside it.

UTF-8 with a byte order mark and CRLF, as Excel expects. This is the *spreadsheet view* of records rule R92: a text
that a spreadsheet would run as a formula, or take for a number or a date and change, has an apostrophe put before it.
A cell that begins with an apostrophe gets one too, so that taking the first apostrophe away gives every cell exactly
(`unguarded`). The exact data files are SQLite and JSON.
"""

from __future__ import annotations

import csv
import re
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from archiver.exports import schema
from archiver.exports.dataset import Cell, Dataset, MediaMode, Options, Produced, Row, cell
from archiver.exports.dictionary import entries
from archiver.exports.flow import Flow
from archiver.exports.media import CHUNK_BYTES
from archiver.exports.schema import Kind, Table
from archiver.exports.target import check_beside, is_export_folder, new_file, new_folder

ZIP = ".zip"
"""The ending of file names that asks for one file with everything."""

SINGLE = ".csv"
"""The ending of file names that asks for the records as a file, and the rest beside it."""

MEDIA_FOLDER = "media"

_FORMULA = frozenset("=+-@\t\r\n|%'\uff1d\uff0b\uff0d\uff20")
"""First characters that spreadsheets begin a formula or a command with, their full-width forms, and our own mark."""

_NUMERIC = re.compile(r"[\s\d.,:;/\\+\-eE%$€£¥()]+")
_DIGIT = re.compile(r"\d")


def guarded(text: str) -> str:
    """A text as a spreadsheet can show it without running or changing it."""
    if not text:
        return text
    runs = text.lstrip(" \u00a0\u200b\ufeff")[:1] in _FORMULA
    # digits and the signs of numbers, dates and times alone: a spreadsheet would drop zeros and round long ids
    changes = _NUMERIC.fullmatch(text) is not None and _DIGIT.search(text) is not None
    return f"'{text}" if runs or changes else text


def unguarded(text: str) -> str:
    """The inverse of `guarded`."""
    return text.removeprefix("'")


def write(dataset: Dataset, path: Path, options: Options | None = None) -> Produced:
    """Write the data set as CSV files, with the media as files in ``media/`` unless ``media`` says none.

    Raises UsageError when something is in the way, StorageFull and OperatorError; nothing half written stays.
    """
    options = options or Options()
    check_beside(options.media, "A CSV file")
    if path.suffix.lower() == ZIP:
        with new_file(path, force=options.force) as temporary, _beside(temporary) as folder:
            produced = _fill(dataset, folder, options)
            _pack(folder, temporary, dataset.about.get("made_at"))
        return replace(produced, files=(path.name,))
    if path.suffix.lower() == SINGLE:
        rest = path.with_name(path.name + "-tables")
        with (
            new_file(path, force=options.force) as temporary,
            new_folder(rest, force=options.force, is_ours=is_export_folder(rest)) as folder,
        ):
            produced = _fill(dataset, folder, options)
            (folder / "records.csv").replace(temporary)
        return replace(produced, files=(path.name, rest.name))
    with new_folder(path, force=options.force, is_ours=is_export_folder(path)) as folder:
        return _fill(dataset, folder, options)


@contextmanager
def _beside(temporary: Path) -> Iterator[Path]:
    """A folder on the same disk, gone afterwards."""
    with TemporaryDirectory(prefix=f"{temporary.name}-", dir=temporary.parent) as folder:
        yield Path(folder)


def _fill(dataset: Dataset, folder: Path, options: Options) -> Produced:
    media_folder = None if options.media is MediaMode.NONE else folder / MEDIA_FOLDER
    if media_folder is not None:
        media_folder.mkdir()
    with closing(Flow(dataset, folder=media_folder, prefix=MEDIA_FOLDER)) as flow:
        counts = _write_tables(folder, schema.TABLES, flow.rows())
    about = {**dataset.about, "schema_version": str(schema.SCHEMA_VERSION)}
    about |= {f"count_{name}": str(number) for name, number in counts.items()}
    facts: list[tuple[Table, Row]] = [(schema.ABOUT, {"key": key, "value": value}) for key, value in about.items()]
    _write_tables(folder, (schema.ABOUT,), facts)
    _write_tables(folder, (schema.COLUMNS,), ((schema.COLUMNS, row) for row in entries(views=False)))
    return Produced(tuple(sorted(one.name for one in folder.iterdir())), counts, tuple(flow.missing))


def _write_tables(folder: Path, tables: Sequence[Table], rows: Iterable[tuple[Table, Row]]) -> dict[str, int]:
    """One file per table, all of them open at once: the rows come record by record."""
    counts = {table.name: 0 for table in tables}
    columns = {table.name: schema.plain_columns(table) for table in tables}
    with ExitStack() as files:
        writers = {}
        for table in tables:
            file = files.enter_context((folder / f"{table.name}.csv").open("w", encoding="utf-8-sig", newline=""))
            writers[table.name] = csv.writer(file, lineterminator="\r\n")
            writers[table.name].writerow([column.name for column in columns[table.name]])
        for table, row in rows:
            writers[table.name].writerow([_cell(row.get(one.name), one.kind) for one in columns[table.name]])
            counts[table.name] += 1
    return counts


def _cell(value: object, kind: Kind) -> Cell:
    plain = cell(value)
    return guarded(plain) if kind is Kind.TEXT and isinstance(plain, str) else plain


def _pack(folder: Path, target: Path, made_at: str | None) -> None:
    """All files of a folder as a .zip in which nothing depends on when or where it was made."""
    at = datetime.fromisoformat(made_at).timetuple()[:6] if made_at else _FIRST
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), max(at, _FIRST))
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            entry.compress_type = zipfile.ZIP_DEFLATED if path.suffix == ".csv" else zipfile.ZIP_STORED
            entry.file_size = path.stat().st_size  # so that a file of more than 2 GiB gets the wider form
            with path.open("rb") as source, archive.open(entry, "w") as packed:
                shutil.copyfileobj(source, packed, CHUNK_BYTES)


_FIRST = (1980, 1, 1, 0, 0, 0)
"""The first moment that a .zip can name."""

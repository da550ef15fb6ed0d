"""The JSON export: one document with a member per table, or JSON lines; the same columns as everywhere.

``NAME.json`` is ``{"about": {…}, "columns": […], "accounts": [{…}, …], …}``; ``NAME.jsonl`` has one object a line,
``{"table": "records", "row": {…}}``. Both are UTF-8, exact (no cell is guarded), and written row by row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TextIO

from archiver.exports import schema
from archiver.exports.dataset import Cell, Dataset, MediaMode, MissingMedia, Options, Produced, Row, cell
from archiver.exports.dictionary import entries
from archiver.exports.media import is_media_folder, with_files
from archiver.exports.schema import Kind, Table
from archiver.exports.target import new_file, new_folder

LINES = ".jsonl"
"""The ending of file names that asks for JSON lines."""


def write(dataset: Dataset, path: Path, options: Options | None = None) -> Produced:
    """Write the data set as JSON; media as files in ``NAME-media`` beside it unless ``media`` says none.

    Raises UsageError when something is in the way, StorageFull and OperatorError; nothing half written stays.
    """
    options = options or Options()
    folder_path = path.with_name(path.stem + "-media")
    beside: AbstractContextManager[Path | None] = (
        nullcontext()
        if options.media is MediaMode.NONE
        else new_folder(folder_path, force=options.force, is_ours=is_media_folder(folder_path))
    )
    missing: list[MissingMedia] = []
    with new_file(path, force=options.force) as temporary, beside as folder:
        media_rows = with_files(dataset, dataset.rows(schema.MEDIA.name), folder, folder_path.name, missing)
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            writer = _lines if path.suffix == LINES else _document
            counts = writer(file, dict(dataset.about) | _own_facts(), _tables(dataset, media_rows))
    files = (path.name,) if options.media is MediaMode.NONE else (path.name, folder_path.name)
    del counts[schema.COLUMNS.name]
    return Produced(files, counts, tuple(missing))


def _own_facts() -> dict[str, str]:
    return {"schema_version": str(schema.SCHEMA_VERSION)}


def _tables(dataset: Dataset, media_rows: Iterable[Row]) -> Iterator[tuple[Table, Iterable[Row]]]:
    yield schema.COLUMNS, entries(views=False)
    for table in schema.TABLES:
        yield table, media_rows if table is schema.MEDIA else dataset.rows(table.name)


def _document(file: TextIO, about: dict[str, str], tables: Iterable[tuple[Table, Iterable[Row]]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    file.write('{"about": ' + _text({key: cell(value) for key, value in about.items()}))
    for table, rows in tables:
        file.write(f',\n"{table.name}": [')
        number = 0
        for row in rows:
            file.write((",\n" if number else "\n") + _text(_object(table, row)))
            number += 1
        file.write("\n]" if number else "]")
        counts[table.name] = number
    file.write("}\n")
    return counts


def _lines(file: TextIO, about: dict[str, str], tables: Iterable[tuple[Table, Iterable[Row]]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    file.writelines(
        _text({"table": "about", "row": {"key": key, "value": cell(value)}}) + "\n" for key, value in about.items()
    )
    for table, rows in tables:
        number = 0
        for row in rows:
            file.write(_text({"table": table.name, "row": _object(table, row)}) + "\n")
            number += 1
        counts[table.name] = number
    return counts


def _object(table: Table, row: Row) -> dict[str, Cell]:
    """A row as an object with every column of the table that other formats than SQLite have, in order."""
    return {column.name: _value(column.kind, row.get(column.name)) for column in schema.plain_columns(table)}


def _value(kind: Kind, value: object) -> Cell:
    return bool(value) if kind is Kind.FLAG and value is not None else cell(value)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

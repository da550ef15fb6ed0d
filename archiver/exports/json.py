"""The JSON export: one document, or JSON lines; the same columns as everywhere, and in each record all its rows.

``NAME.json`` is ``{"about": {…}, "columns": […], "accounts": […], "coverage": […], "downloads": […],
"records": [{…, "versions": […], "events": […], "attachments": […], "links": […], "polls": […], "metrics": […],
"origins": […]}, …], "exchanges": […], "media": […], "withheld": […]}``. ``NAME.jsonl`` has one object a line,
``{"table": "records", "row": {…}}``. Both are UTF-8, exact (no cell is guarded), and written row by row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import TextIO

from archiver.exports import schema
from archiver.exports.dataset import Bundle, Cell, Dataset, MediaMode, Options, Produced, Row, cell
from archiver.exports.dictionary import entries
from archiver.exports.flow import PARTS, Flow, parts
from archiver.exports.media import is_media_folder, media_folder
from archiver.exports.schema import Kind, Table
from archiver.exports.target import check_beside, new_file, new_folder

LINES = ".jsonl"
"""The ending of file names that asks for JSON lines."""

Value = Cell | list["Object"]
Object = dict[str, Value]


def write(dataset: Dataset, path: Path, options: Options | None = None) -> Produced:
    """Write the data set as JSON; media as files in ``NAME.json-media`` beside it unless ``media`` says none.

    Raises UsageError when something is in the way, StorageFull and OperatorError; nothing half written stays.
    """
    options = options or Options()
    check_beside(options.media, "A JSON file")
    media = media_folder(path)
    without = options.media is MediaMode.NONE
    beside: AbstractContextManager[Path | None] = (
        nullcontext() if without else new_folder(media, force=options.force, is_ours=is_media_folder(media))
    )
    with (
        new_file(path, force=options.force) as temporary,
        beside as folder,
        closing(Flow(dataset, folder=folder, prefix=media.name)) as flow,
        temporary.open("w", encoding="utf-8", newline="\n") as file,
    ):
        about = {**dataset.about, "schema_version": str(schema.SCHEMA_VERSION)}
        counts = (_lines if path.suffix == LINES else _document)(file, about, flow)
    return Produced((path.name,) if without else (path.name, media.name), counts, tuple(flow.missing))


def _document(file: TextIO, about: dict[str, str], flow: Flow) -> dict[str, int]:
    counts = {table.name: 0 for table in schema.TABLES}
    file.write('{"about": ' + _text(_facts(about)))
    for table, objects in _tables(flow, counts):
        file.write(f',\n"{table.name}": [')
        first = True
        for one in objects:
            file.write("\n" if first else ",\n")
            file.write(_text(one))
            first = False
        file.write("\n]")
    file.write("}\n")
    return counts


def _lines(file: TextIO, about: dict[str, str], flow: Flow) -> dict[str, int]:
    counts = {table.name: 0 for table in schema.TABLES}
    file.write(_text({"table": schema.ABOUT.name, "row": _facts(about)}) + "\n")
    for table, objects in _tables(flow, counts):
        file.writelines(_text({"table": table.name, "row": one}) + "\n" for one in objects)
    return counts


def _tables(flow: Flow, counts: dict[str, int]) -> Iterator[tuple[Table, Iterable[Object]]]:
    """Each table with its objects; a record's rows of other tables are inside it. ``counts`` fills on the way."""
    yield schema.COLUMNS, (_object(schema.COLUMNS, row) for row in entries(views=False))
    for table, rows in flow.before():
        yield table, _counted(table, rows, counts)
    yield schema.RECORDS, (_record(bundle, counts) for bundle in flow.records())
    for table, rows in flow.after():
        yield table, _counted(table, rows, counts)


def _counted(table: Table, rows: Iterable[Row], counts: dict[str, int]) -> Iterator[Object]:
    for row in rows:
        counts[table.name] += 1
        yield _object(table, row)


def _record(bundle: Bundle, counts: dict[str, int]) -> Object:
    counts[schema.RECORDS.name] += 1
    record = _object(schema.RECORDS, bundle.row)
    for table in PARTS:
        record[table.name] = list(_counted(table, parts(bundle, table), counts))  # instead of the number of versions
    return record


def _facts(about: dict[str, str]) -> Object:
    return {key: cell(value) for key, value in about.items()}


def _object(table: Table, row: Row) -> Object:
    """A row as an object with every column of the table that other formats than SQLite have, in order."""
    return {column.name: _value(column.kind, row.get(column.name)) for column in schema.plain_columns(table)}


def _value(kind: Kind, value: object) -> Cell:
    return bool(value) if kind is Kind.FLAG and value is not None else cell(value)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

"""What no WARC file can give back, as text that any database can take: a JSON document a line.

The rows of all tables but the captured half: the register of accounts, what people decided, the sealed files, the
work ahead. A table begins with ``{"table": name, "columns": [...]}``, then comes a list of values for each row. A
value that JSON does not know is a list of its type and a text: ``["moment", "2026-11-23T05:06:00.000000Z"]``.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, Table, insert, select

from archiver.errors import OperatorError
from archiver.store import bulk
from archiver.store.transfer import CAPTURED
from archiver.store.types import Json, moment_text, read_moment
from archiver.store.whole import all_tables

FORMAT = "archiver rows v1"
_TOGETHER = 1000


def lines(conn: Connection) -> Iterator[str]:
    """The rows of this view in order of their keys, without line breaks; of both databases the same."""
    yield json.dumps({"format": FORMAT})
    for table in _tables():
        columns = [column.name for column in table.columns]
        yield json.dumps({"table": table.name, "columns": columns})
        wrapped = {column.name for column in table.columns if isinstance(column.type, Json)}
        with conn.execute(_in_order(table).execution_options(yield_per=_TOGETHER)) as rows:
            for row in rows.mappings():
                yield json.dumps([_told(row[name], wrapped=name in wrapped) for name in columns])


def read(conn: Connection, told: Iterable[str]) -> None:
    """Put them into an empty store. Raises OperatorError where they are of another program."""
    known = {table.name: table for table in _tables()}
    rest = iter(told)
    if json.loads(next(rest, "{}")).get("format") != FORMAT:
        raise OperatorError("The copy of the store has a form that this program does not know.")
    table: Table | None = None
    columns: list[str] = []
    waiting: list[dict[str, Any]] = []
    for line in rest:
        value = json.loads(line)
        if isinstance(value, dict) or len(waiting) >= _TOGETHER:
            _put(conn, table, waiting)
            waiting = []
        if isinstance(value, dict):
            table, columns = known.get(value["table"]), value["columns"]
            if table is None:
                raise OperatorError(f"The copy of the store has a table {value['table']}, which this program lacks.")
        else:
            waiting.append({name: _read(one) for name, one in zip(columns, value, strict=True)})
    _put(conn, table, waiting)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """How many rows there are, and the SHA-256 over their lines, in hex."""

    rows: int
    sha256: str


def fingerprint(conn: Connection) -> Fingerprint:
    """The same for two stores that hold the same of this half, whatever their databases."""
    digest, rows = hashlib.sha256(), 0
    for line in lines(conn):
        digest.update(line.encode() + b"\n")
        rows += line.startswith("[")
    return Fingerprint(rows, digest.hexdigest())


def _in_order(table: Table) -> Select[Any]:
    return select(table).order_by(*table.primary_key.columns)


def _tables() -> list[Table]:
    """In the order in which foreign keys let them be filled."""
    captured = {table.name for table in CAPTURED}
    return [table for table in all_tables() if table.name not in captured]


def _put(conn: Connection, table: Table | None, rows: list[dict[str, Any]]) -> None:
    if table is None or not rows:
        return
    conn.execute(insert(table), rows)
    if "id" in table.columns and isinstance(rows[0].get("id"), int):
        bulk.settle(conn, table.name, max(row["id"] for row in rows))


def _told(value: Any, *, wrapped: bool) -> Any:
    if wrapped and value is not None:
        return ["json", value]
    if isinstance(value, datetime):
        return ["moment", moment_text(value)]
    if isinstance(value, date):
        return ["day", value.isoformat()]
    if isinstance(value, Decimal):
        return ["decimal", str(value)]
    if isinstance(value, bytes):
        return ["bytes", base64.b64encode(value).decode("ascii")]
    return value


def _read(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    kind, told = value
    match kind:
        case "json":
            return told
        case "moment":
            return read_moment(told)
        case "day":
            return date.fromisoformat(told)
        case "decimal":
            return Decimal(told)
        case "bytes":
            return base64.b64decode(told)
    raise OperatorError(f"The copy of the store has a value of an unknown kind, {kind!r}.")

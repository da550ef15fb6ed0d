"""Many rows at once, past the per-row and per-statement cost of the toolkit: the hot path of an exchange.

Statements are plain SQL, the same for both databases but for the placeholders. Values are as the driver takes and
gives them: text that is cleaned already, moments by `moments` and `read_moments`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, text

from archiver.store.types import moment_text, read_moment

T = TypeVar("T")

CHUNK = 500
"""Values in one IN list."""


def chunks(values: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """The values in portions."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def portions(values: Iterator[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The same for values that come one after the other."""
    while portion := list(islice(values, size)):
        yield portion


def select(conn: Connection, statement: str, values: Sequence[Any], *before: Any) -> list[tuple[Any, ...]]:
    """The rows of a query: its ``{among}`` stands for any of ``values``, each ``{}`` in front for one of ``before``."""
    sqlite = conn.dialect.name == "sqlite"
    found: list[tuple[Any, ...]] = []
    for some in chunks(values):
        sql = _select_sql(statement, sqlite, len(some) if sqlite else 1, len(before))
        with conn.exec_driver_sql(sql, (*before, *some) if sqlite else (*before, list(some))) as result:
            found += result.cursor.fetchall()
    return found


def reserve(conn: Connection, table: str, count: int) -> Iterator[int]:
    """Numbers for new rows of a table. On SQLite the write lock is held, so the highest number plus one is ours."""
    if not count:
        return iter(())
    if conn.dialect.name == "sqlite":
        last: int = conn.exec_driver_sql(f"SELECT coalesce(max(id), 0) FROM {table}").scalar_one()  # noqa: S608 - our own name
        return iter(range(last + 1, last + 1 + count))
    numbers = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
    return iter(conn.execute(numbers, {"name": table, "count": count}).scalars().all())


def settle(conn: Connection, table: str, highest: int) -> None:
    """Numbers up to ``highest`` were given by hand: `reserve` goes on after them."""
    if conn.dialect.name == "postgresql":
        conn.execute(
            text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :highest)"), {"name": table, "highest": highest}
        )


def insert(conn: Connection, table: str, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
    """Add rows, each a value for each column."""
    if rows:
        conn.exec_driver_sql(_insert_sql(conn.dialect.name, table, columns), rows)


def update(conn: Connection, table: str, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
    """Set columns of rows, each a value for each column and then the id."""
    if rows:
        conn.exec_driver_sql(_update_sql(conn.dialect.name, table, columns), rows)


def moments(conn: Connection) -> Callable[[datetime | None], Any]:
    """How this database's driver takes a moment. What it takes and gives compares like the moments themselves."""
    return _sqlite_moment if conn.dialect.name == "sqlite" else _same


def read_moments(conn: Connection) -> Callable[[Any], datetime]:
    """How to read what this database's driver gives for a moment."""
    return read_moment if conn.dialect.name == "sqlite" else _in_utc


def _sqlite_moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment_text(moment)


def _same(moment: datetime | None) -> datetime | None:
    return moment


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


@lru_cache
def _select_sql(statement: str, sqlite: bool, count: int, before: int) -> str:  # noqa: FBT001 - a cache has no keywords
    mark = "?" if sqlite else "%s"
    among = f"IN ({', '.join([mark] * count)})" if sqlite else "= ANY (%s)"
    return statement.format(*[mark] * before, among=among)


@lru_cache
def _insert_sql(dialect: str, table: str, columns: tuple[str, ...]) -> str:
    mark = "?" if dialect == "sqlite" else "%s"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join([mark] * len(columns))})"  # noqa: S608 - our own names


@lru_cache
def _update_sql(dialect: str, table: str, columns: tuple[str, ...]) -> str:
    mark = "?" if dialect == "sqlite" else "%s"
    return f"UPDATE {table} SET {', '.join(f'{column} = {mark}' for column in columns)} WHERE id = {mark}"  # noqa: S608 - our own names

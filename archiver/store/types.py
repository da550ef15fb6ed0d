"""Column types that mean the same on both databases."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, Integer, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from archiver.domain.item import clean

Id = BigInteger().with_variant(Integer(), "sqlite")
"""A row's number. SQLite gives its fast row id only to a column that is called INTEGER."""


def moment_text(moment: datetime) -> str:
    """ISO 8601 in UTC, always 27 characters, so that text order is time order."""
    if moment.tzinfo is not UTC:
        try:
            moment = moment.astimezone(UTC)
        except OverflowError:  # the first and the last day of the calendar, in another zone
            moment = moment.replace(tzinfo=UTC)
    return moment.isoformat(timespec="microseconds")[:26] + "Z"


def read_moment(text: str) -> datetime:
    """The inverse of `moment_text`."""
    return datetime.fromisoformat(text)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime: TIMESTAMPTZ on PostgreSQL, ISO text of fixed width on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type."""
        return TIMESTAMP(timezone=True) if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Towards the database; a naive datetime is a bug."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone.")
        return value if dialect.name == "postgresql" else moment_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        return value.astimezone(UTC) if dialect.name == "postgresql" else read_moment(value)


class Day(TypeDecorator[date]):
    """A day of the law or of the archive's zone, without a time: DATE on PostgreSQL, ``YYYY-MM-DD`` on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type."""
        return Date() if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:
        """Towards the database."""
        return value if value is None or dialect.name == "postgresql" else value.isoformat()

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        """From the database."""
        return value if value is None or dialect.name == "postgresql" else date.fromisoformat(value)


class Words(TypeDecorator[str]):
    """Text from strangers, cleaned on its way in. Compared and sorted by code point on both databases."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type; PostgreSQL would sort by its locale otherwise."""
        return Text(collation="C") if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the interface's
        """Towards the database."""
        return None if value is None else clean(value)


class Json(TypeDecorator[Any]):
    """A JSON value as ASCII text, with sorted members: equal values are equal texts."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 - the interface's
        """Towards the database."""
        return None if value is None else json_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 - the interface's
        """From the database."""
        return None if value is None else json.loads(value)


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def json_text(value: Any) -> str:
    """A JSON value as rows hold it."""
    return _encode(value) if value else _EMPTY.get(type(value)) or _encode(value)


_EMPTY: dict[type, str] = {list: "[]", tuple: "[]", dict: "{}"}

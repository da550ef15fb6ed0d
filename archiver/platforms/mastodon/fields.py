"""Single fields out of a server's JSON: a value of the expected type, or None.

Forks add, drop and retype fields; a field that is not what it should be counts as not returned (records rule R3),
and never stops the reading of the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from archiver.platforms.fields import NOTHING, count, flag, mapping, text

__all__ = ["NOTHING", "count", "flag", "identifier", "mapping", "moment", "objects", "text"]


def objects(value: Any) -> list[tuple[int, Mapping[str, Any]]]:
    """The objects of a JSON list, each with its place in it."""
    if not isinstance(value, list):
        return []
    return [(place, one) for place, one in enumerate(value) if isinstance(one, dict)]


def identifier(value: Any) -> str | None:
    """An id. They are strings; some forks send numbers."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def moment(value: Any) -> datetime | None:
    """An RFC 3339 time as aware UTC; a time without a zone is UTC."""
    if not isinstance(value, str):
        return None
    try:
        when = datetime.fromisoformat(value)
        return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None

"""Single fields out of a server's JSON: a value of the expected type, or None.

Forks add, drop and retype fields; a field that is not what it should be counts as not returned (records rule R3),
and never stops the reading of the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

NOTHING: Mapping[str, Any] = {}


def mapping(value: Any) -> Mapping[str, Any]:
    """A JSON object, or an empty one."""
    return value if isinstance(value, dict) else NOTHING


def objects(value: Any) -> list[tuple[int, Mapping[str, Any]]]:
    """The objects of a JSON list, each with its place in it."""
    if not isinstance(value, list):
        return []
    return [(place, one) for place, one in enumerate(value) if isinstance(one, dict)]


def text(value: Any) -> str | None:
    """A string, the empty one included."""
    return value if isinstance(value, str) else None


def identifier(value: Any) -> str | None:
    """An id. They are strings; some forks send numbers."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def count(value: Any) -> int | None:
    """A count or a size in pixels, not negative."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def flag(value: Any) -> bool | None:
    """A truth value."""
    return value if isinstance(value, bool) else None


def moment(value: Any) -> datetime | None:
    """An RFC 3339 time as aware UTC; a time without a zone is UTC."""
    if not isinstance(value, str):
        return None
    try:
        when = datetime.fromisoformat(value)
        return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None

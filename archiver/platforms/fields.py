"""Single values out of a platform's JSON: a value of the expected type, or None.

Platforms add, drop and retype fields. So a field that is not what it should be counts as not returned (records rule R3)
and never stops the reading of the rest. Only a wrong shape of the whole answer raises ShapeChanged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from archiver.domain.exchange import Exchange
from archiver.errors import ShapeChanged

NOTHING: Mapping[str, Any] = {}
Placed = tuple[str, Mapping[str, Any]]
"""An object with its JSON pointer (RFC 6901) inside the body."""


def document(exchange: Exchange) -> Mapping[str, Any]:
    """The answer's top-level object; raises ShapeChanged for anything else."""
    answer = exchange.json()
    if not isinstance(answer, dict):
        raise ShapeChanged(f"{exchange.url} answered with something that is not an object.")
    return answer


def mapping(value: Any) -> Mapping[str, Any]:
    """A JSON object, or an empty one."""
    return value if isinstance(value, dict) else NOTHING


def objects(value: Any, pointer: str = "") -> Iterator[Placed]:
    """The objects of a JSON list that stands at ``pointer``, each with its own pointer."""
    if isinstance(value, list):
        for place, one in enumerate(value):
            if isinstance(one, dict):
                yield f"{pointer}/{place}", one


def text(value: Any) -> str | None:
    """A string, the empty one included."""
    return value if isinstance(value, str) else None


def count(value: Any) -> int | None:
    """A count or a size in pixels, not negative."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None


def flag(value: Any) -> bool | None:
    """A truth value."""
    return value if isinstance(value, bool) else None


def zoned_moment(value: Any) -> datetime | None:
    """An ISO 8601 time with an offset, as aware UTC. A time without one is somebody's local time: None."""
    if not isinstance(value, str):
        return None
    try:
        when = datetime.fromisoformat(value)
        return when.astimezone(UTC) if when.tzinfo else None
    except (ValueError, OverflowError):
        return None

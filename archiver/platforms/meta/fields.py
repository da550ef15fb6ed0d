"""Single values out of Meta's JSON: a value of the expected type, or None (`archiver.platforms.fields`).

A field without value, or one that the token may not see, is left out without notice; old answers hold other types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from archiver.domain.exchange import Exchange
from archiver.errors import ShapeChanged
from archiver.platforms.fields import NOTHING, Placed, count, document, mapping, objects, text, zoned_moment

__all__ = [
    "NOTHING", "Placed", "connection", "count", "document", "flag", "identifier", "listed", "mapping", "moment",
    "objects", "stamp", "summary", "text",
]  # fmt: skip

_FIRST_UNIX_S = 1_000_000_000  # September 2001: a smaller number is no moment of Meta's
_FIRST_UNIX_MS = 100_000_000_000  # 5138 in seconds, so it is milliseconds (Messenger's webhooks)
_DIGITS = re.compile(r"[0-9]{1,16}", re.ASCII)


def listed(exchange: Exchange) -> list[Placed]:
    """The entries of a connection's answer, each with its pointer; raises ShapeChanged when there is no list."""
    answer = document(exchange)
    if not isinstance(answer.get("data"), list):
        raise ShapeChanged(f"{exchange.url} answered without a list of data.")
    return list(objects(answer["data"], "/data"))


def connection(value: Any, pointer: str = "") -> Iterator[Placed]:
    """The objects of an expanded edge ``{"data": [...]}`` that stands at ``pointer``; a bare list is taken, too."""
    if isinstance(value, dict):
        yield from objects(value.get("data"), f"{pointer}/data")
    else:
        yield from objects(value, pointer)


def summary(value: Any) -> Mapping[str, Any]:
    """The summary of an edge: ``total_count``, ``order``, ``can_comment`` and others."""
    return mapping(mapping(value).get("summary"))


def identifier(value: Any) -> str | None:
    """An id. They are strings of digits larger than 2**53; webhooks send some as numbers."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**40:
        return str(value)
    return None


def flag(value: Any) -> bool | None:
    """A truth value; webhooks send some as 0 and 1."""
    if isinstance(value, bool):
        return value
    return bool(value) if isinstance(value, int) and value in {0, 1} else None


def moment(value: Any) -> datetime | None:
    """A time as aware UTC: ``2021-08-10T18:45:03+0000`` in any offset, or Unix seconds as a number or as text.

    Milliseconds are told by their size. A time without an offset is somebody's local time: None.
    """
    if isinstance(value, str) and not _DIGITS.fullmatch(value):
        return zoned_moment(value)
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return _unix(value)
    return None


def stamp(when: datetime) -> str:
    """A time for a cursor; `moment` reads it."""
    return when.astimezone(UTC).isoformat()


def _unix(value: str | float) -> datetime | None:
    try:
        seconds = float(value)
        if seconds >= _FIRST_UNIX_MS:
            seconds /= 1000
        return datetime.fromtimestamp(seconds, UTC) if seconds >= _FIRST_UNIX_S else None
    except (ValueError, OverflowError, OSError):
        return None

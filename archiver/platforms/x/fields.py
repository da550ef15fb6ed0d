"""Single values out of X's JSON (`archiver.platforms.fields`). What has no value is left out, never null."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archiver.platforms.fields import (
    NOTHING,
    Placed,
    count,
    document,
    flag,
    mapping,
    objects,
    text,
    zoned_moment,
)

__all__ = [
    "NOTHING", "Placed", "count", "document", "flag", "identifier", "identifiers", "mapping", "moment", "objects",
    "place_of", "text",
]  # fmt: skip

moment = zoned_moment


def identifier(value: Any) -> str | None:
    """An id: text of digits; a number, where somebody between X and us made one of it, while it is exact."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**64:
        return str(value)
    return None


def identifiers(value: Any) -> tuple[str, ...]:
    """The ids of a list, in order."""
    return tuple(one for entry in value if (one := identifier(entry))) if isinstance(value, list) else ()


def place_of(entity: Mapping[str, Any]) -> tuple[int, int]:
    """Where an entity stands in the text, in code points of it as delivered; (0, 0) where that is not told."""
    return count(entity.get("start")) or 0, count(entity.get("end")) or 0

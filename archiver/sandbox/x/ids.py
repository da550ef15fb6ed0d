"""X's own ways of naming things: numbers made of a moment, media keys, opaque tokens."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta

EPOCH_MS = 1_288_834_974_657
"""4 November 2010, 01:42:54.657 UTC, in milliseconds since 1970: where X's numbers begin."""
_UNIX = datetime(1970, 1, 1, tzinfo=UTC)


def native_id(moment: datetime, serial: int) -> str:
    """A number for something made then; ``serial`` (22 bits) tells the things of one millisecond apart."""
    passed_ms = (moment - _UNIX) // timedelta(milliseconds=1) - EPOCH_MS
    return str((passed_ms << 22) | (serial & 0x3FFFFF))


def first_id_at(moment: datetime) -> int:
    """The least number that something made then, or later, can have."""
    return int(native_id(moment, 0))


def opaque(*parts: object, length: int = 45) -> str:
    """Letters that tell a caller nothing, the same for the same parts."""
    digest = hashlib.sha512(repr(parts).encode()).digest()
    return base64.b32hexencode(digest).decode().lower().rstrip("=")[:length]


def short_link(target: str) -> str:
    """The ``t.co`` link that stands in a text for an address: always 23 letters."""
    digest = hashlib.sha256(target.encode("utf-8", "surrogatepass")).digest()
    return "https://t.co/" + base64.b64encode(digest, altchars=b"Zx").decode()[:10]


def timestamp(moment: datetime) -> str:
    """``2026-11-15T14:00:00.000Z``: whole seconds, though written with milliseconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")

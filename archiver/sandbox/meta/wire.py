r"""JSON as Meta writes it: letters beyond ASCII as lower-case ``\uXXXX``, slashes as ``\/``, no spaces.

A webhook's signature is over exactly these bytes, so nobody may write them anew before checking it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from archiver.sandbox.wire import Answer

JSON = "application/json; charset=UTF-8"
SIGNATURE = (
    ("Access-Control-Allow-Origin", "*"),
    ("Vary", "Origin, Accept-Encoding"),
    ("Strict-Transport-Security", "max-age=15552000; preload"),
    ("Pragma", "no-cache"),
    ("Cache-Control", "private, no-cache, no-store, must-revalidate"),
    ("Expires", "Sat, 01 Jan 2000 00:00:00 GMT"),
    ("x-fb-rev", "1030000001"),
)
"""Headers of every answer of a Graph host."""


def encoded(value: object) -> bytes:
    """The bytes of a value."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode("ascii")


def answered(value: object, status: int = 200, headers: list[tuple[str, str]] | None = None) -> Answer:
    """An answer of the API. Never kept: its links are signed anew each time."""
    return Answer(status, encoded(value), JSON, list(headers or []), cacheable=False, gzip=True)


def moment(at: datetime) -> str:
    """``2026-11-03T14:05:11+0000``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def unix(at: datetime | None) -> int:
    """Whole seconds since 1970; 0 for never."""
    return int(at.timestamp()) if at is not None else 0

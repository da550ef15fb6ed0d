"""JSON, times and headers as YouTube writes them. Bodies are compact here, where the platform indents them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from archiver.sandbox.wire import Answer, dumps
from archiver.sandbox.youtube import ids

JSON = "application/json; charset=UTF-8"
SIGNATURE = (
    ("Vary", "Origin, X-Origin, Referer"),
    ("Server", "scaffolding on HTTPServer2"),
    ("X-XSS-Protection", "0"),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "private"),
)


def answered(value: object, status: int = 200) -> Answer:
    """A JSON answer."""
    return Answer(status, dumps(value), JSON, cacheable=False, gzip=True)


def moment(at: datetime) -> str:
    """``2026-11-10T03:00:00Z``."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def precise(at: datetime) -> str:
    """Of captions: ``2026-11-10T05:12:00.123456Z``."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def offset(at: datetime) -> str:
    """Of chats and feeds: ``2026-11-17T00:05:21.208241+00:00``."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}+00:00"


def spoken_duration(seconds: int) -> str:
    """``PT2H13M5S`` (ISO 8601)."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    parts = [f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M"), (left, "S")) if number]
    return "PT" + "".join(parts or ["0S"])


def resource(kind: str, native: str, parts: dict[str, Any]) -> dict[str, Any]:
    """A resource with its kind, its mark and those of its parts that were asked for."""
    return {"kind": f"youtube#{kind}", "etag": ids.etag(dumps([native, parts])), "id": native, **parts}

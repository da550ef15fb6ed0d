"""Requests and answers as values, between the server's sockets and the two APIs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. Header names are in lower case; ``params`` are the query's, each with all its values."""

    method: str
    target: str
    path: str
    params: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes = b""

    @classmethod
    def of(cls, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> Asked:
        """A request from its first line, headers and body."""
        parts = urlsplit(target)
        params = parse_qs(parts.query, keep_blank_values=True) if parts.query else {}
        return cls(method, target, parts.path, params, headers, body)

    def one(self, name: str) -> str | None:
        """The first value of a parameter."""
        values = self.params.get(name)
        return values[0] if values else None

    @property
    def bearer(self) -> str | None:
        """The token of an ``Authorization: Bearer`` header."""
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if kind.lower() == "bearer" and token else None

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty when it is none."""
        try:
            value = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


@dataclass(slots=True)
class Answer:
    """One response. ``cacheable``: the same until the world changes. ``gzip``: the server may compress it."""

    status: int
    body: bytes = b""
    mime: str = JSON
    headers: list[tuple[str, str]] = field(default_factory=list)
    cacheable: bool = True
    gzip: bool = False


def json_answer(value: object, status: int = 200, **more: Any) -> Answer:
    """A JSON answer. Lone surrogates leave as JSON escapes, all else as UTF-8."""
    return Answer(status, dumps(value), **more)


def dumps(value: object) -> bytes:
    """Compact JSON in UTF-8."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()

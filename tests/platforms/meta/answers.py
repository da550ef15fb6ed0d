"""Answers as Meta's servers give them, for tests."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from archiver.domain.exchange import Exchange, Headers, Purpose

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
URL = "https://graph.facebook.com/v26.0/104/published_posts?fields=id,message&limit=100"


def answer(
    body: Any = None,
    status: int = 200,
    headers: Headers = (),
    url: str = URL,
    purpose: Purpose = Purpose.API,
    **more: Any,
) -> Exchange:
    """An exchange whose answer has this body: bytes as they are, anything else as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    words: dict[str, Any] = {
        "id": "0" * 32, "sequence": 1, "account": "city", "url": url, "stream": "posts", "captured_at": NOW,
        "status": status, "headers": headers, "body": raw, "purpose": purpose, "task_kind": "poll", **more,
    }  # fmt: skip
    return Exchange(**words)


def error(code: int | None, subcode: int | None = None, message: str = "No", **more: Any) -> dict[str, Any]:
    """An error object."""
    stated = {"message": message, "type": "OAuthException", "code": code, "error_subcode": subcode, **more}
    return {"error": {name: value for name, value in stated.items() if value is not None}}

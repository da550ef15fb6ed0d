"""Requests that the city's platforms send themselves: handshakes and deliveries to a receiver."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Delivered:
    """One request that was sent, and how it was answered (0: not at all)."""

    body: bytes
    headers: Mapping[str, str]
    status: int
    answer: bytes


def sign_legacy(body: bytes, secret: str) -> str:
    """``X-Hub-Signature`` of these bytes: SHA-1, as WebSub's hubs and Meta send it."""
    return "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()


def send(
    method: str,
    callback: str,
    body: bytes,
    headers: dict[str, str],
    query: str = "",
    *,
    context: ssl.SSLContext | None = None,
    timeout_s: float = 10.0,
) -> Delivered:
    """Send one request to a callback, and read the answer whole."""
    parts = urlsplit(callback)
    queries = "&".join(filter(None, (parts.query, query)))
    target = (parts.path or "/") + (f"?{queries}" if queries else "")
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(parts.netloc, timeout=timeout_s, context=context)
    else:
        connection = http.client.HTTPConnection(parts.netloc, timeout=timeout_s)
    try:
        connection.request(method, target, body or None, headers)
        answer = connection.getresponse()
        return Delivered(body, headers, answer.status, answer.read())
    except (OSError, http.client.HTTPException):
        return Delivered(body, headers, 0, b"")
    finally:
        connection.close()

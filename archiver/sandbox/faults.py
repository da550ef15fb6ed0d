"""Trouble on purpose: rules that make the next answers go wrong.

``city.faults.add(server_error(), matching="getPostThread", times=3)``; a rule is spent after ``times`` requests. The
platforms' own refusals (a used-up limit, a revoked token) come from the servers themselves: see ``SandboxCity``.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from archiver.sandbox.wire import HTML, JSON, Answer, Asked

BAD_GATEWAY = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502 Bad Gateway</h1></body>\r\n</html>"
)


@dataclass(slots=True)
class Delivery:
    """An answer on its way out.

    ``keep``: stop after that part of the body and close; ``wait_s``: wait before the first byte; ``pause_s``:
    wait in the middle of the body; ``drop``: close without a word.
    """

    answer: Answer
    keep: float | None = None
    wait_s: float = 0.0
    pause_s: float = 0.0
    drop: bool = False


Fault = Callable[[Asked, Delivery], None]


@dataclass(slots=True)
class Rule:
    """A fault for the next ``left`` requests (None: for ever) that ``matches``; the first ``after`` are let through."""

    fault: Fault
    matches: Callable[[Asked], bool]
    left: int | None = 1
    after: int = 0
    hits: int = 0


@dataclass(slots=True)
class Faults:
    """The rules of one server, asked in the order in which they were made."""

    rules: list[Rule] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(
        self,
        fault: Fault,
        *,
        matching: str | Callable[[Asked], bool] = "",
        times: int | None = 1,
        after: int = 0,
    ) -> Rule:
        """Make a rule; ``matching`` is a part of the request's target, or a question about the request."""
        wanted = matching
        matches = (lambda asked: wanted in asked.target) if isinstance(wanted, str) else wanted
        rule = Rule(fault, matches, times, after)
        with self.lock:
            self.rules.append(rule)
        return rule

    def clear(self) -> None:
        """Forget all rules."""
        with self.lock:
            self.rules.clear()

    def apply(self, asked: Asked, delivery: Delivery) -> None:
        """Let the first rule that fits have its way."""
        rule = self._take(asked)
        if rule is not None:
            rule.fault(asked, delivery)

    def _take(self, asked: Asked) -> Rule | None:
        if not self.rules:
            return None
        with self.lock:
            for rule in self.rules:
                if rule.left == 0 or not rule.matches(asked):
                    continue
                if rule.after > 0:
                    rule.after -= 1
                    continue
                if rule.left is not None:
                    rule.left -= 1
                rule.hits += 1
                return rule
        return None


def server_error(status: int = 500, error: str = "InternalServerError") -> Fault:
    """A 5xx in the platform's own JSON form."""

    def fault(asked: Asked, delivery: Delivery) -> None:
        body = {"error": error, "message": "Internal Server Error"}
        if not asked.path.startswith("/xrpc/"):
            body = {"error": "Something went wrong on our end"}
        delivery.answer = Answer(status, json.dumps(body).encode())

    return fault


def bad_gateway(status: int = 502) -> Fault:
    """The page of a proxy in front of the server."""

    def fault(_: Asked, delivery: Delivery) -> None:
        delivery.answer = Answer(status, BAD_GATEWAY, HTML)

    return fault


def unavailable(retry_after: str | None = "30") -> Fault:
    """503, with or without ``Retry-After`` (seconds or a date)."""

    def fault(_: Asked, delivery: Delivery) -> None:
        headers = [("Retry-After", retry_after)] if retry_after else []
        delivery.answer = Answer(503, b'{"error":"Service Unavailable"}', JSON, headers)

    return fault


def truncated(keep: float = 0.5) -> Fault:
    """The connection closes in the middle of the body, whatever the headers promised."""

    def fault(_: Asked, delivery: Delivery) -> None:
        delivery.keep = keep

    return fault


def cut_json(keep: float = 0.5) -> Fault:
    """A whole answer by its headers whose JSON ends in the middle."""

    def fault(_: Asked, delivery: Delivery) -> None:
        body = delivery.answer.body
        delivery.answer = _instead(delivery.answer, body[: int(len(body) * keep)])

    return fault


def slow(wait_s: float = 1.0, pause_s: float = 0.0) -> Fault:
    """Wait before the first byte, and again in the middle of the body."""

    def fault(_: Asked, delivery: Delivery) -> None:
        delivery.wait_s, delivery.pause_s = wait_s, pause_s

    return fault


def disconnect() -> Fault:
    """The connection closes without an answer."""

    def fault(_: Asked, delivery: Delivery) -> None:
        delivery.drop = True

    return fault


def too_many(resets: list[tuple[str, str]] | None = None) -> Fault:
    """A 429 without ``Retry-After``; ``resets`` are the headers to send with it."""

    def fault(asked: Asked, delivery: Delivery) -> None:
        body = b'{"error":"RateLimitExceeded","message":"Rate Limit Exceeded"}'
        if not asked.path.startswith("/xrpc/"):
            body = b'{"error":"Too many requests"}'
        delivery.answer = Answer(429, body, JSON, list(resets or []))

    return fault


def wrong_shape(body: object = None) -> Fault:
    """A 200 with JSON of another form (default: a list where an object was, and the other way round)."""

    def fault(_: Asked, delivery: Delivery) -> None:
        shape = body
        if shape is None:
            was_list = delivery.answer.body[:1] == b"["
            shape = {"unexpected": True} if was_list else ["unexpected"]
        delivery.answer = _instead(delivery.answer, json.dumps(shape).encode())

    return fault


def login_page() -> Fault:
    """A 200 with a page for people."""

    def fault(_: Asked, delivery: Delivery) -> None:
        delivery.answer = Answer(200, b"<!DOCTYPE html><title>Log in</title><form></form>", HTML)

    return fault


def redirect(to: str, status: int = 302) -> Fault:
    """Sent elsewhere (an entryway, a login page)."""

    def fault(_: Asked, delivery: Delivery) -> None:
        delivery.answer = Answer(status, b"", HTML, [("Location", to)])

    return fault


def repeated_page() -> Fault:
    """The answer of the first matching request, again and again, its cursor and links included."""
    first: list[Answer] = []

    def fault(_: Asked, delivery: Delivery) -> None:
        if not first:
            first.append(delivery.answer)
        delivery.answer = first[0]

    return fault


def silent_end(*, keep: int | None = None) -> Fault:
    """A listing ends here without saying that there is more; ``keep`` entries stay."""

    def fault(_: Asked, delivery: Delivery) -> None:
        answer = delivery.answer
        value: Any = json.loads(answer.body)
        if isinstance(value, dict):
            value.pop("cursor", None)
            value = {name: _cut(part, keep) for name, part in value.items()}
        else:
            value = _cut(value, keep)
        ended = _instead(answer, json.dumps(value).encode())
        ended.headers = [(name, text) for name, text in answer.headers if name.lower() != "link"]
        delivery.answer = ended

    return fault


def token_revoked() -> Fault:
    """The token is refused (Mastodon: for ever; a real revocation is ``SandboxCity.revoke``)."""

    def fault(asked: Asked, delivery: Delivery) -> None:
        if asked.path.startswith("/xrpc/"):
            delivery.answer = Answer(400, b'{"error":"ExpiredToken","message":"Token has been revoked"}')
            return
        headers = [("WWW-Authenticate", 'Bearer realm="Doorkeeper", error="invalid_token"')]
        delivery.answer = Answer(401, b'{"error":"The access token was revoked"}', JSON, headers)

    return fault


def _cut(value: object, keep: int | None) -> object:
    return value[:keep] if isinstance(value, list) and keep is not None else value


def _instead(answer: Answer, body: bytes) -> Answer:
    return Answer(answer.status, body, answer.mime, list(answer.headers), cacheable=False, gzip=answer.gzip)

"""The JSON of an answer, read once though three ask for it: what it means, what it shows, what comes next."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from archiver.domain.exchange import Exchange
from archiver.domain.parsing import parse_json
from archiver.errors import ShapeChanged

JSON = dict[str, Any]


@lru_cache(maxsize=4)
def _parsed(body: bytes) -> Any:
    return parse_json(body)


def parsed(exchange: Exchange) -> Any:
    """The body as JSON, which nobody may change; raises ShapeChanged when it is none."""
    try:
        return _parsed(exchange.body)
    except (ValueError, RecursionError) as error:
        raise ShapeChanged(f"{exchange.url} answered {exchange.status} with something that is not JSON.") from error


def document(exchange: Exchange) -> JSON:
    """The answer as a JSON object; raises ShapeChanged when it is none."""
    body = parsed(exchange)
    if not isinstance(body, dict):
        raise ShapeChanged(f"{exchange.url} answered with no JSON object.")
    return body


def listing(exchange: Exchange, member: str) -> list[Any]:
    """The list that an answer holds under a name; raises ShapeChanged when there is none."""
    found = document(exchange).get(member)
    if not isinstance(found, list):
        raise ShapeChanged(f"{exchange.url} answered without a list of {member}.")
    return found


def whatever_it_says(exchange: Exchange) -> JSON:
    """The answer of a stranger's server as a JSON object; empty when it is none."""
    try:
        return document(exchange) if exchange.ok else {}
    except ShapeChanged:
        return {}


def stated(value: object) -> JSON:
    """A JSON object, or an empty one where something else stands."""
    return value if isinstance(value, dict) else {}


def text_of(value: object) -> str | None:
    """A string, or None where something else stands."""
    return value if isinstance(value, str) else None

"""Mastodon's pages: ``max_id``, ``since_id`` and ``min_id``, silent limits, and the ``Link`` header."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from archiver.sandbox.wire import Asked

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page, newest first. ``full``: as long as asked for, so there may be more (the next may be empty)."""

    entries: list[T]
    first: str | None
    last: str | None
    full: bool


def age(native: str) -> tuple[int, str]:
    """Ids in the order of their making: numbers of any length, or ULIDs."""
    return len(native), native


def cut(entries: Sequence[tuple[str, T]], asked: Asked, *, default: int) -> Page[T]:
    """The page that was asked for. A limit above twice the default is lowered, nonsense is the default."""
    limit = _limit(asked.one("limit"), default)
    found = sorted(entries, key=lambda entry: age(entry[0]), reverse=True)
    if below := asked.one("max_id"):
        found = [entry for entry in found if age(entry[0]) < age(below)]
    above = asked.one("min_id") or asked.one("since_id")
    if above:
        found = [entry for entry in found if age(entry[0]) > age(above)]
    if asked.one("pinned") in {"true", "1"}:
        found = list(entries)
    page = found[-limit:] if asked.one("min_id") else found[:limit]
    first, last = (page[0][0], page[-1][0]) if page else (None, None)
    return Page([entry for _, entry in page], first, last, len(page) == limit)


def link_header(base_url: str, asked: Asked, page: Page[T], prev: str) -> str | None:
    """``next`` is older, ``prev`` newer; no ``next`` after a page that is not full, nothing after an empty one."""
    if page.first is None or page.last is None:
        return None
    kept = [
        (name, value)
        for name, values in asked.params.items()
        if name not in {"max_id", "min_id", "since_id"}
        for value in values
    ]
    links = []
    if page.full:
        links.append((urlencode([*kept, ("max_id", page.last)]), "next"))
    links.append((urlencode([*kept, (prev, page.first)]), "prev"))
    return ", ".join(f'<{base_url}{asked.path}?{query}>; rel="{rel}"' for query, rel in links)


def _limit(text: str | None, default: int) -> int:
    try:
        number = abs(int(text or 0))
    except ValueError:
        number = 0
    return min(number, 2 * default) or default

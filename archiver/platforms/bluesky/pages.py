"""Turning the pages of a listing, and noticing when they lead nowhere.

A page may be short or empty and still have a cursor, and the last one may have a cursor or none, by release; so only an
absent cursor ends a listing. A cursor or a page that comes again would go on for ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

Place = dict[str, Any]
"""Where in a listing we are, as JSON: ``cursor``, ``page`` (from 1), ``marks`` of what was seen, ``empty`` pages."""

MOST_PAGES = 20_000
MOST_EMPTY_PAGES = 50
_MARKS_KEPT = 400


def first_page() -> Place:
    """The beginning of a listing."""
    return {"cursor": None, "page": 1, "marks": [], "empty": 0}


def next_page(place: Place, cursor: object, names: Sequence[str]) -> tuple[Place | None, str | None]:
    """The next place after a page that held ``names`` and gave ``cursor``; None at the end.

    The second value says why a listing ended before its end.
    """
    if not isinstance(cursor, str) or not cursor:
        return None, None
    fresh = [_mark("cursor", cursor)]
    if names:
        fresh.append(_mark("page", *names))
    if any(mark in place["marks"] for mark in fresh):
        return None, "the platform gave the same page again instead of the next one"
    empty = 0 if names else place["empty"] + 1
    if empty > MOST_EMPTY_PAGES:
        return None, "the platform gave nothing but empty pages"
    if place["page"] >= MOST_PAGES:
        return None, "the listing did not come to an end"
    marks = (place["marks"] + fresh)[-_MARKS_KEPT:]
    return {"cursor": cursor, "page": place["page"] + 1, "marks": marks, "empty": empty}, None


def _mark(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()

"""Addresses as they stand in texts that a platform does not mark up."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from archiver.domain.item import Link

_IN_TEXT = re.compile(r"https?://[^\s<>\"“”«»]+", re.IGNORECASE)
_CLOSING = ".,;:!?'\"…"


def links_in(text: str | None) -> tuple[Link, ...]:
    """The addresses that stand in a text, each once, in order."""
    found: dict[str, None] = {}
    for match in _IN_TEXT.finditer(text or ""):
        found.setdefault(_ended(match.group()))
    return tuple(Link(url) for url in found if is_address(url))


def is_address(url: str) -> bool:
    """Whether it is the address of a page; a stranger's words may be none."""
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def _ended(url: str) -> str:
    """Without the full stop or bracket that belongs to the sentence around it."""
    while url:
        if url[-1] in _CLOSING or (url[-1] == ")" and url.count(")") > url.count("(")) or url[-1] in "]}":
            url = url[:-1]
        else:
            break
    return url

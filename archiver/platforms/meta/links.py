"""Addresses as they stand in texts, which Meta's APIs do not mark, and what lasts of signed ones."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

from archiver.domain.item import Link
from archiver.platforms.meta.requests import query_of

_IN_TEXT = re.compile(r"https?://[^\s<>\"“”«»]+", re.IGNORECASE)
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{1,9}", re.ASCII)
_FIRST_UNIX_S = 1_000_000_000  # September 2001: Meta's addresses are younger
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


def ends_at(url: str) -> datetime | None:
    """When Meta's CDN gives nothing at a signed address any more: ``oe``, in hexadecimal Unix seconds.

    None for an address that has no end, or says nothing of it. (facebook.md, section 16.)
    """
    value = next((value for name, value in query_of(url) if name == "oe"), "")
    if not _HEXADECIMAL.fullmatch(value) or (seconds := int(value, 16)) < _FIRST_UNIX_S:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def unsigned(url: str) -> str:
    """What lasts of the address of a file: all before the signed query."""
    return url.partition("?")[0]


def _ended(url: str) -> str:
    """Without the full stop or bracket that belongs to the sentence around it."""
    while url:
        if url[-1] in _CLOSING or (url[-1] == ")" and url.count(")") > url.count("(")) or url[-1] in "]}":
            url = url[:-1]
        else:
            break
    return url

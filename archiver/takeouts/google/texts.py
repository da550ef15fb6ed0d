r"""A text as Takeout writes it: pieces with what each of them leads to.

Until June 2024 ``{"takeoutSegments": [{"text": "…"}]}``; since then the objects alone, with commas between them, which
is no JSON by itself: ``{"text": "a"},{"text": "\n"}``. A piece may name a ``link`` or a ``mention``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archiver.domain.item import Link
from archiver.platforms.fields import mapping, objects, text
from archiver.platforms.links import is_address, links_in
from archiver.platforms.youtube.ids import is_channel
from archiver.takeouts.google.shapes import is_text
from archiver.takeouts.streams import Unreadable


@dataclass(frozen=True, slots=True)
class Words:
    """A text, the addresses in it, and the channels that it names."""

    text: str
    links: tuple[Link, ...]
    mentions: tuple[str, ...]


def words_of(value: str) -> Words:
    """A cell's text; one that is no object is taken as it is. Raises Unreadable for objects that are broken."""
    if not is_text(value):
        return Words(value, links_in(value), ())
    pieces = list(_pieces(value))
    whole = "".join(text(piece.get("text")) or "" for piece in pieces)
    told = [Link(url) for piece in pieces if (url := _address(piece)) is not None]
    mentions = [channel for piece in pieces if (channel := _channel(piece)) is not None]
    links = {link.url: link for link in (*links_in(whole), *told)}
    return Words(whole, tuple(links.values()), tuple(dict.fromkeys(mentions)))


def _pieces(value: str) -> Iterator[Mapping[str, Any]]:
    stripped = value.strip()
    try:
        found = json.loads(stripped if stripped.startswith("[") else f"[{stripped}]")
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"a text is no JSON: {error}") from error
    for _place, piece in objects(found):
        inside = piece.get("takeoutSegments")
        if isinstance(inside, list):
            yield from (one for _place, one in objects(inside))
        else:
            yield piece


def _address(piece: Mapping[str, Any]) -> str | None:
    """Where a piece leads to, as a text or inside of an object."""
    told = piece.get("link")
    found = told if isinstance(told, str) else next(
        (url for name in ("linkUrl", "url") if (url := text(mapping(told).get(name)))), None
    )  # fmt: skip
    return found if found and is_address(found) else None


def _channel(piece: Mapping[str, Any]) -> str | None:
    """The channel that a piece names."""
    told = mapping(piece.get("mention"))
    found = next((value for value in told.values() if isinstance(value, str) and is_channel(value)), None)
    return found or (value if isinstance(value := piece.get("mention"), str) and is_channel(value) else None)

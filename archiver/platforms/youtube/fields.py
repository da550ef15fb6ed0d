"""Single values out of the Data API's JSON, beside those that every platform has (`archiver.platforms.fields`).

Counters in ``statistics`` are strings, likes of comments are numbers; times end in ``Z`` or ``+00:00``, with and
without fractions of a second. (https://developers.google.com/youtube/v3/docs)
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from archiver.domain.exchange import Exchange
from archiver.domain.item import Attachment
from archiver.errors import ShapeChanged
from archiver.platforms.fields import Placed, count, document, mapping, objects, text, zoned_moment

_DIGITS = re.compile(r"[0-9]{1,18}", re.ASCII)
_SIZES = ("default", "medium", "high", "standard", "maxres", "fhd", "qhd", "uhd")
"""The names of a picture's sizes, from small to large, for pictures that do not state their width."""


def entries(exchange: Exchange) -> list[Placed]:
    """The entries of a list's answer, each with its pointer; old answers leave out a list without any.

    Raises ShapeChanged when it is no list of the API.
    """
    answer = document(exchange)
    items = answer.get("items")
    if not isinstance(items, list) and (items is not None or not isinstance(answer.get("kind"), str)):
        raise ShapeChanged(f"{exchange.url} answered without a list of items.")
    return list(objects(items, "/items"))


def etag_of(exchange: Exchange) -> str | None:
    """The mark of a whole list, as it stands in it; None for what is none. It is opaque, and changes often."""
    try:
        return identifier(document(exchange).get("etag"))
    except ShapeChanged:
        return None


def following(exchange: Exchange) -> str | None:
    """The token of the next page; None on the last one. Only its absence is the end: a page may be short or empty."""
    return identifier(document(exchange).get("nextPageToken"))


def identifier(value: Any) -> str | None:
    """An id or a token: a text that is not empty."""
    return value if isinstance(value, str) and value else None


def counter(value: Any) -> int | None:
    """A count, written as a number or in digits."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    return count(value)


def moment(value: Any) -> datetime | None:
    """A time as aware UTC."""
    return zoned_moment(value)


def words(value: Any) -> tuple[str, ...] | None:
    """A list of words; None where none is returned."""
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else None


def largest(thumbnails: Any, source: str) -> tuple[Attachment, ...] | None:
    """The largest of a picture's sizes under the name ``source``; None where none is told.

    YouTube gives ``{}`` for what has no picture (yet), so an empty list says nothing either.
    """
    sizes = {name: one for name, one in mapping(thumbnails).items() if text(mapping(one).get("url"))}
    if not sizes:
        return None
    name = max(sizes, key=lambda name: (count(sizes[name].get("width")) or 0, _rank(name)))
    best = sizes[name]
    width, height = count(best.get("width")), count(best.get("height"))
    return (Attachment("image", best["url"], source=source, width=width, height=height),)


def file_of(url: str) -> str:
    """What lasts of the address of a Google picture: its last part without the size (``=s88-c-k-…``)."""
    try:
        name = urlsplit(url).path.rpartition("/")[2]
    except ValueError:
        name = ""
    return name.partition("=")[0] or "unnamed"


def _rank(name: str) -> int:
    return _SIZES.index(name) if name in _SIZES else len(_SIZES)

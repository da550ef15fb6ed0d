"""Pictures, videos and sounds of a post: named by the post's or the carousel entry's id, not by where they lie.

Addresses on Meta's CDN are signed, differ with every answer and expire; asking the id again gives a fresh one. A GIF
lies at its provider's, unsigned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.domain.item import Attachment
from archiver.platforms.meta.fields import connection, identifier, text

SOURCE = "media:"
GIF = "gif"
"""What of an object a file is, beside its picture or video: ``media:ID/gif``."""

_KINDS = {"IMAGE": "image", "VIDEO": "video", "AUDIO": "audio"}
_CAROUSEL = "CAROUSEL_ALBUM"
_UNKNOWN = "file"
_WITHOUT = frozenset({"TEXT_POST", "REPOST_FACADE"})


def files_of(post: Mapping[str, Any]) -> tuple[tuple[Attachment, ...] | None, bool]:
    """The files of a post, and whether these are all; None where nothing is told.

    The address of a file is left out of answers about works under copyright; the file is there all the same.
    """
    native_id, kind = identifier(post.get("id")), text(post.get("media_type"))
    if native_id is None or kind is None:
        return None, True
    found: list[Attachment] = []
    whole = True
    if kind == _CAROUSEL:
        found += [file for _, one in connection(post.get("children")) if (file := _file(one)) is not None]
        whole = bool(found) and all(file.kind != _UNKNOWN for file in found)
    elif kind not in _WITHOUT:
        found += [file for file in (_file(post),) if file is not None]
    found += _gif(post, native_id)
    return tuple(found), whole


def source_of(native_id: str, part: str | None = None) -> str:
    """The lasting name of a file."""
    return f"{SOURCE}{native_id}" + (f"/{part}" if part else "")


def named(source: str) -> tuple[str, str | None] | None:
    """The id, and which of its files, of a lasting name; None for any other name."""
    if not source.startswith(SOURCE):
        return None
    native_id, _, part = source.removeprefix(SOURCE).partition("/")
    return native_id, part or None


def address_in(answer: Mapping[str, Any], part: str | None) -> str | None:
    """Where one of an object's files lies now, by the object's own answer."""
    return text(answer.get("gif_url" if part == GIF else "media_url")) or None


def _file(one: Mapping[str, Any]) -> Attachment | None:
    """One file. Of a carousel that was not unfolded only the ids of its entries are told."""
    native_id, kind = identifier(one.get("id")), text(one.get("media_type"))
    if native_id is None:
        return None
    url, alt_text = text(one.get("media_url")) or "", text(one.get("alt_text"))
    return Attachment(_KINDS.get(kind or "", _UNKNOWN), url, source_of(native_id), alt_text)


def _gif(post: Mapping[str, Any], native_id: str) -> Iterator[Attachment]:
    url = text(post.get("gif_url"))
    if url:
        yield Attachment("gifv", url, source_of(native_id, GIF), text(post.get("alt_text")))

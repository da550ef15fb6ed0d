"""What is embedded in a post's record: pictures, video, link card, quoted record (lexicons ``app.bsky.embed.*``).

Everything is read from the record, never from the AppView's rendering of it, so that a listing of the repository and a
view give the same body. The union is open: an unknown ``$type`` gives nothing and breaks nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archiver.domain.item import Attachment, Link
from archiver.domain.keys import Key
from archiver.platforms.bluesky.addresses import Addresses
from archiver.platforms.bluesky.syntax import POST, at_uri

BLOB = "blob:"
"""What stands before ``DID/CID`` in the permanent name of an attachment."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """What hangs on one record, in its order."""

    attachments: tuple[Attachment, ...] = ()
    links: tuple[Link, ...] = ()
    quotes: Key | None = None


def embedded(embed: object, did: str, addresses: Addresses) -> Embedded:
    """Read the ``embed`` of a record in the repository of ``did``."""
    attachments: list[Attachment] = []
    links: list[Link] = []
    quotes: Key | None = None
    for part in _parts(embed):
        kind = str(part.get("$type", "")).partition("#")[0]
        if kind in {"app.bsky.embed.images", "app.bsky.embed.gallery"}:
            attachments += _pictures(part, did, addresses)
        elif kind == "app.bsky.embed.video":
            attachments += _video(part, did, addresses)
        elif kind == "app.bsky.embed.external":
            found, thumb = _card(part, did, addresses)
            links += found
            attachments += thumb
        elif kind == "app.bsky.embed.record":
            target = at_uri(_dict(part.get("record")).get("uri"))
            if target is not None and target.collection == POST:
                quotes = addresses.key(str(target))
            elif target is not None:
                links.append(Link(str(target), card=True))
    return Embedded(tuple(attachments), tuple(links), quotes)


def blob_name(blob: object) -> tuple[str, str | None] | None:
    """CID and stated media type of a blob, in today's form or in the first one (``cid`` and ``mimeType`` alone)."""
    if not isinstance(blob, dict):
        return None
    reference = blob.get("ref")
    cid = reference.get("$link") if isinstance(reference, dict) else blob.get("cid")
    if not isinstance(cid, str) or not cid.isalnum():
        return None
    mime = blob.get("mimeType")
    return cid, mime if isinstance(mime, str) else None


def picture(kind: str, blob: object, did: str, addresses: Addresses, *, preset: str) -> Iterator[Attachment]:
    """A single picture, as profiles and link cards have it; nothing when there is none."""
    found = blob_name(blob)
    if found is not None:
        cid, mime = found
        yield Attachment(kind, addresses.image(did, cid, preset), f"{BLOB}{did}/{cid}", None, mime)


def _parts(embed: object) -> Iterator[dict[str, Any]]:
    """The embed itself, or both halves of ``recordWithMedia``."""
    if not isinstance(embed, dict):
        return
    if str(embed.get("$type", "")).partition("#")[0] != "app.bsky.embed.recordWithMedia":
        yield embed
        return
    yield from (part for part in (embed.get("media"), embed.get("record")) if isinstance(part, dict))


def _pictures(part: dict[str, Any], did: str, addresses: Addresses) -> Iterator[Attachment]:
    """``images`` and ``gallery`` differ in the name of their list only."""
    for one in _list(part.get("images", part.get("items"))):
        found = blob_name(one.get("image"))
        if found is None:
            continue
        cid, mime = found
        width, height = _size(one)
        yield Attachment(
            "image", addresses.image(did, cid), f"{BLOB}{did}/{cid}", _text(one.get("alt")), mime, width, height
        )


def _video(part: dict[str, Any], did: str, addresses: Addresses) -> Iterator[Attachment]:
    """The video with its caption files."""
    found = blob_name(part.get("video"))
    if found is not None:
        cid, mime = found
        width, height = _size(part)
        yield Attachment(
            "video", addresses.video(did, cid), f"{BLOB}{did}/{cid}", _text(part.get("alt")), mime, width, height
        )
    for one in _list(part.get("captions")):
        found = blob_name(one.get("file"))
        if found is not None:
            cid, mime = found
            yield Attachment("captions", addresses.file(did, cid), f"{BLOB}{did}/{cid}", _text(one.get("lang")), mime)


def _card(part: dict[str, Any], did: str, addresses: Addresses) -> tuple[list[Link], list[Attachment]]:
    """A link card; its text is in the card's title, its picture is a blob of the author."""
    card = _dict(part.get("external"))
    uri = card.get("uri")
    if not isinstance(uri, str):
        return [], []
    words = [text for text in (_text(card.get("title")), _text(card.get("description"))) if text]
    thumb = picture("thumbnail", card.get("thumb"), did, addresses, preset="feed_thumbnail")
    return [Link(uri, title="\n".join(words) or None, card=True)], list(thumb)


def _size(one: dict[str, Any]) -> tuple[int | None, int | None]:
    """The aspect ratio that the client stated; often, not always, the size in pixels."""
    ratio = _dict(one.get("aspectRatio"))
    width, height = ratio.get("width"), ratio.get("height")
    return width if _count(width) else None, height if _count(height) else None


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> Iterator[dict[str, Any]]:
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())

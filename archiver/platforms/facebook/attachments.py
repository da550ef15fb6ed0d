"""Pictures, videos, files and links that hang on a post or a comment.

``attachments`` is ``{"data": [{"type", "media_type", "media": {"image": {"src"}, "source"}, "target": {"id", "url"},
"url", "unshimmed_url", "title", "description", "subattachments"}]}``; a comment has one such object as ``attachment``.
Addresses of files change with each answer, so each has a permanent name: ``facebook:photo:ID``, ``facebook:video:ID``,
``facebook:sticker:ID``, or for what has no id ``facebook:file:`` and the name of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archiver.domain.item import Attachment, Link
from archiver.platforms.facebook.addresses import file_name, is_own_site, photo_in, unshimmed
from archiver.platforms.meta.fields import connection, count, identifier, mapping, text

LONGEST_LIST = 12
"""So many pictures of an album post are listed; a list of this length may have been cut."""

_PHOTOS = frozenset({"photo", "cover_photo", "profile_media", "avatar"})
_CONTAINERS = frozenset({"album", "new_album", "multi_share", "multi_share_no_end_card", "commerce_product_mini_list"})
_STICKERS = frozenset({"sticker"})
_ANIMATED = frozenset({"animated_image_share", "animated_image_autoplay", "animated_image_video"})
_OWN_MEDIA = frozenset({"photo"})
"""A picture of the post's own. A profile or cover picture may be one of an older post, chosen again."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What attachments hold. ``cut``: the platform lists only the first of them.

    ``single`` is the id of the one photo or video that the post is all about; ``title`` and ``words`` are those of the
    first attachment: of a link's card, or of the post that is shared.
    """

    media: tuple[Attachment, ...] = ()
    links: tuple[Link, ...] = ()
    cut: bool = False
    single: str | None = None
    title: str | None = None
    words: str | None = None
    video: bool = False


def gathered(value: Any) -> Gathered | None:
    """All of an edge ``attachments``, or of a list of them; None where it was not returned."""
    if not isinstance(value, dict | list):
        return None
    tops = [one for _, one in connection(value)]
    leaves = [leaf for top in tops for leaf in _leaves(top)]
    media = _each_once(medium for leaf in leaves if (medium := _media(leaf)))
    first = tops[0] if tops else {}
    return Gathered(
        media=media,
        links=_links_once(link for leaf in leaves if (link := _link(leaf))),
        cut=any(_is_cut(top) for top in tops) or _continues(value),
        single=_single(tops),
        title=text(first.get("title")),
        words=text(first.get("description")),
        video=any(_is_video(leaf) for leaf in leaves),
    )


def attached(value: Any) -> Gathered | None:
    """The one attachment of a comment; None where it has none."""
    return gathered([value]) if isinstance(value, dict) and value else None


def photo_name(native_id: str) -> str:
    """The permanent name of a photo's file."""
    return f"facebook:photo:{native_id}"


def video_name(native_id: str) -> str:
    """The permanent name of a video's file."""
    return f"facebook:video:{native_id}"


def loose_file(url: str, kind: str = "image", *, alt_text: str | None = None, mime: str | None = None) -> Attachment:
    """A file of which nothing but its address is known."""
    return Attachment(kind, url, source=f"facebook:file:{file_name(url)}", alt_text=alt_text, mime=mime)


def _leaves(attachment: Mapping[str, Any], depth: int = 4) -> Iterator[Mapping[str, Any]]:
    """What really hangs there: an album is its pictures."""
    below = [one for _, one in connection(attachment.get("subattachments"))]
    if below and depth:
        for one in below:
            yield from _leaves(one, depth - 1)
    elif not _holds_others(attachment):
        yield attachment


def _holds_others(attachment: Mapping[str, Any]) -> bool:
    return _kind(attachment) in _CONTAINERS or attachment.get("media_type") == "album"


def _media(attachment: Mapping[str, Any]) -> Attachment | None:
    kind = _kind(attachment)
    media, target = mapping(attachment.get("media")), mapping(attachment.get("target"))
    image = mapping(media.get("image"))
    picture, moving = text(image.get("src")), text(media.get("source"))
    page = text(attachment.get("url")) or text(target.get("url"))
    native_id = identifier(target.get("id"))
    width, height = count(image.get("width")), count(image.get("height"))
    if kind in _ANIMATED:
        url = moving or picture
        return loose_file(url, "gifv" if moving else "image") if url else None
    if _is_video(attachment):
        url = moving or page or picture
        name = video_name(native_id) if native_id else None
        return Attachment("video", url, name or _file(url), width=width, height=height) if url else None
    if kind in _STICKERS and picture:
        name = f"facebook:sticker:{native_id}" if native_id else _file(picture)
        return Attachment("image", picture, name, width=width, height=height)
    if kind in _PHOTOS or (attachment.get("media_type") == "photo" and picture):
        photo = native_id or photo_in(page)
        url = picture or page
        name = photo_name(photo) if photo else None
        return Attachment("image", url, name or _file(url), width=width, height=height) if url else None
    return None


def _link(attachment: Mapping[str, Any]) -> Link | None:
    """Where an attachment that is no file leads. A page of Facebook's own, written in several ways, is a card."""
    if _media(attachment) is not None and _kind(attachment) not in _ANIMATED:
        return None
    target = mapping(attachment.get("target"))
    found = text(attachment.get("unshimmed_url")) or text(attachment.get("url")) or text(target.get("url"))
    if not found:
        return None
    url = unshimmed(found)
    return Link(url, title=text(attachment.get("title")), card=is_own_site(url))


def _single(tops: list[Mapping[str, Any]]) -> str | None:
    """The id of the photo or video that the post is all about."""
    if len(tops) != 1 or mapping(tops[0].get("subattachments")):
        return None
    one = tops[0]
    native_id = identifier(mapping(one.get("target")).get("id"))
    return native_id if native_id and (_kind(one) in _OWN_MEDIA or _is_video(one)) else None


def _is_video(attachment: Mapping[str, Any]) -> bool:
    if _kind(attachment) in _ANIMATED:
        return False
    return attachment.get("media_type") == "video" or _kind(attachment).startswith("video")


def _is_cut(attachment: Mapping[str, Any]) -> bool:
    below = attachment.get("subattachments")
    listed = len(list(connection(below)))
    return _continues(below) or listed >= LONGEST_LIST or (listed == 0 and _holds_others(attachment))


def _continues(edge: Any) -> bool:
    return bool(mapping(mapping(edge).get("paging")).get("next"))


def _kind(attachment: Mapping[str, Any]) -> str:
    return text(attachment.get("type")) or text(attachment.get("media_type")) or ""


def _file(url: str) -> str:
    return f"facebook:file:{file_name(url)}"


def _each_once(found: Iterable[Attachment]) -> tuple[Attachment, ...]:
    """A picture that is listed twice is one."""
    once: dict[str, Attachment] = {}
    for one in found:
        once.setdefault(one.identity, one)
    return tuple(once.values())


def _links_once(found: Iterable[Link]) -> tuple[Link, ...]:
    once: dict[str, Link] = {}
    for link in found:
        once.setdefault(link.url, link)
    return tuple(once.values())

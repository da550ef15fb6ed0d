"""A medium (picture, video, reel, album, story, broadcast) as the archive's values.

There is no mark of an edit, no place, and no note of who is tagged; captions and descriptions are compared. Addresses
of files are signed anew in each answer and stay out of what is compared: a file's name is its medium's id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.domain.item import Attachment, Body, Form, Metrics, Person
from archiver.domain.observation import ItemSeen
from archiver.platforms.instagram.ids import THUMBNAIL, Names
from archiver.platforms.meta.fields import connection, count, flag, identifier, mapping, moment, text

Medium = Mapping[str, Any]

_KINDS = {"IMAGE": "image", "VIDEO": "video"}
_ALBUM, _BROADCAST = "CAROUSEL_ALBUM", "BROADCAST"
_LASTING_A_DAY = frozenset({"STORY", "LIVE"})


def medium_seen(
    names: Names,
    medium: Medium,
    pointer: str,
    *,
    asked: frozenset[str] = frozenset(),
    owner: str | None = None,
    story: bool = False,
    named: str | None = None,
) -> Iterator[ItemSeen]:
    """The record that a medium is.

    ``asked`` are the fields that were asked for; ``owner`` is the account's id where the call tells whose media it
    lists; ``named`` is the id of the account that this medium of somebody else's names. ``story``: listed as one.
    """
    native_id = identifier(medium.get("id"))
    if native_id is None:
        return
    key = names.thing(native_id)
    author = author_of(names, medium, owner)
    yield ItemSeen(
        key=key,
        form=Form.STORY if story or lasts_a_day(medium) else Form.POST,
        author=author,
        body=_body(names, medium, native_id, asked),
        created_at=moment(medium.get("timestamp")),
        thread=key,
        thread_author=author.native_id if author else None,
        mentions=frozenset({names.person(named)}) if named else frozenset(),
        permalink=text(medium.get("permalink")) or None,
        metrics=_metrics(medium),
        pointer=pointer,
        aliases=tuple(names.thing(one) for name in ("ig_id", "shortcode") if (one := identifier(medium.get(name)))),
    )


def author_of(names: Names, medium: Medium, owner: str | None) -> Person | None:
    """Whose it is. A name alone is told of media elsewhere; the owner only of one's own."""
    username = text(medium.get("username")) or None
    native_id = identifier(mapping(medium.get("owner")).get("id")) or owner
    if native_id is not None:
        return Person(names.person(native_id), handle=username)
    return Person(names.nameless(username), handle=username) if username else None


def lasts_a_day(medium: Medium) -> bool:
    """Whether it is a story or a broadcast: gone by itself, and no news when it is."""
    return (
        text(medium.get("media_product_type")) in _LASTING_A_DAY
        or medium.get("media_type") == _BROADCAST
        or "/stories/" in (text(medium.get("permalink")) or "")
    )


def is_live(medium: Medium) -> bool:
    """Whether it is a broadcast that goes on just now."""
    return medium.get("media_product_type") == "LIVE" or medium.get("media_type") == _BROADCAST


def _body(names: Names, medium: Medium, native_id: str, asked: frozenset[str]) -> Body:
    caption = text(medium.get("caption"))
    attachments, whole = _attachments(names, medium, native_id)
    return Body(
        text=caption,
        attachments=attachments,
        labels=_labels(medium),
        partial=frozenset() if whole else frozenset({"attachments"}),
        left_out=frozenset({"text"}) if caption is None and "caption" in asked else frozenset(),
    )


def _attachments(names: Names, medium: Medium, native_id: str) -> tuple[tuple[Attachment, ...] | None, bool]:
    """The files, and whether these are all. Covers of videos come last, because some answers have none."""
    kind = text(medium.get("media_type"))
    if kind == _BROADCAST or kind is None:
        return (() if kind else None), True
    parts: list[tuple[str, Medium]] = []
    whole = True
    if kind == _ALBUM:
        children = [one for _, one in connection(medium.get("children"))]
        parts = [(child, one) for one in children if (child := identifier(one.get("id"))) is not None]
        if not parts:  # the first picture stands for the others
            parts, whole = [(native_id, {"media_type": "IMAGE", "media_url": medium.get("media_url")})], False
    else:
        parts = [(native_id, medium)]
    videos = [(part, one) for part, one in parts if one.get("media_type") == "VIDEO"]
    covers = [(part, url) for part, one in videos if (url := text(one.get("thumbnail_url")))]
    files = [_file(names, part, one, medium if part == native_id else {}) for part, one in parts]
    files += [Attachment("image", url, source=names.thing(part) + THUMBNAIL) for part, url in covers]
    return tuple(files), whole and len(covers) == len(videos)


def _file(names: Names, native_id: str, part: Medium, described: Medium) -> Attachment:
    """One file. It has no address where its sound or picture is somebody else's by Instagram's finding."""
    kind = _KINDS.get(text(part.get("media_type")) or "", "file")
    return Attachment(
        kind, text(part.get("media_url")) or "", source=names.thing(native_id), alt_text=text(described.get("alt_text"))
    )


def _labels(medium: Medium) -> tuple[str, ...] | None:
    product = text(medium.get("media_product_type"))
    found = [f"product:{product.lower()}"] if product else []
    found += ["comments:off"] if flag(medium.get("is_comment_enabled")) is False else []
    found += ["ai-generated"] if flag(medium.get("is_ai_generated")) else []
    for _, one in connection(medium.get("collaborators")):
        who = text(one.get("username")) or identifier(one.get("id"))
        found += [f"with:{who}"] if who else []
    return tuple(found) or None


def _metrics(medium: Medium) -> Metrics | None:
    found = Metrics(
        likes=count(medium.get("like_count")),
        replies=count(medium.get("comments_count")),
        shares=count(medium.get("shares_count")),
        views=count(medium.get("view_count")),
    )
    return found if found != Metrics() else None

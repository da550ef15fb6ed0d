"""Pictures, videos and polls of a post, found by their keys among what the answer refers to.

A medium is named by the digits of its media key, which a download of the account names, too. Addresses carry no
signature and do not end, but go with the post or the account.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from archiver.domain.item import Attachment, Poll, PollOption
from archiver.platforms.x.fields import count, identifier, identifiers, mapping, moment, objects, text
from archiver.platforms.x.ids import Names

Object = Mapping[str, Any]

KINDS = {"photo": "image", "video": "video", "animated_gif": "gifv"}
"""X's animated pictures are short videos without sound."""
_FILM = "video/mp4"


def attachments_of(
    names: Names, post: Object, media: Mapping[str, Object], *, told: bool
) -> tuple[tuple[Attachment, ...] | None, bool]:
    """The media of a post, and whether these are all. ``told``: a post without any would say so by leaving them out."""
    found, whole = [], True
    keys = media_keys(post)
    for key in keys:
        attachment = attachment_of(names, key, media.get(key, {}))
        if attachment is None:
            whole = False
        else:
            found.append(attachment)
    if keys:
        return (tuple(found) or None), whole
    return (() if told else None), True


def media_keys(post: Object) -> tuple[str, ...]:
    """The keys of a post's media, each once."""
    attached, article = mapping(post.get("attachments")), mapping(post.get("article"))
    cover = identifier(article.get("cover_media"))
    keys = (
        *identifiers(attached.get("media_keys")),
        *((cover,) if cover else ()),
        *identifiers(article.get("media_entities")),
    )
    return tuple(dict.fromkeys(keys))


def attachment_of(names: Names, key: str, medium: Object) -> Attachment | None:
    """A medium of which the answer has an address. A video without a file of it is shown by its still picture."""
    kind = KINDS.get(text(medium.get("type")) or "", "unknown")
    name = names.medium(key.rpartition("_")[2])
    film = _best(medium) if kind != "image" else None
    still = text(medium.get("url")) or text(medium.get("preview_image_url"))
    if kind == "image" and still:
        still = original(still)
    if film is None and not still:
        return None
    return Attachment(
        kind=kind if film or kind == "image" else "image",
        url=film or still or "",
        source=str(name) if film or kind == "image" else f"{name}/preview",
        alt_text=text(medium.get("alt_text")),
        mime=_FILM if film else None,
        width=count(medium.get("width")),
        height=count(medium.get("height")),
    )


def original(url: str) -> str:
    """The address of a photo as it was uploaded, not as pages show it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "name"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("name", "orig")])))


def poll_of(post: Object, polls: Mapping[str, Object]) -> Poll | None:
    """The poll of a post, its answers in order; None where it has none or the answer does not show it."""
    for key in identifiers(mapping(post.get("attachments")).get("poll_ids")):
        poll = polls.get(key, {})
        options = sorted(
            (count(one.get("position")) or 0, number, label, count(one.get("votes")))
            for number, (_, one) in enumerate(objects(poll.get("options")))
            if (label := text(one.get("label"))) is not None
        )
        if options:
            shown = tuple(PollOption(label, votes) for _, _, label, votes in options)
            return Poll(shown, moment(poll.get("end_datetime")), multiple=False)
    return None


def _best(medium: Object) -> str | None:
    """The file of a video with the most bits a second; lists for players (``application/x-mpegURL``) are no files."""
    files = [
        (count(one.get("bit_rate")) or 0, url)
        for _, one in objects(medium.get("variants"))
        if text(one.get("content_type")) == _FILM and (url := text(one.get("url")))
    ]
    return max(files, key=lambda one: one[0])[1] if files else None

"""Posts of a page, and of others on it or about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.domain.item import Attachment, Body, Cause, Form, Link, State
from archiver.domain.keys import Key
from archiver.domain.observation import OWN_ACCOUNT, ItemSeen
from archiver.platforms.facebook.addresses import absolute, is_own_site, unshimmed
from archiver.platforms.facebook.attachments import Gathered, gathered, photo_name, video_name
from archiver.platforms.facebook.comments import Above, comments_in
from archiver.platforms.facebook.counts import counts_of
from archiver.platforms.facebook.ids import Names, last_part
from archiver.platforms.facebook.people import person_of, tagged
from archiver.platforms.facebook.setting import Setting
from archiver.platforms.meta.fields import flag, identifier, mapping, moment, text
from archiver.platforms.meta.links import links_in

Post = Mapping[str, Any]

_ADDED = frozenset({"added_photos", "added_video"})
"""The posts whose photo or video is their own; others may show somebody else's."""
_SHOWN = frozenset({"normal", "forced_allow"})


def post_seen(names: Names, post: Post, pointer: str, setting: Setting) -> Iterator[ItemSeen]:
    """A post, then the comments that were expanded inside it."""
    native_id = identifier(post.get("id"))
    if native_id is None:
        return
    key = names.post(native_id)
    author = setting.author(names, person_of(names, post.get("from")))
    held = gathered(post.get("attachments"))
    original = _original(post, native_id)
    state, cause = state_of(post, own=setting.is_own(names, author), unpublished=setting.unpublished)
    yield ItemSeen(
        key=key,
        form=Form.SHARE if original else Form.POST,
        author=author,
        body=body_of(post, held, share=original is not None, asked=setting.asked),
        created_at=moment(post.get("created_time")),
        thread=key,
        thread_author=author.native_id if author else None,
        shares=names.post(original) if original else None,
        mentions=_mentions(names, post, setting),
        permalink=absolute(text(post.get("permalink_url"))),
        metrics=counts_of(post),
        state=state,
        cause=cause,
        pointer=pointer,
        aliases=_aliases(names, names.native(key), post, held, original),
        united=True,
    )
    above = Above(key, native_id, author.native_id if author else None)
    yield from comments_in(names, post.get("comments"), f"{pointer}/comments", above)


def body_of(post: Post, held: Gathered | None, *, share: bool, asked: frozenset[str] = frozenset()) -> Body:
    """What of a post an edit can change.

    A share's text is the sharer's words, then those of the original. Where attachments were not returned, the text of a
    share, the media and the links may be more than this. A post without words has no ``message``; but where it is all
    about one photo or video, the words may be there.
    """
    message = text(post.get("message"))
    words = held.words if share and held else None
    whole = "\n\n".join(part for part in (message, words) if part) if words else message
    cut: set[str] = set()
    if held is None:
        cut |= {"links", "attachments"} | ({"text"} if share else set())
    elif held.cut:
        cut |= {"attachments"}
    emptied = "message" in asked and message is None and not share and held is not None and held.single is None
    if message is None and not emptied:
        cut |= {"links"}
    media = held.media if held else _old_media(post)
    links = (*links_in(message), *(held.links if held else _old_link(post)))
    return Body(
        text=whole,
        title=_title(post, held),
        visibility=_visibility(post),
        attachments=media,
        links=_once(links) if message is not None or links or held else None,
        labels=_labels(post),
        partial=frozenset(cut),
        left_out=frozenset({"text"} if emptied else ()),
    )


def state_of(post: Post, *, own: bool, unpublished: bool = False) -> tuple[State | None, Cause | None]:
    """What the platform states of a post's visibility, and who made it so where that is certain.

    Only the page's people can unpublish its posts or take them off its timeline. Posts of others may have been hidden
    by them or by the platform, and what expired ended by itself.
    """
    published = False if unpublished else flag(post.get("is_published"))
    hidden, timeline = flag(post.get("is_hidden")), text(post.get("timeline_visibility"))
    if published is False and flag(post.get("is_inline_created")) is not True:
        return State.HIDDEN, Cause.OWNER_PRIVATE if own else None
    if hidden or timeline == "hidden":
        return State.HIDDEN, Cause.BY_CITY if own else None
    if flag(post.get("is_expired")):
        return State.HIDDEN, None
    if published and (hidden is False or timeline in _SHOWN):
        return State.LIVE, None
    return None, None


def _original(post: Post, native_id: str) -> str | None:
    """The id of what a post shares."""
    parent = identifier(post.get("parent_id"))
    return parent if parent and last_part(parent) != last_part(native_id) else None


def _aliases(names: Names, native_id: str, post: Post, held: Gathered | None, original: str | None) -> tuple[Key, ...]:
    """The other ids of the same thing: the second half, and that of the one photo or video that it is all about."""
    target = held.single if held else identifier(post.get("object_id"))
    event = text(post.get("status_type")) == "created_event"
    found = () if event else names.post_aliases(native_id)  # an event's post may bear the event's number
    if target and original is None and text(post.get("status_type")) in _ADDED:
        found = (*found, names.thing(target))
    return tuple(dict.fromkeys(alias for alias in found if names.native(alias) != native_id))


def _mentions(names: Names, post: Post, setting: Setting) -> frozenset[str]:
    """Whom the text names. A list of what tags the page tells that it does, wherever the name stands."""
    named = tagged(names, post.get("message_tags"))
    if setting.tags:
        named |= {names.person(setting.page) if setting.page else OWN_ACCOUNT}
    return named


def _title(post: Post, held: Gathered | None) -> str | None:
    """Facebook's own line above a post ("… updated its cover photo"). A video's title stands with the video."""
    moving = text(post.get("status_type")) == "added_video" or (held is not None and held.video)
    return None if moving else text(post.get("story"))


def _visibility(post: Post) -> str | None:
    """The audience: ``public`` for everyone, else Facebook's word."""
    return audience(post.get("privacy"))


def audience(privacy: Any) -> str | None:
    """A privacy setting in one word; old answers give just a word, or an empty one that says nothing."""
    word = (text(mapping(privacy).get("value")) or text(privacy) or "").lower()
    return {"everyone": "public", "open": "public"}.get(word, word) or None


def _labels(post: Post) -> tuple[str, ...]:
    """Marks that are no part of the text."""
    marks = []
    if status := text(post.get("status_type")):
        marks.append(f"status:{status}")
    if flag(post.get("is_published")) is False:
        marks.append("scheduled" if post.get("scheduled_publish_time") else "unpublished")
    if flag(post.get("is_expired")):
        marks.append("expired")
    if place := text(mapping(post.get("place")).get("name")):
        marks.append(f"place:{place}")
    return tuple(marks)


def _old_media(post: Post) -> tuple[Attachment, ...] | None:
    """The picture or video of answers from before 2019, which name it by ``object_id``."""
    target, kind = identifier(post.get("object_id")), text(post.get("type"))
    picture = text(post.get("full_picture")) or text(post.get("picture"))
    moving = text(post.get("source"))
    if target and kind == "photo" and picture:
        return (Attachment("image", picture, source=photo_name(target)),)
    if target and kind == "video" and (moving or picture):
        return (Attachment("video", moving or picture or "", source=video_name(target)),)
    return None


def _old_link(post: Post) -> tuple[Link, ...]:
    """The link of answers from before 2019."""
    url = text(post.get("link"))
    if not url:
        return ()
    return (Link(unshimmed(url), title=text(post.get("name")), card=is_own_site(url)),)


def _once(links: tuple[Link, ...]) -> tuple[Link, ...]:
    """A link that stands in the text and on the card is one, with the card's title."""
    found: dict[str, Link] = {}
    for link in links:
        known = found.get(link.url)
        found[link.url] = Link(link.url, title=link.title or known.title, card=known.card) if known else link
    return tuple(found.values())

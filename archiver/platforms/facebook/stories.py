"""Stories: a photo or video that the public sees for a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.domain.item import Attachment, Body, Form
from archiver.domain.observation import ItemSeen
from archiver.platforms.facebook.addresses import SITE, absolute
from archiver.platforms.facebook.attachments import photo_name, video_name
from archiver.platforms.facebook.ids import Names
from archiver.platforms.facebook.setting import Setting
from archiver.platforms.meta.fields import identifier, moment, text


def story_seen(names: Names, story: Mapping[str, Any], pointer: str, setting: Setting) -> Iterator[ItemSeen]:
    """A story. It has no words; the photo or video behind ``media_id`` is read as one and the same record.

    That it ended after its day is not a removal: an archived one only has a mark.
    """
    post, medium = identifier(story.get("post_id")), identifier(story.get("media_id"))
    native_id = post or medium
    if native_id is None:
        return
    key = names.post(post, setting.page) if post else names.thing(native_id)
    author = setting.author(names, None)
    status = text(story.get("status"))
    aliases = (*names.post_aliases(names.native(key)), *([names.thing(medium)] if medium else []))
    yield ItemSeen(
        key=key,
        form=Form.STORY,
        author=author,
        body=Body(
            attachments=_medium(medium, text(story.get("media_type"))),
            labels=("archived",) if status == "ARCHIVED" else (),
        ),
        created_at=moment(story.get("creation_time")),
        thread=key,
        thread_author=author.native_id if author else None,
        permalink=absolute(text(story.get("url"))),
        pointer=pointer,
        aliases=tuple(dict.fromkeys(alias for alias in aliases if alias != key)),
        united=True,
    )


def _medium(native_id: str | None, kind: str | None) -> tuple[Attachment, ...] | None:
    """The photo or video by its permanent name; its address must be asked for."""
    if native_id is None:
        return None
    if (kind or "").lower() == "video":
        return (Attachment("video", f"{SITE}/{native_id}", source=video_name(native_id)),)
    return (Attachment("image", f"{SITE}/{native_id}", source=photo_name(native_id)),)

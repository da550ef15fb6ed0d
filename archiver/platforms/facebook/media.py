"""Photos, albums, videos, reels and live videos as objects of their own.

The same video is a reel, a video, part of a post and, while live, a live video; a photo may be all that a post is. So
the record is that of the post where the answer names one, and always has the medium's own id among its aliases. What
a medium says of itself must agree with what its post says: same words, same name of the file, no state of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from archiver.domain.item import Attachment, Body, Form, Person
from archiver.domain.keys import Key
from archiver.domain.observation import ItemSeen
from archiver.platforms.facebook.addresses import absolute
from archiver.platforms.facebook.attachments import photo_name, video_name
from archiver.platforms.facebook.comments import Above, comments_in
from archiver.platforms.facebook.counts import counts_of
from archiver.platforms.facebook.ids import Names, first_part, last_part
from archiver.platforms.facebook.people import person_of, tagged
from archiver.platforms.facebook.posts import audience
from archiver.platforms.facebook.setting import Setting
from archiver.platforms.meta.fields import count, flag, identifier, mapping, moment, objects, text
from archiver.platforms.meta.links import links_in

Medium = Mapping[str, Any]


def photo_seen(names: Names, photo: Medium, pointer: str, setting: Setting) -> Iterator[ItemSeen]:
    """A photo. Whether its post shows others, too, it does not tell: only the post makes them one."""
    native_id = identifier(photo.get("id"))
    if native_id is None:
        return
    body = Body(
        text=text(photo.get("name")),
        attachments=_picture(photo, native_id),
        links=links_in(text(photo.get("name"))) or None,
        labels=_place(photo),
        partial=frozenset({"links"}),
    )
    key = names.thing(native_id)
    for seen in _seen(names, photo, key, native_id, body, pointer, setting):
        yield replace(seen, medium=True) if seen.key == key else seen


def album_seen(names: Names, album: Medium, pointer: str, setting: Setting) -> Iterator[ItemSeen]:
    """An album: its name and description. Its pictures are photos."""
    native_id = identifier(album.get("id"))
    if native_id is None:
        return
    kind = text(album.get("type"))
    body = Body(
        text=text(album.get("description")),
        title=text(album.get("name")),
        visibility=audience(album.get("privacy")),
        links=links_in(text(album.get("description"))) or None,
        labels=(*([f"album:{kind}"] if kind else []), *_place(album)),
    )
    yield from _seen(names, album, names.thing(native_id), native_id, body, pointer, setting)


def video_seen(names: Names, video: Medium, pointer: str, setting: Setting) -> Iterator[ItemSeen]:
    """A video or a reel."""
    native_id = identifier(video.get("id"))
    if native_id is None:
        return
    words = text(video.get("description"))
    body = Body(
        text=words,
        title=text(video.get("title")),
        visibility=audience(video.get("privacy")),
        attachments=_moving(video, native_id),
        links=links_in(words) or None,
        labels=_marks(video),
        partial=frozenset({"links"}),
    )
    post = identifier(video.get("post_id"))
    others = [last_part(post)] if post and _is_reel(video) else []
    key = _key_of(names, video, native_id, setting)
    yield from _seen(names, video, key, native_id, body, pointer, setting, *others)


def live_video_seen(names: Names, live: Medium, pointer: str, setting: Setting) -> Iterator[ItemSeen]:
    """A live video: the broadcast of a video, whose record it shares where that is named."""
    native_id = identifier(live.get("id"))
    if native_id is None:
        return
    video = mapping(live.get("video"))
    video_id = identifier(video.get("id"))
    words, status = text(live.get("description")), text(live.get("status"))
    body = Body(
        text=words,
        title=text(live.get("title")),
        attachments=_moving(video, video_id) if video_id else None,
        links=links_in(words) or None,
        labels=(f"live:{status.lower()}",) if status else (),
        partial=frozenset({"links"}),
    )
    named = names.thing(video_id) if video_id else names.thing(native_id)
    key = _key_of(names, {**video, **live}, native_id, setting) if "post_id" in live or "post_id" in video else named
    yield from _seen(names, live, key, native_id, body, pointer, setting, *([video_id] if video_id else []))


def _seen(
    names: Names, medium: Medium, key: Key, native_id: str, body: Body, pointer: str, setting: Setting, *others: str
) -> Iterator[ItemSeen]:
    """The record of a medium, then the comments that were expanded inside it."""
    author = _author(names, medium, setting)
    aliases = (*names.post_aliases(names.native(key)), *(names.thing(one) for one in (native_id, *others)))
    yield ItemSeen(
        key=key,
        form=Form.POST,
        author=author,
        body=body,
        created_at=moment(medium.get("created_time")) or moment(medium.get("creation_time")),
        thread=key,
        thread_author=author.native_id if author else None,
        mentions=tagged(names, medium.get("name_tags")),
        permalink=absolute(text(medium.get("permalink_url")) or text(medium.get("link"))),
        metrics=counts_of(medium),
        pointer=pointer,
        aliases=tuple(dict.fromkeys(alias for alias in aliases if alias != key)),
        united=True,
    )
    above = Above(key, native_id, author.native_id if author else None)
    yield from comments_in(names, medium.get("comments"), f"{pointer}/comments", above)


def _author(names: Names, medium: Medium, setting: Setting) -> Person | None:
    return setting.author(names, person_of(names, medium.get("from")))


def _key_of(names: Names, video: Medium, native_id: str, setting: Setting) -> Key:
    """The post's id where the video names it. It may be bare; then the page is whose video it is.

    A reel is named by its own id: its post is on no list, and nothing says that it can be asked for (sections 6, 7).
    """
    post = identifier(video.get("post_id"))
    if post is None or _is_reel(video):
        return names.thing(native_id)
    page = first_part(post) or identifier(mapping(video.get("from")).get("id")) or setting.page
    return names.post(post, page)


def _is_reel(video: Medium) -> bool:
    return "/reel/" in (text(video.get("permalink_url")) or "")


def _picture(photo: Medium, native_id: str) -> tuple[Attachment, ...] | None:
    """The photo itself, in its biggest size, with the description that a person wrote.

    The machine's own (``alt_text``) changes with the machine: it is in the captured answer, and no part of a version.
    """
    sizes = [(count(one.get("width")) or 0, count(one.get("height")) or 0, text(one.get("source")))
             for _, one in objects(photo.get("images"))]  # fmt: skip
    width, height, url = max(sizes, key=lambda size: size[0] * size[1], default=(0, 0, None))
    url = url or text(photo.get("source")) or text(photo.get("picture"))
    if not url:
        return None
    return (
        Attachment(
            "image",
            url,
            source=photo_name(native_id),
            alt_text=text(photo.get("alt_text_custom")),
            width=width or count(photo.get("width")),
            height=height or count(photo.get("height")),
        ),
    )


def _moving(video: Medium, native_id: str) -> tuple[Attachment, ...] | None:
    """The video itself; its address is shown to the page's own people only."""
    url = text(video.get("source")) or absolute(text(video.get("permalink_url")))
    if not url:
        return None
    native = next((one for _, one in objects(video.get("format")) if one.get("filter") == "native"), {})
    width, height = count(native.get("width")), count(native.get("height"))
    return (Attachment("video", url, source=video_name(native_id), width=width, height=height),)


def _marks(video: Medium) -> tuple[str, ...]:
    """Marks that are no part of the text. Whether the public can see it, the post says."""
    marks = []
    if flag(video.get("published")) is False:
        marks.append("scheduled" if video.get("scheduled_publish_time") else "unpublished")
    status = text(mapping(video.get("status")).get("video_status"))
    if status and status != "ready":
        marks.append(f"video:{status}")
    live = text(video.get("live_status"))
    if live:
        marks.append(f"live:{live.lower()}")
    return (*marks, *_place(video))


def _place(thing: Medium) -> tuple[str, ...]:
    place = text(mapping(thing.get("place")).get("name"))
    return (f"place:{place}",) if place else ()

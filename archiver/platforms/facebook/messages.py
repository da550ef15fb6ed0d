"""Private messages to and from a page. They are collected only where the operator asked for it (records rule R12)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.domain.item import Attachment, Body, Form, Link
from archiver.domain.observation import ItemSeen
from archiver.platforms.facebook.addresses import is_own_site, unshimmed
from archiver.platforms.facebook.attachments import loose_file
from archiver.platforms.facebook.ids import Names
from archiver.platforms.facebook.people import person_of
from archiver.platforms.meta.fields import connection, count, identifier, mapping, moment, text
from archiver.platforms.meta.links import links_in

Message = Mapping[str, Any]
PRIVATE = "private"
"""The visibility of all messages: only those who take part can see them."""


def conversation_seen(names: Names, conversation: Message, pointer: str) -> Iterator[ItemSeen]:
    """The messages that were expanded inside a conversation. It is their thread, and no record of its own."""
    native_id = identifier(conversation.get("id"))
    yield from messages_in(names, conversation.get("messages"), f"{pointer}/messages", native_id)


def messages_in(names: Names, edge: Any, pointer: str, conversation: str | None) -> Iterator[ItemSeen]:
    """The messages of a list."""
    for place, message in connection(edge, pointer):
        yield from message_seen(names, message, place, conversation)


def message_seen(names: Names, message: Message, pointer: str, conversation: str | None) -> Iterator[ItemSeen]:
    """A message. Of all but the newest twenty of a conversation only the id is told; such a one says nothing."""
    native_id = identifier(message.get("id"))
    if native_id is None or not (message.keys() - {"id"}):
        return
    author = person_of(names, message.get("from"))
    inside = identifier(mapping(message.get("thread")).get("id")) or conversation
    yield ItemSeen(
        key=names.thing(message_id(native_id)),
        form=Form.MESSAGE,
        author=author,
        body=Body(
            text=text(message.get("message")),
            visibility=PRIVATE,
            attachments=_files(message),
            links=_links(message),
            labels=("unsupported",) if message.get("is_unsupported") is True else (),
        ),
        created_at=moment(message.get("created_time")),
        thread=names.thing(inside) if inside else None,
        pointer=pointer,
    )


def message_id(native_id: str) -> str:
    """A message's id as lists have it: pushed events of the first years leave out what stands before ``mid.``."""
    return f"m_{native_id}" if native_id.startswith("mid.") else native_id


def _files(message: Message) -> tuple[Attachment, ...] | None:
    """Files, pictures and the sticker. A placeholder for what is withheld in Europe has no address: it is left out."""
    found = [file for _, one in connection(message.get("attachments")) if (file := _file(one))]
    sticker = text(message.get("sticker"))
    if sticker:
        found.append(loose_file(sticker))
    stated = "attachments" in message or "sticker" in message
    return tuple(found) if stated else None


def _file(attachment: Message) -> Attachment | None:
    native_id = identifier(attachment.get("id"))
    picture, moving = mapping(attachment.get("image_data")), mapping(attachment.get("video_data"))
    data = picture or moving
    url = text(data.get("url")) or text(attachment.get("file_url"))
    if not url:
        return None
    mime = text(attachment.get("mime_type"))
    return Attachment(
        kind_of_file(mime, picture=bool(picture), moving=bool(moving)),
        url,
        source=f"facebook:file:{native_id}" if native_id else loose_file(url).source,
        alt_text=text(attachment.get("name")),
        mime=mime,
        width=count(data.get("width")),
        height=count(data.get("height")),
    )


def kind_of_file(mime: str | None, *, picture: bool = False, moving: bool = False) -> str:
    """The kind of a file, by its type where nothing else tells."""
    family = (mime or "").partition("/")[0]
    if moving or family == "video":
        return "video"
    if picture or family == "image":
        return "image"
    return "audio" if family == "audio" else "file"


def _links(message: Message) -> tuple[Link, ...] | None:
    """The addresses in the words, and what was shared."""
    words = text(message.get("message"))
    found = {link.url: link for link in links_in(words)}
    for _, share in connection(message.get("shares")):
        if url := text(share.get("link")):
            real = unshimmed(url)
            found.setdefault(real, Link(real, title=text(share.get("name")), card=is_own_site(real)))
    return tuple(found.values()) if words is not None or found else None

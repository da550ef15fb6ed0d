"""Private messages of an archive. People are ids there, without names; who joined or left is no message."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from archiver.domain.item import Attachment, Body, Form, Person
from archiver.domain.observation import ItemSeen
from archiver.platforms.x.fields import identifier, mapping, moment, objects, text
from archiver.platforms.x.ids import Names, made_at
from archiver.platforms.x.messages import PRIVATE
from archiver.platforms.x.texts import links_of, unescaped
from archiver.takeouts.x.entities import entities_of
from archiver.takeouts.x.local import MESSAGE_FOLDERS, LocalFiles
from archiver.takeouts.x.posts import Writer

_MEDIUM = re.compile(r"/dm(?:_video|_gif)?/[0-9]+/([0-9]{5,20})/", re.ASCII)
_KINDS = {
    "jpg": "image",
    "jpeg": "image",
    "png": "image",
    "webp": "image",
    "gif": "image",
    "mp4": "video",
    "mp3": "audio",
}

Found = tuple[ItemSeen, tuple[tuple[str, str], ...]]
"""A message, with the files that hold what its attachments show."""


def messages_in(writer: Writer, entry: Any, pointer: str, local: LocalFiles, folder: str) -> Iterator[Found]:
    """The messages of a conversation, in the order of the file (newest first)."""
    conversation = mapping(mapping(entry).get("dmConversation"))
    native_id = identifier(conversation.get("conversationId"))
    for place, one in objects(conversation.get("messages"), f"{pointer}/dmConversation/messages"):
        message = mapping(one.get("messageCreate"))
        message_id = identifier(message.get("id"))
        if message_id is not None:
            files = tuple(_files(writer.names, message, message_id, local, folder))
            seen = _message(writer, message, message_id, native_id, tuple(attachment for attachment, _ in files))
            shown = replace(seen, pointer=f"{place}/messageCreate")
            yield shown, tuple((attachment.identity, path) for attachment, path in files if path)


def _message(
    writer: Writer, message: Mapping[str, Any], message_id: str, conversation: str | None, files: tuple[Attachment, ...]
) -> ItemSeen:
    sender, words = identifier(message.get("senderId")), text(message.get("text"))
    own = sender is not None and sender == writer.native_id
    author = Person(writer.names.person(sender), handle=writer.handle if own else None) if sender else None
    return ItemSeen(
        key=writer.names.message(message_id),
        form=Form.MESSAGE,
        author=author,
        body=Body(
            text=None if words is None else unescaped(words),
            visibility=PRIVATE,
            attachments=files,
            links=links_of({"entities": entities_of(message)}),
        ),
        created_at=moment(message.get("createdAt")) or made_at(message_id),
        thread=writer.names.message(conversation) if conversation else None,
    )


def _files(
    names: Names, message: Mapping[str, Any], message_id: str, local: LocalFiles, folder: str
) -> Iterator[tuple[Attachment, str | None]]:
    listed = message.get("mediaUrls")
    for number, url in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(url, str) or not url:
            continue
        match = _MEDIUM.search(url)
        source = str(names.medium(match.group(1))) if match else f"{names.message(message_id)}/{number}"
        kind = _KINDS.get(url.partition("?")[0].rpartition(".")[2].lower(), "file")
        yield Attachment(kind, url, source=source), local.of(folder, MESSAGE_FOLDERS, message_id, [url])

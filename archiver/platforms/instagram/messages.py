"""Private messages as the archive's values: from a conversation, and from a pushed event. Read only where configured.

A conversation's own key is the thread of its messages. Who writes to the account has an id made for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.domain.item import Attachment, Body, Cause, Form, Link, Person
from archiver.domain.keys import Key
from archiver.domain.observation import GoneSeen, ItemSeen, Observation
from archiver.platforms.instagram.ids import Names
from archiver.platforms.meta.fields import connection, flag, identifier, mapping, moment, objects, text

PRIVATE = "private"
UNSENT = "webhook message.is_deleted"

_DATA = (("image_data", "image"), ("video_data", "video"))
_TYPES = {"image": "image", "video": "video", "audio": "audio", "ig_reel": "video", "reel": "video"}


def conversation_seen(names: Names, conversation: Mapping[str, Any], pointer: str = "") -> Iterator[ItemSeen]:
    """The messages of a conversation, in the answer's order (newest first)."""
    native_id = identifier(conversation.get("id"))
    thread = names.thing(native_id) if native_id else None
    for place, message in connection(conversation.get("messages"), f"{pointer}/messages"):
        yield from message_seen(names, message, place, thread)


def message_seen(names: Names, message: Mapping[str, Any], pointer: str, thread: Key | None) -> Iterator[ItemSeen]:
    """One message. Of those beyond the newest twenty there is only an id, and no record then."""
    native_id = identifier(message.get("id"))
    if native_id is None or not ({"message", "created_time", "from"} & message.keys()):
        return
    key = names.thing(native_id)
    yield ItemSeen(
        key=key,
        form=Form.MESSAGE,
        author=_person(names, mapping(message.get("from"))),
        body=Body(
            text=text(message.get("message")),
            visibility=PRIVATE,
            attachments=_attachments(key, message),
            links=tuple(_links(message)),
            quotes=_story(names, message.get("story")),
            labels=("unsupported",) if flag(message.get("is_unsupported")) or _says_true(message) else None,
        ),
        created_at=moment(message.get("created_time")),
        thread=thread,
        pointer=pointer,
    )


def pushed_message(names: Names, event: Mapping[str, Any], pointer: str, account: str | None) -> Iterator[Observation]:
    """A message as it was pushed: new, edited, or taken back by whoever sent it. Read marks and reactions are none.

    ``account`` is the id of the account that was told of it.
    """
    edit = mapping(event.get("message_edit"))
    edited = identifier(edit.get("mid"))
    if edited is not None:
        body = Body(text=text(edit.get("text")), visibility=PRIVATE, edited_at=moment(event.get("timestamp")))
        yield ItemSeen(
            names.thing(edited), Form.MESSAGE, _sender(names, event), body, pointer=f"{pointer}/message_edit"
        )
        return
    message = mapping(event.get("message"))
    native_id = identifier(message.get("mid"))
    if native_id is None:
        return
    key = names.thing(native_id)
    if flag(message.get("is_deleted")):
        sender = identifier(mapping(event.get("sender")).get("id"))
        by_city = sender is not None and sender == account
        yield GoneSeen(key, UNSENT, Cause.BY_CITY if by_city else Cause.BY_AUTHOR)
        return
    reply_to = mapping(message.get("reply_to"))
    answered = identifier(reply_to.get("mid"))
    yield ItemSeen(
        key=key,
        form=Form.MESSAGE,
        author=_sender(names, event),
        body=Body(
            text=text(message.get("text")),
            visibility=PRIVATE,
            attachments=tuple(_pushed_files(key, message)),
            quotes=_story(names, {"reply_to": reply_to.get("story")}),
        ),
        created_at=moment(event.get("timestamp")),
        parent=names.thing(answered) if answered else None,
        pointer=f"{pointer}/message",
    )


def _sender(names: Names, event: Mapping[str, Any]) -> Person | None:
    sender = identifier(mapping(event.get("sender")).get("id"))
    return Person(names.person(sender)) if sender else None


def _person(names: Names, person: Mapping[str, Any]) -> Person | None:
    """Both ids of the account itself may stand here; ``user_id`` is the one that it has everywhere."""
    native_id = identifier(person.get("user_id")) or identifier(person.get("id"))
    return Person(names.person(native_id), handle=text(person.get("username"))) if native_id else None


def _attachments(key: Key, message: Mapping[str, Any]) -> tuple[Attachment, ...]:
    found = []
    for place, (_, one) in enumerate(connection(message.get("attachments"))):
        source = f"{key}/{identifier(one.get('id')) or place}"
        kind, url = next(
            ((kind, url) for name, kind in _DATA if (url := text(mapping(one.get(name)).get("url")))),
            ("file", text(one.get("file_url")) or ""),
        )
        found.append(Attachment(kind, url, source=source, mime=text(one.get("mime_type"))))
    return tuple(found)


def _pushed_files(key: Key, message: Mapping[str, Any]) -> Iterator[Attachment]:
    for place, (_, one) in enumerate(objects(message.get("attachments"))):
        url = text(mapping(one.get("payload")).get("url"))
        if url:
            yield Attachment(_TYPES.get(text(one.get("type")) or "", "file"), url, source=f"{key}/{place}")


def _links(message: Mapping[str, Any]) -> Iterator[Link]:
    for _, share in connection(message.get("shares")):
        url = text(share.get("link"))
        if url:
            yield Link(url, title=text(share.get("name")), card=True)


def _story(names: Names, story: Any) -> Key | None:
    """The story that a message answers, or that mentions the account."""
    found = mapping(story)
    one = mapping(found.get("reply_to")) or mapping(found.get("mention"))
    native_id = identifier(one.get("id"))
    return names.thing(native_id) if native_id else None


def _says_true(message: Mapping[str, Any]) -> bool:
    return message.get("is_unsupported") == "true"

"""Private messages as the archive's values. Read only where configured (records rule R12).

X gives those of the last thirty days, and none of its encrypted chat. A conversation's own key is the thread of its
messages; who joined or left one is no message.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archiver.domain.item import Body, Form
from archiver.domain.observation import ItemSeen
from archiver.platforms.x.attachments import attachments_of
from archiver.platforms.x.fields import identifier, moment, objects, text
from archiver.platforms.x.ids import made_at
from archiver.platforms.x.scene import Scene
from archiver.platforms.x.texts import links_of, unescaped
from archiver.platforms.x.vocabulary import named

Event = Mapping[str, Any]

PRIVATE = "private"
_WRITTEN = "MessageCreate"


def message_seen(scene: Scene, event: Event, pointer: str, conversation: str | None) -> ItemSeen | None:
    """The message of an event; ``conversation`` is its id where the address tells it."""
    native_id = identifier(event.get("id"))
    if native_id is None or event.get("event_type", _WRITTEN) != _WRITTEN:
        return None
    sender, words = identifier(event.get("sender_id")), text(event.get("text"))
    conversation = identifier(event.get("dm_conversation_id")) or conversation
    attachments, whole = attachments_of(scene.names, event, scene.answer.media, told=scene.tells("attachments"))
    passed_on = [one for _, post in objects(named(event, "referenced_tweets")) if (one := identifier(post.get("id")))]
    return ItemSeen(
        key=scene.names.message(native_id),
        form=Form.MESSAGE,
        author=scene.person(sender) if sender is not None else None,
        body=Body(
            text=None if words is None else unescaped(words),
            visibility=PRIVATE,
            attachments=attachments,
            links=links_of(event),
            quotes=scene.names.post(passed_on[0]) if passed_on else None,
            partial=frozenset() if whole else frozenset({"attachments"}),
        ),
        created_at=moment(event.get("created_at")) or made_at(native_id),
        thread=scene.names.message(conversation) if conversation is not None else None,
        pointer=pointer,
    )

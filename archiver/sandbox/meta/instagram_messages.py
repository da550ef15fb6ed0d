"""Private messages of an Instagram account: of each conversation the newest twenty have details."""

from __future__ import annotations

from typing import Any

from archiver.sandbox.meta.call import Call
from archiver.sandbox.meta.instagram_quirks import MESSAGES_SCOPE, Flavour
from archiver.sandbox.meta.model import Thing
from archiver.sandbox.meta.schema import LEFT_OUT, Arguments, Edge, Listing, Node, NodeType
from archiver.sandbox.meta.wire import moment
from archiver.sandbox.model import Person

DETAILED = 20


def _person(person: Person) -> dict[str, str]:
    return {"username": person.handle, "id": person.id}


def _to(message: Thing, _call: Call) -> object:
    conversation = message.whole
    if conversation is None:
        return LEFT_OUT
    other = conversation.author if message.author is conversation.owner else conversation.owner
    return {"data": [_person(other)]}


def _attachments(message: Thing, call: Call) -> object:
    shot = message.picture
    if shot is None:
        return LEFT_OUT
    data: dict[str, Any] = {"width": shot.width, "height": shot.height, "max_width": 0, "max_height": 0}
    return {"data": [{"image_data": {**data, "url": call.link(shot, f"21_{message.number}")}}]}


MESSAGE = NodeType(
    "Message",
    {
        "id": lambda message, _: message.id,
        "created_time": lambda message, _: moment(message.created_at),
        "from": lambda message, _: _person(message.author),
        "to": _to,
        "message": lambda message, _: message.text,
        "attachments": _attachments,
        "is_unsupported": lambda message, _: message.facts.get("unsupported", LEFT_OUT),
        "shares": lambda _message, _call: LEFT_OUT,
        "story": lambda message, _: message.facts.get("story", LEFT_OUT),
        "reactions": lambda _message, _call: LEFT_OUT,
        "tags": lambda _message, _call: LEFT_OUT,
    },
    default=("id", "created_time"),
)


def _messages(conversation: Thing, _arguments: Arguments, call: Call) -> Listing:
    found = [one for one in conversation.parts if one.form == "message" and one.available(call.now)]
    found.sort(key=lambda one: (one.created_at, one.number), reverse=True)
    return Listing([Node(MESSAGE, one) for one in found[:DETAILED]])


def _newest(conversation: Thing) -> Thing:
    return max(conversation.parts, key=lambda one: one.created_at, default=conversation)


CONVERSATION = NodeType(
    "UnifiedThread",
    {
        "id": lambda one, _: one.id,
        "updated_time": lambda one, _: moment(_newest(one).created_at),
        "participants": lambda one, _: {"data": [_person(one.owner), _person(one.author)]},
        "name": lambda _one, _call: LEFT_OUT,
    },
    {"messages": Edge(_messages, weight=20)},
    default=("id", "updated_time"),
)


def conversations_edge(flavour: Flavour) -> Edge:
    """The list of conversations, the newest first; below the account, or below its page."""

    def listing(person: Person, arguments: Arguments, call: Call) -> Listing:
        if arguments.one("platform", "instagram").lower() != "instagram":
            return Listing(())
        found = [one for one in call.meta.of(person, "conversation") if one.author.active]
        found.sort(key=lambda one: (_newest(one).created_at, one.number), reverse=True)
        return Listing([Node(CONVERSATION, one) for one in found])

    return Edge(
        listing, needs=MESSAGES_SCOPE[flavour], switches=frozenset({"platform", "folder", "tags", "user_id"}), weight=25
    )

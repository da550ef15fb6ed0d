"""Conversations of a page: the newest twenty messages of each have details, older ones do not."""

from __future__ import annotations

from archiver.sandbox.meta.call import Call
from archiver.sandbox.meta.facebook_comments import member, without_value
from archiver.sandbox.meta.model import Thing
from archiver.sandbox.meta.schema import LEFT_OUT, Arguments, Edge, Listing, Node, NodeType
from archiver.sandbox.meta.wire import moment
from archiver.sandbox.model import Person

DETAILED = 20

CORRESPONDENT = NodeType(
    "User",
    {
        "name": lambda person, _: person.profile.display_name,
        "email": lambda person, _: f"{person.id}@facebook.com",
        "id": lambda person, _: person.id,
    },
    default=("name", "email", "id"),
)


def _people(*people: Person) -> dict[str, object]:
    return {
        "data": [{"name": one.profile.display_name, "email": f"{one.id}@facebook.com", "id": one.id} for one in people]
    }


def _to(message: Thing, _call: Call) -> object:
    conversation = message.whole
    if conversation is None:
        return LEFT_OUT
    other = conversation.author if message.author is conversation.owner else conversation.owner
    return _people(other)


def _files(message: Thing, _arguments: Arguments, call: Call) -> Listing:
    picture = message.picture
    if picture is None:
        return Listing(())
    native = str(int(message.id.removeprefix("m_")) + 1)
    link = call.link(picture, f"21_{native}")
    shown = {
        "id": native,
        "mime_type": picture.mime,
        "name": f"image-{native}",
        "size": len(picture.data),
        "image_data": {
            "width": picture.width,
            "height": picture.height,
            "max_width": picture.width,
            "max_height": picture.height,
            "url": link,
            "preview_url": link,
            "image_type": 1,
            "render_as_sticker": False,
        },
    }
    return Listing([Node(FILE, shown)])


FILE = NodeType(
    "MessageAttachment",
    {name: member(name) for name in ("id", "mime_type", "name", "size", "image_data", "video_data", "file_url")},
    default=("id", "mime_type", "name", "size", "image_data"),
    identify=lambda node: str(node.thing["id"]),
)

MESSAGE = NodeType(
    "Message",
    {
        "id": lambda message, _: message.id,
        "created_time": lambda message, _: moment(message.created_at),
        "from": lambda message, _: Node(CORRESPONDENT, message.author),
        "to": _to,
        "message": lambda message, _: message.text,
        "tags": lambda _message, _call: {"data": [{"name": "inbox"}, {"name": "source:mobile"}]},
        **without_value("sticker", "shares", "reactions", "is_unsupported", "story"),
    },
    {"attachments": Edge(_files, paged=False, weight=1)},
    default=("id", "created_time"),
)


def _messages(conversation: Thing, _arguments: Arguments, call: Call) -> Listing:
    found = [one for one in conversation.parts if one.form == "message" and one.available(call.now)]
    found.sort(key=lambda one: (one.created_at, one.number), reverse=True)
    return Listing([Node(MESSAGE, one) for one in found[:DETAILED]])


def _count(conversation: Thing, _call: Call) -> int:
    return len(conversation.parts)


def _updated(conversation: Thing) -> Thing:
    return max(conversation.parts, key=lambda one: one.created_at, default=conversation)


CONVERSATION = NodeType(
    "UnifiedThread",
    {
        "id": lambda one, _: one.id,
        "link": lambda one, _: f"/{one.owner.id}/inbox/{one.id.removeprefix('t_')}/",
        "updated_time": lambda one, _: moment(_updated(one).created_at),
        "message_count": _count,
        "unread_count": lambda _one, _call: 0,
        "snippet": lambda one, _: _updated(one).text,
        "participants": lambda one, _: _people(one.author, one.owner),
        "senders": lambda one, _: _people(one.author, one.owner),
        "can_reply": lambda _one, _call: True,
        "is_subscribed": lambda _one, _call: True,
        "folder": lambda _one, _call: "inbox",
        **without_value("former_participants", "is_owner", "scoped_thread_key", "name"),
    },
    {"messages": Edge(_messages, weight=20)},
    default=("id", "link", "updated_time"),
)


def conversations(page: Person, arguments: Arguments, call: Call) -> Listing:
    """The newest first; those of Instagram are not here."""
    if arguments.one("platform", "MESSENGER").upper() != "MESSENGER":
        return Listing(())
    found = [one for one in call.meta.of(page, "conversation") if one.author.active]
    found.sort(key=lambda one: (_updated(one).created_at, one.number), reverse=True)
    return Listing([Node(CONVERSATION, one) for one in found])


CONVERSATIONS = Edge(
    conversations,
    needs="pages_messaging",
    switches=frozenset({"platform", "folder", "tags", "user_id"}),
    weight=25,
)

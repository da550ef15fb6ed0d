"""Comments, reactions and people as the Graph API shows them; on whatever they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archiver.sandbox.meta.call import Call
from archiver.sandbox.meta.model import Thing
from archiver.sandbox.meta.schema import LEFT_OUT, Arguments, Edge, Getter, Listing, Node, NodeType
from archiver.sandbox.meta.wire import moment

SITE = "https://www.facebook.com"
KINDS = ("NONE", "LIKE", "LOVE", "WOW", "HAHA", "SAD", "ANGRY", "THANKFUL", "PRIDE", "CARE", "FIRE", "HUNDRED")
MODERATE = "pages_read_user_content"


def without_value(*names: str) -> dict[str, Getter]:
    """Fields that the type has, and that never have a value here."""
    return dict.fromkeys(names, lambda _thing, _call: LEFT_OUT)


def constant(**values: Any) -> dict[str, Getter]:
    """Fields that always have the same value."""
    return {name: _always(value) for name, value in values.items()}


def _always(value: Any) -> Getter:
    return lambda _thing, _call: value


def member(name: str) -> Getter:
    """A member of a thing that is a plain dictionary."""
    return lambda value, _call: value.get(name, LEFT_OUT)


# --- people

PERSON = NodeType(
    "User",
    {"name": lambda person, _: person.profile.display_name, "id": lambda person, _: person.id},
    default=("name", "id"),
)


def author(thing: Thing, call: Call) -> object:
    """``from``: left out of what people wrote where the app may not know who they are."""
    if thing.author is not thing.owner:
        hidden = thing.nameless or call.quirks.nameless or call.token.kind != "PAGE"
        if hidden or not call.has(MODERATE):
            return LEFT_OUT
    return Node(PERSON, thing.author)


def tags(thing: Thing, _call: Call) -> object:
    """``message_tags``: names of people in the text, by code points."""
    found = []
    for person in thing.mentions:
        name = person.profile.display_name
        at = thing.text.find(name)
        if name and at >= 0:
            kind = "page" if person.official else "user"
            found.append({"id": person.id, "length": len(name), "name": name, "offset": at, "type": kind})
    return found or LEFT_OUT


# --- reactions


def _reactions(thing: Thing, arguments: Arguments, _call: Call) -> Listing:
    kind = arguments.one("type").upper()
    counts = thing.reactions
    total = counts.get(kind, 0) if kind and kind != "NONE" else sum(counts.values())
    return Listing((), {"total_count": total, "viewer_reaction": "NONE"})


def _likes(thing: Thing, _arguments: Arguments, _call: Call) -> Listing:
    count = thing.reactions.get("LIKE", 0) + thing.reactions.get("CARE", 0)
    return Listing((), {"total_count": count, "can_like": True, "has_liked": False})


REACTIONS = Edge(_reactions, choices={"type": frozenset({*KINDS, *(kind.lower() for kind in KINDS)})}, weight=1)
LIKES = Edge(_likes, weight=1)


# --- comments


def thread_of(thing: Thing) -> Thing:
    """Where the comments of a twin stand."""
    return thing.twin if thing.twin is not None and thing.form in {"photo", "video", "reel"} else thing


def below(thing: Thing) -> Iterator[Thing]:
    """All answers at every depth, removed ones too."""
    for reply in thing.replies:
        yield reply
        yield from below(reply)


def _listed(thing: Thing, call: Call) -> bool:
    return thing.available(call.now) and not thing.unlisted


def comments(thing: Thing, arguments: Arguments, call: Call) -> Listing:
    """The comments of an object: the first level, or (``filter=stream``) all of them, flat.

    ``total_count`` counts what can't be listed, too.
    """
    place = thread_of(thing)
    flat = arguments.one("filter", "toplevel") == "stream"
    every = list(below(place)) if flat else list(place.replies)
    order = arguments.one("order", "chronological")
    backwards = order == "reverse_chronological" and not flat
    shown = sorted(
        (one for one in every if _listed(one, call)), key=lambda one: (one.created_at, one.number), reverse=backwards
    )
    shown = [one for one in shown if not _in_hole(one, call)]
    via = thing.number_of if place is not thing else ""
    said = "reverse_chronological" if backwards else "chronological"
    summary = {"order": said, "total_count": len(every), "can_comment": True}
    return Listing([Node(COMMENT, one, via) for one in shown], summary)


def _in_hole(thing: Thing, call: Call) -> bool:
    hole = call.quirks.holes.get("comments")
    return hole is not None and thing.number % hole[0] == hole[1]


COMMENTS = Edge(
    comments,
    most=100,
    over="cut",
    cursors="position",
    since=lambda thing: thing.created_at,
    choices={
        "filter": frozenset({"toplevel", "stream"}),
        "order": frozenset({"chronological", "reverse_chronological", "ranked"}),
        "live_filter": frozenset({"filter_low_quality", "no_filter"}),
    },
    weight=25,
)


def _identify(node: Node) -> str:
    """Below the photo of a post, the same comment has another first half."""
    thing: Thing = node.thing
    return f"{node.via}_{thing.number_of}" if node.via else thing.id


def permalink(thing: Thing) -> str:
    """Where people read it."""
    root = thing.top
    place = f"{SITE}/{root.owner.id}/posts/{root.number_of}/"
    if thing is root:
        return place
    first = thing
    while first.parent is not None and first.parent is not root:
        first = first.parent
    if first is thing:
        return f"{place}?comment_id={thing.number_of}"
    return f"{place}?comment_id={first.number_of}&reply_comment_id={thing.number_of}"


def _parent(thing: Thing, _call: Call) -> object:
    return LEFT_OUT if thing.parent is None or thing.parent is thing.root else Node(COMMENT, thing.parent)


def _attachment(thing: Thing, call: Call) -> object:
    picture = thing.picture
    if picture is None:
        return LEFT_OUT
    native = f"{int(thing.number_of) + 1}"
    place = f"{SITE}/photo.php?fbid={native}&set=p.{native}&type=3"
    image = {"height": picture.height, "src": call.link(picture, f"47_{native}"), "width": picture.width}
    kind = "video_inline" if picture.kind == "video" else "photo"
    return {"media": {"image": image}, "target": {"id": native, "url": place}, "type": kind, "url": place}


def _live_second(thing: Thing, _call: Call) -> object:
    if thing.top.form != "live":
        return LEFT_OUT
    return int((thing.created_at - thing.top.created_at).total_seconds())


def _live_children(thing: Thing, call: Call) -> int:
    return sum(1 for reply in thing.replies if _listed(reply, call))


COMMENT = NodeType(
    "Comment",
    {
        "created_time": lambda thing, _: moment(thing.created_at),
        "from": author,
        "message": lambda thing, _: thing.text,
        "message_tags": tags,
        "attachment": _attachment,
        "comment_count": _live_children,
        "like_count": lambda thing, _: sum(thing.reactions.values()),
        "is_hidden": lambda thing, _: thing.hidden,
        "is_private": lambda thing, _: thing.private,
        "parent": _parent,
        "object": lambda thing, _: {"id": thing.top.id, "created_time": moment(thing.top.created_at)},
        "permalink_url": lambda thing, _: permalink(thing),
        "live_broadcast_timestamp": _live_second,
        **constant(can_comment=True, can_hide=True, can_like=True, can_remove=True, can_reply_privately=False,
                   user_likes=False),
        **without_value("application", "admin_creator", "private_reply_conversation"),
        "id": lambda thing, _: thing.id,
    },
    {"comments": COMMENTS, "likes": LIKES, "reactions": REACTIONS},
    default=("created_time", "from", "message", "id"),
    identify=_identify,
)  # fmt: skip


def conversational() -> dict[str, Edge]:
    """The edges of whatever can be commented on."""
    return {"comments": COMMENTS, "likes": LIKES, "reactions": REACTIONS}


__all__ = [
    "COMMENT", "COMMENTS", "LIKES", "MODERATE", "PERSON", "REACTIONS", "SITE", "author", "below",
    "comments", "constant", "conversational", "permalink", "tags", "thread_of", "without_value",
]  # fmt: skip

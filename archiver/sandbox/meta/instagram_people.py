"""Accounts as Instagram shows them, with their lists; and the pages that accounts of the Facebook login belong to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archiver.sandbox.meta.call import Call
from archiver.sandbox.meta.instagram_media import created, link_of
from archiver.sandbox.meta.instagram_messages import conversations_edge
from archiver.sandbox.meta.instagram_profiles import OWN
from archiver.sandbox.meta.instagram_quirks import BASIC_SCOPE, NODE_NAMES, Flavour, quirks_of
from archiver.sandbox.meta.model import Thing
from archiver.sandbox.meta.problems import bad_parameter, no_permission
from archiver.sandbox.meta.schema import LEFT_OUT, Arguments, Edge, Getter, Listing, Node, NodeType
from archiver.sandbox.model import Person

Chooser = Callable[[Person, Arguments, Call], Listing]


def scoped_id(person: Person) -> str:
    """The id that one app alone knows an account by (Instagram login)."""
    return "24" + person.id[2:]


def user_type(flavour: Flavour, media: NodeType) -> NodeType:
    """The account of one login."""
    needs = BASIC_SCOPE[flavour]

    def edge(*forms: str) -> Edge:
        return Edge(_listing(media, *forms), since=created, needs=needs, weight=25)

    edges = {
        "media": edge(*OWN),
        "stories": edge("story"),
        "live_media": edge("live"),
        "tags": edge("tagged"),
    }
    if flavour == "instagram":
        edges["conversations"] = conversations_edge(flavour)
        fields = {**_COMMON, "user_id": _native, "account_type": lambda _person, _call: "BUSINESS"}
        return NodeType(NODE_NAMES[flavour]["user"], fields, edges, identify=lambda node: scoped_id(node.thing))
    edges |= {"collaborative_media": edge("collaborative"), "collaboration_invites": edge("invitation")}
    return NodeType(NODE_NAMES[flavour]["user"], {**_COMMON, **_OF_FACEBOOK_LOGIN}, edges)


def _listing(media: NodeType, *forms: str) -> Chooser:
    """What can be seen of these, the newest first; of the grid, pinned ones before, and no more than the horizon."""

    def listing(person: Person, _arguments: Arguments, call: Call) -> Listing:
        quirks = quirks_of(call)
        found = [one for one in call.meta.of(person, *forms) if one.available(call.now)]
        found.sort(key=lambda one: (one.id in quirks.pinned, one.created_at, one.number), reverse=True)
        return Listing([Node(media, one) for one in found[: quirks.horizon]])

    return listing


def _native(person: Person, _call: Call) -> str:
    return person.id


def _media_count(person: Person, call: Call) -> int:
    return sum(1 for one in call.meta.of(person, *OWN) if one.available(call.now))


def _website(person: Person, call: Call) -> object:
    return f"https://{call.meta.world.domain}" if person.official else LEFT_OUT


_COMMON: dict[str, Getter] = {
    "id": _native,
    "username": lambda person, _: person.handle,
    "name": lambda person, _: person.profile.display_name,
    "biography": lambda person, _: person.profile.description or LEFT_OUT,
    "website": _website,
    "profile_picture_url": link_of,
    "followers_count": lambda person, _: person.followers,
    "follows_count": lambda _person, _call: 12,
    "media_count": _media_count,
}
_OF_FACEBOOK_LOGIN: dict[str, Getter] = {
    "ig_id": lambda person, _: int(person.id) - 17_841_400_000_000_000 + 5_000_000,
    "is_published": lambda _person, _call: True,
    "has_profile_pic": lambda person, _: person.profile.avatar is not None,
    "legacy_instagram_user_id": _native,
}


# --- mentions, by expansion of the account (Facebook login)


def mentioned(name: str, person: Person, arguments: Arguments, call: Call, types: dict[str, NodeType]) -> Node:
    """``mentioned_media.media_id(ID)`` and ``mentioned_comment.comment_id(ID)``. Raises Problem."""
    if not call.has("instagram_manage_comments"):
        raise no_permission("instagram_manage_comments")
    parameter, kind = _MENTIONED[name]
    native = arguments.one(parameter)
    thing = call.meta.find("instagram", native) if native else None
    if thing is None or not thing.available(call.now) or not _names(thing, person):
        raise bad_parameter(f"Invalid {parameter}: the object is not visible or does not mention this account")
    return Node(types[kind], thing)


MENTIONS = frozenset({"mentioned_media", "mentioned_comment"})
_MENTIONED = {"mentioned_media": ("media_id", "media"), "mentioned_comment": ("comment_id", "comment")}


def _names(thing: Thing, person: Person) -> bool:
    """A medium whose caption names the account, or one with a comment that does; or such a comment."""
    return person in thing.mentions and thing.author is not person


# --- pages (Facebook login)


def page_fields(linked: Callable[[Person], Person | None], user: NodeType) -> dict[str, Any]:
    """The members of a page that lead to its professional account."""

    def account(page: Person, call: Call) -> object:
        person = linked(page)
        return LEFT_OUT if person is None or not call.has("instagram_basic") else Node(user, person)

    return {"instagram_business_account": account, "connected_instagram_account": account}

"""Which call an address is: the object and the edge in its path, and the fields that were asked for.

Answers are read by the address of their request alone. Ids do not tell what they are of, so fields do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from archiver.platforms.meta.fieldlists import asked_fields, parse
from archiver.platforms.meta.requests import path_of, query_of


class Call(StrEnum):
    """The calls that an archive needs."""

    PROFILE = "profile"
    LINKED = "linked"  # a page with the Instagram account that belongs to it
    PAGES = "pages"  # all pages of a person
    MEDIUM = "medium"
    MEDIA = "media"
    STORIES = "stories"
    LIVE = "live"
    TAGS = "tags"
    CHILDREN = "children"
    COMMENT = "comment"
    COMMENTS = "comments"
    REPLIES = "replies"
    MENTIONED = "mentioned"  # by expansion of the account: a medium or comment elsewhere that names it
    CONVERSATIONS = "conversations"
    CONVERSATION = "conversation"
    MESSAGE = "message"
    MANY = "many"  # the multi-get of old, an object keyed by id; read, no longer asked
    OTHER = "other"


_EDGES = {
    "media": Call.MEDIA,
    "stories": Call.STORIES,
    "live_media": Call.LIVE,
    "tags": Call.TAGS,
    "children": Call.CHILDREN,
    "comments": Call.COMMENTS,
    "replies": Call.REPLIES,
    "conversations": Call.CONVERSATIONS,
    "accounts": Call.PAGES,
}
_BY_FIELD = (
    (frozenset({"instagram_business_account"}), Call.LINKED),
    (frozenset({"mentioned_media", "mentioned_comment", "business_discovery"}), Call.MENTIONED),
    (frozenset({"messages", "participants"}), Call.CONVERSATION),
    (frozenset({"message", "is_unsupported"}), Call.MESSAGE),
    (frozenset({"text", "parent_id", "hidden"}), Call.COMMENT),
    (frozenset({"media_type", "caption", "media_product_type", "media_url"}), Call.MEDIUM),
    (frozenset({"user_id", "media_count", "followers_count", "biography"}), Call.PROFILE),
)
_VERSION = re.compile(r"v[0-9]{1,3}\.[0-9]{1,2}", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9_:=.+-]{1,500}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Route:
    """A call, the id in its path (``me`` too), and the names of the fields that were asked for."""

    call: Call
    node: str = ""
    fields: frozenset[str] = frozenset()


def route_of(url: str) -> Route:
    """The call that an address is."""
    asked = asked_fields(url)
    fields = frozenset(field.name for field in parse(asked or ""))
    parts = [part for part in path_of(url).split("/") if part]
    last, before = (parts[-1:] or [""])[0], (parts[-2:-1] or [""])[0]
    if last in _EDGES and before and not _VERSION.fullmatch(before):
        return Route(_EDGES[last], before, fields)
    if any(name == "ids" for name, _ in query_of(url)):
        return Route(Call.MANY, "", fields)
    if not _ID.fullmatch(last) or _VERSION.fullmatch(last):
        return Route(Call.OTHER)
    call = next((call for names, call in _BY_FIELD if names & fields), Call.OTHER)
    return Route(call, last, fields)

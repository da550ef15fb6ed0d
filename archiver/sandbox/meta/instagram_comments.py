"""Comments as Instagram shows them: the first level newest first, fifty a page at most, answers on their own edge.

The last page has no ``paging``, the others have ``cursors.after`` and ``next``. Comments that wait for the account's
approval (of restricted people) are counted and not given out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from archiver.sandbox.meta.call import Call
from archiver.sandbox.meta.instagram_quirks import COMMENTS_SCOPE, NODE_NAMES, Flavour, quirks_of
from archiver.sandbox.meta.model import Thing
from archiver.sandbox.meta.schema import LEFT_OUT, Arguments, Edge, Listing, Node, NodeType
from archiver.sandbox.meta.wire import moment

MOST = 50


def counted(medium: Thing, now: datetime) -> int:
    """``comments_count``: answers too, and what waits for approval."""
    return sum(1 for one in below(medium) if one.available(now))


def below(medium: Thing) -> Iterator[Thing]:
    """Comments and their answers, removed ones too."""
    for comment in medium.replies:
        yield comment
        yield from comment.replies


def readable(comment: Thing, call: Call) -> bool:
    """Whether the API gives it out at all."""
    return comment.available(call.now) and not comment.unlisted and not any(one.unlisted for one in above(comment))


def above(comment: Thing) -> Iterator[Thing]:
    """What it stands below."""
    thing = comment.parent
    while thing is not None:
        yield thing
        thing = thing.parent


def comment_type(flavour: Flavour) -> NodeType:
    """The comment of one login."""

    def listing(thing: Thing, _arguments: Arguments, call: Call) -> Listing:
        quirks = quirks_of(call)
        if thing.form not in _DISCUSSED:
            return Listing(())
        found = [one for one in thing.replies if readable(one, call) and (quirks.hidden_listed or not one.hidden)]
        found.sort(key=lambda one: (one.created_at, one.number), reverse=True)
        return Listing([Node(kind, one) for one in found])

    edge = Edge(listing, usual=25, most=MOST, over="cut", needs=COMMENTS_SCOPE[flavour], without="silence", weight=10)
    kind = NodeType(
        NODE_NAMES[flavour]["comment"],
        {
            "id": lambda comment, _: comment.id,
            "text": lambda comment, _: comment.text,
            "timestamp": lambda comment, _: moment(comment.created_at),
            "username": _username,
            "from": _from,
            "like_count": lambda comment, _: sum(comment.reactions.values()),
            "hidden": lambda comment, _: comment.hidden,
            "parent_id": _parent_id,
            "media": _media,
            "user": _user,
            "legacy_instagram_comment_id": lambda comment, _: str(int(comment.id) - 17_000_000_000),
        },
        {"replies": edge},
        default=("id", "text", "timestamp"),
    )
    return kind


def comments_edge(kind: NodeType) -> Edge:
    """The same edge, below a medium."""
    return kind.edges["replies"]


_DISCUSSED = frozenset({"post", "reel", "story", "live", "comment"})


def _own(comment: Thing) -> bool:
    return comment.author is comment.owner


def _anonymous(comment: Thing, call: Call) -> bool:
    return not _own(comment) and (comment.nameless or call.quirks.nameless)


def _username(comment: Thing, call: Call) -> object:
    return LEFT_OUT if _anonymous(comment, call) else comment.author.handle


def _from(comment: Thing, call: Call) -> object:
    if _anonymous(comment, call):
        return LEFT_OUT
    return {"id": comment.author.id, "username": comment.author.handle}


def _user(comment: Thing, _call: Call) -> object:
    return {"id": comment.author.id} if _own(comment) else LEFT_OUT


def _parent_id(comment: Thing, _call: Call) -> object:
    parent = comment.parent
    return parent.id if parent is not None and parent.form == "comment" else LEFT_OUT


def _media(comment: Thing, _call: Call) -> dict[str, Any]:
    return {"id": comment.top.id, "media_product_type": product(comment.top)}


def product(medium: Thing) -> str:
    """``media_product_type``."""
    return {"reel": "REELS", "story": "STORY", "live": "LIVE"}.get(medium.form, "FEED")


def without_most_paging(value: dict[str, Any]) -> dict[str, Any]:
    """Lists of comments tell where the next page is, nothing else; the last page tells nothing."""
    paging = value.pop("paging", None)
    if paging is not None and "next" in paging:
        value["paging"] = {"cursors": {"after": paging["cursors"]["after"]}, "next": paging["next"]}
    return value

"""Media as Instagram shows them: pictures, films, carousels and their parts, reels, stories, broadcasts."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from archiver.sandbox.images import Picture
from archiver.sandbox.meta.call import Call
from archiver.sandbox.meta.instagram_comments import comments_edge, counted, product
from archiver.sandbox.meta.instagram_profiles import cover
from archiver.sandbox.meta.instagram_quirks import NODE_NAMES, Flavour
from archiver.sandbox.meta.model import Thing
from archiver.sandbox.meta.schema import LEFT_OUT, Arguments, Edge, Getter, Listing, Node, NodeType
from archiver.sandbox.meta.wire import moment
from archiver.sandbox.model import Person

SITE = "https://www.instagram.com"
OTHERS = frozenset({"tagged", "mention"})
"""Forms of media that are not the account's own."""


def created(medium: Thing) -> datetime:
    """By what lists are chosen with ``since`` and ``until``."""
    return medium.created_at


def shortcode(native: str) -> str:
    """The letters of an address, made from the id."""
    number = int(native)
    letters = base64.urlsafe_b64encode(number.to_bytes(8, "big")).decode().rstrip("=")
    return "D" + letters[-10:]


def media_type(flavour: Flavour, comment: NodeType) -> NodeType:
    """The medium of one login: the field sets differ."""
    fields: dict[str, Getter] = {**_COMMON, **(_OF_FACEBOOK_LOGIN if flavour == "facebook" else {})}

    def children(medium: Thing, _arguments: Arguments, call: Call) -> Listing:
        return Listing([Node(kind, one) for one in medium.parts if one.form == "child" and one.available(call.now)])

    edges = {"comments": comments_edge(comment), "children": Edge(children, paged=False, weight=3)}
    if flavour == "facebook":
        edges["collaborators"] = Edge(_collaborators, paged=False, weight=1)
    kind = NodeType(NODE_NAMES[flavour]["media"], fields, edges)
    return kind


def file_name(medium: Thing, part: str = "") -> str:
    """The same at each call, as the platform's are."""
    return f"50_{medium.id}{part}_{int(medium.id) * 7919 % 10**9}"


def kind_of(medium: Thing) -> str:
    """``media_type``."""
    if medium.form == "live":
        return "BROADCAST"
    if medium.form != "child" and len(medium.latest.pictures) > 1:
        return "CAROUSEL_ALBUM"
    return "VIDEO" if medium.picture is not None and medium.picture.kind == "video" else "IMAGE"


def permalink(medium: Thing) -> str:
    """Where people see it."""
    if medium.form == "story":
        return f"{SITE}/stories/{medium.author.handle}/{medium.id}"
    place = "reel" if medium.form == "reel" else "p"
    whole = medium.whole or medium
    return f"{SITE}/{place}/{shortcode(whole.id)}/"


def _alone(medium: Thing) -> bool:
    """Whether captions, counts and comments are its own: parts of carousels have none."""
    return medium.form != "child"


def _url(medium: Thing, call: Call) -> object:
    """Of a carousel the first part's. Left out for works of others, and of broadcasts."""
    if medium.picture is None or medium.facts.get("withheld"):
        return LEFT_OUT
    first: Picture = medium.picture
    if kind_of(medium) == "CAROUSEL_ALBUM" and first.kind == "video":
        first = cover(first)
    shown = medium.parts[0] if kind_of(medium) == "CAROUSEL_ALBUM" and medium.parts else medium
    return call.link(first, file_name(shown))


def _thumbnail(medium: Thing, call: Call) -> object:
    film = medium.picture
    if film is None or film.kind != "video" or kind_of(medium) != "VIDEO":
        return LEFT_OUT
    return call.link(cover(film), file_name(medium, "_cover"))


def _caption(medium: Thing, _call: Call) -> object:
    return medium.text if _alone(medium) and medium.text else LEFT_OUT


def _alt_text(medium: Thing, _call: Call) -> object:
    shown = medium.picture
    return shown.alt if shown is not None and shown.alt and kind_of(medium) == "IMAGE" and _alone(medium) else LEFT_OUT


def _owner(medium: Thing, _call: Call) -> object:
    return LEFT_OUT if medium.form in OTHERS else {"id": medium.author.id}


def _likes(medium: Thing, _call: Call) -> object:
    if not _alone(medium) or (medium.form in OTHERS and medium.facts.get("likes_hidden")):
        return LEFT_OUT
    return sum(medium.reactions.values())


def _count(medium: Thing, call: Call) -> object:
    if not _alone(medium):
        return LEFT_OUT
    return int(medium.facts.get("comments", 0)) + counted(medium, call.now)


def _fact(name: str, otherwise: object = LEFT_OUT, *, alone: bool = True) -> Getter:
    return lambda medium, _call: medium.facts.get(name, otherwise) if _alone(medium) or not alone else LEFT_OUT


def _collaborators(medium: Thing, _arguments: Arguments, _call: Call) -> Listing:
    people: list[Person] = medium.facts.get("collaborators", [])
    return Listing([Node(_COLLABORATOR, person) for person in people])


_COLLABORATOR = NodeType(
    "IGUserWithInviteStatus",
    {
        "id": lambda person, _: person.id,
        "username": lambda person, _: person.handle,
        "invite_status": lambda _person, _call: "Accepted",
    },
    default=("id", "username", "invite_status"),
)


def _copyright(medium: Thing, _call: Call) -> object:
    if not medium.facts.get("withheld"):
        return LEFT_OUT
    return {"status": {"status": "completed", "matches_found": True}}


_COMMON: dict[str, Getter] = {
    "id": lambda medium, _: medium.id,
    "caption": _caption,
    "media_type": lambda medium, _: kind_of(medium),
    "media_product_type": lambda medium, _: product(medium) if _alone(medium) else LEFT_OUT,
    "media_url": _url,
    "thumbnail_url": _thumbnail,
    "permalink": lambda medium, _: permalink(medium) if medium.form != "live" else LEFT_OUT,
    "shortcode": lambda medium, _: shortcode(medium.id),
    "timestamp": lambda medium, _: moment(medium.created_at),
    "username": lambda medium, _: medium.author.handle,
    "owner": _owner,
    "like_count": _likes,
    "comments_count": _count,
    "is_comment_enabled": _fact("comments_enabled", otherwise=True),
    "is_shared_to_feed": lambda medium, _: True if medium.form == "reel" else LEFT_OUT,
    "alt_text": _alt_text,
    "legacy_instagram_media_id": lambda medium, _: str(int(medium.id) - 15_000_000_000),
    "copyright_check_information": _copyright,
    "current_live_viewer_count": lambda medium, _: 17 if medium.form == "live" else LEFT_OUT,
    "video_title": _fact("video_title"),
    "view_count": _fact("views"),
    "product_tags": lambda _medium, _call: LEFT_OUT,
    "boost_ads_list": lambda _medium, _call: LEFT_OUT,
    "boost_eligibility_info": lambda _medium, _call: LEFT_OUT,
    "has_poll": lambda medium, _: bool(medium.facts.get("poll")) if medium.form == "story" else LEFT_OUT,
    "has_slider": lambda medium, _: False if medium.form == "story" else LEFT_OUT,
}
_OF_FACEBOOK_LOGIN: dict[str, Getter] = {
    "ig_id": lambda medium, _: str(int(medium.id) - 15_000_000_000),
    "reposts_count": _fact("reposts", 0),
    "saved_count": _fact("saved", 0),
    "shares_count": _fact("shares", 0),
    "total_like_count": _likes,
    "total_comments_count": _count,
    "total_views_count": _fact("views", 0),
    "media_audio_type": lambda medium, _: "ORIGINAL_AUDIO" if medium.form == "reel" else LEFT_OUT,
    "is_ai_generated": _fact("ai", otherwise=False),
}


def link_of(person: Person, call: Call) -> Any:
    """The address of a profile picture."""
    face = person.profile.avatar
    return LEFT_OUT if face is None else call.link(face, f"45_{person.id}", "s150x150")

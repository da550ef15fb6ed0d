"""Posts and their attachments as the Graph API shows them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from archiver.sandbox.meta.call import Call
from archiver.sandbox.meta.facebook_comments import (
    PERSON,
    SITE,
    author,
    constant,
    conversational,
    member,
    permalink,
    tags,
    without_value,
)
from archiver.sandbox.meta.facebook_media import file_name, photo_link
from archiver.sandbox.meta.model import Thing
from archiver.sandbox.meta.schema import LEFT_OUT, Arguments, Edge, Listing, Node, NodeType
from archiver.sandbox.meta.wire import moment, unix

MOST_PARTS = 12
"""Subattachments of one answer; an album with more has to be read for the rest."""


# --- attachments


def _parts(value: dict[str, Any], _arguments: Arguments, _call: Call) -> Listing:
    return Listing([Node(ATTACHMENT, part) for part in value.get("subattachments", ())])


_ATTACHMENT_MEMBERS = (
    "description",
    "description_tags",
    "media",
    "media_type",
    "target",
    "title",
    "type",
    "unshimmed_url",
    "url",
)
ATTACHMENT = NodeType(
    "StoryAttachment",
    {name: member(name) for name in _ATTACHMENT_MEMBERS},
    {"subattachments": Edge(_parts, paged=False, weight=4)},
    default=("description", "media", "media_type", "target", "title", "type", "url"),
    identify=lambda _: "",
)


def _image(thing: Thing, call: Call) -> dict[str, Any]:
    picture = thing.picture
    if picture is None:
        return {}
    source = call.link(picture, file_name(thing), "p720x720")
    return {"image": {"height": picture.height, "src": source, "width": picture.width}}


def _photo(thing: Thing, call: Call) -> dict[str, Any]:
    place = photo_link(thing)
    return {
        "media": _image(thing, call),
        "media_type": "photo",
        "target": {"id": thing.id, "url": place},
        "type": "photo",
        "url": place,
    } | ({"description": thing.text} if thing.text else {})


def _film(thing: Thing, call: Call) -> dict[str, Any]:
    place = f"{SITE}/{thing.owner.handle}/videos/{thing.id}/"
    media = _image(thing, call)
    if thing.picture is not None:
        media["source"] = call.link(thing.picture, file_name(thing))
    target = {"id": thing.id, "url": place}
    return {"media": media, "media_type": "video", "target": target, "type": "video_inline", "url": place}


def _link(address: str, title: str, call: Call) -> dict[str, Any]:
    # The signature behind the shim is another one at each call.
    shim = f"https://l.facebook.com/l.php?u={quote(address, safe='')}&h=AT{call.cdn.nonce()}"
    return {
        "description": "From the city's website.",
        "media_type": "link",
        "target": {"url": shim},
        "title": title,
        "type": "share",
        "unshimmed_url": address,
        "url": shim,
    }


def _shared(original: Thing, _call: Call) -> dict[str, Any]:
    place = permalink(original)
    return {
        "description": original.text,
        "media_type": "album",
        "target": {"id": original.id, "url": place},
        "title": original.author.profile.display_name,
        "type": "native_templates",
        "url": place,
    }


def _attachments(post: Thing, _arguments: Arguments, call: Call) -> Listing:
    found: list[dict[str, Any]] = []
    parts = [part for part in post.parts if part.available(call.now)]
    photos = [part for part in parts if part.form == "photo"]
    found += [_film(part, call) for part in parts if part.form == "video"]
    if len(photos) == 1:
        found.append(_photo(photos[0], call))
    elif photos:
        place = permalink(post)
        found.append(
            {
                "media": _image(photos[0], call),
                "media_type": "album",
                "subattachments": [_photo(photo, call) for photo in photos[:MOST_PARTS]],
                "target": {"id": post.number_of, "url": place},
                "title": f"Photos from {post.author.profile.display_name}'s post",
                "type": "album",
                "url": place,
            }
        )
    if "link" in post.facts:
        address, title = post.facts["link"]
        found.append(_link(address, title, call))
    if post.shares is not None:
        found.append(_shared(post.shares, call))
    return Listing([Node(ATTACHMENT, one) for one in found])


# --- posts


def _message(post: Thing, _call: Call) -> object:
    return post.text or LEFT_OUT


def _story(post: Thing, _call: Call) -> object:
    name = post.author.profile.display_name
    if post.shares is not None:
        return f"{name} shared {post.shares.author.profile.display_name}'s post."
    return f"{name} is at City Hall." if post.facts.get("place") else LEFT_OUT


def _picture(size: str) -> Any:
    def getter(post: Thing, call: Call) -> object:
        shown = [part for part in post.parts if part.picture is not None and part.available(call.now)]
        return call.link(shown[0].picture, file_name(shown[0]), size) if shown and shown[0].picture else LEFT_OUT

    return getter


def _to(post: Thing, _arguments: Arguments, _call: Call) -> Listing:
    visited = post.author is not post.owner and not post.facts.get("tagged")
    people = [post.owner] if visited else list(post.mentions)
    return Listing([Node(PERSON, person) for person in people])


def _scheduled(post: Thing, _call: Call) -> object:
    at = post.facts.get("scheduled")
    return float(unix(at)) if at is not None else LEFT_OUT


def _tagged_time(post: Thing, _call: Call) -> object:
    return moment(post.created_at) if post.facts.get("tagged") else LEFT_OUT


_PRIVACY = {"allow": "", "deny": "", "description": "Public", "friends": "", "value": "EVERYONE"}

POST = NodeType(
    "Post",
    {
        "id": lambda post, _: post.id,
        "created_time": lambda post, _: moment(post.created_at),
        "updated_time": lambda post, _: moment(post.touched_at),
        "from": author,
        "message": _message,
        "message_tags": tags,
        "story": _story,
        "story_tags": lambda _post, _call: LEFT_OUT,
        "status_type": lambda post, _: post.facts.get("status_type", LEFT_OUT),
        "permalink_url": lambda post, _: permalink(post),
        "is_published": lambda post, _: post.published,
        "is_hidden": lambda post, _: post.hidden,
        "timeline_visibility": lambda post, _: "hidden" if post.hidden else "normal",
        "privacy": lambda _post, _call: _PRIVACY,
        "parent_id": lambda post, _: post.shares.id if post.shares is not None else LEFT_OUT,
        "place": lambda post, _: post.facts.get("place", LEFT_OUT),
        "scheduled_publish_time": _scheduled,
        "tagged_time": _tagged_time,
        "full_picture": _picture("p720x720"),
        "picture": _picture("s130x130"),
        "shares": lambda post, _: {"count": post.shared} if post.shared else LEFT_OUT,
        **constant(is_expired=False, is_popular=False, is_spherical=False, is_instagram_eligible=True,
                   is_inline_created=False, is_app_share=False, is_eligible_for_promotion=True, subscribed=True,
                   can_reply_privately=False, promotion_status="ineligible"),
        **without_value(
            "actions", "admin_creator", "allowed_advertising_objectives", "application", "backdated_time",
            "call_to_action", "child_attachments", "comments_mirroring_domain", "coordinates", "event",
            "expanded_height", "expanded_width", "feed_targeting", "height", "icon", "instagram_eligibility",
            "promotable_id", "properties", "target", "targeting", "via", "video_buying_eligibility", "width",
        ),
    },
    {
        **conversational(),
        "attachments": Edge(_attachments, paged=False, weight=2),
        "to": Edge(_to, paged=False, weight=1),
        "sharedposts": Edge(lambda _post, _arguments, _call: Listing(()), weight=1),
        "sponsor_tags": Edge(lambda _post, _arguments, _call: Listing(()), weight=1),
    },
    default=("created_time", "message", "story", "id"),
)  # fmt: skip

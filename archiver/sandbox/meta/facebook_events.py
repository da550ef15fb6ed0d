"""What a page's subscription to ``feed`` and ``mention`` tells: changes in the platform's own words (section 14).

Times are unix numbers. Photos and films have their own verbs; a removal brings no text.
"""

from __future__ import annotations

from typing import Any

from archiver.sandbox.meta.facebook_comments import permalink
from archiver.sandbox.meta.model import FACEBOOK, Event, Thing
from archiver.sandbox.meta.wire import moment, unix

_VERBS = {"add": "add", "edited": "edited", "hide": "hide", "unhide": "unhide", "remove": "remove"}
_ITEMS = {"photo": "photo", "video": "video", "reel": "video", "album": "album", "event": "event"}


def change(event: Event) -> tuple[str, dict[str, Any]] | None:
    """The page's id and one entry of ``changes``; None for what no event tells of."""
    thing = event.thing
    if thing.platform != FACEBOOK or thing.form not in {"post", "comment", *_ITEMS}:
        return None
    value = _comment(event) if thing.form == "comment" else _post(event)
    if thing.facts.get("tagged"):
        return thing.owner.id, {"field": "mention", "value": value}
    return thing.owner.id, {"field": "feed", "value": value}


def _writer(thing: Thing) -> dict[str, Any]:
    if thing.nameless:
        return {}
    return {"from": {"id": thing.author.id, "name": thing.author.profile.display_name}}


def _post_id(root: Thing) -> str:
    return root.id if "_" in root.id else f"{root.owner.id}_{root.number_of}"


def _comment(event: Event) -> dict[str, Any]:
    thing, root = event.thing, event.thing.top
    value = _writer(thing)
    if event.verb in {"add", "edited"}:
        value["post"] = {
            "status_type": root.facts.get("status_type", "added_video"),
            "is_published": root.published,
            "updated_time": moment(root.touched_at),
            "permalink_url": permalink(root),
            "promotion_status": "inactive",
            "id": _post_id(root),
        }
        value["message"] = event.text
    parent = thing.parent
    return value | {
        "post_id": _post_id(root),
        "comment_id": thing.id,
        "created_time": unix(event.at if event.verb != "add" else thing.created_at),
        "item": "comment",
        "parent_id": parent.id if parent is not None and parent is not root else _post_id(root),
        "verb": _VERBS[event.verb],
    }


def _post(event: Event) -> dict[str, Any]:
    thing = event.thing
    value = _writer(thing) | {"post_id": _post_id(thing), "created_time": unix(event.at), "verb": _VERBS[event.verb]}
    if thing.form in _ITEMS:
        return value | {"item": _ITEMS[thing.form], f"{_ITEMS[thing.form]}_id": int(thing.number_of)}
    own = thing.author is thing.owner
    value["item"] = "status" if own else "post"
    if event.verb in {"add", "edited"}:
        value |= {"message": event.text, "published": int(thing.published)}
    return value

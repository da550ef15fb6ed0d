"""What an Instagram account's subscription tells: new comments, live comments and mentions, and messages; nothing else.

No event tells of an edit, a hiding or a removal. Deliveries mostly have ``changes``; the documentation of the Instagram
login prints field and value in the entry itself, and both are sent here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archiver.sandbox.meta.instagram_comments import product
from archiver.sandbox.meta.model import INSTAGRAM, Event
from archiver.sandbox.meta.webhooks import Sender


@dataclass(slots=True)
class InstagramSender(Sender):
    """``direct``: field and value stand in the entry itself."""

    direct: bool = False

    def entry(self, event: Event) -> dict[str, Any] | None:
        """One entry of a delivery."""
        # Named: a class with slots is made anew, and `super()` would mean the one before.
        made = Sender.entry(self, event)
        if made is None or not self.direct or "changes" not in made:
            return made
        return {"id": made["id"], "time": made["time"], **made["changes"][0]}


def by_instagram_login(event: Event) -> tuple[str, dict[str, Any]] | None:
    """The account's id and one change; mentions come as comments."""
    thing = event.thing
    if thing.platform != INSTAGRAM or event.verb != "add":
        return None
    if thing.form in {"comment", "remark"}:
        live = thing.top.form == "live"
        return thing.owner.id, {"field": "live_comments" if live else "comments", "value": _comment(event)}
    return None


def by_facebook_login(event: Event) -> tuple[str, dict[str, Any]] | None:
    """The account's id and one change; mentions are ids alone."""
    thing = event.thing
    if thing.platform == INSTAGRAM and event.verb == "add":
        if thing.form == "mention" and f"@{thing.owner.handle}" in thing.text:
            return thing.owner.id, {"field": "mentions", "value": {"media_id": thing.id}}
        if thing.form == "remark":
            value = {"media_id": thing.top.id, "comment_id": thing.id}
            return thing.owner.id, {"field": "mentions", "value": value}
    return by_instagram_login(event)


def _comment(event: Event) -> dict[str, Any]:
    comment = event.thing
    value: dict[str, Any] = {
        "from": {"id": comment.author.id, "username": comment.author.handle},
        "media": {"id": comment.top.id, "media_product_type": product(comment.top)},
        "id": comment.id,
        "text": event.text,
    }
    if comment.parent is not None and comment.parent is not comment.top:
        value["parent_id"] = comment.parent.id
    return value

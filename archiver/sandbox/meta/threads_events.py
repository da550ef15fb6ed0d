"""What a Threads account's subscription tells, in the platform's own flat layout: one event in each delivery.

``replies`` and ``mentions`` of others, the account's own ``publish``, and ``delete`` of what is its own. No event tells
of edits, hidings, or removals by others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from archiver.sandbox.meta.instagram_media import shortcode
from archiver.sandbox.meta.model import THREADS, Event, Thing
from archiver.sandbox.meta.threads_posts import kind_of, permalink
from archiver.sandbox.meta.webhooks import Sender, Signature
from archiver.sandbox.meta.wire import encoded, moment, unix
from archiver.sandbox.model import Person
from archiver.sandbox.posting import Delivered

SUBSCRIPTION = "440000000000004"


@dataclass(slots=True)
class ThreadsSender(Sender):
    """``classic``: in the layout of the other platforms, which may come, too; ``listed``: ``values`` is a list."""

    app_id: str = ""
    classic: bool = False
    listed: bool = False

    def entry(self, event: Event) -> dict[str, Any] | None:
        """The whole of a delivery."""
        told = _told(event)
        if told is None:
            return None
        topic, field, target, owner, value = told
        if self.classic:
            return {"id": owner, "time": unix(self.meta.now()), "changes": [{"field": field, "value": value}]}
        values: Any = {"value": value, "field": field}
        return {
            "app_id": self.app_id,
            "topic": topic,
            "target_id": target,
            "time": unix(self.meta.now()),
            "subscription_id": SUBSCRIPTION,
            "has_uid_field": False,
            "values": [values] if self.listed else values,
        }

    def body(self, entries: Sequence[Mapping[str, Any]]) -> bytes:
        """The bytes of a delivery: one event."""
        if self.classic:
            return encoded({"object": self.object, "entry": list(entries)})
        (only,) = entries
        return encoded(only)

    def flush(
        self,
        *,
        together: int = 1,
        shuffle: Random | None = None,
        twice: bool = False,
        signature: Signature = "right",
        values: bool = True,
    ) -> list[Delivered]:
        """Send all that happened since the last time, each by itself; ``together`` and ``values`` mean nothing here."""
        del together, values
        entries = self.waiting()
        if shuffle is not None:
            shuffle.shuffle(entries)
        return [self.deliver(self.body([one]), signature=signature) for one in entries for _ in range(1 + twice)]


def _told(event: Event) -> tuple[str, str, str, str, dict[str, Any]] | None:
    """Topic, field, target, the account's id, and the value."""
    thing = event.thing
    if thing.platform != THREADS or thing.form not in {"post", "reply"}:
        return None
    account = next((one for one in (thing.author, thing.top.author, *thing.mentions) if one.official), None)
    if account is None:
        return None
    if event.verb == "remove" and thing.author is account:
        return "moderate", "delete", account.id, account.id, _removed(event, account)
    return _added(event, account) if event.verb == "add" else None


def _removed(event: Event, account: Person) -> dict[str, Any]:
    return {
        "id": event.thing.id,
        "owner": {"owner_id": account.id},
        "deleted_at": moment(event.at),
        "timestamp": moment(event.thing.created_at),
        "username": account.handle,
    }


def _added(event: Event, account: Person) -> tuple[str, str, str, str, dict[str, Any]]:
    thing = event.thing
    value = _common(thing)
    if thing.author is account:
        return "interaction", "publish", thing.id, account.id, value
    value |= {"text": event.text, "shortcode": shortcode(thing.id)}
    if thing.top.author is account:
        return "moderate", "replies", thing.top.id, account.id, value | _place(thing)
    return "interaction", "mentions", account.id, account.id, value


def _common(thing: Thing) -> dict[str, Any]:
    return {
        "id": thing.id,
        "username": thing.author.handle,
        "media_type": kind_of(thing),
        "permalink": permalink(thing),
        "timestamp": moment(thing.created_at),
    }


def _place(thing: Thing) -> dict[str, Any]:
    above, top = thing.parent, thing.top
    return {
        "replied_to": {"id": above.id if above is not None else top.id},
        "root_post": {"id": top.id, "owner_id": top.author.id, "username": top.author.handle},
    }

"""Private messages as Meta's webhooks bring them: alike on Facebook and on Instagram."""

from __future__ import annotations

from typing import Any

from archiver.sandbox.meta.model import Event
from archiver.sandbox.meta.wire import unix


def message(event: Event, platform: str) -> tuple[str, dict[str, Any]] | None:
    """The account's id and one entry of ``messaging``; None for what is no message on that platform."""
    thing = event.thing
    if thing.platform != platform or thing.form != "message" or thing.whole is None or event.verb != "add":
        return None
    other = thing.whole.author if thing.author is thing.owner else thing.owner
    return thing.owner.id, {
        "sender": {"id": thing.author.id},
        "recipient": {"id": other.id},
        "timestamp": unix(event.at) * 1000,
        "message": {"mid": thing.id, "text": event.text},
    }

"""Subscriptions at a hub that pushes what is new (W3C WebSub): YouTube's channels.

The hub asks the callback whether the subscription is meant, and signs what it pushes with a secret of ours, so that
nobody else can push. A subscription ends by itself after a few days: it is made anew daily.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable
from urllib.parse import urlencode

from archiver.domain.exchange import PrivateParameter, RequestSpec

HUB_SECRET = "hub_secret"  # noqa: S105 - the secret's name
"""What the subscription's secret is held under; it is made of the receiver's own word, and nobody configures it."""
STREAM = "push"
LEASE_S = 5 * 86400


@runtime_checkable
class Subscribing(Protocol):
    """An adapter whose account can be subscribed to. ``topic`` is what the hub calls it, letter by letter."""

    @property
    def topic(self) -> str | None:
        """None as long as it is not known."""
        ...


def subscription(hub: str, topic: str, callback: str) -> RequestSpec:
    """The request to be told what is new (WebSub, section 5.1)."""
    form = {
        "hub.mode": "subscribe",
        "hub.topic": topic,
        "hub.callback": callback,
        "hub.verify": "async",
        "hub.lease_seconds": str(LEASE_S),
    }
    return RequestSpec(
        hub,
        STREAM,
        method="POST",
        body=urlencode(form).encode(),
        private=(PrivateParameter("hub.secret", f"{{{HUB_SECRET}}}"),),
    )

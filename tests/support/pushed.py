"""A platform that pushes, as long as it takes: Mastodon, and deliveries in Meta's layout on top.

As a program it is ``archiver`` with that platform: ``python -m tests.support.pushed listen --config …``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from archiver.domain.exchange import Exchange
from archiver.domain.item import Body, Form, Person
from archiver.domain.keys import Key
from archiver.domain.observation import GoneSeen, ItemSeen, Observation
from archiver.domain.task import FollowUp, TaskKind
from archiver.errors import ShapeChanged
from archiver.listener.signature import signature
from archiver.platforms import registry
from archiver.platforms.mastodon import MastodonAdapter

SECRET = "the-secret-of-the-city-s-application"
WORD = "the-word-of-the-handshake"
ADAPTER = "tests.support.pushed:PushedMastodon"
"""To be put into the registry in Mastodon's place."""
ANN = Person("110000000000000009", "ann@elsewhere.example", "Ann")


class PushedMastodon(MastodonAdapter):
    """Reads the comments of a delivery, and asks for the threads that they stand in."""

    def read(self, exchange: Exchange) -> Iterator[Observation]:
        """As Mastodon, and deliveries."""
        if exchange.stream != "push":
            yield from super().read(exchange)
            return
        for value in _values(exchange):
            key = Key(f"mastodon:{value['comment_id']}")
            if value["verb"] == "remove":
                yield GoneSeen(key, "webhook remove")
                continue
            yield ItemSeen(
                key, Form.POST, ANN, Body(text=value["message"]), datetime.fromtimestamp(value["created_time"], UTC),
                parent=Key(f"mastodon:{value['post_id']}"), thread=Key(f"mastodon:{value['post_id']}"),
            )  # fmt: skip

    def pushed(self, exchange: Exchange) -> tuple[FollowUp, ...]:
        """The threads of all comments."""
        return tuple(
            FollowUp(TaskKind.THREAD, key)
            for key in dict.fromkeys(f"mastodon:{value['post_id']}" for value in _values(exchange))
        )


def _values(exchange: Exchange) -> Iterator[dict[str, Any]]:
    try:
        body = json.loads(exchange.request_body or b"")
    except ValueError as error:
        raise ShapeChanged("A delivery is not JSON.") from error
    for entry in body["entry"]:
        if entry["id"] == exchange.subject:
            yield from (change["value"] for change in entry["changes"])


def comment(number: int, text: str = "I object", *, post: str = "113000000000000020", **more: Any) -> dict[str, Any]:
    """The value of a change: somebody has commented."""
    return {
        "item": "comment", "verb": "add", "comment_id": str(113_500_000_000_000_000 + number), "post_id": post,
        "message": text, "created_time": 1_795_300_000, **more,
    }  # fmt: skip


def entry(page: str, *values: dict[str, Any], time: int | None = None) -> dict[str, Any]:
    """What a delivery says about one page."""
    changes = [{"field": "feed", "value": value} for value in values]
    return {"id": page, "time": time or int(datetime.now(UTC).timestamp()), "changes": changes}


def delivery(*entries: dict[str, Any]) -> bytes:
    """The body of a delivery, in the spelling of Meta: slashes and everything beyond ASCII escaped."""
    return json.dumps({"object": "billboard", "entry": list(entries)}).replace("/", "\\/").encode()


def headers(body: bytes, secret: str = SECRET) -> dict[str, str]:
    """The header fields of a delivery, signed."""
    return {"Content-Type": "application/json", "X-Hub-Signature-256": signature(secret, body)}


if __name__ == "__main__":
    from archiver.cli.main import main

    registry._ADAPTERS["mastodon"] = ADAPTER
    main()

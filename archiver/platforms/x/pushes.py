"""What X's Activity API delivers: one event at a time, a post of which it shows all, or word of a removal.

Deliveries may repeat, get lost or come in any order; numbers have a twin as text; users may be wrapped once more. So an
event is a copy of words that may be gone a minute later, and a hint to look. That a post was deleted is believed
when X says so of its id (records rule R11: no event takes a record away).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from archiver.domain.exchange import Exchange
from archiver.domain.observation import Observation
from archiver.domain.parsing import parse_json
from archiver.domain.task import FollowUp, TaskKind
from archiver.errors import ShapeChanged
from archiver.platforms.x.answer import Answer
from archiver.platforms.x.fields import identifier, mapping, text
from archiver.platforms.x.ids import Names
from archiver.platforms.x.scene import Scene
from archiver.platforms.x.versions import records

POSTED = frozenset(
    {"post.create", "post.mention.create", "post.reply.create", "post.quote.create", "post.repost.create"}
)
DELETED = "post.delete"
_PAYLOAD = "/data/payload"


def event_of(body: bytes | None) -> Mapping[str, Any]:
    """The event of a delivery; raises ShapeChanged when it is none."""
    try:
        event = mapping(parse_json(body or b"")).get("data")
    except (ValueError, RecursionError) as error:
        raise ShapeChanged("X delivered something that is not JSON.") from error
    if not isinstance(event, dict):
        raise ShapeChanged("X delivered something that is no event.")
    return event


def read_push(names: Names, exchange: Exchange) -> Iterator[Observation]:
    """The posts that a delivery shows."""
    event = event_of(exchange.request_body)
    payload = mapping(event.get("payload"))
    if text(event.get("event_type")) not in POSTED or not payload:
        return
    shown = {"data": payload, "includes": mapping(event.get("includes"))}
    answer = replace(Answer.taken_apart(shown, exchange.url), data=((_PAYLOAD, payload),))
    yield from records(Scene.of(names, answer, None), answer.data, set())


def hints(names: Names, exchange: Exchange) -> tuple[FollowUp, ...]:
    """What to look at because of a delivery."""
    event = event_of(exchange.request_body)
    kind, payload = text(event.get("event_type")) or "", mapping(event.get("payload"))
    post_id = identifier(payload.get("id"))
    if kind == DELETED and post_id is not None:
        return (FollowUp(TaskKind.CONFIRM, names.post(post_id)),)
    return ()

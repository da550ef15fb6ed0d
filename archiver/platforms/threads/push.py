"""What Threads pushes: answers to the account's posts, mentions, its own new posts and its removals.

``{"app_id", "topic", "target_id", "time", "subscription_id", "values": {"value": {...}, "field": "replies"}}``; the
layout of Meta's other platforms is taken, too, and ``values`` as a list. ``target_id`` is the post or the account by no
rule; whose event it is, the owner in the value says. An event is the only copy of an answer that is deleted a minute
later.
Nothing is pushed when something is edited or hidden, or when somebody else deletes an answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from archiver.domain.exchange import Exchange
from archiver.domain.observation import OWN_ACCOUNT, GoneSeen, Observation
from archiver.domain.task import FollowUp, TaskKind
from archiver.platforms.meta.fields import flag, identifier, mapping, text
from archiver.platforms.meta.push import STREAM, Event, events_of
from archiver.platforms.threads.names import Names
from archiver.platforms.threads.posts import Place, post_id, root_of, sighting

__all__ = ["STREAM", "pushed", "read"]

REPLIES, MENTIONS, PUBLISH, DELETE = "replies", "mentions", "publish", "delete"
_TOLD = frozenset({"id", "username", "text", "media_type", "permalink", "shortcode", "timestamp"})


def read(names: Names, exchange: Exchange) -> Iterator[Observation]:
    """The observations of a delivery."""
    for event in _events(exchange):
        native_id = post_id(event.value)
        if native_id is None:
            continue
        if event.field == DELETE:
            yield GoneSeen(names.post(native_id), _basis(event))
        elif event.field in {REPLIES, MENTIONS, PUBLISH}:
            yield from _sighting(names, event)


def pushed(names: Names, exchange: Exchange) -> tuple[FollowUp, ...]:
    """What is to be fetched now: the thread of an answer, the list of mentions, and by itself what was published.

    A mention may not be shown by its id.
    """
    found: dict[FollowUp, None] = {}
    for event in _events(exchange):
        native_id, root = post_id(event.value), root_of(event.value)
        if native_id is None:
            continue
        if event.field == REPLIES and root is not None:
            found.setdefault(FollowUp(TaskKind.THREAD, names.post(root)))
        elif event.field == MENTIONS:
            found.setdefault(FollowUp(TaskKind.MENTIONS, ""))
        elif event.field in {REPLIES, PUBLISH}:
            found.setdefault(FollowUp(TaskKind.CONFIRM, names.post(native_id)))
    return tuple(found)


def _events(exchange: Exchange) -> Iterator[Event]:
    """The events about the account that the delivery is read for."""
    for event in events_of(replace(exchange, subject=None)):
        owner = _owner(event)
        whole = event.pointer.startswith("/values")
        account = owner if owner is not None or whole else event.account
        if exchange.subject is None or account is None or account == exchange.subject:
            yield event


def _owner(event: Event) -> str | None:
    """The id of the account whose post it is, or below whose post it stands."""
    for holder in (event.value.get("root_post"), event.value.get("owner"), event.value):
        found = mapping(holder)
        if owner := identifier(found.get("owner_id")):
            return owner
    return None


def _sighting(names: Names, event: Event) -> Iterator[Observation]:
    """What an event shows. It is how the post was when it was made, however late the event comes."""
    value = event.value
    root = mapping(value.get("root_post"))
    place = Place(own=event.field == PUBLISH, mention=event.field == MENTIONS, asked=_TOLD)
    seen = sighting(names, value, event.pointer, place)
    if seen is None or (event.field == PUBLISH and "text" not in value and flag(value.get("is_reply")) is None):
        return  # only the name of a post, which is fetched now
    owner = identifier(root.get("owner_id"))
    whose = OWN_ACCOUNT if names.is_own(text(root.get("username")), owner) else names.number(owner) if owner else None
    yield replace(
        seen,
        thread_author=seen.thread_author or whose,
        body=replace(seen.body, attachments=None, left_out=frozenset()),
        initial=True,
    )


def _basis(event: Event) -> str:
    at = text(event.value.get("deleted_at"))
    return f"webhook {DELETE}" + (f", deleted_at {at[:40]}" if at else "")

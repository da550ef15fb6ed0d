"""Deliveries of webhooks, taken apart: what is told of which account.

``{"object": "page", "entry": [{"id", "time", "changes": [{"field", "value"}]}]}``; messages come as ``messaging`` or
``standby`` in place of ``changes``; without "include values" as ``changed_fields``, or without ``value``. One delivery
may hold up to a thousand changes of several accounts, in any order, some of them twice. Instagram's ``comments`` may
also come with ``field`` and ``value`` right in the entry; Threads' have ``values`` in the delivery itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archiver.domain.exchange import Exchange
from archiver.domain.parsing import parse_json
from archiver.errors import ShapeChanged
from archiver.platforms.meta.fields import NOTHING, identifier, mapping, moment, objects, text

STREAM = "push"
MESSAGING = "messaging"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. ``field`` is the subscribed field, `MESSAGING` for messages.

    ``account`` is the platform's id of the page or account. ``value`` is empty where the delivery only says that
    something changed. ``sent_at`` is when the platform sent it. ``pointer`` leads to the value inside the body.
    """

    account: str | None
    field: str
    value: Mapping[str, Any]
    sent_at: datetime | None
    pointer: str
    topic: str | None = None


def events_of(exchange: Exchange) -> Iterator[Event]:
    """The events of a delivery, those of ``exchange.subject`` only where it names an account.

    Raises ShapeChanged when the body is no delivery.
    """
    try:
        body = parse_json(exchange.request_body or b"")
    except (ValueError, RecursionError) as error:
        raise ShapeChanged("A delivery is not JSON.") from error
    if not isinstance(body, dict):
        raise ShapeChanged("A delivery is not an object.")
    for event in _events(body):
        if exchange.subject is None or event.account is None or event.account == exchange.subject:
            yield event


def _events(body: Mapping[str, Any]) -> Iterator[Event]:
    topic = text(body.get("object")) or text(body.get("topic"))
    for pointer, entry in objects(body.get("entry"), "/entry"):
        account, sent_at = identifier(entry.get("id")), moment(entry.get("time"))
        for at, change in objects(entry.get("changes"), f"{pointer}/changes"):
            yield _change(account, change, sent_at, at, topic)
        for name in (MESSAGING, "standby"):
            for at, message in objects(entry.get(name), f"{pointer}/{name}"):
                yield Event(account, MESSAGING, message, moment(message.get("timestamp")) or sent_at, at, topic)
        if isinstance(entry.get("field"), str):
            yield _change(account, entry, sent_at, pointer, topic)
        names = entry.get("changed_fields")
        for name in names if isinstance(names, list) else ():
            if isinstance(name, str):
                yield Event(account, name, NOTHING, sent_at, pointer, topic)
    values = body.get("values")
    account, sent_at = identifier(body.get("target_id")), moment(body.get("time"))
    if isinstance(values, dict):
        yield _change(account, values, sent_at, "/values", topic)
    for at, change in objects(values, "/values"):
        yield _change(account, change, sent_at, at, topic)


def _change(
    account: str | None, change: Mapping[str, Any], sent_at: datetime | None, pointer: str, topic: str | None
) -> Event:
    value = mapping(change.get("value"))
    where = f"{pointer}/value" if isinstance(change.get("value"), dict) else pointer
    return Event(account, text(change.get("field")) or "", value, sent_at, where, topic)

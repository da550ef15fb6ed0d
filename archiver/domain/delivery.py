"""Whom a delivery is about: what can be told of a platform's push without knowing its content.

Three layouts of JSON are known: ``object`` with a list ``entry`` of things with ``id`` and ``time`` (Facebook,
Instagram), the same with the object ``threads``, and Threads' flat one with ``topic``, ``target_id`` and ``values``.
What is XML is YouTube's: an Atom feed with entries of a channel, or with tombstones (RFC 6721) by one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

_PLATFORMS = {"page": "facebook", "instagram": "instagram", "threads": "threads"}
SUBSCRIBED = frozenset({"youtube"})
"""Platforms whose deliveries are signed with the secret of an account's own subscription, not with an application's."""
_CHANNEL = re.compile(r"UC[A-Za-z0-9_-]{22}")
_CHANNEL_ID = "{http://www.youtube.com/xml/schemas/2015}channelId"
_BY = "{http://purl.org/atompub/tombstones/1.0}by/{http://www.w3.org/2005/Atom}uri"
_MILLISECONDS = 10**11
"""Unix times from here on are in milliseconds: in seconds it would be the year 5138."""


@dataclass(frozen=True, slots=True)
class Address:
    """Whom a delivery is about.

    ``platform`` None: it does not say. ``sent_at`` has, for each platform id that it names, when the platform sent the
    earliest of the entries about it (aware, UTC, whole seconds; None: not said). ``guessed``: the only id is that of
    what the delivery is about, which may be the account or a post of it.
    """

    platform: str | None = None
    sent_at: dict[str, datetime | None] = field(default_factory=dict)
    guessed: bool = False

    def concerns(self, platform: str, native_id: str | None) -> bool:
        """Whether something in it is about the account of that platform with that id."""
        return native_id in self.sent_at and self.platform in {None, platform}

    @property
    def one(self) -> str | None:
        """The only account that it surely names; None where there are several or none."""
        return next(iter(self.sent_at)) if len(self.sent_at) == 1 and not self.guessed else None


def address(body: bytes) -> Address:
    """Whom the body of a delivery is about. Never raises: what can't be read names nobody."""
    if body.lstrip()[:1] == b"<":
        return Address("youtube", dict.fromkeys(_channels(body)))
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return Address()
    if not isinstance(found, dict):
        return Address()
    platform = _PLATFORMS.get(str(found.get("object")))
    if "entry" not in found and "values" in found:
        platform = "threads"
    sent: dict[str, datetime | None] = {}
    for name, at in _named(found):
        before = sent.get(name)
        sent[name] = min(filter(None, (before, at)), default=None)
    target = _identifier(found.get("target_id"))
    if not sent and target is not None:
        return Address(platform, {target: _moment(found.get("time"))}, guessed=True)
    return Address(platform, sent)


def _channels(body: bytes) -> Iterator[str]:
    """The channels that a feed is about. A document that declares entities is nobody's: none that is meant does."""
    try:
        feed = ET.fromstring(body) if b"<!DOCTYPE" not in body else None  # noqa: S314 - no entities
    except (ET.ParseError, ValueError):  # not XML, or in an encoding that nobody has
        return
    for element in () if feed is None else (*feed.iter(_CHANNEL_ID), *feed.iterfind(f".//{_BY}")):
        name = (element.text or "").strip().rpartition("/")[2]
        if _CHANNEL.fullmatch(name):
            yield name


def _named(found: dict[str, Any]) -> Iterator[tuple[str, datetime | None]]:
    for entry in _objects(found.get("entry")):
        if (name := _identifier(entry.get("id"))) is not None:
            yield name, _moment(entry.get("time"))
    if "entry" in found:
        return
    for values in _objects(found.get("values")):
        value = values.get("value")
        for holder in (value.get("root_post"), value.get("owner"), value) if isinstance(value, dict) else ():
            if isinstance(holder, dict) and (name := _identifier(holder.get("owner_id"))) is not None:
                yield name, _moment(found.get("time"))


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """The objects in a list; an object that stands where a list should is one of its own."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield one


def _identifier(value: Any) -> str | None:
    """An id as text; platforms write some of them as numbers."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value) or None


def _moment(value: Any) -> datetime | None:
    """A unix time in seconds or milliseconds, as a number or as text."""
    try:
        number = int(value)
        return datetime.fromtimestamp(number // 1000 if abs(number) >= _MILLISECONDS else number, UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        return None

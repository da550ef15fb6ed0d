"""The channel's feed, and the pushes that tell of it (WebSub): the same Atom entries, and tombstones (RFC 6721).

Both are hints. A feed has the fifteen newest public videos and fails for hours at times; a push may be late, come twice
or never. An entry shows a video as it was then, so of a video that is known it says nothing. A tombstone means deleted
or made private: the API is asked which.
(https://developers.google.com/youtube/v3/guides/push_notifications)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from archiver.domain.exchange import Exchange
from archiver.domain.item import Body, Form, Metrics, Person
from archiver.domain.observation import ItemSeen
from archiver.domain.task import FollowUp, TaskKind
from archiver.platforms.links import links_in
from archiver.platforms.youtube.elements import Element, tree
from archiver.platforms.youtube.fields import counter, identifier, moment
from archiver.platforms.youtube.ids import Names, is_channel, watch_page
from archiver.platforms.youtube.people import in_address

_ATOM, _YT = "{http://www.w3.org/2005/Atom}", "{http://www.youtube.com/xml/schemas/2015}"
_MEDIA, _AT = "{http://search.yahoo.com/mrss/}", "{http://purl.org/atompub/tombstones/1.0}"
_VIDEO = "yt:video:"


@dataclass(frozen=True, slots=True)
class Entry:
    """A video in a feed. ``description`` is None in pushes. ``pointer`` is an XPath that does not mind namespaces."""

    video: str
    channel: str | None
    title: str | None
    description: str | None
    author: str | None
    published_at: datetime | None
    updated_at: datetime | None
    views: int | None
    pointer: str


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A video that was in a feed and is not any more: deleted, or made private."""

    video: str
    channel: str | None
    at: datetime | None


def entries_of(document: bytes) -> list[Entry | Tombstone]:
    """What a feed or a push tells, in its order. Raises ShapeChanged for what is neither."""
    feed = tree(document)
    found: list[Entry | Tombstone | None] = []
    places = {_ATOM + "entry": 0, _AT + "deleted-entry": 0}
    for element in feed.children:
        if element.name in places:
            places[element.name] += 1
            is_entry = element.name == _ATOM + "entry"
            found.append(_entry(element, places[element.name]) if is_entry else _tombstone(element))
    return [one for one in found if one is not None]


def read_feed(names: Names, document: bytes, *, of: str | None = None) -> Iterator[ItemSeen]:
    """The videos of a feed or a push as they were then; ``of``: only those of this channel."""
    for entry in entries_of(document):
        if isinstance(entry, Entry) and of in {None, entry.channel}:
            yield _seen(names, entry)


def hints(names: Names, exchange: Exchange) -> tuple[FollowUp, ...]:
    """The videos to look at because of a push, each once: new, changed, or not there any more."""
    of = names.account_id(exchange.subject) if exchange.subject else None
    found = (one for one in entries_of(exchange.request_body or b"") if of in {None, one.channel} or not one.channel)
    return tuple(dict.fromkeys(FollowUp(TaskKind.CONFIRM, names.thing(one.video)) for one in found))


def _seen(names: Names, entry: Entry) -> ItemSeen:
    key = names.thing(entry.video)
    author = Person(names.person(entry.channel), display_name=entry.author) if entry.channel else None
    description = entry.description
    return ItemSeen(
        key=key,
        form=Form.POST,
        author=author,
        body=Body(
            title=entry.title,
            text=description,
            links=links_in(description) if description is not None else None,
        ),
        created_at=entry.published_at,
        thread=key,
        thread_author=author.native_id if author else None,
        permalink=watch_page(entry.video),
        metrics=Metrics(views=entry.views) if entry.views is not None else None,
        pointer=entry.pointer,
        initial=True,
    )


def _entry(element: Element, place: int) -> Entry | None:
    video = element.words_at(_YT + "videoId") or _video(element.words_at(_ATOM + "id"))
    if video is None:
        return None
    channel = element.words_at(_YT + "channelId") or in_address(element.words_at(_ATOM + "author", _ATOM + "uri"))
    group = element.find(_MEDIA + "group")
    statistics = group.find(_MEDIA + "community", _MEDIA + "statistics") if group is not None else None
    return Entry(
        video=video,
        channel=channel if channel is not None and is_channel(channel) else None,
        title=element.words_at(_ATOM + "title"),
        description=_description(group),
        author=element.words_at(_ATOM + "author", _ATOM + "name"),
        published_at=moment(element.words_at(_ATOM + "published")),
        updated_at=moment(element.words_at(_ATOM + "updated")),
        views=counter(statistics.attributes.get("views")) if statistics is not None else None,
        pointer=f"//*[local-name()='entry'][{place}]",
    )


def _description(group: Element | None) -> str | None:
    """The words as they are: of a text inside of quotation, white space counts."""
    found = group.find(_MEDIA + "description") if group is not None else None
    return "".join(found.words) if found is not None else None


def _tombstone(element: Element) -> Tombstone | None:
    video = _video(element.attributes.get("ref"))
    if video is None:
        return None
    channel = in_address(element.words_at(_AT + "by", _ATOM + "uri") or element.words_at(_AT + "by", _AT + "uri"))
    return Tombstone(video, channel, moment(element.attributes.get("when")))


def _video(value: str | None) -> str | None:
    return identifier(value.removeprefix(_VIDEO)) if value and value.startswith(_VIDEO) else None

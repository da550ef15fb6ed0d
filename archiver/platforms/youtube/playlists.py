"""Playlists: their entries, and a playlist of the channel as a record with its videos as links.

The uploads playlist drops what is deleted or, for strangers, private. Other playlists keep a placeholder of it, which
says nothing of the video: whether that is gone, the look-up of videos tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from archiver.domain.exchange import Exchange
from archiver.domain.item import Body, Form, Link, Person
from archiver.domain.observation import ItemSeen, Observation
from archiver.platforms.fields import mapping, text
from archiver.platforms.youtube.fields import entries, following, identifier, moment
from archiver.platforms.youtube.ids import Names, playlist_page, watch_page
from archiver.platforms.youtube.routes import Route
from archiver.platforms.youtube.visibility import of_status

_PLACEHOLDERS = frozenset({"Deleted video", "Private video"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a playlist. ``listed_at`` is when it was put there, ``published_at`` when the video was published.

    ``privacy`` is ``public unlisted private privacyStatusUnspecified``. ``placeholder``: nothing but the id is shown.
    """

    video: str
    title: str | None
    listed_at: datetime | None
    published_at: datetime | None
    privacy: str | None
    placeholder: bool


def entries_of(exchange: Exchange) -> list[Entry]:
    """The entries on a page of a playlist, in its order; raises ShapeChanged when it is no such page."""
    return [found for _, item in entries(exchange) if (found := _entry(item)) is not None]


def playlist_seen(names: Names, playlist: Mapping[str, Any], pointer: str) -> Iterator[Observation]:
    """A playlist as a record: its title and its words. Its videos are in its own listing."""
    native_id, snippet = identifier(playlist.get("id")), mapping(playlist.get("snippet"))
    if native_id is None or not snippet:
        return
    channel = identifier(snippet.get("channelId"))
    shown = of_status(mapping(playlist.get("status")))
    record = _record(
        names,
        native_id,
        channel,
        text(snippet.get("channelTitle")),
        Body(
            title=text(snippet.get("title")),
            text=text(snippet.get("description")),
            lang=identifier(snippet.get("defaultLanguage")),
            visibility=shown.word,
        ),
        moment(snippet.get("publishedAt")),
        pointer,
    )
    yield replace(record, state=shown.state, cause=shown.cause)


def members_seen(names: Names, exchange: Exchange, route: Route) -> Iterator[Observation]:
    """The videos of a playlist as links of its record, in its order, from its first page alone.

    A longer playlist is shown in part. The uploads are no record: its videos are.
    """
    playlist = route.value("playlistId")
    if playlist is None or route.value("videoId") or not route.first_page or playlist.startswith("UU"):
        return
    found = [(entry, text(mapping(item.get("snippet")).get("channelId"))) for item, entry in _pairs(exchange)]
    links = tuple(dict.fromkeys(Link(watch_page(entry.video), title=_title(entry)) for entry, _ in found))
    channel = next((channel for _, channel in found if channel), None)
    partial = frozenset({"links"} if following(exchange) else ())
    yield _record(names, playlist, channel, None, Body(links=links, partial=partial), None, "")


def _record(
    names: Names,
    native_id: str,
    channel: str | None,
    channel_title: str | None,
    body: Body,
    created_at: datetime | None,
    pointer: str,
) -> ItemSeen:
    key = names.thing(native_id)
    owner = names.person(channel) if channel else None
    return ItemSeen(
        key=key,
        form=Form.PROFILE,
        author=Person(owner, display_name=channel_title) if owner else None,
        body=body,
        created_at=created_at,
        thread=key,
        thread_author=owner,
        permalink=playlist_page(native_id),
        pointer=pointer,
    )


def _pairs(exchange: Exchange) -> Iterator[tuple[Mapping[str, Any], Entry]]:
    for _, item in entries(exchange):
        entry = _entry(item)
        if entry is not None:
            yield item, entry


def _entry(item: Mapping[str, Any]) -> Entry | None:
    snippet, details = mapping(item.get("snippet")), mapping(item.get("contentDetails"))
    video = identifier(details.get("videoId")) or identifier(mapping(snippet.get("resourceId")).get("videoId"))
    if video is None:
        return None
    published_at, title = moment(details.get("videoPublishedAt")), text(snippet.get("title"))
    return Entry(
        video=video,
        title=title,
        listed_at=moment(snippet.get("publishedAt")),
        published_at=published_at,
        privacy=text(mapping(item.get("status")).get("privacyStatus")),
        placeholder=title in _PLACEHOLDERS and published_at is None and not mapping(snippet.get("thumbnails")),
    )


def _title(entry: Entry) -> str | None:
    return None if entry.placeholder else entry.title

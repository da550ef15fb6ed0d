"""A video as the archive's values. Title and description have no history: a change shows in the next look-up alone.

Of its files the API gives the picture, and subtitles where the owner asks (`captions`). The film itself is named before
them, so that it has its place when a download of the owner's brings it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archiver.domain.item import Attachment, Body, Form, Metrics, Person
from archiver.domain.observation import ItemSeen
from archiver.platforms.fields import flag, mapping, text
from archiver.platforms.links import links_in
from archiver.platforms.youtube.fields import counter, identifier, largest, moment, words
from archiver.platforms.youtube.ids import Names, watch_page
from archiver.platforms.youtube.visibility import of_status

Video = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stream:
    """What a video tells of its broadcast. ``phase`` is ``none upcoming live completed``.

    ``chat`` is the id of the chat, which there is only while people can write; moments are aware, UTC.
    """

    video: str
    phase: str
    chat: str | None
    scheduled_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None


def video_seen(names: Names, video: Video, pointer: str) -> Iterator[ItemSeen]:
    """The record that a video is; nothing of one whose answer holds only its id."""
    native_id, snippet = identifier(video.get("id")), mapping(video.get("snippet"))
    if native_id is None or not (snippet or mapping(video.get("status"))):
        return
    key, channel = names.thing(native_id), identifier(snippet.get("channelId"))
    author = Person(names.person(channel), display_name=text(snippet.get("channelTitle"))) if channel else None
    seen = of_status(mapping(video.get("status")))
    yield ItemSeen(
        key=key,
        form=Form.POST,
        author=author,
        body=_body(names, native_id, video, seen.word),
        created_at=moment(snippet.get("publishedAt")),
        thread=key,
        thread_author=author.native_id if author else None,
        permalink=watch_page(native_id),
        metrics=metrics_of(video),
        state=seen.state,
        cause=seen.cause,
        pointer=pointer,
    )


def stream_of(video: Video) -> Stream | None:
    """The broadcast of a video; None where it never was one (or the part was not asked for)."""
    native_id, details = identifier(video.get("id")), mapping(video.get("liveStreamingDetails"))
    if native_id is None or not details:
        return None
    ended_at = moment(details.get("actualEndTime"))
    phase = text(mapping(video.get("snippet")).get("liveBroadcastContent")) or "none"
    return Stream(
        video=native_id,
        phase="completed" if ended_at is not None else phase,
        chat=identifier(details.get("activeLiveChatId")),
        scheduled_at=moment(details.get("scheduledStartTime")),
        started_at=moment(details.get("actualStartTime")),
        ended_at=ended_at,
    )


def metrics_of(video: Video) -> Metrics | None:
    """The counts. Likes are missing where the owner hides them, comments where they are switched off."""
    statistics = mapping(video.get("statistics"))
    if not statistics:
        return None
    return Metrics(
        likes=counter(statistics.get("likeCount")),
        replies=counter(statistics.get("commentCount")),
        views=counter(statistics.get("viewCount")),
    )


def _body(names: Names, native_id: str, video: Video, visibility: str | None) -> Body:
    snippet = mapping(video.get("snippet"))
    description = text(snippet.get("description"))
    return Body(
        title=text(snippet.get("title")),
        text=description,
        visibility=visibility,
        lang=identifier(snippet.get("defaultLanguage")) or identifier(snippet.get("defaultAudioLanguage")),
        attachments=_files(names, native_id, snippet),
        links=links_in(description) if description is not None else None,
        tags=words(snippet.get("tags")),
        labels=tuple(_labels(video)) or None,
        partial=frozenset({"attachments"}),
    )


def _files(names: Names, native_id: str, snippet: Mapping[str, Any]) -> tuple[Attachment, ...] | None:
    if not snippet:
        return None
    return film(names, native_id), *(largest(snippet.get("thumbnails"), names.thumbnail(native_id)) or ())


def film(names: Names, native_id: str) -> Attachment:
    """The video file, which has no address of its own; its page shows it."""
    return Attachment("video", watch_page(native_id), source=names.film(native_id))


def _labels(video: Video) -> Iterator[str]:
    """What else YouTube says of it, in its own words."""
    stream = stream_of(video)
    if stream is not None:
        yield f"live:{stream.phase}"
    for part, name, label in _LABELS:
        value = mapping(video.get(part)).get(name)
        if isinstance(value, str) and value:
            yield f"{label}:{value}"
        elif flag(value):
            yield label


_LABELS = (
    ("contentDetails", "duration", "duration"),
    ("status", "privacyStatus", "privacy"),
    ("status", "publishAt", "scheduled"),
    ("status", "rejectionReason", "rejected"),
    ("status", "failureReason", "failed"),
    ("status", "license", "license"),
    ("status", "madeForKids", "made for kids"),
    ("status", "containsSyntheticMedia", "synthetic media"),
)

"""What the details of videos call for: to follow a live chat, to look for subtitles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zlib import crc32

from archiver.domain.task import FollowUp, Task, TaskKind
from archiver.platforms.youtube.fields import identifier
from archiver.platforms.youtube.ids import Names
from archiver.platforms.youtube.office import Office
from archiver.platforms.youtube.videos import Stream, Video, stream_of

EARLY = timedelta(minutes=15)
"""A chat is open before the stream begins; so long before it is looked for."""
GIVEN_UP = timedelta(days=7)
"""A stream that is so late does not come."""
TRACKS_OF_NEWEST = 10
"""Subtitles of so many of the newest videos are looked for with every walk over the uploads."""
TRACKS_A_DAY = 5
"""And of so many others each day: one look costs fifty units, each new track two hundred."""
CYCLE_DAYS = 28
"""In so many days each of the others had its turn, at least."""


def pursued(office: Office, task: Task, shown: Sequence[Video], place: int, total: int) -> list[FollowUp]:
    """The tasks that some videos call for. ``place`` is that of the first in the listing, ``total`` how many it has."""
    found: list[FollowUp] = []
    for number, video in enumerate(shown, start=place):
        native_id, stream = identifier(video.get("id")), stream_of(video)
        if native_id is None:
            continue
        found += chat_of(office.names, task, video)
        if office.owner and not _is_ahead(stream) and _has_its_turn(task, native_id, number, total):
            found.append(FollowUp(TaskKind.CAPTIONS, office.names.thing(native_id)))
    return found


def chat_of(names: Names, task: Task, video: Video) -> Iterator[FollowUp]:
    """A stream that goes on or is to come; one that is over only if it began lately, so that its chat was missed."""
    stream = stream_of(video)
    if stream is None:
        return
    key = names.thing(stream.video)
    if is_given_up(stream, task.started_at):
        return
    if stream.chat is not None or stream.phase == "live":
        begins = stream.scheduled_at if stream.phase == "upcoming" else None
        yield FollowUp(TaskKind.CHAT, key, begins - EARLY if begins is not None and begins > task.started_at else None)
    elif stream.phase == "upcoming":
        if stream.scheduled_at is not None:  # else it is called for when it has begun
            yield FollowUp(TaskKind.CHAT, key, stream.scheduled_at - EARLY)
    elif _was_missed(task, stream):
        yield FollowUp(TaskKind.CHAT, key)


def is_given_up(stream: Stream, now: datetime) -> bool:
    """Whether it is so late that it does not come; it is called for again should it begin after all."""
    return stream.phase == "upcoming" and stream.scheduled_at is not None and now > stream.scheduled_at + GIVEN_UP


def _was_missed(task: Task, stream: Stream) -> bool:
    return stream.started_at is not None and task.since is not None and stream.started_at >= task.since


def _is_ahead(stream: Stream | None) -> bool:
    """Whether it is a stream that is not over: subtitles come after it."""
    return stream is not None and stream.phase in {"live", "upcoming"}


def _has_its_turn(task: Task, video: str, number: int, total: int) -> bool:
    """Whether subtitles are looked for: of the newest always, of each other one on one day of a cycle."""
    if number < TRACKS_OF_NEWEST:
        return True
    cycle = max(CYCLE_DAYS, total // TRACKS_A_DAY)
    return (crc32(video.encode()) + task.started_at.toordinal()) % cycle == 0

"""The table of the channel's videos: titles, times, who may see them. Its titles of columns are in any language.

(Columns as of 2026: Video ID, Approx Duration (ms), …, Channel ID, Video Title (Original), …, Privacy, Video State,
Video Create Timestamp, Video Publish Timestamp.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from archiver.domain.account import Account
from archiver.domain.item import Body, Form, Person
from archiver.domain.observation import ItemSeen
from archiver.platforms.links import links_in
from archiver.platforms.youtube.ids import Names, is_channel, is_video, watch_page
from archiver.platforms.youtube.videos import film
from archiver.platforms.youtube.visibility import of_status
from archiver.takeouts.google.shapes import Row, first, is_time, moment
from archiver.takeouts.google.tables import Line, lines, titles
from archiver.takeouts.protocol import Files

TITLE = re.compile(r"t[iíy]t", re.IGNORECASE)  # title, Titel, título, titre, titolo, tytuł
_ID = re.compile(r"\bid\b", re.IGNORECASE)
_DESCRIPTION = re.compile(r"descri|beschreib|beskriv|opis", re.IGNORECASE)
_PRIVACY = re.compile(r"privacy|visibility", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", re.ASCII)
_DURATION = re.compile(r"[0-9]{3,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Video:
    """A row of the table. ``published_at`` is the later of its times: that of its making, where it never was public."""

    id: str
    line: Line
    title: str | None
    description: str | None
    duration: timedelta | None
    channel: str | None
    privacy: str | None
    published_at: datetime | None


def videos_in(files: Files, path: str) -> Iterator[Video]:
    """The videos of a table, in its order. Raises Unreadable where the table breaks off."""
    head = titles(files, path)
    for line in lines(files, path):
        video = _video(head, line)
        if video is not None:
            yield video


def video_seen(account: Account, video: Video) -> ItemSeen:
    """The record that a row shows: with its film, wherever that is."""
    names = Names.of(account)
    key = names.thing(video.id)
    author = Person(names.person(video.channel)) if video.channel else None
    shown = of_status({"privacyStatus": video.privacy})
    return ItemSeen(
        key=key,
        form=Form.POST,
        author=author,
        body=Body(
            title=video.title,
            text=video.description,
            visibility=shown.word,
            attachments=(film(names, video.id),),
            links=links_in(video.description) if video.description is not None else None,
            partial=frozenset({"attachments"}),
        ),
        created_at=video.published_at,
        thread=key,
        thread_author=author.native_id if author else None,
        permalink=watch_page(video.id),
        state=shown.state,
        cause=shown.cause,
    )


def _video(head: Row, line: Line) -> Video | None:
    row = line.row
    named = [value for title, value in zip(head, row, strict=False) if _ID.search(title) and is_video(value)]
    native_id = named[0] if named else first(row, is_video)
    if native_id is None:
        return None
    times = [when for value in row if is_time(value) and (when := moment(value)) is not None]
    duration = first(row, lambda value: _DURATION.fullmatch(value) is not None)
    description, privacy = under(head, row, _DESCRIPTION), under(head, row, _PRIVACY)
    return Video(
        id=native_id,
        line=line,
        title=under(head, row, TITLE),
        description=None if description is None or _LANGUAGE.fullmatch(description) else description,
        duration=timedelta(milliseconds=int(duration)) if duration else None,
        channel=first(row, is_channel),
        privacy=privacy.lower() if privacy else None,
        published_at=max(times, default=None),
    )


def under(head: Row, row: Row, title: re.Pattern[str]) -> str | None:
    """The value in the first column of such a title; the column of its language stands behind it."""
    return next((value for name, value in zip(head, row, strict=False) if title.search(name)), None)

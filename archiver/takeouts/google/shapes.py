"""What a value in a table is, by its form, and what a table holds, by its values."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum

from archiver.platforms.youtube.ids import is_channel, is_comment, is_post, is_video

Row = Sequence[str]
Fits = Callable[[str], bool]
"""A test of a value: one of this module, or of YouTube's ids."""

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", re.ASCII)
_SEGMENTS = re.compile(r"\s*\[?\s*\{\s*\"")
_FEWEST_COLUMNS_OF_A_VIDEO = 9
_COLUMNS_OF_A_MESSAGE = 6
_FEWEST_COLUMNS_OF_A_CHANNEL = 3


class Table(StrEnum):
    """What the rows of a table are."""

    COMMENTS = "comments"
    MESSAGES = "live chats"
    POSTS = "posts"
    VIDEOS = "videos"
    CHANNEL = "channel"


def table_of(row: Row) -> Table | None:
    """What a table holds, by one of its rows; None for anything else, the row of titles too."""
    channels, times = _having(row, is_channel), _having(row, is_time)
    texts, videos = _having(row, is_text), _having(row, is_video)
    if not channels:
        return None
    if times and texts:
        if not videos and _having(row, is_post) and comment_in(row) is None:
            return Table.POSTS
        if len(row) == _COLUMNS_OF_A_MESSAGE and videos:
            return Table.MESSAGES
        return Table.COMMENTS if comment_in(row) is not None else None
    if times:
        return Table.VIDEOS if videos and len(row) >= _FEWEST_COLUMNS_OF_A_VIDEO else None
    alone = len(channels) == 1 and not videos and len(row) >= _FEWEST_COLUMNS_OF_A_CHANNEL
    led_to = any("://" in value for value in row)  # subscriptions and addresses name channels, too
    return Table.CHANNEL if alone and not led_to else None


def comment_in(row: Row) -> str | None:
    """The comment that a row is about: of an answer and the comment above it the answer, which has the longer id."""
    found = [value for value in row if is_comment(value)]
    return max(found, key=len, default=None)


def first(row: Row, fits: Fits) -> str | None:
    """The first value of a row that has a shape."""
    return next((value for value in row if fits(value)), None)


def text_in(row: Row) -> str:
    """The text of a row: what is written as one, else the only value that is nothing else; empty where none is."""
    written = first(row, is_text)
    if written is not None:
        return written
    others = [value for value in row if value and not _is_known(value)]
    return others[0] if len(others) == 1 else ""


def is_text(value: str) -> bool:
    """Whether it is a text as Takeout writes it: one or more JSON objects."""
    return _SEGMENTS.match(value) is not None


def is_time(value: str) -> bool:
    """Whether it is a time that can be read."""
    return moment(value) is not None


def moment(value: str) -> datetime | None:
    """A time as aware UTC: ``2026-11-10T04:30:00.123456+00:00``, or without an offset, which is UTC then."""
    if not _TIME.match(value):
        return None
    try:
        when = datetime.fromisoformat(value.removesuffix(" UTC"))
        return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _is_known(value: str) -> bool:
    return any(fits(value) for fits in (is_channel, is_comment, is_video, is_post, is_time, str.isdigit))


def _having(row: Row, fits: Fits) -> list[str]:
    return [value for value in row if fits(value)]

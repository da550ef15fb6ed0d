"""What there is on the city's channels: videos, playlists, comments, captions and the chat of a stream.

Channels are the city's `Person`, residents as well: names, renamings and closed accounts are those of the other
platforms. What a caller sees of it is decided in ``seen``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from archiver.sandbox.images import Picture
from archiver.sandbox.model import Person

YOUTUBE = "youtube"


class Privacy(StrEnum):
    """Who may see a video or a playlist."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"


class Moderation(StrEnum):
    """What the channel, or the platform for it, thinks of a comment."""

    PUBLISHED = "published"
    HELD = "heldForReview"
    SPAM = "likelySpam"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Wording:
    """What a video says of itself from ``at`` on."""

    at: datetime
    title: str
    description: str
    thumbnail: Picture
    tags: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Video:
    """A video or a stream.

    ``uploaded_at`` is its place in the list of uploads, ``published_at`` when it became public (before that: when it
    was uploaded), ``publish_at`` when a private one shall become so. ``comments_off``: switched off by the channel.
    ``live``: it is, was or will be a stream. ``extra_comments`` are counted and never listed.
    """

    id: str
    channel: Person
    uploaded_at: datetime
    published_at: datetime
    wordings: list[Wording]
    privacy: Privacy = Privacy.PUBLIC
    publish_at: datetime | None = None
    duration_s: int = 600
    comments: list[Comment] = field(default_factory=list)
    captions: list[Caption] = field(default_factory=list)
    comments_off: bool = False
    likes: int | None = 0
    views: int = 0
    extra_comments: int = 0
    live: Broadcast | None = None
    gone_at: datetime | None = None
    number: int = 0

    @property
    def key(self) -> str:
        """The name under which an archive holds it."""
        return f"{YOUTUBE}:{self.id}"

    @property
    def latest(self) -> Wording:
        """What it says of itself now."""
        return self.wordings[-1]


@dataclass(frozen=True, slots=True)
class Words:
    """What a comment says from ``at`` on."""

    at: datetime
    text: str


@dataclass(slots=True, eq=False)
class Comment:
    """A comment below a video, or an answer to one (``parent``; all answers are of one level).

    ``shadowed``: counted and never listed, with no word why. ``picture``: attached to it.
    """

    id: str
    video: Video
    author: Person
    published_at: datetime
    words: list[Words]
    parent: Comment | None = None
    replies: list[Comment] = field(default_factory=list)
    moderation: Moderation = Moderation.PUBLISHED
    likes: int = 0
    picture: Picture | None = None
    shadowed: bool = False
    gone_at: datetime | None = None
    number: int = 0

    @property
    def key(self) -> str:
        """The name under which an archive holds it."""
        return f"{YOUTUBE}:{self.id}"

    @property
    def text(self) -> str:
        """What it says now."""
        return self.words[-1].text

    @property
    def updated_at(self) -> datetime:
        """When it was last edited; when it was published, if never."""
        return self.words[-1].at


@dataclass(slots=True, eq=False)
class Caption:
    """A track of subtitles; ``cues`` are second of begin, second of end, words."""

    id: str
    video: Video
    language: str
    cues: tuple[tuple[float, float, str], ...]
    updated_at: datetime
    name: str = ""
    kind: str = "standard"
    draft: bool = False
    gone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A video's place in a playlist."""

    id: str
    video: Video
    added_at: datetime


@dataclass(slots=True, eq=False)
class Playlist:
    """An ordinary playlist; the one of uploads is made from the videos."""

    id: str
    channel: Person
    created_at: datetime
    title: str
    description: str
    entries: list[Entry] = field(default_factory=list)
    privacy: Privacy = Privacy.PUBLIC
    gone_at: datetime | None = None

    @property
    def key(self) -> str:
        """The name under which an archive holds it."""
        return f"{YOUTUBE}:{self.id}"


@dataclass(slots=True, eq=False)
class ChatMessage:
    """One entry of a chat. ``kind`` is the platform's word; ``facts`` are its details, by the platform's names.

    ``removed_at``: what it said is taken back, and a tombstone stands in its place.
    """

    id: str
    kind: str
    author: Person | None
    at: datetime
    text: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    removed_at: datetime | None = None

    @property
    def key(self) -> str:
        """The name under which an archive holds it."""
        return f"{YOUTUBE}:{self.id}"


@dataclass(slots=True, eq=False)
class Broadcast:
    """The stream of a video. ``chat_open``: people may write; ``drained``: a caller was told that it is over."""

    chat_id: str
    scheduled_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    viewers: int = 0
    chat_open: bool = True
    messages: list[ChatMessage] = field(default_factory=list)
    drained: bool = False

    @property
    def state(self) -> str:
        """``liveBroadcastContent``."""
        if self.ended_at is not None:
            return "none"
        return "live" if self.started_at is not None else "upcoming"


@dataclass(frozen=True, slots=True)
class Event:
    """Something of which the hub tells its subscribers: ``verb`` is ``change`` or ``remove``."""

    at: datetime
    verb: str
    video: Video

"""A normalized post, comment or profile, and the values it is made of.

None means that the platform did not return the field (records rule R3); an empty text is ``""``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from archiver.domain.keys import Key


class Form(StrEnum):
    """What a platform calls the thing; its kind follows from whose it is and what it answers."""

    POST = "post"
    SHARE = "share"
    PROFILE = "profile"
    STORY = "story"
    MESSAGE = "message"
    REVIEW = "review"
    CHAT = "chat"


class Kind(StrEnum):
    """The officer's word for a record (design 5.4)."""

    POST = "post"
    COMMENT = "comment"
    REPLY = "reply"
    SHARE = "share"
    QUOTE = "quote"
    MENTION = "mention"
    STORY = "story"
    MESSAGE = "message"
    REVIEW = "review"
    CHAT = "chat"
    PROFILE = "profile"


class State(StrEnum):
    """What is known of a record's visibility."""

    LIVE = "live"
    HIDDEN = "hidden"
    GONE = "gone"
    DISPOSED = "disposed"


class Cause(StrEnum):
    """Why, where a source proves it (records rule R7)."""

    BY_CITY = "by_city"
    BY_AUTHOR = "by_author"
    BY_PLATFORM = "by_platform"
    HELD_FOR_REVIEW = "held_for_review"
    AUTHOR_PROTECTED = "author_protected"
    OWNER_PRIVATE = "owner_private"
    AUTHOR_SUSPENDED = "author_suspended"
    ACCOUNT_CLOSED = "account_closed"


@dataclass(frozen=True, slots=True)
class Person:
    """An author as shown at one capture. ``native_id`` is permanent, the rest may change."""

    native_id: str
    handle: str | None = None
    display_name: str | None = None
    avatar: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture, video, sound or file. ``source`` is its permanent name at the platform (Bluesky: ``blob:DID/CID``)."""

    kind: str
    url: str
    source: str | None = None
    alt_text: str | None = None
    mime: str | None = None
    width: int | None = None
    height: int | None = None

    @property
    def identity(self) -> str:
        """What the media task asks for: the permanent name, else the address."""
        return self.source or self.url


@dataclass(frozen=True, slots=True)
class Link:
    """A link in the text, or a link card (``card``). ``expanded`` is where a shortened one leads."""

    url: str
    expanded: str | None = None
    title: str | None = None
    card: bool = False


@dataclass(frozen=True, slots=True)
class PollOption:
    """One answer of a poll; ``votes`` as counted at that capture."""

    title: str
    votes: int | None = None


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll as it stood at one capture."""

    options: tuple[PollOption, ...]
    closes_at: datetime | None = None
    multiple: bool | None = None


@dataclass(frozen=True, slots=True)
class Metrics:
    """Counts as the platform stated them; None where it stated none.

    ``reactions`` says of how many kinds the likes are, in the platform's words and order: ``(("love", 6), …)``.
    """

    likes: int | None = None
    replies: int | None = None
    shares: int | None = None
    views: int | None = None
    reactions: tuple[tuple[str, int], ...] | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """What an edit can change. ``markup`` is the text as received when the platform sends HTML.

    ``partial`` names fields that this source shows only in part (a cut list of pictures), so that more of them
    later is detail and no edit. ``left_out`` names texts that this source was asked for and leaves out where they are
    empty: a record that had one before was emptied by an edit; of any other nothing is known.
    """

    text: str | None = None
    title: str | None = None
    markup: str | None = None
    content_warning: str | None = None
    visibility: str | None = None
    lang: str | None = None
    edited_at: datetime | None = None
    attachments: tuple[Attachment, ...] | None = None
    links: tuple[Link, ...] | None = None
    poll: Poll | None = None
    quotes: Key | None = None
    tags: tuple[str, ...] | None = None
    labels: tuple[str, ...] | None = None
    partial: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()


def facets_of(body: Body) -> dict[str, object]:
    """The parts of a body whose change is an edit; volatile parts (votes, cards, labels) are left out.

    Texts are as rows hold them (``clean``), so that a digest can be checked against an export.
    """
    facets: dict[str, object] = {
        "text": _clean(body.text),
        "title": _clean(body.title),
        "content_warning": _clean(body.content_warning),
        "visibility": body.visibility,
        "quotes": body.quotes,
    }
    if body.attachments is not None:
        facets["attachments"] = [[a.kind, clean(a.identity), _clean(a.alt_text)] for a in body.attachments]
    if body.links is not None:
        facets["links"] = [clean(link.url) for link in body.links if not link.card]
    if body.poll is not None:
        facets["poll"] = [clean(option.title) for option in body.poll.options]
    return {name: value for name, value in facets.items() if value is not None}


def canonical(facets: Mapping[str, Any]) -> str:
    """The canonical JSON that a digest is taken of: members sorted, no spaces, ASCII."""
    return _encode(facets)


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode  # made once: it costs more than a text


def digest_of_facets(facets: Mapping[str, Any]) -> str:
    """SHA-256, hex, over the canonical JSON of what an edit can change."""
    return hashlib.sha256(canonical(facets).encode()).hexdigest()


def digest_of(body: Body) -> str:
    """The digest of a body that is complete in itself."""
    return digest_of_facets(facets_of(body))


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """A text as rows and exports hold it: NUL and lone surrogates become U+FFFD (design 5.4)."""
    return _UNSTORABLE.sub("\ufffd", text)


def _clean(text: str | None) -> str | None:
    return None if text is None else clean(text)

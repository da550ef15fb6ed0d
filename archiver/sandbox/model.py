"""What the city is made of: people, what they said, and each state it was in.

One model serves both platforms; how it looks in their answers is decided by ``bluesky_records``, ``bluesky_views`` and
``mastodon_entities``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from archiver.sandbox.images import Picture

BLUESKY = "bluesky"
MASTODON = "mastodon"


class Standing(StrEnum):
    """The state of somebody's account at the platform."""

    ACTIVE = "active"
    DEACTIVATED = "deactivated"
    TAKEN_DOWN = "takendown"  # Mastodon calls it suspended
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class ProfileVersion:
    """A profile as it stood from ``at`` on."""

    at: datetime
    display_name: str
    description: str
    avatar: Picture | None = None


@dataclass(slots=True, eq=False)
class Person:
    """An account at a platform, of the city or of a resident.

    ``id`` is permanent (a DID; a Mastodon account id). ``domain`` is the home server of a Mastodon account
    elsewhere. ``hides_from_public`` is Bluesky's self-label ``!no-unauthenticated``. ``handle_valid`` False shows
    ``handle.invalid``. ``concerned`` are other people's posts that answer, name, quote or repeat this one's.
    """

    platform: str
    id: str
    handle: str
    joined_at: datetime
    official: bool = False
    domain: str | None = None
    standing: Standing = Standing.ACTIVE
    profiles: list[ProfileVersion] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    concerned: list[Post] = field(default_factory=list)
    pinned: list[Post] = field(default_factory=list)
    blocks: set[str] = field(default_factory=set)
    follows: set[str] = field(default_factory=set)
    followers: int = 0
    hides_from_public: bool = False
    handle_valid: bool = True
    moved_to: Person | None = None
    serial: int = 0
    profile_indexed_at: datetime | None = None

    @property
    def profile(self) -> ProfileVersion:
        """The profile as it stands."""
        return self.profiles[-1]

    @property
    def active(self) -> bool:
        """Whether the platform shows this account's content."""
        return self.standing is Standing.ACTIVE


@dataclass(frozen=True, slots=True)
class Card:
    """A link card; it appears some seconds after posting on Mastodon (``from_at``)."""

    url: str
    title: str
    description: str
    from_at: datetime | None = None


@dataclass(slots=True)
class PollQuestion:
    """A Mastodon poll; ``votes`` per option."""

    id: str
    options: tuple[str, ...]
    votes: list[int]
    closes_at: datetime
    multiple: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """What a post said from ``at`` on (the author's clock)."""

    at: datetime
    text: str
    pictures: tuple[Picture, ...] = ()
    content_warning: str = ""
    lang: str | None = "en"


@dataclass(slots=True, eq=False)
class Post:
    """A post, an answer, or a share (``shares`` set, then the text is the other's).

    ``id`` is the native id (at-URI; Mastodon id), ``seen_at`` when the server first had it, ``number`` its place among
    all posts of the city. ``parent_version`` and ``root_version`` say which versions it answers. ``breaks_gate``: the
    answer violates the root's rule and is in no thread. ``detached``: the quoted author cut the quote off.
    ``undelivered``: the city's server does not have it (yet). ``removed_by_admin``: its home hides it, the views still
    have it.
    """

    platform: str
    id: str
    key: str
    author: Person
    created_at: datetime
    seen_at: datetime
    versions: list[Version]
    parent: Post | None = None
    root: Post | None = None
    parent_version: int = 0
    root_version: int = 0
    quote: Post | None = None
    quote_version: int = 0
    shares: Post | None = None
    replies: list[Post] = field(default_factory=list)
    quotes: list[Post] = field(default_factory=list)
    shared_by: list[Post] = field(default_factory=list)
    mentions: tuple[Person, ...] = ()
    tags: tuple[str, ...] = ()
    hidden_tags: tuple[str, ...] = ()
    card: Card | None = None
    poll: PollQuestion | None = None
    visibility: str = "public"
    labels: tuple[str, ...] = ()
    likes: int = 0
    extra_shares: int = 0
    extra_replies: int = 0
    gone_at: datetime | None = None
    hidden: bool = False
    detached: bool = False
    breaks_gate: bool = False
    removed_by_admin: bool = False
    undelivered: bool = False
    date_style: int = 0
    indexed_at: datetime | None = None
    quote_state: str = "accepted"
    number: int = 0
    cids: dict[int, str] = field(default_factory=dict)

    @property
    def latest(self) -> Version:
        """What it says now."""
        return self.versions[-1]

    @property
    def gone(self) -> bool:
        """Whether its author (or the server) removed it."""
        return self.gone_at is not None

    @property
    def available(self) -> bool:
        """Whether the platform gives it out when asked for it by its id."""
        return not self.gone and self.author.active

    @property
    def top(self) -> Post:
        """The root of its thread; itself when it answers nothing."""
        return self.root or self


@dataclass(slots=True, eq=False)
class Gate:
    """A Bluesky threadgate: who may answer below ``post`` (None: everybody), and what the city has hidden there."""

    post: Post
    made_at: datetime
    allow: tuple[str, ...] | None = None
    hidden: list[Post] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class QuoteGate:
    """A Bluesky postgate: the quotes of ``post`` that its author has cut off."""

    post: Post
    made_at: datetime
    detached: list[Post] = field(default_factory=list)
    closed: bool = False

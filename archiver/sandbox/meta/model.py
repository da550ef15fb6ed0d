"""What stands on the pages and profiles of Meta's platforms: one class for all of it.

People are the city's `Person`, so that names, renamings and suspensions are those of the other platforms. A `Thing`
is whatever has an id and an author: a post, a comment, a photo, a story, a message. Which of its members a platform
shows is the business of that platform's schema.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from archiver.sandbox.images import Picture
from archiver.sandbox.model import Person, Version

FACEBOOK = "facebook"
INSTAGRAM = "instagram"
THREADS = "threads"
META = frozenset({FACEBOOK, INSTAGRAM, THREADS})


@dataclass(slots=True, eq=False)
class Thing:
    """Something that was published, said or sent.

    ``form`` is the platform's word for it (``post comment photo album video reel live event story conversation
    message review media``). ``owner`` is the city account on whose page or profile it stands, ``author`` who made it.
    ``parent`` is what a comment answers, ``root`` the post, photo or video that it stands below (None for a root).
    ``parts``: photos of a post or an album, children of a carousel, messages of a conversation. ``whole``: the other
    way round. ``twin``: a second object for the same thing (the photo of a post with one photo, the video of a
    broadcast): one thread under two ids.

    ``hidden``: the city hides it. ``private``: only its author and the city see it. ``unlisted``: counted, and never
    listed (a filter of the platform keeps it). ``nameless``: ``from`` is left out for everybody.
    ``touched_at`` is ``updated_time``: an edit or a comment. ``expires_at``: stories. ``published`` False: a draft, or
    scheduled. ``facts`` are details that one form alone has, by the platform's own names.
    """

    platform: str
    id: str
    form: str
    owner: Person
    author: Person
    created_at: datetime
    versions: list[Version]
    touched_at: datetime
    number: int = 0
    parent: Thing | None = None
    root: Thing | None = None
    replies: list[Thing] = field(default_factory=list)
    parts: list[Thing] = field(default_factory=list)
    whole: Thing | None = None
    twin: Thing | None = None
    shares: Thing | None = None
    mentions: tuple[Person, ...] = ()
    hidden: bool = False
    private: bool = False
    unlisted: bool = False
    nameless: bool = False
    published: bool = True
    gone_at: datetime | None = None
    expires_at: datetime | None = None
    reactions: dict[str, int] = field(default_factory=dict)
    shared: int = 0
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The name under which an archive holds it: ``platform:id``."""
        return f"{self.platform}:{self.id}"

    @property
    def latest(self) -> Version:
        """What it says now."""
        return self.versions[-1]

    @property
    def text(self) -> str:
        """The present text."""
        return self.versions[-1].text

    @property
    def picture(self) -> Picture | None:
        """The first file that it shows now."""
        pictures = self.versions[-1].pictures
        return pictures[0] if pictures else None

    @property
    def top(self) -> Thing:
        """The root of its thread; itself when it answers nothing."""
        return self.root or self

    @property
    def number_of(self) -> str:
        """The last part of its id: what stays the same whatever stands before it."""
        return self.id.rsplit("_", 1)[-1]

    def available(self, now: datetime) -> bool:
        """Whether the platform gives it out when asked by its id: it, all above it, and what it is a part of."""
        thing: Thing | None = self
        while thing is not None:
            if thing.gone_at is not None or not thing.author.active:
                return False
            if thing.expires_at is not None and thing.expires_at <= now:
                return False
            thing = thing.parent or thing.whole
        return True


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a thing: what a webhook tells. ``text`` is what it said just then."""

    at: datetime
    verb: str
    thing: Thing
    text: str

"""What is said on X: posts with all their versions, and the files that belong to them.

People are the city's `Person`, so that names, renamings and suspensions are those of the other platforms.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from archiver.sandbox.images import Picture
from archiver.sandbox.model import Person, PollQuestion

X = "x"


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere that a post is from."""

    id: str
    name: str
    full_name: str
    country: str = "United States"
    country_code: str = "US"
    place_type: str = "city"


@dataclass(frozen=True, slots=True)
class Withheld:
    """A post that X keeps from readers in some countries; ``copyright``: because somebody claims it."""

    country_codes: tuple[str, ...]
    copyright: bool = False


@dataclass(frozen=True, slots=True)
class Media:
    """A file of a post. ``key`` is X's media key (``3_…`` photo, ``7_…`` video, ``16_…`` animated gif).

    ``name`` stands in its addresses. ``small`` is what these give where nothing better is asked for; of a video it is
    the picture shown before it plays.
    """

    key: str
    kind: str
    name: str
    picture: Picture
    small: Picture


@dataclass(frozen=True, slots=True)
class Wording:
    """One version of a post: it has a number of its own.

    ``text`` is what the author typed, in whole, with addresses as they are; the first ``shown_from`` letters are the
    names put in front of an answer. ``named``: who stands behind a name in it, ``handle`` how the author was called
    (names change, texts do not).
    """

    id: str
    at: datetime
    text: str
    handle: str
    shown_from: int = 0
    media: tuple[Media, ...] = ()
    named: tuple[tuple[str, Person], ...] = ()
    lang: str = "en"


@dataclass(slots=True, eq=False)
class XPost:
    """A post, an answer, a quote, or a repost (``shares`` set). Its first version's number names the record.

    ``hidden``: the author of the conversation hides it, which no answer tells. ``ranked_down``: by its id alone, in no
    search and no list of others. ``editable_until``: None where no edit is possible. ``unseen_replies`` are counted,
    and nobody can find them.
    """

    author: Person
    versions: list[Wording]
    parent: XPost | None = None
    root: XPost | None = None
    quote: XPost | None = None
    shares: XPost | None = None
    replies: list[XPost] = field(default_factory=list)
    quotes: list[XPost] = field(default_factory=list)
    reposts: list[XPost] = field(default_factory=list)
    poll: PollQuestion | None = None
    place: Place | None = None
    withheld: Withheld | None = None
    community: str | None = None
    card: str | None = None
    reply_settings: str = "everyone"
    sensitive: bool = False
    likes: int = 0
    views: int = 0
    unseen_replies: int = 0
    hidden: bool = False
    ranked_down: bool = False
    gone_at: datetime | None = None
    editable_until: datetime | None = None

    @property
    def id(self) -> str:
        """The number of its first version, which stays."""
        return self.versions[0].id

    @property
    def latest(self) -> Wording:
        """What it says now."""
        return self.versions[-1]

    @property
    def key(self) -> str:
        """The name under which an archive holds it."""
        return f"x:{self.id}"

    @property
    def created_at(self) -> datetime:
        """When its first version was published."""
        return self.versions[0].at

    @property
    def top(self) -> XPost:
        """The root of its conversation; itself when it answers nothing."""
        return self.root or self

    @property
    def text(self) -> str:
        """What its newest version says."""
        return self.latest.text

    @property
    def mentions(self) -> tuple[Person, ...]:
        """Whom its newest version names."""
        return tuple(person for _, person in self.latest.named)

    @property
    def there(self) -> bool:
        """Whether X has it at all: a repost goes with its original, everything with its author."""
        whole = self.shares is None or self.shares.there
        return whole and self.gone_at is None and self.author.active

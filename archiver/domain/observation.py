"""What one exchange shows. An adapter reads them; ``domain.history`` decides what they change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from archiver.domain.access import AccessSeen
from archiver.domain.account import NO_FACTS
from archiver.domain.item import Body, Cause, Form, Metrics, Person, State
from archiver.domain.keys import Key
from archiver.domain.page_settings import Member, SettingName

OWN_ACCOUNT = "me"
"""The account itself, where an answer tells that it is meant but not its id: instead of a native person id."""


@dataclass(frozen=True, slots=True)
class ItemSeen:
    """A post, comment, share or profile was in the answer.

    ``thread`` is the root's key where the answer tells it (own key for a root; None: follow the parents).
    ``thread_author`` and ``parent_author`` are native person ids where the answer tells them.
    ``shares`` is the key of what a share repeats; the share's body holds the whole original text.
    ``mentions`` are native person ids. For any person's id may stand `OWN_ACCOUNT`.
    ``native_version`` names this very state of it (Bluesky: the CID).
    ``state`` is None when the source says nothing but that it can be seen.
    ``origin`` is False for a cached view that may lag behind the place where the record lives.
    ``pointer`` is the JSON pointer (RFC 6901) of the object inside the exchange's body, or the XPath of an element.
    ``initial``: the source shows it as it was made, however late it comes; of a record that is known it says nothing.
    ``united``: the aliases are names of this very thing, so a record that the store has under one of them is this one.
    ``readable``: whom the platform does not let see it, it shows nothing; so the sight of it ends any hiding but the
    account's own, of which such a platform says nothing.
    ``medium``: it is a picture that may be all of a post; where the store has it as that post, the post's words count.
    """

    key: Key
    form: Form
    author: Person | None
    body: Body
    created_at: datetime | None = None
    parent: Key | None = None
    thread: Key | None = None
    thread_author: str | None = None
    parent_author: str | None = None
    shares: Key | None = None
    mentions: frozenset[str] = frozenset()
    permalink: str | None = None
    metrics: Metrics | None = None
    native_version: str | None = None
    state: State | None = None
    cause: Cause | None = None
    origin: bool = True
    pointer: str = ""
    aliases: tuple[Key, ...] = ()
    initial: bool = False
    united: bool = False
    medium: bool = False
    readable: bool = False


@dataclass(frozen=True, slots=True)
class PastVersion:
    """One entry of an edit history that the platform keeps; ``at`` is the platform's time of that version."""

    at: datetime
    body: Body


@dataclass(frozen=True, slots=True)
class PastSeen:
    """The platform's own list of a record's versions, oldest first, the current one last."""

    key: Key
    versions: tuple[PastVersion, ...]
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class GoneSeen:
    """The platform's own answer about this id: it is not there. ``basis`` quotes it (``404``, ``RecordNotFound``)."""

    key: Key
    basis: str
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class StateSeen:
    """The platform states a record's visibility without showing the record."""

    key: Key
    state: State
    basis: str
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class AuthorSeen:
    """The platform tells, of a person, why what they wrote is not shown; ``cause`` None: it does not say, or not why.

    It explains those records of theirs that were found ``state`` (`State.GONE`, `State.HIDDEN`) without a cause
    shortly before, and says nothing of any other: what was removed long ago was not removed for this.
    """

    author: str
    state: State
    basis: str
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class GateSeen:
    """The whole list of what the account has hidden below (``hidden``) or detached from (``detached``) ``scope``.

    What was on the list before and is not on it now was shown again.
    """

    scope: Key
    gate: str
    members: frozenset[Key]
    basis: str


@dataclass(frozen=True, slots=True)
class SettingSeen:
    """A setting of the account that decides who may speak, as the platform tells the account itself.

    ``first`` and ``last``: the list begins or ends in this answer; a long one is spread over several.
    """

    setting: SettingName
    members: tuple[Member, ...]
    first: bool = True
    last: bool = True


@dataclass(frozen=True, slots=True)
class AccountSeen:
    """Who the account is: its permanent id, present handle, name, and facts that later calls need."""

    native_id: str
    handle: str
    display_name: str | None = None
    facts: Mapping[str, str] = field(default_factory=lambda: NO_FACTS)


@dataclass(frozen=True, slots=True)
class FactSeen:
    """Something that later calls for the account need to know (Meta: a field that a version of the API refuses).

    It becomes one of the account's ``facts``, beside those that an `AccountSeen` brings.
    """

    name: str
    value: str


OWN_POSTS = "posts"
"""All that the account wrote or shared."""
OWN_POSTS_WITHOUT_SHARES = "posts without shares"
"""All that the account wrote itself."""
OWN_ROOTS = "posts without answers"
"""What the account published, its answers and what lasts a day left out."""


@dataclass(frozen=True, slots=True)
class TotalSeen:
    """A total that the platform states for a stream of the account, to be held against ours.

    ``stream`` is `OWN_POSTS`, `OWN_POSTS_WITHOUT_SHARES` or `OWN_ROOTS`, whichever the platform counts.
    """

    stream: str
    total: int


Observation = (
    ItemSeen
    | PastSeen
    | GoneSeen
    | StateSeen
    | AuthorSeen
    | GateSeen
    | SettingSeen
    | AccountSeen
    | FactSeen
    | TotalSeen
    | AccessSeen
)

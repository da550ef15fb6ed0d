"""The moderation record: what was hidden, removed or shut out, by whom, under which rule (records rules R7, R45, R46).

What was captured is a fact: an event, its time, the platform's words, and a cause where a source proves one. Who did
it, which rule it rests on and why is what people say. Both stand side by side in an `Entry`, and neither changes the
other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from archiver.domain.acting import Actor
from archiver.domain.history import EventName
from archiver.domain.item import Cause
from archiver.domain.keys import Key


class Action(StrEnum):
    """What was done. ``vanish``: it is not there any more, and nothing tells who took it away."""

    HIDE = "hide"
    UNHIDE = "unhide"
    DELETE = "delete"
    RESTORE = "restore"
    VANISH = "vanish"
    BLOCK = "block"
    UNBLOCK = "unblock"
    MUTE = "mute"
    UNMUTE = "unmute"
    RESTRICT = "restrict"
    UNRESTRICT = "unrestrict"
    REPORT = "report"
    HOLD_FOR_REVIEW = "hold_for_review"
    APPROVE = "approve"
    REJECT = "reject"
    LIMIT_REPLIES = "limit_replies"
    COMMENTS_OFF = "comments_off"
    COMMENTS_ON = "comments_on"
    FILTER_AUTO_HIDE = "filter_auto_hide"
    SETTING_CHANGE = "setting_change"
    DETACH = "detach"
    REATTACH = "reattach"


TAKES_AWAY = frozenset({
    Action.HIDE, Action.DELETE, Action.VANISH, Action.REJECT, Action.HOLD_FOR_REVIEW, Action.FILTER_AUTO_HIDE,
})  # fmt: skip
"""What leaves a record where visitors do not see it."""

LOOSENING = frozenset({
    Action.UNHIDE, Action.RESTORE, Action.UNBLOCK, Action.UNMUTE, Action.UNRESTRICT, Action.APPROVE,
    Action.COMMENTS_ON, Action.REATTACH,
})  # fmt: skip
"""What gives speech its place back. It needs no reason."""

ON_PEOPLE = frozenset({
    Action.BLOCK, Action.UNBLOCK, Action.MUTE, Action.UNMUTE, Action.RESTRICT, Action.UNRESTRICT, Action.REPORT,
})  # fmt: skip
"""What is done to a person and not to a record."""


class Source(StrEnum):
    """Where an entry is from."""

    API = "api"
    IMPORT = "import"
    MANUAL = "manual"


class By(StrEnum):
    """Whose act it was, as far as a source proves it or a person of the city says so."""

    CITY = "city"
    AUTHOR = "author"
    PLATFORM = "platform"
    UNKNOWN = "unknown"


_BY_CAUSE = {
    Cause.BY_CITY: By.CITY,
    Cause.OWNER_PRIVATE: By.CITY,
    Cause.BY_AUTHOR: By.AUTHOR,
    Cause.AUTHOR_PROTECTED: By.AUTHOR,
    Cause.ACCOUNT_CLOSED: By.AUTHOR,
    Cause.BY_PLATFORM: By.PLATFORM,
    Cause.AUTHOR_SUSPENDED: By.PLATFORM,
}
_REMOVED = frozenset({Cause.BY_CITY, Cause.BY_AUTHOR, Cause.BY_PLATFORM})
_BY_EVENT = {
    EventName.RESTORED: Action.RESTORE,
    EventName.DETACHED: Action.DETACH,
    EventName.REATTACHED: Action.REATTACH,
}
MODERATING = frozenset({EventName.HIDDEN, EventName.UNHIDDEN, EventName.GONE, *_BY_EVENT})
"""The captured events that belong into the moderation record."""


def by_of(cause: Cause | None) -> By:
    """Whose act a proved cause makes it. That something waits for review says not whose setting held it."""
    return _BY_CAUSE.get(cause, By.UNKNOWN) if cause is not None else By.UNKNOWN


def action_of(event: EventName, cause: Cause | None, before: Cause | None = None) -> Action:
    """What a captured event shows to have been done. ``before``: why the record was hidden until then."""
    held = before is Cause.HELD_FOR_REVIEW
    if event is EventName.HIDDEN:
        return Action.HOLD_FOR_REVIEW if cause is Cause.HELD_FOR_REVIEW else Action.HIDE
    if event is EventName.UNHIDDEN:
        return Action.APPROVE if held else Action.UNHIDE
    if event is EventName.GONE:
        if cause not in _REMOVED:
            return Action.VANISH
        return Action.REJECT if held and cause is Cause.BY_CITY else Action.DELETE
    return _BY_EVENT[event]


@dataclass(frozen=True, slots=True)
class Note:
    """What a person says of an entry; None: says nothing of that. A later note counts, field by field.

    ``actor`` is the person of the city who did it. ``at`` and ``by`` tell who says so, and when (aware, UTC).
    """

    at: datetime
    by: Actor
    action: Action | None = None
    actor: str | None = None
    rule: str | None = None
    reason: str | None = None
    notice: str | None = None
    appeal: str | None = None


SAYABLE = ("action", "actor", "rule", "reason", "notice", "appeal")


@dataclass(frozen=True, slots=True)
class Said:
    """All that people have said of an entry, the latest of each; ``notes`` in the order of their making."""

    action: Action | None = None
    actor: str | None = None
    rule: str | None = None
    reason: str | None = None
    notice: str | None = None
    appeal: str | None = None
    notes: tuple[Note, ...] = ()


def said(notes: Iterable[Note]) -> Said:
    """The notes as one."""
    whole = Said()
    for note in notes:
        told = {name: value for name in SAYABLE if (value := getattr(note, name)) is not None}
        whole = replace(whole, **told, notes=(*whole.notes, note))
    return whole


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a comment policy: its number and its words."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """The comment policy as it stood from ``effective`` on. ``account`` None: for all that have none of their own."""

    number: int
    account: str | None
    effective: date
    title: str
    text: str
    sha256: str
    shown_at: str
    rules: tuple[Rule, ...]
    entered_at: datetime
    by: Actor

    def rule(self, code: str) -> Rule | None:
        """The rule of that number, whatever its case and a word like "rule" before it."""
        wanted = _plain(code)
        return next((one for one in self.rules if _plain(one.code) == wanted), None)


_RULE = re.compile(
    r"^[ \t>*_#-]*(?:(?:rule|section|§)[ \t]*)?"
    r"(\d{1,3}(?:\.\d{1,3}){0,3}|[A-Za-z]|[A-Z]{1,5}-?\d{1,4})[.):][ \t*_]+(\S.*)$",
    re.MULTILINE | re.IGNORECASE,
)
_PREFIX = re.compile(r"^(?:rule|no\.?|section|§)\s*", re.IGNORECASE)


def rules_in(text: str) -> tuple[Rule, ...]:
    """The numbered lines of a policy's text (``3. No threats``, ``(b)`` is none, ``R-2: …``), each number once."""
    found: dict[str, Rule] = {}
    for match in _RULE.finditer(text):
        found.setdefault(_plain(match[1]), Rule(match[1], match[2].strip(" \t*_#")))
    return tuple(found.values())


def _plain(code: str) -> str:
    return _PREFIX.sub("", code.strip()).strip(" .):(").casefold()


def in_force(versions: Iterable[PolicyVersion], account: str, day: date) -> PolicyVersion | None:
    """The version that held for an account on a day; its own goes before the one for all. Entered later wins a tie."""
    holding = [one for one in versions if one.account in {None, account} and one.effective <= day]
    return max(holding, key=lambda one: (one.account is not None, one.effective, one.number), default=None)


class Doubt(StrEnum):
    """What is missing from an entry, or does not agree with it."""

    NO_REASON = "no reason yet"
    NO_RULE = "cites no rule"
    NO_ACTOR = "who did it is not said"
    NO_POLICY = "no comment policy was in force on that day"
    UNKNOWN_RULE = "the policy in force on that day has no such rule"
    NEVER_CAPTURED = "it vanished before any capture"
    CONTRADICTED = "the platform's answer says that it was somebody else"


@dataclass(frozen=True, slots=True)
class Proof:
    """A capture: when (aware, UTC), and the exchange that shows it."""

    at: datetime
    exchange: str


KEPT_FOLDER = "moderation"
"""Below the data folder: the files that people handed in, each named by its digest."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that a person handed in: a screenshot, a letter. ``path`` is where it lies below the data folder."""

    name: str
    sha256: str
    size_bytes: int
    path: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What it was done to. ``text`` is what was there last, ``earlier_text`` what stood there before an edit.

    ``withheld`` says why none of its words are shown. ``own``: the account wrote it itself. ``person`` is who was
    blocked or muted, ``setting`` what was changed, in words.
    """

    record: Key | None = None
    kind: str | None = None
    author: str | None = None
    text: str | None = None
    earlier_text: str | None = None
    version: int | None = None
    created_at: datetime | None = None
    permalink: str | None = None
    own: bool = False
    person: str | None = None
    setting: str | None = None
    withheld: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened.

    ``at`` is when it was seen, or when a person says that it was done (``day_only``: on that day); ``after`` the last
    moment at which it surely had not happened yet. ``seen_as`` is what the capture alone shows, ``action`` and ``by``
    what it is with what people say. ``basis`` are the platform's words. ``before`` and ``shown`` are the captures,
    ``told_as`` is the name of the act that a person told and that a capture shows as well. ``filed_as`` is the name
    under which notes are filed, where ``reference`` must not name an author.
    """

    reference: str
    source: Source
    account: str
    at: datetime
    action: Action
    by: By
    subject: Subject
    seen_as: Action
    basis: str = ""
    after: datetime | None = None
    day_only: bool = False
    said: Said = field(default_factory=Said)
    before: Proof | None = None
    shown: Proof | None = None
    kept: Kept | None = None
    told_as: str | None = None
    filed_as: str | None = None
    captured: bool = True
    policy: PolicyVersion | None = None
    doubts: tuple[Doubt, ...] = ()

    @property
    def rule(self) -> Rule | None:
        """The rule that is cited, as the policy in force has it."""
        return self.policy.rule(self.said.rule) if self.policy and self.said.rule else None

    @property
    def names(self) -> tuple[str, ...]:
        """All names under which something may be said of it, the one for new notes first."""
        return tuple(name for name in (self.filed_as or self.reference, self.told_as) if name is not None)

    @property
    def is_open(self) -> bool:
        """Whether it wants a reason and has none."""
        return Doubt.NO_REASON in self.doubts


def concluded(entry: Entry, notes: Sequence[Note], policies: Sequence[PolicyVersion], day: date) -> Entry:
    """An entry with what people say of it, held against the policy in force. ``day`` is its day in the city's zone."""
    told = said(notes) if notes else entry.said
    by, action = entry.by, told.action or entry.seen_as
    if (told.actor or told.action) and by is By.UNKNOWN:
        by = By.CITY
        if action is Action.VANISH:
            action = Action.DELETE
    whole = replace(entry, said=told, action=action, by=by, policy=in_force(policies, entry.account, day))
    return replace(whole, doubts=tuple(_doubts(whole, entry.by)))


def _doubts(entry: Entry, proved: By) -> Iterable[Doubt]:
    if not entry.captured:
        yield Doubt.NEVER_CAPTURED
    if (entry.said.actor or entry.said.action) and proved in {By.AUTHOR, By.PLATFORM}:
        yield Doubt.CONTRADICTED
    if not wants_reason(entry):
        return
    if not entry.said.reason:
        yield Doubt.NO_REASON
    if not entry.said.actor:
        yield Doubt.NO_ACTOR
    if entry.policy is None:
        yield Doubt.NO_POLICY
    elif entry.said.rule and entry.rule is None:
        yield Doubt.UNKNOWN_RULE
    if not entry.said.rule:
        yield Doubt.NO_RULE


def wants_reason(entry: Entry) -> bool:
    """Whether the city has to say why: it shut something out, or nobody knows that it did not.

    What an author took away, or the platform, needs none; nor do the account's own posts, nor what loosens.
    """
    return entry.action not in LOOSENING and entry.by in {By.CITY, By.UNKNOWN} and not entry.subject.own


def same_text(text: str) -> str:
    """A text as like is told from like: case and white space don't count."""
    return " ".join(text.split()).casefold()

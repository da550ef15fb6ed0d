"""Who may see what (records rules R12 to R14): marks that people set, the class that follows from them, clearance.

Data is public unless somebody marked it. What class a record has is worked out when it is read, from the marks, the
profile's rules and the day; it is stored nowhere, so that a new rule set answers at once (R13).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from archiver.domain.acting import Actor
from archiver.domain.keys import Key
from archiver.domain.profile import DataClass, Profile

UNDECIDED = "undecided"
"""In the place of a class: shown by the platform to followers or named people only, and nobody has decided yet."""

OPEN_VISIBILITIES = frozenset({None, "public", "unlisted"})
"""The platforms' words for what anyone may see, None where a platform knows no difference. Any other word is not."""

UNDECIDED_REASON = (
    "The platform shows it to followers or named people only, and nobody has decided yet whether it is public."
)


class Part(StrEnum):
    """What of a record a mark is about."""

    RECORD = "record"
    TEXT = "text"
    TITLE = "title"
    CONTENT_WARNING = "content_warning"
    ALT_TEXT = "alt_text"
    MEDIA = "media"
    LINKS = "links"
    POLL = "poll"
    AUTHOR = "author"

    @property
    def has_spans(self) -> bool:
        """Whether a piece of it can be marked."""
        return self in {Part.TEXT, Part.TITLE, Part.CONTENT_WARNING}


class Audience(StrEnum):
    """Who gets to see it: everybody, whom it is about, their parent, staff with and without work that asks for it."""

    PUBLIC = "public"
    SUBJECT = "subject"
    PARENT = "parent"
    STAFF = "staff"
    OTHER_STAFF = "other-staff"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text: from and to which character, in which version by its number then, and the text's digest.

    Numbers of versions can move when a platform tells of an earlier one, and a version's own digest when more of it is
    learned; that of the text (`text_digest`) stays.
    """

    version: int
    digest: str
    start: int
    end: int


def text_digest(record: Key, text: str) -> str:
    """By what a text of a record is known again: SHA-256, hex, over the record's key and the text."""
    return hashlib.sha256(f"{record}\n{text}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A mark that no longer holds: who said so, when and why."""

    by: Actor
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A person's word that a record, or a part of it, is of a class.

    ``special`` is the entry of the watch list that it rests on. ``opens_on`` is the day from which it is public, where
    a person set one. ``everywhere``: the same words are taken out of other records, too.
    """

    id: int
    record: Key
    part: Part
    class_: str
    citation: str
    reason: str
    by: Actor
    at: datetime
    span: Span | None = None
    special: str | None = None
    opens_on: date | None = None
    everywhere: bool = False
    withdrawn: Withdrawal | None = None


@dataclass(frozen=True, slots=True)
class NotPublic:
    """A part of a record that is not public on a day, and by which law. ``mark`` None: undecided.

    ``opens_on`` is the earliest day on which that may end; ``condition`` what else the law asks for then.
    """

    part: Part
    class_: str
    citation: str
    reason: str
    span: Span | None = None
    opens_on: date | None = None
    condition: str | None = None
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Classified:
    """What class a record has on a day, and by which rule set. ``parts``: what is not public, the whole first."""

    rule_set: str
    class_: str
    parts: tuple[NotPublic, ...] = ()

    @property
    def whole(self) -> NotPublic | None:
        """Why all of it is not public; None where that is not so."""
        return next((one for one in self.parts if one.part is Part.RECORD), None)

    @property
    def opens_on(self) -> date | None:
        """From when all of it may be public; None where nothing says so, or it is."""
        days = [one.opens_on for one in self.parts]
        return None if None in days else max(filter(None, days), default=None)


@dataclass(frozen=True, slots=True)
class Clearance:
    """What somebody may see beyond what is public: classes, of these accounts and of these series (None: of all).

    A series is named ``schedule@2021-03-01/code``. Data that no series decides about is of none.
    """

    classes: frozenset[str] = frozenset()
    accounts: frozenset[str] | None = None
    series: frozenset[str] | None = None

    def covers(self, class_: str, account: str, series: str | None = None) -> bool:
        """Whether data of that class, that account and that series may be shown; each has to be granted."""
        return (
            class_ in self.classes
            and (self.accounts is None or account in self.accounts)
            and (self.series is None or series in self.series)
        )

    def opened(self, classified: Classified, account: str, series: str | None = None) -> list[NotPublic]:
        """The parts of a record that are not public and may be shown."""
        return [one for one in classified.parts if self.covers(one.class_, account, series)]

    def refused(self, kept: Iterable[NotPublic]) -> list[NotPublic]:
        """Of the parts that may not be shown those whose class was asked for: the work does not reach that far."""
        return [one for one in kept if one.class_ in self.classes]

    def kept_back(self, classified: Classified, account: str, series: str | None = None) -> list[NotPublic]:
        """The parts of a record that may not be shown."""
        return [one for one in classified.parts if not self.covers(one.class_, account, series)]


PUBLIC_ONLY = Clearance()


def may_see(one: DataClass, audience: Audience) -> bool:
    """The access matrix (R12). Staff without work that asks for it see what everybody sees (R14).

    A parent may see what the child may, as far as `archiver.domain.minors` lets them (R18).
    """
    return {
        Audience.PUBLIC: one.public,
        Audience.SUBJECT: one.subject,
        Audience.PARENT: one.subject,
        Audience.STAFF: one.staff,
        Audience.OTHER_STAFF: one.public,
    }[audience]


def classified(profile: Profile, marks: Iterable[Mark], *, limited: bool, made_on: date, today: date) -> Classified:
    """The class of a record on a day.

    ``limited``: the platform shows it, or showed it once, to fewer people than all. ``made_on``: the day from which
    the law counts. Of several marks on one part the latest counts; a mark of the public class says that it is public.
    """
    latest = _latest(marks)
    found: list[NotPublic] = []
    if limited and Part.RECORD not in {one.part for one in latest}:
        found.append(NotPublic(Part.RECORD, UNDECIDED, "nobody has decided", UNDECIDED_REASON))
    for mark in latest:
        one = _in_force(profile, mark, made_on, today)
        if one is not None:
            found.append(one)
    found.sort(key=lambda one: one.part is not Part.RECORD)
    return Classified(profile.rule_set, _strictest(profile, found), tuple(found))


def _latest(marks: Iterable[Mark]) -> list[Mark]:
    """The marks that stand: not withdrawn, and of one place the latest."""
    standing: dict[tuple[Part, tuple[str, int, int] | None], Mark] = {}
    for mark in sorted(marks, key=lambda mark: mark.id):
        if mark.withdrawn is None:
            place = (mark.span.digest, mark.span.start, mark.span.end) if mark.span is not None else None
            standing[mark.part, place] = mark
    return list(standing.values())


def _in_force(profile: Profile, mark: Mark, made_on: date, today: date) -> NotPublic | None:
    """What a mark keeps from the public today; None where it keeps nothing.

    A class that the profile does not have (another state's) stays closed: nobody can be cleared for it.
    """
    data = profile.class_of(mark.class_)
    if data is not None and data.public:
        return None
    opening = data.opening if data is not None else None
    opens_on, condition = mark.opens_on, None
    if opens_on is None and opening is not None:
        opens_on = opening.on(made_on)
        condition = opening.condition
    if opens_on is not None and condition is None and today >= opens_on:
        return None
    return NotPublic(mark.part, mark.class_, mark.citation, mark.reason, mark.span, opens_on, condition, mark)


def _strictest(profile: Profile, parts: Sequence[NotPublic]) -> str:
    """The class of the whole: of the classes of its parts the one that opens to the fewest."""
    names = [one.class_ for one in parts]
    if not names:
        return profile.public.name
    known = [*profile.class_names, UNDECIDED]

    def strictness(name: str) -> tuple[int, int]:
        data = profile.class_of(name)
        seen_by = sum((data.public, data.subject, data.staff)) if data is not None else 0
        return -seen_by, known.index(name) if name in known else len(known)

    decided = [name for name in names if name != UNDECIDED]
    return max(decided or names, key=strictness)

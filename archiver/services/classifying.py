"""Saying what is not public: marks by people, with their law; suggestions by the profile's hints; the answer of a day.

A suggestion decides nothing (R16): a person accepts it by setting a mark that rests on the same entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from archiver.domain.acting import Actor
from archiver.domain.classification import Classified, Mark, Part, Span, text_digest
from archiver.domain.keys import Key
from archiver.domain.minors import MINOR, MinorFlag
from archiver.domain.profile import HINTED_FIELDS, Profile, Special
from archiver.errors import NotFound, UsageError
from archiver.services.clearance import Access
from archiver.services.granting import author_of
from archiver.services.release import Release
from archiver.store import Connection, items, views
from archiver.store.decisions import audit, classes, minors
from archiver.store.decisions.audit import Act
from archiver.store.decisions.classes import NewMark
from archiver.store.engine import Store
from archiver.store.selection import Query
from archiver.store.views import Record, Row

_PARTS = {"text": Part.TEXT, "title": Part.TITLE, "content_warning": Part.CONTENT_WARNING, "alt_text": Part.ALT_TEXT}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A mark as a person asks for it. ``like`` is an entry of the watch list, which brings its class and law.

    ``span`` is from and to which character of the part in version ``version`` (None: the latest).
    """

    record: str
    part: Part
    reason: str
    class_: str | None = None
    citation: str | None = None
    like: str | None = None
    version: int | None = None
    span: tuple[int, int] | None = None
    opens_on: date | None = None
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A place that one of the profile's hints found. ``words`` are those of the place."""

    record: Key
    account: str
    version: int
    part: Part
    start: int
    end: int
    words: str
    special: Special


@dataclass(frozen=True, slots=True)
class Standing:
    """What a record's class is today, and all that was ever marked on it."""

    record: Key
    classified: Classified
    marks: tuple[Mark, ...]


def mark(store: Store, profile: Profile, wanted: Wanted, by: Actor, now: datetime) -> Mark:
    """Set a mark and write the act down. Raises NotFound for the record, UsageError for what can't be meant."""
    class_, citation = _law(profile, wanted)
    if not wanted.reason.split():
        raise UsageError("A mark needs a reason.", advice="Add --reason, without words of the record.")
    if wanted.everywhere and wanted.span is None and wanted.part is not Part.AUTHOR:
        raise UsageError(
            "Only a piece of a text, or an author, can be taken out of other records, too.",
            advice="Leave --everywhere out, or say which --span or --part author.",
        )
    with store.begin() as conn:
        record = _record(conn, wanted.record)
        span = _span(record, wanted) if wanted.span is not None else None
        new = NewMark(
            record.row["record"], wanted.part, class_, citation, wanted.reason.strip(), span, wanted.like,
            wanted.opens_on, wanted.everywhere,
        )  # fmt: skip
        made = classes.add(conn, new, by, now)
        details = {"mark": made.id, "part": made.part.value, "class": class_, "citation": citation}
        if span is not None:
            details |= {"version": span.version, "from": span.start, "to": span.end}
        audit.add(conn, Act(now, by, "class mark", made.record, made.reason, details))
    return made


def withdraw(store: Store, number: int, reason: str, by: Actor, now: datetime) -> Mark:
    """Take a mark back and write the act down. Raises NotFound and UsageError."""
    if not reason.split():
        raise UsageError("Taking a mark back needs a reason.", advice="Add --reason.")
    with store.begin() as conn:
        withdrawn = classes.withdraw(conn, number, by, now, reason.strip())
        audit.add(conn, Act(now, by, "class withdraw", withdrawn.record, reason.strip(), {"mark": number}))
    return withdrawn


def standing(store: Store, access: Access, name: str) -> Standing:
    """The class of a record on the access's day, by its profile's rules. Raises NotFound."""
    with store.read() as conn:
        record = _record(conn, name)
        key = record.row["record"]
        return Standing(key, Release(conn, access, [key]).classified(record), tuple(classes.of_record(conn, key)))


def suggestions(conn: Connection, access: Access, query: Query) -> tuple[list[Suggestion], int]:
    """Places that the profile's hints find in records of a query and that nobody has marked yet.

    And how many records are not public in whole or part, and were left out as far as that goes.
    """
    release = Release(conn, access)
    marks = classes.standing(conn)
    young = _Young(conn, access.profile)
    found: list[Suggestion] = []
    for record in views.records(conn, query):
        key = record.row["record"]
        hints = list(_hints(access.profile, record))
        hints += young.hints(record, release)
        kept = release.kept(record)
        if release.outgoing(record) is None:
            continue
        closed = [one.span for one in marks.get(key, ()) if one.span is not None]
        closed += [one.span for one in kept if one.span is not None]
        parts = {one.part for one in kept if one.span is None} | {
            one.part for one in marks.get(key, ()) if not one.span
        }
        found += [one for one in hints if one.part not in parts and not _inside(one, closed)]
    release.done()
    return found, len({row["record"] for row in release.withheld})


class _Young:
    """Records of people who are said to be minors: what closes data about them has to be looked for (R18)."""

    def __init__(self, conn: Connection, profile: Profile) -> None:
        self._special = profile.special_of(MINOR)
        said = minors.flags(conn) if self._special is not None else {}
        self._people = {person for person, one in said.items() if one.flag is not MinorFlag.UNKNOWN}

    def hints(self, record: Record, release: Release) -> Iterator[Suggestion]:
        """The author as a place, for those who may know; that they are told is noted."""
        row, named = record.row, record.row["author_handle"] or record.row["author"] or record.row["author_id"]
        if self._special is None or author_of(record) not in self._people or not release.names_author(record):
            return
        release.note_beside(row["record"], MINOR)
        place, version = (0, len(named)), {"version": len(record.versions)}
        yield _suggestion(record, version, Part.AUTHOR, place, named, self._special)


def _inside(one: Suggestion, spans: Iterable[Span]) -> bool:
    """Whether a place was decided about: it and a marked piece have characters in common."""
    return any(one.start < span.end and span.start < one.end for span in spans)


def _hints(profile: Profile, record: Record) -> Iterator[Suggestion]:
    """What is found in a record, in the latest version that has it: an earlier one repeats it as a rule."""
    said: set[tuple[str, str]] = set()
    for row in sorted((*record.versions, *record.attachments), key=lambda row: -row["version"]):
        for field in HINTED_FIELDS:
            text = row.get(field)
            for special in profile.special if text else ():
                for start, end in special.spans(str(text)):
                    words = str(text)[start:end]
                    if (special.name, words) not in said:
                        said.add((special.name, words))
                        yield _suggestion(record, row, _PARTS[field], (start, end), words, special)


def _suggestion(
    record: Record, row: Row, part: Part, place: tuple[int, int], words: str, special: Special
) -> Suggestion:
    key, account = record.row["record"], record.row["account"]
    return Suggestion(key, account, row["version"], part, place[0], place[1], words, special)


def _law(profile: Profile, wanted: Wanted) -> tuple[str, str]:
    """The class and the law of a mark. Every class but the public one needs a law (R12)."""
    special = None
    if wanted.like is not None:
        special = profile.special_of(wanted.like)
        if special is None:
            known = ", ".join(one.name for one in profile.special)
            raise UsageError(f'"{wanted.like}" is not on the watch list of {profile.id}.', advice=f"Known: {known}.")
    name = wanted.class_ or (special.class_ if special is not None else None)
    known = ", ".join(profile.class_names)
    if name is None:
        raise UsageError("It is not said of which class the data is.", advice=f"Add --class: {known}.")
    data = profile.class_of(name)
    if data is None:
        raise UsageError(f'"{name}" is not a class of data of {profile.id}.', advice=f"Known: {known}.")
    citation = " ".join((wanted.citation or (special.citation if special is not None else "")).split())
    if not citation and not data.public:
        raise UsageError(
            f"No law is named that makes it {name}.",
            advice="Add --citation, or --like with an entry of the watch list.",
        )
    return name, citation or data.citation


def _record(conn: Connection, name: str) -> Record:
    key = items.resolve(conn, name)
    record = views.record(conn, key) if key is not None else None
    if record is None:
        raise NotFound(f"There is no record {name!r}.", advice="`archiver search` lists the keys.")
    return record


def _span(record: Record, wanted: Wanted) -> Span:
    """The piece that is meant, in the version that is meant. Raises UsageError where there is no such piece."""
    if not wanted.part.has_spans:
        raise UsageError(f"{wanted.part} is marked as a whole.", advice="Leave --span out.")
    number = wanted.version if wanted.version is not None else len(record.versions)
    version = next((one for one in record.versions if one["version"] == number), None)
    if version is None:
        raise UsageError(f"There is no version {number}.", advice=f"There are {len(record.versions)}.")
    text = version[wanted.part.value] or ""
    start, end = wanted.span or (0, 0)
    if not 0 <= start < end <= len(text) or not text[start:end].strip():
        raise UsageError(
            f"The {wanted.part} of version {number} has {len(text)} characters; {start}-{end} is no piece of it.",
            advice="Characters count from 0; the end is the first one behind the piece.",
        )
    return Span(number, text_digest(record.row["record"], text), start, end)

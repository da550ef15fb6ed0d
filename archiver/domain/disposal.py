"""A disposal: the list that one person proposes and another approves, and the destruction list that stays (R28, R29).

Nothing here holds a word of a record: ids, kinds, times, the series that let it go. A destruction list is permanent,
so its text has a form of its own, one JSON document a line, that is read back from the signed file (R36).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Self

from archiver.domain.item import Kind
from archiver.domain.keys import Key

TITLE = "archiver destruction list v1"
"""The first line of the text, so that no signature serves for a text of another kind."""

MEDIUM = "digital: database, full-text index, WARC files with the media in them, kept exports"
METHOD = (
    "rows deleted, the index and the database file written anew; "
    "WARC files written anew without the records, the old files deleted; kept exports deleted"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A record on a list, and why it may go. ``trigger_on`` and ``due_on`` are days of the law, without a zone.

    ``salt`` makes a commitment of the list's digest, where a court has what it names expunged: once the salt is gone,
    nobody can try out which records the digest is of (records rules R35, R78). ``names`` are a person's, which such an
    order has taken out of what stays; the first entry of the list has them.
    """

    record: Key
    account: str
    kind: Kind
    created_at: datetime | None
    schedule: str
    edition: str
    series: str
    series_title: str
    disposition: str
    trigger_on: date
    due_on: date
    salt: str | None = None
    names: tuple[str, ...] = ()

    def line(self) -> str:
        """What is approved of it; the same entry always gives the same line."""
        return _json({name: value for name, value in asdict(self).items() if value or name not in {"salt", "names"}})


def digest_of(entries: Iterable[Entry]) -> str:
    """SHA-256 over the lines of a list in the order of its records' keys, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for one in sorted(entries, key=lambda entry: entry.record):
        digest.update(one.line().encode() + b"\n")
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What stays of a record: ids, kind and times (records rule R33). ``names`` are its other ids at the platform.

    ``thread_author`` is the account's own id where the account began the thread; nobody else's id is kept.
    ``moment`` is its place in time, when created or else first seen. All moments are aware, UTC.
    """

    record: Key
    names: tuple[str, ...]
    account: str
    kind: Kind
    parent: str | None
    thread: str
    thread_author: str | None
    created_at: datetime | None
    moment: datetime
    first_seen_at: datetime
    last_seen_at: datetime

    def document(self) -> dict[str, Any]:
        """As values of JSON; `stone_from` reads it."""
        told: dict[str, Any] = json.loads(_json(asdict(self)))
        return told


@dataclass(frozen=True, slots=True)
class Destroyed:
    """A record that went. ``not_public``: something of it was marked as not public when it went."""

    entry: Entry
    stone: Tombstone
    versions: int
    not_public: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that was approved and stays after all: a stop was placed, or it is no longer due."""

    record: Key
    reason: str


@dataclass(frozen=True, slots=True)
class Residue:
    """A capture in which words of disposed records stay, because what must stay can't be parted from them.

    ``file`` and ``offset`` say where it lies, ``records`` how many disposed records it shows, ``until`` the day on
    which the last other record in it is due, None where no day is known yet.
    """

    exchange: str
    file: str
    offset: int
    records: int
    reason: str
    until: date | None


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A WARC file that was written anew. ``new`` is None where nothing was left of it."""

    file: str
    sha256: str
    new: str | None
    new_sha256: str | None
    removed: int
    changed: int


@dataclass(frozen=True, slots=True)
class SeriesTotal:
    """What went under one series: the line that the state asks for. Days are in the archive's zone, UTC where none."""

    schedule: str
    edition: str
    series: str
    title: str
    disposition: str
    records: int
    from_on: date
    until_on: date


@dataclass(frozen=True, slots=True)
class Certificate:
    """A disposal that was carried out (records rule R29). ``name`` is ``D-2026-001``; moments are aware, UTC.

    ``digest`` is that of the list as it was approved. ``media`` counts the pictures, films and files that went,
    ``size_bytes`` how much smaller the WARC files became, ``exports`` names the kept exports that were deleted.
    ``order`` is the number of the court's order, of an expungement, whose list names no record: ``expunged`` counts
    them. ``receipt`` is the archive's, of a transfer.
    """

    name: str
    archive: str
    digest: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str
    approved_at: datetime
    run_by: str
    run_at: datetime
    destroyed: tuple[Destroyed, ...]
    kept: tuple[Kept, ...] = ()
    residue: tuple[Residue, ...] = ()
    files: tuple[Rewritten, ...] = ()
    exports: tuple[str, ...] = ()
    media: int = 0
    size_bytes: int = 0
    medium: str = MEDIUM
    method: str = METHOD
    receipt: str | None = None
    order: str | None = None
    expunged: int = 0

    @property
    def not_public(self) -> bool:
        """Whether data that is not public was among it."""
        return any(one.not_public for one in self.destroyed)

    @property
    def went(self) -> int:
        """How many records went."""
        return len(self.destroyed) + self.expunged

    @property
    def totals(self) -> list[SeriesTotal]:
        """By series, in the order of their codes."""
        found: dict[tuple[str, str, str, str, str], list[date]] = {}
        for one in self.destroyed:
            entry = one.entry
            names = (entry.schedule, entry.edition, entry.series, entry.series_title, entry.disposition)
            found.setdefault(names, []).append(one.stone.moment.date())
        return [SeriesTotal(*names, len(days), min(days), max(days)) for names, days in sorted(found.items())]

    def text(self) -> str:
        """What is signed and kept: the title, the facts, then a line for each record, kept record, residue and file."""
        lists = {"destroyed", "kept", "residue", "files"}
        head = {name: value for name, value in asdict(self).items() if name not in lists}
        lines = [TITLE, _json(head)]
        for name in sorted(lists):
            lines += (_json({name: asdict(one)}) for one in getattr(self, name))
        return "\n".join(lines) + "\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """From that text; raises ValueError where it is none."""
        title, _, rest = text.partition("\n")
        if title != TITLE:
            raise ValueError("it is no destruction list")
        head, *lines = map(json.loads, rest.rstrip("\n").split("\n"))
        told: dict[str, list[Any]] = {"destroyed": [], "kept": [], "residue": [], "files": []}
        for line in lines:
            ((name, value),) = line.items()
            told[name].append(value)
        moments = {name: datetime.fromisoformat(head.pop(name)) for name in ("proposed_at", "approved_at", "run_at")}
        return cls(
            **head | moments | {"exports": tuple(head["exports"])},
            destroyed=tuple(map(_destroyed, told["destroyed"])),
            kept=tuple(Kept(**one) for one in told["kept"]),
            residue=tuple(Residue(**one | {"until": _day(one["until"])}) for one in told["residue"]),
            files=tuple(Rewritten(**one) for one in told["files"]),
        )


def span_of(entries: Sequence[Entry]) -> tuple[datetime, datetime] | None:
    """From when to when the records of a list were written; None where no moment is known."""
    known = [one.created_at for one in entries if one.created_at is not None]
    return (min(known), max(known)) if known else None


def entry_from(told: dict[str, Any]) -> Entry:
    """From the values of its line."""
    return Entry(
        **told
        | {
            "record": Key(told["record"]),
            "kind": Kind(told["kind"]),
            "created_at": _moment(told["created_at"]),
            "trigger_on": date.fromisoformat(told["trigger_on"]),
            "due_on": date.fromisoformat(told["due_on"]),
            "names": tuple(told.get("names", ())),
        }
    )


def stone_from(told: dict[str, Any]) -> Tombstone:
    """From the values of JSON."""
    moments = {name: datetime.fromisoformat(told[name]) for name in ("moment", "first_seen_at", "last_seen_at")}
    created = {"created_at": _moment(told["created_at"])}
    return Tombstone(**told | moments | created | {"names": tuple(told["names"]), "kind": Kind(told["kind"])})


def _destroyed(told: dict[str, Any]) -> Destroyed:
    return Destroyed(**told | {"entry": entry_from(told["entry"]), "stone": stone_from(told["stone"])})


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text is not None else None


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place on a list")

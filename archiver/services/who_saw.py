"""Who saw data about somebody, or was refused it, and when, for what, how much of it (records rule R15).

The audit log has an act for each record that is not public and was shown, whatever the command: an export tells of
each, too. What was not public then counts, whatever it is now. What is public anybody may see, and nobody is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from archiver.domain.acting import Actor
from archiver.domain.item import Kind, State
from archiver.domain.keys import Key
from archiver.domain.opening import MINORS, SHUT_OUT, person_digest, person_digests
from archiver.errors import NotFound, UsageError
from archiver.services.clearance import DENIED, VIEW
from archiver.store import Connection, accounts, items, subjects
from archiver.store.decisions import audit
from archiver.store.decisions.audit import Act
from archiver.store.engine import Store
from archiver.store.selection import Query
from archiver.store.subjects import PersonFound

REPORT = "audit report"
"""The act of asking who saw something."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One part of one object that was opened to somebody, or refused.

    ``at`` is aware, UTC. ``about`` is the person it is about, as ``platform:id``, or the record that was named.
    ``subject`` is the record; of a refusal that named none, its filter. ``part``, ``version`` and ``span`` say what of
    it, ``class_`` and ``law`` of what class that was by which law; without a part, all that was asked for.
    ``outcome`` is ``shown`` or ``refused``, ``way`` the command, ``audience`` who was to get it.
    """

    at: datetime
    person: str
    login: str
    purpose: str
    about: str
    subject: str
    part: str | None
    version: int | None
    span: str | None
    class_: str
    law: str | None
    outcome: str
    way: str
    audience: str
    why: str | None = None

    def document(self) -> dict[str, Any]:
        """As ``--json`` and the file tell it."""
        told = asdict(self)
        return {"class" if name == "class_" else name: value for name, value in told.items()}


@dataclass(frozen=True, slots=True)
class Report:
    """All sights of a time, oldest first. ``people`` and ``records`` are whom and what the words meant.

    ``since`` is the first moment, ``until`` the first one that is too late (aware, UTC; None: unbounded).
    """

    people: tuple[PersonFound, ...]
    records: tuple[Key, ...]
    since: datetime | None
    until: datetime | None
    sights: tuple[Sight, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What the report is about."""
        return (*(one.name for one in self.people), *self.records)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for a report, and why; ``at`` is aware, UTC."""

    by: Actor
    purpose: str
    at: datetime


def report(
    store: Store, words: Sequence[str], asking: Asking, *, since: datetime | None, until: datetime | None
) -> Report:
    """Who saw data about these people and records. That it was asked for is an act itself, written down first.

    Raises NotFound for a word that names neither, UsageError where no purpose is said.
    """
    if not asking.purpose.split():
        raise UsageError("Nobody is told what the report is needed for.", advice="Add --purpose.")
    with store.begin() as conn:
        made = _meant(conn, words, since, until)
        told = {"since": since.isoformat() if since else None, "until": until.isoformat() if until else None}
        audit.add(conn, Act(asking.at, asking.by, REPORT, ", ".join(made.names), asking.purpose, told))
    with store.read() as conn:
        reader = _Reader(conn, made, subjects.records_by(conn, made.people) | {key: key for key in made.records})
        acts = audit.rows(conn, since=since, until=until, verbs=(VIEW, DENIED))
        sights = tuple(sight for act in acts for sight in reader.sights(act))
    return Report(made.people, made.records, since, until, sights)


def _meant(conn: Connection, words: Sequence[str], since: datetime | None, until: datetime | None) -> Report:
    people: dict[int, PersonFound] = {}
    records: dict[Key, None] = {}
    for word in words:
        found = subjects.people_called(conn, word)
        key = items.resolve(conn, word) if not found else None
        if key is None and not found:
            raise NotFound(
                f"There is no person and no record {word!r}.",
                advice="Give a handle as it is written, the platform's id of the person, or a record's key.",
            )
        people |= {one.number: one for one in found}
        records |= {key: None} if key is not None else {}
    return Report(tuple(people.values()), tuple(records), since, until)


@dataclass(slots=True)
class _Reader:
    """Reads acts for those that are about the report's people and records."""

    conn: Connection
    made: Report
    about: Mapping[Key, str]
    platforms: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.platforms = {one.id: one.platform for one in accounts.listed(self.conn)}

    def sights(self, act: Act) -> Iterator[Sight]:
        details = act.details
        about = self.about.get(Key(act.subject))
        if about is not None:
            yield from _of_parts(act, about)
        elif act.subject.endswith(f"#{SHUT_OUT}"):
            yield from (_sight(act, one.name, part=SHUT_OUT) for one in self.made.people if self._lists(act, one))
        elif act.subject == MINORS:
            listed = [one.name for one in self.made.people if person_digest(one.name) in details.get("people", ())]
            yield from (_sight(act, name, part=MINORS) for name in listed)
        elif "filter" in details:
            for name, records in self._by_name().items():
                if self._means(details["filter"], records, act.at):
                    yield _sight(act, name, subject=_in_words(details["filter"]))

    def _lists(self, act: Act, one: PersonFound) -> bool:
        """Whether a person is on a list of an account: of that platform, under the id or a handle."""
        here = self.platforms.get(act.subject.removesuffix(f"#{SHUT_OUT}")) == one.platform
        names = person_digests((one.native_id, *one.handles))
        return here and not set(names).isdisjoint(act.details.get("people", ()))

    def _by_name(self) -> dict[str, list[Key]]:
        found: dict[str, list[Key]] = {}
        for key, name in self.about.items():
            found.setdefault(name, []).append(key)
        return found

    def _means(self, told: Mapping[str, Any], records: Sequence[Key], at: datetime) -> bool:
        return subjects.means_any(self.conn, _query(told), records, at)


def _of_parts(act: Act, about: str) -> Iterator[Sight]:
    parts: Sequence[Mapping[str, Any]] = act.details.get("parts", ())
    beside: Sequence[str] = act.details.get("beside", ())
    yield from (_sight(act, about, part=one) for one in beside)
    if not parts and not beside:
        yield _sight(act, about)
    for one in parts:
        span = f"{one['from']}-{one['to']}" if "from" in one else None
        yield _sight(
            act, about, part=one["part"], version=one.get("version"), span=span, data=(one["class"], one["law"])
        )


def _sight(
    act: Act, about: str, *, subject: str | None = None, part: str | None = None, version: int | None = None,
    span: str | None = None, data: tuple[str, str] | None = None,
) -> Sight:  # fmt: skip
    details = act.details
    class_, law = data or (", ".join(details.get("classes", ())), None)
    return Sight(
        at=act.at, person=act.by.name, login=act.by.login, purpose=act.reason or "", about=about,
        subject=subject or act.subject, part=part, version=version, span=span, class_=class_, law=law,
        outcome="shown" if act.act == VIEW else "refused", way=details.get("way", ""),
        audience=details.get("for", ""), why=details.get("why"),
    )  # fmt: skip


def _query(told: Mapping[str, Any]) -> Query:
    """A filter as the log has it, without its words."""
    moment = {name: datetime.fromisoformat(told[name]) for name in ("since", "until") if name in told}
    return Query(
        account=told.get("account"), platform=told.get("platform"), author=told.get("author"),
        kind=Kind(told["kind"]) if "kind" in told else None, state=State(told["state"]) if "state" in told else None,
        since=moment.get("since"), until=moment.get("until"), limit=None,
    )  # fmt: skip


def _in_words(told: Mapping[str, Any]) -> str:
    named = [f"{name}: {value}" for name, value in told.items() if name != "words"]
    named += ["words that are not kept"] if told.get("words") else []
    return "; ".join(named) or "everything"

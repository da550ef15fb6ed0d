"""What is said of people under age, and whether a parent's request can be completed (records rule R18).

The audit log has who said something, and when; it names statements and requests by number, not the child.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from archiver.domain.acting import Actor
from archiver.domain.classification import UNDECIDED
from archiver.domain.minors import (
    Barrier,
    Decision,
    MinorFlag,
    Outcome,
    Relation,
    Statement,
    WithholdRequest,
    to_parent,
)
from archiver.domain.opening import MINORS, Opening, person_digests
from archiver.errors import NotCleared, NotFound, UsageError
from archiver.services.clearance import Access
from archiver.store import Connection, subjects
from archiver.store.decisions import audit, minors
from archiver.store.decisions.audit import Act
from archiver.store.engine import Store


@dataclass(frozen=True, slots=True)
class Child:
    """A person of whom anything was said, with all of it that counts; ``statements`` are all there were."""

    person: str
    handles: tuple[str, ...]
    statements: tuple[Statement, ...]
    relations: tuple[Relation, ...]
    requests: tuple[WithholdRequest, ...]

    @property
    def flag(self) -> MinorFlag | None:
        """What was said last."""
        return self.statements[-1].flag if self.statements else None


def flag(
    store: Store, word: str, value: MinorFlag, *, reason: str, evidence: str | None, by: Actor, now: datetime
) -> Statement:
    """Say of a person whether they are a minor. Raises NotFound, UsageError where a word is missing.

    It changes the class of nothing (R16).
    """
    shown = _words(evidence or "")
    if value is MinorFlag.EVIDENCED and not shown:
        raise UsageError(
            "Nothing is named that shows it.", advice="Add --evidence with what was seen, or say asserted."
        )
    with store.begin() as conn:
        one = Statement(_person(conn, word), value, _reason(reason), by, now, shown or None)
        number = minors.state(conn, one)
        audit.add(conn, Act(now, by, "minor flag", f"minor statement {number}"))
    return one


def relate(store: Store, word: str, parent: str, *, evidence: str, by: Actor, now: datetime) -> Relation:
    """Say who is a person's parent or guardian, and what shows it. Raises NotFound, UsageError."""
    if not _words(parent) or not _words(evidence):
        raise UsageError(
            "A parent has a name, and something that shows it.", advice="Add --evidence with what was seen."
        )
    with store.begin() as conn:
        one = Relation(_person(conn, word), _words(parent), _words(evidence), by, now)
        number = minors.relate(conn, one)
        audit.add(conn, Act(now, by, "minor parent", f"minor parent {number}"))
    return one


def ask(
    store: Store, word: str, asked_on: date, *, reason: str, by: Actor, now: datetime, today: date
) -> WithholdRequest:
    """Enter that a minor asked to withhold data about them from a parent. Raises NotFound, UsageError."""
    if asked_on > today:
        raise UsageError(f"{asked_on} is yet to come.", advice="Enter the day on which it was asked.")
    with store.begin() as conn:
        one = WithholdRequest(_person(conn, word), asked_on, _reason(reason), by, now)
        made = WithholdRequest(one.person, one.asked_on, one.reason, by, now, number=minors.ask(conn, one))
        audit.add(conn, Act(now, by, "withhold ask", made.name))
    return made


def decide(store: Store, name: str, outcome: Outcome, *, reason: str, by: Actor, now: datetime) -> WithholdRequest:
    """Decide a request; once. Raises NotFound, UsageError where it was decided before or no reason is given."""
    with store.begin() as conn:
        found = next((one for one in minors.requests(conn) if one.name == name.upper()), None)
        if found is None:
            raise NotFound(f"There is no request {name!r}.", advice="`archiver minor list` names them.")
        if found.decision is not None:
            raise UsageError(
                f"{found.name} was decided by {found.decision.by.name}: {found.decision.outcome}.",
                advice="Enter another request if it was asked again.",
            )
        minors.decide(conn, found.number, Decision(outcome, _reason(reason), by, now))
        audit.add(conn, Act(now, by, "withhold decide", found.name))
    return found


def children_of(conn: Connection, parent: str) -> frozenset[str]:
    """The people whose private data may be given to this parent, who asks for it.

    Raises NotCleared where that can't be done: while a request to withhold is open for any child of theirs, or where
    no child is left; it says which request, or what else is in the way.
    """
    named = Actor(parent, "")
    theirs = {one.person for one in minors.relations(conn) if Actor(one.parent, "").is_same_person(named)}
    flags, asked = minors.flags(conn, theirs), minors.requests(conn, theirs)
    found: dict[str, Barrier | None] = {}
    for child in theirs:
        said, own = flags.get(child), [one for one in asked if one.person == child]
        found[child] = to_parent(said.flag if said else None, own, related=True)
    if Barrier.OPEN_REQUEST in found.values():
        names = ", ".join(one.name for one in asked if one.decision is None)
        raise NotCleared(
            f"This can't be given to {parent}: {Barrier.OPEN_REQUEST} ({names}).",
            advice="`archiver minor decide` enters what the city decides of it.",
        )
    free = frozenset(child for child, barrier in found.items() if barrier is None)
    if not free:
        why = next((barrier for barrier in Barrier if barrier in found.values()), Barrier.NO_RELATION)
        raise NotCleared(
            f"This can't be given to {parent}: {why}.",
            advice="`archiver minor` enters what is known of the child and the parent.",
        )
    return free


def listed(conn: Connection, access: Access) -> tuple[list[Child], int]:
    """The people of whom anything was said, as far as the reader may know, and how many others there are.

    It is data on individuals that nobody has decided about: open to who may read that, on an account with records of
    theirs. Whom it names is noted.
    """
    statements, relations, asked = minors.statements(conn), minors.relations(conn), minors.requests(conn)
    people = sorted({*_people(statements), *_people(relations), *_people(asked)})
    places = subjects.accounts_of(conn, people)
    open_ = [
        one for one in people if any(access.clearance.covers(UNDECIDED, account) for account in places.get(one, ()))
    ]
    if open_ and access.opened is not None:
        access.opened([Opening(MINORS, people=person_digests(open_))])
    found = [
        Child(
            one,
            _handles(conn, one),
            tuple(each for each in statements if each.person == one),
            tuple(each for each in relations if each.person == one),
            tuple(each for each in asked if each.person == one),
        )
        for one in open_
    ]
    return found, len(people) - len(open_)


def _people(said: Iterable[Statement] | Iterable[Relation] | Iterable[WithholdRequest]) -> set[str]:
    return {one.person for one in said}


def _handles(conn: Connection, person: str) -> tuple[str, ...]:
    return next((one.handles for one in subjects.people_called(conn, person) if one.name == person), ())


def _person(conn: Connection, word: str) -> str:
    """The one person whom a word names. Raises NotFound for nobody, UsageError for several."""
    found = subjects.people_called(conn, word)
    if not found:
        raise NotFound(
            f"There is no person {word!r}.",
            advice="Give a handle as it is written, or the platform's id of the person.",
        )
    if len(found) > 1:
        raise UsageError(f"Several people are called {word}.", advice=f"Name one: {', '.join(_names(found))}.")
    return found[0].name


def _names(found: list[subjects.PersonFound]) -> Iterator[str]:
    return (one.name for one in found)


def _reason(words: str) -> str:
    if not _words(words):
        raise UsageError("No reason is given.", advice="Add --reason, without words of a record.")
    return _words(words)


def _words(text: str) -> str:
    return " ".join(text.split())

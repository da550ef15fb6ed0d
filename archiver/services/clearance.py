"""On what terms somebody reads: cleared for which classes, by whom, for what purpose, and each opening noted (R14)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from archiver.domain.acting import Actor
from archiver.domain.classification import PUBLIC_ONLY, UNDECIDED, Audience, Clearance, may_see
from archiver.domain.opening import Noted, Opening
from archiver.domain.profile import Profile
from archiver.errors import NotCleared, UsageError
from archiver.services.retention.eligibility import Terms
from archiver.store import items
from archiver.store.decisions import audit
from archiver.store.decisions.audit import Act
from archiver.store.engine import Store
from archiver.store.selection import Query

VIEW, DENIED = "view", "view deny"
"""The acts by which an opening and a refusal stand in the audit log."""


@dataclass(frozen=True, slots=True)
class Duty:
    """What a person's work assignment opens to them: classes beyond public, of accounts and series (None: of all)."""

    sees: frozenset[str] = frozenset()
    accounts: frozenset[str] | None = None
    series: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Classes beyond public that a person asks to see, what for, and who gets to see it then."""

    classes: tuple[str, ...]
    by: Actor
    purpose: str
    audience: Audience = Audience.STAFF


_UTC = Terms(ZoneInfo("UTC"))


@dataclass(frozen=True, slots=True)
class Access:
    """The terms. ``today`` is the day in the archive's zone on which the law is asked; ``note`` says them in words.

    ``opened`` is told what is not public and is about to be shown, ``refused`` what is of a class that was asked for
    and stays closed all the same. ``terms`` is how days are reckoned, where the series of a record decides.
    ``children``: what is not public is shown of these people (``platform:id``) only, as it is for a parent of theirs.
    """

    profile: Profile
    today: date
    clearance: Clearance = PUBLIC_ONLY
    opened: Noted | None = None
    note: str = "public data only"
    refused: Noted | None = None
    terms: Terms = _UTC
    children: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Aim:
    """What a reading is about, as far as it was said: one record or entry by name, or the records of a filter."""

    record: str | None = None
    query: Query | None = None


def known_classes(profile: Profile) -> tuple[str, ...]:
    """What one can be cleared for."""
    return (*profile.class_names[1:], UNDECIDED)


def cleared(profile: Profile, asked: Asked, duty: Duty) -> Clearance:
    """The clearance that a person has for what they ask.

    Raises UsageError for a class that the profile doesn't have, NotCleared where the person's duty doesn't open it, or
    where the law closes it to the one who is to see it.
    """
    for name in asked.classes:
        if name not in known_classes(profile):
            raise UsageError(
                f'"{name}" is not a class of data of {profile.id}.',
                advice=f"Known: {', '.join(known_classes(profile))}.",
            )
        if name not in duty.sees:
            raise NotCleared(
                f"{asked.by.name} is not cleared for {name} data.",
                advice="A work assignment that opens it stands in `sees` of [[people]] in the configuration.",
            )
        data = profile.class_of(name)
        if not (may_see(data, asked.audience) if data is not None else asked.audience is Audience.STAFF):
            citation = data.citation if data is not None else "nobody has decided about it"
            raise NotCleared(
                f"{name} data is not for {_WORDS[asked.audience]} ({citation}).", advice="Leave that class out."
            )
    return Clearance(frozenset(asked.classes), duty.accounts, duty.series)


_WORDS = {
    Audience.PUBLIC: "the public",
    Audience.SUBJECT: "the person it is about",
    Audience.PARENT: "a parent of the person it is about",
    Audience.STAFF: "staff",
    Audience.OTHER_STAFF: "staff without work that asks for it",
}


def noting(store: Store, asked: Asked, way: str, now: Callable[[], datetime], act: str = VIEW) -> Noted:
    """Writes each opening, or with `DENIED` each refusal, into the audit log: an act for each object.

    It says what of the object it was about, for what purpose, and how it was asked for.
    """

    def note(objects: Sequence[Opening]) -> None:
        with store.begin() as conn:
            for one in objects:
                details = _details(asked, way) | one.document()
                audit.add(conn, Act(now(), asked.by, act, one.subject, asked.purpose, details))

    return note


def note_denial(store: Store, asked: Asked, way: str, why: str, now: datetime, aim: Aim | None = None) -> None:
    """Write down that somebody asked for what they are not cleared for; none of it was looked at.

    A record that was named is the act's subject. A filter stands in the details without its words, which may be
    those of a record; so that one can tell later whose data was asked for.
    """
    aim = aim or Aim()
    details = _details(asked, way) | {"why": why}
    with store.begin() as conn:
        subject = ", ".join(asked.classes)
        if aim.record is not None:
            subject = items.resolve(conn, aim.record) or aim.record
        elif aim.query is not None:
            details["filter"] = _filter(aim.query)
        audit.add(conn, Act(now, asked.by, DENIED, subject, asked.purpose, details))


_FILTERS = ("account", "platform", "kind", "state", "author")
_TIMES = ("since", "until")


def _filter(query: Query) -> dict[str, Any]:
    """A filter in values of JSON, without its words; that there were any, it says."""
    told = {name: str(value) for name in _FILTERS if (value := getattr(query, name)) is not None}
    told |= {name: value.isoformat() for name in _TIMES if (value := getattr(query, name)) is not None}
    return told | {"words": bool(query.words.strip())}


def _details(asked: Asked, way: str) -> dict[str, object]:
    return {"classes": list(asked.classes), "for": asked.audience.value, "way": way}


def duty_of(sees: Iterable[str], accounts: Iterable[str] | None, series: Iterable[str] | None) -> Duty:
    """A duty from what the configuration says of a person."""
    return Duty(
        frozenset(sees),
        None if accounts is None else frozenset(accounts),
        None if series is None else frozenset(series),
    )

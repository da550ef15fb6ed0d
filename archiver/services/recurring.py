"""What the law has a city do again and again: that it was done is written down, and somebody is reminded (R15).

What that is, and how often, the state's profile says. The audit log is the record of it: an act for each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from archiver.domain.acting import Actor
from archiver.domain.profile import Profile, Recurring
from archiver.errors import NotFound, UsageError
from archiver.store import Connection
from archiver.store.decisions import audit
from archiver.store.decisions.audit import Act
from archiver.store.engine import Store

DONE = "assessment done"
"""The act by which somebody says that it was done."""


@dataclass(frozen=True, slots=True)
class Time:
    """One time that it was done: on which day, what tells of it, and who wrote that down when (aware, UTC)."""

    what: str
    day: date
    words: str
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What has to be done, when it was done last, and whether that is too long ago on ``today``."""

    what: Recurring
    last: Time | None
    today: date

    @property
    def late(self) -> bool:
        """Whether it should have been done by now; what was never written down should."""
        return self.last is None or self.today > self.what.until(self.last.day)

    @property
    def sentence(self) -> str:
        """How it stands."""
        law = f"{self.what.label} ({self.what.citation})"
        if self.last is None:
            return f"{law}: not recorded yet."
        return f"{law}: last done on {self.last.day}, {'late since' if self.late else 'next by'} {self._until}."

    @property
    def advice(self) -> str:
        """How one says that it was done."""
        return f"Once it is done: `archiver assessment done {self.what.name}`."

    @property
    def reminder(self) -> str | None:
        """What somebody has to be told; None while there is time."""
        return f"{self.sentence} {self.advice}" if self.late else None

    @property
    def _until(self) -> date | None:
        return self.what.until(self.last.day) if self.last is not None else None


def record(
    store: Store, profile: Profile, name: str, day: date, words: str, by: Actor, now: datetime, today: date
) -> Time:
    """Write down that something was done on a day. ``words`` say what tells of it: a report, its number.

    Raises NotFound for what the profile does not have, UsageError for a day that is yet to come, or no words.
    """
    what = next((one for one in profile.recurring if one.name == name), None)
    if what is None:
        known = ", ".join(one.name for one in profile.recurring)
        raise NotFound(
            f"{profile.title} asks for no {name!r}.", advice=f"Known: {known}." if known else "It asks for none."
        )
    if day > today:
        raise UsageError(f"{day} is yet to come.", advice="Say it once it is done.")
    if not words.split():
        raise UsageError("Nothing tells of it.", advice="Add --reason with the report, or who did it.")
    done = Time(name, day, " ".join(words.split()), by, now)
    details = {"day": day.isoformat(), "law": what.citation, "rule_set": profile.rule_set}
    with store.begin() as conn:
        audit.add(conn, Act(now, by, DONE, name, done.words, details))
    return done


def times(conn: Connection) -> Iterator[Time]:
    """All times that anything was done, in the order in which they were written down."""
    for act in audit.rows(conn, verbs=(DONE,)):
        yield Time(act.subject, date.fromisoformat(act.details["day"]), act.reason or "", act.by, act.at)


def standing(store: Store, profile: Profile, today: date) -> list[Standing]:
    """How it stands with all that the profile asks for, in its order."""
    with store.read() as conn:
        last = {one.what: one for one in sorted(times(conn), key=lambda one: one.day)} if profile.recurring else {}
    return [Standing(what, last.get(what.name), today) for what in profile.recurring]


def never(profile: Profile) -> list[Standing]:
    """How it stands where nothing was ever written down."""
    return [Standing(what, None, date.min) for what in profile.recurring]

"""People under age: what is said of it, by whom, and whether what is private about one may be given to a parent (R18).

Being a minor makes nothing private by itself (R16): no class follows from what stands here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from archiver.domain.acting import Actor

MINOR = "minor"
"""The entry of a profile's watch list that is about minors, in every profile that has one."""


class MinorFlag(StrEnum):
    """Whether a person is under age: somebody says so, something shows it, or nobody knows any more."""

    ASSERTED = "asserted"
    EVIDENCED = "evidenced"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """What was decided of a request to withhold: withhold from the parent, or give to the parent all the same."""

    WITHHOLD = "withhold"
    GIVE = "give"


class Barrier(StrEnum):
    """Why something is not given to a parent; in the order in which it is told."""

    OPEN_REQUEST = "a request to withhold it from the parent is open"
    WITHHELD = "the city decided to withhold it from the parent"
    NOT_A_MINOR = "nobody has said that the person is a minor"
    NO_RELATION = "nothing shows that this is the person's parent"


@dataclass(frozen=True, slots=True)
class Statement:
    """That somebody said of a person (``platform:id``) whether they are a minor. ``evidence`` is what shows it."""

    person: str
    flag: MinorFlag
    reason: str
    by: Actor
    at: datetime
    evidence: str | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Relation:
    """That somebody is a person's parent or guardian, and what shows it."""

    person: str
    parent: str
    evidence: str
    by: Actor
    at: datetime
    number: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What the city decided of a request, and why."""

    outcome: Outcome
    reason: str
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class WithholdRequest:
    """That a minor asked, on a day, that data about them be withheld from a parent; open until somebody decides."""

    person: str
    asked_on: date
    reason: str
    by: Actor
    at: datetime
    decision: Decision | None = None
    number: int = 0

    @property
    def name(self) -> str:
        """By which people name it: ``W-1``."""
        return f"W-{self.number}"


def to_parent(flag: MinorFlag | None, requests: Iterable[WithholdRequest], *, related: bool) -> Barrier | None:
    """Why what is about a person may not be given to a parent; None: it may, as far as the person may see it.

    ``flag`` is what was said of the person last. An open request stops it whatever else is known, and of those that
    were decided the latest decision counts.
    """
    asked = list(requests)
    decided = [one.decision for one in asked if one.decision is not None]
    if len(decided) < len(asked):
        return Barrier.OPEN_REQUEST
    last = max(decided, key=lambda one: one.at, default=None)
    if last is not None and last.outcome is Outcome.WITHHOLD:
        return Barrier.WITHHELD
    if flag not in {MinorFlag.ASSERTED, MinorFlag.EVIDENCED}:
        return Barrier.NOT_A_MINOR
    return None if related else Barrier.NO_RELATION

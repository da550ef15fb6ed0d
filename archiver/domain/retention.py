"""How long records are kept: the series of a schedule, the event that starts the clock, and the arithmetic.

A period is the shortest time that the law lets a record be kept (records rule R22), so every doubt lengthens it:

* The day of the event is not counted, the last day of the period is: what is kept one year after 10 May 2024 is kept
  through 10 May 2025, and may go from 11 May 2025 on. Ninety days are the ninety days after that of the event.
* Months and years end on the day of the same number. Where the month has none (one month after 31 January, one year
  after 29 February 2024), they end on its last day.
* A series may name several events: the last one counts, and each must have happened.
* Without the day of the event there is no end, ever.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum


class Trigger(StrEnum):
    """The event that starts the clock."""

    CREATED = "created"
    RECEIVED = "received"
    REMOVED_FROM_PLATFORM = "removed_from_platform"
    SUPERSEDED = "superseded"
    ACTION_COMPLETED = "action_completed"
    CASE_CLOSED = "case_closed"
    ACCOUNT_CLOSED = "account_closed"
    FISCAL_YEAR_END = "fiscal_year_end"
    CALENDAR_YEAR_END = "calendar_year_end"
    MANUAL = "manual"


BY_HAND = frozenset({Trigger.SUPERSEDED, Trigger.ACTION_COMPLETED, Trigger.CASE_CLOSED, Trigger.MANUAL})
"""Events that no platform tells of: a person says on which day they were.

``superseded`` is among them: an edit makes a version, which goes and stays with its record. Whether another record has
taken the place of this one, only a person knows.
"""


class Unit(StrEnum):
    """What a period is counted in. ``permanent`` never ends; ``indefinite``: nobody has said yet when it does."""

    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"
    PERMANENT = "permanent"
    INDEFINITE = "indefinite"


class Disposition(StrEnum):
    """What happens to records whose time is over (records rule R34)."""

    DESTROY = "destroy"
    TRANSFER = "transfer"
    TRANSFER_THEN_DESTROY = "transfer_then_destroy"
    REVIEW = "review"
    RETAIN = "retain"

    @property
    def ends(self) -> bool:
        """Whether the records leave this archive, without a person deciding on each."""
        return self in {Disposition.DESTROY, Disposition.TRANSFER, Disposition.TRANSFER_THEN_DESTROY}


class Archival(StrEnum):
    """Whether a series is of lasting value to the state's archives."""

    NO = "no"
    YES = "yes"
    REVIEW = "review"
    APPRAISAL_REQUIRED = "appraisal_required"


_PERIOD = re.compile(r"(\d{1,4}) +(day|month|year)s?")
_ENDLESS = {Unit.PERMANENT, Unit.INDEFINITE}
LAST_DAY = date.max


@dataclass(frozen=True, slots=True)
class Period:
    """A number of days, months or years; ``count`` is 0 for a period that has no end, and for one of no length."""

    count: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Period:
        """From ``90 days``, ``1 month``, ``3 years``, ``permanent``, ``indefinite``. Raises ValueError."""
        words = text.strip().casefold()
        if words in _ENDLESS:
            return cls(0, Unit(words))
        if (match := _PERIOD.fullmatch(words)) is None:
            msg = f'"{text}" is not a period; write one like "90 days", "3 years", "permanent" or "indefinite"'
            raise ValueError(msg)
        return cls(int(match[1]), Unit(f"{match[2]}s"))

    @property
    def ends(self) -> bool:
        """Whether it has an end."""
        return self.unit not in _ENDLESS

    def __str__(self) -> str:
        """As `parse` reads it."""
        if not self.ends:
            return str(self.unit)
        return f"{self.count} {str(self.unit)[:-1] if self.count == 1 else self.unit}"

    def last_day(self, event: date) -> date | None:
        """The last day on which a record is kept; None: there is none, or it lies beyond the calendar."""
        try:
            match self.unit:
                case Unit.DAYS:
                    return event + timedelta(days=self.count)
                case Unit.MONTHS:
                    return _months_on(event, self.count)
                case Unit.YEARS:
                    return _months_on(event, 12 * self.count)
        except (ValueError, OverflowError):
            return None
        return None


def _months_on(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    if year > LAST_DAY.year:
        raise OverflowError
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@dataclass(frozen=True, slots=True)
class Series:
    """A class of records with its rule. ``classes`` hints at how its data is classified, ``statute`` says by what law.

    ``section`` is the part of the schedule that it stands in, as an adoption names it.
    """

    code: str
    title: str
    triggers: tuple[Trigger, ...]
    period: Period
    disposition: Disposition
    archival: Archival = Archival.NO
    section: str | None = None
    description: str | None = None
    classes: tuple[str, ...] = ()
    statute: tuple[str, ...] = ()

    @property
    def rule(self) -> str:
        """The period and its events in words: ``3 years after received``."""
        if not self.period.ends:
            return str(self.period)
        events = " and ".join(str(one).replace("_", " ") for one in self.triggers)
        return f"{self.period} after {events}"


@dataclass(frozen=True, slots=True)
class Edition:
    """A schedule as it was issued at one time. It never changes; a later one is another edition (records rule R21).

    ``schedule`` is its short name, ``edition`` the day of issue. ``body`` issued it, ``reference`` is the approval it
    has, ``source_url`` where it can be read. An ``example`` exercises the software and never disposes of anything.
    """

    schedule: str
    edition: date
    title: str
    series: tuple[Series, ...]
    example: bool = False
    body: str | None = None
    reference: str | None = None
    source_url: str | None = None

    @property
    def name(self) -> str:
        """By which people and rows name it: ``schedule@2021-03-01``."""
        return f"{self.schedule}@{self.edition.isoformat()}"


Events = Mapping[Trigger, date]
"""On which day each event was, in the city's zone; those that have not happened are not in it."""


def event_day(series: Series, events: Events) -> date | None:
    """The day that starts the clock of a record: of the last of its series' events; None until all have happened."""
    days = [events.get(trigger) for trigger in series.triggers]
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None


def due_on(series: Series, trigger_date: date | None) -> date | None:
    """The first day on which a record may be disposed of; None: never."""
    if trigger_date is None:
        return None
    last = series.period.last_day(trigger_date)
    return None if last is None or last == LAST_DAY else last + timedelta(days=1)


def year_end(day: date, first_month: int = 1) -> date:
    """The last day of the year that a day falls in, of years that begin on the first of ``first_month``."""
    start = date(day.year + (day.month >= first_month > 1), first_month, 1)
    return date(day.year, 12, 31) if first_month == 1 else start - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A series that matches a record. ``filters`` are the conditions by which it does, as ``(name, value)``.

    ``code`` is as the assignment names it; ``series`` and ``edition`` are None where no such series is known.
    ``usable`` says that its edition is adopted, for its section, and no example.
    """

    code: str
    filters: frozenset[tuple[str, str]]
    edition: str | None = None
    series: Series | None = None
    usable: bool = False
    why: str = ""
    chosen_over: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    @property
    def name(self) -> tuple[str, str]:
        """Edition and code."""
        return (self.edition or "", self.code)


def most_specific(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Those that no other one goes before (records rule R23).

    A candidate goes before another when its conditions hold all of the other's and more, or when a person chose its
    series over the other's. What remains is as specific as can be told; the longest of their periods counts.
    """
    found = list(dict.fromkeys(candidates))
    nested = [one for one in found if not any(one.filters < other.filters for other in found)]
    return tuple(one for one in nested if not any(one.name in other.chosen_over for other in nested if other != one))


@dataclass(frozen=True, slots=True)
class Term:
    """A candidate with its clock for one record: the day that started it, and the first day after the period."""

    candidate: Candidate
    trigger_date: date | None
    due: date | None


def longest(terms: Iterable[Term]) -> Term | None:
    """The one that keeps the record longest; without an end is longer than any. None where there is none at all.

    Of equally long ones the one that can't dispose counts, then the first by name, so that the answer is always the
    same.
    """
    return max(terms, key=_length, default=None)


def _length(term: Term) -> tuple[bool, date, bool, tuple[str, ...]]:
    one = term.candidate
    endless = term.due is None or not one.usable
    disposes = one.series is not None and one.series.disposition.ends
    return (endless, term.due or LAST_DAY, not disposes, tuple(one.name))

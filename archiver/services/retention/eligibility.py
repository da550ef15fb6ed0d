"""Which records are past their time, and why the others are not (records rules R21 to R24).

`eligible` gives those that may be disposed of, `assess` all with what is in the way. Both may be asked inside a write
transaction, and what they say of a record then holds until its end, as far as this store's own decisions go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from archiver.domain.item import Kind, State
from archiver.domain.keys import Key
from archiver.domain.marking import RecordStatus
from archiver.domain.retention import (
    BY_HAND,
    Disposition,
    Series,
    Term,
    Trigger,
    due_on,
    event_day,
    longest,
    year_end,
)
from archiver.services.retention.matching import Books, Found, Match, books, found_by_rules, holding
from archiver.store import Connection
from archiver.store.decisions import applications, assignments, register, schedules, statuses
from archiver.store.decisions.assignments import TriggerDay
from archiver.store.lifetimes import Lifetime, lifetimes

if TYPE_CHECKING:
    from archiver.config import Settings

NO_RULES: frozenset[int] = frozenset()


class WhyNot(StrEnum):
    """What is in the way of a disposal: the first of these that is."""

    DISPOSED = "disposed"
    UNDETERMINED = "undetermined"
    UNSCHEDULED = "unscheduled"
    NOT_ADOPTED = "not adopted"
    NO_END = "no end"
    NO_TRIGGER_DATE = "no trigger date"
    NOT_DUE = "not due"
    TO_BE_REVIEWED = "to be reviewed"
    TO_BE_RETAINED = "to be retained"


@dataclass(frozen=True, slots=True)
class Terms:
    """How days are reckoned: the archive's zone, and the month with whose first day the fiscal year begins."""

    zone: ZoneInfo
    fiscal_year_begins: int = 1

    def day(self, moment: datetime) -> date:
        """The day of the archive's zone in which a moment falls."""
        return moment.astimezone(self.zone).date()


def terms_of(settings: Settings) -> Terms:
    """As the configuration has it."""
    return Terms(ZoneInfo(settings.archive.timezone), settings.archive.fiscal_year_begins)


@dataclass(frozen=True, slots=True)
class Eligibility:
    """A record, and what its retention comes to on a day.

    ``matches`` are all series that match it, ``terms`` those that hold, each with its clock; ``counts`` is the one
    that keeps it longest. ``application`` is the number of the approval by which a record of no series may go; its
    ``due`` is then the day of that approval. ``events`` are those that are known to have happened. Days are of the
    archive's zone.
    """

    record: Key
    account: str
    kind: str
    came_at: datetime
    status: RecordStatus
    due: date | None
    why_not: WhyNot | None
    counts: Term | None = None
    terms: tuple[Term, ...] = ()
    matches: tuple[Match, ...] = ()
    application: str | None = None
    events: Mapping[Trigger, date] = field(default_factory=dict)

    @property
    def eligible(self) -> bool:
        """Whether it may be disposed of, as far as schedules go; stops are asked for apart."""
        return self.why_not is None

    @property
    def series(self) -> Series | None:
        """The series under which it is kept, and goes."""
        return self.counts.candidate.series if self.counts else None

    @property
    def code(self) -> str | None:
        """The code of that series."""
        return self.counts.candidate.code if self.counts else None

    @property
    def edition(self) -> str | None:
        """The edition of the schedule that the series is of."""
        return self.counts.candidate.edition if self.counts else None

    @property
    def trigger_date(self) -> date | None:
        """The day that started the clock."""
        return self.counts.trigger_date if self.counts else None

    @property
    def disposition(self) -> Disposition:
        """What happens to it when its time is over; what goes by an application is destroyed."""
        return self.series.disposition if self.series else Disposition.DESTROY

    @property
    def in_doubt(self) -> bool:
        """Whether several series hold, and the longest counts because nobody chose."""
        return len({term.candidate.name for term in self.terms}) > 1


def eligible(conn: Connection, at_day: date, terms: Terms, keys: Sequence[Key] | None = None) -> Iterator[Eligibility]:
    """The records that may be disposed of on a day, of all or of these; stops are to be asked for apart."""
    return (one for one in assess(conn, at_day, terms, keys) if one.eligible)


def assess(conn: Connection, at_day: date, terms: Terms, keys: Sequence[Key] | None = None) -> Iterator[Eligibility]:
    """Every record, or each of these, with what its retention comes to. Unknown keys are left out."""
    schedules.rely(conn)
    book = books(conn, at_day)
    judge = _Judge(
        book, terms, found_by_rules(conn, book.assignments, keys), register.closed_days(conn),
        applications.approved(conn, at_day),
    )  # fmt: skip
    days = assignments.stated_days(conn, keys)
    for portion in lifetimes(conn, keys):
        marks = statuses.status_of(conn, [one.record for one in portion])
        for one in portion:
            mark = marks.get(one.record)
            yield judge.judged(one, mark.status if mark else None, days.get(one.record))


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What records of the same series, the same days and the same status have in common."""

    due: date | None
    why_not: WhyNot | None
    counts: Term
    terms: tuple[Term, ...]
    events: Mapping[Trigger, date]


@dataclass(frozen=True, slots=True)
class _Judge:
    book: Books
    terms: Terms
    found: Found
    closed: Mapping[str, date]
    approved: Mapping[str, tuple[str, date]]
    known: dict[tuple[object, ...], _Verdict] = field(default_factory=dict)

    def judged(
        self, one: Lifetime, status: RecordStatus | None, stated: Mapping[Trigger, TriggerDay] | None
    ) -> Eligibility:
        by_rule = self.found.get(one.record, NO_RULES)
        matches = self.book.matches(one, by_rule)
        told = partial(Eligibility, one.record, one.account, one.kind, one.came_at)
        if one.state == State.DISPOSED.value:
            return told(status or RecordStatus.UNDETERMINED, None, WhyNot.DISPOSED)
        if not matches:
            return self._by_application(one, told, status)
        removed = self.terms.day(one.removed_at) if one.removed_at is not None else None
        key = (one.account, one.kind, one.configured, by_rule, self.terms.day(one.came_at), removed, status)
        found = self.known.get(key) if not stated else None
        if found is None:
            found = self._verdict(matches, self.events(one, stated or {}), status)
            if not stated:
                self.known[key] = found
        return told(
            status or RecordStatus.RECORD, found.due, found.why_not, found.counts, found.terms, matches, None,
            found.events,
        )  # fmt: skip

    def _by_application(self, one: Lifetime, told: partial[Eligibility], status: RecordStatus | None) -> Eligibility:
        """What no series matches goes by an application, or not at all."""
        number, day = self.approved.get(one.record, (None, None))
        if number is None or status is RecordStatus.UNDETERMINED:
            why = WhyNot.UNSCHEDULED if number is None else WhyNot.UNDETERMINED
            return told(status or RecordStatus.UNDETERMINED, None, why)
        return told(status or RecordStatus.RECORD, day, None, application=number)

    def _verdict(
        self, matches: tuple[Match, ...], events: Mapping[Trigger, date], status: RecordStatus | None
    ) -> _Verdict:
        terms = tuple(dict.fromkeys(_term(match, events) for match in holding(matches)))
        counts = longest(terms)
        assert counts is not None
        why = WhyNot.UNDETERMINED if status is RecordStatus.UNDETERMINED else self._why_not(counts)
        return _Verdict(counts.due if counts.candidate.usable else None, why, counts, terms, events)

    def _why_not(self, term: Term) -> WhyNot | None:
        candidate, series = term.candidate, term.candidate.series
        if not candidate.usable or series is None:
            return WhyNot.NOT_ADOPTED
        if not series.period.ends:
            return WhyNot.NO_END
        if term.trigger_date is None:
            return WhyNot.NO_TRIGGER_DATE
        if term.due is None or term.due > self.book.on:
            return WhyNot.NOT_DUE
        if series.disposition.ends:
            return None
        return WhyNot.TO_BE_REVIEWED if series.disposition is Disposition.REVIEW else WhyNot.TO_BE_RETAINED

    def events(self, one: Lifetime, stated: Mapping[Trigger, TriggerDay]) -> dict[Trigger, date]:
        """The days of all events that are known to have happened, in the archive's zone."""
        found: dict[Trigger, date] = {}
        if (came := self._came(one)) is not None:
            found = {
                Trigger.CREATED: came,
                Trigger.RECEIVED: came,
                Trigger.CALENDAR_YEAR_END: year_end(came),
                Trigger.FISCAL_YEAR_END: year_end(came, self.terms.fiscal_year_begins),
            }
        if one.removed_at is not None:
            found[Trigger.REMOVED_FROM_PLATFORM] = self.terms.day(one.removed_at)
        if one.account in self.closed:
            found[Trigger.ACCOUNT_CLOSED] = self.closed[one.account]
        found.update({name: day.day for name, day in stated.items() if name in BY_HAND and day.day is not None})
        return found

    def _came(self, one: Lifetime) -> date | None:
        """When it was made. A profile is being made until it is gone, or its account is closed."""
        came = self.terms.day(one.came_at)
        if one.kind != Kind.PROFILE.value:
            return came
        ends = [self.terms.day(one.removed_at)] if one.removed_at is not None else []
        ends += [self.closed[one.account]] if one.account in self.closed else []
        return max([came, *ends]) if ends else None


def _term(match: Match, events: Mapping[Trigger, date]) -> Term:
    series = match.candidate.series
    day = event_day(series, events) if series else None
    return Term(match.candidate, day, due_on(series, day) if series else None)

"""Why a record is kept until when, in plain words (records rules R22 and R23)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from archiver.domain.marking import RecordStatus, StatusMark
from archiver.domain.retention import BY_HAND, Disposition, Series, Term, Trigger
from archiver.errors import NotFound
from archiver.services.retention.assigning import meant
from archiver.services.retention.eligibility import Eligibility, Terms, WhyNot, assess
from archiver.services.retention.matching import Match
from archiver.store import items
from archiver.store.decisions import statuses, stops
from archiver.store.decisions.stops import Stop
from archiver.store.engine import Store

ENDS = {
    Disposition.DESTROY: "may be destroyed",
    Disposition.TRANSFER: "may be transferred to the archives",
    Disposition.TRANSFER_THEN_DESTROY: "may be transferred to the archives, and destroyed after their receipt",
    Disposition.REVIEW: "is reviewed by a person, who decides",
    Disposition.RETAIN: "stays: the series lets nothing go",
}
"""What becomes of a record whose time is over; each goes on from "it"."""

UNTIL = {
    Trigger.REMOVED_FROM_PLATFORM: "it is still on the platform",
    Trigger.ACCOUNT_CLOSED: "its account is open, as far as the register of accounts says",
}
"""Why an event has no day that is read from what was captured."""
IN_USE = "a profile is in use until it is gone or its account is closed"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was found on a day, the stops that the record is under, and the same as sentences."""

    found: Eligibility
    stops: tuple[Stop, ...]
    sentences: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """As ``--json`` tells it."""
        one, series = self.found, self.found.series
        return {
            "record": one.record, "account": one.account, "kind": one.kind, "status": one.status,
            "series": one.code, "edition": one.edition, "application": one.application,
            "trigger": [str(name) for name in series.triggers] if series else None, "trigger_date": one.trigger_date,
            "period": str(series.period) if series else None,
            "disposition": str(one.disposition) if series or one.application else None,
            "due": one.due, "eligible": one.eligible and not self.stops, "why_not": one.why_not,
            "in_doubt": one.in_doubt, "stops": [stop.name for stop in self.stops],
            "events": {str(name): day for name, day in one.events.items()},
            "matches": [_match_document(match, one) for match in one.matches], "explanation": list(self.sentences),
        }  # fmt: skip


def explain(store: Store, name: str, at_day: date, terms: Terms) -> Explanation:
    """What keeps a record, and until when. Raises NotFound."""
    with store.read() as conn:
        key = items.resolve(conn, name)
        found = next(assess(conn, at_day, terms, [key]), None) if key is not None else None
        if key is None or found is None:
            raise NotFound(f"There is no record {name!r}.", advice="`archiver search` lists the keys.")
        mark = statuses.status_of(conn, [key]).get(key)
        open_ones = {stop.name: stop for stop in stops.every(conn, open_only=True)}
        standing = tuple(open_ones[name] for name in stops.stopping(conn, [key]).get(key, ()))
    return Explanation(found, standing, tuple(_sentences(found, mark, standing, at_day, terms)))


def _sentences(
    found: Eligibility, mark: StatusMark | None, standing: tuple[Stop, ...], at_day: date, terms: Terms
) -> Iterator[str]:
    came = terms.day(found.came_at)
    yield f"{found.record} is a {found.kind} of {found.account}, of {came}."
    if found.why_not is WhyNot.DISPOSED:
        yield "It was disposed of; `archiver retention certificates` says when and under what."
        return
    yield from _status(found, mark, terms)
    yield from _series(found, terms)
    if found.counts is not None and found.series is not None:
        yield from _clock(found, found.series)
    yield from _end(found, at_day)
    yield from _stopped(found, standing)


def _status(found: Eligibility, mark: StatusMark | None, terms: Terms) -> Iterator[str]:
    if mark is not None:
        yield f"{mark.by.name} marked it as {mark.status} on {terms.day(mark.at)}: {mark.reason.rstrip('.')}."
    elif found.status is RecordStatus.UNDETERMINED:
        yield "Nobody has decided yet whether it is a record; it is kept as one."


def _series(found: Eligibility, terms: Terms) -> Iterator[str]:
    holding = {term.candidate.name for term in found.terms}
    if not found.matches:
        if found.application is None:
            yield "No series matches it: nothing is assigned to its account, its kind or to itself."
        return
    for match in found.matches:
        one = match.candidate
        title = f" {one.series.title}" if one.series else ""
        rule = f" It says: {one.series.rule}, then {_words(one.series.disposition)}." if one.series else ""
        edition = f" of {one.edition}" if one.edition else ""
        yield f"Series {one.code}{title}{edition} matches it: {_why(match, terms)}.{rule}"
    if len({match.candidate.name for match in found.matches}) > 1:
        names = ", ".join(dict.fromkeys(term.candidate.code for term in found.terms))
        if len(holding) == 1:
            yield f"{names} holds: what is said of fewer records, or was chosen, goes before what is said of more."
        else:
            yield (
                f"{names} are equally specific, so the one that keeps it longest counts: {found.code}. "
                "`archiver retention choose` decides which one holds."
            )


def _why(match: Match, terms: Terms) -> str:
    one = match.assignment
    if one is None:
        return "the configuration gives it to the account"
    of_it = "this record" if one.records else meant(one)
    return f"{one.by.name} assigned it on {terms.day(one.at)} to {of_it} (assignment {one.number})"


def _clock(found: Eligibility, series: Series) -> Iterator[str]:
    for trigger in series.triggers:
        day = found.events.get(trigger)
        words = _words(trigger)
        if day is not None:
            yield f'The day of the event "{words}" is {day}.'
        elif trigger in BY_HAND:
            yield f'Nobody has stated on which day the event "{words}" was: `archiver retention event {trigger}`.'
        else:
            yield f'The event "{words}" has not happened: {UNTIL.get(trigger, IN_USE)}.'


def _end(found: Eligibility, at_day: date) -> Iterator[str]:
    counts = found.counts
    if found.application is not None:
        yield f"It may be destroyed by the approved application {found.application}, since {found.due}."
        return
    if counts is None:
        yield (
            "It is kept until a series is assigned (`archiver retention assign`) or an application for it is "
            "approved (`archiver retention apply`)."
        )
        return
    yield from _days(counts, at_day)
    if not counts.candidate.usable:
        yield f"Nothing may go yet: {counts.candidate.why}"
    if found.why_not is WhyNot.UNDETERMINED:
        yield "It was marked as undetermined, so it is kept until somebody decides (`archiver classify status`)."


def _days(counts: Term, at_day: date) -> Iterator[str]:
    series = counts.candidate.series
    if series is None:
        return
    if not series.period.ends:
        yield "It is kept for good." if str(series.period) == "permanent" else "It is kept; no end is set."
    elif counts.due is None:
        yield "It is kept as long as that is so: without the day of the event no period begins."
    else:
        last = counts.due - timedelta(days=1)
        past = " Its time is over." if counts.due <= at_day else ""
        yield f"It is kept through {last}; from {counts.due} on it {ENDS[series.disposition]}.{past}"


def _stopped(found: Eligibility, standing: tuple[Stop, ...]) -> Iterator[str]:
    for stop in standing:
        yield f"Stop {stop.name} ({_words(stop.type)}, {stop.matter}) keeps it until that is released."
    if not standing:
        yield "No stop keeps it." if not found.eligible else "No stop keeps it: it may be proposed for disposal."


def _words(name: str) -> str:
    return str(name).replace("_", " ")


def _match_document(match: Match, found: Eligibility) -> dict[str, Any]:
    one = match.candidate
    term = next((term for term in found.terms if term.candidate == one), None)
    return {
        "series": one.code, "edition": one.edition, "title": one.series.title if one.series else None,
        "rule": one.series.rule if one.series else None, "adopted": one.usable, "why_unusable": one.why or None,
        "by": match.assignment.by.name if match.assignment else "config.toml",
        "assignment": match.assignment.number if match.assignment else None, "holds": term is not None,
        "trigger_date": term.trigger_date if term else None, "due": term.due if term else None,
    }  # fmt: skip

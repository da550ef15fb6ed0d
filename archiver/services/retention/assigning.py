"""Records are assigned to series, and the days of events are stated; each by a named person (R22, R23)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from archiver.domain.acting import Actor
from archiver.domain.keys import Key
from archiver.domain.retention import BY_HAND, Trigger
from archiver.errors import NotFound, UsageError
from archiver.services.retention.adopting import series_of
from archiver.store import Connection, accounts, items
from archiver.store.decisions import assignments, audit
from archiver.store.decisions.assignments import Assignment, Choice, TriggerDay
from archiver.store.decisions.audit import Act
from archiver.store.decisions.schedules import SeriesName
from archiver.store.decisions.scopes import Scope, matching
from archiver.store.engine import Store
from archiver.store.lifetimes import threads_of
from archiver.store.selection import Query


@dataclass(frozen=True, slots=True)
class Target:
    """A series as a person names it: a code, and an edition where the code alone is not clear."""

    code: str
    edition: str | None = None


def assign(
    store: Store, target: Target, query: Query | None, records: Sequence[str], *, threads: Sequence[str] = (),
    reason: str | None, by: Actor, at: datetime, today: date,
) -> Assignment:  # fmt: skip
    """Assign what a filter finds or what stands in threads, now and later, or the named records.

    Gives the assignment with its number. ``threads`` are named by any record in them.
    """
    if sum([query is not None, bool(records), bool(threads)]) != 1:
        raise UsageError(
            "Nothing is assigned.", advice="Name records, threads, or filters like --account: one of them."
        )
    if query is not None and query.hopeless:
        raise UsageError("There is no word in these words that could be searched for.", advice="Use letters or digits.")
    with store.begin() as conn:
        if query is not None and query.account is not None:
            accounts.get(conn, query.account)
        series = series_of(conn, target.code, target.edition, today)
        roots = threads_of(conn, resolved(conn, threads))
        one = Assignment(series, query, tuple(resolved(conn, records)), by, at, reason, threads=roots)
        one = replace(one, number=assignments.assign(conn, one))
        details = {"number": one.number, "edition": one.series[0], "rule": one.scope.document()}
        audit.add(conn, Act(at, by, "series assign", target.code, reason, details))
    return one


def revoke(store: Store, number: int, *, reason: str, by: Actor, at: datetime) -> Assignment:
    """End an assignment. Raises NotFound where no such one holds."""
    with store.begin() as conn:
        one = next((one for one in assignments.assignments(conn) if one.number == number), None)
        if one is None:
            raise NotFound(f"No assignment {number} holds.", advice="`archiver retention assignments` lists them.")
        assignments.revoke(conn, number, reason=reason, by=by, at=at)
        audit.add(conn, Act(at, by, "series revoke", one.series[1], reason, {"number": number}))
    return one


def choose(store: Store, target: Target, over: Target, *, reason: str, by: Actor, at: datetime, today: date) -> Choice:
    """Decide which of two series holds where both match."""
    with store.begin() as conn:
        one, other = (series_of(conn, each.code, each.edition, today) for each in (target, over))
        if one == other:
            raise UsageError("Both are the same series.", advice="Name two.")
        choice = Choice(one, other, reason, by, at)
        assignments.choose(conn, choice)
        details = {"series": _named(one), "over": _named(other)}
        audit.add(conn, Act(at, by, "series choose", one[1], reason, details))
    return choice


def state_event(
    store: Store, trigger: Trigger, records: Sequence[str], day: date | None, *,
    threads: bool, reason: str, by: Actor, at: datetime, today: date,
) -> list[Key]:  # fmt: skip
    """State on which day an event was for these records, or that it has not happened; the records.

    ``threads``: also for all records that stand in their threads now.
    """
    if trigger not in BY_HAND:
        known = ", ".join(sorted(BY_HAND))
        raise UsageError(f"The day of {trigger} is not stated: it is read from the records.", advice=f"Known: {known}.")
    if day is not None and day > today:
        raise UsageError(f"{day} has not come yet.", advice="State an event when it has happened.")
    with store.begin() as conn:
        keys = resolved(conn, records)
        if threads:
            keys = list(dict.fromkeys([*keys, *_in_threads(conn, keys)]))
        assignments.state_days(conn, [TriggerDay(key, trigger, day, reason, by, at) for key in keys])
        said = day.isoformat() if day else None
        for key in keys:
            audit.add(conn, Act(at, by, "event state", key, reason, {"event": str(trigger), "day": said}))
    return keys


def resolved(conn: Connection, names: Sequence[str]) -> list[Key]:
    """The keys of records, each by its key or another name of it. Raises NotFound."""
    keys = []
    for name in names:
        key = items.resolve(conn, name)
        if key is None:
            raise NotFound(f"There is no record {name!r}.", advice="`archiver search` lists the keys.")
        keys.append(key)
    return keys


def _in_threads(conn: Connection, keys: Sequence[Key]) -> list[Key]:
    scope = Scope(threads=threads_of(conn, keys), context=False)
    return sorted({Key(key) for query in matching(conn, scope) for key in conn.execute(query).scalars()})


def meant(one: Assignment) -> str:
    """Which records an assignment means, in words."""
    if one.query is not None:
        return words_of(one.query)
    named, of = (one.records, "record") if one.records else (one.threads, "thread")
    return f"the {of} {named[0]}" if len(named) == 1 else f"{len(named)} {of}s"


def words_of(query: Query) -> str:
    """What a filter leaves in, in words: ``all records``, ``account police, kind comment``."""
    told = [f'words "{query.words}"'] if query.terms else []
    for name in ("account", "platform", "kind", "state", "author", "since", "until"):
        value = getattr(query, name)
        if value is not None:
            told.append(f"{name} {value.isoformat() if isinstance(value, datetime) else value}")
    return ", ".join(told) or "all records"


def _named(name: SeriesName) -> str:
    return f"{name[0]} {name[1]}"

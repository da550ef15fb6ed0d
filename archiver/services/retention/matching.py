"""Which series a record belongs to: assignments, the configuration's defaults, and what follows on what (R21, R23)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from archiver.domain.keys import Key
from archiver.domain.retention import Candidate, Series, most_specific
from archiver.store import Connection
from archiver.store.decisions import assignments, schedules
from archiver.store.decisions.assignments import Assignment
from archiver.store.decisions.schedules import Adoption, Imported, SeriesName
from archiver.store.decisions.scopes import Scope, matching, matching_among
from archiver.store.lifetimes import Lifetime

CONFIGURATION = "config.toml"
"""Who assigned what `series` of an account says."""


@dataclass(frozen=True, slots=True)
class Match:
    """A series that matches a record, and by what: an assignment, or None for the configuration's default."""

    candidate: Candidate
    assignment: Assignment | None


@dataclass(slots=True)
class Books:
    """The schedules as they stand on a day: read once, then asked for each record."""

    on: date
    editions: Mapping[str, Imported]
    force: Mapping[str, Adoption]
    ever: Sequence[str]
    mappings: Mapping[SeriesName, tuple[SeriesName, ...]]
    assignments: Sequence[Assignment]
    over: Mapping[SeriesName, frozenset[SeriesName]]
    series: dict[SeriesName, Series] = field(default_factory=dict)
    found: dict[tuple[object, ...], tuple[Match, ...]] = field(default_factory=dict)

    def matches(self, one: Lifetime, by_rule: frozenset[int]) -> tuple[Match, ...]:
        """All series that match, those that hold first in no special order; see `holding` for these alone.

        ``by_rule`` are the numbers of the assignments that name or find this record.
        """
        key = (one.account, one.kind, one.configured, by_rule)
        if key not in self.found:
            self.found[key] = tuple(self._matches(one, by_rule))
        return self.found[key]

    def _matches(self, one: Lifetime, by_rule: frozenset[int]) -> list[Match]:
        found = [
            Match(self.candidate(each.series, each.filters), each)
            for each in self.assignments
            if each.number in by_rule or (is_plain(each) and _is_of(each, one))
        ]
        if one.configured is not None:
            filters = frozenset({("account", one.account)})
            found.append(Match(self._default(one.configured, filters), None))
        return found

    def candidate(self, named: SeriesName, filters: frozenset[tuple[str, str]]) -> Candidate:
        """A series with what follows on it, as far as that is adopted; and whether it may let records go."""
        name = self.present(named)
        series = self.series.get(name)
        why = self.why_unusable(name)
        return Candidate(name[1], filters, name[0], series, why is None, why or "", self.over.get(name, frozenset()))

    def present(self, name: SeriesName) -> SeriesName:
        """The series that has followed on one, through as many adopted editions as there are."""
        seen = {name}
        while (after := next((to for to in self.mappings.get(name, ()) if self._holds(to)), None)) is not None:
            if after in seen:
                return name
            seen.add(after)
            name = after
        return name

    def _holds(self, name: SeriesName) -> bool:
        return name in self.series and self.why_unusable(name) is None

    def why_unusable(self, name: SeriesName) -> str | None:
        """Why nothing may be disposed of under a series, as a sentence; None where it may."""
        edition, code = name
        imported, series = self.editions.get(edition), self.series.get(name)
        if imported is None or series is None:
            return f"No adopted schedule has the series {code}."
        if imported.edition.example:
            return f"{edition} is an example, under which nothing is ever disposed of."
        adoption = self.force.get(edition)
        if adoption is None:
            return f"{edition} is not adopted."
        if not adoption.covers(series):
            return f"{edition} is adopted, but not its section {series.section or '(none)'}, in which {code} stands."
        return None

    def _default(self, code: str, filters: frozenset[tuple[str, str]]) -> Candidate:
        """The series of that code in the edition that was adopted first, withdrawn since or not.

        A later edition changes nothing until it is mapped.
        """
        edition = next((name for name in self.ever if (name, code) in self.series), None)
        if edition is None:
            return Candidate(code, filters, why=f"No adopted schedule has the series {code}.")
        return self.candidate((edition, code), filters)


def holding(matches: Sequence[Match]) -> tuple[Match, ...]:
    """Those that hold: what a person said of this very record, the last time; else the most specific ones."""
    named = [one for one in matches if one.assignment is not None and one.assignment.records]
    if named:
        return (named[-1],)
    left = set(most_specific(one.candidate for one in matches))
    return tuple(one for one in matches if one.candidate in left)


def books(conn: Connection, on: date) -> Books:
    """What the store says of schedules on a day."""
    editions = {one.edition.name: one for one in schedules.editions(conn)}
    said = schedules.adoptions(conn)
    found = Books(
        on, editions, schedules.in_force(said, on), schedules.ever_adopted(said, on), schedules.mappings(conn),
        assignments.assignments(conn), {},
    )  # fmt: skip
    for name, imported in editions.items():
        found.series.update({(name, one.code): one for one in imported.edition.series})
    over: dict[SeriesName, set[SeriesName]] = {}
    for choice in assignments.choices(conn):
        over.setdefault(found.present(choice.series), set()).add(found.present(choice.over))
    found.over = {name: frozenset(those) for name, those in over.items()}
    return found


Found = Mapping[str, frozenset[int]]
"""For the key of a record the numbers of the assignments that name or find it."""


def found_by_rules(conn: Connection, given: Sequence[Assignment], keys: Sequence[str] | None) -> Found:
    """What those assignments mean that the store must tell: filters beyond account and kind, threads, named records."""
    found: dict[str, set[int]] = {}
    for one in given:
        if is_plain(one):
            continue
        for key in (*one.records, *_found(conn, one.scope, keys)):
            found.setdefault(key, set()).add(one.number)
    return {key: frozenset(numbers) for key, numbers in found.items()}


def _found(conn: Connection, scope: Scope, keys: Sequence[str] | None) -> Sequence[str]:
    if keys is not None:
        return list(matching_among(conn, scope, [Key(key) for key in keys]))
    return [key for query in matching(conn, scope) for key in conn.execute(query).scalars()]


def is_plain(one: Assignment) -> bool:
    """Whether account and kind alone decide."""
    query = one.query
    return query is not None and {name for name, _ in one.filters} <= {"account", "kind"} and not query.hopeless


def _is_of(assignment: Assignment, one: Lifetime) -> bool:
    query = assignment.query
    return (
        query is not None
        and query.account in {None, one.account}
        and (query.kind is None or query.kind.value == one.kind)
    )

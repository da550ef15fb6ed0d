"""What is past its time, what holds it up, and what no schedule has (records rule R24)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from archiver.domain.keys import Key
from archiver.services.retention.eligibility import Eligibility, Terms, WhyNot, assess
from archiver.store import Connection
from archiver.store.bulk import portions
from archiver.store.decisions import stops

WAITING = (WhyNot.UNDETERMINED, WhyNot.NOT_ADOPTED, WhyNot.NO_TRIGGER_DATE, WhyNot.TO_BE_REVIEWED)
"""What waits for a person: to decide, to adopt, to state the day of an event."""


@dataclass(slots=True)
class Group:
    """Records of one account that are past their time under one series.

    ``stopped`` of them are under a stop; ``in_doubt`` are those of which several series hold. ``oldest`` and
    ``newest`` are days of the records, in the archive's zone.
    """

    account: str
    edition: str | None
    series: str
    title: str
    disposition: str
    records: int
    stopped: int
    in_doubt: int
    oldest: date
    newest: date


@dataclass(slots=True)
class Waiting:
    """Records that can't be disposed of whatever the day, until a person does something; by reason and account."""

    account: str
    reason: WhyNot
    series: str | None
    records: int
    oldest: date
    newest: date


@dataclass(frozen=True, slots=True)
class Due:
    """What is past its time on a day, and what waits for a person. ``not_yet`` counts what is kept as it should be."""

    day: date
    groups: tuple[Group, ...]
    waiting: tuple[Waiting, ...]
    not_yet: int

    @property
    def records(self) -> int:
        """How many may be proposed: past their time, and under no stop."""
        return sum(group.records - group.stopped for group in self.groups)

    def document(self) -> dict[str, Any]:
        """As ``--json`` tells it."""
        return {
            "day": self.day, "due": [asdict(one) for one in self.groups],
            "waiting": [asdict(one) for one in self.waiting], "not_yet": self.not_yet,
        }  # fmt: skip


def due(conn: Connection, at_day: date, terms: Terms) -> Due:
    """What may go on a day, in the order of accounts and series."""
    groups: dict[tuple[str, str], Group] = {}
    waiting: dict[tuple[str, str, str], Waiting] = {}
    not_yet = 0
    for one, stopped in with_stops(conn, assess(conn, at_day, terms)):
        day = terms.day(one.came_at)
        if one.eligible:
            _count(groups, one, day, stopped=stopped)
        elif one.why_not in {*WAITING, WhyNot.UNSCHEDULED}:
            _wait(waiting, one, day)
        elif one.why_not is not WhyNot.DISPOSED:
            not_yet += 1
    return Due(
        at_day, tuple(groups[key] for key in sorted(groups)), tuple(waiting[key] for key in sorted(waiting)), not_yet
    )  # fmt: skip


def with_stops(conn: Connection, assessed: Iterable[Eligibility]) -> Iterator[tuple[Eligibility, bool]]:
    """Each record with whether a stop keeps it; asked only of those that could go."""
    watch = stops.Watch(conn)
    for portion in portions(iter(assessed), 2000):
        keys: list[Key] = [one.record for one in portion if one.eligible]
        stopped = watch.over(keys)
        yield from ((one, one.record in stopped) for one in portion)


def _count(groups: dict[tuple[str, str], Group], one: Eligibility, day: date, *, stopped: bool) -> None:
    code = one.code or one.application or ""
    group = groups.get((one.account, code))
    if group is None:
        title = one.series.title if one.series else "by an approved application"
        group = Group(one.account, one.edition, code, title, str(one.disposition), 0, 0, 0, day, day)
        groups[one.account, code] = group
    group.records += 1
    group.stopped += stopped
    group.in_doubt += one.in_doubt
    group.oldest, group.newest = min(group.oldest, day), max(group.newest, day)


def _wait(waiting: dict[tuple[str, str, str], Waiting], one: Eligibility, day: date) -> None:
    assert one.why_not is not None
    key = (one.account, str(one.why_not), one.code or "")
    line = waiting.setdefault(key, Waiting(one.account, one.why_not, one.code, 0, day, day))
    line.records += 1
    line.oldest, line.newest = min(line.oldest, day), max(line.newest, day)

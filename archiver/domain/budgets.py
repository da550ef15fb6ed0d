"""What may be spent on what, and when. Amounts are whole numbers of a tariff's smallest unit.

Three rules decide every call:

* What is new goes first: it may use all that is left.
* The past, and what is looked at again, get only what the rest of the period does not need for what is new: the days
  that are left at the price of the days before, and a reserve on top. As long as nobody knows what a day costs, a share
  is kept.
* Nothing is asked near the change of a period, since the platform's clock may be another than ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from archiver.domain.exchange import Exchange
from archiver.domain.spending import Period, Tariff


class Priority(StrEnum):
    """What a call is for, the most urgent first."""

    NEW = "new"  # posts, replies that are likely, what was pushed, what is live
    PAST = "past"  # what was there before the archive, and was never seen
    AGAIN = "again"  # what is known and quiet: does it still stand as it did?


EDGE = timedelta(minutes=1)
"""So long before and after the change of a period nothing is asked that costs."""
RESERVE = 0.1
"""This part of the limit is kept for what nobody foresaw; less and less of it towards the period's end."""
UNKNOWN = {Period.MONTH: 0.5, Period.DAY: 0.25}
"""The part of the limit that is kept for what is new while nobody knows what a day costs. Who is out of units for a day
is late by a day, who is out of money by weeks."""
SOONEST = timedelta(minutes=5)
"""What has to wait is not looked at again before that."""

_NO_LIMIT = 1 << 62

_NOT_SENT = {"dns", "connect", "tls", "refused"}
"""Failures at which the platform has seen nothing of the request."""


@dataclass(frozen=True, slots=True)
class Term:
    """One period of a tariff: its first and last day in the tariff's zone, and its moments (aware, UTC)."""

    first: date
    last: date
    begins: datetime
    ends: datetime

    @property
    def name(self) -> str:
        """A day or a month, as people write it."""
        return f"{self.first:%Y-%m-%d}" if self.first == self.last else f"{self.first:%Y-%m}"

    def left(self, at: datetime) -> float:
        """Which part of it is still to come, from 1 to 0."""
        return min(max((self.ends - at) / (self.ends - self.begins), 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account, or all that share a limit, stand in a term: what was spent for each priority, what a day costs.

    ``limit`` None: there is none. ``a_day`` is None while there was no whole day yet, the first one aside: in that
    everything is new.
    """

    limit: int | None
    spent: Mapping[Priority, int]
    a_day: Mapping[Priority, float] | None

    @property
    def total(self) -> int:
        """All that was spent."""
        return sum(self.spent.values())

    @property
    def rest(self) -> int:
        """What is left of the limit, or more than anything costs."""
        return _NO_LIMIT if self.limit is None else self.limit - self.total


def day_of(tariff: Tariff, at: datetime) -> date:
    """The tariff's day of a moment."""
    return at.astimezone(ZoneInfo(tariff.zone)).date()


def term_of(tariff: Tariff, at: datetime) -> Term:
    """The period in which a moment lies."""
    day = day_of(tariff, at)
    if tariff.period is Period.DAY:
        first, follows = day, day + timedelta(days=1)
    else:
        first = day.replace(day=1)
        follows = (first + timedelta(days=32)).replace(day=1)
    return Term(first, follows - timedelta(days=1), _midnight(tariff, first), _midnight(tariff, follows))


def edge(term: Term, at: datetime) -> datetime | None:
    """Until when nothing is to be asked because a period changes about now; None where it does not."""
    if at < term.begins + EDGE:
        return term.begins + EDGE
    return term.ends + EDGE if at >= term.ends - EDGE else None


def parts_of(tariff: Tariff, amount: Decimal) -> int:
    """An amount of the tariff's unit in its smallest parts, never more than it."""
    return int((amount * tariff.parts).to_integral_value(ROUND_DOWN))


def charged(tariff: Tariff, most: int, exchange: Exchange) -> int:
    """What a call is taken to have cost: the most that it may, where the answer does not tell."""
    if exchange.failure in _NOT_SENT:
        return 0
    if exchange.status is None or exchange.truncated is not None:
        return most
    return tariff.cost(exchange)


def room(standing: Standing, priority: Priority, term: Term, period: Period, at: datetime) -> int:
    """How much may be spent for a priority now."""
    return standing.rest if priority is Priority.NEW else standing.rest - round(_kept(standing, term, period, at))


def next_chance(
    standing: Standing, priority: Priority, cost: int, term: Term, period: Period, at: datetime
) -> datetime:  # fmt: skip
    """When there will be room for ``cost`` if nothing is spent until then; in the next period at the latest."""
    after = term.ends + EDGE
    if standing.rest < cost:
        return after
    lacking = cost - room(standing, priority, term, period, at)
    kept = _kept(standing, term, period, at)
    if lacking <= 0 or kept <= 0:
        return min(at + SOONEST, after)
    return min(max(at + (term.ends - at) * (lacking / kept), at + SOONEST), after)


def forecast(standing: Standing, term: Term, at: datetime) -> int | None:
    """What will have been spent at the period's end if it goes on as of late; None while that is not known."""
    if standing.a_day is None:
        return None
    more = round(sum(standing.a_day.values()) * _days_left(term, at))
    return standing.total + min(max(standing.rest, 0), more)


def _kept(standing: Standing, term: Term, period: Period, at: datetime) -> float:
    """What the rest of the period needs for what is new, and the reserve. It shrinks evenly to nothing."""
    if standing.limit is None:
        return 0.0
    left = term.left(at)
    if standing.a_day is None:
        needed = standing.limit * UNKNOWN[period] * left
    else:
        needed = standing.a_day.get(Priority.NEW, 0.0) * _days_left(term, at)
    return needed + standing.limit * RESERVE * left


def _days_left(term: Term, at: datetime) -> float:
    return max((term.ends - at) / timedelta(days=1), 0.0)


def _midnight(tariff: Tariff, day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(tariff.zone)).astimezone(UTC)

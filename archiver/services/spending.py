"""Whether a call may be made that costs something.

The sum of what was spent and what is reserved never exceeds a limit: a call's highest price is reserved in the store
before it is sent, and gives way to its true cost in the transaction that holds its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from archiver.domain.budgets import (
    Priority,
    Standing,
    Term,
    day_of,
    edge,
    forecast,
    next_chance,
    parts_of,
    room,
    term_of,
)
from archiver.domain.spending import Tariff
from archiver.domain.task import TaskKind
from archiver.store import spending, tasks
from archiver.store.engine import Store

if TYPE_CHECKING:
    from archiver.store import Connection

Budget = Callable[[str], Decimal | None]
"""An account's budget as configured, in its tariff's unit for its period; None where there is none."""
Sharing = Callable[[str], frozenset[str]]
"""The accounts whose secret of this name is the same as this account's, it among them."""

_KEYS = ("token", "client_id")
"""Accounts that share one of these are counted together by platforms that give each key an allowance."""


class PutOff(Exception):
    """A call would cost more than may be spent for it now; ``until`` (aware, UTC) there is no chance.

    Others may go on.
    """

    def __init__(self, reason: str, until: datetime) -> None:
        super().__init__(reason)
        self.reason = reason
        self.until = until


def no_budget(_account: str) -> None:
    """Where nothing is configured."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What binds an account: its own limit and that of all who share its key, in the tariff's smallest unit.

    None where there is none. Money has a limit where the city sets one; units have the platform's.
    """

    tariff: Tariff
    account: str
    own: int | None
    shared: int | None
    sharers: frozenset[str]

    @property
    def none(self) -> bool:
        """Whether nothing binds it."""
        return self.own is None and self.shared is None

    def limits(self) -> Iterable[tuple[int, frozenset[str]]]:
        """Each limit, with the accounts that spend from it together."""
        if self.own is not None:
            yield self.own, frozenset({self.account})
        if self.shared is not None:
            yield self.shared, self.sharers

    def named(self, limit: int, whose: frozenset[str]) -> str:
        """A limit as reasons name it: ``the budget of 25.00 USD``."""
        shared = "" if whose == {self.account} else f" that {len(whose)} accounts share"
        return f"the budget of {amount_in_words(self.tariff, limit)}{shared}"


def bounds_of(tariff: Tariff, account: str, budget: Budget, sharing: Sharing) -> Bounds:
    """What binds an account.

    Those who share a key share the platform's allowance, or the sum of their budgets where the city was given more.
    """
    own = _parts(tariff, budget(account))
    if tariff.allowance is None:
        return Bounds(tariff, account, own, None, frozenset({account}))
    sharers = frozenset({account}).union(*(sharing(name) for name in _KEYS))
    set_ = [parts for one in sharers if (parts := _parts(tariff, budget(one))) is not None]
    return Bounds(tariff, account, own, max(tariff.allowance, sum(set_)), sharers)


def amount_in_words(tariff: Tariff, amount: int) -> str:
    """An amount for people, with as many decimals as the smallest part needs and two at least."""
    if tariff.parts == 1:
        return f"{amount} {tariff.unit}"
    digits = len(str(tariff.parts)) - 1
    exact = f"{Decimal(amount) / tariff.parts:.{digits}f}"
    whole, _, rest = exact.partition(".")
    return f"{whole}.{rest.rstrip('0').ljust(2, '0')} {tariff.unit}"


class Purse:
    """What one account may spend."""

    def __init__(self, store: Store, bounds: Bounds) -> None:
        self._store = store
        self._bounds = bounds

    @property
    def holds_money(self) -> bool:
        """Whether what is booked for nothing is lost for a month: units come back each day."""
        return self._bounds.own is not None and self._bounds.tariff.allowance is None

    def quiet_until(self, cost: int, now: datetime) -> datetime | None:
        """Until when to wait because a period changes about now."""
        return edge(term_of(self._bounds.tariff, now), now) if cost and not self._bounds.none else None

    def reserve(self, cost: int, priority: Priority, now: datetime) -> None:
        """Set aside the most that a call may cost; raises PutOff. What is free needs nothing set aside."""
        if not cost:
            return
        tariff, account = self._bounds.tariff, self._bounds.account
        term, today = term_of(tariff, now), day_of(tariff, now)
        with self._store.begin() as conn:
            spending.take_turns(conn)
            spending.settle_left(conn, account)
            chances = [
                self._chance(conn, limit, whose, cost, priority, term, now) for limit, whose in self._bounds.limits()
            ]
            refused = [one for one in chances if one is not None]
            if not refused:
                spending.reserve(conn, account, today, priority, cost, now)
        if refused:
            raise max(refused, key=lambda one: one.until)

    def release(self) -> None:
        """The call for which something was set aside was never sent."""
        with self._store.begin() as conn:
            spending.release(conn, self._bounds.account)

    def _chance(
        self, conn: Connection, limit: int, whose: frozenset[str], cost: int, priority: Priority, term: Term,
        now: datetime,
    ) -> PutOff | None:  # fmt: skip
        """None where the limit allows a call now, else when it may."""
        tariff = self._bounds.tariff
        found = standing(conn, tariff, limit, whose, term, now)
        if cost <= room(found, priority, term, tariff.period, now):
            return None
        until = next_chance(found, priority, cost, term, tariff.period, now)
        what = f"{self._bounds.named(limit, whose)} for {term.name}"
        spent = found.rest < cost
        why = f"{what} does not reach any further." if spent else f"what is left of {what} is kept for what is new."
        return PutOff(why, until)


def take_up_affordable(store: Store, bounds: Mapping[str, Bounds], now: datetime) -> None:
    """What was put off for a budget that is another by now is due again."""
    with store.begin() as conn:
        for account, bound in bounds.items():
            holding = [f"{bound.named(limit, whose)} for " for limit, whose in bound.limits()]
            for why in tasks.reasons_put_off(conn, account):
                if not any(one in why for one in holding):
                    tasks.take_up(conn, account, why, now)


@dataclass(frozen=True, slots=True)
class Overview:
    """How an account stands in the period that is on. Amounts are in the tariff's smallest unit.

    ``limit`` is its own budget, else what it shares with ``sharers``, who spent ``shared`` together; None: no bound.
    ``forecast`` is for the period's end, None while nobody knows what a day costs. ``put_off`` counts the tasks that
    wait because they would have cost too much.
    """

    account: str
    tariff: Tariff
    term: Term
    spent: int
    calls: int
    limit: int | None
    forecast: int | None
    shared: int
    sharers: frozenset[str]
    put_off: Mapping[TaskKind, int]

    def words(self, amount: int) -> str:
        """An amount for people."""
        return amount_in_words(self.tariff, amount)

    def number(self, amount: int | None) -> float | None:
        """An amount in the tariff's unit."""
        return None if amount is None else float(Decimal(amount) / self.tariff.parts)


def overview(conn: Connection, bounds: Bounds, now: datetime) -> Overview:
    """How an account stands."""
    tariff, account = bounds.tariff, bounds.account
    term, limit = term_of(tariff, now), bounds.own if bounds.own is not None else bounds.shared
    own = standing(conn, tariff, limit, frozenset({account}), term, now)
    together = spending.spent(conn, bounds.sharers, term.first, term.last)
    return Overview(
        account, tariff, term, own.total, spending.calls(conn, account, term.first, term.last), limit,
        forecast(own, term, now), sum(together.values()), bounds.sharers, tasks.put_off_count(conn, account),
    )  # fmt: skip


def standing(
    conn: Connection, tariff: Tariff, limit: int | None, whose: frozenset[str], term: Term, now: datetime
) -> Standing:
    """How some accounts stand that spend from one limit together."""
    return Standing(
        limit, spending.spent(conn, whose, term.first, term.last), spending.a_day(conn, whose, day_of(tariff, now))
    )


def _parts(tariff: Tariff, amount: Decimal | None) -> int | None:
    return None if amount is None else parts_of(tariff, amount)

"""Whether a call may be made that costs something.

The sum of what was spent and what is reserved never exceeds a limit: a call's highest price is reserved in the store
before it is sent, and gives way to its true cost in the transaction that holds its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from archiver.domain import budgets
from archiver.domain.budgets import Priority, Term, day_of, edge, next_chance, parts_of, room, term_of
from archiver.domain.spending import Tariff
from archiver.store import spending
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

    def words(self, amount: int) -> str:
        """An amount for people: ``25.00 USD``, ``10000 units``."""
        return amount_in_words(self.tariff, amount)


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

    def quiet_until(self, cost: int, now: datetime) -> datetime | None:
        """Until when to wait because a period changes about now."""
        return edge(term_of(self._bounds.tariff, now), now) if cost and not self._bounds.none else None

    def reserve(self, cost: int, priority: Priority, now: datetime) -> None:
        """Set aside the most that a call may cost; raises PutOff. What is free or unbounded needs nothing set aside."""
        if not cost or self._bounds.none:
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
        account = standing(conn, tariff, limit, whose, term, now)
        if cost <= room(account, priority, term, tariff.period, now):
            return None
        until = next_chance(account, priority, cost, term, tariff.period, now)
        shared = "" if whose == {self._bounds.account} else ", which several accounts share,"
        what = f"the budget of {self._bounds.words(limit)} for {term.name}{shared}"
        spent = limit - account.total < cost
        why = f"{what} is spent" if spent else f"what is left of {what} is kept for what is new".replace(",,", ",")
        return PutOff(f"{why}; it goes on when there is room again.", until)


def standing(
    conn: Connection, tariff: Tariff, limit: int, whose: frozenset[str], term: Term, now: datetime
) -> budgets.Account:
    """How some accounts stand that spend from one limit together."""
    return budgets.Account(
        limit, spending.spent(conn, whose, term.first, term.last), spending.a_day(conn, whose, day_of(tariff, now))
    )


def _parts(tariff: Tariff, amount: Decimal | None) -> int | None:
    return None if amount is None else parts_of(tariff, amount)

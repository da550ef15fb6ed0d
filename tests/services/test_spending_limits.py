"""No more than the budget ever: whatever is asked, by whom, however it ends, and whosever clock is right."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.domain.account import Account
from archiver.domain.budgets import Priority, day_of, term_of
from archiver.domain.exchange import Exchange
from archiver.domain.spending import Period, Tariff
from archiver.services.spending import Bounds, Purse, PutOff, bounds_of
from archiver.store import accounts, captures, spending
from archiver.store.captures import ExchangeRow
from archiver.store.engine import Store, open_store
from tests.services.house import empty_store

MONEY = Tariff("USD", 100, Period.MONTH, "UTC", lambda _exchange: 0)
UNITS = Tariff("units", 1, Period.DAY, "America/Los_Angeles", lambda _exchange: 0, allowance=100)
TO_THE_EDGE = timedelta.max
"""Half a minute before the period changes."""
BEGINNING = datetime(2026, 11, 29, 20, tzinfo=UTC)


@dataclass(frozen=True)
class Call:
    """A call of an account that may cost ``most`` and costs ``part`` of it; how it ended, and how long after the last."""

    account: str
    priority: Priority
    most: int
    part: float
    ended: str
    after: timedelta


calls = st.builds(
    Call,
    st.sampled_from(["a", "b"]),
    st.sampled_from(Priority),
    st.integers(1, 60),
    st.just(1.0) | st.floats(0, 1),
    st.sampled_from(["answered", "answered", "answered", "killed before it was sent", "killed when it was charged", "recovered"]),
    st.sampled_from([timedelta(seconds=20), timedelta(minutes=3), timedelta(hours=5), timedelta(days=2), TO_THE_EDGE, TO_THE_EDGE]),
)  # fmt: skip


@dataclass
class Office:
    """The archive's books, and the platform's own, which its own clock writes."""

    store: Store
    bounds: dict[str, Bounds]
    skew: timedelta
    now: datetime = BEGINNING
    sequence: int = 0
    bill: Counter[tuple[str, str]] = field(default_factory=Counter)

    def make(self, call: Call) -> None:
        """One call, if it may be made."""
        bounds = self.bounds[call.account]
        near = term_of(bounds.tariff, self.now).ends - timedelta(seconds=30)
        self.now = max(near, self.now) if call.after is TO_THE_EDGE else self.now + call.after
        purse = Purse(self.store, bounds)
        self.now = purse.quiet_until(call.most, self.now) or self.now
        until = self.refused_until(purse, call)
        if until is not None:
            assert until > self.now
            assert call.priority is not Priority.NEW or self.does_not_fit(bounds, call.most)
            return
        if call.ended == "killed before it was sent":
            self.restart()
            return
        cost = round(call.most * call.part)
        self.bill[call.account, term_of(bounds.tariff, self.now + self.skew).name] += cost
        if call.ended == "killed when it was charged":
            self.restart()
            return
        self.enter(call, cost)
        if call.ended == "recovered":
            self.restart()

    def refused_until(self, purse: Purse, call: Call) -> datetime | None:
        """Until when the call has to wait; None where it may be made, and is reserved."""
        try:
            purse.reserve(call.most, call.priority, self.now)
        except PutOff as refused:
            return refused.until
        return None

    def enter(self, call: Call, cost: int) -> None:
        """The transaction that holds an answer."""
        self.sequence += 1
        exchange = Exchange(
            str(self.sequence), self.sequence, call.account, "https://a.example/", "posts", self.now, status=200
        )
        with self.store.begin() as conn:
            captures.add(conn, ExchangeRow(exchange, "a/api/A.warc.gz", self.sequence, 1, cost=cost))
            if call.ended == "answered":
                spending.release(conn, call.account)
            if cost:
                spending.charge(
                    conn, call.account, day_of(self.bounds[call.account].tariff, self.now), call.priority, cost
                )

    def restart(self) -> None:
        """What each start does."""
        with self.store.begin() as conn:
            spending.settle_left(conn)

    def does_not_fit(self, bounds: Bounds, most: int) -> bool:
        """Whether a limit is too near, by the archive's books."""
        term = term_of(bounds.tariff, self.now)
        with self.store.read() as conn:
            return any(
                sum(spending.spent(conn, whose, term.first, term.last).values()) + most > limit
                for limit, whose in bounds.limits()
            )

    def assert_within(self) -> None:
        """The platform's books are within every limit in every period, and the archive's tell of no less."""
        periods = {period for _, period in self.bill}
        for bounds in self.bounds.values():
            for limit, whose in bounds.limits():
                for period in periods:
                    assert sum(self.bill[one, period] for one in whose) <= limit
        for account in self.bounds:
            with self.store.read() as conn:
                booked = sum(amount for one, _, _, amount, _ in spending.rows(conn) if one == account)
            assert booked >= sum(amount for (one, _), amount in self.bill.items() if one == account)


@contextmanager
def office(tariff: Tariff, budgets: dict[str, Decimal], *, shared: bool, skew: float) -> Iterator[Office]:
    """Two accounts, with one key or with two."""
    sharers = frozenset({"a", "b"}) if shared else frozenset[str]()
    with TemporaryDirectory(prefix="archiver-limits-") as folder:
        path = Path(folder) / "books.sqlite"
        shutil.copy(empty_store(), path)
        store = open_store(f"sqlite:///{path}")
        try:
            with store.begin() as conn:
                accounts.register(conn, [Account(one, "mastodon", one) for one in "ab"], BEGINNING)
            bounds = {one: bounds_of(tariff, one, budgets.get, lambda _name: sharers) for one in "ab"}
            yield Office(store, bounds, timedelta(seconds=skew))
        finally:
            store.dispose()


amounts = st.dictionaries(st.sampled_from("ab"), st.integers(0, 120).map(Decimal))


@settings(max_examples=40)
@given(
    st.sampled_from([MONEY, UNITS]),
    amounts,
    st.booleans(),
    st.sampled_from([-55.0, 0.0, 55.0]),
    st.lists(calls, min_size=5, max_size=30),
)
def test_no_more_than_the_budget_ever(
    tariff: Tariff, budgets: dict[str, Decimal], shared: bool, skew: float, made: list[Call]
) -> None:  # fmt: skip
    """Random calls, ends, budgets and clocks: the platform never charges more, and nothing new waits without need."""
    if tariff is MONEY:
        budgets = {one: amount / 100 for one, amount in budgets.items()}
    with office(tariff, budgets, shared=shared, skew=skew) as books:
        for call in made:
            books.make(call)
        books.restart()
        books.assert_within()

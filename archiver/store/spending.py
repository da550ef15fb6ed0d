"""What calls have cost, by account and day, and what is reserved for one that is under way.

A row of ``spending`` is the sum over the exchanges of a day (in the zone of the platform's tariff) and over calls whose
answer was never seen. A reservation is there from before a call is sent until the transaction that holds its answer: if
the process ends between the two, the call is taken to have cost all of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite

from archiver.domain.budgets import Priority
from archiver.store.tables import exchanges, reservations, spending
from archiver.store.upsert import upsert

OF_LATE = timedelta(days=7)
"""What a day costs is the mean of that many days."""
_LOCK = 4_200_704
"""A number of our own for PostgreSQL's advisory locks."""


def take_turns(conn: Connection) -> None:
    """Have nobody else reserve until this transaction ends. SQLite has one writer anyway."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})


def charge(conn: Connection, account: str, day: date, priority: Priority, amount: int) -> None:
    """A call was made that cost ``amount``."""
    values = {"account": account, "day": day.isoformat(), "priority": str(priority), "amount": amount, "calls": 1}
    conn.execute(_charging(conn.dialect.name), values)


def spent(conn: Connection, accounts: Collection[str], first: date, last: date) -> dict[Priority, int]:
    """What these accounts spent together from one day to another, reservations included."""
    found = dict.fromkeys(Priority, 0)
    for priority, amount in conn.execute(_SPENT, _asked(accounts, first, last)):
        found[Priority(priority)] += int(amount)
    for priority, amount in conn.execute(_RESERVED, {"accounts": list(accounts)}):
        found[Priority(priority)] += int(amount)
    return found


def calls(conn: Connection, account: str, first: date, last: date) -> int:
    """How many calls an account made from one day to another that cost something."""
    count: int = conn.execute(_CALLS, _asked([account], first, last)).scalar_one()
    return int(count)


def a_day(conn: Connection, accounts: Collection[str], today: date) -> dict[Priority, float] | None:
    """What a day has cost of late. None where there was no whole one since the first."""
    begun = conn.execute(_BEGUN, {"accounts": list(accounts)}).scalar_one()
    if begun is None:
        return None
    first = max(date.fromisoformat(begun) + timedelta(days=1), today - OF_LATE)
    days = (today - first).days
    if days < 1:
        return None
    rows = conn.execute(_SPENT, _asked(accounts, first, today - timedelta(days=1)))
    sums = {Priority(priority): int(amount) for priority, amount in rows}
    return {priority: sums.get(priority, 0) / days for priority in Priority}


def reserve(conn: Connection, account: str, day: date, priority: Priority, amount: int, at: datetime) -> None:
    """A call is about to be made. An account makes one at a time."""
    last = conn.execute(_LAST).scalar_one()
    values = {"account": account, "day": day.isoformat(), "priority": str(priority), "amount": amount}
    conn.execute(_RESERVE, {**values, "reserved_at": at, "after": last})


def release(conn: Connection, account: str) -> None:
    """The call was answered, or never sent."""
    conn.execute(_RELEASE, {"whose": account})


def settle_left(conn: Connection, account: str | None = None) -> None:
    """Calls that somebody did not come back from cost all that they may have, unless their answer is there."""
    left = conn.execute(_LEFT) if account is None else conn.execute(_LEFT_OF, {"whose": account})
    for row in left.all():
        if conn.execute(_SEEN, {"whose": row.account, "number": row.after}).first() is None:
            charge(conn, row.account, date.fromisoformat(row.day), Priority(row.priority), row.amount)
        release(conn, row.account)


def at_least(conn: Connection, rows: Iterable[tuple[str, str, str, int, int]]) -> None:
    """The WARC files tell of so much (account, day, priority, amount, calls); a store that was lost knew less."""
    for account, day, priority, amount, count in rows:
        values = {"account": account, "day": day, "priority": priority, "amount": amount, "calls": count}
        statement = upsert(conn, spending).values(values)
        less = spending.c.amount < statement.excluded.amount
        more = {"amount": statement.excluded.amount, "calls": statement.excluded.calls}
        conn.execute(
            statement.on_conflict_do_update(index_elements=["account", "day", "priority"], set_=more, where=less)
        )


def rows(conn: Connection) -> list[tuple[str, str, str, int, int]]:
    """All that there is: account, day, priority, amount, calls."""
    c = spending.c
    return [tuple(row) for row in conn.execute(select(c.account, c.day, c.priority, c.amount, c.calls))]


def _asked(accounts: Collection[str], first: date, last: date) -> dict[str, Any]:
    return {"accounts": list(accounts), "first": first.isoformat(), "last": last.isoformat()}


@cache
def _charging(dialect: str) -> sqlite.Insert | postgresql.Insert:
    """Add to a day's sum, in one of the databases' dialects."""
    statement = sqlite.insert(spending) if dialect == "sqlite" else postgresql.insert(spending)
    more = {"amount": spending.c.amount + statement.excluded.amount, "calls": spending.c.calls + 1}
    return statement.on_conflict_do_update(index_elements=["account", "day", "priority"], set_=more)


# These go before every call that costs something, so they are made once.
_THEIRS = spending.c.account.in_(bindparam("accounts", expanding=True))
_DAYS = (spending.c.day >= bindparam("first")) & (spending.c.day <= bindparam("last"))
_SPENT = select(spending.c.priority, func.sum(spending.c.amount)).where(_THEIRS, _DAYS).group_by(spending.c.priority)
_CALLS = select(func.coalesce(func.sum(spending.c.calls), 0)).where(_THEIRS, _DAYS)
_BEGUN = select(func.min(spending.c.day)).where(_THEIRS)
_RESERVED = select(reservations.c.priority, reservations.c.amount).where(
    reservations.c.account.in_(bindparam("accounts", expanding=True))
)
_LAST = select(func.coalesce(func.max(exchanges.c.sequence), 0))
_RESERVE = insert(reservations)
_RELEASE = delete(reservations).where(reservations.c.account == bindparam("whose"))
_LEFT = select(reservations)
_LEFT_OF = _LEFT.where(reservations.c.account == bindparam("whose"))
_SEEN = (
    select(exchanges.c.id)
    .where(exchanges.c.account == bindparam("whose"), exchanges.c.sequence > bindparam("number"))
    .limit(1)
)

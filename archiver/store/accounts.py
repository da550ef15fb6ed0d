"""The register of accounts (records rule R1), and who the platform says they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.engine import RowMapping

from archiver.domain.account import NO_FACTS, Account, Capacity
from archiver.domain.observation import AccountSeen, FactSeen
from archiver.errors import AccessLost, ArchiverError, NotFound, PlatformTrouble
from archiver.store.tables import account_handles, accounts
from archiver.store.upsert import upsert


@dataclass(frozen=True, slots=True)
class Outcome:
    """The last round that went well, and the error of the last one if it did not.

    ``attention_since``: since then only a person can mend it. ``failed_since``: since then rounds end in an error
    that is not the platform's: of the machine, or of this program.
    """

    last_success_at: datetime | None
    error: str | None
    error_at: datetime | None
    advice: str | None
    attention_since: datetime | None
    failed_since: datetime | None = None

    @property
    def needs_person(self) -> bool:
        """Whether waiting does not help."""
        return self.attention_since is not None


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account with what was learned of it. ``handle`` is the present one, the configured one is in ``account``."""

    account: Account
    handle: str
    display_name: str | None
    registered_at: datetime
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class HandleRow:
    """A name that an account had from ``observed_at`` on."""

    account: str
    native_id: str
    handle: str
    display_name: str | None
    observed_at: datetime


def register(conn: Connection, configured: Sequence[Account], at: datetime) -> None:
    """Take the configuration's accounts over. What a platform told of an account stays; none is ever removed."""
    for account in configured:
        words = _configured(account)
        statement = upsert(conn, accounts).values(
            account=account.id, registered_at=at, facts=dict(account.facts), **words
        )
        conn.execute(statement.on_conflict_do_update(index_elements=["account"], set_=words))


def restate(conn: Connection, account: str, *, capacity: Capacity, department: str | None) -> None:
    """What stands for the account by the register's entries, until an entry says otherwise."""
    words = {"capacity": capacity.value, "department": department}
    conn.execute(update(accounts).where(accounts.c.account == account).values(**words))


def get(conn: Connection, account: str) -> Account:
    """One account; raises NotFound."""
    return row(conn, account).account


def find(conn: Connection, account: str) -> Account | None:
    """One account, None when the register does not have it."""
    found = conn.execute(select(accounts).where(accounts.c.account == account)).mappings().one_or_none()
    return None if found is None else _row(found).account


def listed(conn: Connection) -> list[Account]:
    """All accounts, by name."""
    return [found.account for found in rows(conn)]


def row(conn: Connection, account: str) -> AccountRow:
    """One account with what was learned of it; raises NotFound."""
    found = conn.execute(select(accounts).where(accounts.c.account == account)).mappings().one_or_none()
    if found is None:
        raise NotFound(f"There is no account {account!r}.", advice="`archiver status` lists them.")
    return _row(found)


def rows(conn: Connection) -> list[AccountRow]:
    """All accounts with what was learned of them, by name."""
    return [_row(found) for found in conn.execute(select(accounts).order_by(accounts.c.account)).mappings()]


def observe(conn: Connection, account: str, seen: AccountSeen, at: datetime) -> bool:
    """Keep who the account is; a changed id or name is a line of its history. Whether anything was new."""
    known = conn.execute(select(accounts).where(accounts.c.account == account)).mappings().one()
    facts: Mapping[str, Any] = known["facts"] | dict(seen.facts)
    name = seen.display_name if seen.display_name is not None else known["display_name"]
    before = (known["native_id"], known["handle"], known["display_name"])
    renamed = before != (seen.native_id, seen.handle, name)
    if renamed:
        conn.execute(
            account_handles.insert().values(
                account=account, native_id=seen.native_id, handle=seen.handle, display_name=name, observed_at=at
            )
        )
    if renamed or facts != known["facts"]:
        words = {"native_id": seen.native_id, "handle": seen.handle, "display_name": name, "facts": facts}
        conn.execute(update(accounts).where(accounts.c.account == account).values(**words))
        return True
    return False


def learn(conn: Connection, account: str, fact: FactSeen) -> bool:
    """Keep one fact that later calls need. Whether it was new."""
    known = conn.execute(select(accounts.c.facts).where(accounts.c.account == account)).scalar_one()
    if known.get(fact.name) == fact.value:
        return False
    conn.execute(update(accounts).where(accounts.c.account == account).values(facts=known | {fact.name: fact.value}))
    return True


def handles(conn: Connection, account: str) -> list[HandleRow]:
    """The names that an account had, oldest first."""
    table = account_handles.c
    found = conn.execute(select(account_handles).where(table.account == account).order_by(table.id))
    return [HandleRow(r.account, r.native_id, r.handle, r.display_name, r.observed_at) for r in found]


def set_outcome(conn: Connection, account: str, *, at: datetime, trouble: ArchiverError | None) -> None:
    """How a round ended; without trouble the error before it is over.

    An AccessLost needs a person until a round succeeds, an error that is not the platform's until it is another.
    """
    where = update(accounts).where(accounts.c.account == account)
    if trouble is None:
        ends = ("last_error", "last_error_at", "advice", "attention_since", "failed_since")
        conn.execute(where.values(last_success_at=at, **dict.fromkeys(ends)))
        return
    conn.execute(where.values(last_error=trouble.message, last_error_at=at, advice=trouble.advice or None))
    if isinstance(trouble, AccessLost):
        conn.execute(where.where(accounts.c.attention_since.is_(None)).values(attention_since=at))
    if isinstance(trouble, PlatformTrouble):
        conn.execute(where.values(failed_since=None))
    else:
        conn.execute(where.where(accounts.c.failed_since.is_(None)).values(failed_since=at))


def outcome(conn: Connection, account: str) -> Outcome:
    """How the account's rounds went; raises NotFound."""
    return row(conn, account).outcome


def unlearned(account: Account) -> Account:
    """The account as it was before the platform told anything."""
    return replace(account, native_id=None, facts=NO_FACTS)


def _configured(account: Account) -> dict[str, Any]:
    return {
        "platform": account.platform,
        "configured_handle": account.handle,
        "capacity": account.capacity.value,
        "department": account.department,
        "series": account.series,
        "base_url": account.base_url,
        "since": account.since.isoformat() if account.since else None,
        "authenticated": account.authenticated,
        "secrets": sorted(account.secrets),
        "api_version": account.api_version,
        "messages": account.messages,
        "key_space": account.key_space,
    }


def _row(found: RowMapping) -> AccountRow:
    account = Account(
        id=found["account"],
        platform=found["platform"],
        handle=found["configured_handle"],
        capacity=Capacity(found["capacity"]),
        department=found["department"],
        series=found["series"],
        base_url=found["base_url"],
        since=date.fromisoformat(found["since"]) if found["since"] else None,
        authenticated=found["authenticated"],
        secrets=frozenset(found["secrets"]),
        api_version=found["api_version"],
        messages=found["messages"],
        native_id=found["native_id"],
        key_space=found["key_space"],
        facts=found["facts"],
    )
    return AccountRow(
        account,
        found["handle"] or found["configured_handle"],
        found["display_name"],
        found["registered_at"],
        Outcome(
            found["last_success_at"],
            found["last_error"],
            found["last_error_at"],
            found["advice"],
            found["attention_since"],
            found["failed_since"],
        ),
    )

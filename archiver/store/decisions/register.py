"""The account register: entries that stay, of which the last one about a fact counts (records rule R1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Column, Connection, Identity, Index, Table, insert, select

from archiver.domain.acting import Actor
from archiver.domain.register import Entry, Fact, Standing, standings
from archiver.store import accounts
from archiver.store.guards import refuse_change_of
from archiver.store.tables import metadata
from archiver.store.types import Day, Id, Moment, Words

register_entries = Table(
    "register_entries",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Column("account", Words, nullable=False),
    Column("fact", Words, nullable=False),
    Column("day", Day, nullable=False),
    Column("value", Words),
    Column("authority", Words),
    Column("reason", Words),
    Index(None, "account"),
)
refuse_change_of("register_entries")


def add(conn: Connection, entries: Iterable[Entry]) -> None:
    """Enter these, in their order."""
    for one in entries:
        conn.execute(
            insert(register_entries).values(
                at=one.at, person=one.by.name, login=one.by.login, account=one.account, fact=one.fact.value,
                day=one.day, value=one.value, authority=one.authority, reason=one.reason,
            )
        )  # fmt: skip


def all_standings(conn: Connection) -> dict[str, Standing]:
    """What stands for each account that has an entry."""
    return standings(_read(conn, None))


def standing(conn: Connection, account: str) -> Standing:
    """What stands for one account; nothing where it has no entry."""
    return Standing(account, tuple(_read(conn, account)))


def refusal(conn: Connection, account: str) -> str | None:
    """Why nothing may be collected from it, as a sentence without its name; None where nothing is in the way."""
    if accounts.find(conn, account) is None:
        return "not in the register of accounts: nothing is collected that the configuration does not name."
    return standing(conn, account).refusal


def closed_days(conn: Connection) -> dict[str, date]:
    """The accounts that are closed, and since when: the trigger ``account_closed`` of their records."""
    found = ((one.account, one.closed) for one in all_standings(conn).values())
    return {account: closed.day for account, closed in found if closed is not None}


def _read(conn: Connection, account: str | None) -> Iterable[Entry]:
    query = select(register_entries).order_by(register_entries.c.id)
    if account is not None:
        query = query.where(register_entries.c.account == account)
    for r in conn.execute(query):
        by = Actor(r.person, r.login)
        yield Entry(r.account, Fact(r.fact), r.day, r.at, by, r.value, r.authority, r.reason)

"""The account register: what the configuration names is what is collected (records rule R1), unless it was closed.

The configuration says which accounts there are and how they are reached. What people decide about them (adopted,
closed, in which capacity) are entries of the register, and the last one counts; what the configuration says of the
same is entered whenever it changes, so that the history has both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

from archiver.domain.account import Account
from archiver.domain.register import CONFIGURATION, OFF, ON, Entry, Fact, Standing
from archiver.platforms.registry import adapter_for
from archiver.store import accounts
from archiver.store.decisions import register as entries
from archiver.store.engine import Store


@dataclass(frozen=True, slots=True)
class Said:
    """What else the configuration says of an account: why it is collected, and whether that rests."""

    reason: str | None = None
    paused: bool = False


NOTHING = Said()


def register(
    store: Store, configured: Sequence[Account], at: datetime, *, said: Mapping[str, Said] | None = None,
    zone: tzinfo = UTC,
) -> list[Account]:  # fmt: skip
    """Enter the configured accounts; gives them with what the store knows of them already, and as it stands.

    Where a platform's ids are only unique on one server, the accounts of a second server get a key space of their
    own, once and for good, so that equal ids of two servers never meet. ``zone`` is that of the days of entries.
    """
    with store.begin() as conn:
        known = {account.id: account for account in accounts.listed(conn)}
        standing = entries.all_standings(conn)
        for account in configured:
            was = standing.get(account.id, Standing(account.id))
            new = tuple(_changes(was, account, (said or {}).get(account.id, NOTHING), at, zone))
            entries.add(conn, new)
            now = replace(was, entries=was.entries + new)
            space = known[account.id].key_space if account.id in known else _key_space(account, list(known.values()))
            entered = replace(
                account, key_space=space, capacity=now.capacity or account.capacity, department=now.department
            )
            accounts.register(conn, [entered], at)
            known[account.id] = accounts.get(conn, account.id)
    return [known[account.id] for account in configured]


def refusals(store: Store, wanted: Iterable[str]) -> dict[str, str]:
    """The accounts of these from which nothing may be collected, each with a sentence that says why."""
    with store.read() as conn:
        found = {account: entries.refusal(conn, account) for account in wanted}
    return {account: why for account, why in found.items() if why is not None}


def _changes(was: Standing, account: Account, said: Said, at: datetime, zone: tzinfo) -> Iterator[Entry]:
    """Entries for what the configuration says otherwise than it did when it was last looked at."""
    states = {
        Fact.CAPACITY: str(account.capacity),
        Fact.DEPARTMENT: account.department,
        Fact.COLLECTION: OFF if said.paused else ON,
    }
    silent = {Fact.DEPARTMENT: None, Fact.COLLECTION: ON}
    for fact, value in states.items():
        before = was.configured(fact)
        if value != (before.value if before else silent.get(fact)):
            reason = said.reason if fact is Fact.CAPACITY else None
            yield Entry(account.id, fact, at.astimezone(zone).date(), at, CONFIGURATION, value, None, reason)


def _key_space(account: Account, others: Sequence[Account]) -> str:
    server = adapter_for(account).id_server
    if server is None:
        return ""
    peers = [other for other in others if other.platform == account.platform]
    for peer in peers:
        if adapter_for(peer).id_server == server:
            return peer.key_space
    return f"{server}/" if peers else ""

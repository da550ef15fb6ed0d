"""The account register: what the configuration names is what is collected (records rule R1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from archiver.domain.account import Account
from archiver.platforms.registry import adapter_for
from archiver.store import accounts
from archiver.store.engine import Store


def register(store: Store, configured: Sequence[Account], at: datetime) -> list[Account]:
    """Enter the configured accounts; gives them with what the store knows of them already.

    Where a platform's ids are only unique on one server, the accounts of a second server get a key space of their
    own, once and for good, so that equal ids of two servers never meet.
    """
    with store.begin() as conn:
        known = {account.id: account for account in accounts.listed(conn)}
        for account in configured:
            space = known[account.id].key_space if account.id in known else _key_space(account, list(known.values()))
            entered = replace(account, key_space=space)
            accounts.register(conn, [entered], at)
            known[account.id] = accounts.get(conn, account.id)
    return [known[account.id] for account in configured]


def _key_space(account: Account, others: Sequence[Account]) -> str:
    server = adapter_for(account).id_server
    if server is None:
        return ""
    peers = [other for other in others if other.platform == account.platform]
    for peer in peers:
        if adapter_for(peer).id_server == server:
            return peer.key_space
    return f"{server}/" if peers else ""

"""Snapshots of settings, as the platforms' answers show them: a row for each answer, and none is ever changed.

A long list comes in several answers, the first and the last of which say so; only what came whole is a snapshot. An
answer that says what an earlier one of the same setting said has no members of its own: the digest leads to them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from archiver.domain.item import clean
from archiver.domain.observation import SettingSeen
from archiver.domain.page_settings import Member, SettingName, Snapshot
from archiver.store.tables import exchanges, setting_pages
from archiver.store.types import json_text


def observe(conn: Connection, account: str, seen: SettingSeen, *, exchange: str, at: datetime) -> None:
    """Write down what an answer shows of a setting."""
    c = setting_pages.c
    members = [[clean(one.name), clean(one.words)] for one in seen.members]
    digest = hashlib.sha256(json_text(members).encode()).hexdigest()
    same = select(c.id).where(c.account == account, c.setting == str(seen.setting), c.digest == digest).limit(1)
    conn.execute(
        insert(setting_pages).values(
            account=account, setting=str(seen.setting), observed_at=at, first=seen.first, last=seen.last,
            digest=digest, members=None if conn.execute(same).first() else members,
            exchange_id=select(exchanges.c.id).where(exchanges.c.exchange == exchange).scalar_subquery(),
        )
    )  # fmt: skip


def snapshots(conn: Connection, *, account: str | None = None) -> Iterator[Snapshot]:
    """Every whole look at a setting, by account and setting, in order of time. One that was broken off is left out."""
    c = setting_pages.c
    query = (
        select(c.account, c.setting, c.observed_at, c.first, c.last, c.digest, c.members, exchanges.c.exchange)
        .join(exchanges, exchanges.c.id == c.exchange_id)
        .order_by(c.account, c.setting, c.id)
    )
    if account is not None:
        query = query.where(c.account == account)
    known: dict[tuple[str, str, str], list[Any]] = {}
    pages: list[Any] = []
    for row in conn.execute(query):
        key = (row.account, row.setting, row.digest)
        if row.members is not None:
            known[key] = row.members
        if row.first:
            pages = []
        elif not pages or (pages[-1].account, pages[-1].setting) != key[:2]:
            continue
        pages.append(row)
        if row.last:
            members = [Member(*one) for page in pages for one in known[page.account, page.setting, page.digest]]
            setting = SettingName(row.setting)
            yield Snapshot(row.account, setting, row.observed_at, tuple(members), row.exchange)
            pages = []

"""What is known of each account's credential; it comes from what was captured, and a rebuild makes it again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from archiver.domain.access import AccessSeen, Lacking
from archiver.store.tables import accounts
from archiver.store.types import moment_text, read_moment

_MOMENTS = ("expires_at", "data_access_expires_at", "issued_at")


def observe(conn: Connection, account: str, seen: AccessSeen, at: datetime) -> None:
    """Keep what was told; what it leaves open stays as it was known."""
    before = known(conn, account)
    now = seen.over(before[0] if before else None)
    document = {"seen_at": moment_text(at)} | to_json(now)
    conn.execute(update(accounts).where(accounts.c.account == account).values(access=document))


def known(conn: Connection, account: str) -> tuple[AccessSeen, datetime] | None:
    """What was last told, and when (aware, UTC); None when nothing was."""
    found = conn.execute(select(accounts.c.access).where(accounts.c.account == account)).scalar_one_or_none()
    return (from_json(found), read_moment(found["seen_at"])) if found else None


def to_json(seen: AccessSeen) -> dict[str, Any]:
    """As one JSON object."""
    moments = {name: getattr(seen, name) for name in _MOMENTS}
    return {
        "kind": seen.kind,
        "valid": seen.valid,
        "detail": seen.detail,
        "scopes": None if seen.scopes is None else sorted(seen.scopes),
        "lacking": None if seen.lacking is None else [[one.scope, one.purpose] for one in seen.lacking],
    } | {name: moment_text(at) if at else None for name, at in moments.items()}


def from_json(value: dict[str, Any]) -> AccessSeen:
    """The inverse of `to_json`."""
    moments = {name: read_moment(value[name]) if value[name] else None for name in _MOMENTS}
    return AccessSeen(
        kind=value["kind"],
        valid=value["valid"],
        detail=value["detail"],
        scopes=None if value["scopes"] is None else frozenset(value["scopes"]),
        lacking=None if value["lacking"] is None else tuple(Lacking(*one) for one in value["lacking"]),
        **moments,
    )

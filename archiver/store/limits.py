"""Waits last: a limit that a platform announced binds the next process too (design 5.4)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, case, delete, select

from archiver.store.tables import limits
from archiver.store.upsert import upsert


def announce(conn: Connection, scope: str, until: datetime, reason: str) -> None:
    """Nothing is asked in ``scope`` (a credential, a server) before ``until``; a longer wait stays."""
    statement = upsert(conn, limits).values(scope=scope, until_at=until, reason=reason)
    longer = limits.c.until_at < statement.excluded.until_at
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=["scope"],
            set_={
                "until_at": case((longer, statement.excluded.until_at), else_=limits.c.until_at),
                "reason": case((longer, statement.excluded.reason), else_=limits.c.reason),
            },
        )
    )


def until(conn: Connection, scope: str, now: datetime) -> tuple[datetime, str] | None:
    """The end of the wait that is on, and why; None when there is none."""
    query = select(limits.c.until_at, limits.c.reason).where(limits.c.scope == scope, limits.c.until_at > now)
    found = conn.execute(query).one_or_none()
    return None if found is None else (found.until_at, found.reason)


def lift(conn: Connection, scope: str) -> None:
    """The wait is over, or was announced by a wrong clock."""
    conn.execute(delete(limits).where(limits.c.scope == scope))

"""What a person was told and is not over, so that it is repeated in time, and by one process as by the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from archiver.store.tables import alerts
from archiver.store.upsert import upsert


@dataclass(frozen=True, slots=True)
class Told:
    """An alert that went out. ``subject`` is an account or the machine, ``kind`` what is wrong with it."""

    subject: str
    kind: str
    what: str
    since_at: datetime
    told_at: datetime


def told(conn: Connection) -> list[Told]:
    """All that was told and is not over."""
    return [Told(*row) for row in conn.execute(select(alerts).order_by(alerts.c.subject, alerts.c.kind))]


def tell(conn: Connection, one: Told) -> None:
    """It was told, for the first time or again."""
    words = {"what": one.what, "since_at": one.since_at, "told_at": one.told_at}
    statement = upsert(conn, alerts).values(subject=one.subject, kind=one.kind, **words)
    conn.execute(statement.on_conflict_do_update(index_elements=["subject", "kind"], set_=words))


def forget(conn: Connection, subject: str, kind: str) -> None:
    """It is over, and that was told."""
    conn.execute(delete(alerts).where(alerts.c.subject == subject, alerts.c.kind == kind))

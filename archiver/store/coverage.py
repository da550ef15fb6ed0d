"""The ledger of what was captured when (records rule R6), as rows; the rules are in `archiver.domain.coverage`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select

from archiver.domain.coverage import CoverageState, Span, Track
from archiver.domain.keys import Key
from archiver.store.tables import coverage
from archiver.store.tables import totals as totals_table
from archiver.store.upsert import upsert


@dataclass(frozen=True, slots=True)
class TotalRow:
    """A total that the platform stated for a stream of an account."""

    account: str
    stream: str
    total: int
    observed_at: datetime


def rows(conn: Connection, account: str | None = None) -> list[tuple[str, Span]]:
    """All spans with their account, in order of account, stream, thread and time."""
    c = coverage.c
    query = select(coverage).order_by(c.account, c.stream, c.scope, c.until_at)
    if account is not None:
        query = query.where(c.account == account)
    return [(row.account, _span(row)) for row in conn.execute(query)]


def spans(conn: Connection, account: str) -> list[Span]:
    """All spans of an account."""
    return [span for _, span in rows(conn, account)]


def track(conn: Connection, account: str, stream: str, scope: Key | None) -> Track:
    """The spans of one stream (``scope`` None) or of one thread of it, in order of time."""
    found = conn.execute(_TRACK, {"account": account, "stream": stream, "scope": scope or ""})
    return tuple(map(_span, found))


_TRACK = (
    select(coverage)
    .where(*(coverage.c[name] == bindparam(name) for name in ("account", "stream", "scope")))
    .order_by(coverage.c.until_at)
)


def replace(conn: Connection, account: str, stream: str, scope: Key | None, spans: Iterable[Span]) -> None:
    """Put these spans in the place of the track's present ones."""
    c = coverage.c
    conn.execute(delete(coverage).where(c.account == account, c.stream == stream, c.scope == (scope or "")))
    new = [
        {
            "account": account,
            "stream": stream,
            "scope": scope or "",
            "from_at": span.from_at,
            "until_at": span.until_at,
            "state": span.state.value,
            "reason": span.reason,
            "opened_at": span.opened_at,
            "closed_at": span.closed_at,
        }
        for span in spans
    ]
    if new:
        conn.execute(insert(coverage), new)


def set_total(conn: Connection, account: str, stream: str, total: int, at: datetime) -> None:
    """The platform states how many there are."""
    statement = upsert(conn, totals_table).values(account=account, stream=stream, total=total, observed_at=at)
    conn.execute(
        statement.on_conflict_do_update(index_elements=["account", "stream"], set_={"total": total, "observed_at": at})
    )


def total(conn: Connection, account: str, stream: str) -> int | None:
    """What the platform last stated, None when it never did."""
    c = totals_table.c
    query = select(c.total).where(c.account == account, c.stream == stream)
    return conn.execute(query).scalar_one_or_none()


def totals(conn: Connection, account: str | None = None) -> list[TotalRow]:
    """All stated totals."""
    c = totals_table.c
    query = select(c.account, c.stream, c.total, c.observed_at).order_by(c.account, c.stream)
    if account is not None:
        query = query.where(c.account == account)
    return [TotalRow(*row) for row in conn.execute(query)]


def _span(row: Row[Any]) -> Span:
    return Span(
        stream=row.stream,
        scope=Key(row.scope) if row.scope else None,
        from_at=row.from_at,
        until_at=row.until_at,
        state=CoverageState(row.state),
        reason=row.reason,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )

"""What a task found out about completeness: kept in the WARC as JSON, in the store as the coverage ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from archiver.domain import coverage as ledger
from archiver.domain.account import Account
from archiver.domain.keys import Key
from archiver.domain.task import Covered, Finding, NotOffered, Shortfall, TaskKind
from archiver.store import coverage, items, tasks

if TYPE_CHECKING:
    from archiver.store import Connection


def to_json(finding: Finding) -> dict[str, Any]:
    """A finding as one JSON object, the form in the metadata records."""
    if isinstance(finding, NotOffered):
        narrowed = {"scope": finding.scope} if finding.scope is not None else {}
        return {"state": "not_offered", "stream": finding.stream, "reason": finding.reason} | narrowed
    common = {
        "stream": finding.stream,
        "from": finding.from_at.isoformat() if finding.from_at else None,
        "until": finding.until_at.isoformat(),
        "scope": finding.scope,
    }
    if isinstance(finding, Covered):
        return {"state": "complete"} | common
    return {"state": "gap", "reason": finding.reason} | common


def from_json(value: dict[str, Any]) -> Finding:
    """The inverse of ``to_json``."""
    stream = str(value["stream"])
    scope = Key(value["scope"]) if value.get("scope") else None
    if value["state"] == "not_offered":
        return NotOffered(stream, str(value["reason"]), scope)
    from_at = datetime.fromisoformat(value["from"]) if value["from"] else None
    until_at = datetime.fromisoformat(value["until"])
    if value["state"] == "complete":
        return Covered(stream, from_at, until_at, scope)
    return Shortfall(stream, from_at, until_at, str(value["reason"]), scope)


def apply(
    conn: Connection, account: Account, found: Sequence[Finding], at: datetime, *, task_started: datetime | None = None
) -> None:
    """Enter findings into the ledger; what a complete listing should have shown and did not is to be confirmed.

    A thread has a track of its own only while something of it is missing; the stream's track says the rest.
    ``task_started`` None (rebuild): the ledger alone.
    """
    for finding in found:
        scope = finding.scope
        track = coverage.track(conn, account.id, finding.stream, scope)
        if isinstance(finding, NotOffered):
            changed = ledger.not_offered(track, finding, at=at, scope=scope)
        elif isinstance(finding, Shortfall):
            changed = ledger.open_gap(track, finding, at=at)
        elif scope is not None and not track:
            changed = track
        else:
            changed = ledger.extend(track, finding, at=at)
        if changed != tuple(track):
            coverage.replace(conn, account.id, finding.stream, scope, changed)
        if isinstance(finding, Covered) and finding.absence and task_started is not None:
            _confirm_unseen(conn, account, finding, at, task_started)


def _confirm_unseen(conn: Connection, account: Account, covered: Covered, at: datetime, before: datetime) -> None:
    """One absence is never a deletion: it starts a confirmation."""
    missing = items.unseen(
        conn, account.id, stream=covered.stream, from_at=covered.from_at, until_at=covered.until_at,
        scope=covered.scope, before=before, at=at, roots=covered.roots,
    )  # fmt: skip
    for key in items.askable(conn, missing, private=account.authenticated):
        tasks.ensure(conn, account.id, str(TaskKind.CONFIRM), key, due_at=at)

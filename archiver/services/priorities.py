"""What the calls of a task are for, and which of the tasks that are due are the most urgent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archiver.domain.budgets import Priority
from archiver.domain.task import TaskKind
from archiver.services.schedule import FULL
from archiver.store import tasks
from archiver.store.tasks import TaskRow

if TYPE_CHECKING:
    from archiver.store import Connection

RECENT = timedelta(days=7)
"""Replies are likely below what is younger than this, or moved since."""

_KINDS = {
    TaskKind.BACKFILL: Priority.PAST,
    TaskKind.CAPTIONS: Priority.AGAIN,
    TaskKind.CONFIRM: Priority.AGAIN,
}
"""What is of one priority whatever it is about; what is not here is new."""


def most_urgent(
    conn: Connection, account: str, kinds: Sequence[TaskKind], now: datetime, *, batches: Mapping[TaskKind, int],
    without: Collection[int],
) -> tuple[list[TaskRow], Priority]:  # fmt: skip
    """The tasks that go now, and what for: of the first kind that has the most urgent ones. None where none is due.

    What was begun together goes on together; else there are at most as many as the kind has in a batch.
    """
    found: tuple[list[TaskRow], Priority] = ([], Priority.NEW)
    for kind in kinds:
        rows, priority = _of_kind(conn, account, kind, now, batches.get(kind, 1), without)
        if rows and priority is Priority.NEW:
            return rows, priority
        if rows and not found[0]:
            found = rows, priority
    return found


def as_urgent(conn: Connection, account: str, kind: TaskKind, priority: Priority, now: datetime) -> set[int]:
    """The ids of all due tasks of a kind that are of the same priority."""
    ranked = tasks.due_ranked(conn, account, now, kind, recent=now - RECENT)
    return {row.id for row, rank in ranked if _priority(row, rank) is priority}


def _of_kind(
    conn: Connection, account: str, kind: TaskKind, now: datetime, size: int, without: Collection[int]
) -> tuple[list[TaskRow], Priority]:
    """The most urgent of a kind."""
    ranked = tasks.due_ranked(conn, account, now, kind, recent=now - RECENT, limit=size, without=without)
    if not ranked:
        return [], Priority.NEW
    first, rank = ranked[0]
    priority = _priority(first, rank)
    if first.started_at is not None:
        return [row for row in tasks.begun_with(conn, first, now) if row.id not in without], priority
    return [row for row, rank in ranked if row.started_at is None and _priority(row, rank) is priority], priority


def _priority(row: TaskRow, rank: int) -> Priority:
    kind = TaskKind(row.kind)
    if kind is TaskKind.THREAD:
        return (Priority.NEW, Priority.PAST, Priority.AGAIN)[rank]
    if kind is TaskKind.POLL and row.subject == FULL:
        return Priority.AGAIN
    return _KINDS.get(kind, Priority.NEW)

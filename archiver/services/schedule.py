"""What is due when. It lives in the store, not in a clock, so that a missed tick loses nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archiver.domain.account import Account
from archiver.domain.cadence import ThreadFacts, next_visit
from archiver.domain.keys import Key
from archiver.domain.task import TaskKind
from archiver.platforms.adapter import Adapter
from archiver.store import items, limits, tasks
from archiver.store.accounts import Outcome
from archiver.store.tasks import TaskRow

if TYPE_CHECKING:
    from archiver.store import Connection

ORDER = (
    TaskKind.ACCESS,
    TaskKind.CHAT,
    TaskKind.PROFILE,
    TaskKind.POLL,
    TaskKind.MENTIONS,
    TaskKind.HISTORY,
    TaskKind.THREAD,
    TaskKind.CONFIRM,
    TaskKind.MEDIA,
    TaskKind.CAPTIONS,
    TaskKind.SUBSCRIBE,
    TaskKind.BACKFILL,
)
"""What goes first when much is due: the credential that all else needs, then what may vanish soonest."""

FULL = "full"
"""The subject of the poll that lists again all that is covered, so that edits and removals of old posts show."""

_STANDING = (TaskKind.ACCESS, TaskKind.PROFILE, TaskKind.POLL, TaskKind.MENTIONS, TaskKind.SUBSCRIBE)
_DAILY = frozenset({TaskKind.ACCESS, TaskKind.SUBSCRIBE})
_FIRST_DELAY, _LONGEST_DELAY = timedelta(minutes=5), timedelta(days=1)
_LONGEST_PERIOD = timedelta(days=31)
"""What would cost too much waits for the next period of its tariff at most."""
_SLACK = timedelta(minutes=1)
_BETWEEN_LOST = timedelta(hours=1)
"""So long an account that needs a person is left alone; a wrong refusal heals itself after that."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """An account's intervals. ``threads`` None: adaptive."""

    poll: timedelta = timedelta(minutes=15)
    threads: timedelta | None = None
    confirm: timedelta = timedelta(days=1)
    profile: timedelta = timedelta(days=1)

    def after_failure(self, attempts: int) -> timedelta:
        """How long a task that failed waits: twice as long each time, a day at most."""
        return min(_FIRST_DELAY * (1 << min(attempts, 20)), _LONGEST_DELAY)


def ensure_standing(conn: Connection, account: Account, adapter: Adapter, now: datetime) -> None:
    """Each account has its profile, polls and mentions, and one with a credential looks after it; a new one now."""
    for kind in _STANDING:
        if _has(kind, account, adapter) and not tasks.exists(conn, account.id, str(kind)):
            tasks.ensure(conn, account.id, str(kind), due_at=now)


def _has(kind: TaskKind, account: Account, adapter: Adapter) -> bool:
    return kind in adapter.kinds and (kind is not TaskKind.ACCESS or account.authenticated)


def make_all_due(conn: Connection, account: Account, adapter: Adapter, now: datetime) -> None:
    """Everything known is looked at again, whatever the cadence says."""
    for kind in (TaskKind.ACCESS, TaskKind.PROFILE, TaskKind.MENTIONS):
        if _has(kind, account, adapter):
            tasks.ensure(conn, account.id, str(kind), due_at=now)
    tasks.ensure(conn, account.id, str(TaskKind.POLL), FULL, due_at=now, full=True)
    for kind in (TaskKind.THREAD, TaskKind.CONFIRM, TaskKind.HISTORY, TaskKind.MEDIA, TaskKind.CAPTIONS):
        tasks.hasten(conn, account.id, str(kind), now)


def look_at_changed_access(conn: Connection, account: str, changed_at: datetime | None, now: datetime) -> None:
    """A credential that was put into its place after the last look at it is looked at now."""
    task = tasks.get(conn, account, str(TaskKind.ACCESS))
    if task is None or task.due_at is None or changed_at is None:
        return
    if task.due_at - _LONGEST_DELAY < changed_at <= now:
        tasks.hasten(conn, account, str(TaskKind.ACCESS), now)


def anything_due(conn: Connection, account: str, now: datetime, rhythm: Rhythm) -> bool:
    """Whether a round has something to do: a task is due, the account is new, or the clock was set back."""
    poll = tasks.get(conn, account, str(TaskKind.POLL))
    if poll is None or _beyond(poll, now, rhythm) is not None:
        return True
    return limits.until(conn, account, now) is None and tasks.left(conn, account, now) > 0


def mend_dates(conn: Connection, account: str, now: datetime, rhythm: Rhythm) -> None:
    """No task waits for a moment that only a wrong clock, or a longer interval of yesterday, could have set.

    A poll that is due later than its interval allows was planned by a clock that ran ahead. If by more than a day,
    everything else that this clock planned is due now too, and its limits are over.
    """
    poll = tasks.get(conn, account, str(TaskKind.POLL))
    beyond = _beyond(poll, now, rhythm) if poll else None
    if beyond is None:
        return
    tasks.hasten(conn, account, str(TaskKind.POLL), now)
    if beyond > _LONGEST_DELAY:
        limits.lift(conn, account)
        for kind in ORDER:
            tasks.hasten(conn, account, str(kind), now)


def _beyond(poll: TaskRow, now: datetime, rhythm: Rhythm) -> timedelta | None:
    """By how much a poll waits longer than it should; None when it does not."""
    if poll.due_at is None or poll.done:
        return None
    allowed = rhythm.poll if not poll.attempts else max(rhythm.poll, _LONGEST_DELAY)
    if poll.put_off is not None:
        allowed = max(rhythm.poll, _LONGEST_PERIOD)
    beyond = poll.due_at - now - allowed - _SLACK
    return beyond if beyond > timedelta() else None


def rest_until(outcome: Outcome, rhythm: Rhythm, now: datetime) -> datetime | None:
    """Until when an account is left alone after a round that went wrong; None when it is its turn.

    A clock that was set back makes no rest longer than it would have been.
    """
    if outcome.error is None or outcome.error_at is None:
        return None
    rest = _BETWEEN_LOST if outcome.needs_person else min(rhythm.poll, _LONGEST_DELAY)
    until = outcome.error_at + rest
    return until if outcome.error_at <= now < until else None


def after_task(
    conn: Connection, account: Account, row: TaskRow, now: datetime, *, changed: bool, rhythm: Rhythm
) -> None:
    """When a task that has just been done is due again; None: never."""
    kind = TaskKind(row.kind)
    due_at: datetime | None = None
    changed_at = now if changed else None
    if kind is TaskKind.PROFILE or kind in _DAILY:
        due_at = now + (rhythm.profile if kind is TaskKind.PROFILE else _LONGEST_DELAY)
    elif kind in {TaskKind.POLL, TaskKind.MENTIONS}:
        due_at = now + (rhythm.confirm if row.subject == FULL else rhythm.poll)
        if kind is TaskKind.POLL and row.subject != FULL and not tasks.exists(conn, account.id, str(kind), FULL):
            tasks.ensure(conn, account.id, str(kind), FULL, due_at=now + rhythm.confirm, full=True)
    elif kind is TaskKind.THREAD:
        facts = _thread_facts(conn, row, now, changed=changed)
        due_at, changed_at = next_visit(facts, now, every=rhythm.threads), facts.changed_at
    tasks.finish(conn, row.id, due_at=due_at, changed_at=changed_at)


def _thread_facts(conn: Connection, row: TaskRow, now: datetime, *, changed: bool) -> ThreadFacts:
    root = items.thread_root(conn, Key(row.subject))
    moved_at = now if changed else row.changed_at
    if row.visits == 0 and root is not None:
        # All of it is new to the archive, and may have been silent for years.
        moved_at = min(root.answered_at or root.created_at or now, now)
    return ThreadFacts(
        created_at=root.created_at if root else None,
        changed_at=moved_at,
        visits=row.visits + 1,
        replies=root.replies if root else 0,
        poll_until=root.poll_until if root else None,
    )

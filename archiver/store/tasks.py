"""What is due lives here, not in the clock: a missed tick loses nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, bindparam, case, func, insert, select, update

from archiver.domain.item import Kind, State
from archiver.domain.kinds import HOSTS
from archiver.domain.task import Cursor, TaskKind
from archiver.store.bulk import chunks
from archiver.store.tables import accounts, items, media_sources, people, tasks
from archiver.store.types import Moment


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as the store keeps it. ``done`` ones are due again when something asks for them.

    ``attempts`` counts failures since the last success, ``visits`` successes; ``changed_at`` is the last visit that
    found something new (of a thread's first one: when its newest answer was written). ``put_off`` says why it waits,
    where its calls would have cost too much.
    """

    id: int
    account: str
    kind: TaskKind
    subject: str
    due_at: datetime | None
    cursor: Cursor | None
    attempts: int
    last_error: str | None
    since: datetime | None
    until: datetime | None
    full: bool
    started_at: datetime | None
    done: bool
    visits: int
    changed_at: datetime | None
    put_off: str | None = None


def ensure(
    conn: Connection,
    account: str,
    kind: str,
    subject: str = "",
    *,
    due_at: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
    full: bool = False,
) -> None:
    """Have a task due at ``due_at`` at the latest. One that is under way keeps its cursor and its window.

    One that waits by its own wish (`suspend`) keeps its moment, too: it knows for what.
    """
    known = get(conn, account, kind, subject)
    if known is None:
        conn.execute(
            _INSERT,
            {"account": account, "kind": str(kind), "subject": subject, "due_at": due_at, "attempts": 0, "since": since,
             "until": until, "full": full, "done": False, "visits": 0},
        )  # fmt: skip
        return
    words: dict[str, Any] = {"done": False}
    suspended = known.started_at is not None and known.cursor is not None and known.attempts == 0
    if known.done or known.due_at is None or (due_at < known.due_at and not suspended):
        words["due_at"] = due_at
    if known.started_at is None:
        words |= {"since": since, "until": until, "full": full or (known.full and not known.done)}
    conn.execute(_UPDATE, words | {"this": known.id})


def get(conn: Connection, account: str, kind: str, subject: str = "") -> TaskRow | None:
    """One task."""
    found = conn.execute(_GET, {"account": account, "kind": str(kind), "subject": subject}).one_or_none()
    return None if found is None else _row(found)


def exists(conn: Connection, account: str, kind: str, subject: str = "") -> bool:
    """Whether there is such a task, done or not."""
    return get(conn, account, kind, subject) is not None


def due(
    conn: Connection,
    account: str,
    now: datetime,
    *,
    kind: str | None = None,
    limit: int | None = None,
    without: Collection[int] = (),
) -> list[TaskRow]:
    """The account's tasks that are due, longest due first; ``without`` are ids to leave out."""
    query = _DUE if kind is None else _DUE_OF_KIND
    found: list[TaskRow] = []
    for row in conn.execute(query, {"account": account, "now": now, "kind": None if kind is None else str(kind)}):
        if row.id not in without:
            found.append(_row(row))
        if limit is not None and len(found) >= limit:
            break
    return found


def due_ranked(
    conn: Connection,
    account: str,
    now: datetime,
    kind: str,
    *,
    recent: datetime,
    limit: int | None = None,
    without: Collection[int] = (),
) -> list[tuple[TaskRow, int]]:
    """The account's due tasks of a kind with their ranks, those of the lowest first, then the longest due.

    A task is of rank 0 where its subject was made or moved after ``recent``, or nobody knows when; of rank 1 where it
    was never carried out, of rank 2 where it was.
    """
    asked = {"account": account, "now": now, "kind": str(kind), "recent": recent}
    found: list[tuple[TaskRow, int]] = []
    for row in conn.execute(_DUE_RANKED, asked):
        if row.id not in without:
            found.append((_row(row), row.rank))
        if limit is not None and len(found) >= limit:
            break
    return found


def begun_with(conn: Connection, task: TaskRow, now: datetime) -> list[TaskRow]:
    """The due tasks that were begun together with one, it among them."""
    asked = {"account": task.account, "now": now, "kind": str(task.kind)}
    return [_row(row) for row in conn.execute(_DUE_OF_KIND.where(tasks.c.started_at == task.started_at), asked)]


def due_kinds(conn: Connection, account: str, now: datetime) -> set[str]:
    """The kinds of which the account has a task that is due."""
    return set(conn.execute(_DUE_KINDS, {"account": account, "now": now}).scalars())


def left(conn: Connection, account: str, now: datetime) -> int:
    """How many of the account's tasks are due."""
    count: int = conn.execute(_due(select(func.count()).select_from(tasks), account, now)).scalar_one()
    return count


def hasten(conn: Connection, account: str, kind: str, now: datetime) -> None:
    """All open tasks of a kind are due now.

    Threads that were visited for the last time are open again; what else is done stays done.
    """
    where = (tasks.c.account == account) & (tasks.c.kind == str(kind))
    if kind == TaskKind.THREAD:
        conn.execute(update(tasks).where(where, tasks.c.done).values(done=False, due_at=now))
    later = tasks.c.due_at.is_(None) | (tasks.c.due_at > now)
    conn.execute(update(tasks).where(where, tasks.c.done.is_(False), later).values(due_at=now))


def retry(conn: Connection, account: str, now: datetime) -> None:
    """What failed and waits for its next try is due now."""
    failed = (tasks.c.account == account) & (tasks.c.attempts > 0) & tasks.c.done.is_(False)
    conn.execute(update(tasks).where(failed, tasks.c.due_at > now).values(due_at=now))


def stir(conn: Connection, account: str, thread: str, at: datetime) -> None:
    """Something happened in a thread: its task, if it has one, is due at ``at`` at the latest."""
    conn.execute(_STIR, {"whose": account, "thread": thread, "at": at})


def replan(conn: Connection, at: datetime) -> None:
    """Plan what the records call for and no task stands for: threads (`has_thread_here`), wanted media."""
    own = (accounts.c.account == items.c.account) & (accounts.c.native_id == people.c.native_id)
    own &= items.c.state != State.DISPOSED.value
    roots = (
        select(items.c.account, items.c.key)
        .join(people, people.c.id == items.c.author_id)
        .join(accounts, own)
        .where(
            items.c.kind.in_([Kind.POST.value, Kind.QUOTE.value])
            | (
                (items.c.kind == Kind.REPLY.value)
                & (items.c.thread_author != accounts.c.native_id)
                & accounts.c.platform.not_in(sorted(HOSTS))
            )
        )
    )
    _plan(conn, TaskKind.THREAD, roots, items.c.account, items.c.key, at)
    hosted = (
        select(items.c.account, items.c.key)
        .join(accounts, accounts.c.account == items.c.account)
        .where(accounts.c.platform.in_(sorted(HOSTS)), items.c.state != State.DISPOSED.value)
        .where(
            items.c.kind.in_([Kind.POST.value, Kind.QUOTE.value, Kind.SHARE.value])
            | ((items.c.kind == Kind.MENTION.value) & (items.c.thread == items.c.key))
        )
    )
    _plan(conn, TaskKind.THREAD, hosted, items.c.account, items.c.key, at)
    wanted = select(media_sources.c.account, media_sources.c.identity).where(media_sources.c.state == "pending")
    _plan(conn, TaskKind.MEDIA, wanted, media_sources.c.account, media_sources.c.identity, at)


def _plan(
    conn: Connection, kind: TaskKind, wanted: Select[Any], account: Column[Any], subject: Column[Any], at: datetime
) -> None:
    planned = (
        select(tasks.c.id)
        .where(tasks.c.account == account, tasks.c.kind == kind.value, tasks.c.subject == subject)
        .correlate(account.table)
    )
    missing = conn.execute(wanted.where(~planned.exists())).all()
    for some in chunks(missing):
        fresh = {"kind": kind.value, "due_at": at, "attempts": 0, "full": False, "done": False, "visits": 0}
        conn.execute(insert(tasks), [fresh | {"account": one, "subject": other} for one, other in some])


def begin(conn: Connection, id: int, at: datetime) -> None:  # noqa: A002 - the task's own word
    """It is carried out from now on. One that was interrupted keeps the time at which it first began."""
    conn.execute(_BEGIN, {"this": id, "at": at})


def save_cursor(conn: Connection, id: int, cursor: Cursor | None) -> None:  # noqa: A002 - the task's own word
    """Where to go on; None when there is nothing to remember."""
    conn.execute(_UPDATE, {"this": id, "cursor": cursor})


def remember(conn: Connection, account: str, kind: str, cursor: Cursor, *, at: datetime | None = None) -> None:
    """Keep the place of work that is never due by itself; ``at`` is when something was last found there."""
    known = get(conn, account, kind)
    if known is None:
        ensure(conn, account, kind, due_at=at or datetime.now(UTC))
        known = get(conn, account, kind)
        assert known is not None
    words: dict[str, Any] = {"cursor": cursor, "done": True, "due_at": None}
    if at is not None:
        words["changed_at"] = at
    conn.execute(_UPDATE, words | {"this": known.id})


def suspend(conn: Connection, id: int, cursor: Cursor | None, *, due_at: datetime) -> None:  # noqa: A002 - the task's own word
    """It is under way and goes on from its cursor at ``due_at``."""
    words = {"attempts": 0, "last_error": None, "cursor": cursor, "due_at": due_at}
    conn.execute(_UPDATE, words | {"this": id})


def finish(conn: Connection, id: int, *, due_at: datetime | None, changed_at: datetime | None = None) -> None:  # noqa: A002 - the task's own word
    """It was carried out; due again at ``due_at``, or done. The next one begins with the cursor of its last step.

    ``changed_at``: when what it is about moved last; None: no later than was known before.
    """
    words: dict[str, Any] = {
        "started_at": None,
        "attempts": 0,
        "last_error": None,
        "full": False,
        "done": due_at is None,
        "due_at": due_at,
    }
    if changed_at is not None:
        words["changed_at"] = changed_at
    conn.execute(_FINISH, words | {"this": id})


def put_off(conn: Connection, ids: Collection[int], why: str, *, due_at: datetime) -> None:
    """They would cost too much now; they keep their cursors and are due again at ``due_at``."""
    for some in chunks(list(ids)):
        conn.execute(update(tasks).where(tasks.c.id.in_(some)).values(put_off=why, due_at=due_at))


def put_off_count(conn: Connection, account: str) -> dict[TaskKind, int]:
    """How many of the account's tasks of each kind are put off."""
    c = tasks.c
    query = select(c.kind, func.count()).where(c.account == account, c.done.is_(False), c.put_off.is_not(None))
    return {TaskKind(kind): count for kind, count in conn.execute(query.group_by(c.kind))}


def reasons_put_off(conn: Connection, account: str) -> set[str]:
    """Why the account's tasks are put off that are."""
    c = tasks.c
    query = select(c.put_off).where(c.account == account, c.done.is_(False), c.put_off.is_not(None)).distinct()
    return set(conn.execute(query).scalars())


def take_up(conn: Connection, account: str, why: str, at: datetime) -> None:
    """What was put off for that reason is due: it holds no longer."""
    c = tasks.c
    later = (c.account == account) & c.done.is_(False) & (c.put_off == why) & (c.due_at > at)
    conn.execute(update(tasks).where(later).values(due_at=at))


def failing(conn: Connection, account: str, kind: TaskKind) -> bool:
    """Whether a task of that kind failed when it was last tried."""
    c = tasks.c
    query = select(c.id).where(c.account == account, c.kind == kind.value, c.done.is_(False), c.attempts > 0)
    return conn.execute(query.limit(1)).first() is not None


def fail(conn: Connection, id: int, error: str, *, at: datetime, due_at: datetime) -> None:  # noqa: A002, ARG001 - the task's own word
    """It could not be carried out; it keeps its cursor and is due again at ``due_at``."""
    words = {"attempts": tasks.c.attempts + 1, "last_error": error, "due_at": due_at}
    conn.execute(update(tasks).where(tasks.c.id == id).values(**words))


def counts(conn: Connection, account: str) -> dict[TaskKind, int]:
    """How many tasks of each kind are not done."""
    query = select(tasks.c.kind, func.count()).where(tasks.c.account == account, tasks.c.done.is_(False))
    return {TaskKind(kind): count for kind, count in conn.execute(query.group_by(tasks.c.kind))}


def _due(query: Select[Any], account: str, now: datetime) -> Select[Any]:
    return query.where(tasks.c.account == account, tasks.c.done.is_(False), tasks.c.due_at <= now)


# The statements of the hot path are made once: putting one together takes longer than carrying it out.
_COLUMNS = tuple(tasks.c[name] for name in TaskRow.__slots__)
_ACCOUNT, _KIND = tasks.c.account == bindparam("account"), tasks.c.kind == bindparam("kind")
_GET = select(*_COLUMNS).where(_ACCOUNT, _KIND, tasks.c.subject == bindparam("subject"))
_DUE = (
    select(*_COLUMNS)
    .where(_ACCOUNT, tasks.c.done.is_(False), tasks.c.due_at <= bindparam("now"))
    .order_by(tasks.c.due_at, tasks.c.id)
)
_DUE_OF_KIND = _DUE.where(_KIND)
_RECENT = bindparam("recent", type_=Moment())
_NEVER_DATED = tasks.c.changed_at.is_(None) & items.c.created_at.is_(None)
_RANK = case(
    (_NEVER_DATED | (tasks.c.changed_at > _RECENT) | (items.c.created_at > _RECENT), 0),
    (tasks.c.visits == 0, 1),
    else_=2,
).label("rank")
_DUE_RANKED: Select[Any] = (
    select(*_COLUMNS, _RANK)
    .outerjoin(items, items.c.key == tasks.c.subject)
    .where(_ACCOUNT, _KIND, tasks.c.done.is_(False), tasks.c.due_at <= bindparam("now"))
    .order_by("rank", tasks.c.due_at, tasks.c.id)
)
_DUE_KINDS = (
    select(tasks.c.kind).where(_ACCOUNT, tasks.c.done.is_(False), tasks.c.due_at <= bindparam("now")).distinct()
)
_INSERT = insert(tasks)
_UPDATE = update(tasks).where(tasks.c.id == bindparam("this"))
_BEGIN = _UPDATE.values(started_at=func.coalesce(tasks.c.started_at, bindparam("at", type_=Moment())), put_off=None)
_FINISH = _UPDATE.values(visits=tasks.c.visits + 1)
_AT = bindparam("at", type_=Moment())
_STIR = (
    update(tasks)
    .where(
        tasks.c.account == bindparam("whose"),
        tasks.c.kind == TaskKind.THREAD.value,
        tasks.c.subject == bindparam("thread"),
    )
    .values(
        changed_at=_AT,
        due_at=case((tasks.c.done | tasks.c.due_at.is_(None) | (tasks.c.due_at > _AT), _AT), else_=tasks.c.due_at),
        done=False,
    )
)


def _row(found: Row[Any]) -> TaskRow:
    fields = {name: value for name, value in found._asdict().items() if name != "rank"}
    return TaskRow(**fields | {"kind": TaskKind(fields["kind"])})

"""Records and what is known of them: what the rules of `archiver.domain.history` need, in a few queries per exchange."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, insert, select, update

from archiver.domain.history import EventName, Known
from archiver.domain.item import Cause, Kind, State, clean
from archiver.domain.keys import Key
from archiver.domain.observation import GateSeen
from archiver.store import bulk
from archiver.store.bulk import chunks
from archiver.store.captures import number_of
from archiver.store.facets import whole
from archiver.store.past import add_past, past_known
from archiver.store.tables import (
    accounts,
    aliases,
    events,
    gate_members as member_table,
    gates,
    items,
    people,
    polls,
    versions,
)
from archiver.store.writing import ItemWrite, write

__all__ = [
    "ItemWrite", "Root", "Stored", "add_gate_events", "add_past", "askable", "counts_by_account", "gate_members", "gated_below",
    "gates_of", "in_thread", "own_live_posts", "past_known", "resolve", "rethread", "set_gate", "stored", "thread_root",
    "threads_in_use", "unseen", "write",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as the store has it: what `weigh` needs, and what places it. ``author`` is the native person id."""

    known: Known
    item_id: int
    account: str
    kind: Kind
    parent: Key | None
    thread: Key
    thread_author: str | None
    author: str | None
    quotes: Key | None
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Root:
    """What the cadence of a thread depends on. ``replies`` is how many answers the store has."""

    created_at: datetime | None
    replies: int
    poll_until: datetime | None


def stored(conn: Connection, keys: Iterable[Key]) -> dict[Key, Stored]:
    """The records of these keys that the store has."""
    rows = bulk.select(conn, _STORED, [clean(key) for key in keys])
    several = [row[1] for row in rows if row[0] > 1]
    names: dict[int, set[str]] = {}
    for item_id, name in bulk.select(conn, _NAMES, several):
        names.setdefault(item_id, set()).add(name)
    moment = bulk.read_moments(conn)
    return {row[2]: _stored(row, names.get(row[1]), moment) for row in rows}


_STORED = """
SELECT i.learned, i.id, i.key, i.account, i.kind, i.parent, i.thread, i.thread_author, i.quotes, i.state, i.cause,
  i.last_seen_at, p.native_id, v.digest, v.edited_at, v.native_version, v.state, v.facets, v.text, v.title,
  v.content_warning, v.visibility, v.quotes
FROM items i JOIN versions v ON v.item_id = i.id AND v.ordinal = i.current LEFT JOIN people p ON p.id = i.author_id
WHERE i.key {among}
"""
_NAMES = "SELECT item_id, native_version FROM versions WHERE native_version IS NOT NULL AND item_id {among}"
_STATES = {str(state): state for state in State}
_CAUSES: dict[str | None, Cause | None] = {None: None} | {str(cause): cause for cause in Cause}
_KINDS = {str(kind): kind for kind in Kind}


def _stored(row: tuple[Any, ...], names: set[str] | None, moment: Callable[[Any], datetime]) -> Stored:
    """A row of ``_STORED`` as values. ``names`` are its native versions where it has several rows."""
    (
        _, item_id, key, account, kind, parent, thread, thread_author, quotes, state, cause,
        last_seen_at, author, digest, edited_at, name, shown_as, facets, text, title, warning, visibility, quoted,
    ) = row  # fmt: skip
    if names is None:
        names = {name} if name else set()
    known = Known(
        key=key,
        state=_STATES[state],
        cause=_CAUSES[cause],
        facets=whole(facets, text, title, warning, visibility, quoted),
        digest=digest,
        edited_at=moment(edited_at) if edited_at else None,
        native_version=name,
        native_versions=frozenset(names),
        visibility=visibility,
        shown_as=_STATES[shown_as],
    )
    return Stored(
        known, item_id, account, _KINDS[kind], parent, thread, thread_author, author, quotes, moment(last_seen_at)
    )


def unseen(
    conn: Connection,
    account: str,
    *,
    stream: str,
    from_at: datetime | None,
    until_at: datetime,
    scope: Key | None,
    before: datetime,
) -> list[Key]:
    """Live and hidden records that a complete listing of ``stream`` should have shown, and that were not seen since ``before``.

    ``posts`` lists what the account wrote, ``comments`` what stands in the thread ``scope``, ``quotes`` what quotes
    ``scope``, ``mentions`` who names the account. A listing of other streams shows no absence.
    """
    c = items.c
    query = select(c.key).where(
        c.account == account,
        c.state.in_([State.LIVE.value, State.HIDDEN.value]),
        c.kind != Kind.PROFILE.value,
        c.last_seen_at < before,
    )
    if stream == "posts":
        own = select(people.c.id).join(accounts, accounts.c.native_id == people.c.native_id)
        query = query.where(
            c.author_id.in_(own.where(accounts.c.account == account, accounts.c.platform == people.c.platform))
        )
    elif stream == "comments" and scope is not None:
        query = query.where(_below(conn, scope), c.key != scope)
    elif stream == "quotes" and scope is not None:
        query = query.where(c.quotes == scope)
    elif stream == "mentions":
        query = query.where(c.kind == Kind.MENTION.value)
    else:
        return []
    if from_at is not None:
        query = query.where(c.created_at >= from_at)
    query = (
        query.where(c.created_at.is_(None) | (c.created_at < until_at))
        if from_at is None
        else query.where(c.created_at < until_at)
    )
    return [Key(key) for key in conn.execute(query.order_by(c.key)).scalars()]


def askable(conn: Connection, keys: Sequence[Key], *, private: bool) -> list[Key]:
    """The keys that the platform answers about truly: without a token (``private`` False) what only followers or named
    people may see looks as if it were gone."""
    if private or not keys:
        return list(keys)
    known = stored(conn, keys)
    return [key for key in keys if key not in known or known[key].known.visibility in {None, "public", "unlisted"}]


def in_thread(conn: Connection, thread: Key) -> list[Key]:
    """What may still be seen of a thread, its root included, in order of learning.

    ``thread`` may also be an answer in somebody else's thread; then it is that answer and what hangs below it.
    """
    c = items.c
    query = select(c.key).where(_below(conn, thread), c.state.in_([State.LIVE.value, State.HIDDEN.value]))
    return [Key(key) for key in conn.execute(query.order_by(c.id)).scalars()]


def _below(conn: Connection, top: Key) -> ColumnElement[bool]:
    """The condition of being in the thread of ``top``, or below it where it is no root."""
    c = items.c
    root = conn.execute(select(c.thread).where(c.key == top)).scalar_one_or_none()
    if root is None or root == top:
        whole: ColumnElement[bool] = c.thread == top
        return whole
    answers: dict[str | None, list[str]] = {}
    for key, parent in conn.execute(select(c.key, c.parent).where(c.thread == root)):
        answers.setdefault(parent, []).append(key)
    found, todo = {str(top)}, [str(top)]
    while todo:
        new = [key for key in answers.get(todo.pop(), []) if key not in found]
        found.update(new)
        todo += new
    below: ColumnElement[bool] = (c.thread == root) & c.key.in_(found)
    return below


def thread_root(conn: Connection, thread: Key) -> Root | None:
    """The root of a thread, None when it was never seen."""
    row = conn.execute(
        select(items.c.id, items.c.created_at, items.c.current).where(items.c.key == thread)
    ).one_or_none()
    if row is None:
        return None
    answers = select(func.count()).select_from(items).where(items.c.thread == thread, items.c.key != thread)
    version = select(versions.c.id).where(versions.c.item_id == row.id, versions.c.ordinal == row.current)
    closes = select(func.max(polls.c.closes_at)).where(polls.c.version_id == version.scalar_subquery())
    return Root(row.created_at, conn.execute(answers).scalar_one(), conn.execute(closes).scalar_one())


def threads_in_use(conn: Connection, keys: Sequence[Key]) -> list[Key]:
    """Those of the keys that other records name as their thread."""
    c = items.c
    found: list[Key] = []
    for some in chunks(keys):
        query = select(c.thread).distinct().where(c.thread.in_(some), c.thread != c.key).order_by(c.thread)
        found.extend(map(Key, conn.execute(query).scalars()))
    return found


def rethread(conn: Connection, old: Key, new: Key) -> None:
    """A thread turned out to hang in another one; what was right below its top is deeper than that now."""
    deeper = case((items.c.kind == Kind.COMMENT.value, Kind.REPLY.value), else_=items.c.kind)
    conn.execute(update(items).where(items.c.thread == old).values(thread=new, kind=deeper))


def resolve(conn: Connection, name: str) -> Key | None:
    """The record of that key, native id, other id or permalink; None when there is none."""
    wanted = clean(name)
    c = items.c
    by_key = select(c.key).where(c.key == wanted)
    by_alias = select(c.key).join(aliases, aliases.c.item_id == c.id).where(aliases.c.alias == wanted)
    platforms = conn.execute(select(accounts.c.platform, accounts.c.key_space).distinct()).all()
    guesses = [f"{platform}:{space}{wanted}" for platform, space in platforms]
    by_native_id = select(c.key).where(c.key.in_(guesses)).order_by(c.key)
    by_other_id = (
        select(c.key).join(aliases, aliases.c.item_id == c.id).where(aliases.c.alias.in_(guesses)).order_by(c.key)
    )
    by_permalink = select(c.key).where(c.permalink == wanted).order_by(c.key)
    for query in (by_key, by_alias, by_native_id, by_other_id, by_permalink):
        found = conn.execute(query.limit(1)).scalar_one_or_none()
        if found is not None:
            return Key(found)
    return None


def counts_by_account(conn: Connection) -> dict[str, int]:
    """How many records each account has."""
    query = select(items.c.account, func.count()).group_by(items.c.account)
    return {account: count for account, count in conn.execute(query)}


def own_live_posts(conn: Connection, account: str, *, shares: bool = True) -> int:
    """How many live posts, comments and replies, and shares, the account itself wrote: what a platform counts as its posts."""
    kinds = [Kind.POST, Kind.QUOTE, Kind.COMMENT, Kind.REPLY] + ([Kind.SHARE] if shares else [])
    own = (accounts.c.account == items.c.account) & (accounts.c.native_id == people.c.native_id)
    query = (
        select(func.count())
        .select_from(items)
        .join(people, people.c.id == items.c.author_id)
        .join(accounts, own)
        .where(
            items.c.account == account, items.c.state == State.LIVE.value, items.c.kind.in_([k.value for k in kinds])
        )
    )
    return conn.execute(query).scalar_one()


def gate_members(conn: Connection, scope: Key, gate: str) -> set[Key]:
    """What the list held when it was last seen."""
    query = select(member_table.c.member).join(gates).where(gates.c.scope == scope, gates.c.gate == gate)
    return {Key(member) for member in conn.execute(query).scalars()}


def gated_below(conn: Connection, scopes: Sequence[Key], gate: str) -> dict[Key, set[Key]]:
    """What the lists of these scopes held when they were last seen."""
    found: dict[Key, set[Key]] = {}
    for some in chunks(scopes):
        query = select(gates.c.scope, member_table.c.member).join(member_table, member_table.c.gate_id == gates.c.id)
        for scope, member in conn.execute(query.where(gates.c.scope.in_(some), gates.c.gate == gate)):
            found.setdefault(Key(scope), set()).add(Key(member))
    return found


def set_gate(conn: Connection, scope: Key, gate: str, members: Collection[Key], *, exchange: str, at: datetime) -> None:
    """The list holds these now."""
    number = number_of(conn, exchange)
    where = (gates.c.scope == scope) & (gates.c.gate == gate)
    gate_id = conn.execute(select(gates.c.id).where(where)).scalar_one_or_none()
    if gate_id is None:
        words = {"scope": scope, "gate": gate, "observed_at": at, "exchange_id": number}
        gate_id = conn.execute(insert(gates).values(**words).returning(gates.c.id)).scalar_one()
    else:
        conn.execute(update(gates).where(gates.c.id == gate_id).values(observed_at=at, exchange_id=number))
        conn.execute(member_table.delete().where(member_table.c.gate_id == gate_id))
    if members:
        conn.execute(insert(member_table), [{"gate_id": gate_id, "member": member} for member in sorted(members)])


def gates_of(conn: Connection, key: Key) -> set[str]:
    """The lists on which a record stands."""
    query = (
        select(gates.c.gate)
        .join(member_table, member_table.c.gate_id == gates.c.id)
        .where(member_table.c.member == key)
    )
    return set(conn.execute(query).scalars())


def add_gate_events(
    conn: Connection, gate: GateSeen, *, added: Collection[Key], removed: Collection[Key], exchange: str, at: datetime
) -> None:
    """A quote was detached from what it quotes, or attached again; its own state is as before."""
    number = number_of(conn, exchange)
    named = {key: EventName.DETACHED for key in added} | {key: EventName.REATTACHED for key in removed}
    for some in chunks(sorted(named)):
        ids = conn.execute(select(items.c.key, items.c.id).where(items.c.key.in_(some)).order_by(items.c.key)).all()
        rows = [
            {"item_id": id_, "event": named[Key(key)].value, "at": at, "basis": gate.basis, "exchange_id": number}
            for key, id_ in ids
        ]
        if rows:
            conn.execute(insert(events), rows)

"""Records and what is known of them: what the rules of `archiver.domain.history` need, in a few queries per exchange."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, insert, select, update

from archiver.domain.history import EventName, Known
from archiver.domain.item import Cause, Kind, State, clean
from archiver.domain.keys import Key
from archiver.domain.observation import GateSeen
from archiver.store.bulk import chunks
from archiver.store.captures import number_of
from archiver.store.facets import whole
from archiver.store.past import add_past, past_known
from archiver.store.tables import accounts, aliases, events, gate_members as member_table, gates, items, people, polls, versions
from archiver.store.writing import ItemWrite, write

__all__ = [
    "ItemWrite", "Root", "Stored", "add_gate_events", "add_past", "counts_by_account", "gate_members", "gated_below",
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
    rows: list[RowMapping] = []
    for some in chunks([clean(key) for key in keys]):
        rows.extend(conn.execute(_STORED.where(items.c.key.in_(some))).mappings())
    several = [row["id"] for row in rows if row["learned"] > 1]
    names: dict[int, set[str]] = {}
    for some_ids in chunks(several):
        c = versions.c
        named = select(c.item_id, c.native_version).where(c.item_id.in_(some_ids), c.native_version.is_not(None))
        for item_id, name in conn.execute(named):
            names.setdefault(item_id, set()).add(name)
    return {Key(row["key"]): _stored(row, names.get(row["id"])) for row in rows}


_STORED: Select[Any] = (
    select(
        items.c.id, items.c.key, items.c.account, items.c.kind, items.c.parent, items.c.thread, items.c.thread_author,
        items.c.state, items.c.cause, items.c.last_seen_at, items.c.learned, people.c.native_id.label("author"),
        versions.c.digest, versions.c.edited_at, versions.c.native_version, versions.c.facets, versions.c.text,
        versions.c.title, versions.c.content_warning, versions.c.visibility, versions.c.quotes,
        versions.c.state.label("shown_as"),
    )
    .join(versions, (versions.c.item_id == items.c.id) & (versions.c.ordinal == items.c.current))
    .outerjoin(people, people.c.id == items.c.author_id)
)  # fmt: skip


def _stored(row: RowMapping, names: set[str] | None) -> Stored:
    name = row["native_version"]
    known = Known(
        key=Key(row["key"]),
        state=State(row["state"]),
        cause=Cause(row["cause"]) if row["cause"] else None,
        facets=whole(row["facets"], row),
        digest=row["digest"],
        edited_at=row["edited_at"],
        native_version=name,
        native_versions=frozenset(names if names is not None else [name] if name else []),
        visibility=row["visibility"],
        shown_as=State(row["shown_as"]),
    )
    return Stored(
        known=known,
        item_id=row["id"],
        account=row["account"],
        kind=Kind(row["kind"]),
        parent=row["parent"],
        thread=row["thread"],
        thread_author=row["thread_author"],
        author=row["author"],
        quotes=row["quotes"],
        last_seen_at=row["last_seen_at"],
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
        query = query.where(c.author_id.in_(own.where(accounts.c.account == account, accounts.c.platform == people.c.platform)))
    elif stream == "comments" and scope is not None:
        query = query.where(c.thread == scope, c.key != scope)
    elif stream == "quotes" and scope is not None:
        query = query.where(c.quotes == scope)
    elif stream == "mentions":
        query = query.where(c.kind == Kind.MENTION.value)
    else:
        return []
    if from_at is not None:
        query = query.where(c.created_at >= from_at)
    query = query.where(c.created_at.is_(None) | (c.created_at < until_at)) if from_at is None else query.where(c.created_at < until_at)
    return [Key(key) for key in conn.execute(query.order_by(c.key)).scalars()]


def in_thread(conn: Connection, thread: Key) -> list[Key]:
    """The records of a thread, its root included if it was seen, in order of learning."""
    return [Key(key) for key in conn.execute(select(items.c.key).where(items.c.thread == thread).order_by(items.c.id)).scalars()]


def thread_root(conn: Connection, thread: Key) -> Root | None:
    """The root of a thread, None when it was never seen."""
    row = conn.execute(select(items.c.id, items.c.created_at, items.c.current).where(items.c.key == thread)).one_or_none()
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
    """A thread turned out to hang in another one."""
    conn.execute(update(items).where(items.c.thread == old).values(thread=new))


def resolve(conn: Connection, name: str) -> Key | None:
    """The record of that key, native id, other id or permalink; None when there is none."""
    wanted = clean(name)
    c = items.c
    by_key = select(c.key).where(c.key == wanted)
    by_alias = select(c.key).join(aliases, aliases.c.item_id == c.id).where(aliases.c.alias == wanted)
    platforms = conn.execute(select(accounts.c.platform, accounts.c.key_space).distinct()).all()
    guesses = [f"{platform}:{space}{wanted}" for platform, space in platforms]
    by_native_id = select(c.key).where(c.key.in_(guesses)).order_by(c.key)
    by_other_id = select(c.key).join(aliases, aliases.c.item_id == c.id).where(aliases.c.alias.in_(guesses)).order_by(c.key)
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
        .where(items.c.account == account, items.c.state == State.LIVE.value, items.c.kind.in_([k.value for k in kinds]))
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
    query = select(gates.c.gate).join(member_table, member_table.c.gate_id == gates.c.id).where(member_table.c.member == key)
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

"""Records and what is known of them: what the rules of the domain need, in a few queries per exchange."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, insert, select, update

from archiver.domain.history import Basis, EventName, Known
from archiver.domain.item import Cause, Kind, State, clean
from archiver.domain.keys import Key
from archiver.domain.observation import GateSeen
from archiver.store import bulk
from archiver.store.bulk import chunks
from archiver.store.captures import number_of
from archiver.store.decisions import stops
from archiver.store.facets import whole
from archiver.store.past import add_past, past_known
from archiver.store.tables import (
    accounts,
    aliases,
    events,
    gates,
    items,
    people,
    polls,
    versions,
)
from archiver.store.tables import (
    gate_members as member_table,
)
from archiver.store.writing import ItemWrite, write

__all__ = [
    "ItemWrite",
    "Root",
    "Stored",
    "add_gate_events",
    "add_past",
    "answers_counted",
    "askable",
    "counts_by_account",
    "gate_members",
    "gated_below",
    "gates_of",
    "in_thread",
    "own_live_posts",
    "past_known",
    "place",
    "resolve",
    "set_gate",
    "stored",
    "thread_root",
    "threaded",
    "threads_in_use",
    "unseen",
    "write",
]


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as the store has it: what `weigh` needs, and what places it. ``author`` is the native person id.

    ``replies`` is how many answers the platform counted last.
    """

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
    replies: int | None = None


@dataclass(frozen=True, slots=True)
class Root:
    """What the cadence of a thread depends on.

    ``replies`` is how many answers the store has, ``answered_at`` when the newest of them was written.
    """

    created_at: datetime | None
    replies: int
    poll_until: datetime | None
    answered_at: datetime | None = None


def stored(conn: Connection, keys: Iterable[Key]) -> dict[Key, Stored]:
    """The records of these keys that the store has, by the keys as given."""
    asked = {clean(key): key for key in keys}
    rows = bulk.select(conn, _STORED, list(asked))
    several = [row[1] for row in rows if row[0] > 1]
    moment = bulk.read_moments(conn)
    names: dict[int, set[str]] = {}
    edits: dict[int, datetime] = {}
    for item_id, name, edited_at, basis in bulk.select(conn, _EARLIER, several):
        if name is not None:
            names.setdefault(item_id, set()).add(name)
        if edited_at is not None and basis != Basis.HISTORY:
            edits[item_id] = moment(edited_at)
    return {asked[row[2]]: _stored(row, names.get(row[1]), edits.get(row[1]), moment) for row in rows}


_STORED = """
SELECT i.learned, i.id, i.key, i.account, i.kind, i.parent, i.thread, i.thread_author, i.quotes, i.state, i.cause,
  i.last_seen_at, i.reply_count, p.native_id, v.digest, v.edited_at, v.native_version, v.state, v.facets, v.text,
  v.title, v.content_warning, v.visibility, v.quotes
FROM items i JOIN versions v ON v.item_id = i.id AND v.ordinal = i.current LEFT JOIN people p ON p.id = i.author_id
WHERE i.key {among}
"""
_EARLIER = """
SELECT item_id, native_version, edited_at, basis FROM versions
WHERE item_id {among} AND (native_version IS NOT NULL OR edited_at IS NOT NULL) ORDER BY item_id, ordinal
"""
_STATES = {str(state): state for state in State}
_CAUSES: dict[str | None, Cause | None] = {None: None} | {str(cause): cause for cause in Cause}
_KINDS = {str(kind): kind for kind in Kind}


def _stored(
    row: tuple[Any, ...], names: set[str] | None, last_edit: datetime | None, moment: Callable[[Any], datetime]
) -> Stored:
    """A row of ``_STORED`` as values; ``names`` and ``last_edit`` tell of all its versions where it has several."""
    (
        _, item_id, key, account, kind, parent, thread, thread_author, quotes, state, cause,
        last_seen_at, replies, author, digest, edited_at, name, shown_as, facets, text,
        title, warning, visibility, quoted,
    ) = row  # fmt: skip
    if names is None:
        names = {name} if name else set()
    known = Known(
        key=key,
        state=_STATES[state],
        cause=_CAUSES[cause],
        facets=whole(facets, text, title, warning, visibility, quoted),
        digest=digest,
        edited_at=moment(edited_at) if edited_at else last_edit,
        native_version=name,
        native_versions=frozenset(names),
        visibility=visibility,
        shown_as=_STATES[shown_as],
    )
    return Stored(
        known,
        item_id,
        account,
        _KINDS[kind],
        parent,
        thread,
        thread_author,
        author,
        quotes,
        moment(last_seen_at),
        replies,
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
    at: datetime,
    roots: bool = False,
) -> list[Key]:
    """Live and hidden records that a complete listing of ``stream`` should have shown, not seen since ``before``.

    What was last seen after ``at``, the present, was seen under a clock that was ahead, so it was not seen just now.

    ``posts`` lists what the account wrote (``roots``: but none of its answers), ``comments`` what stands in the thread
    ``scope`` but its live chat, ``quotes`` what quotes ``scope``, ``mentions`` who names the account, and who
    answers below a root that is not held; ``stories`` what the account shows for a day. A listing of other streams
    shows no absence.
    """
    among = None
    values = {"account": account, "scope": scope, "from_at": from_at, "until_at": until_at, "before": before}
    values["at"] = at
    if stream == "comments" and scope is not None:
        values["thread"], among = _below(conn, scope)
    elif stream not in {"posts", "mentions", "stories"} and (stream != "quotes" or scope is None):
        return []
    query = _unseen(stream, open_start=from_at is None, roots=roots)
    if among is not None:
        query = query.where(items.c.key.in_(among))
    return [Key(key) for key in conn.execute(query, values).scalars()]


_LISTED_APART = (Kind.STORY.value, Kind.MESSAGE.value, Kind.REVIEW.value, Kind.CHAT.value)
"""Kinds that no listing of posts shows."""


@cache
def _unseen(stream: str, *, open_start: bool, roots: bool) -> Select[str]:
    """Made once for each kind of listing: putting it together takes longer than carrying it out."""
    c = items.c
    query = select(c.key).where(
        c.account == bindparam("account"),
        c.state.in_([State.LIVE.value, State.HIDDEN.value]),
        c.kind != Kind.PROFILE.value,
        (c.last_seen_at < bindparam("before")) | (c.last_seen_at > bindparam("at")),
    )
    if stream == "posts":
        query = query.where(c.author_id.in_(_own_people()), c.kind.not_in(_LISTED_APART))
        query = query.where(c.parent.is_(None)) if roots else query
    elif stream == "stories":
        query = query.where(c.kind == Kind.STORY.value)
    elif stream == "comments":
        query = query.where(c.thread == bindparam("thread"), c.key != bindparam("scope"), c.kind != Kind.CHAT.value)
    elif stream == "quotes":
        query = query.where(c.quotes == bindparam("scope"))
    else:
        query = query.where((c.kind == Kind.MENTION.value) | _rootless())
    early = c.created_at < bindparam("until_at")
    early = c.created_at.is_(None) | early if open_start else (c.created_at >= bindparam("from_at")) & early
    return query.where(early).order_by(c.key)


def _own_people() -> Select[int]:
    """The account as an author."""
    own = select(people.c.id).join(accounts, accounts.c.native_id == people.c.native_id)
    return own.where(accounts.c.account == bindparam("account"), accounts.c.platform == people.c.platform)


def _rootless() -> ColumnElement[bool]:
    """Answers of others below a root that the archive does not hold, removed before it could be captured.

    No thread is visited for them, so it is a listing of who names the account that must miss them.
    """
    c, held = items.c, items.alias("held")
    root = select(held.c.id).where(held.c.key == c.thread).exists()
    return c.kind.in_([Kind.COMMENT.value, Kind.REPLY.value]) & c.author_id.not_in(_own_people()) & ~root


def askable(conn: Connection, keys: Sequence[Key], *, private: bool) -> list[Key]:
    """The keys that the platform answers about truly.

    Without a token (``private`` False) what only followers or named people may see looks as if it were gone.
    """
    if private or not keys:
        return list(keys)
    known = stored(conn, keys)
    return [key for key in keys if key not in known or known[key].known.visibility in {None, "public", "unlisted"}]


def answers_counted(conn: Connection, roots: Sequence[Key]) -> dict[Key, int]:
    """How many answers the platform counted last below each of these records, where it stated a number."""
    asked = {clean(root): root for root in roots}
    return {asked[key]: count for key, count in bulk.select(conn, _ANSWERS_COUNTED, list(asked))}


_ANSWERS_COUNTED = "SELECT key, reply_count FROM items WHERE reply_count IS NOT NULL AND key {among}"


def in_thread(conn: Connection, thread: Key) -> list[Key]:
    """What may still be seen of a thread, its root included, in order of learning.

    ``thread`` may also be an answer in somebody else's thread; then it is that answer and what hangs below it.
    """
    top, among = _below(conn, thread)
    query = _IN_THREAD if among is None else _IN_THREAD.where(items.c.key.in_(among))
    return [Key(key) for key in conn.execute(query, {"thread": top}).scalars()]


_IN_THREAD = (
    select(items.c.key)
    .where(items.c.thread == bindparam("thread"), items.c.state.in_([State.LIVE.value, State.HIDDEN.value]))
    .order_by(items.c.id)
)


def _below(conn: Connection, top: Key) -> tuple[str, set[str] | None]:
    """The thread in which ``top`` and all below it stand, and their keys where it is no root."""
    root: str | None = conn.execute(_THREAD_OF, {"key": top}).scalar_one_or_none()
    if root is None or root == top:
        return top, None
    answers: dict[str | None, list[str]] = {}
    for key, parent in conn.execute(select(items.c.key, items.c.parent).where(items.c.thread == root)):
        answers.setdefault(parent, []).append(key)
    found, todo = {str(top)}, [str(top)]
    while todo:
        new = [key for key in answers.get(todo.pop(), []) if key not in found]
        found.update(new)
        todo += new
    return root, found


_THREAD_OF = select(items.c.thread).where(items.c.key == bindparam("key"))


def thread_root(conn: Connection, thread: Key) -> Root | None:
    """The root of a thread, None when it was never seen."""
    row = conn.execute(_ROOT, {"thread": thread}).one_or_none()
    if row is None:
        return None
    answers, newest = conn.execute(_ANSWERS, {"thread": thread}).one()
    closes = conn.execute(_CLOSES, {"item": row.id, "current": row.current}).scalar_one()
    return Root(row.created_at, answers, closes, newest)


_ROOT = select(items.c.id, items.c.created_at, items.c.current).where(items.c.key == bindparam("thread"))
_ANSWERS = (
    select(func.count(), func.max(items.c.created_at))
    .select_from(items)
    .where(items.c.thread == bindparam("thread"), items.c.key != bindparam("thread"))
)
_CLOSES = (
    select(func.max(polls.c.closes_at))
    .join(versions, versions.c.id == polls.c.version_id)
    .where(versions.c.item_id == bindparam("item"), versions.c.ordinal == bindparam("current"))
)


def named(conn: Connection, names: Iterable[Key]) -> dict[Key, Key]:
    """The keys of the records that have these names, as key or as alias, by the names as given."""
    asked = {clean(name): name for name in names}
    found = {asked[alias]: Key(key) for alias, key in bulk.select(conn, _BY_ALIAS, list(asked))}
    return found | {asked[key]: Key(key) for (key,) in bulk.select(conn, _BY_KEY, list(asked))}


_BY_ALIAS = "SELECT a.alias, i.key FROM aliases a JOIN items i ON i.id = a.item_id WHERE a.alias {among}"
_BY_KEY = "SELECT key FROM items WHERE key {among}"


def threads_in_use(conn: Connection, keys: Sequence[Key]) -> list[Key]:
    """Those of the keys that other records name as their thread."""
    return sorted({Key(thread) for (thread,) in bulk.select(conn, _THREADS_IN_USE, [clean(key) for key in keys])})


_THREADS_IN_USE = "SELECT DISTINCT thread FROM items WHERE thread <> key AND thread {among}"


def threaded(conn: Connection, thread: Key) -> list[Stored]:
    """What names that thread as its own, whatever its state; the thread's root, if it is stored, is left out."""
    c = items.c
    keys = conn.execute(select(c.key).where(c.thread == thread, c.key != thread).order_by(c.key)).scalars()
    return list(stored(conn, map(Key, keys)).values())


def answering(conn: Connection, thread: Key, names: Sequence[Key]) -> list[Stored]:
    """What stands in a thread and is known to answer a record by one of these names."""
    c, wanted = items.c, [clean(name) for name in names]
    keys = conn.execute(select(c.key).where(c.thread == clean(thread), c.parent.in_(wanted)).order_by(c.key)).scalars()
    return list(stored(conn, map(Key, keys)).values())


def reparent(conn: Connection, keys: Sequence[Key], *, parent: Key, kind: Kind, at: datetime) -> None:
    """Records answer that one, by its own key, and are of that kind."""
    for some in chunks(keys):
        conn.execute(update(items).where(items.c.key.in_(some)).values(parent=clean(parent), kind=kind.value))
    stops.cover(conn, keys, at)


def place(conn: Connection, keys: Sequence[Key], *, thread: Key, kind: Kind, at: datetime) -> None:
    """Records stand in that thread, and are of that kind."""
    for some in chunks(keys):
        conn.execute(update(items).where(items.c.key.in_(some)).values(thread=thread, kind=kind.value))
    stops.cover(conn, keys, at)


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
    return {row.account: row[1] for row in conn.execute(query)}


def own_live_posts(conn: Connection, account: str, *, shares: bool = True, answers: bool = True) -> int:
    """How many live records the account itself wrote: what a platform counts as its posts."""
    kinds = [Kind.POST, Kind.QUOTE]
    kinds += ([Kind.COMMENT, Kind.REPLY] if answers else []) + ([Kind.SHARE] if shares else [])
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
    return {Key(member) for member in conn.execute(_MEMBERS, {"scope": scope, "gate": gate}).scalars()}


_MEMBERS = (
    select(member_table.c.member)
    .join(gates)
    .where(gates.c.scope == bindparam("scope"), gates.c.gate == bindparam("gate"))
)


def gated_below(conn: Connection, scopes: Sequence[Key], gate: str) -> dict[Key, set[Key]]:
    """What the lists of these scopes held when they were last seen."""
    found: dict[Key, set[Key]] = {}
    for scope, member in bulk.select(conn, _GATED, [clean(scope) for scope in scopes], gate):
        found.setdefault(Key(scope), set()).add(Key(member))
    return found


_GATED = """
SELECT g.scope, m.member FROM gates g JOIN gate_members m ON m.gate_id = g.id WHERE g.gate = {} AND g.scope {among}
"""


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
    named = dict.fromkeys(added, EventName.DETACHED) | dict.fromkeys(removed, EventName.REATTACHED)
    for some in chunks(sorted(named)):
        shown = items.c.key.in_(some) & (items.c.state != State.DISPOSED.value)
        ids = conn.execute(select(items.c.key, items.c.id).where(shown).order_by(items.c.key)).all()
        rows = [
            {"item_id": id_, "event": named[Key(key)].value, "at": at, "basis": gate.basis, "exchange_id": number}
            for key, id_ in ids
        ]
        if rows:
            conn.execute(insert(events), rows)

"""What a stop covers: a saved query, whole threads, single records; and what gives them their meaning.

A query is kept as it was typed and as it was understood. It is asked again and again, always with the rules of the
program that asks: the full-text index was made by the same rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from archiver.domain.item import Kind, State, clean
from archiver.domain.keys import Key
from archiver.store import bulk
from archiver.store.selection import Query, conditions, selected, verified
from archiver.store.tables import items

_FILTERS = ("account", "platform", "kind", "state", "author", "since", "until")


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked for when a stop is placed. ``query`` None: only what is named; ``Query()``: all there is.

    ``threads`` are the keys of roots: they and all that stands in their threads. ``records`` are single records.
    ``context``: also what a covered record answers, up to its root, and what it quotes or passes on.
    """

    query: Query | None = None
    threads: tuple[Key, ...] = ()
    records: tuple[Key, ...] = ()
    context: bool = True

    def document(self) -> dict[str, Any]:
        """As the store keeps it: values of JSON."""
        return {
            "query": None if self.query is None else _document(self.query),
            "threads": list(self.threads),
            "records": list(self.records),
            "context": self.context,
        }


def read_scope(document: dict[str, Any]) -> Scope:
    """The inverse of `Scope.document`."""
    threads, records = (tuple(Key(key) for key in document[name]) for name in ("threads", "records"))
    asked = document["query"]
    return Scope(None if asked is None else _query(asked), threads, records, document["context"])


def _document(query: Query) -> dict[str, Any]:
    facts: dict[str, Any] = {"words": query.words}
    for name in _FILTERS:
        value = getattr(query, name)
        facts[name] = value.isoformat() if isinstance(value, datetime) else value
    facts["terms"] = [{"tokens": list(term.tokens), "prefix": term.prefix} for term in query.terms]
    return facts


def _query(facts: dict[str, Any]) -> Query:
    since, until = (datetime.fromisoformat(facts[name]) if facts[name] else None for name in ("since", "until"))
    return Query(
        words=facts["words"], account=facts["account"], platform=facts["platform"],
        kind=Kind(facts["kind"]) if facts["kind"] else None, state=State(facts["state"]) if facts["state"] else None,
        author=facts["author"], since=since, until=until, limit=None,
    )  # fmt: skip


def matching(conn: Connection, scope: Scope) -> list[Select[Any]]:
    """Queries that together give the keys of all records that match now; those that are disposed of are none."""
    c = items.c
    here = c.state != State.DISPOSED.value
    found: list[Select[Any]] = []
    if scope.query is not None:
        found.append(select(c.key).where(c.id.in_(selected(conn, scope.query)), here))
    if scope.threads:
        roots = [clean(key) for key in scope.threads]
        found += [select(c.key).where(column.in_(roots), here) for column in (c.thread, c.key)]
    return found


def matching_among(conn: Connection, scope: Scope, keys: Sequence[str]) -> set[str]:
    """Those of the records that match now. For few keys: each is looked at, not all that match."""
    c = items.c
    found: set[str] = set()
    for some in bulk.chunks(keys):
        known = select(c.id, c.key, c.thread).where(c.key.in_(some), c.state != State.DISPOSED.value)
        if scope.threads:
            roots = {clean(key) for key in scope.threads}
            found.update(row.key for row in conn.execute(known) if row.thread in roots or row.key in roots)
        if scope.query is None or scope.query.hopeless:
            continue
        left = {row.id: row.key for row in conn.execute(known.where(*conditions(scope.query)))}
        if scope.query.terms:
            found.update(left[item_id] for item_id, _ in verified(conn, scope.query, list(left)))
        else:
            found.update(left.values())
    return found


def context_of(conn: Connection, keys: Sequence[str]) -> Iterator[set[str]]:
    """What records answer, up to the root, and what they quote or pass on; wave by wave.

    Keys of records that were never seen are among them: they are covered when they arrive.
    """
    columns = "parent, thread, quotes, shares"
    given = set(keys)
    while keys:
        rows = bulk.select(conn, f"SELECT {columns} FROM items WHERE key {{among}}", list(keys))  # noqa: S608 - our own names
        wave = {key for row in rows for key in row if key is not None} - given
        yield wave
        given |= wave
        columns, keys = "parent, thread", sorted(wave)

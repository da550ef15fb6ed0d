"""Searches that are kept, done again, and compared: what is new, what is gone, what has changed (records rule R42)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from archiver import __version__
from archiver.domain.acting import Actor
from archiver.domain.fulltext import RULES
from archiver.domain.item import Kind, State
from archiver.domain.keys import Key
from archiver.errors import NotFound, UsageError
from archiver.services.clearance import Access
from archiver.services.records import Found, find
from archiver.services.release import Release
from archiver.store import Connection, fingerprints
from archiver.store.decisions import audit, searches
from archiver.store.decisions.audit import Act
from archiver.store.decisions.searches import Result, Saved
from archiver.store.engine import Store
from archiver.store.search import Hit
from archiver.store.selection import Query
from archiver.store.views import Row

_FILTERS = ("account", "platform", "kind", "state", "author", "since", "until")


@dataclass(frozen=True, slots=True)
class Gone:
    """A record that was found before and is not now. ``state`` is what it is now: ``disposed``, perhaps."""

    record: Key
    state: str | None


@dataclass(frozen=True, slots=True)
class Again:
    """A search that was done again, held against the time before. ``notes`` says what else is not as it was then."""

    saved: Saved
    before: Result
    now: Result
    found: Found
    new: tuple[Hit, ...]
    gone: tuple[Gone, ...]
    changed: tuple[Hit, ...]
    notes: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether it found just the same."""
        return self.before.digest == self.now.digest


def save(
    store: Store, name: str, query: Query, *, zone: str, access: Access, by: Actor, at: datetime
) -> tuple[Saved, Result, Found]:
    """Keep a search under a name, with all that it finds now. Raises UsageError for a name that is taken, or none."""
    wanted = " ".join(name.split())
    if not wanted:
        raise UsageError("A saved search needs a name.", advice="Like --save potholes.")
    saved = Saved(wanted, at, by, query.words, _told(query), zone)
    result, found = _run(store, query, access, by, at)
    with store.begin() as conn:
        if searches.find(conn, wanted) is not None:
            raise UsageError(f'There is a saved search "{wanted}".', advice=f'--again "{wanted}" does it again.')
        searches.save(conn, saved)
        searches.keep(conn, wanted, result)
        details = {"words": saved.words, "filters": saved.filters, "records": len(result.members)}
        audit.add(conn, Act(at, by, "search save", wanted, details=details | {"digest": result.digest}))
    return saved, result, found


def again(store: Store, name: str, *, access: Access, by: Actor, at: datetime) -> Again:
    """Do a saved search again; what it finds is kept as well, so the next time compares with this one.

    Raises NotFound, with the names that there are.
    """
    wanted = " ".join(name.split())
    with store.read() as conn:
        saved, before = searches.find(conn, wanted), searches.last(conn, wanted)
        known = [one.saved.name for one in searches.listed(conn)]
    if saved is None or before is None:
        advice = f"There are: {', '.join(known)}." if known else "Search with --save NAME first."
        raise NotFound(f'There is no saved search "{wanted}".', advice=advice)
    now, found = _run(store, query_of(saved), access, by, at)
    done = _compared(store, saved, before, now, found, access)
    with store.begin() as conn:
        searches.keep(conn, wanted, now)
        details = {"records": len(now.members), "digest": now.digest, "new": len(done.new), "gone": len(done.gone)}
        audit.add(conn, Act(at, by, "search repeat", wanted, details=details | {"changed": len(done.changed)}))
    return done


def query_of(saved: Saved) -> Query:
    """The query of a saved search; all of what it finds."""
    told = saved.filters
    return Query(
        words=saved.words, account=told["account"], platform=told["platform"], author=told["author"],
        kind=Kind(told["kind"]) if told["kind"] else None, state=State(told["state"]) if told["state"] else None,
        since=_moment(told["since"]), until=_moment(told["until"]), limit=None,
    )  # fmt: skip


def _told(query: Query) -> dict[str, Any]:
    """The filters of a query, in values of JSON."""
    values = {name: getattr(query, name) for name in _FILTERS}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _moment(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told is not None else None


def _run(store: Store, query: Query, access: Access, by: Actor, at: datetime) -> tuple[Result, Found]:
    found = find(store, replace(query, limit=None, offset=0), access)
    keys = [hit.record for hit in found.hits]
    with store.read() as conn:
        release = _unnoted(conn, access, keys)
        # no digest where something is withheld: with the rest of a record, a short word could be found by trying
        digests = fingerprints.of(conn, (key for key in keys if not release.keeps_of(key)))
    members = {key: digests.get(key, "") for key in sorted(keys)}
    parsed = [[list(term.tokens), term.prefix] for term in query.terms]
    coverage = [_plain(row) for row in found.coverage]
    result = Result(
        at, by, parsed, RULES, f"archiver {__version__}", access.note, coverage, digest_of(members), members
    )
    return result, found


def digest_of(members: Mapping[Key, str]) -> str:
    """SHA-256 over a line for each record, in the order of their keys."""
    digest = hashlib.sha256()
    for key in sorted(members):
        digest.update(f"{key} {members[key]}\n".encode())
    return digest.hexdigest()


def _unnoted(conn: Connection, access: Access, among: Iterable[Key]) -> Release:
    """What is withheld of these records; nothing of them is shown by it."""
    return Release(conn, replace(access, opened=None, refused=None), among)


def _compared(store: Store, saved: Saved, before: Result, now: Result, found: Found, access: Access) -> Again:
    with store.read() as conn:
        # an author may be withheld since then: then the record's key from before is no longer said either
        release = _unnoted(conn, access, before.members)
        then = {release.name_of(key): digest for key, digest in before.members.items()}
        keys = {release.name_of(key): key for key in before.members}
        missing = sorted(then.keys() - now.members.keys())
        states = fingerprints.states(conn, [keys[name] for name in missing])
    changed = {key for key, digest in now.members.items() if digest and then.get(key, "") not in {"", digest}}
    return Again(
        saved, before, now, found,
        new=tuple(hit for hit in found.hits if hit.record not in then),
        gone=tuple(Gone(name, states.get(keys[name])) for name in missing),
        changed=tuple(hit for hit in found.hits if hit.record in changed),
        notes=tuple(_notes(before, now)),
    )  # fmt: skip


def _notes(before: Result, now: Result) -> list[str]:
    """What makes the two times hard to compare."""
    notes = []
    if before.rules != now.rules:
        notes.append("Text becomes words by newer rules than then, so other records may be found.")
    if before.clearance != now.clearance:
        notes.append(f"Then it was read on other terms: {before.clearance}; now: {now.clearance}.")
    parts = sum(not digest for digest in now.members.values())
    if parts:
        notes.append(
            f"Of {parts} record{'s' if parts > 1 else ''} a part is withheld; whether they changed is not said."
        )
    return notes


def _plain(row: Row) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def coverage_of(result: Result) -> Sequence[Row]:
    """The spans of a result, with their moments."""
    moments = ("from_at", "until_at", "noticed_at", "closed_at")
    return [dict(row) | {name: _moment(row[name]) for name in moments} for row in result.coverage]

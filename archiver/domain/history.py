"""What an observation changes in a record's history.

Nothing is overwritten: a changed text, attachment or visibility is a new version, compared with the latest one;
a removal is an event. Three things look like edits and are none: a source that shows fewer fields, a later source
that shows more of them (``detail``), and a cached view that still shows an older state (``origin`` False).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from archiver.domain.item import Body, Cause, State, digest_of, facets_of
from archiver.domain.keys import Key
from archiver.domain.observation import GoneSeen, ItemSeen, PastSeen, PastVersion, StateSeen


class Basis(StrEnum):
    """Why a version row was written. ``detail`` completes the row before it and is no version of its own."""

    FIRST = "first"
    EDIT = "edit"
    STATE = "state"
    DETAIL = "detail"
    HISTORY = "history"


class EventName(StrEnum):
    """What happened to a record, as seen by us."""

    SEEN = "seen"
    EDITED = "edited"
    HIDDEN = "hidden"
    UNHIDDEN = "unhidden"
    GONE = "gone"
    RESTORED = "restored"
    DETACHED = "detached"
    REATTACHED = "reattached"


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of a record. ``facets`` is the canonical JSON of its latest version's edit-relevant parts.

    ``native_versions`` are all that were seen of it; ``past`` are the digests of versions known with the platform's
    time of each (``edited_at`` or None for the first).
    """

    key: Key
    state: State
    cause: Cause | None
    facets: str
    digest: str
    edited_at: datetime | None
    native_version: str | None
    native_versions: frozenset[str]
    visibility: str | None = None


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version row to append. ``event`` is None for details."""

    basis: Basis
    body: Body
    facets: str
    digest: str
    state: State
    cause: Cause | None
    native_version: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """What one observation does to one record.

    ``event`` with its ``basis`` is to be recorded; ``state`` and ``cause`` are what holds afterwards. ``doubt``: the
    observation contradicts what the origin said, ask the origin. ``seen``: the record was visible (last_seen_at moves).
    """

    key: Key
    state: State
    cause: Cause | None
    version: NewVersion | None = None
    events: tuple[tuple[EventName, str], ...] = ()
    seen: bool = True
    doubt: bool = False


def canonical(facets: dict[str, Any]) -> str:
    """The canonical JSON that a digest is taken of."""
    return json.dumps(facets, sort_keys=True, separators=(",", ":"))


def weigh(known: Known | None, seen: ItemSeen) -> Change:
    """What a sighting changes."""
    if known is None:
        return _first(seen)
    stale = not seen.origin and seen.native_version in known.native_versions and seen.native_version != known.native_version
    if known.state is State.GONE and not seen.origin:
        return Change(seen.key, known.state, known.cause, seen=False, doubt=True)
    state, cause = _state_after(known, seen)
    events = _state_events(known.state, state, seen.pointer or "in the answer")
    if stale:
        return Change(seen.key, state, cause, events=events)
    basis, facets = _content_change(known, seen)
    if basis is Basis.EDIT:
        events = (*events, (EventName.EDITED, "the content differs from the version before"))
    if basis is None and _is_version(known.state, state):
        basis = Basis.STATE
    if basis is None:
        return Change(seen.key, state, cause, events=events)
    text = canonical(facets)
    digest = digest_of(seen.body) if text == canonical(facets_of(seen.body)) else _digest(text)
    native_version = seen.native_version or known.native_version
    version = NewVersion(basis, seen.body, text, digest, state, cause, native_version)
    return Change(seen.key, state, cause, version, events)


def weigh_gone(known: Known, gone: GoneSeen) -> Change:
    """What the platform's own "not there" changes; said twice it is one event."""
    if known.state in {State.GONE, State.DISPOSED}:
        cause = known.cause or gone.cause
        return Change(known.key, known.state, cause, seen=False)
    return Change(known.key, State.GONE, gone.cause, events=((EventName.GONE, gone.basis),), seen=False)


def weigh_state(known: Known, stated: StateSeen) -> Change:
    """What a stated visibility changes; the version repeats the latest content in its new state."""
    if known.state is State.GONE or (known.state is stated.state and known.cause is stated.cause):
        return Change(known.key, known.state, known.cause, seen=False)
    events = _state_events(known.state, stated.state, stated.basis)
    if not _is_version(known.state, stated.state):
        return Change(known.key, stated.state, stated.cause, events=events, seen=False)
    version = NewVersion(
        Basis.STATE, Body(), known.facets, known.digest, stated.state, stated.cause, known.native_version
    )
    return Change(known.key, stated.state, stated.cause, version, events, seen=False)


def unknown_past(past: PastSeen, known: Iterable[tuple[datetime | None, str]]) -> list[PastVersion]:
    """The entries of a platform's edit history that no stored version holds yet.

    ``known`` are (platform's time, digest) of the stored versions. The last entry is the current state, which sightings bring.
    """
    digests = {digest for _, digest in known}
    return [entry for entry in past.versions[:-1] if digest_of(entry.body) not in digests]


def chronology(rows: Sequence[tuple[Basis, datetime | None]]) -> list[int | None]:
    """The version number (from 1) of each stored row, in the order in which they happened; None for details.

    Rows come in the order of learning, each with the platform's time of that state (None when unknown). A row learned
    from an edit history goes before the first sighting that is younger than it.
    """
    sightings = [index for index, (basis, _) in enumerate(rows) if basis not in {Basis.DETAIL, Basis.HISTORY}]
    order: list[int] = list(sightings)
    histories = [index for index, (basis, _) in enumerate(rows) if basis is Basis.HISTORY]
    for index in sorted(histories, key=lambda i: (rows[i][1] is not None, rows[i][1] or datetime.min)):
        at = rows[index][1]
        place = next((n for n, other in enumerate(order) if _later(rows[other][1], at)), len(order))
        order.insert(place, index)
    numbers: list[int | None] = [None] * len(rows)
    for number, index in enumerate(order, start=1):
        numbers[index] = number
    return numbers


def _later(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one > other)


def _first(seen: ItemSeen) -> Change:
    state = seen.state or State.LIVE
    facets = canonical(facets_of(seen.body))
    version = NewVersion(
        Basis.FIRST, seen.body, facets, digest_of(seen.body), state, seen.cause, seen.native_version
    )
    events: tuple[tuple[EventName, str], ...] = ((EventName.SEEN, "first sight"),)
    if state is State.HIDDEN:
        events = (*events, (EventName.HIDDEN, "hidden at first sight"))
    return Change(seen.key, state, seen.cause, version, events)


def _state_after(known: Known, seen: ItemSeen) -> tuple[State, Cause | None]:
    """A source that says nothing of visibility leaves hidden hidden; being shown ends gone."""
    if seen.state is not None:
        return seen.state, seen.cause
    if known.state is State.HIDDEN:
        return State.HIDDEN, known.cause
    if known.state is State.DISPOSED:
        return State.DISPOSED, known.cause
    return State.LIVE, None


def _state_events(before: State, after: State, basis: str) -> tuple[tuple[EventName, str], ...]:
    if before is after:
        return ()
    if before is State.GONE:
        restored = (EventName.RESTORED, basis)
        return (restored, (EventName.HIDDEN, basis)) if after is State.HIDDEN else (restored,)
    if after is State.HIDDEN:
        return ((EventName.HIDDEN, basis),)
    if before is State.HIDDEN and after is State.LIVE:
        return ((EventName.UNHIDDEN, basis),)
    return ((EventName.GONE, basis),) if after is State.GONE else ()


def _is_version(before: State, after: State) -> bool:
    """Being hidden or shown again is a version; a removal and a return are events."""
    return before is not after and {before, after} == {State.LIVE, State.HIDDEN}


def _content_change(known: Known, seen: ItemSeen) -> tuple[Basis | None, dict[str, Any]]:
    """Whether the content is new, and the facets that hold afterwards (absent fields keep what was known)."""
    before: dict[str, Any] = json.loads(known.facets)
    now: dict[str, Any] = json.loads(canonical(facets_of(seen.body)))
    after = before | now
    named_anew = bool(seen.native_version and known.native_version and seen.native_version != known.native_version)
    edited = seen.body.edited_at is not None and (
        known.edited_at is None or seen.body.edited_at > known.edited_at
    )
    if named_anew or edited:
        return Basis.EDIT, after
    if after == before:
        return None, before
    changed = {name for name in now if name in before and now[name] != before[name]}
    if all(_extends(name, before[name], now[name], seen.body) for name in changed):
        return Basis.DETAIL, after
    return Basis.EDIT, after


def _extends(name: str, before: object, now: object, body: Body) -> bool:
    """Whether one list only shows more, or less, of the other because a source cuts it."""
    if name not in body.partial and "partial:" + name not in body.partial:
        return False
    if not (isinstance(before, list) and isinstance(now, list)):
        return False
    shorter = min(len(before), len(now))
    return before[:shorter] == now[:shorter]


def _digest(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()

"""What an observation changes in a record's history.

Nothing is overwritten: a changed text, attachment or visibility is a new version, compared with the latest
one; a removal is an event. Three things look like edits and are none: a source that shows fewer fields, a
later source that shows more of them (``detail``), and a cached view that still shows an older state.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from archiver.domain.comparison import compare, stored_facets
from archiver.domain.item import Body, Cause, State, canonical, digest_of, digest_of_facets, facets_of
from archiver.domain.keys import Key
from archiver.domain.observation import AuthorSeen, GoneSeen, ItemSeen, PastSeen, PastVersion, StateSeen


class Basis(StrEnum):
    """Why a version row was written. ``detail`` completes the row before it and is no version of its own."""

    FIRST = "first"
    EDIT = "edit"
    STATE = "state"
    DETAIL = "detail"
    HISTORY = "history"


class EventName(StrEnum):
    """What happened to a record, as seen by us. ``explained``: a source proves why it is hidden or gone."""

    SEEN = "seen"
    EDITED = "edited"
    HIDDEN = "hidden"
    UNHIDDEN = "unhidden"
    GONE = "gone"
    RESTORED = "restored"
    DETACHED = "detached"
    REATTACHED = "reattached"
    EXPLAINED = "explained"


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of a record.

    ``facets`` is the text of its latest version's edit-relevant parts, exactly as ``NewVersion.facets`` gave it, and
    ``digest`` its digest. ``native_versions`` are all that were seen of it. ``shown_as`` is the state in its latest
    version row, which a removal leaves as it is (None: not told, then as ``state``).
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
    shown_as: State | None = None


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version row to append. What is None in ``body`` is taken over from the row before."""

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

    ``events`` are to be recorded, each with its basis in words; ``state`` and ``cause`` are what holds afterwards.
    ``seen``: the record was visible (last_seen_at moves). ``doubt``: the observation contradicts what is known and
    can't be trusted with it; ask the origin.
    """

    key: Key
    state: State
    cause: Cause | None
    version: NewVersion | None = None
    events: tuple[tuple[EventName, str], ...] = ()
    seen: bool = True
    doubt: bool = False


def weigh(known: Known | None, seen: ItemSeen) -> Change:
    """What a sighting changes."""
    if known is None:
        return _first(seen)
    if known.state is State.DISPOSED or seen.initial:
        return Change(seen.key, known.state, known.cause, seen=False)
    if known.state is State.GONE and not seen.origin:
        return Change(seen.key, known.state, known.cause, seen=False, doubt=True)
    state, cause = _state_after(known, seen)
    where = f"shown in the answer at {seen.pointer}" if seen.pointer else "shown in the answer"
    events = _state_events(known, state, cause, where)
    visible = state is not State.GONE
    if _same(known, seen):
        return Change(seen.key, state, cause, _state_version(known, state, cause), events, visible)
    version, outdated = _content_version(known, seen, state, cause)
    if outdated or version is None:
        change = Change(seen.key, state, cause, _state_version(known, state, cause), events, visible)
        return replace(change, doubt=outdated and not _older_by_its_own_word(known, seen))
    if version.basis is Basis.EDIT:
        events = (*events, (EventName.EDITED, "differs from the version before"))
    return Change(seen.key, state, cause, version, events, visible)


def weigh_gone(known: Known, gone: GoneSeen) -> Change:
    """What the platform's own "not there" changes; said twice it is one event."""
    if known.state is State.DISPOSED:
        return Change(known.key, known.state, known.cause, seen=False)
    cause = gone.cause or (known.cause if known.state is State.GONE else None)
    events = _state_events(known, State.GONE, cause, gone.basis)
    return Change(known.key, State.GONE, cause, events=events, seen=False)


def weigh_state(known: Known, stated: StateSeen) -> Change:
    """What a stated visibility changes; the version repeats the latest content in its new state."""
    if known.state in {State.GONE, State.DISPOSED}:
        return Change(known.key, known.state, known.cause, seen=False)
    cause = stated.cause or (known.cause if known.state is stated.state else None)
    events = _state_events(known, stated.state, cause, stated.basis)
    version = _state_version(known, stated.state, cause)
    return Change(known.key, stated.state, cause, version, events, seen=False)


def weigh_author(known: Known, told: AuthorSeen) -> Change:
    """What is told of its author changes for a record that is not shown: the reason, and nothing else."""
    if known.state is not told.state or known.cause is not None:
        return Change(known.key, known.state, known.cause, seen=False)
    return Change(known.key, known.state, told.cause, events=((EventName.EXPLAINED, told.basis),), seen=False)


def known_after(known: Known | None, change: Change) -> Known:
    """What is known once a change has been written, without asking the store; ``known`` None: it was the first."""
    version = change.version
    if known is None:
        assert version is not None
        names = frozenset({version.native_version} if version.native_version else ())
        return Known(
            change.key, change.state, change.cause, version.facets, version.digest, version.body.edited_at,
            version.native_version, names, version.body.visibility, version.state,
        )  # fmt: skip
    if version is None:
        return replace(known, state=change.state, cause=change.cause, shown_as=_shown(known))
    return replace(
        known,
        state=change.state,
        cause=change.cause,
        facets=version.facets,
        digest=version.digest,
        edited_at=version.body.edited_at or known.edited_at,
        native_version=version.native_version,
        native_versions=known.native_versions | ({version.native_version} if version.native_version else set()),
        visibility=version.body.visibility or known.visibility,
        shown_as=version.state,
    )


def unknown_past(past: PastSeen, known: Iterable[tuple[datetime | None, str]]) -> list[PastVersion]:
    """The entries of a platform's edit history that no stored version holds yet.

    ``known`` are (platform's time, digest) of the stored versions; the version as first written has no time of an
    edit (None). The last entry is the current state, which sightings bring. Entries are recognised by their time, the
    first also as the one without; by digest only where a stored version's time is on no list, because a history shows
    fewer fields than a sighting, and because a text that was changed back is a version of its own.
    """
    rows = set(known)
    times = {at for at, _ in rows}
    listed = {entry.at for entry in past.versions}
    spare = {digest for at, digest in rows if at is not None and at not in listed}
    unknown: list[PastVersion] = []
    for position, entry in enumerate(past.versions[:-1]):
        if entry.at in times or (position == 0 and None in times):
            continue
        digest = digest_of(entry.body)
        if digest in spare:
            spare.remove(digest)
            continue
        unknown.append(entry)
    return unknown


def chronology(rows: Sequence[tuple[Basis, datetime | None]]) -> list[int | None]:
    """The version number (from 1) of each stored row, in the order in which they happened; None for details.

    Rows come in the order of learning, each with the platform's time of that state (None when unknown). A row learned
    from an edit history goes before the first sighting that is younger than it.
    """
    sightings = [index for index, (basis, _) in enumerate(rows) if basis not in {Basis.DETAIL, Basis.HISTORY}]
    order: list[int] = list(sightings)
    histories = [index for index, (basis, _) in enumerate(rows) if basis is Basis.HISTORY]
    for index in sorted(histories, key=lambda i: rows[i][1] or _BEGINNING):
        at = rows[index][1]
        place = next((n for n, other in enumerate(order) if _later(rows[other][1], at)), len(order))
        order.insert(place, index)
    numbers: list[int | None] = [None] * len(rows)
    for number, index in enumerate(order, start=1):
        numbers[index] = number
    return numbers


_BEGINNING = datetime.min.replace(tzinfo=UTC)


def _later(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one > other)


def _first(seen: ItemSeen) -> Change:
    state = seen.state or State.LIVE
    facets = facets_of(seen.body)
    version = NewVersion(
        Basis.FIRST, seen.body, stored_facets(facets, seen.body.partial), digest_of_facets(facets),
        state, seen.cause, seen.native_version,
    )  # fmt: skip
    events = [(EventName.SEEN, "first sight")]
    if state is State.HIDDEN:
        events.append((EventName.HIDDEN, "hidden at first sight"))
    if state is State.GONE:
        events.append((EventName.GONE, "gone at first sight"))
    return Change(seen.key, state, seen.cause, version, tuple(events), seen=state is not State.GONE)


def _shown(known: Known) -> State:
    """The state in the latest version row."""
    if known.shown_as is not None:
        return known.shown_as
    return State.HIDDEN if known.state is State.HIDDEN else State.LIVE


def _state_after(known: Known, seen: ItemSeen) -> tuple[State, Cause | None]:
    """A source that says nothing of visibility leaves hidden hidden; being shown ends gone."""
    if seen.state is not None:
        return seen.state, seen.cause or (known.cause if known.state is seen.state else None)
    if seen.readable and _shown(known) is State.HIDDEN and known.cause is not Cause.BY_CITY:
        return State.LIVE, None
    if known.state is State.HIDDEN:
        return State.HIDDEN, known.cause
    return _shown(known), None


def _state_events(known: Known, after: State, cause: Cause | None, basis: str) -> tuple[tuple[EventName, str], ...]:
    before = known.state
    if before is after:
        return ((EventName.EXPLAINED, basis),) if cause is not None and cause is not known.cause else ()
    names: list[EventName] = []
    if before is State.GONE:
        names.append(EventName.RESTORED)
    if after is State.HIDDEN and _shown(known) is not State.HIDDEN:
        names.append(EventName.HIDDEN)
    if after is State.LIVE and _shown(known) is State.HIDDEN:
        names.append(EventName.UNHIDDEN)
    if after is State.GONE:
        names.append(EventName.GONE)
    return tuple((name, basis) for name in names)


def _state_version(known: Known, after: State, cause: Cause | None) -> NewVersion | None:
    """Being hidden or shown again is a version of the same content; a removal and a return are events."""
    if after not in {State.LIVE, State.HIDDEN} or after is _shown(known):
        return None
    return NewVersion(Basis.STATE, Body(), known.facets, known.digest, after, cause, known.native_version)


def _same(known: Known, seen: ItemSeen) -> bool:
    """The usual case, without taking the facets apart: all the same, nothing cut, nothing named anew."""
    return (
        not seen.body.partial
        and seen.native_version in {None, known.native_version}
        and not _edited_since(known, seen)
        and canonical(facets_of(seen.body)) == known.facets
    )


def _content_version(known: Known, seen: ItemSeen, state: State, cause: Cause | None) -> tuple[NewVersion | None, bool]:
    """The version that a sighting's content makes, if any, and whether that content is an older one."""
    named = seen.native_version is not None and known.native_version is not None
    anew = named and seen.native_version != known.native_version
    if not seen.origin and (
        (anew and seen.native_version in known.native_versions) or _older_by_its_own_word(known, seen)
    ):
        return None, True
    found = compare(known.facets, seen.body)
    edited = anew if named else found.edited or _edited_since(known, seen)
    if found.edited and not seen.origin:
        if named and not anew:  # a view of the very same version; the origin knows better what is in it
            return None, False
        unnamed = seen.native_version is None and known.native_version is not None
        undated = seen.body.edited_at is None and known.edited_at is not None
        if not anew and (unnamed or undated):  # it may be older or newer; only the origin knows
            return None, True
    completes = found.more or found.edited or (known.native_version is None and seen.native_version is not None)
    if not edited and not completes:
        return None, False
    native_version = seen.native_version or known.native_version
    digest = digest_of_facets(found.facets)
    basis = Basis.EDIT if edited else Basis.STATE if _state_version(known, state, cause) else Basis.DETAIL
    return NewVersion(basis, found.body, found.text, digest, state, cause, native_version), False


def _edited_since(known: Known, seen: ItemSeen) -> bool:
    """Whether the platform dates an edit later than all that is known (the content may be the same)."""
    at = seen.body.edited_at
    return at is not None and (known.edited_at is None or at > known.edited_at)


def _older_by_its_own_word(known: Known, seen: ItemSeen) -> bool:
    """Whether a sighting itself dates its content before the latest edit."""
    at = seen.body.edited_at
    return at is not None and known.edited_at is not None and at < known.edited_at

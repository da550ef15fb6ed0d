"""What an observation changes in a record's history."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.history import (
    Basis,
    Change,
    EventName,
    Known,
    chronology,
    known_after,
    unknown_past,
    weigh,
    weigh_author,
    weigh_gone,
    weigh_state,
)
from archiver.domain.item import Attachment, Body, Cause, Form, Link, Poll, PollOption, State, digest_of
from archiver.domain.keys import Key
from archiver.domain.observation import AuthorSeen, GoneSeen, ItemSeen, PastSeen, PastVersion, StateSeen

KEY = Key("mastodon:1")
T0 = datetime(2026, 11, 1, tzinfo=UTC)


def at(hours: int) -> datetime:
    """So many hours after the record was written."""
    return T0 + timedelta(hours=hours)


def seen(text: str | None = "Snow!", **more: object) -> ItemSeen:
    """A sighting; what a body has goes into its body."""
    body_fields = {k: v for k, v in more.items() if k in Body.__slots__}
    rest = {k: v for k, v in more.items() if k not in body_fields}
    return ItemSeen(KEY, Form.POST, None, Body(text=text, **body_fields), **rest)  # type: ignore[arg-type]


def pictures(*names: str, alt: str | None = None) -> tuple[Attachment, ...]:
    """Attachments by name."""
    return tuple(Attachment("image", f"https://example.org/{name}.jpg", alt_text=alt) for name in names)


GONE = GoneSeen(KEY, "404")
HIDDEN = StateSeen(KEY, State.HIDDEN, "on the list of hidden replies", Cause.BY_CITY)
SHOWN = StateSeen(KEY, State.LIVE, "not on the list of hidden replies")

Observed = ItemSeen | GoneSeen | StateSeen


@dataclass
class Record:
    """One record's history, as a store would keep it."""

    known: Known | None = None
    versions: int = 0
    rows: int = 0
    doubts: int = 0
    events: tuple[str, ...] = ()

    def take(self, observed: Observed) -> Change:
        """Weigh an observation and write down what it changes."""
        if isinstance(observed, ItemSeen):
            change = weigh(self.known, observed)
        else:
            assert self.known is not None
            change = (
                weigh_gone(self.known, observed)
                if isinstance(observed, GoneSeen)
                else weigh_state(self.known, observed)
            )
        self.known = known_after(self.known, change)
        self.rows += change.version is not None
        self.versions += change.version is not None and change.version.basis is not Basis.DETAIL
        self.doubts += change.doubt
        self.events += tuple(name for name, _ in change.events)
        return change


def history_of(*observed: Observed) -> Record:
    """The history that these observations make."""
    record = Record()
    for one in observed:
        record.take(one)
    return record


STORIES: dict[str, tuple[tuple[Observed, ...], int, tuple[str, ...], State]] = {
    "first sight is version 1": ((seen(),), 1, ("seen",), State.LIVE),
    "hidden at first sight is version 1 and an event": (
        (seen(state=State.HIDDEN, cause=Cause.BY_CITY),), 1, ("seen", "hidden"), State.HIDDEN,
    ),
    "another text is an edit": ((seen(), seen("Ice!")), 2, ("seen", "edited"), State.LIVE),
    "a change back is a change": ((seen(), seen("Ice!"), seen()), 3, ("seen", "edited", "edited"), State.LIVE),
    "a text that became empty is an edit": ((seen(), seen("")), 2, ("seen", "edited"), State.LIVE),
    "a field that a source leaves out is no edit": (
        (seen(attachments=pictures("a"), visibility="public"), seen()), 1, ("seen",), State.LIVE,
    ),
    "fields that a later source shows are details and no edit": (
        (seen(), seen(attachments=pictures("a"), visibility="public")), 1, ("seen",), State.LIVE,
    ),
    "details do not hide a later edit": (
        (seen(), seen(attachments=pictures("a")), seen(attachments=pictures("b"))), 2, ("seen", "edited"), State.LIVE,
    ),
    "a picture taken away is an edit": (
        (seen(attachments=pictures("a", "b")), seen(attachments=pictures("a"))), 2, ("seen", "edited"), State.LIVE,
    ),
    "a longer list after a cut one is a detail": (
        (seen(attachments=pictures("a", "b"), partial=frozenset({"attachments"})),
         seen(attachments=pictures("a", "b", "c"))), 1, ("seen",), State.LIVE,
    ),
    "a cut list after the whole one changes nothing, however often they alternate": (
        (seen(attachments=pictures("a", "b", "c")),
         seen(attachments=pictures("a"), partial=frozenset({"attachments"})),
         seen(attachments=pictures("a", "b", "c")),
         seen(attachments=pictures("a", "b"), partial=frozenset({"attachments"}))), 1, ("seen",), State.LIVE,
    ),
    "a longer list after a whole one is an edit": (
        (seen(attachments=pictures("a", "b")), seen(attachments=pictures("a", "b", "c"))), 2, ("seen", "edited"), State.LIVE,
    ),
    "a cut list that turns out to be whole, and then grows, is an edit": (
        (seen(attachments=pictures("a"), partial=frozenset({"attachments"})),
         seen(attachments=pictures("a")), seen(attachments=pictures("a", "b"))), 2, ("seen", "edited"), State.LIVE,
    ),
    "other pictures in a cut list are an edit": (
        (seen(attachments=pictures("a", "b", "c")),
         seen(attachments=pictures("b"), partial=frozenset({"attachments"}))), 2, ("seen", "edited"), State.LIVE,
    ),
    "a text cut with an ellipsis is no edit of the whole one": (
        (seen("Snow and ice"), seen("Snow a…", partial=frozenset({"text"})), seen("Snow and ice")), 1, ("seen",), State.LIVE,
    ),
    "a description that another source knows is a detail": (
        (seen(attachments=pictures("a")), seen(attachments=pictures("a", alt="a plough")), seen(attachments=pictures("a"))),
        1, ("seen",), State.LIVE,
    ),
    "another description is an edit": (
        (seen(attachments=pictures("a", alt="a plough")), seen(attachments=pictures("a", alt="a car"))),
        2, ("seen", "edited"), State.LIVE,
    ),
    "votes and preview cards are no edit": (
        (seen(poll=Poll((PollOption("yes", 1), PollOption("no", 1))), links=()),
         seen(poll=Poll((PollOption("yes", 9), PollOption("no", 1))), links=(Link("https://example.org", card=True),))),
        1, ("seen",), State.LIVE,
    ),
    "another answer in a poll is an edit": (
        (seen(poll=Poll((PollOption("yes"), PollOption("no")))), seen(poll=Poll((PollOption("yes"), PollOption("never"))))),
        2, ("seen", "edited"), State.LIVE,
    ),
    "an edit that the platform dates is one even if the text is the same": (
        (seen(), seen(edited_at=at(1)), seen(edited_at=at(1))), 2, ("seen", "edited"), State.LIVE,
    ),
    "a new name for the state is an edit": (
        (seen(native_version="cid1"), seen(native_version="cid2")), 2, ("seen", "edited"), State.LIVE,
    ),
    "the origin changed back to a state that has a name already": (
        (seen(native_version="cid1"), seen("Ice!", native_version="cid2"), seen(native_version="cid1")),
        3, ("seen", "edited", "edited"), State.LIVE,
    ),
    "an older cached view changes nothing": (
        (seen(native_version="cid1"), seen("Ice!", native_version="cid2"), seen(native_version="cid1", origin=False)),
        2, ("seen", "edited"), State.LIVE,
    ),
    "a cached view from before a dated edit changes nothing": (
        (seen(), seen("Ice!", edited_at=at(1)), seen(origin=False)), 2, ("seen", "edited"), State.LIVE,
    ),
    "a cached view that shows something new is believed": (
        (seen(native_version="cid1"), seen("Ice!", native_version="cid2", origin=False)), 2, ("seen", "edited"), State.LIVE,
    ),
    "a cached view that does not name its version makes no edit of one that has a name": (
        (seen(native_version="cid1"), seen("Ice!", origin=False), seen("Ice!", native_version="cid2")),
        2, ("seen", "edited"), State.LIVE,
    ),
    "two views of the very same version that differ make no edit": (
        (seen(native_version="cid1"), seen("Snow! ", native_version="cid1", origin=False)), 1, ("seen",), State.LIVE,
    ),
    "gone": ((seen(), GONE), 1, ("seen", "gone"), State.GONE),
    "gone twice is one event": ((seen(), GONE, GONE), 1, ("seen", "gone"), State.GONE),
    "a cached view does not bring back what the origin says is gone": (
        (seen(), GONE, seen(origin=False)), 1, ("seen", "gone"), State.GONE,
    ),
    "the origin shows it again": ((seen(), GONE, seen()), 1, ("seen", "gone", "restored"), State.LIVE),
    "it comes back with another text": (
        (seen(), GONE, seen("Ice!")), 2, ("seen", "gone", "restored", "edited"), State.LIVE,
    ),
    "it comes back hidden": (
        (seen(), GONE, seen(state=State.HIDDEN)), 2, ("seen", "gone", "restored", "hidden"), State.HIDDEN,
    ),
    "what was hidden before it went is hidden when it comes back, unless the platform says otherwise": (
        (seen(), HIDDEN, GONE, seen()), 2, ("seen", "hidden", "gone", "restored"), State.HIDDEN,
    ),
    "what was hidden before it went comes back for all to see": (
        (seen(), HIDDEN, GONE, seen(state=State.LIVE)), 3, ("seen", "hidden", "gone", "restored", "unhidden"), State.LIVE,
    ),
    "hiding is a version of the same content": ((seen(), HIDDEN), 2, ("seen", "hidden"), State.HIDDEN),
    "hidden twice is one version": ((seen(), HIDDEN, HIDDEN), 2, ("seen", "hidden"), State.HIDDEN),
    "shown again is a version too": ((seen(), HIDDEN, SHOWN), 3, ("seen", "hidden", "unhidden"), State.LIVE),
    "a source that says nothing of visibility leaves hidden hidden": ((seen(), HIDDEN, seen()), 2, ("seen", "hidden"), State.HIDDEN),
    "hidden and edited at once is one version": (
        (seen(), seen("Ice!", state=State.HIDDEN)), 2, ("seen", "hidden", "edited"), State.HIDDEN,
    ),
    "hidden and shown in more detail at once is one version": (
        (seen(), seen(visibility="public", state=State.HIDDEN)), 2, ("seen", "hidden"), State.HIDDEN,
    ),
    "the list of hidden replies says nothing about one that is gone": ((seen(), GONE, HIDDEN), 1, ("seen", "gone"), State.GONE),
    "a cause that is proved later is an event and no removal": (
        (seen(), GONE, GoneSeen(KEY, "account suspended", Cause.AUTHOR_SUSPENDED)),
        1, ("seen", "gone", "explained"), State.GONE,
    ),
    "a hidden one that vanishes is gone": ((seen(), HIDDEN, GONE), 2, ("seen", "hidden", "gone"), State.GONE),
}  # fmt: skip


@pytest.mark.parametrize(("observed", "versions", "events", "state"), STORIES.values(), ids=STORIES)
def test_stories(observed: tuple[Observed, ...], versions: int, events: tuple[str, ...], state: State) -> None:
    """A table of lives: how many versions, which events, what holds at the end."""
    record = history_of(*observed)
    assert record.known is not None
    assert (record.versions, record.events, record.known.state) == (versions, events, state)


def test_a_cause_is_kept_until_another_is_proved() -> None:
    """A source that gives none takes none away; being shown again ends it."""
    record = history_of(seen(), HIDDEN, seen(state=State.HIDDEN), StateSeen(KEY, State.HIDDEN, "still"))
    assert record.known is not None
    assert record.known.cause is Cause.BY_CITY
    assert record.take(GONE).cause is None
    assert record.take(replace(GONE, cause=Cause.BY_AUTHOR)).cause is Cause.BY_AUTHOR
    assert record.take(GONE).cause is Cause.BY_AUTHOR
    assert record.take(seen(state=State.LIVE)).cause is None


def test_what_a_source_leaves_out_is_taken_over() -> None:
    """The body to store says None where the row before knows better, and the facets still hold it."""
    record = history_of(seen(attachments=pictures("a", "b", alt="a plough"), visibility="public"))
    change = record.take(seen("Ice!", attachments=pictures("a"), partial=frozenset({"attachments"})))
    assert change.version is not None
    assert (change.version.body.text, change.version.body.attachments) == ("Ice!", None)
    assert "b.jpg" in change.version.facets
    assert '"public"' in change.version.facets


def test_a_text_that_is_left_out_where_it_is_empty_was_taken_away() -> None:
    """Once it had one; before, nothing is known of it. A source that was not asked for it says nothing."""
    empty = seen(None, left_out=frozenset({"text"}))
    record = history_of(empty)
    assert record.known is not None
    assert "text" not in record.known.facets
    record.take(seen("Snow!"))
    assert record.take(seen(None)).version is None
    change = record.take(empty)
    assert change.version is not None
    assert (change.version.basis, change.version.body.text) == (Basis.EDIT, "")
    assert record.take(empty).version is None


def test_a_known_description_goes_with_its_picture() -> None:
    """A source without descriptions does not undo them in the version that it brings."""
    record = history_of(seen(attachments=pictures("a", alt="a plough")))
    version = record.take(seen("Ice!", attachments=pictures("b", "a"))).version
    assert version is not None
    assert version.body.attachments is not None
    assert [one.alt_text for one in version.body.attachments] == [None, "a plough"]


def test_the_digest_is_that_of_the_content() -> None:
    """Equal to the digest of a body that has it all, whichever way it was learned."""
    record = history_of(seen(visibility="public"), seen(attachments=pictures("a"), partial=frozenset({"attachments"})))
    assert record.known is not None
    assert record.known.digest == digest_of(seen(visibility="public", attachments=pictures("a")).body)


def test_texts_are_weighed_as_rows_hold_them() -> None:
    """A store keeps neither NUL nor lone surrogates; the same hostile text again is no edit of what was kept."""
    hostile = seen("a\x00b\ud800c")
    record = history_of(hostile, seen("a\ufffdb\ufffdc"), hostile)
    assert (record.rows, record.events) == (1, ("seen",))
    assert record.known is not None
    assert "\ufffd".encode() == "\N{REPLACEMENT CHARACTER}".encode()
    assert record.known.facets == '{"text":"a\\ufffdb\\ufffdc"}'


def test_doubt_asks_the_origin_where_a_view_contradicts_it() -> None:
    """A removal or a state that the origin had replaced; not a view that itself says how old it is."""
    assert history_of(seen(), GONE, seen(origin=False)).doubts == 1
    assert (
        history_of(seen(native_version="1"), seen(native_version="2"), seen(native_version="1", origin=False)).doubts
        == 1
    )
    assert history_of(seen(), seen("Ice!", edited_at=at(2)), seen("Hail!", origin=False)).doubts == 1
    assert history_of(seen(), seen("Ice!", edited_at=at(2)), seen("Hail!", edited_at=at(1), origin=False)).doubts == 0
    assert history_of(seen(native_version="1"), seen("Ice!", origin=False)).doubts == 1
    assert history_of(seen(native_version="1"), seen(origin=False)).doubts == 0
    assert history_of(seen(), seen(origin=False)).doubts == 0


def test_what_was_disposed_of_stays_so() -> None:
    """Whatever the platform still shows, a tombstone takes no content and no event."""
    record = history_of(seen())
    assert record.known is not None
    record.known = replace(record.known, state=State.DISPOSED)
    for observed in (seen("Ice!"), GONE, HIDDEN, SHOWN):
        change = record.take(observed)
        assert (change.version, change.events, change.seen, change.state) == (None, (), False, State.DISPOSED)


def test_how_it_was_made_says_nothing_of_what_is_known() -> None:
    """A pushed "added" may come after an edit, twice, or after a removal: it is news of what nobody has seen yet."""
    added = ItemSeen(KEY, Form.POST, None, Body(text="first"), initial=True)
    first = weigh(None, added)
    assert first.version is not None
    edited = known_after(
        known_after(None, first),
        weigh(known_after(None, first), replace(added, body=Body(text="second"), initial=False)),
    )
    gone = known_after(edited, weigh_gone(edited, GoneSeen(KEY, "100/33")))
    for known in (edited, gone):
        change = weigh(known, added)
        assert (change.version, change.events, change.state, change.seen) == (None, (), known.state, False)


def test_a_removal_is_no_sighting() -> None:
    """``seen`` moves the time of the last sighting: a statement about a record does not show it."""
    record = history_of(seen())
    assert record.take(seen()).seen
    assert not record.take(HIDDEN).seen
    assert not record.take(GONE).seen
    assert not record.take(seen(origin=False)).seen


# What may come in any order, for the properties below.
SIGHTINGS = st.builds(
    lambda text, version, edited, origin, pics, cut, state: seen(
        text, native_version=version, edited_at=edited, origin=origin, attachments=pics,
        partial=frozenset({"attachments"}) if cut and pics is not None else frozenset(), state=state,
    ),
    st.sampled_from([None, "", "Snow!", "Ice!", "a\x00"]),
    st.sampled_from([None, "cid1", "cid2"]),
    st.sampled_from([None, at(1), at(2)]),
    st.booleans(),
    st.sampled_from([None, (), pictures("a"), pictures("a", "b"), pictures("a", alt="x"), pictures("c")]),
    st.booleans(),
    st.sampled_from([None, None, State.LIVE, State.HIDDEN]),
)  # fmt: skip
STATEMENTS = st.sampled_from([GONE, HIDDEN, SHOWN, replace(GONE, cause=Cause.BY_AUTHOR)])
LIVES = st.lists(SIGHTINGS | STATEMENTS, max_size=8)


@given(SIGHTINGS, LIVES, SIGHTINGS | STATEMENTS)
def test_observing_the_same_thing_twice_changes_nothing(first: ItemSeen, life: list[Observed], last: Observed) -> None:
    """After any life: the second time there is no row, no event and nothing else is known."""
    record = history_of(first, *life, last)
    before = replace(record.known) if record.known else None
    again = record.take(last)
    assert again.version is None
    assert again.events == ()
    assert record.known == before


@given(SIGHTINGS, LIVES)
def test_nothing_known_is_ever_lost(first: ItemSeen, life: list[Observed]) -> None:
    """The names of the facets that are known only grow, whatever a source leaves out."""
    record = history_of(first)
    names: set[str] = set()
    for observed in life:
        record.take(observed)
        assert record.known is not None
        now = {name for name in ("text", "attachments") if f'"{name}":' in record.known.facets}
        assert names <= now
        names = now


@given(SIGHTINGS, LIVES)
def test_events_tell_the_same_story_as_states(first: ItemSeen, life: list[Observed]) -> None:
    """Gone and restored alternate, and the last of the events agrees with the state."""
    record = history_of(first, *life)
    turns = [name for name in record.events if name in {"gone", "restored"}]
    assert all(one != two for one, two in itertools.pairwise(turns))
    assert turns[:1] in ([], ["gone"])
    assert record.known is not None
    assert (turns[-1:] == ["gone"]) is (record.known.state is State.GONE)
    assert record.events.count("seen") == 1


PAST = [PastVersion(at(n), Body(text=text)) for n, text in enumerate(["A", "B", "A", "C"])]


def entry(n: int) -> tuple[datetime | None, str]:
    """A stored version that is entry ``n`` of the history, as a sighting gave it: with a field that histories lack."""
    return PAST[n].at if n else None, digest_of(replace(PAST[n].body, visibility="public"))


HISTORIES: dict[str, tuple[list[PastVersion], list[tuple[datetime | None, str]], list[int]]] = {
    "all but the current version, when only that was seen": (PAST, [entry(3)], [0, 1, 2]),
    "what was seen in its day is not taken again": (PAST, [entry(0), entry(3)], [1, 2]),
    "a text changed back is a version of its own": (PAST[:4], [entry(0), entry(1), entry(3)], [2]),
    "an unedited record has no past": (PAST[:1], [entry(0)], []),
    "no history, no past": ([], [entry(0)], []),
    "a store whose clock of that version differs knows it by its digest": (
        PAST, [entry(0), (at(1) + timedelta(seconds=1), digest_of(PAST[1].body)), entry(3)], [2],
    ),
    "one stored version stands for one entry": (
        PAST, [(at(-5), digest_of(PAST[0].body)), entry(3)], [1, 2],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("versions", "stored", "missing"), HISTORIES.values(), ids=HISTORIES)
def test_what_of_a_platforms_history_is_new(
    versions: list[PastVersion], stored: list[tuple[datetime | None, str]], missing: list[int]
) -> None:
    """A table of histories against what is stored."""
    assert unknown_past(PastSeen(KEY, tuple(versions)), stored) == [PAST[n] for n in missing]


@given(st.lists(st.sampled_from("ABC"), min_size=1, max_size=8), st.data())
def test_a_history_read_twice_adds_nothing(texts: list[str], data: st.DataObject) -> None:
    """Whichever of its versions had been seen."""
    versions = tuple(PastVersion(at(n), Body(text=text)) for n, text in enumerate(texts))
    seen_then = data.draw(st.sets(st.integers(0, len(texts) - 1)))
    stored = [(versions[n].at if n else None, digest_of(versions[n].body)) for n in seen_then]
    past = PastSeen(KEY, versions)
    new = unknown_past(past, stored)
    assert len(new) == len([n for n in range(len(texts) - 1) if n not in seen_then])
    assert unknown_past(past, [*stored, *((one.at, digest_of(one.body)) for one in new)]) == []


READABLE: dict[str, tuple[Cause | None, State]] = {
    "who protected their posts does so no more": (Cause.AUTHOR_PROTECTED, State.LIVE),
    "whatever the reason was": (None, State.LIVE),
    "what the city hid can be read as before": (Cause.BY_CITY, State.HIDDEN),
}


@pytest.mark.parametrize(("cause", "after"), READABLE.values(), ids=READABLE)
def test_reading_ends_a_hiding_where_nobody_reads_what_is_hidden(cause: Cause | None, after: State) -> None:
    """A table of what hid a record of a platform that shows nothing to whom it may not."""
    first = known_after(None, weigh(None, seen()))
    hidden = known_after(first, weigh_state(first, StateSeen(KEY, State.HIDDEN, "not-authorized", cause)))
    change = weigh(hidden, seen(readable=True))
    assert change.state is after
    assert [name for name, _ in change.events] == ([EventName.UNHIDDEN] if after is State.LIVE else [])
    assert weigh(hidden, seen()).state is State.HIDDEN


SUSPENDED = AuthorSeen("7", State.GONE, "User has been suspended", Cause.AUTHOR_SUSPENDED)
EXPLAINED: dict[str, tuple[Cause | None, State, list[EventName], Cause | None]] = {
    "what is gone gets its reason": (None, State.GONE, [EventName.EXPLAINED], Cause.AUTHOR_SUSPENDED),
    "a known reason stays": (Cause.BY_CITY, State.GONE, [], Cause.BY_CITY),
    "what can be seen is left alone": (None, State.LIVE, [], None),
}


@pytest.mark.parametrize(("cause", "state", "events", "after"), EXPLAINED.values(), ids=EXPLAINED)
def test_what_is_told_of_an_author_explains_and_removes_nothing(
    cause: Cause | None, state: State, events: list[EventName], after: Cause | None
) -> None:
    """A table of records whose author the platform says is suspended."""
    known = known_after(None, weigh(None, seen()))
    if state is State.GONE:
        known = known_after(known, weigh_gone(known, replace(GONE, cause=cause)))
    change = weigh_author(known, SUSPENDED)
    assert (change.state, change.cause, [name for name, _ in change.events]) == (state, after, events)


F, E, S, D, H = Basis.FIRST, Basis.EDIT, Basis.STATE, Basis.DETAIL, Basis.HISTORY

ORDERS: dict[str, tuple[list[tuple[Basis, datetime | None]], list[int | None]]] = {
    "nothing": ([], []),
    "one sighting": ([(F, None)], [1]),
    "sightings in the order of learning": ([(F, None), (E, at(1)), (S, at(1)), (E, at(2))], [1, 2, 3, 4]),
    "details are no versions": ([(F, None), (D, None), (E, at(1)), (D, at(1))], [1, None, 2, None]),
    "a past version goes between what was seen before and after it": (
        [(F, None), (E, at(5)), (H, at(2)), (H, at(4))], [1, 4, 2, 3],
    ),
    "the first text of a record that was first seen edited": ([(F, at(5)), (H, at(0)), (H, at(3))], [3, 1, 2]),
    "hiding in between keeps its place": ([(F, None), (S, None), (E, at(9)), (H, at(4))], [1, 2, 4, 3]),
    "a past version that is younger than all that was seen goes last": ([(F, None), (H, at(3))], [1, 2]),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "numbers"), ORDERS.values(), ids=ORDERS)
def test_versions_are_numbered_in_the_order_in_which_they_happened(
    rows: list[tuple[Basis, datetime | None]], numbers: list[int | None]
) -> None:
    """A table of rows in the order of learning."""
    assert chronology(rows) == numbers


@given(st.lists(st.tuples(st.sampled_from([E, S, D, H]), st.none() | st.builds(at, st.integers(0, 20))), max_size=12))
def test_numbers_are_gapless_and_keep_the_order_of_learning(rows: list[tuple[Basis, datetime | None]]) -> None:
    """Sightings stay in their order, past versions in the order of their dates, and nothing is numbered twice."""
    rows = [(F, None), *rows]
    numbers = chronology(rows)
    counted = [n for n in numbers if n is not None]
    assert sorted(counted) == list(range(1, len(counted) + 1))
    assert [number is None for number in numbers] == [basis is D for basis, _ in rows]
    sightings = [n for n, (basis, _) in zip(numbers, rows, strict=True) if basis not in {D, H}]
    assert sightings == sorted(sightings, key=lambda n: n or 0)
    past = [(when, n) for n, (basis, when) in zip(numbers, rows, strict=True) if basis is H and when is not None]
    in_order = [when for when, _ in sorted(past, key=lambda pair: pair[1] or 0)]
    assert in_order == sorted(in_order)


def test_every_event_has_a_word() -> None:
    """The words of design 5.3, and those of quotes and of causes."""
    assert [str(name) for name in EventName] == [
        "seen", "edited", "hidden", "unhidden", "gone", "restored", "detached", "reattached", "explained",
    ]  # fmt: skip

"""What the store holds after an exchange was written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.domain.history import Known, known_after, weigh, weigh_gone, weigh_state
from archiver.domain.item import (
    Attachment,
    Body,
    Cause,
    Form,
    Kind,
    Link,
    Metrics,
    Person,
    Poll,
    PollOption,
    State,
    digest_of,
)
from archiver.domain.keys import Key
from archiver.domain.observation import GoneSeen, ItemSeen, StateSeen
from archiver.store import items
from archiver.store.engine import Store
from archiver.store.items import ItemWrite

CAT = Attachment("image", "https://cdn.example/cat.jpg?token=1", source="blob:cat", alt_text="A cat", width=4, height=3)
DOG = Attachment("video", "https://cdn.example/dog.mp4", mime="video/mp4")
MORNING = datetime(2026, 3, 1, 8, tzinfo=UTC)


def test_first_sight(city: Any) -> None:
    """A record, its first version, the event of seeing it, its author and its counts."""
    city.post(1, "Hello", metrics=Metrics(likes=3, views=0), permalink="https://x/1", lang="en", native_version="v1")
    assert city.rows(
        "SELECT key, kind, thread, state, cause, permalink, current, learned, likes FROM items i JOIN metrics m ON m.item_id = i.id"
    ) == [("mastodon:1", "post", "mastodon:1", "live", None, "https://x/1", 1, 1, 3)]
    assert city.rows("SELECT ordinal, basis, text, title, lang, digest, native_version FROM versions") == [
        (1, "first", "Hello", None, "en", digest_of(Body(text="Hello")), "v1")
    ]
    assert city.rows("SELECT event, basis FROM events") == [("seen", "first sight")]
    assert city.rows("SELECT likes, replies, shares, views FROM metrics") == [(3, None, None, 0)]
    assert city.rows(
        "SELECT native_id, handle, display_name FROM people p JOIN person_versions v ON v.person_id = p.id"
    ) == [("p1", "resident", "A Resident")]


def test_seen_again_unchanged(city: Any, store: Store) -> None:
    """Only the time of the last sight moves."""
    key = city.post(1, "Hello", metrics=Metrics(likes=3))
    before = city.now
    assert city.see() == []
    city.post(1, "Hello", metrics=Metrics(likes=3))
    with store.read() as conn:
        assert items.stored(conn, [key])[key].last_seen_at == city.now > before
    assert [city.rows(f"SELECT count(*) FROM {table}") for table in ("versions", "events", "metrics", "person_versions")] == [
        [(1,)], [(1,)], [(1,)], [(1,)],
    ]  # fmt: skip


def test_an_edit_takes_over_what_it_leaves_out(city: Any) -> None:
    """Each version row is complete in itself, with its pictures, links and options."""
    links = (Link("https://t.co/1", "https://city.gov", "City", card=True),)
    poll = Poll((PollOption("Yes", 1), PollOption("No", 2)), closes_at=MORNING, multiple=False)
    city.post(1, "One", title="T", content_warning="cw", visibility="public", lang="en", tags=("a",), labels=("l",),
              attachments=(CAT, DOG), links=links, poll=poll, markup="<p>One</p>")  # fmt: skip
    city.post(1, "Two")
    columns = "title, content_warning, visibility, lang, tags, labels, markup"
    first, second = city.rows(f"SELECT text, {columns} FROM versions ORDER BY ordinal")
    assert (first[0], second[0]) == ("One", "Two")
    assert first[1:] == second[1:] == ("T", "cw", "public", "en", '["a"]', '["l"]', "<p>One</p>")
    for table, columns in (
        ("attachments", "kind, url, identity, alt_text, mime, width, height"),
        ("links", "url, expanded, t.title, card"),
        ("polls", "option, votes, closes_at, multiple"),
    ):
        rows = [
            city.rows(
                f"SELECT {columns} FROM {table} t JOIN versions v ON v.id = t.version_id WHERE ordinal = {n} ORDER BY position"
            )
            for n in (1, 2)
        ]
        assert rows[0] == rows[1] != [], table


def test_empty_is_not_absent(city: Any, store: Store) -> None:
    """No text is NULL, an empty one is empty; an emptied list of pictures stays empty."""
    city.post(1, None)
    city.post(2, "")
    city.post(3, "x", attachments=(CAT,))
    city.post(3, "x", attachments=())
    assert city.rows("SELECT text FROM versions WHERE item_id IN (SELECT id FROM items WHERE key <> 'mastodon:3') ORDER BY id") == [
        (None,), ("",),
    ]  # fmt: skip
    assert city.rows("SELECT v.ordinal FROM versions v JOIN attachments a ON a.version_id = v.id") == [(1,)]
    with store.read() as conn:
        known = items.stored(conn, [Key("mastodon:1"), Key("mastodon:2"), Key("mastodon:3")])
    assert [json.loads(known[Key(f"mastodon:{n}")].known.facets) for n in (1, 2, 3)] == [
        {}, {"text": ""}, {"text": "x", "attachments": []},
    ]  # fmt: skip


def test_hidden_and_shown_again(city: Any) -> None:
    """Being hidden and being shown are versions of the same content, and events."""
    key = city.post(1, "x", attachments=(CAT,))
    city.state(key, StateSeen(key, State.HIDDEN, "on the list", Cause.BY_CITY))
    city.state(key, StateSeen(key, State.LIVE, "off the list"))
    assert city.rows("SELECT basis, state, cause, text FROM versions ORDER BY ordinal") == [
        ("first", "live", None, "x"), ("state", "hidden", "by_city", "x"), ("state", "live", None, "x"),
    ]  # fmt: skip
    assert [row[0] for row in city.rows("SELECT event FROM events ORDER BY id")] == ["seen", "hidden", "unhidden"]
    assert city.rows("SELECT count(*) FROM attachments") == [(3,)]
    assert city.rows("SELECT state, current, learned FROM items") == [("live", 3, 3)]


def test_gone_and_restored(city: Any) -> None:
    """A removal and a return are events; the time of the last sight stays at the last sight."""
    key = city.post(1, "x")
    seen_at = city.rows("SELECT last_seen_at FROM items")
    city.state(key, GoneSeen(key, "404", Cause.BY_AUTHOR))
    assert city.rows("SELECT state, cause FROM items") == [("gone", "by_author")]
    assert city.rows("SELECT last_seen_at FROM items") == seen_at
    city.post(1, "x")
    assert city.rows("SELECT state, cause FROM items") == [("live", None)]
    assert city.rows("SELECT last_seen_at FROM items") > seen_at
    assert city.rows("SELECT event, basis FROM events ORDER BY id")[:2] == [("seen", "first sight"), ("gone", "404")]
    assert city.rows("SELECT count(*) FROM versions") == [(1,)]


def test_reactions_by_kind_are_kept_as_json_when_they_change(city: Any) -> None:
    """In the platform's words; a source that does not say changes nothing."""
    city.post(1, "x", metrics=Metrics(likes=7, reactions=(("like", 5), ("love", 2))))
    city.post(1, "x", metrics=Metrics(likes=7))
    city.post(1, "x", metrics=Metrics(likes=7, reactions=(("like", 5), ("love", 2))))
    city.post(1, "x", metrics=Metrics(likes=7, reactions=(("like", 4), ("angry", 3))))
    assert [json.loads(kinds) for (kinds,) in city.rows("SELECT reactions FROM metrics ORDER BY id")] == [
        {"like": 5, "love": 2},
        {"like": 4, "angry": 3},
    ]


def test_counts_are_kept_when_one_of_them_changes(city: Any) -> None:
    """What a source does not state does not count as a change."""
    city.post(1, "x", metrics=Metrics(likes=1, replies=2))
    city.post(1, "x", metrics=Metrics(likes=1))
    city.post(1, "x", metrics=None)
    city.post(1, "x", metrics=Metrics(likes=0, shares=5))
    assert city.rows("SELECT likes, replies, shares, views FROM metrics ORDER BY id") == [
        (1, 2, None, None), (0, None, 5, None),
    ]  # fmt: skip
    assert city.rows("SELECT like_count, reply_count, share_count, view_count FROM items") == [(0, 2, 5, None)]


def test_votes_are_counted_again(city: Any) -> None:
    """A new count of a poll is kept beside the old one, without a version; unchanged it is not."""

    def poll(*votes: int | None) -> Poll:
        return Poll(tuple(PollOption(f"option {n}", count) for n, count in enumerate(votes)))

    for votes in ((1, 1), (1, 1), (5, 2), (None, None)):
        city.post(1, "x", poll=poll(*votes))
    assert city.rows("SELECT position, votes FROM polls ORDER BY id") == [(0, 1), (1, 1), (0, 5), (1, 2)]
    assert city.rows("SELECT count(*) FROM versions") == [(1,)]
    city.post(1, "y", poll=poll(6, 2))
    assert city.rows("SELECT v.ordinal, votes FROM polls p JOIN versions v ON v.id = p.version_id ORDER BY p.id")[
        4:
    ] == [(2, 6), (2, 2)]


def test_a_renamed_author_is_history_of_the_person(city: Any, seen: Callable[..., ItemSeen]) -> None:
    """A new name is a line of the person's history; a name that is left out is none."""
    city.see(seen(1, author=Person("p1", "old", "Old")), seen(2, author=Person("p2", "other", "Other")))
    city.see(seen(1, author=Person("p1", "new", None)))
    city.see(seen(1, author=Person("p1", None, None)), seen(3, author=Person("p1", "new", "Old")))
    city.see(seen(1, "edited", author=Person("p1", "new", "New")))
    assert city.rows("SELECT native_id, handle, display_name FROM person_versions v JOIN people p ON p.id = v.person_id ORDER BY v.id") == [
        ("p1", "old", "Old"), ("p2", "other", "Other"), ("p1", "new", "Old"), ("p1", "new", "New"),
    ]  # fmt: skip
    assert city.rows("SELECT handle, display_name, text FROM versions v JOIN person_versions p ON p.id = v.person_version_id JOIN items i ON i.id = v.item_id WHERE key = 'mastodon:1' ORDER BY ordinal") == [
        ("old", "Old", "Hello"), ("new", "New", "edited"),
    ]  # fmt: skip


def test_what_was_absent_is_filled_in_later(city: Any, seen: Callable[..., ItemSeen]) -> None:
    """Parent, author, time and address that a first source left out come from a later one, and then stay."""
    bare = seen(1, author=None, created_at=None)
    city.see(bare)
    city.see(seen(1, parent=Key("mastodon:0"), permalink="https://x/1", thread_author="p9"))
    city.see(seen(1, author=Person("p7"), parent=Key("mastodon:7"), permalink="https://x/7", thread_author="p7"))
    assert city.rows(
        "SELECT parent, permalink, thread_author, native_id FROM items i JOIN people p ON p.id = i.author_id"
    ) == [("mastodon:0", "https://x/1", "p9", "p1")]
    assert city.rows("SELECT count(*) FROM items WHERE created_at IS NULL") == [(0,)]


def test_media_are_wanted_once_by_account(city: Any) -> None:
    """The identities that are new to the account are given, whatever version brings them."""
    assert city.see() == []
    assert city.post(1, "x", attachments=(CAT, DOG)) == "mastodon:1"
    assert city.rows("SELECT identity, url, state FROM media_sources ORDER BY id") == [
        ("blob:cat", CAT.url, "pending"), (DOG.url, DOG.url, "pending"),
    ]  # fmt: skip
    city.post(2, "y", attachments=(CAT,))
    city.post(1, "edited", attachments=(CAT, DOG))
    assert city.rows("SELECT count(*) FROM media_sources") == [(2,)]


def test_write_gives_what_is_newly_wanted(city: Any, seen: Callable[..., ItemSeen]) -> None:
    """Once for each new identity, also when several records of an exchange show it."""
    both = [seen(1, attachments=(CAT,)), seen(2, attachments=(CAT, DOG))]
    assert sorted(city.see(*both)) == ["blob:cat", DOG.url]
    assert city.see(*both) == []


def test_other_ids_find_the_record(city: Any, store: Store) -> None:
    """A key, a native id, another id and the address all lead to it; the first to have an id keeps it."""
    city.post(1, "x", aliases=(Key("mastodon:photo7"),), permalink="https://x/1")
    city.post(2, "y", aliases=(Key("mastodon:photo7"), Key("mastodon:photo8")))
    with store.read() as conn:
        found = {
            name: items.resolve(conn, name)
            for name in ("mastodon:1", "1", "photo7", "mastodon:photo8", "https://x/1", "nothing", "", "\x00")
        }
    assert found == {
        "mastodon:1": "mastodon:1", "1": "mastodon:1", "photo7": "mastodon:1", "mastodon:photo8": "mastodon:2",
        "https://x/1": "mastodon:1", "nothing": None, "": None, "\x00": None,
    }  # fmt: skip


def test_the_same_record_twice_in_one_write(city: Any, store: Store, seen: Callable[..., ItemSeen]) -> None:
    """Writes of one record are carried out one after the other."""
    one, two, three = seen(1, "one"), seen(1, "two"), seen(1, "three")
    with store.begin() as conn:
        name = city.exchange(conn)
        first = weigh(None, one)
        known = known_after(None, first)
        second = weigh(known, two)
        third = weigh(known_after(known, second), three)
        writes = [ItemWrite(first, one, Kind.POST, one.key), ItemWrite(second, two), ItemWrite(third, three)]
        items.write(conn, writes, account="city", exchange=name, at=city.now)
    assert city.rows("SELECT ordinal, text FROM versions ORDER BY ordinal") == [(1, "one"), (2, "two"), (3, "three")]
    assert city.rows("SELECT event FROM events ORDER BY id") == [("seen",), ("edited",), ("edited",)]


def test_a_record_that_was_never_seen_is_not_written_blindly(city: Any, store: Store) -> None:
    """A statement about an unknown record is a bug of the caller, and nothing of the transaction stays."""
    known = Known(Key("mastodon:1"), State.LIVE, None, "{}", "", None, None, frozenset())
    change = weigh_gone(known, GoneSeen(known.key, "404"))

    def write() -> None:
        with store.begin() as conn:
            name = city.exchange(conn)
            items.write(conn, [ItemWrite(change)], account="city", exchange=name, at=city.now)

    with pytest.raises(ValueError, match="not known"):
        write()
    assert city.rows("SELECT count(*) FROM exchanges") == [(0,)]
    city.post(1)
    change = weigh(None, sighting_of(Key("mastodon:1")))
    with pytest.raises(ValueError, match="is known"):
        write()


def sighting_of(key: Key) -> ItemSeen:
    """A bare sighting."""
    return ItemSeen(key, Form.POST, None, Body(text="x"))


def test_what_no_database_holds_is_replaced(city: Any, store: Store) -> None:
    """NUL and lone surrogates become U+FFFD wherever strangers write; the record is still found and unchanged."""
    odd = "a\x00b\ud800c"
    sighting = ItemSeen(
        Key(f"mastodon:{odd}"), Form.POST, Person(odd, odd, odd, odd),
        Body(text=odd, title=odd, markup=odd, content_warning=odd, visibility="public", lang=odd, tags=(odd,), labels=(odd,),
             attachments=(Attachment(odd, odd, odd, odd, odd),), links=(Link(odd, odd, odd),), poll=Poll((PollOption(odd, 1),))),
        parent=Key(odd), thread=Key(odd), thread_author=odd, shares=Key(odd), permalink=odd, pointer=odd,
        aliases=(Key(odd),),
    )  # fmt: skip
    for _ in range(2):
        city.see(sighting)
    assert city.rows("SELECT key, thread, parent FROM items") == [
        ("mastodon:a\ufffdb\ufffdc", *["a\ufffdb\ufffdc"] * 2)
    ]
    assert city.rows("SELECT text, tags FROM versions") == [("a\ufffdb\ufffdc", '["a\\ufffdb\\ufffdc"]')]
    assert city.rows("SELECT count(*) FROM person_versions") == [(1,)]


def test_many_at_once(city: Any, store: Store, seen: Callable[..., ItemSeen]) -> None:
    """More records than one list of values holds, new and known ones in one exchange."""
    city.see(*(seen(n, f"text {n}") for n in range(600)))
    city.see(*(seen(n, f"text {n}" if n % 2 else f"edited {n}") for n in range(1300)), kind=Kind.REPLY)
    assert city.rows("SELECT count(*), sum(learned) FROM items") == [(1300, 1600)]
    assert city.rows("SELECT count(*) FROM events WHERE event = 'edited'") == [(300,)]
    with store.read() as conn:
        assert len(items.stored(conn, [Key(f"mastodon:{n}") for n in range(1300)])) == 1300


WORDS = st.one_of(st.none(), st.sampled_from(["", "a", "a b", "é", "👍", "x\x00y", "z\udc00"]))
PICTURES = st.one_of(
    st.none(), st.lists(st.sampled_from([CAT, DOG, replace(CAT, alt_text=None)]), max_size=3).map(tuple)
)
LINKS = st.one_of(
    st.none(), st.lists(st.sampled_from([Link("u"), Link("v", card=True), Link("w", "x", "y")]), max_size=3).map(tuple)
)
POLLS = st.one_of(st.none(), st.integers(0, 9).map(lambda votes: Poll((PollOption("a", votes), PollOption("b")))))
TIMES = st.one_of(st.none(), st.integers(0, 5).map(lambda hours: MORNING + timedelta(hours=hours)))
BODIES = st.builds(
    Body, text=WORDS, title=WORDS, content_warning=WORDS, visibility=st.sampled_from([None, "public", "private"]), edited_at=TIMES,
    attachments=PICTURES, links=LINKS, poll=POLLS, quotes=st.sampled_from([None, Key("mastodon:q")]),
    partial=st.sampled_from([frozenset[str](), frozenset({"attachments"}), frozenset({"text", "links"})]),
)  # fmt: skip
STATES = st.sampled_from([None, State.LIVE, State.HIDDEN])
SIGHTS = st.builds(
    lambda body, state, origin, version: ItemSeen(
        Key(""), Form.POST, Person("p"), body, state=state, origin=origin, native_version=version, thread=Key("t")
    ),
    BODIES, STATES, st.booleans(), st.sampled_from([None, "v1", "v2", "v3"]),
)  # fmt: skip
STATEMENTS = st.one_of(
    st.just(GoneSeen(Key(""), "404")), st.just(GoneSeen(Key(""), "404", Cause.BY_AUTHOR)),
    st.just(StateSeen(Key(""), State.HIDDEN, "list", Cause.BY_CITY)), st.just(StateSeen(Key(""), State.LIVE, "list")),
)  # fmt: skip


@pytest.fixture
def fresh_keys() -> Iterator[Key]:
    """Keys for the examples of a property, which share a store."""
    return (Key(f"mastodon:example{number}") for number in range(10_000))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(first=SIGHTS, rest=st.lists(st.one_of(SIGHTS, STATEMENTS), max_size=6))
def test_the_store_knows_what_the_rules_know(
    city: Any, store: Store, fresh_keys: Iterator[Key], first: ItemSeen, rest: list[ItemSeen | GoneSeen | StateSeen]
) -> None:
    """After any history, what is read back is what the domain's rules say is known; the last sight again changes nothing."""
    key = next(fresh_keys)
    known: Known | None = None
    for one in (replace(each, key=key) for each in (first, *rest)):
        with store.begin() as conn:
            name = city.exchange(conn)
            if isinstance(one, ItemSeen):
                write = ItemWrite(weigh(known, one), one, Kind.POST if known is None else None)
            else:
                assert known is not None
                change = weigh_gone(known, one) if isinstance(one, GoneSeen) else weigh_state(known, one)
                write = ItemWrite(change)
            items.write(conn, [write], account="city", exchange=name, at=city.now)
            known = known_after(known, write.change)
            assert items.stored(conn, [key])[key].known == known

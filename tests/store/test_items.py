"""Questions about records: what is missing from a listing, what stands in a thread, what a list hides, what was before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from archiver.domain.history import Basis, unknown_past
from archiver.domain.item import Body, Kind, Metrics, Person, Poll, PollOption, State
from archiver.domain.keys import Key
from archiver.domain.observation import AccountSeen, GateSeen, GoneSeen, PastSeen, PastVersion, StateSeen
from archiver.store import accounts, items, search, views
from archiver.store.engine import Store
from archiver.store.search import Query

START = datetime(2026, 1, 1, tzinfo=UTC)
ME, YOU = Person("me"), Person("you")


def key(name: object) -> Key:
    """The key of a record of the city."""
    return Key(f"mastodon:{name}")


class TestUnseen:
    """What a complete listing should have shown."""

    @pytest.fixture
    def town(self, city: Any, seen: Any) -> Any:
        """Posts of the account and of others, minutes apart; one is gone, one hidden."""
        with city.store.begin() as conn:
            accounts.observe(conn, "city", AccountSeen("me", "city"), START)
        city.see(*(seen(n, author=ME) for n in range(5)), seen(5, author=YOU), seen(6, author=ME, created_at=None))
        city.see(seen(7, author=ME), kind=Kind.PROFILE)
        city.see(
            seen(8, author=YOU, thread=key(1), parent=key(1)),
            seen(9, author=ME, thread=key(1), parent=key(8)),
            kind=Kind.COMMENT,
        )
        city.see(seen(13, author=YOU, thread=key(1), parent=key(1)), kind=Kind.CHAT)
        city.see(seen(10, author=YOU, quotes=key(1)), seen(11, author=YOU), kind=Kind.MENTION)
        city.see(seen(12, author=ME), kind=Kind.STORY)
        city.see(
            seen(14, author=YOU, thread=key(99), parent=key(99)),
            seen(15, author=ME, thread=key(99), parent=key(14)),
            kind=Kind.REPLY,
        )
        city.state(key(2), GoneSeen(key(2), "404"))
        city.state(key(3), StateSeen(key(3), State.HIDDEN, "list"))
        return city

    def ask(self, town: Any, **question: Any) -> list[str]:
        """The names of what is missing."""
        words: dict[str, Any] = {
            "from_at": START,
            "until_at": START + timedelta(days=1),
            "scope": None,
            "before": town.now,
            "at": town.now,
        }
        with town.store.read() as conn:
            return [name.removeprefix("mastodon:") for name in items.unseen(conn, "city", **words | question)]

    CASES: ClassVar[tuple[tuple[str, dict[str, Any], list[str]], ...]] = (
        ("the account's own posts, hidden ones too", {"stream": "posts"}, ["0", "1", "3", "4", "9", "15"]),
        ("inside the window only", {"stream": "posts", "from_at": START + timedelta(minutes=1), "until_at": START + timedelta(minutes=4)}, ["1", "3"]),
        ("from the beginning: undated ones too", {"stream": "posts", "from_at": None}, ["0", "1", "3", "4", "6", "9", "15"]),
        ("no answers, where the listing has none", {"stream": "posts", "roots": True}, ["0", "1", "3", "4"]),
        ("what lasts a day, in a listing of its own", {"stream": "stories"}, ["12"]),
        ("what a thread holds, without its root and its chat", {"stream": "comments", "scope": key(1)}, ["8", "9"]),
        ("comments without a thread tell nothing", {"stream": "comments"}, []),
        ("quotes of a post", {"stream": "quotes", "scope": key(1)}, ["10"]),
        ("mentions, and answers below a root that is not held", {"stream": "mentions"}, ["10", "11", "14"]),
        ("a stream that lists no records", {"stream": "media"}, []),
        ("seen under a clock that was ahead", {"stream": "mentions", "before": START, "at": START}, ["10", "11", "14"]),
        ("nothing that was seen since", {"stream": "posts", "before": START}, []),
    )  # fmt: skip

    @pytest.mark.parametrize(("question", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
    def test_case(self, town: Any, question: dict[str, Any], expected: list[str]) -> None:
        """Live and hidden records of the listing, and no others."""
        assert sorted(self.ask(town, **question), key=int) == expected

    def test_another_account_has_others(self, town: Any) -> None:
        """Nothing of this account is missing from another's listing."""
        with town.store.read() as conn:
            assert (
                items.unseen(
                    conn,
                    "other",
                    stream="posts",
                    from_at=None,
                    until_at=town.now,
                    scope=None,
                    before=town.now,
                    at=town.now,
                )
                == []
            )


def test_a_thread(city: Any, store: Store, seen: Any) -> None:
    """Its records in order of learning, its root as the cadence sees it, and threads that others name."""
    poll = Poll((PollOption("a", 1), PollOption("b", 1)), closes_at=START)
    city.see(seen(1, poll=poll))
    city.see(seen(3, thread=key(1), parent=key(2)), seen(2, thread=key(1), parent=key(1)), kind=Kind.COMMENT)
    with store.begin() as conn:
        assert items.in_thread(conn, key(1)) == [key(1), key(3), key(2)]
        begun, newest = START + timedelta(minutes=1), START + timedelta(minutes=3)
        assert items.thread_root(conn, key(1)) == items.Root(begun, 2, START, newest)
        assert items.thread_root(conn, key("none")) is None
        assert items.threads_in_use(conn, [key(1), key(2)]) == [key(1)]


def test_answers_that_the_platform_counted(city: Any, store: Store, seen: Any) -> None:
    """The last stated number of answers below a record; a record of which none was stated has none."""
    city.see(seen(1, metrics=Metrics(replies=3)), seen(2))
    city.see(seen(1, metrics=Metrics(replies=4)))
    with store.read() as conn:
        assert items.answers_counted(conn, [key(1), key(2), key(3)]) == {key(1): 4}


def test_gates(city: Any, store: Store) -> None:
    """A list holds what it held when it was last seen; detaching is an event of the record that changes no state."""
    one, two, three = key(1), key(2), key(3)
    with store.begin() as conn:
        names = [city.exchange(conn) for _ in range(3)]
        assert items.gate_members(conn, one, "hidden") == set()
        items.set_gate(conn, one, "hidden", {two, three}, exchange=names[0], at=city.now)
        items.set_gate(conn, one, "detached", {two}, exchange=names[1], at=city.now)
        items.set_gate(conn, one, "hidden", {three}, exchange=names[2], at=city.now)
        assert items.gate_members(conn, one, "hidden") == {three}
        assert items.gated_below(conn, [one, two], "hidden") == {one: {three}}
        assert (items.gates_of(conn, two), items.gates_of(conn, three), items.gates_of(conn, one)) == (
            {"detached"},
            {"hidden"},
            set(),
        )
        items.set_gate(conn, one, "hidden", set(), exchange=names[2], at=city.now)
        assert items.gated_below(conn, [one], "hidden") == {}
    city.post(2)
    gate = GateSeen(one, "detached", frozenset(), "postgate")
    with store.begin() as conn:
        name = city.exchange(conn)
        items.add_gate_events(conn, gate, added={two, key("unknown")}, removed=set(), exchange=name, at=city.now)
        items.add_gate_events(conn, gate, added=set(), removed={two}, exchange=name, at=city.now)
    assert city.rows("SELECT event, basis FROM events ORDER BY id") == [
        ("seen", "first sight"), ("detached", "postgate"), ("reattached", "postgate"),
    ]  # fmt: skip
    assert city.rows("SELECT state FROM items") == [("live",)]


def test_own_live_posts(city: Any, store: Store, seen: Any) -> None:
    """What the account wrote and can be seen; shares count where the platform counts them."""
    with store.begin() as conn:
        accounts.observe(conn, "city", AccountSeen("me", "city"), START)
    city.see(seen(1, author=ME), seen(2, author=ME), seen(3, author=YOU))
    city.see(seen(4, author=ME), kind=Kind.SHARE)
    city.see(seen(5, author=ME), kind=Kind.PROFILE)
    city.see(seen(6, author=ME, thread=key(3), parent=key(3)), kind=Kind.COMMENT)
    city.state(key(2), GoneSeen(key(2), "404"))
    with store.read() as conn:
        assert items.own_live_posts(conn, "city") == 3
        assert items.own_live_posts(conn, "city", shares=False) == 2
        assert items.own_live_posts(conn, "city", answers=False) == 2
        assert items.counts_by_account(conn) == {"city": 6}


class TestPast:
    """Versions that only the platform's own history of edits tells of."""

    AT = (START, START + timedelta(hours=1), START + timedelta(hours=2))
    PAST = PastSeen(
        key(1),
        (
            PastVersion(AT[0], Body(text="one")),
            PastVersion(AT[1], Body(text="two", poll=Poll((PollOption("a", 5),)))),
            PastVersion(AT[2], Body(text="three")),
        ),
    )

    def learn(self, city: Any) -> int:
        """Enter what is not known yet; how much that was."""
        with city.store.begin() as conn:
            missing = unknown_past(self.PAST, items.past_known(conn, key(1)))
            if missing:
                items.add_past(conn, key(1), missing, exchange=city.exchange(conn), at=city.now)
            return len(missing)

    def test_versions_between_two_sights(self, city: Any, store: Store) -> None:
        """They are numbered where they happened; the version that holds stays the same; learned twice they are once."""
        city.post(1, "one", created_at=START)
        city.post(1, "three", edited_at=self.AT[2])
        with store.read() as conn:
            before = items.stored(conn, [key(1)])[key(1)].known
        assert (self.learn(city), self.learn(city)) == (1, 0)
        with store.read() as conn:
            assert items.stored(conn, [key(1)])[key(1)].known == before
            record = views.record(conn, key(1))
            assert record is not None
            assert [(row["version"], row["text"], row["basis"]) for row in record.versions] == [
                (1, "one", "first"), (2, "two", "history"), (3, "three", "edit"),
            ]  # fmt: skip
            assert (record.row["text"], record.row["versions"], record.row["edited_at"]) == ("three", 3, self.AT[2])
            assert [(row["version"], row["option"], row["votes"]) for row in record.polls] == [(2, "a", 5)]
            assert [row["event"] for row in record.events] == ["seen", "edited", "edited"]
            hits = search.search(conn, Query(words="two"))
        assert [(hit.record, hit.current) for hit in hits] == [(key(1), False)]

    def test_the_next_edit_is_weighed_against_the_last_sight(self, city: Any, store: Store) -> None:
        """A version learned late does not become the one that an edit is compared with."""
        city.post(1, "three", created_at=START, edited_at=self.AT[2])
        assert self.learn(city) == 2
        city.post(1, "three", edited_at=self.AT[2])
        assert city.rows("SELECT count(*) FROM versions") == [(3,)]
        city.post(1, "four", edited_at=self.AT[2] + timedelta(hours=1))
        with store.read() as conn:
            record = views.record(conn, key(1))
        assert record is not None
        assert [(row["version"], row["text"]) for row in record.versions] == [
            (1, "one"),
            (2, "two"),
            (3, "three"),
            (4, "four"),
        ]
        assert city.rows(f"SELECT count(*) FROM versions WHERE basis = '{Basis.HISTORY}'") == [(2,)]

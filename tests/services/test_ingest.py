"""What exchanges show becomes records in their right place, in whatever order they come."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.domain.item import Body, Cause, Metrics, Person, State
from archiver.domain.observation import (
    OWN_ACCOUNT,
    AccountSeen,
    AuthorSeen,
    FactSeen,
    GateSeen,
    GoneSeen,
    ItemSeen,
    PastSeen,
    PastVersion,
    StateSeen,
    TotalSeen,
)
from archiver.domain.task import FollowUp, TaskKind
from archiver.store import accounts, coverage
from tests.services.house import ANN, BEGINNING, BOB, CITY, House, built, key, sight

OWN_THREAD = [
    sight("post", CITY),
    sight("comment", ANN, to="post", names_city=True),
    sight("answer", CITY, to="comment"),
    sight("deeper", BOB, to="answer", names_city=True),
    sight("aside", BOB, to="comment"),
]
OTHER_THREAD = [
    sight("theirs", ANN),
    sight("our-answer", CITY, to="theirs"),
    sight("back", ANN, to="our-answer", names_city=True),
]
PLACES = {
    "post": ("post", "post"),
    "comment": ("comment", "post"),
    "answer": ("reply", "post"),
    "deeper": ("reply", "post"),
    "aside": ("reply", "post"),
    "theirs": ("post", "theirs"),
    "our-answer": ("reply", "theirs"),
    "back": ("mention", "theirs"),
}


@settings(max_examples=60)
@given(order=st.permutations(OWN_THREAD + OTHER_THREAD), cuts=st.lists(st.integers(1, 8), max_size=4))
def test_the_order_of_learning_changes_no_place(order: list[ItemSeen], cuts: list[int]) -> None:
    """Kind and thread are the same whether roots, parents or answers are seen first, together or one by one."""
    with TemporaryDirectory() as folder, built(Path(folder) / "house.sqlite") as house:
        left = order
        for size in (*cuts, *[1] * len(order)):
            if left:
                house.show(*left[:size])
                left = left[size:]
        assert house.places(*PLACES) == PLACES


@settings(max_examples=30)
@given(again=st.permutations(OWN_THREAD + OTHER_THREAD))
def test_a_second_sight_moves_nothing(again: list[ItemSeen]) -> None:
    """What stands in its place stays there, whatever part of its thread an answer shows."""
    with TemporaryDirectory() as folder, built(Path(folder) / "house.sqlite") as house:
        house.show(*OWN_THREAD, *OTHER_THREAD)
        for one in again:
            assert house.show(one).changes == 0
        assert house.places(*PLACES) == PLACES


def test_a_notification_comes_before_its_thread(house: House) -> None:
    """Who names the account from a thread that nothing is known of is a mention, until a later sight tells more."""
    answer = sight("answer", ANN, to="unknown", names_city=True, parent_author=ANN.native_id)
    house.show(answer)
    assert house.places("answer") == {"answer": ("mention", "unknown")}
    house.show(sight("answer", ANN, to="unknown", thread=key("root"), thread_author=CITY.native_id))
    assert house.places("answer") == {"answer": ("reply", "root")}
    house.show(answer)
    assert house.places("answer") == {"answer": ("reply", "root")}


def test_an_answer_whose_parent_is_gone_stays_in_its_thread(house: House) -> None:
    """A server that forgets what an answer answered makes no root of it."""
    house.show(*OWN_THREAD)
    house.show(sight("comment", ANN, names_city=True))
    house.show(sight("deeper", BOB, to="answer"), sight("answer", CITY))
    assert house.places(*PLACES) == {name: PLACES[name] for name in house.places(*PLACES)}


def test_nobody_s_word_moves_the_records_of_others(house: House) -> None:
    """An answer that claims to stand in another thread takes nobody along, and not itself out of a known one."""
    house.show(*OWN_THREAD)
    house.show(sight("comment", ANN, to="post", thread=key("elsewhere"), thread_author=ANN.native_id))
    assert house.places("comment", "answer", "deeper") == {
        name: PLACES[name] for name in ("comment", "answer", "deeper")
    }


def test_a_root_known_by_name_only_tells_whose_the_thread_is(house: House) -> None:
    """Bluesky's answers name the root and so its author, whether or not the root was seen."""
    place: dict[str, Any] = {"thread": key("root"), "thread_author": CITY.native_id}
    house.show(sight("one", ANN, to="root", **place), sight("two", BOB, to="one", **place))
    assert house.places("one", "two") == {"one": ("comment", "root"), "two": ("reply", "root")}


def test_only_what_heads_a_thread_is_visited(house: House) -> None:
    """The account's posts and its answers in threads of others are; comments and its answers below its posts are not."""
    shown = house.show(*OWN_THREAD, *OTHER_THREAD)
    assert shown.follow_ups == [FollowUp(TaskKind.THREAD, key("post")), FollowUp(TaskKind.THREAD, key("our-answer"))]
    assert shown.new == 8


def test_another_count_of_answers_stirs_the_thread(house: House) -> None:
    """A listing of posts shows by it that somebody wrote or removed a comment; the same count shows nothing."""
    house.show(sight("post", CITY, metrics=Metrics(likes=1, replies=2)))
    assert house.show(sight("post", CITY, metrics=Metrics(likes=5, replies=2))).active_threads == set()
    assert house.show(sight("post", CITY, metrics=Metrics(likes=5))).active_threads == set()
    assert house.show(sight("post", CITY, metrics=Metrics(replies=1))).active_threads == {key("post")}


def test_hidden_before_it_was_seen(house: House) -> None:
    """What the account's list of hidden answers names is hidden at first sight."""
    house.show(sight("post", CITY))
    house.show(GateSeen(key("post"), "hidden", frozenset({key("rude")}), "threadgate"))
    assert house.show(sight("rude", BOB, to="post")).hidden == 1
    known = house.held("rude")["rude"].known
    assert (known.state, known.cause) == (State.HIDDEN, Cause.BY_CITY)


def test_the_list_of_hidden_answers_hides_and_shows(house: House) -> None:
    """Coming on the list and leaving it are one event each, and the same list again is none."""
    house.show(sight("post", CITY), sight("rude", BOB, to="post"))
    for members in ({key("rude")}, {key("rude")}, set()):
        house.show(GateSeen(key("post"), "hidden", frozenset(members), "threadgate"))
    assert house.rows("SELECT event FROM events ORDER BY id")[2:] == [("hidden",), ("unhidden",)]


@pytest.mark.parametrize("gate_first", [True, False], ids=["detached before it was seen", "detached afterwards"])
def test_a_detached_quote(house: House, gate_first: bool) -> None:
    """It stays live, with one event that says that it was detached."""
    gate = GateSeen(key("post"), "detached", frozenset({key("quote")}), "postgate")
    quote = sight("quote", BOB, quotes=key("post"))
    house.show(sight("post", CITY))
    house.show(*((gate,) if gate_first else (quote,)))
    house.show(*((quote,) if gate_first else (gate,)))
    assert house.rows("SELECT event FROM events WHERE event LIKE '%tached'") == [("detached",)]
    assert house.held("quote")["quote"].known.state is State.LIVE


def test_a_doubtful_sight_asks_the_origin(house: House) -> None:
    """A cached view that shows a record which the platform said is gone brings a confirmation and no other state."""
    house.show(sight("post", CITY))
    house.show(GoneSeen(key("post"), "404"))
    shown = house.show(sight("post", CITY, origin=False))
    assert FollowUp(TaskKind.CONFIRM, key("post")) in shown.follow_ups
    assert house.held("post")["post"].known.state is State.GONE


def test_said_twice_is_one_event(house: House) -> None:
    """Removals and restorations are counted once each, and what was never seen can't be removed."""
    house.show(sight("post", CITY))
    told = [house.show(GoneSeen(key("post"), "404")).removed for _ in range(2)]
    house.show(GoneSeen(key("never"), "404"), StateSeen(key("never"), State.HIDDEN, "hidden"))
    house.show(sight("post", CITY))
    assert told == [1, 0]
    assert [event for (event,) in house.rows("SELECT event FROM events ORDER BY id")] == ["seen", "gone", "restored"]


def test_one_answer_shows_a_record_twice(house: House) -> None:
    """The second sight is weighed against the first."""
    shown = house.show(sight("post", CITY), sight("post", CITY, text="Edited"))
    assert (shown.new, shown.edited) == (1, 1)
    assert house.rows("SELECT text FROM versions ORDER BY ordinal") == [("I am post",), ("Edited",)]


def test_an_edit_history_fills_in_what_was_missed(house: House) -> None:
    """Versions between two sights are entered once, however often the history is read."""
    house.show(sight("post", CITY, text="three", edited_at=BEGINNING))
    times = [BEGINNING.replace(hour=hour) for hour in (6, 7, 8)]
    past = PastSeen(key("post"), tuple(PastVersion(at, Body(text=f"text {at.hour}")) for at in times))
    assert [house.show(past).edited for _ in range(2)] == [2, 0]


def test_who_the_account_is_and_what_it_counts(house: House) -> None:
    """A new handle under the same id and a stated total are entered; older posts tell how far a listing reached."""
    shown = house.show(AccountSeen(CITY.native_id, "townhall"), TotalSeen("posts", 12), sight("post", CITY))
    assert house.rows("SELECT handle FROM accounts") == [("townhall",)]
    assert shown.oldest == sight("post").created_at
    with house.store.read() as conn:
        assert coverage.total(conn, "city", "posts") == 12


def test_the_account_is_known_where_an_answer_only_says_that_it_is_meant(house: House) -> None:
    """Threads says of an answer that it is the account's own, and of a mention that the account is named: no id."""
    own = Person(OWN_ACCOUNT, "city", "City")
    house.show(sight("post", CITY), sight("comment", ANN, to="post"))
    house.show(
        sight("answer", own, to="comment"),
        sight("theirs", ANN, mentions=frozenset({OWN_ACCOUNT})),
        sight("ours", BOB, to="unknown", thread=key("unknown"), thread_author=OWN_ACCOUNT),
        sight("right below", BOB, to="lost", parent_author=OWN_ACCOUNT),
    )
    kinds = {name: kind for name, (kind, _) in house.places("answer", "theirs", "ours", "right below").items()}
    assert kinds == {"answer": "reply", "theirs": "mention", "ours": "comment", "right below": "comment"}
    assert sorted(house.rows("SELECT native_id FROM people")) == [(one.native_id,) for one in (CITY, ANN, BOB)]


def test_a_fact_for_later_calls_is_kept_beside_the_others_and_is_news_once(house: House) -> None:
    """Such as a field that a version of the API refuses; a rebuild learns it from the same answer."""
    refused = FactSeen("refused field v26.0 post.icon", "(#100) nonexisting field (icon)")
    assert house.show(AccountSeen("me", "city", facts={"pds": "https://pds.example"}), refused).learned
    assert not house.show(refused).learned
    with house.store.read() as conn:
        assert dict(accounts.get(conn, "city").facts) == {"pds": "https://pds.example", refused.name: refused.value}


def test_an_author_s_suspension_explains_what_was_found_missing_with_it(house: House) -> None:
    """What vanished long before, what is still there and what others wrote keep what is known of them."""
    house.show(sight("old", ANN), sight("new", ANN), sight("there", ANN), sight("other", BOB))
    house.show(GoneSeen(key("old"), "not found"))
    house.now += timedelta(days=30)
    house.show(GoneSeen(key("new"), "not found"), GoneSeen(key("other"), "not found"))
    told = AuthorSeen(ANN.native_id, State.GONE, "User has been suspended", Cause.AUTHOR_SUSPENDED)
    assert house.show(told).changed == {key("new")}
    assert {name: (str(one.known.state), one.known.cause) for name, one in house.held("old", "new", "there", "other").items()} == {
        "old": ("gone", None), "new": ("gone", Cause.AUTHOR_SUSPENDED), "there": ("live", None), "other": ("gone", None),
    }  # fmt: skip
    explained = "SELECT i.key, e.basis FROM events e JOIN items i ON i.id = e.item_id WHERE e.event = 'explained'"
    assert house.rows(explained) == [(key("new"), told.basis)]


def test_a_closed_account_is_noted_once_and_is_no_cause(house: House) -> None:
    """X says of it no more than that there is no such person; the record's own state says what it said before."""
    house.show(sight("post", ANN))
    house.show(GoneSeen(key("post"), "not found"))
    for _ in range(2):
        house.show(AuthorSeen(ANN.native_id, State.GONE, "Could not find user with ids: [2]."))
    assert house.held("post")["post"].known.cause is None
    assert house.rows("SELECT basis FROM events WHERE event = 'explained'") == [("Could not find user with ids: [2].",)]

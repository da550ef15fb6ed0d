"""What a platform shows under several ids is one record, whichever of them came first."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.domain.item import State
from archiver.domain.observation import GoneSeen, ItemSeen, StateSeen
from tests.services.house import ANN, CITY, House, built, key, sight

POST = sight("page_post", CITY, text="Ribbon cutting", aliases=(key("post"), key("reel")), united=True)
REEL = sight("reel", CITY, text="Ribbon cutting", aliases=(), united=True)
BY_BOTH = sight("page_post", CITY, text="Ribbon cutting", aliases=(key("post"), key("reel")), united=True)
COMMENT = sight("post_7", ANN, to="page_post", aliases=(key("7"),), united=True)
SAME_COMMENT = sight("reel_7", ANN, to="reel", text="I am post_7", aliases=(key("7"),), united=True)


@pytest.mark.parametrize("order", [(POST, REEL), (REEL, POST), (POST, REEL, BY_BOTH), (REEL, BY_BOTH, POST)])
def test_a_reel_and_its_post_are_one_record_with_one_version(house: House, order: tuple[ItemSeen, ...]) -> None:
    """The key is the name that came first; the other names find it."""
    for seen in order:
        house.show(seen)
    rows = house.rows("SELECT key, learned FROM items WHERE kind = 'post'")
    assert rows == [(order[0].key, 1)]
    assert {alias for (alias,) in house.rows("SELECT alias FROM aliases")} | {order[0].key} == {
        key("page_post"), key("post"), key("reel"),
    }  # fmt: skip


def test_names_told_in_one_answer_hold_within_it(house: House) -> None:
    """A list may show the same thing twice, under two names."""
    house.show(POST, REEL, COMMENT, SAME_COMMENT)
    assert house.rows("SELECT key, kind, thread FROM items ORDER BY key") == [
        (key("page_post"), "post", key("page_post")),
        (key("post_7"), "comment", key("page_post")),
    ]


def test_a_comment_below_another_name_of_its_post_stands_in_the_posts_thread(house: House) -> None:
    """Parents and threads are named by the record's key."""
    house.show(POST)
    house.show(SAME_COMMENT)
    assert house.rows("SELECT parent, thread, kind FROM items WHERE author_id IS NOT NULL AND parent IS NOT NULL") == [
        (key("page_post"), key("page_post"), "comment")
    ]


def test_what_is_said_of_another_name_is_said_of_the_record(house: House) -> None:
    """Hidden by one name and gone by another."""
    house.show(POST)
    house.show(StateSeen(key("reel"), State.HIDDEN, "webhook hide"))
    assert house.held("page_post")["page_post"].known.state is State.HIDDEN
    house.show(GoneSeen(key("post"), "100/33"))
    assert house.held("page_post")["page_post"].known.state is State.GONE


def test_aliases_alone_unite_nothing(house: House) -> None:
    """Names that only help to find something leave two records two."""
    house.show(sight("one", CITY, aliases=(key("name"),)))
    house.show(sight("two", CITY, aliases=(key("name"),)))
    assert len(house.held("one", "two")) == 2


@settings(max_examples=25, deadline=None)
@given(order=st.permutations([POST, REEL, COMMENT, SAME_COMMENT]))
def test_the_order_of_learning_makes_no_second_record(order: list[ItemSeen]) -> None:
    """One post, one comment, each with one version, when the post told its names before anything hung below it."""
    with TemporaryDirectory() as folder, built(Path(folder) / "house.sqlite") as house:
        house.show(POST)
        for seen in order:
            house.show(seen)
        assert house.rows("SELECT count(*), max(learned) FROM items") == [(2, 1)]


def test_a_picture_s_caption_does_not_contradict_the_post_that_it_is_all_of(house: House) -> None:
    """A post was edited, the caption of its one picture was not: the post's words count, and there is one version."""
    post = sight("page_post", CITY, text="Hearing at 7 pm", aliases=(key("picture"),), united=True)
    picture = sight("picture", CITY, text="Hearing at 6 pm", united=True, medium=True)
    for seen in (post, picture, post, picture):
        house.show(seen)
    assert house.rows("SELECT key, learned FROM items WHERE kind = 'post'") == [(key("page_post"), 1)]


def test_a_picture_of_its_own_has_its_own_words(house: House) -> None:
    """One of several of a post is a record, whose caption may be edited."""
    for text in ("Leaf", "Oak leaf"):
        house.show(sight("picture", CITY, text=text, united=True, medium=True))
    assert house.rows("SELECT key, learned FROM items WHERE kind = 'post'") == [(key("picture"), 2)]


def test_the_picture_of_a_removed_post_does_not_bring_it_back(house: House) -> None:
    """It may outlive the post in its album."""
    post = sight("page_post", CITY, text="Hearing", aliases=(key("picture"),), united=True)
    picture = sight("picture", CITY, text="Hearing", united=True, medium=True)
    house.show(post, picture)
    house.show(GoneSeen(key("page_post"), "100/33"))
    house.show(picture)
    assert house.rows("SELECT state FROM items WHERE kind = 'post'") == [(State.GONE,)]
    house.show(post)
    assert house.rows("SELECT state FROM items WHERE kind = 'post'") == [(State.LIVE,)]

"""Whom data is about: people by exact names of any time, and what they wrote."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archiver.domain.item import Person
from archiver.domain.keys import Key
from archiver.store import subjects
from archiver.store.decisions import classes
from archiver.store.engine import Store
from archiver.store.selection import Query
from tests.services.house import BOB, House, key, sight

ANN, RENAMED = Person("2", "Ann.Lee", "Ann"), Person("2", "ann_l", "Ann Lee")


@pytest.fixture
def house(store: Store) -> House:
    """Ann under two handles, Bob, and one who is called like Ann's handle; a message of Bob's."""
    it = House(store)
    it.show(sight("1", ANN), sight("2", BOB, visibility="direct"), sight("3", Person("9", "other", "ann_l")))
    it.show(sight("4", RENAMED))
    return it


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("ann_l", ["mastodon:2"]),
        ("@ANN_L", ["mastodon:2"]),
        (" ann.lee ", ["mastodon:2"]),
        ("2", ["mastodon:2"]),
        ("mastodon:2", ["mastodon:2"]),
        ("ann", []),
        ("Ann Lee", []),
        ("x:2", []),
        ("", []),
    ],
)
def test_a_person_is_named_exactly(house: House, word: str, found: list[str]) -> None:
    """By a handle of any time or the id; a part of a name, or a display name, is nobody's for certain."""
    with house.store.read() as conn:
        people = subjects.people_called(conn, word)
        assert [one.name for one in people] == found
        assert all(one.handles == ("Ann.Lee", "ann_l") for one in people)
        expected = {key("1"): "mastodon:2", key("4"): "mastodon:2"} if found else {}
        assert subjects.records_by(conn, people) == expected


@pytest.mark.parametrize(
    ("query", "hours", "found"),
    [
        (Query(), 9, True),
        (Query(author="ann_l"), 9, True),
        (Query(author="bob"), 9, False),
        (Query(account="elsewhere"), 9, False),
        (Query(words="nothing of that"), 9, True),
        (Query(author="ann_l"), -9, False),
    ],
    ids=["everything", "hers", "another's", "another account", "words are not held against it", "not there yet"],
)
def test_a_filter_means_records_that_were_there(house: House, query: Query, hours: int, found: bool) -> None:
    """Its words aside, which the log does not have."""
    records: list[Key] = [key("1"), key("4")]
    with house.store.read() as conn:
        assert subjects.means_any(conn, query, records, house.now + timedelta(hours=hours)) is found
        assert not subjects.means_any(conn, query, [], house.now)


def test_what_few_could_see_is_named(house: House) -> None:
    """By keys, of all or of a query."""
    with house.store.read() as conn:
        assert classes.limited_keys(conn) == [key("2")]
        assert classes.limited_unmarked_keys(conn, Query(author="bob")) == [key("2")]
        assert classes.limited_unmarked_keys(conn, Query(author="ann_l")) == []

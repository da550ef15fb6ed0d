"""Packing searches: few, none too long, and everything is looked for."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.platforms.x.desk import Desk
from archiver.platforms.x.ids import Names
from archiver.platforms.x.routes import Call
from archiver.platforms.x.searches import archive_for, listed_since, naming, packed, search, tail_in, terms_in
from tests.platforms.x_world import CITY, NOW, city

IDS = st.integers(1, 2**63).map(lambda n: f"conversation_id:{n}")


@given(st.lists(IDS, unique=True, max_size=80), st.sampled_from(["", " -from:1", " -from:1 -@somebody_of_us"]))
def test_each_is_looked_for_once_and_no_query_is_too_long(terms: list[str], tail: str) -> None:
    """Whatever the terms, in their order, and each query holds as many as it can."""
    found = list(packed(terms, tail, 512))
    assert [term for _, some in found for term in some] == terms
    for query, some in found:
        assert len(query) <= 512
        assert terms_in(f"https://api.x.com/2/tweets/search/recent?query={query}") == some
    for (query, _), (_, following) in pairwise(found):
        assert len(query) + len(f" OR {following[0]}") + 2 > 512


@pytest.mark.parametrize(
    ("ago", "facts", "expected"),
    [
        (timedelta(days=6), {"kind of token": "user"}, Call.RECENT_SEARCH),
        (timedelta(days=8), {}, Call.FULL_SEARCH),
        (timedelta(days=8), {"kind of token": "app", "full archive": "open"}, Call.FULL_SEARCH),
        (timedelta(days=8), {"kind of token": "user"}, None),
        (timedelta(days=8), {"full archive": f"{(NOW - timedelta(days=1)).isoformat()} client-forbidden"}, None),
        (timedelta(days=8), {"full archive": f"{(NOW - timedelta(days=9)).isoformat()} client-forbidden"}, Call.FULL_SEARCH),
        (timedelta(days=8), {"full archive": f"{NOW.isoformat()} unsupported-authentication", "kind of token": "app"},
         Call.FULL_SEARCH),
        (timedelta(days=8), {"full archive": "nonsense"}, Call.FULL_SEARCH),
    ],
)  # fmt: skip
def test_which_archive_reaches_back(ago: timedelta, facts: dict[str, str], expected: Call | None) -> None:
    """Recent search for a week; the full archive unless the token is a user's or was refused lately."""
    assert archive_for(Desk.of(city(facts=facts)), NOW - ago, NOW) is expected


def test_mentions_that_are_listed_on() -> None:
    """They are left out of a search only where no moment of its window is without them."""
    week = NOW - timedelta(days=7)
    assert listed_since([(None, NOW)], week, NOW)
    assert listed_since([(week, NOW - timedelta(hours=2))], week, NOW)
    assert not listed_since([(week + timedelta(hours=1), NOW)], week, NOW)
    assert not listed_since([(None, NOW - timedelta(days=2))], week, NOW)
    assert not listed_since([], week, NOW)


def test_an_account_that_is_known_by_its_number_alone() -> None:
    """Its name is in no search, so nothing is left out by it."""
    desk = Desk.of(city())
    assert naming(desk, Names.of(city())) == f"@ExampletonCity -from:{CITY}"
    assert naming(desk, Names.of(city(handle=CITY))) == ""


def test_a_search_always_says_since_when() -> None:
    """Without a beginning the full archive shows thirty days, and nobody notices."""
    spec = search(Desk.of(city()), Call.FULL_SEARCH, "conversation_id:7 -from:1", start=NOW, stream="comments")
    assert "start_time=2026-11-22T18%3A00%3A00Z" in spec.url
    assert tail_in(spec.url) == " -from:1"

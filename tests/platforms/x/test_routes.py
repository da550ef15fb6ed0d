"""Addresses of X's calls: made and found again, under both sets of names."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.platforms.x import desk, fieldlists
from archiver.platforms.x.routes import Call, Route, address, route_of
from archiver.platforms.x.vocabulary import NEW_NAMES, named, old_name, parameter, problem_type
from tests.platforms.x.recorded import SHARED, needs_recordings

WITH_ID = [call for call in Call if "{id}" in address("", call, "{id}").replace("%7Bid%7D", "{id}")]
BASES = ["https://api.x.com", "https://gateway.example:8443/city/x", "http://127.0.0.1:1"]


@given(
    st.sampled_from(BASES), st.sampled_from(list(Call)), st.integers(1, 2**63 - 1).map(str),
    st.lists(st.tuples(st.sampled_from(["query", "max_results", "pagination_token"]), st.text(max_size=9)), max_size=3),
)  # fmt: skip
def test_addresses_lead_back_to_calls(base: str, call: Call, native_id: str, query: list[tuple[str, str]]) -> None:
    """Wherever the server stands, whatever was asked."""
    found = route_of(address(base, call, native_id, query))
    assert found == Route(call, native_id if call in WITH_ID else "", tuple(query))


OTHERS = [
    "https://api.x.com/2/compliance/jobs",
    "https://api.x.com/",
    "http://[",
    "",
    "https://api.x.com/2/tweets/1/hidden",
]


@pytest.mark.parametrize("url", OTHERS)
def test_other_addresses_are_no_calls(url: str) -> None:
    """Those that an archive does not make."""
    assert route_of(url) is None


def test_an_address_says_what_was_asked() -> None:
    """Ids in the path or as a list, fields under either name with those that always come."""
    found = route_of("https://api.x.com/2/tweets?ids=1,2&post.fields=note_post,created_at&user.fields=description")
    assert found is not None
    assert found.ids == ("1", "2")
    assert found.fields == {"note_tweet", "created_at", "id", "text", "edit_history_tweet_ids"}
    assert found.user_fields == {"description", "id", "name", "username"}
    assert Route(Call.POST, "7").ids == ("7",)
    assert (found.value("ids"), found.value("nothing")) == ("1,2", None)


@needs_recordings
def test_nothing_is_asked_for_that_the_described_api_refuses() -> None:
    """An unknown name in one of these parameters is refused with the whole request."""
    described = json.loads((SHARED / "openapi" / "x-api-v2-openapi-2.159-tweet-names.json").read_text())
    offered: dict[str, set[str]] = {}
    for one in described["components"]["parameters"].values():
        offered.setdefault(one["name"], set()).update(one["schema"].get("items", {}).get("enum", ()))
    for query in (fieldlists.POSTS, fieldlists.PROFILE, desk.OTHERS_POSTS, desk.VERSIONS, desk.SIGNS):
        for name, value in query:
            assert set(value.split(",")) <= offered[name], name


def test_either_name_is_read() -> None:
    """The old one where both are there."""
    for old, new in NEW_NAMES.items():
        assert named({new: 1}, old) == 1
        assert named({new: 1, old: 2}, old) == 2
        assert old_name(new) == old_name(old) == old
    assert named({}, "tweets") is None


def test_problems_are_told_by_the_end_of_their_type_and_the_old_parameter() -> None:
    """Their host has changed, and their parameters may."""
    for host in ("https://api.twitter.com", "https://api.x.com"):
        assert problem_type(f"{host}/2/problems/resource-not-found") == "resource-not-found"
    assert problem_type("about:blank") == "about:blank"
    words = ["referenced_posts", "referenced_posts.id", "referenced_tweets.id", "ids", "referenced_posts.id.author_id"]
    assert [parameter(word) for word in words] == [
        "referenced_tweets.id", "referenced_tweets.id", "referenced_tweets.id", "ids", "referenced_tweets.id.author_id",
    ]  # fmt: skip

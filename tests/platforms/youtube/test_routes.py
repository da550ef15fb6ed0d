"""The addresses of calls, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.platforms.youtube.routes import API, SITE, Call, Route, address, parts_of, route_of

WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)


@given(
    st.sampled_from(sorted(Call)), WORDS, st.lists(st.tuples(st.sampled_from(["id", "part", "q"]), WORDS), max_size=4)
)
def test_an_address_is_the_call_that_it_was_made_for(call: Call, native_id: str, query: list[tuple[str, str]]) -> None:
    """Whatever stands before the path, and whatever the parameters are."""
    for base in (API, SITE, "http://127.0.0.1:8080/google"):
        route = route_of(address(base, call, query, native_id=native_id))
        assert route == Route(call, native_id if call is Call.CAPTION_FILE else "", tuple(query))


@pytest.mark.parametrize(
    "url",
    [
        "https://youtube.googleapis.com/youtube/v3/activities?part=id",
        "https://youtube.googleapis.com/youtube/v4/videos",
        "https://www.youtube.com/watch?v=vidMeeting1",
        "https://[broken",
        "",
    ],
)
def test_any_other_address_is_no_call(url: str) -> None:
    """Broken ones too."""
    assert route_of(url) is None


def test_ids_are_listed_with_commas_or_one_by_one() -> None:
    """Each once, in order."""
    route = route_of(f"{API}/youtube/v3/videos?id=a,b&id=c&id=%20b&part=id%2Csnippet")
    assert route is not None
    assert route.ids == ("a", "b", "c")
    assert route.parts == {"id", "snippet"}
    assert route.value("id") == "a,b"
    assert route.value("hl") is None


def test_the_last_look_is_told_by_its_parts() -> None:
    """The part that every answer has anyway; of a listing it says nothing."""
    first = route_of(address(API, Call.VIDEOS, (parts_of(Call.VIDEOS), ("id", "a"))))
    last = route_of(address(API, Call.VIDEOS, (parts_of(Call.VIDEOS, last_look=True), ("id", "a"))))
    listing = route_of(address(API, Call.CHAT, (parts_of(Call.CHAT),)))
    assert first is not None and last is not None and listing is not None  # noqa: PT018 - for the types
    assert (first.last_look, last.last_look, listing.last_look) == (False, True, False)


def test_the_first_page_has_no_place() -> None:
    """An empty token is none."""
    for query, first in (("", True), ("?pageToken=", True), ("?pageToken=CAUQAA", False)):
        route = route_of(f"{API}/youtube/v3/playlistItems{query}")
        assert route is not None
        assert route.first_page is first

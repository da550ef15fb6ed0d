"""Pages follow each other by the Link header, which is not trusted."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.exchange import RequestSpec
from archiver.domain.task import TaskKind
from archiver.platforms.mastodon.paging import Progress, links_of, next_page
from tests.platforms.carrying import exchange_of
from tests.platforms.mastodon_world import BASE, task

URL = f"{BASE}/api/v1/accounts/1/statuses?limit=40&types%5B%5D=mention"
NEXT = f'<{BASE}/api/v1/accounts/1/statuses?limit=40&max_id=10>; rel="next"'


def following(*links: str, ids: tuple[str, ...] = ("12", "11"), by_id: bool = True) -> str | None:
    """The next page after an answer with these Link headers."""
    answer = (200, [("link", link) for link in links], b"[]")
    return next_page(exchange_of(answer, RequestSpec(URL, stream="posts"), task(TaskKind.POLL)), ids, by_id=by_id)


LINKS = [
    ("the usual header", NEXT, "10"),
    ("next and prev in one header", f'<{URL}&min_id=12>; rel="prev", {NEXT}', "10"),
    ("a relation without quotes", "<https://h/x?max_id=10>; rel=next", "10"),
    ("several relations in one", '<https://h/x?max_id=10>; rel="last next"', "10"),
    ("letters of another case", '<https://h/x?max_id=10>; REL="Next"', "10"),
    ("other parameters before it", '<https://h/x?max_id=10>; title="a, b; c"; rel="next"', "10"),
    ("only newer pages", '<https://h/x?min_id=12>; rel="prev"', None),
    ("a header that is none", "nonsense", "11"),
]


@pytest.mark.parametrize(("header", "max_id"), [case[1:] for case in LINKS], ids=[case[0] for case in LINKS])
def test_header(header: str, max_id: str | None) -> None:
    """Each case is a sentence; a header that says nothing is as good as none."""
    found = following(header)
    assert (parse_qs(urlsplit(found).query).get("max_id") if found else None) == ([max_id] if max_id else None)


def test_two_headers_are_one() -> None:
    """A header may come in two lines (RFC 9110, section 5.3)."""
    assert following(f'<{URL}&min_id=12>; rel="prev"', NEXT) is not None


@pytest.mark.parametrize(
    "target",
    [
        "http://social.example.gov/api/v1/accounts/1/statuses?max_id=10",
        "https://evil.example/api/v1/accounts/1/statuses?max_id=10",
        "//evil.example/?max_id=10",
        "https://social.example.gov@evil.example/?max_id=10",
        "/api/v1/accounts/1/statuses?max_id=10",
        "https://social.example.gov/api/v1/conversations?max_id=10",
        "?max_id=10",
    ],
)
def test_a_next_page_is_asked_for_where_this_one_was(target: str) -> None:
    """Neither scheme nor host nor path of a Link are followed, so the token stays at home."""
    found = following(f'<{target}>; rel="next"')
    assert found is not None
    assert found.startswith(f"{BASE}/api/v1/accounts/1/statuses?")
    assert "max_id=10" in found


def test_a_filter_that_a_fork_forgets_is_kept() -> None:
    """Takahē leaves ``types[]`` out of its Link."""
    found = following("<http://h/x?limit=40&max_id=18>; rel=next")
    assert found is not None
    assert parse_qs(urlsplit(found).query) == {"types[]": ["mention"], "limit": ["40"], "max_id": ["18"]}


def test_a_place_of_this_page_is_not_carried_into_the_next() -> None:
    """Only one ``max_id`` is asked for."""
    answer = (200, [("Link", NEXT)], b"[]")
    spec = RequestSpec(f"{URL}&max_id=20&min_id=3", stream="posts")
    found = next_page(exchange_of(answer, spec, task(TaskKind.POLL)), ["12"], by_id=True)
    assert found is not None
    assert parse_qs(urlsplit(found).query)["max_id"] == ["10"]
    assert "min_id" not in found


def test_a_page_whose_links_were_lost_is_not_the_last() -> None:
    """A proxy that drops Link headers must not end a listing; stock Mastodon gives every page with entries a Link."""
    found = following()
    assert found is not None
    assert found.endswith("max_id=11")


def test_an_empty_page_without_links_is_the_last() -> None:
    """There is no place to go on from."""
    assert following(ids=()) is None


def test_a_listing_with_inner_ids_is_not_paged_by_guessing() -> None:
    """Quotations are paged by ids that nobody shows."""
    assert following(by_id=False) is None


def test_the_first_link_of_a_relation_counts() -> None:
    """A second one is ignored."""
    answer = (200, [("Link", '<a>; rel="next", <b>; rel="next"')], b"")
    assert links_of(exchange_of(answer, RequestSpec(URL, stream="posts"), task(TaskKind.POLL))) == {"next": "a"}


@given(st.integers(0, 30), st.integers(1, 12))
def test_any_circle_is_noticed(lead: int, circle: int) -> None:
    """Wherever a listing begins to repeat itself, it is noticed before it has gone round much more than three times."""
    progress, pages = Progress(), 0
    while True:
        number = pages if pages < lead else lead + (pages - lead) % circle
        progress, repeated = Progress.of(progress.saved()).after([f"id-{number}"], "next")
        pages += 1
        if repeated:
            break
        assert pages <= 4 * (lead + circle) + 2
    assert pages > lead + circle - 1


@given(st.integers(1, 300))
def test_no_straight_listing_is_taken_for_a_circle(pages: int) -> None:
    """Pages that differ never count as repeated."""
    progress = Progress()
    for number in range(pages):
        progress, repeated = progress.after([str(number)], "next")
        assert not repeated


@pytest.mark.parametrize("target", ["https://[", "http://[::1", "\x00", "https://h:port/"])
def test_an_address_that_is_none_ends_nothing_but_the_listing(target: str) -> None:
    """Strangers' words raise nothing."""
    assert following(f'<{target}>; rel="next"') is not None


@given(st.text())
def test_no_header_raises(header: str) -> None:
    """Whatever a server writes into it."""
    following(header)

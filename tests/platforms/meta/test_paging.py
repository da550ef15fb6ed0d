"""From page to page without following addresses that hold a token, and the signs of a listing's end."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.account import Account
from archiver.domain.task import Covered, Shortfall, Task, TaskKind
from archiver.platforms.meta.paging import EMPTY_PAGES, covered, following, turn
from archiver.platforms.progress import AGAIN, ALL_EMPTY, Progress
from tests.platforms.meta.answers import NOW, answer

NEXT = "https://graph.facebook.com/v26.0/104/published_posts?access_token=SECRET&limit=100&"

PLACES: list[tuple[str, dict[str, Any], Any]] = [
    ("no paging: the last page", {}, None),
    ("cursors without next: the end", {"cursors": {"before": "a", "after": "b"}}, None),
    ("cursors with next", {"cursors": {"after": "b"}, "next": NEXT + "after=b"}, (("after", "b"),)),
    ("next alone", {"next": NEXT + "after=b"}, (("after", "b"),)),
    ("by time", {"next": NEXT + "until=1602000000&__paging_token=enc_A&since="},
     (("until", "1602000000"), ("__paging_token", "enc_A"))),
    ("a window in next is no place", {"next": NEXT + "until=1602000000&after=b"}, (("after", "b"),)),
    ("by offset", {"next": NEXT + "offset=25"}, (("offset", "25"),)),
    ("next of another listing", {"next": "https://evil.example/v26.0/104/feed?after=b"}, None),
    ("next with nothing to go by", {"next": NEXT}, None),
    ("next that is no address", {"next": "https://["}, None),
    ("next of another type", {"next": 7, "cursors": []}, None),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "paging", "expected"), PLACES)
def test_where_the_next_page_is(sentence: str, paging: dict[str, Any], expected: Any) -> None:
    """Never the address itself."""
    assert following(answer({"data": [], "paging": paging})) == expected, sentence
    assert "SECRET" not in repr(following(answer({"data": [], "paging": paging})))


def page(number: int, *, more: bool = True) -> Any:
    """A page with a cursor of its own."""
    return answer({"data": [], "paging": {"cursors": {"after": f"c{number}"}, **({"next": NEXT} if more else {})}})


def test_a_window_ends_where_a_page_s_tail_is_older() -> None:
    """One entry that was dated back ends nothing."""
    since, old, new = NOW - timedelta(days=3), NOW - timedelta(days=9), NOW
    assert turn(page(1), ["1", "2", "3", "4"], [new, old, new, old], since, {}).place == (("after", "c1"),)
    assert turn(page(1), ["1", "2", "3", "4"], [new, old, old, old], since, {}).place is None
    assert turn(page(1), ["1"], [old], None, {}).place == (("after", "c1"),)
    assert turn(page(1, more=False), ["1"], [new], since, {}).place is None


def test_a_page_with_few_or_no_entries_is_not_the_last() -> None:
    """Entries are filtered after the query; but not for ever."""
    state: dict[str, Any] = {}
    for number in range(EMPTY_PAGES):
        found = turn(page(number), [], [], None, state)
        assert found.place is not None
        state = found.state
    found = turn(page(99), [], [], None, state)
    assert (found.place, found.state["short"]) == (None, ALL_EMPTY)


@pytest.mark.parametrize("fault", ["the same cursor", "the same entries"])
@given(st.integers(1, 9), st.integers(0, 20))
def test_a_listing_in_circles_is_noticed(fault: str, circle: int, before: int) -> None:
    """Within a few times the circle, whichever of cursor and entries comes again."""
    state: dict[str, Any] = {}
    for number in range(4 * (circle + before) + 8):
        at = number if number < before else before + (number - before) % circle
        ids, cursor = (number, at) if fault == "the same cursor" else (at, number)
        found = turn(page(cursor), [f"{ids}a", f"{ids}b"], [], None, json.loads(json.dumps(state)))
        state = found.state
        if found.place is None:
            assert state["short"] == AGAIN
            return
    pytest.fail("the listing went round for ever")


@given(st.integers(2, 60))
def test_a_listing_that_goes_on_is_not_cut(pages: int) -> None:
    """New entries under new cursors."""
    state: dict[str, Any] = {}
    for number in range(pages):
        found = turn(page(number), [str(number)], [], None, state)
        assert found.place is not None
        assert found.number == number + 2
        state = found.state


def test_what_was_listed_and_what_was_not() -> None:
    """All of the window, or the part that was reached."""
    task = Task(Account("city", "facebook", "city"), TaskKind.POLL, NOW, since=NOW - timedelta(days=30))
    assert covered(task, "posts", {}) == (Covered("posts", task.since, NOW),)
    reached = NOW - timedelta(days=4)
    assert covered(task, "posts", {"short": AGAIN, "oldest": reached.isoformat()}) == (
        Covered("posts", reached, NOW),
        Shortfall("posts", task.since, reached, AGAIN),
    )
    assert covered(task, "posts", {"short": AGAIN}) == (Shortfall("posts", task.since, NOW, AGAIN),)


def test_progress_of_another_release_begins_anew() -> None:
    """A cursor that makes no sense is left behind."""
    assert Progress.of([1, 2]) == Progress.of(None) == Progress()

"""What a thing without an id most probably is: by time, words and media, and nothing where they say too little."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.joining import WITHIN, Candidate, Shown, probable, same_words

AT = datetime(2026, 11, 15, 14, tzinfo=UTC)


def one(key: str, seconds: float, text: str | None, *media: str) -> Candidate:
    """A record so many seconds later."""
    return Candidate(AT + timedelta(seconds=seconds), text, frozenset(media), key)


CASES: dict[str, tuple[Shown, list[Candidate], str | None]] = {
    "nothing near": (Shown(AT, "A"), [], None),
    "same second, same words": (Shown(AT, "A"), [one("x", 0, "A"), one("y", 0, "B")], "x"),
    "the nearest of two with the same words": (Shown(AT, "A"), [one("x", 2, "A"), one("y", 1, "A")], "y"),
    "the same picture decides between the same words": (
        Shown(AT, "A", frozenset({"m"})), [one("x", 0, "A"), one("y", 0, "A", "m")], "y",
    ),
    "the same picture, other words": (Shown(AT, "A", frozenset({"m"})), [one("x", 0, "B", "m"), one("y", 0, "C")], "x"),
    "other words, alone in its second": (Shown(AT, "A"), [one("x", 0, "B")], "x"),
    "other words, two in that second": (Shown(AT, "A"), [one("x", 0, "B"), one("y", 1, "C")], None),
    "no words, alone in its second": (Shown(AT, None), [one("x", 1, "")], "x"),
    "no words, two in that second": (Shown(AT, None), [one("x", 1, ""), one("y", 0, None)], None),
    "a minute later, the same words": (Shown(AT, "A"), [one("x", 60, "A"), one("y", 60, "B")], "x"),
    "a minute later, twice the same words": (Shown(AT, "A"), [one("x", 60, "A"), one("y", 90, "A")], None),
    "a minute later, no words": (Shown(AT, ""), [one("x", 60, "")], None),
    "an hour later": (Shown(AT, "A"), [one("x", 3600, "A")], None),
    "no time": (Shown(None, "A"), [one("x", 0, "A")], None),
}  # fmt: skip


@pytest.mark.parametrize(("shown", "candidates", "key"), CASES.values(), ids=CASES)
def test_what_it_probably_is(shown: Shown, candidates: list[Candidate], key: str | None) -> None:
    """The record is found where enough agrees, whatever the order in which candidates come."""
    for order in (candidates, candidates[::-1]):
        found = probable(shown, order)
        assert (found[0].key if found else None) == key
        assert found is None or found[1]


_RECORDS = st.builds(
    one, st.text("abc", min_size=1, max_size=3), st.integers(-300, 300), st.sampled_from(["A", "B", "", None]), st.sampled_from("mn")
)  # fmt: skip


@given(st.sampled_from(["A", "", None]), st.lists(_RECORDS, max_size=6))
def test_nothing_far_away_is_ever_the_same(text: str | None, candidates: list[Candidate]) -> None:
    """Whatever is near, a record further than two minutes away is never taken, and other words only within seconds."""
    found = probable(Shown(AT, text, frozenset({"m"})), candidates)
    if found is not None:
        assert found[0].at is not None
        assert abs(found[0].at - AT) <= WITHIN
        assert same_words(found[0].text, text) or abs(found[0].at - AT) <= timedelta(seconds=2)


def test_words_are_the_same_but_for_spaces() -> None:
    """Line ends and spaces differ between sources; letters do not."""
    assert same_words("a\r\nb ", "a b")
    assert same_words(None, "")
    assert not same_words("a b", "ab")

"""A piece of a text around what was found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.excerpt import WIDTH, excerpt
from archiver.domain.fulltext import query_terms

LONG = "word " * 60

MARKED = [
    ("a word", "The Snow fell", "snow", ["Snow"]),
    ("every place of it", "snow, SNOW; snowy", "snow", ["snow", "SNOW"]),
    ("the beginning of a word", "snowy day", "snow*", ["snow"]),
    ("an accent", "Señor Peña", "pena", ["Peña"]),
    ("a decomposed accent", "Pen\u0303a", "peña", ["Pen\u0303a"]),
    ("a letter that folds to two", "Straße", "strasse", ["Straße"]),
    ("a phrase, word by word", "city council, the city", '"city council"', ["city", "council", "city"]),
    ("Han letters as one piece", "今日は東京都です", "東京都", ["東京都"]),
    ("an emoji", "ok 👍 ok", "👍", ["👍"]),
    ("a hashtag", "a #Snow day", "#snow", ["#Snow"]),
    ("nothing", "The text", "snow", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words", "marked"), [case[1:] for case in MARKED], ids=[case[0] for case in MARKED])
def test_marks(text: str, words: str, marked: list[str]) -> None:
    """The marks cover what was found, in the text as it is."""
    piece = excerpt([text], query_terms(words))
    assert piece.text == text
    assert [piece.text[start:end] for start, end in piece.marks] == marked


def test_the_piece_is_around_the_mark() -> None:
    """A long text is cut on both sides, between words, and says so."""
    piece = excerpt([LONG + "snow\nday " + LONG], query_terms("snow"))
    assert "snow day" in piece.text
    assert piece.text.startswith("…word ")
    assert piece.text.endswith("word…")
    assert len(piece.text) <= WIDTH + 2
    assert [piece.text[start:end] for start, end in piece.marks] == ["snow"]


def test_the_first_text_with_a_mark() -> None:
    """What stands in a description is shown from there; without any mark the first text is."""
    assert excerpt(["The text", "A snow plow"], query_terms("snow")).text == "A snow plow"
    assert excerpt(["The text", "A plow"], query_terms("snow")).text == "The text"
    assert excerpt([], query_terms("snow")).text == ""
    assert excerpt([LONG], []).text.endswith("word…")


@given(st.lists(st.text(), max_size=3), st.text())
def test_any_text_has_an_excerpt(texts: list[str], words: str) -> None:
    """Whatever is shown and asked: one line of bounded length, with marks inside it, in order."""
    piece = excerpt(texts, query_terms(words))
    assert "\n" not in piece.text
    assert len(piece.text) <= WIDTH + 2
    places = [place for mark in piece.marks for place in mark]
    assert places == sorted(places)
    assert all(0 <= place <= len(piece.text) for place in places)

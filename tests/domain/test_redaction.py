"""Words are taken out of texts, and of everything that says them in another spelling."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.redaction import Piece, Redactor, withheld

LAW = "Law 13.355"
MARK = withheld(LAW)

CASES = {
    "as it stands": ("secret-word", "a secret-word here", f"a {MARK} here"),
    "in other letters": ("Secret-Word", "a SECRET-word here", f"a {MARK} here"),
    "with other spaces": ("Anna Berg", "by Anna\n  Berg", f"by {MARK}"),
    "within a longer word": ("annaberg", "see @xannaberg2", f"see @x{MARK}2"),
    "short, alone": ("14", "I'm 14, of 140 with 14.", f"I'm {MARK}, of 140 with {MARK}."),
    "short, beside letters that need no spaces": ("14", "我14岁", f"我{MARK}岁"),
    "short, in a script without spaces": ("王小明", "我叫王小明。", f"我叫{MARK}。"),
    "after another mark": ("secret-word", f"{MARK} secret-word", f"{MARK} {MARK}"),
    "what the mark itself says": ("13.355", "see 13.355 twice 13.355", f"see {MARK} twice {MARK}"),
    "not there": ("secret-word", "a public word & 100 %", "a public word & 100 %"),
    "percent-encoded": ("Anna Berg", "https://x.example/?q=Anna%20Berg", MARK),
    "as a form sends it": ("Anna Berg", "https://x.example/?q=anna+berg", MARK),
    "encoded twice": ("Anna Berg", "https://x.example/?u=a%3Fq%3DAnna%2520Berg", MARK),
    "in entities": ("Bërg & Söhne", "<p>B&euml;rg &amp; S&#246;hne</p>", MARK),
    "in JSON": ("Bërgström", json.dumps("Bërgström"), MARK),
    "in wide letters": ("secret-word", "ｓｅｃｒｅｔ-ｗｏｒｄ", MARK),
    "with letters that nobody sees": ("secret-word", "sec\u200bret-word", MARK),
    "taken apart into accents": ("Bërgström", "Be\u0308rgstro\u0308m", MARK),
}


@pytest.mark.parametrize(("words", "value", "cleaned"), CASES.values(), ids=CASES)
def test_words_are_taken_out(words: str, value: str, cleaned: str) -> None:
    """In every spelling, and nothing else."""
    redactor = Redactor([(words, LAW)])
    assert redactor.text(value) == cleaned
    assert redactor.has(value) is (value != cleaned)


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_base64_is_seen_through(before: str) -> None:
    """Wherever the words begin in what was encoded."""
    coded = base64.b64encode(f"{before} my secret-number is".encode()).decode()
    assert Redactor([("secret-number", LAW)]).text(f"data:{coded}") == MARK


def test_pieces_go_by_place() -> None:
    """The text around them stays; overlapping ones are one, and each names its law."""
    none = Redactor([])
    text = "0123456789"
    assert none.text(text, [Piece(2, 4, "A"), Piece(6, 8, "B")]) == f"01{withheld('A')}45{withheld('B')}89"
    assert none.text(text, [Piece(2, 5, "A"), Piece(4, 8, "B")]) == f"01{withheld('A')}89"
    assert none.text(text) is text
    assert not none


def test_rows_are_cleaned_whole() -> None:
    """Texts in lists and tables too; numbers and None stay what they are."""
    redactor = Redactor([("secret-word", LAW)])
    row = {"tags": ["x", "secret-word"], "facts": {"secret-word": 1}, "count": 3, "none": None}
    assert redactor.value(row) == {"tags": ["x", MARK], "facts": {MARK: 1}, "count": 3, "none": None}


@given(st.text(min_size=6, max_size=20), st.text(max_size=30), st.text(max_size=30))
def test_nothing_of_long_words_stays(words: str, before: str, after: str) -> None:
    """Whatever they are and stand between, plain, quoted or escaped."""
    if len(" ".join(words.split())) < 6:
        return
    redactor = Redactor([(words, "")])
    for value in (f"{before}{words}{after}", quote(words), html.escape(words), json.dumps(words)):
        left = redactor.text(value).replace(withheld(""), "")
        if words.strip() not in withheld(""):
            assert words.strip().lower() not in left.lower() or words.strip().lower() in (before + after).lower()

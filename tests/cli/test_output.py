"""Text of strangers can't draw, colour or turn what a person reads."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.cli.output import harmless, print_json


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\ufffd[31mred\ufffd[0m"),
        ("two\nlines", "two⏎lines"),
        ("two\r\nlines", "two⏎lines"),
        ("\u202egnp.exe", "gnp.exe"),
        ("half \ud83d", "half \ufffd"),
        ("Zoë 日本 🎉", "Zoë 日本 🎉"),
    ],
    ids=["colours", "lines", "lines as on Windows", "turned around", "half a character", "other scripts"],
)
def test_what_a_person_sees(text: str, shown: str) -> None:
    """Letters stay; what acts on a terminal does not."""
    assert harmless(text) == shown


@given(st.text(st.characters()))
def test_nothing_harmful_is_left(text: str) -> None:
    """Whatever the text, one printable line of valid Unicode comes out, and doing it twice changes nothing."""
    shown = harmless(text)
    assert all(character.isprintable() or character == "\t" for character in shown)
    shown.encode("utf-8")
    assert harmless(shown) == shown


def test_json_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    """Other scripts stay readable in it."""
    print_json({"text": "Zoë"})
    said = capsys.readouterr().out
    assert "Zoë" in said
    assert json.loads(said) == {"text": "Zoë"}

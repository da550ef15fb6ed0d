"""Signed notes, against the specification's own example and every single flipped bit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.ledger.notes import NotSigned, Signer, Verifier

# C2SP signed-note, the example in the specification
EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE_TEXT = "This is an example message.\n"
EXAMPLE_LINE = (
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
SIGNER = Signer.generate("city-of-example/seals")


def test_the_specifications_example() -> None:
    """The example note verifies, and its key is written as the specification writes it."""
    verifier = Verifier.parse(EXAMPLE_KEY)
    assert verifier.text_of(f"{EXAMPLE_TEXT}\n{EXAMPLE_LINE}") == EXAMPLE_TEXT
    assert str(verifier) == EXAMPLE_KEY


def test_lines_of_other_keys_are_passed_over() -> None:
    """A note with two signatures is good for each of the two keys."""
    note = SIGNER.signed(EXAMPLE_TEXT) + EXAMPLE_LINE
    assert Verifier.parse(EXAMPLE_KEY).text_of(note) == EXAMPLE_TEXT
    assert SIGNER.verifier.text_of(note) == EXAMPLE_TEXT


@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")))))
def test_what_is_signed_is_what_is_read(lines: list[str]) -> None:
    """Signing and reading back are inverses, empty lines included; keys survive being written down."""
    text = "".join(f"{line}\n" for line in ["a text", *lines])
    again = Signer.parse(SIGNER.secret())
    assert Verifier.parse(str(SIGNER.verifier)).text_of(again.signed(text)) == text


@given(st.integers(min_value=0), st.integers(min_value=0, max_value=7))
def test_no_flipped_bit_is_taken(place: int, bit: int) -> None:
    """Whatever bit of a note changes, it is refused (or the change was in the unused bits of base64: the same text)."""
    note = bytearray(SIGNER.signed("file a\nsha256 b\n").encode())
    note[place % len(note)] ^= 1 << bit
    try:
        found = SIGNER.verifier.text_of(bytes(note).decode("utf-8", "replace"))
    except NotSigned:
        return
    assert found == "file a\nsha256 b\n"


@pytest.mark.parametrize(
    "text",
    ["", "name", "name+00000000+AA==", EXAMPLE_KEY.replace("530d903a", "530d903b"), EXAMPLE_KEY.replace("foo", "bar")],
    ids=["nothing", "only a name", "too short", "another id", "another name"],
)
def test_what_is_no_key(text: str) -> None:
    """A text that is no key, or whose id belongs to another, is refused."""
    with pytest.raises(ValueError, match="key"):
        Verifier.parse(text)


def test_a_signer_shows_no_secret() -> None:
    """The private key is in no repr."""
    assert SIGNER.secret().split("+")[-1] not in repr(SIGNER)

"""How long a film is, by its own head."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.takeouts.google.films import length_of
from tests.takeouts.google.films import box, film


@given(st.integers(0, 500_000), st.booleans(), st.booleans(), st.sampled_from([1, 600, 1000, 90_000]))
def test_a_film_s_length(seconds: int, wide: bool, late: bool, scale: int) -> None:
    """In either form, wherever its head stands, in any unit of time."""
    if not wide and seconds * scale >= 2**32:
        return
    assert length_of(io.BytesIO(film(seconds, wide=wide, late=late, scale=scale))) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("sentence", "content"),
    [
        ("nothing", b""),
        ("no film", b"RIFF\0\0\0\0WEBP" * 10),
        ("no head", box(b"ftyp", b"isom") + box(b"mdat", bytes(100))),
        ("a head without a length", box(b"moov", box(b"trak", b"x"))),
        ("a cut head", film(60)[:40]),
        ("cut pictures", film(60, late=True)[:500]),
        ("a box without an end", box(b"ftyp", b"isom") + b"\0\0\0\0mdat" + bytes(100)),
        ("a box smaller than its own head", b"\0\0\0\x02mdat" + bytes(100)),
        ("a unit of nothing", film(60, scale=1).replace((1).to_bytes(4) + (60).to_bytes(4), bytes(8))),
        ("an absurd length", film(2**31, scale=1)),
    ],
)
def test_what_has_no_length(sentence: str, content: bytes) -> None:
    """Files of another kind, and broken ones."""
    assert length_of(io.BytesIO(content)) is None, sentence


def test_boxes_of_any_size_are_passed_over() -> None:
    """Those with a long size, too."""
    content = box(b"mdat", bytes(2_500_000), wide=True) + film(60)
    assert length_of(io.BytesIO(content)) == timedelta(minutes=1)


@given(st.binary(max_size=200))
def test_no_bytes_stop_anything(content: bytes) -> None:
    """They have a length or none."""
    found = length_of(io.BytesIO(content))
    assert found is None or found >= timedelta(0)

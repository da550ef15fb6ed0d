"""When signed addresses end, and what lasts of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.platforms.meta.links import ends_at, unsigned

CDN = "https://scontent-iad3-1.cdninstagram.com/v"


@given(st.integers(min_value=1_000_000_000, max_value=16_000_000_000))
def test_an_end_is_read_as_it_was_signed(seconds: int) -> None:
    """``oe`` in either letter case, wherever it stands in the query."""
    for written in (f"{seconds:x}", f"{seconds:X}"):
        end = ends_at(f"{CDN}/a.jpg?oh=00_Af&oe={written}&_nc_sid=1")
        assert end == datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?oe=69300A1C", datetime(2025, 12, 3, 9, 59, 56, tzinfo=UTC)),
        ("?oe=", None),
        ("?oe=xyz", None),
        ("?oe=-1", None),
        ("?oe=7", None),
        ("?oe=FFFFFFFFFFFFFFFF", None),
        ("", None),
    ],
)
def test_when_an_address_ends(query: str, expected: datetime | None) -> None:
    """Unix seconds in hexadecimal; anything else says nothing."""
    assert ends_at(f"{CDN}/a.jpg{query}") == expected
    assert unsigned(f"{CDN}/a.jpg{query}") == f"{CDN}/a.jpg"


def test_what_is_no_address_has_no_end() -> None:
    """Answers hold strangers' words."""
    assert ends_at("https://[?oe=69300A1C") is None

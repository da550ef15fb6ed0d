"""Addresses that stand in texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.platforms.links import is_address, links_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (None, []),
        ("no address", []),
        ("https://elmbrook.example/leaf.", ["https://elmbrook.example/leaf"]),
        ("(see https://elmbrook.example/a_(b))", ["https://elmbrook.example/a_(b)"]),
        ("\u201chttps://elmbrook.example\u201d", ["https://elmbrook.example"]),
        ("https://a.example https://b.example https://a.example", ["https://a.example", "https://b.example"]),
        ("HTTPS://A.example/\u00e4?x=1&y=2#z!", ["HTTPS://A.example/\u00e4?x=1&y=2#z"]),
        ("http:// https://[ https://", []),
    ],
)
def test_addresses_in_a_text(text: str | None, found: list[str]) -> None:
    """Each once, in order, without the stop or bracket of the sentence around it."""
    assert [link.url for link in links_in(text)] == found


@given(st.text(max_size=200))
def test_no_text_stops_anything(text: str) -> None:
    """What is found stands in the text and is an address."""
    assert all(link.url in text and is_address(link.url) for link in links_in(text))

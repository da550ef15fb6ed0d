"""Bodies and their digests."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.item import Attachment, Body, Link, Poll, PollOption, canonical, clean, digest_of, facets_of


def test_absent_is_not_empty() -> None:
    """What the platform did not return is no member; an empty text, list or poll is one (records rule R3)."""
    assert facets_of(Body()) == {}
    assert facets_of(Body(text="", attachments=(), links=())) == {"text": "", "attachments": [], "links": []}
    assert digest_of(Body()) != digest_of(Body(text=""))


def test_the_digest_can_be_made_by_hand() -> None:
    """SHA-256 over sorted members without spaces, in ASCII: the recipe in the data dictionary."""
    body = Body(
        text="Schnee – ❄",
        visibility="public",
        attachments=(Attachment("image", "https://example.org/a.jpg", source="blob:did:x/cid", alt_text="a plough"),),
        links=(Link("https://example.org/1"), Link("https://example.org/2", card=True)),
        poll=Poll((PollOption("yes", votes=7), PollOption("no"))),
        labels=("volatile",),
        lang="de",
    )
    by_hand = (
        '{"attachments":[["image","blob:did:x/cid","a plough"]],"links":["https://example.org/1"],'
        '"poll":["yes","no"],"text":"Schnee \\u2013 \\u2744","visibility":"public"}'
    )
    assert canonical(facets_of(body)) == by_hand
    assert digest_of(body) == hashlib.sha256(by_hand.encode()).hexdigest()


CLEANED = {
    "plain text stays": ("Snow\r\n\t❄ é e\u0301 \u202eRTL", "Snow\r\n\t❄ é e\u0301 \u202eRTL"),
    "NUL": ("a\x00b", "a\ufffdb"),
    "a lone surrogate": ("a\ud83db\udc00", "a\ufffdb\ufffd"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("text", "cleaned"), CLEANED.values(), ids=CLEANED)
def test_only_what_no_row_can_hold_is_replaced(text: str, cleaned: str) -> None:
    """One for one, so that positions in the text stay."""
    assert clean(text) == cleaned


@given(st.text())
def test_a_clean_text_can_be_written(text: str) -> None:
    """In UTF-8, and cleaning it again changes nothing."""
    assert clean(text).encode() == clean(clean(text)).encode()
    assert len(clean(text)) == len(text)

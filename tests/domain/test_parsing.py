"""JSON from outside: what json reads, without halves of surrogate pairs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.parsing import parse_json

HALF = st.text(st.characters(categories=["Cs"]) | st.sampled_from('ab\\"u\U0001f6a7'))
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | HALF,
    lambda inner: st.lists(inner) | st.dictionaries(HALF, inner),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_what_is_read_can_be_written_as_utf_8(value: Any, escaped: bool) -> None:
    """Halves in names, texts and lists become U+FFFD one for one; everything else is as json reads it."""
    content = json.dumps(value, ensure_ascii=escaped)
    found = parse_json(content.encode("utf-8", "surrogatepass"))
    assert found == parse_json(content)
    spelled = json.dumps(found, ensure_ascii=False)
    spelled.encode()
    whole = json.dumps(json.loads(content), ensure_ascii=False)
    if not any("\ud800" <= one <= "\udfff" for one in whole):
        assert found == json.loads(content)


def test_a_pair_stays_an_emoji() -> None:
    """Two escapes that belong together are one character; one alone is replaced."""
    assert parse_json(rb'{"a": "\ud83d\udea7 \ud83d"}') == {"a": "\U0001f6a7 \ufffd"}


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_told(content: bytes) -> None:
    """As json does."""
    with pytest.raises((ValueError, RecursionError)):
        parse_json(content)

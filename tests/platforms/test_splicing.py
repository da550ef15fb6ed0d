"""Other values in places of a text, and every other byte as it was."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.platforms.splicing import NoDocument, spans, with_empty_elements, with_values

LEAVES: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()
)
DOCUMENTS = st.recursive(
    LEAVES, lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)), max_leaves=20
)


def at(document: Any, pointer: str) -> Any:
    """The value at a pointer."""
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        document = document[int(name)] if isinstance(document, list) else document[name]
    return document


@given(DOCUMENTS, st.sampled_from([None, 1]), st.booleans())
def test_each_value_is_found_where_it_stands(document: Any, indent: int | None, ascii_only: bool) -> None:
    """The bytes between a value's ends are that value, whatever the text looks like."""
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only)
    for pointer, (start, end) in spans(text).items():
        assert json.loads(text[start:end]) == at(document, pointer)


@given(st.data(), DOCUMENTS, LEAVES)
def test_one_value_is_exchanged_and_no_other(data: st.DataObject, document: Any, value: Any) -> None:
    """What comes before and after it is the same, byte for byte."""
    text = json.dumps(document, indent=1)
    places = spans(text)
    pointer = data.draw(st.sampled_from(sorted(places)))
    start, end = places[pointer]
    new = with_values(text.encode(), {pointer: value}).decode()
    assert new == text[:start] + json.dumps(value) + text[end:]
    assert at(json.loads(new), pointer) == value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be"])
def test_the_encoding_stays(encoding: str) -> None:
    """JSON comes in UTF-8 nearly always, and may come otherwise."""
    body = '{"a": ["ä", "ö"]}'.encode(encoding)
    assert with_values(body, {"/a/1": None}).decode(encoding) == '{"a": ["ä", null]}'


FEED = b"""<?xml version="1.0" encoding="iso-8859-1"?>
<rss xmlns:dc="urn:x"><channel><title>\xe4</title>
<item about="a>b"><title>one</title></item ><item/><dc:item>three</dc:item><item><title>\xf6</title></item></channel></rss>"""


def test_elements_are_emptied_where_they_stand() -> None:
    """By their place among those of their name, in any namespace; the rest is the same, in its encoding."""
    new = with_empty_elements(b"\n" + FEED, ["//*[local-name()='item'][1]", "//*[local-name()='item'][3]"])
    assert new == b"\n" + FEED.replace(b"<title>one</title></item >", b"</item >").replace(b"three", b"")
    assert len(ET.fromstring(new.strip()).findall(".//{*}item")) == 4


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (FEED, "//*[local-name()='item'][5]"),
        (FEED, "/channel/item"),
        (b"<rss><item>", "//*[local-name()='item'][1]"),
    ],
)
def test_what_is_not_there_is_said(body: bytes, pointer: str) -> None:
    """Nothing is cut at a guess."""
    with pytest.raises(NoDocument):
        with_empty_elements(body, [pointer])

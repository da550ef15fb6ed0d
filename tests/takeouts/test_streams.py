"""JSON and tables are read piece by piece, whatever stands around them and wherever the pieces end."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.takeouts import streams
from archiver.takeouts.streams import Unreadable, assignment, elements, members, rows

DOCUMENTS: dict[str, tuple[bytes, tuple[str, ...], bool, list[tuple[str, Any]]]] = {
    "a list": (b'[1, {"a": 2}]', (), False, [("/0", 1), ("/1", {"a": 2})]),
    "an empty list": (b"[]", (), False, []),
    "a list behind a byte order mark": (b"\xef\xbb\xbf[7]", (), False, [("/0", 7)]),
    "a list without a line end, in spaces": (b" \n[ 7 ]  ", (), False, [("/0", 7)]),
    "a list in a member": (b'{"x": {"y": []}, "ig_stories": [3]}', ("ig_stories",), False, [("/ig_stories/0", 3)]),
    "a member whose name needs escapes": (b'{"a/b": [3]}', ("a/b",), False, [("/a~1b/0", 3)]),
    "an object without that member": (b'{"x": [1, 2]}', ("y",), False, []),
    "a list though a member is asked for": (b"[5]", ("y",), False, [("/0", 5)]),
    "one object in place of a list": (b'{"x": 1}', (), False, [("", {"x": 1})]),
    "one object in place of a list in a member": (b'{"x": {"z": 1}}', ("x",), False, [("/x", {"z": 1})]),
    "an assignment": (b'window.YTD.tweets.part0 = [{"tweet": 1}]', (), True, [("/0", {"tweet": 1})]),
    "an empty assignment": (b"window.YTD.tweets.part0 = [ ]\n", (), True, []),
}


@pytest.mark.parametrize(("text", "names", "assigned", "found"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_elements(text: bytes, names: tuple[str, ...], assigned: bool, found: list[tuple[str, Any]]) -> None:
    """The elements of the list are found with their JSON pointers."""
    assert list(elements(io.BytesIO(text), *names, assigned=assigned)) == found


BROKEN = {
    "nothing at all": b"",
    "a list that ends early": b'[{"a": 1}, {"b": ',
    "a list without its end": b"[1, 2",
    "no comma": b"[1 2]",
    "a comma too many": b"[1,]",
    "HTML": b"<html>",
    "depth without end": b"[" + b"[" * 100_000,
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_broken_json(text: bytes) -> None:
    """What is no JSON is said in words, after the elements that could be read."""
    with pytest.raises(Unreadable):
        list(elements(io.BytesIO(text)))


def test_elements_before_the_break_are_given() -> None:
    """Where a file was cut, what stands before the cut is read."""
    read = elements(io.BytesIO(b'[{"a": 1}, {"b": '))
    assert next(read) == ("/0", {"a": 1})
    with pytest.raises(Unreadable):
        next(read)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.lists(_JSON), st.integers(min_value=1, max_value=7), st.booleans())
def test_pieces_may_end_anywhere(values: list[Any], size: int, plain: bool) -> None:
    """However few bytes come at a time, in the middle of a character too, the same values are read."""

    class Dripping(io.BytesIO):
        def read(self, _count: int | None = -1) -> bytes:
            return super().read(size)

    text = json.dumps(values, ensure_ascii=plain).encode("utf-8", "surrogatepass")
    expected = json.loads(text.decode("utf-8", "replace"))
    assert [value for _pointer, value in elements(Dripping(text))] == expected


def test_a_long_list_is_not_held() -> None:
    """Of a list of megabytes only what is being read is in memory."""
    read = 0

    class Counted(io.BytesIO):
        def read(self, count: int | None = -1) -> bytes:
            nonlocal read
            data = super().read(count)
            read += len(data)
            return data

    text = json.dumps([{"text": "x" * 1000}] * 5000).encode()
    assert next(elements(Counted(text)))[0] == "/0"
    assert read < len(text) // 10


def test_members() -> None:
    """A file is recognized by the members of its object, which need not be read to their ends."""
    found = members(io.BytesIO(b'{"participants": [1, [2]], "messages": [{}], "title": "x"}'))
    assert list(found) == [("participants", "["), ("messages", "["), ("title", '"')]


def test_assignments() -> None:
    """A script is recognized by what it assigns to; a list without a name has none."""
    assert assignment(io.BytesIO(b"\xef\xbb\xbfwindow.YTD.tweet.part0 = [ ]")) == "window.YTD.tweet.part0"
    assert assignment(io.BytesIO(b"[]")) is None


def test_rows() -> None:
    """A table's rows come with the lines they end in; empty lines are none, a line break may stand inside a cell."""
    table = b'\xef\xbb\xbfId,Text\r\n1,"a\r\nb"\r\n\r\n,\r\n2,c\r\n'
    assert list(rows(io.BytesIO(table))) == [(1, ["Id", "Text"]), (3, ["1", "a\r\nb"]), (6, ["2", "c"])]


def test_documents() -> None:
    """A small file is read as a whole."""
    assert streams.document(io.BytesIO(b'\xef\xbb\xbf{"a": [1]}')) == {"a": [1]}

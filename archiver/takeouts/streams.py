"""JSON and text of any size, read piece by piece out of a stream of bytes.

Only one element of a list is in memory at a time, so a file may have hundreds of megabytes.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

_PIECE_BYTES = 64 * 1024
ELEMENT_LIMIT_CHARS = 64 * 1024 * 1024
"""No post, comment or conversation is larger: what is, is no list of such things."""
_SPACE = " \t\r\n"
_decode = json.JSONDecoder().raw_decode


class Unreadable(ValueError):
    """The rest of a file is not the JSON, or the table, that it should be."""


def elements(stream: BinaryIO, *members: str, assigned: bool = False) -> Iterator[tuple[str, Any]]:
    """The elements of a JSON list, each with its JSON pointer.

    The list is the whole document, or the value of one of ``members`` of the top-level object: the first that is there;
    an object without any of them gives nothing. ``assigned``: something and ``=`` stand before it, as in
    ``window.YTD.tweets.part0 = [``. What should be a list and is none is given as the only element.

    Raises Unreadable where the text stops being JSON; all elements before were given.
    """
    text = _Text(stream)
    if assigned:
        text.skip_past("=")
    pointer = ""
    if members and text.peek() == "{":
        found = text.find_member(frozenset(members))
        if found is None:
            return
        pointer = f"/{found.replace('~', '~0').replace('/', '~1')}"
    if text.peek() != "[":
        yield pointer, text.value()
        return
    yield from ((f"{pointer}/{place}", element) for place, element in enumerate(text.list()))


def document(stream: BinaryIO) -> Any:
    """A small file's JSON as a whole. Raises Unreadable where it is none."""
    return _Text(stream).value()


def members(stream: BinaryIO) -> Iterator[tuple[str, str]]:
    """The names of the top-level object's members, each with the first character of its value.

    What it takes to recognize a file by its content; raises Unreadable where it is no JSON object.
    """
    text = _Text(stream)
    text.expect("{")
    while text.peek() != "}":
        name = text.name()
        yield name, text.peek()
        text.skip()
        if text.peek() == ",":
            text.expect(",")


def assignment(stream: BinaryIO, limit: int = 1000) -> str | None:
    """What stands before the first ``=`` of a file, stripped: ``window.YTD.tweets.part0``. None: it has none."""
    head = stream.read(limit).decode("utf-8-sig", "replace")
    name, sign, _rest = head.partition("=")
    return name.strip() if sign else None


def rows(stream: BinaryIO) -> Iterator[tuple[int, Sequence[str]]]:
    """The rows of a CSV file (RFC 4180) with the line (from 1) in which each ends; the header is the first of them.

    Empty rows are left out. Raises Unreadable where it is no such table.
    """
    with io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="") as text:
        reader = csv.reader(text)
        try:
            for row in reader:
                if any(row):
                    yield reader.line_num, row
        except csv.Error as error:
            raise Unreadable(f"line {reader.line_num}: {error}") from error


class _Text:
    """The text of a stream with a window over what is being read. A byte order mark is passed over."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._window = ""
        self._at = 0
        self._ended = False

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            while self._at < len(self._window):
                if self._window[self._at] not in _SPACE:
                    return self._window[self._at]
                self._at += 1
            if not self._more():
                return ""

    def expect(self, character: str) -> None:
        """Pass over a character that must be next."""
        found = self.peek()
        if found != character:
            raise Unreadable(f"{character!r} was expected and {found!r} found" if found else "the file ends too early")
        self._at += 1

    def skip_past(self, character: str) -> None:
        """Pass over all up to a character and over it; raises Unreadable where it does not occur."""
        while (place := self._window.find(character, self._at)) < 0:
            self._at = len(self._window)
            if not self._more():
                raise Unreadable(f"there is no {character!r} in it")
        self._at = place + 1

    def name(self) -> str:
        """The name of a member and the colon behind it."""
        name = self.value()
        if not isinstance(name, str):
            raise Unreadable("a name was expected")
        self.expect(":")
        return name

    def find_member(self, wanted: frozenset[str]) -> str | None:
        """Go to the value of the first member with one of these names; None: there is none."""
        self.expect("{")
        while self.peek() != "}":
            name = self.name()
            if name in wanted:
                return name
            self.skip()
            if self.peek() == ",":
                self.expect(",")
        return None

    def list(self) -> Iterator[Any]:
        """The elements of the list that begins here."""
        self.expect("[")
        if self.peek() == "]":
            self._at += 1
            return
        while True:
            yield self.value()
            if self.peek() != ",":
                self.expect("]")
                return
            self._at += 1

    def skip(self) -> None:
        """Pass over the value that begins here; of a list one element at a time."""
        if self.peek() != "[":
            self.value()
            return
        for _element in self.list():
            pass

    def value(self) -> Any:
        """The JSON value that begins here. Numbers at the end of the window may go on, so more is read first."""
        if not self.peek():
            raise Unreadable("the file ends too early")
        wanted = 0
        while True:
            try:
                value, end = _decode(self._window, self._at)
            except (ValueError, RecursionError) as error:
                if isinstance(error, RecursionError) or len(self._window) - self._at > ELEMENT_LIMIT_CHARS:
                    raise Unreadable("it is nested too deep, or too large") from error
                problem = str(error)
            else:
                if end < len(self._window) or self._ended:
                    self._at = end
                    return value
                problem = ""
            # twice as much each time: what is long is decoded a few times only
            wanted = max(2 * wanted, _PIECE_BYTES)
            if not self._more(wanted):
                if not problem:
                    continue
                raise Unreadable(f"it is no JSON: {problem}")

    def _more(self, count: int = _PIECE_BYTES) -> bool:
        """Read on; what was passed over is forgotten. False at the end."""
        if self._ended:
            return False
        data = self._stream.read(count)
        self._ended = not data
        self._window = self._window[self._at :] + self._decoder.decode(data, final=self._ended)
        self._at = 0
        return not self._ended

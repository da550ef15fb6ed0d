"""Putting other values in places of a JSON or XML text, and leaving every other byte of it as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET
from xml.parsers import expat

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)


class NoDocument(ValueError):
    """The bytes are not what they should be."""


@dataclass(slots=True)
class _Open:
    """A container whose end has not come yet."""

    pointer: str
    start: int
    is_list: bool
    count: int = 0
    name: str | None = None

    def next_pointer(self) -> str:
        """The pointer of its next value."""
        return f"{self.pointer}/{self.count if self.is_list else escaped(self.name or '')}"


def escaped(name: str) -> str:
    """A member's name as a token of a pointer (RFC 6901, section 3)."""
    return name.replace("~", "~0").replace("/", "~1") if "/" in name or "~" in name else name


def spans(text: str) -> dict[str, tuple[int, int]]:
    """Where each value of a JSON document stands, by its pointer; of a member that is repeated the last one.

    The text has been read by a parser before.
    """
    found: dict[str, tuple[int, int]] = {}
    around: list[_Open] = []
    for token in _TOKEN.finditer(text):
        word = token.group()
        top = around[-1] if around else None
        if word in {"]", "}"}:
            done = around.pop()
            found[done.pointer] = (done.start, token.end())
        elif word == ",":
            if top is not None:
                top.count, top.name = top.count + 1, None
        elif word == ":":
            continue
        elif word in {"[", "{"}:
            around.append(_Open(top.next_pointer() if top else "", token.start(), word == "["))
        elif top is not None and not top.is_list and top.name is None:
            top.name = word[1:-1] if "\\" not in word else json.loads(word, strict=False)
        else:
            found[top.next_pointer() if top else ""] = token.span()
    return found


def decoded(body: bytes) -> tuple[str, str]:
    """A JSON body as text, and its encoding. Raises NoDocument."""
    encoding = json.detect_encoding(body)
    try:
        return body.decode(encoding, "surrogatepass"), encoding
    except UnicodeDecodeError as error:
        raise NoDocument(str(error)) from error


def with_values(body: bytes, values: Mapping[str, Any]) -> bytes:
    """A JSON body with other values at these pointers, none of which lies inside another."""
    text, encoding = decoded(body)
    places = spans(text)
    pieces, done = [], 0
    for (start, end), value in sorted((places[pointer], value) for pointer, value in values.items()):
        pieces += [text[done:start], json.dumps(value)]
        done = end
    return "".join([*pieces, text[done:]]).encode(encoding, "surrogatepass")


def with_empty_elements(body: bytes, pointers: Collection[str]) -> bytes:
    """An XML body in which the elements at these pointers (``//*[local-name()='item'][3]``) have nothing inside.

    Raises NoDocument.
    """
    wanted = {_place(pointer) for pointer in pointers}
    finder = _Elements(wanted)
    blank, body = _begun(body)
    try:
        finder.parse(body)
    except expat.ExpatError as error:
        raise NoDocument(str(error)) from error
    if finder.missing:
        raise NoDocument("an element is not where it was seen")
    pieces, done = [blank], 0
    for start, end in sorted(finder.inside):
        if start >= done:
            pieces += [body[done:start]]
            done = end
    return b"".join([*pieces, body[done:]])


def elements_with(body: bytes, names: Collection[str], texts: Collection[str]) -> set[str]:
    """The pointers of elements of these names that have one of these texts as all of a child's. Raises NoDocument."""
    try:
        root = ET.fromstring(_begun(body)[1])  # noqa: S314 - expat heeds no external entities, and limits internal ones
    except (ET.ParseError, ValueError, LookupError) as error:
        raise NoDocument(str(error)) from error
    found: set[str] = set()
    for name in names:
        for number, element in enumerate(root.iterfind(f".//{{*}}{name}"), 1):
            if any((child.text or "").strip() in texts for child in element):
                found.add(f"//*[local-name()='{name}'][{number}]")
    return found


def _begun(body: bytes) -> tuple[bytes, bytes]:
    """Blank lines before a document, which some servers send, and the document."""
    document = body.lstrip(b" \t\r\n")
    return body[: len(body) - len(document)], document


def _place(pointer: str) -> tuple[str, int]:
    found = re.fullmatch(r"//\*\[local-name\(\)='(\w+)'\]\[(\d+)\]", pointer)
    if found is None:
        raise NoDocument(f"{pointer} names no element")
    return found[1], int(found[2])


class _Elements:
    """Finds where the inside of elements begins and ends, in bytes."""

    def __init__(self, wanted: set[tuple[str, int]]) -> None:
        self.missing = set(wanted)
        self.inside: list[tuple[int, int]] = []
        self._counts: dict[str, int] = {}
        self._open: list[tuple[bool, int | None]] = []
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._body = b""

    def parse(self, body: bytes) -> None:
        self._body = body
        self._parser.Parse(body, True)  # noqa: FBT003 - all of it

    def _start(self, tag: str, _attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        self._counts[name] = self._counts.get(name, 0) + 1
        place = (name, self._counts[name])
        wanted = place in self.missing
        self.missing.discard(place)
        self._open.append((wanted, self._tag_end() if wanted else None))

    def _end(self, _tag: str) -> None:
        wanted, start = self._open.pop()
        end = self._parser.CurrentByteIndex
        if wanted and start is not None and end >= start:
            self.inside.append((start, end))

    def _tag_end(self) -> int:
        """Where the start tag ends that the parser is at; a ``>`` may stand inside of an attribute."""
        quote, at = b"", self._parser.CurrentByteIndex
        while True:
            sign = self._body[at : at + 1]
            at += 1
            if sign == quote:
                quote = b""
            elif not quote and sign in {b'"', b"'"}:
                quote = sign
            elif (sign == b">" and not quote) or not sign:
                return at

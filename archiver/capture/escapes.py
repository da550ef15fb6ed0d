"""Bytes with one layer of escapes removed, and the way back to where they stood."""

from __future__ import annotations

import html.entities
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

_JSON = (
    rb"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\"\\/]))"
)
_URL = rb"%([0-9a-fA-F]{2})"
_HTML = rb"&(?:#([0-9]{1,10});?|#[xX]([0-9a-fA-F]{1,9});?|([a-zA-Z][a-zA-Z0-9]{1,31};))"
_ANY = re.compile(b"|".join((_JSON, _URL, _HTML)))

# The same for characters of ASCII alone: in a language with other letters, JSON may consist of escapes.
_JSON_ASCII = rb"\\(?:()()u(00[0-7][0-9a-fA-F])|x([0-7][0-9a-fA-F])|([\"\\/]))"
_URL_ASCII = rb"%([0-7][0-9a-fA-F])"
_HTML_ASCII = (
    rb"&(?:#(0{0,7}(?:12[0-7]|1[01][0-9]|[0-9]{1,2}))(?![0-9]);?"
    rb"|#[xX](0{0,7}[0-7]?[0-9a-fA-F])(?![0-9a-fA-F]);?|([a-zA-Z][a-zA-Z0-9]{1,31};))"
)
_ASCII = re.compile(b"|".join((_JSON_ASCII, _URL_ASCII, _HTML_ASCII)))

_NAMED = {name.encode(): text.encode() for name, text in html.entities.html5.items() if name.endswith(";")}


@dataclass(frozen=True, slots=True)
class Unescaped:
    """``data`` is another's bytes without one layer of escapes; the lists say where each escape was and is."""

    data: bytes
    _starts: list[int]
    _ends: list[int]
    _from: list[int]
    _to: list[int]

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Where a span stood before; an escape that it touches belongs to it as a whole."""
        return self._back(start, ending=False), self._back(end, ending=True)

    def _back(self, place: int, *, ending: bool) -> int:
        index = bisect_right(self._starts, place - ending) - 1
        if index < 0:
            return place
        if place < self._ends[index]:
            return self._to[index] if ending else self._from[index]
        return self._to[index] + place - self._ends[index]


def unescaped(data: bytes | bytearray, *, ascii_only: bool) -> Unescaped | None:
    """One layer of escapes removed: JSON's and JavaScript's, those of URLs and of HTML. None when there are none."""
    pieces: list[bytes] = []
    starts: list[int] = []
    ends: list[int] = []
    befores: list[int] = []
    afters: list[int] = []
    at = length = 0
    for start, end, text in _escapes(data, _ASCII if ascii_only else _ANY):
        pieces += (bytes(data[at:start]), text)
        length += start - at
        starts.append(length)
        length += len(text)
        ends.append(length)
        befores.append(start)
        afters.append(end)
        at = end
    if not starts:
        return None
    pieces.append(bytes(data[at:]))
    return Unescaped(b"".join(pieces), starts, ends, befores, afters)


def _escapes(data: bytes | bytearray, pattern: re.Pattern[bytes]) -> Iterator[tuple[int, int, bytes]]:
    for match in pattern.finditer(data):
        text = _text(match)
        if text is not None:
            yield match.start(), match.end(), text


def _text(match: re.Match[bytes]) -> bytes | None:
    """What an escape stands for; None for one that stands for nothing."""
    high, low, unit, byte, itself, percent, number, hexadecimal, name = match.groups()
    if percent:
        return bytes.fromhex(percent.decode())
    if itself:
        return bytes(itself)
    if unit or byte:
        return _character(int(unit or byte, 16))
    if name:
        return _NAMED.get(name)
    if high:
        return (bytes.fromhex(high.decode()) + bytes.fromhex(low.decode())).decode("utf-16-be").encode()
    return _character(int(number) if number else int(hexadecimal, 16))


def _character(code: int) -> bytes | None:
    return chr(code).encode("utf-8", "surrogatepass") if code < 0x110000 else None

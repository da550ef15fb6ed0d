r"""Finding a secret's value in bytes, however it is spelled there, and writing a marker of the same length over it.

A server that repeats a token may repeat it escaped for JSON (``\u0061``), for a URL (``%61``), for HTML (``&#97;``),
in Base64 (where three alignments give three spellings), as hexadecimal digits or in UTF-16: the list of records
rule R19. Single characters may be escaped while others are not, so each secret becomes a pattern with all spellings
of each character.
"""

from __future__ import annotations

import base64
import html.entities
import re
from collections.abc import Iterable, Iterator

SHORTEST_SECRET = 8
"""A shorter value would be found by chance in honest text, which must stay as it is; we still never write it."""

_FILL = b"REMOVED"
_NAMES: dict[str, list[str]] = {}
for _name, _char in html.entities.html5.items():
    if len(_char) == 1 and _name.endswith(";"):
        _NAMES.setdefault(_char, []).append(_name)


def fill(length: int) -> bytes:
    """A marker of that many bytes; only letters, so that JSON, URLs, HTML and Base64 stay what they were."""
    return (_FILL * (length // len(_FILL) + 1))[:length]


class Masker:
    """Knows some secrets, finds and masks them. ``reach`` is how many bytes the longest spelling of one can take."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self.secrets = frozenset(secrets)
        words = sorted((one for one in self.secrets if len(one) >= SHORTEST_SECRET), key=len, reverse=True)
        self._literals: tuple[bytes, ...] = tuple(
            dict.fromkeys(form for word in words for form in _literal_forms(word))
        )
        spelled = list(dict.fromkeys(form for word in words for form in (word, *_base64_forms(word))))
        self._loose = _either(_spelling(word) for word in spelled)
        self._escapes = _either(_escaped(char) for char in sorted({char for word in spelled for char in word}))
        self.reach = max((max(_longest(char) for char in word) * len(word) for word in spelled), default=0)

    def __bool__(self) -> bool:
        return bool(self._literals)

    def find(self, data: bytes | bytearray) -> list[tuple[int, int]]:
        """Where secrets stand in the bytes: (start, end), in order, none overlapping another."""
        found = [span for literal in self._literals for span in _all(data, literal)]
        if self._loose is not None:
            found += [
                match.span() for start, end in self._windows(data) for match in self._loose.finditer(data, start, end)
            ]
        return _joined(found)

    def mask(self, data: bytearray) -> int:
        """Write the marker over each secret; how many there were."""
        found = self.find(data)
        for start, end in found:
            data[start:end] = fill(end - start)
        return len(found)

    def masked(self, text: str) -> str:
        """A text for a person, such as an error's, without secrets."""
        data = bytearray(text.encode("utf-8", "surrogateescape"))
        return data.decode("utf-8", "surrogateescape") if self.mask(data) else text

    def _windows(self, data: bytes | bytearray) -> Iterator[tuple[int, int]]:
        """Where a mixed spelling can be: around escapes of characters that the secrets have. Mostly there are none."""
        if self._escapes is None:
            return
        start = end = -1
        for match in self._escapes.finditer(data):
            if match.start() - self.reach > end:
                if end >= 0:
                    yield start, end
                start = max(0, match.start() - self.reach)
            end = min(len(data), match.end() + self.reach)
        if end >= 0:
            yield start, end


def _all(data: bytes | bytearray, literal: bytes) -> Iterator[tuple[int, int]]:
    at = data.find(literal)
    while at >= 0:
        yield at, at + len(literal)
        at = data.find(literal, at + len(literal))


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Overlapping spans as one; those that only touch stay apart."""
    result: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if result and start < result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def _literal_forms(word: str) -> Iterator[bytes]:
    raw = word.encode()
    yield raw
    yield from (form.encode() for form in _base64_forms(word))
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    yield word.encode("utf-16-le")
    yield word.encode("utf-16-be")
    if word.isascii():
        return
    try:
        yield word.encode("latin-1")
    except UnicodeEncodeError:
        return


def _base64_forms(word: str) -> list[str]:
    """The characters of Base64 (both alphabets) that depend on the word alone, at each of the three alignments."""
    raw = word.encode()
    forms: dict[str, None] = {}
    for before in range(3):
        first, last = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            forms[encode(bytes(before) + raw).decode()[first:last]] = None
    return list(forms)


def _either(patterns: Iterable[bytes]) -> re.Pattern[bytes] | None:
    alternatives = list(patterns)
    return re.compile(b"|".join(alternatives)) if alternatives else None


def _spelling(word: str) -> bytes:
    return b"".join(b"(?:" + re.escape(char.encode()) + b"|" + _escaped(char) + b")" for char in word)


def _escaped(char: str) -> bytes:
    """All spellings of a character but the plain one, as a pattern; escapes of escapes included."""
    code = ord(char)
    units = char.encode("utf-16-be")
    escapes = [
        b"".join(rb"\\{1,8}[uU]" + _hex(units[at : at + 2].hex()) for at in range(0, len(units), 2)),
        b"".join(
            b"(?:" + re.escape(bytes([one])) + b"|%(?:25){0,3}" + _hex(f"{one:02x}") + b")" for one in char.encode()
        )
        if not char.isascii()
        else b"%(?:25){0,3}" + _hex(f"{code:02x}"),
        b"&(?:amp;){0,3}#(?:0{0,6}" + str(code).encode() + b"|[xX]0{0,6}" + _hex(f"{code:x}") + b");?",
    ]
    if char in _NAMES:
        escapes.append(b"&(?:amp;){0,3}(?:" + b"|".join(re.escape(name.encode()) for name in _NAMES[char]) + b")")
    if code < 0x100:
        escapes.append(rb"\\{1,8}x" + _hex(f"{code:02x}"))
    if char in '/"\\':
        escapes.append(rb"\\{1,8}" + re.escape(char.encode()))
    if char == " ":
        escapes.append(rb"\+")
    return b"(?:" + b"|".join(escapes) + b")"


def _hex(digits: str) -> bytes:
    """Hexadecimal digits in either case."""
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits).encode()


def _longest(char: str) -> int:
    """How many bytes the longest spelling of a character can take."""
    name = max((len(name) for name in _NAMES.get(char, ())), default=0)
    return max(32, 17 + name, len(char.encode()) * 9)

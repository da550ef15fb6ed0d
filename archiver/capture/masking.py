r"""Finding a secret's value in bytes, however it is spelled there, and writing a marker of the same length over it.

A server that repeats a token may repeat it escaped for JSON (``\u0061``), for a URL (``%61``) or for HTML (``&#97;``),
one in another, in Base64 (where three alignments give three spellings), as hexadecimal digits or in UTF-16: the list
of records rule R19. So the spellings that change all characters are looked for as they are, in the bytes as they came
and again after each layer of escapes that can be removed.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator

from archiver.capture.escapes import Unescaped, unescaped

SHORTEST_SECRET = 8
"""A shorter value would be found by chance in honest text, which must stay as it is; we still never write it."""

_LAYERS = 4  # of escapes, such as those of a URL in HTML in JSON
_LONGEST_ESCAPE = 24  # bytes that a character can take in that many layers
_AT_ONCE_BYTES = 256 * 1024  # an attack of nothing but escapes takes a hundred times its size in memory
_FILL = b"REMOVED"


def fill(length: int) -> bytes:
    """A marker of that many bytes; only letters, so that JSON, URLs, HTML and Base64 stay what they were."""
    return (_FILL * (length // len(_FILL) + 1))[:length]


class Masker:
    """Knows some secrets, finds and masks them. ``reach`` is how many bytes the longest spelling of one can take."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self.secrets = frozenset(secrets)
        words = sorted((one for one in self.secrets if len(one) >= SHORTEST_SECRET), key=len, reverse=True)
        self._ascii_only = all(word.isascii() for word in words)
        self._forms = tuple(dict.fromkeys(form for word in words for form in _forms(word)))
        self.reach = max((len(form) for form in self._forms), default=0) * _LONGEST_ESCAPE

    def __bool__(self) -> bool:
        return bool(self._forms)

    def find(self, data: bytes | bytearray) -> list[tuple[int, int]]:
        """Where secrets stand in the bytes: (start, end), in order, none overlapping another."""
        if not self._forms:
            return []
        found = list(self._plain(data))
        layers: list[Unescaped] = []
        while len(layers) < _LAYERS:
            layer = unescaped(layers[-1].data if layers else data, ascii_only=self._ascii_only)
            if layer is None:
                break
            layers.append(layer)
            for start, end in self._plain(layer.data):
                for below in reversed(layers):
                    start, end = below.back(start, end)  # noqa: PLW2901 - down through the layers
                found.append((start, end))
        return _joined(found)

    def mask(self, data: bytearray) -> int:
        """Write the marker over each secret; how many there were. Large data are gone through in parts."""
        count = 0
        for part in range(0, len(data) if self._forms else 0, _AT_ONCE_BYTES):
            for start, end in self.find(data[part : part + _AT_ONCE_BYTES + self.reach]):
                data[part + start : part + end] = fill(end - start)
                count += 1
        return count

    def masked(self, text: str) -> str:
        """A text for a person, such as an error's, without secrets."""
        data = bytearray(text.encode("utf-8", "surrogatepass"))
        return data.decode("utf-8", "surrogatepass") if self.mask(data) else text

    def _plain(self, data: bytes | bytearray) -> Iterator[tuple[int, int]]:
        for form in self._forms:
            at = data.find(form)
            while at >= 0:
                yield at, at + len(form)
                at = data.find(form, at + len(form))


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Overlapping spans as one; those that only touch stay apart."""
    result: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if result and start < result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def _forms(word: str) -> Iterator[bytes]:
    """The spellings in which no character of the secret stands for itself alone, and the plain one."""
    raw = word.encode()
    yield raw
    yield from _base64_forms(raw)
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    yield word.encode("utf-16-le")
    yield word.encode("utf-16-be")
    yield raw.replace(b" ", b"+")  # a form's body
    if not word.isascii():
        yield word.encode("latin-1", "ignore")


def _base64_forms(raw: bytes) -> Iterator[bytes]:
    """The characters of Base64 (both alphabets) that depend on the secret alone, at each of the three alignments."""
    for before in range(3):
        first, last = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(bytes(before) + raw)[first:last]

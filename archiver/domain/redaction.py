"""Taking words out of texts: nothing of them stays, in whatever spelling a platform or a link writes them (R19).

What is taken out is replaced by a mark that names the law. The words are found whatever their case and spaces; a value
that has them in a code of its own (percent-encoded, HTML entities, JSON escapes, base64) is replaced as a whole.
"""

from __future__ import annotations

import base64
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, unquote_plus

_FIRST = 0x10F000
"""Places that nobody uses stand for marks while texts are worked on, so that no mark is worked on itself."""
_LAST = 0x10FFFD
_RESERVED = re.compile(f"[{chr(_FIRST)}-{chr(_LAST)}]")
_DECODED = re.compile(r"[%&+\\]")
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_BASE64 = re.compile(r"[0-9A-Za-z+/_-]{12,}")
_IGNORED = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_LONG = 6
"""So many characters are taken out inside of longer words, too; fewer only as a word of their own."""
_LETTER = "[0-9A-Z_a-z\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff]"
"""Of scripts that part words by spaces; where they don't, a short word is found anywhere."""
_ROUNDS = 3


def withheld(citation: str) -> str:
    """What stands in the place of words that were taken out."""
    return f"[withheld: {citation}]"


@dataclass(frozen=True, slots=True)
class Piece:
    """A place in one text that is taken out, by which law: from and to which character."""

    start: int
    end: int
    citation: str


class Redactor:
    """Takes these words, each with the law that closes them, out of values. Without words it changes nothing."""

    def __init__(self, words: Iterable[tuple[str, str]]) -> None:
        law: dict[str, str] = {}
        spelled: set[str] = set()
        self.words: list[tuple[str, str]] = list(words)
        for one, citation in self.words:
            plain = " ".join(one.split())
            if plain:
                law.setdefault(_folded(plain), citation)
                spelled |= {plain, _folded(plain)}  # some letters have no other case that leads back
        self._law: Mapping[str, str] = law
        self._citations = sorted(set(law.values()))
        longest_first = sorted(spelled, key=lambda one: (-len(one), one))
        self._pattern = re.compile("|".join(map(_pattern, longest_first)), re.IGNORECASE) if law else None

    def __bool__(self) -> bool:
        return self._pattern is not None

    def text(self, value: str, pieces: Sequence[Piece] = ()) -> str:
        """A text without the pieces, and without the words wherever else they stand in it."""
        if not pieces and (self._pattern is None or not self._touches(value)):
            return value
        citations = [*self._citations, *sorted({one.citation for one in pieces} - set(self._citations))]
        place = {citation: chr(_FIRST + number) for number, citation in enumerate(citations)}
        cut = _RESERVED.sub("\ufffd", value)
        for one in sorted(_joined(pieces), key=lambda piece: piece.start, reverse=True):
            cut = cut[: one.start] + place[one.citation] + cut[one.end :]
        for citation in citations if "[" in cut else ():  # marks that were put in before stay whole
            cut = cut.replace(withheld(citation), place[citation])
        if self._pattern is not None:
            cut = self._pattern.sub(lambda hit: place[self._citation(hit.group())], cut)
            hidden = self._hidden(cut)
            if hidden is not None:
                return withheld(hidden)
        if cut == value:
            return value
        back = {sign: withheld(citation) for citation, sign in place.items()}
        return _RESERVED.sub(lambda hit: back.get(hit.group(), "\ufffd"), cut)

    def value(self, value: Any) -> Any:
        """Any value of a row: texts, and those in lists and tables of texts, are cleaned."""
        if isinstance(value, str):
            return type(value)(self.text(value)) if self._pattern is not None else value
        if isinstance(value, list | tuple):
            return [self.value(one) for one in value]
        if isinstance(value, dict):
            return {self.value(name): self.value(one) for name, one in value.items()}
        return value

    def has(self, value: str) -> bool:
        """Whether any of the words is in a value, in any of the ways in which they are found."""
        return self.text(value) != value

    def _touches(self, value: str) -> bool:
        return self._pattern is not None and (
            self._pattern.search(value) is not None or self._hidden(value) is not None
        )

    def _citation(self, found: str) -> str:
        return self._law.get(_folded(" ".join(found.split())), self._citations[0])

    def _hidden(self, value: str) -> str | None:
        """The law of words that are in a value in a code of its own; None where there are none."""
        if self._pattern is None:
            return None
        if value.isascii() and not _DECODED.search(value) and not _BASE64.search(value):
            return None
        for plain in _readings(value):
            found = self._pattern.search(plain)
            if found is not None:
                return self._citation(found.group())
        return None


def _pattern(words: str) -> str:
    """A pattern for folded words; short ones are found only where they stand alone."""
    inner = r"\s+".join(map(re.escape, words.split(" ")))
    before = f"(?<!{_LETTER})" if len(words) < _LONG and re.match(_LETTER, words) else ""
    after = f"(?!{_LETTER})" if len(words) < _LONG and re.match(_LETTER, words[-1]) else ""
    return before + inner + after


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).lower()


def _readings(value: str) -> Iterator[str]:
    """What a value says once its codes are undone, one in another if need be; each reading once."""
    found = {value: None}
    for undo in (unquote, unquote_plus):
        said = value
        for _ in range(_ROUNDS):
            before, said = said, html.unescape(undo(_JSON_ESCAPE.sub(lambda hit: chr(int(hit[1], 16)), said)))
            if said == before:
                break
            found[said] = None
    for one in list(found):
        found |= dict.fromkeys(_unpacked(one))
    for one in found:
        yield one
        if not one.isascii():
            yield unicodedata.normalize("NFC", one)
            yield _IGNORED.sub("", unicodedata.normalize("NFKC", one))


def _unpacked(value: str) -> list[str]:
    """What the runs of base64 in a value say, wherever what is looked for begins in them."""
    found = []
    for run in _BASE64.findall(value):
        plain = run.replace("-", "+").replace("_", "/")
        for start in range(4):  # a run may begin with letters of what stands before it
            cut = plain[start : start + (len(plain) - start) // 4 * 4]
            found.append(base64.b64decode(cut).decode("utf-8", "replace"))
            found.append(base64.b64decode(cut + plain[start + len(cut) :].ljust(4, "A")[:4]).decode("utf-8", "replace"))
    return found


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces without those that overlap: what touches two of them is one, by the first one's law."""
    found: list[Piece] = []
    for one in sorted(pieces, key=lambda piece: (piece.start, piece.end)):
        if found and one.start < found[-1].end:
            last = found.pop()
            found.append(Piece(last.start, max(last.end, one.end), last.citation))
        else:
            found.append(one)
    return found

"""What a search finds: how text becomes words, the same when indexed and when asked for.

The rules, for whoever has to explain a search (records rule R42):

* Letter case and accents don't count (``Peña`` = ``pena``, ``straße`` = ``strasse``, ``Łódź`` = ``lodz``); forms that
  only look different (full-width, ligatures, decomposed) are one.
* There is no stemming: ``plow`` does not find ``plows``. A ``*`` at the end does: ``plow*``.
* Several words must all occur, in any order. "Quoted words" must stand together. What is joined by punctuation
  (``O'Brien``, ``city.gov``) is such a phrase.
* ``#word`` finds the hashtag only, ``word`` finds both.
* An emoji is a word; its skin tone and its text or picture form don't count.
* Scripts without spaces (Chinese, Japanese, Thai and others) and Korean are indexed by pairs of letters, so that any
  part of a sentence is found, a single letter too.

Other punctuation and symbols can't be searched for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

RULES = "1"
"""The version of these rules, for who compares two runs of a search. Raise it with each change of them."""

INDEX_LIMIT = 200_000
"""Characters of one document that are indexed: PostgreSQL holds a megabyte. No platform allows a text that long."""

TOKEN_LIMIT = 200
"""Characters of one word that count."""

TERM_LIMIT = 200
"""Terms of one query that count."""

FIELD_BREAK = "_"
"""Stands between fields, so that no phrase reaches from one into the next. No text gives this token."""

# Scripts written without spaces, and Korean, whose particles cling to the words.
PAIRED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Myanmar, Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"  # Japanese
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "\uac00-\ud7a3"  # Korean
)
_PIECE = re.compile(f"[{PAIRED}]+|[^ {PAIRED}]+")
_PAIRED_START = re.compile(f"[{PAIRED}]")
_ASCII_SPACES = bytes(code if chr(code).isalnum() else 32 for code in range(128)).ljust(256)
_ASCII_WORD = re.compile("[a-z0-9]+")
_HASHTAG = re.compile(r"#(\w+)")
_CHUNK = re.compile(r'"([^"]*)"|(\S+)')

_LETTERS_WITHOUT_ACCENT = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i", "ħ": "h", "ŧ": "t"}
)
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)


class _Classes(dict[int, str]):
    """A table for str.translate that learns: letters and digits stay, symbols stand alone, the rest parts."""

    def __missing__(self, codepoint: int) -> str:
        char = chr(codepoint)
        category = unicodedata.category(char)
        if category[0] in "LN" or category in {"Mc", "Mn"}:
            known = "" if 0xFE00 <= codepoint <= 0xFE0F or 0xE0100 <= codepoint <= 0xE01EF else char
        elif 0x1F1E6 <= codepoint <= 0x1F1FF:
            known = char  # flags are pairs of these
        elif codepoint == 0x200D or 0x1F3FB <= codepoint <= 0x1F3FF or 0xE0020 <= codepoint <= 0xE007F:
            known = " " if codepoint == 0x200D else ""  # joiner; skin tone; the tags of regional flags
        elif codepoint >= 0x80 and (category == "So" or 0x1F000 <= codepoint <= 0x1FFFF):
            known = f" {char} "
        else:
            known = " "
        self[codepoint] = known
        return known


_CLASSES = _Classes()


@dataclass(frozen=True, slots=True)
class Term:
    """Tokens that must stand together in this order; ``prefix``: the last may be the beginning of a longer one."""

    tokens: tuple[str, ...]
    prefix: bool = False


def fold(text: str) -> str:
    """The text without letter case, accents and compatibility forms."""
    if text.isascii():
        return text.lower()
    loose = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", loose)).translate(_LETTERS_WITHOUT_ACCENT)


def index_text(text: str) -> str:
    """The tokens of a text, parted by single spaces: its words in order, then its hashtags."""
    folded = fold(text[:INDEX_LIMIT])
    if folded.isascii() and len(folded) <= TOKEN_LIMIT:  # most texts, so by the shortest way; no word can be too long
        words = b" ".join(folded.encode().translate(_ASCII_SPACES).split()).decode()
    else:
        words = " ".join(_tokens(folded, whole=True))
    tags = " ".join("#" + tag[:TOKEN_LIMIT] for tag in _HASHTAG.findall(folded)) if "#" in folded else ""
    return f"{words} {tags}" if tags else words


def document(fields: Iterable[str], names: str = "") -> str:
    """The tokens of all fields of a record; ``names`` are tokens already."""
    words = f" {FIELD_BREAK} ".join(filter(None, map(index_text, fields)))[:INDEX_LIMIT]
    return f"{words} {FIELD_BREAK} {names}" if names else words


def query_terms(words: str) -> list[Term]:
    """What a person typed, as terms that must all be found. Any text is a query; punctuation alone has no terms."""
    straight = words.replace("\x00", " ").replace("“", '"').replace("”", '"').replace("„", '"')
    terms: dict[Term, None] = {}
    for quoted, bare in _CHUNK.findall(straight):
        for term in _terms_of(fold(quoted or bare), prefix=bool(bare) and bare.endswith("*")):
            terms[term] = None
    return list(terms)[:TERM_LIMIT]


def _terms_of(folded: str, *, prefix: bool) -> Iterator[Term]:
    tags = _HASHTAG.findall(folded)
    if len(tags) == 1 and folded.startswith("#") and len(tags[0]) + 1 == len(folded.rstrip("*")):
        yield Term(("#" + tags[0][:TOKEN_LIMIT],), prefix)
        return
    for tag in tags:
        yield Term(("#" + tag[:TOKEN_LIMIT],))
    tokens = tuple(_tokens(folded, whole=False))[:TERM_LIMIT]
    if tokens:
        single = len(tokens[-1]) == 1 and _PAIRED_START.match(tokens[-1]) is not None
        yield Term(tokens, prefix or single)


def _tokens(folded: str, *, whole: bool) -> Iterator[str]:
    """The words of a folded text. ``whole`` False: a run of paired letters is left open at its end, for a query."""
    if folded.isascii():
        yield from (word[:TOKEN_LIMIT] for word in _ASCII_WORD.findall(folded))
        return
    pieces = _PIECE.findall(folded.translate(_CLASSES))
    for number, piece in enumerate(pieces, start=1):
        if _PAIRED_START.match(piece):
            closed = whole or number < len(pieces)
            yield from _pairs(piece, closed=closed)
        elif 0x1F1E6 <= ord(piece[0]) <= 0x1F1FF:
            for start in range(0, len(piece), 2):
                yield piece[start : start + 2]
        else:
            yield piece[:TOKEN_LIMIT]


def _pairs(run: str, *, closed: bool) -> Iterator[str]:
    """``ABC`` is AB, BC and, when nothing may follow, C: a single letter is then found as the beginning of a token."""
    for start in range(len(run) - 1):
        yield run[start : start + 2]
    if closed or len(run) == 1:
        yield run[-1]

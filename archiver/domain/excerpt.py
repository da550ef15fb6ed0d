"""A piece of a text around the words that a search found in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archiver.domain.fulltext import PAIRED, Term, fold

WIDTH = 160
"""Characters of an excerpt, about."""

_LETTER = rf"[^\W_{PAIRED}]"  # of a word that ends where letters end
_BEFORE = 50
_LONGEST = 20_000  # characters that are looked at; a match further on is shown by the text's beginning


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of text in one line; ``marks`` are the (start, end) of what was found in it."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()


def excerpt(texts: Iterable[str], terms: Sequence[Term]) -> Excerpt:
    """A piece of the first text in which something was found, else the beginning of the first text."""
    pattern = _pattern(terms)
    beginning = Excerpt("")
    for number, text in enumerate(texts):
        marks = _marks(text[:_LONGEST], pattern) if pattern else []
        if marks:
            return _piece(text, marks)
        if number == 0:
            beginning = _piece(text, [])
    return beginning


def _pattern(terms: Sequence[Term]) -> re.Pattern[str] | None:
    """What any of the terms' tokens looks like in a folded text."""
    tokens: set[str] = set()
    for term in terms:
        for place, token in enumerate(term.tokens, start=1):
            open_end = term.prefix and place == len(term.tokens)
            start = f"(?<!{_LETTER})" if re.match(_LETTER, token) else ""
            end = f"(?!{_LETTER})" if re.match(_LETTER, token[-1]) and not open_end else ""
            tokens.add(start + re.escape(token) + end)
    return re.compile("|".join(sorted(tokens, key=len, reverse=True))) if tokens else None


def _marks(text: str, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
    """Where the pattern occurs in the text without its case and accents, as places in the text itself."""
    folded: list[str] = []
    origin: list[int] = []
    for place, char in enumerate(text):
        for letter in fold(char):
            folded.append(letter)
            origin.append(place)
    plain = "".join(folded)
    found: list[tuple[int, int]] = []
    place = 0
    while (match := pattern.search(plain, place)) is not None:
        start, end = origin[match.start()], origin[match.end() - 1] + 1
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
        place = match.start() + 1  # pairs of letters overlap
    return found


def _piece(text: str, marks: Sequence[tuple[int, int]]) -> Excerpt:
    """About WIDTH characters from a little before the first mark, cut between words where there are some."""
    start = max(0, marks[0][0] - _BEFORE) if marks else 0
    if len(text) - start < WIDTH:
        start = max(0, min(start, len(text) - WIDTH))
    if start:
        space = text.find(" ", start, marks[0][0] if marks else start + _BEFORE)
        start = space + 1 if space >= 0 else start
    end = min(len(text), start + WIDTH)
    if end < len(text):
        space = text.rfind(" ", start + WIDTH // 2, end)
        end = space if space >= 0 else end
    before, after = "…" if start else "", "…" if end < len(text) else ""
    line = re.sub(r"[\r\n\t]", " ", text[start:end])
    shift = len(before) - start
    inside = tuple((max(a, start) + shift, min(b, end) + shift) for a, b in marks if a < end and b > start)
    return Excerpt(before + line + after, inside)

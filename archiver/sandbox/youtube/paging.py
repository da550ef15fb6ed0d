"""Page tokens: opaque words that fit one question only.

Lists of videos are cut by place, so an entry is missed or repeated when the list changes under way; lists of comments
by the comment that came last, so none is.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from archiver.sandbox.youtube.problems import Problem, bad

T = TypeVar("T")
Place = tuple[int, int]
_BETWEEN, _FILLER = "\x08\x01", "\x10"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list. ``total`` counts all of it."""

    things: Sequence[T]
    total: int
    next: str | None = None
    before: str | None = None


def by_place(things: Sequence[T], token: str | None, size: int, question: str) -> Page[T]:
    """The page that begins at the place which a token tells."""
    start = int(opened(token, question)) if token else 0
    end = start + size
    following = sealed(str(end), question) if end < len(things) else None
    before = sealed(str(max(start - size, 0)), question) if start > 0 else None
    return Page(things[start:end], len(things), following, before)


def by_last(
    things: Sequence[T], token: str | None, size: int, question: str, *, place: Callable[[T], Place]
) -> Page[T]:
    """The page after the thing that came last; ``things`` are in rising order of ``place``."""
    if token:
        number, _, serial = opened(token, question).partition(".")
        after = (int(number), int(serial))
        things = [one for one in things if place(one) > after]
    shown = things[:size]
    following = None
    if len(things) > len(shown):
        last = place(shown[-1]) if shown else (-(1 << 62), 0)
        following = sealed(f"{last[0]}.{last[1]}", question)
    return Page(shown, len(shown), following)


def sealed(place: str, question: str) -> str:
    """A token for a place in the answer to a question."""
    told = f"{_mark(question)}{_BETWEEN}{place}"
    # Filled up so that each ends with ``==``, which an address must not have as it is.
    return base64.b64encode((told + _FILLER * ((1 - len(told)) % 3)).encode()).decode()


def opened(token: str, question: str) -> str:
    """The place that a token tells. Raises Problem when it is none, or one of another question's."""
    try:
        mark, _, place = base64.b64decode(token, validate=True).decode().rstrip(_FILLER).partition(_BETWEEN)
    except (binascii.Error, UnicodeDecodeError) as error:
        raise _wrong() from error
    if mark != _mark(question) or not place:
        raise _wrong()
    return place


def _mark(question: str) -> str:
    return hashlib.sha256(question.encode()).hexdigest()[:10]


def _wrong() -> Problem:
    return bad("pageToken", "invalidPageToken", "The request specifies an invalid page token.")

"""Which record of the archive a thing without an id is: by time, text and media, and only probably so.

Downloads of Facebook and Instagram name no ids. The same second and the same words say nearly as much; a picture with
the same bytes says more. What is told by this is never more than probable, and the words of ``basis`` say what it rests
on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SAME_SECOND = timedelta(seconds=2)
"""Platforms cut or round the fraction of a second, and time a post and its pictures one after the other."""
WITHIN = timedelta(minutes=2)
"""So far apart may be the times of a thing and of its pictures, where words say that it is the same."""


class Match(StrEnum):
    """How an entry of a download belongs to its record."""

    BY_ID = "id"  # the archive had the record under the platform's id
    PROBABLE = "probable"  # it had one of that time, with these words or pictures
    AGAIN = "again"  # an earlier download showed just the same
    NEW = "new"  # it had none


@dataclass(frozen=True, slots=True)
class Shown:
    """What an entry shows: when it was made (aware, UTC), its text, and the digests (hex) of its media."""

    at: datetime | None
    text: str | None
    media: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidate(Shown):
    """A record of the archive that it may be."""

    key: str = ""


def probable(shown: Shown, candidates: Iterable[Candidate]) -> tuple[Candidate, str] | None:
    """The record that it most probably is, with what says so; None where nothing says enough.

    Of several that are as probable it is the first by time and key: they can't be told apart.
    """
    if shown.at is None:
        return None
    near = sorted(
        (one for one in candidates if _apart(shown, one) <= WITHIN), key=lambda one: (_apart(shown, one), one.key)
    )
    weighed = [(_grade(shown, one, near), one) for one in near]
    best = min((grade for grade, _one in weighed if grade is not None), default=None)
    return next(((one, _BASES[best]) for grade, one in weighed if best is not None and grade == best), None)


def same_words(one: str | None, other: str | None) -> bool:
    """Whether two texts are the same but for spaces and line ends; no text and an empty one are the same."""
    return (one or "").split() == (other or "").split()


_BASES = (
    "same time, same text, same media",
    "same time, same text",
    "same text, less than two minutes apart, same media",
    "same text, less than two minutes apart",
    "same time, same media; the text differs",
    "same time, and nothing else of that second; the text differs",
)


def _grade(shown: Shown, one: Candidate, near: list[Candidate]) -> int | None:
    """How sure it is, as a place in ``_BASES``; None: not at all."""
    instant = _apart(shown, one) <= SAME_SECOND
    media = bool(shown.media & one.media)
    words = same_words(shown.text, one.text)
    told = words and bool((shown.text or "").strip())
    alone = sum(_apart(shown, other) <= SAME_SECOND for other in near) == 1
    cases = (
        instant and words and media,
        instant and words and (told or alone),
        told and media,
        told and sum(same_words(shown.text, other.text) for other in near) == 1,
        instant and media,
        instant and alone,
    )
    return next((place for place, holds in enumerate(cases) if holds), None)


def _apart(shown: Shown, one: Candidate) -> timedelta:
    return abs(one.at - shown.at) if one.at is not None and shown.at is not None else timedelta.max

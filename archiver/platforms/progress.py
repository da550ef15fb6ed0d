"""How far a listing has come, and whether it goes round in circles."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

Place = tuple[tuple[str, str], ...]
"""Where a page is, as parameters of the request for it."""

AGAIN = "the platform gave the same page again"
ALL_EMPTY = "the platform gave one empty page after another"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a listing has come, as JSON fits it into a cursor.

    ``marks`` are prints of an earlier page's entries and of where it led, renewed at each power of two (Brent's cycle
    search): a listing that goes round in circles is noticed within twice the circle.
    """

    page: int = 1
    empty: int = 0
    marks: tuple[str, str] = ("", "")
    renew_at: int = 1

    @classmethod
    def of(cls, saved: Any) -> Progress:
        """From a cursor."""
        if not isinstance(saved, list) or len(saved) != 5:
            return cls()
        page, empty, ids, place, renew_at = saved
        return cls(page, empty, (ids, place), renew_at)

    def saved(self) -> list[Any]:
        """For a cursor."""
        return [self.page, self.empty, *self.marks, self.renew_at]

    def after(self, ids: Sequence[str], place: Place) -> tuple[Progress, bool]:
        """The progress with one more page, and whether that page was here before."""
        marks = (_print(ids), _print([f"{name}={value}" for name, value in place]))
        repeated = any(mark and mark == known for mark, known in zip(marks, self.marks, strict=True))
        grown = replace(self, page=self.page + 1, empty=0 if ids else self.empty + 1)
        if self.page >= self.renew_at:
            grown = replace(grown, marks=marks, renew_at=self.renew_at * 2)
        return grown, repeated


def _print(words: Sequence[str]) -> str:
    if not words:
        return ""
    return hashlib.sha256("\n".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:16]

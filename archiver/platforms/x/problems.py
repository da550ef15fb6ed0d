"""Problems that stand in an answer that otherwise went well: ``errors`` beside ``data``, with HTTP 200.

X says of each id that was asked for, or that something in the answer refers to, why it is not shown. That a record is
gone, hidden, or that its author is suspended, is told by these alone. Types are compared by their last part, because
their host differs; of a suspended person the type says "not found", and only the title tells it apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from archiver.platforms.x.fields import identifier, objects, text
from archiver.platforms.x.vocabulary import parameter, problem_type


class Trouble(StrEnum):
    """Why something is not shown."""

    MISSING = "missing"  # deleted, its author's account closed or removed, or never there: X does not say which
    SUSPENDED = "suspended"  # the person is
    REFUSED = "refused"  # the author protects their posts, or has blocked the account that asks
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of ``errors``. ``about`` is what was asked for, an id or a name; ``parameter`` has the old name."""

    trouble: Trouble
    type: str
    title: str
    detail: str
    parameter: str
    about: str

    @property
    def basis(self) -> str:
        """X's words, for the history of a record."""
        return f"{self.type} ({self.title}): {self.detail}"[:_LONGEST]


_LONGEST = 300


def problems_in(answer: Mapping[str, Any]) -> Iterator[Problem]:
    """The problems of an answer, in its order; also of one that is nothing but a problem (a 404)."""
    entries = [entry for _, entry in objects(answer.get("errors"))]
    if not entries and problem_type(text(answer.get("type")) or "") in _TROUBLES:
        entries = [dict(answer)]
    for entry in entries:
        kind, title = problem_type(text(entry.get("type")) or ""), text(entry.get("title")) or ""
        yield Problem(
            trouble=_trouble(kind, title, text(entry.get("detail")) or ""),
            type=kind,
            title=title,
            detail=text(entry.get("detail")) or text(entry.get("message")) or "",
            parameter=parameter(text(entry.get("parameter")) or ""),
            about=identifier(entry.get("resource_id")) or identifier(entry.get("value")) or "",
        )


def _trouble(kind: str, title: str, detail: str) -> Trouble:
    if kind == "resource-not-found" and (title == "Forbidden" or detail.startswith("User has been suspended")):
        return Trouble.SUSPENDED
    return _TROUBLES.get(kind, Trouble.OTHER)


_TROUBLES = {
    "resource-not-found": Trouble.MISSING,
    "not-authorized-for-resource": Trouble.REFUSED,
}

"""Version rows as the versions that a person counts: in the order in which they happened, details folded in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archiver.domain.history import Basis, chronology


@dataclass(slots=True)
class Numbered:
    """One version: ``first`` is the row that began it, ``content`` the one that says most: itself or a later detail."""

    number: int
    first: Mapping[str, Any]
    content: Mapping[str, Any]
    ordinals: list[int]


def numbered(rows: Sequence[Mapping[str, Any]]) -> list[Numbered]:
    """The versions of one record, from its rows in order of learning."""
    numbers = chronology([(Basis(row["basis"]), row["edited_at"]) for row in rows])
    found: list[Numbered] = []
    holding: Numbered | None = None  # what a detail completes: the latest sighting
    for row, number in zip(rows, numbers, strict=True):
        if number is not None:
            version = Numbered(number, row, row, [row["ordinal"]])
            found.append(version)
            if row["basis"] != Basis.HISTORY:
                holding = version
        elif holding is not None:
            holding.content = row
            holding.ordinals.append(row["ordinal"])
    return sorted(found, key=lambda version: version.number)

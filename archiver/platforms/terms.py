"""Where a platform's terms and records law collide (records rule R11): said, dated, and left to the city to decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Conflict:
    """What a platform asks that a retention schedule may forbid. ``as_of`` is when its terms were read last."""

    as_of: date
    words: str


CONFLICTS = {
    "x": Conflict(
        date(2026, 8, 22),
        "X asks whoever stores posts to delete or change them when that is done on X, within 24 hours of a request, "
        "unless the law forbids it, and wants government users on an Enterprise plan",
    ),
    "youtube": Conflict(
        date(2026, 11, 4),
        "YouTube asks that data of its API be refreshed or deleted within 30 days, and deleted when access is "
        "withdrawn, unless local law comes first",
    ),
}
"""By platform. A platform that is not here is none of which such a conflict is known."""

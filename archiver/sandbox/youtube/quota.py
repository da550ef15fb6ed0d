"""Units: what each call costs, and the day's allowance of a project, which ends at midnight in California.

Everything is charged that reaches the API with a known project: errors and 304 as well (youtube.md section 3).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")
QUERIES = "queries"
SEARCH = "search"
ALLOWANCES: Mapping[str, int] = {QUERIES: 10_000, SEARCH: 100}
"""Units a day by bucket; search has its own since June 2026."""


class Quota:
    """The ledger of all projects. ``allowances`` may be set anew at any time.

    ``refused`` counts the calls that were one too many; they are not charged.
    """

    def __init__(self, now: Callable[[], datetime], allowances: Mapping[str, int] = ALLOWANCES) -> None:
        self._now = now
        self.allowances = dict(allowances)
        self.refused = 0
        self._lock = threading.Lock()
        self._spent: dict[tuple[str, date, str], int] = {}

    def today(self) -> date:
        """The platform's day."""
        return self._now().astimezone(PACIFIC).date()

    def charge(self, project: str, units: int, bucket: str = QUERIES) -> bool:
        """Charge a call; False when the day's allowance does not cover it."""
        place = (project, self.today(), bucket)
        with self._lock:
            spent = self._spent.get(place, 0)
            if spent + units > self.allowances[bucket]:
                self.refused += 1
                return False
            self._spent[place] = spent + units
            return True

    def spent(self, project: str, day: date | None = None, bucket: str = QUERIES) -> int:
        """Units charged to a project on a day (default: today)."""
        with self._lock:
            return self._spent.get((project, day or self.today(), bucket), 0)

    def days(self, project: str, bucket: str = QUERIES) -> dict[date, int]:
        """Units by day."""
        with self._lock:
            return {day: units for (who, day, which), units in self._spent.items() if (who, which) == (project, bucket)}

    def exhaust(self, project: str, bucket: str = QUERIES) -> None:
        """Somebody else of the same project uses up what is left of today, which this ledger does not count."""
        with self._lock:
            self.allowances[bucket] = self._spent.get((project, self.today(), bucket), 0)

"""What X charges, counted by X itself: each resource that an answer gives, by whose it is and who asks.

Amounts are thousandths of a dollar. The ledger is kept in its parts, so that a test can ask what would have come to
under any reading of the price list: with or without what answers include, and with the same resource charged once a day
(a promise that X calls a soft one) or each time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

POST, OWNED, USER = 5, 1, 10
COUNTS_RECENT, COUNTS_ALL = 5, 10
MONTHLY_CAP = 3_000_000


@dataclass(frozen=True, slots=True)
class Charge:
    """What one answer gave: the kinds and numbers of its resources. ``each``: the price of one in ``data``.

    ``request``: what the call itself costs.
    """

    at: datetime
    endpoint: str
    each: int
    data: tuple[tuple[str, str], ...] = ()
    included: tuple[tuple[str, str], ...] = ()
    request: int = 0

    def amounts(self, *, includes: bool) -> Iterator[tuple[tuple[str, str] | None, int]]:
        """Each resource with its price; None for the call itself."""
        if self.request:
            yield None, self.request
        for one in self.data:
            yield one, self.each
        if includes:
            for one in self.included:
                yield one, {"tweet": POST, "user": USER}.get(one[0], 0)


class Bills:
    """The account of the city's application. ``credits``: what may be spent in all; None: no bound.

    ``includes``, ``once_a_day``: how X reads its list today.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._charges: list[Charge] = []
        self._plain = 0
        self._posts: dict[tuple[int, int], int] = {}
        self.credits: int | None = None
        self.cap = MONTHLY_CAP
        self.includes = True
        self.once_a_day = False

    def add(self, charge: Charge) -> None:
        """An answer was given."""
        month = (charge.at.year, charge.at.month)
        with self._lock:
            self._charges.append(charge)
            self._plain += sum(amount for _, amount in charge.amounts(includes=self.includes))
            self._posts[month] = self._posts.get(month, 0) + sum(1 for kind, _ in charge.data if kind == "tweet")

    @property
    def charges(self) -> list[Charge]:
        """All that was charged, in order."""
        with self._lock:
            return list(self._charges)

    def spent(
        self, *, since: datetime | None = None, includes: bool | None = None, once_a_day: bool | None = None
    ) -> int:
        """The sum, in thousandths of a dollar; as X reads its list where nothing else is said."""
        including = self.includes if includes is None else includes
        once = self.once_a_day if once_a_day is None else once_a_day
        seen: set[tuple[object, ...]] = set()
        total = 0
        for charge in self.charges:
            if since is not None and charge.at < since:
                continue
            for resource, amount in charge.amounts(includes=including):
                name = (charge.at.astimezone(UTC).date(), resource)
                if once and resource is not None and name in seen:
                    continue
                seen.add(name)
                total += amount
        return total

    def posts(self) -> int:
        """Posts given out this month, as the cap counts them."""
        now = self._now()
        return self._posts.get((now.year, now.month), 0)

    @property
    def depleted(self) -> bool:
        """Whether nothing is left."""
        if self.credits is None or self._plain < self.credits:
            return False
        return self.spent() >= self.credits

    @property
    def capped(self) -> bool:
        """Whether the month's posts are used up."""
        return self.posts() >= self.cap

    def clear(self) -> None:
        """A new account."""
        with self._lock:
            self._charges.clear()
            self._posts.clear()
            self._plain = 0

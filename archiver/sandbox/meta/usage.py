"""Limits as Meta counts them: percentages in headers, refusals with codes, and an end after so many minutes.

Calls are counted by the page (or person) behind the token in windows of ``window``. Headers are missing until a
tenth of the budget is used. A refusal names the code of its limit; calls made while refused lengthen the block when
``lengthens`` is set. ``block`` refuses at once, as if other users of the app had used up everything.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from archiver.sandbox.meta.problems import Problem

WORDS: dict[int, tuple[str, int | None, int]] = {
    4: ("(#4) Application request limit reached", 1349210, 403),
    17: ("(#17) User request limit reached", 2446079, 400),
    32: ("(#32) Page request limit reached", None, 403),
    341: ("(#341) Feed action request limit reached", None, 400),
    613: ("(#613) Calls to this api have exceeded the rate limit.", 1996, 400),
    80001: (
        "(#80001) There have been too many calls to this Page account. Wait a bit and try again.",
        2446079,
        400,
    ),
    80002: (
        "(#80002) There have been too many calls to this Instagram account. Wait a bit and try again.",
        2446079,
        400,
    ),
    80006: (
        "(#80006) There have been too many messages sent from this account. Wait a bit and try again.",
        2446079,
        400,
    ),
}
"""Message, subcode and HTTP status by code."""
SHOWN_FROM = 0.1


@dataclass(slots=True)
class _Count:
    begun: datetime
    calls: int = 0


@dataclass(slots=True)
class _Block:
    code: int
    until: datetime


class Usage:
    """The limits of one API. ``kind`` is the business use case (``pages``, ``instagram``); ``code`` its refusal."""

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        kind: str = "pages",
        code: int = 80001,
        calls: int = 1_000_000,
        window: timedelta = timedelta(hours=24),
    ) -> None:
        self._now = now
        self.kind = kind
        self.code = code
        self.calls = calls
        self.window = window
        self.lengthens = False
        self._counts: dict[str, _Count] = {}
        self._blocks: dict[str, _Block] = {}
        self._lock = threading.Lock()
        self.refused = 0

    def block(self, code: int | None = None, *, minutes: float = 10, subject: str = "") -> None:
        """Refuse the calls of a page's id (all callers: ``""``) with a code until so many minutes have passed."""
        with self._lock:
            self._blocks[subject] = _Block(code or self.code, self._now() + timedelta(minutes=minutes))

    def lift(self) -> None:
        """All windows begin anew and no block is left."""
        with self._lock:
            self._counts.clear()
            self._blocks.clear()

    def take(self, subject: str, *, business: bool = True) -> tuple[list[tuple[str, str]], Problem | None]:
        """Count one call: the headers for it, and the refusal when it is one too many.

        ``business``: counted by page or profile; else by app and user, with ``X-App-Usage`` and code 4.
        """
        now = self._now()
        with self._lock:
            count = self._counts.get(subject)
            if count is None or count.begun + self.window <= now:
                count = self._counts[subject] = _Count(now)
            count.calls += 1
            block = self._blocked(subject, now)
            if block is None and count.calls > self.calls:
                block = _Block(self.code if business else 4, count.begun + self.window)
            if block is not None:
                self.refused += 1
                if self.lengthens:
                    block.until += timedelta(minutes=1)
            percent = 100 if block is not None else min(100, math.floor(100 * count.calls / self.calls))
        headers = self._headers(subject, percent, block, now, business=business)
        return headers, _refusal(block.code) if block is not None else None

    def _blocked(self, subject: str, now: datetime) -> _Block | None:
        for name in (subject, ""):
            block = self._blocks.get(name)
            if block is not None and block.until > now:
                return block
        return None

    def _headers(
        self, subject: str, percent: int, block: _Block | None, now: datetime, *, business: bool
    ) -> list[tuple[str, str]]:
        if percent < 100 * SHOWN_FROM and block is None:
            return []
        if not business or (block is not None and block.code < 80000):
            value = {"call_count": percent, "total_time": percent // 2, "total_cputime": percent // 3}
            return [("X-App-Usage", json.dumps(value, separators=(",", ":")))]
        minutes = math.ceil((block.until - now).total_seconds() / 60) if block is not None else 0
        entry = {
            "type": self.kind,
            "call_count": percent,
            "total_cputime": percent // 3,
            "total_time": percent // 2,
            "estimated_time_to_regain_access": minutes,
        }
        return [("X-Business-Use-Case-Usage", json.dumps({subject or "0": [entry]}, separators=(",", ":")))]


def _refusal(code: int) -> Problem:
    message, subcode, status = WORDS[code]
    return Problem(code, message, subcode=subcode, status=status)

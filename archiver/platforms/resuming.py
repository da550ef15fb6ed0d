"""Steps with a cursor that remembers which requests are still to be sent.

A cursor keeps addresses without the server, so that a task goes on after ``base_url`` has changed, and none of what
the desk adds to every request.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from archiver.domain.exchange import RequestSpec
from archiver.domain.task import Cursor, Finding, FollowUp, Step

_ASK = "ask"


class ResumingDesk(ABC):
    """Where the requests to one server are written, and written again from a cursor."""

    __slots__ = ()

    @property
    @abstractmethod
    def root(self) -> str:
        """What stands before each path."""

    @abstractmethod
    def again(self, url: str, stream: str, page: int) -> RequestSpec:
        """The request to an address of this server, with all that belongs to such a request."""

    def step(
        self,
        requests: Sequence[RequestSpec],
        state: Cursor | None = None,
        *,
        findings: Sequence[Finding] = (),
        follow_ups: Sequence[FollowUp] = (),
        not_before: datetime | None = None,
    ) -> Step:
        """What is to be sent, with a cursor from which another process can go on; without requests the end."""
        if not requests:
            return Step(findings=tuple(findings), follow_ups=tuple(follow_ups))
        saved = [
            [self.place(spec.url), spec.stream, spec.page, *([spec.note] if spec.note else [])] for spec in requests
        ]
        cursor = {**(state or {}), _ASK: saved}
        return Step(tuple(requests), cursor, not_before, tuple(findings), tuple(follow_ups))

    def resumed(self, cursor: Cursor | None) -> Step | None:
        """The step that a cursor was saved with; None without one."""
        saved = (cursor or {}).get(_ASK)
        if not saved:
            return None
        return Step(tuple(self._rewritten(*one) for one in saved), cursor)

    def _rewritten(self, place: str, stream: str, page: int, note: str = "") -> RequestSpec:
        again = self.again(self.root + place, stream, page)
        return replace(again, note=note) if note else again

    def place(self, url: str) -> str:
        """An address without what stands before the path."""
        parts = urlsplit(url)
        path = parts.path.removeprefix(urlsplit(self.root).path)
        return f"{path}?{parts.query}" if parts.query else path


def state_of(step: Step) -> dict[str, Any]:
    """What a task remembers besides its requests."""
    return {name: value for name, value in (step.cursor or {}).items() if name != _ASK}

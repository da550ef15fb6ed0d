"""Requests, and cursors that remember which are still to be sent.

A cursor keeps addresses without the server, so that a task goes on after ``base_url`` has changed. The token goes with
every call, and calls go to the account's own server only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from archiver.domain.exchange import Purpose, RequestSpec
from archiver.domain.task import Cursor, Finding, FollowUp, Step
from archiver.platforms.mastodon.routes import Call, Query, address

_ACCEPT = (("Accept", "application/json"),)
_ASK = "ask"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where requests to one server are written. ``token``: the account has one."""

    base: str
    token: bool

    def ask(self, call: Call, native_id: str = "", query: Query = (), *, stream: str, page: int = 1) -> RequestSpec:
        """A call."""
        return self._spec(address(self.base, call, native_id, query), stream, page)

    def next(self, url: str, *, stream: str, page: int) -> RequestSpec:
        """The next page of a listing."""
        return self._spec(self.base + self._place(url), stream, page)

    def media(self, url: str) -> RequestSpec:
        """The bytes of an attachment: no token, wherever they are."""
        return RequestSpec(url, stream="media", purpose=Purpose.MEDIA, follow=True)

    def step(
        self,
        requests: Sequence[RequestSpec],
        state: Cursor | None = None,
        *,
        findings: Sequence[Finding] = (),
        follow_ups: Sequence[FollowUp] = (),
    ) -> Step:
        """What is to be sent, with a cursor from which another process can go on."""
        if not requests:
            return Step(findings=tuple(findings), follow_ups=tuple(follow_ups))
        saved = [[self._place(spec.url), spec.stream, spec.page] for spec in requests]
        return Step(tuple(requests), {**(state or {}), _ASK: saved}, None, tuple(findings), tuple(follow_ups))

    def resumed(self, cursor: Cursor | None) -> Step | None:
        """The step that a cursor was saved with; None without one."""
        saved = (cursor or {}).get(_ASK)
        if not saved:
            return None
        requests = tuple(self._spec(self.base + place, stream, page) for place, stream, page in saved)
        return Step(requests, cursor)

    def _spec(self, url: str, stream: str, page: int) -> RequestSpec:
        spec = RequestSpec(url, stream=stream, headers=_ACCEPT, page=page, follow="nodeinfo" in url)
        return replace(spec, credential="token") if self.token and not spec.follow else spec

    def _place(self, url: str) -> str:
        """An address without scheme, host and the path that stands before the API's own."""
        parts = urlsplit(url)
        path = parts.path.removeprefix(urlsplit(self.base).path)
        return f"{path}?{parts.query}" if parts.query else path


def state_of(step: Step) -> dict[str, Any]:
    """What a task remembers besides its requests."""
    return {name: value for name, value in (step.cursor or {}).items() if name != _ASK}

"""From page to page of a list, and the signs of its end.

Only a missing ``nextPageToken`` is the end: a page may be short or empty before it. A list that gives the same page
again (``comments.list`` did so for a while in 2024), or empty ones without end, is broken off and not complete.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archiver.domain.exchange import Exchange
from archiver.platforms.progress import AGAIN, ALL_EMPTY, Progress
from archiver.platforms.youtube.fields import following
from archiver.platforms.youtube.routes import route_of

EMPTY_PAGES = 20
"""How many empty pages in a row are followed."""
LOST = "the platform lost its place in the list twice"
"""What is said of a list whose page token is refused again after a new beginning."""


@dataclass(frozen=True, slots=True)
class Page:
    """What follows a page: the token of the next one, None at the end, with what the cursor remembers.

    ``state`` is JSON: ``progress`` and, if the list ended too early, ``short`` with the reason.
    """

    token: str | None
    state: dict[str, Any]

    @property
    def number(self) -> int:
        """The number of the next page."""
        return Progress.of(self.state.get("progress")).page


def turn(exchange: Exchange, ids: Sequence[str], state: dict[str, Any]) -> Page:
    """Whether a list goes on after this page. ``state`` is that of the page before, at first empty."""
    token, route = following(exchange), route_of(exchange.url)
    place = (("pageToken", token),) if token is not None else ()
    progress, repeated = Progress.of(state.get("progress")).after(ids, place)
    state = {**state, "progress": progress.saved()}
    to_itself = token is not None and route is not None and route.value("pageToken") == token
    if repeated or to_itself:
        return Page(None, {**state, "short": AGAIN})
    if token is not None and progress.empty > EMPTY_PAGES:
        return Page(None, {**state, "short": ALL_EMPTY})
    return Page(token, state)


def begun_again(state: dict[str, Any]) -> dict[str, Any] | None:
    """What to remember for walking a list once more from its beginning; None where that was done before."""
    return None if state.get("again") else {"again": True}

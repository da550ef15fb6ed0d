"""From page to page of a connection, and the signs of its end.

``paging.next`` holds the token in its query, and its host and path are the answer's word: it is never followed. Taken
from it is only where the next page is (``cursors.after``, or ``until`` with ``__paging_token``); the next request is
built from our own. A listing has ended when there is no ``next``; a page may have few entries, or none, and still
have one; some edges give cursors and no ``next``, which is the end, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archiver.domain.exchange import Exchange
from archiver.domain.task import Covered, Finding, Shortfall, Task
from archiver.platforms.meta.fields import document, mapping, moment, stamp, text
from archiver.platforms.meta.requests import PLACES, path_of, query_of
from archiver.platforms.progress import AGAIN, ALL_EMPTY, Place, Progress

EMPTY_PAGES = 50
"""How many empty pages in a row are followed: entries that the token may not see are filtered after the query."""
TAIL = 3
"""So many entries at a page's end must be older than the window: one that was dated back ends nothing."""


def following(exchange: Exchange, *, by_cursor: bool = False) -> Place | None:
    """Where the next page is, as parameters of the request; None at the end.

    ``by_cursor``: the API gives cursors and no ``next`` (Threads), so a listing ends with an empty page or without
    ``after``.
    """
    answer = document(exchange)
    paging = mapping(answer.get("paging"))
    target = text(paging.get("next"))
    after = text(mapping(paging.get("cursors")).get("after"))
    if not target:
        return (("after", after),) if by_cursor and after and answer.get("data") else None
    if after:
        return (("after", after),)
    if path_of(target).rstrip("/").rpartition("/")[2] != path_of(exchange.url).rstrip("/").rpartition("/")[2]:
        return None
    named = tuple(one for one in query_of(target) if one[0] in PLACES - {"before", "__previous"} and one[1])
    by_time = any(name == "__paging_token" for name, _ in named)
    moments = tuple(one for one in query_of(target) if one[0] == "until" and one[1]) if by_time or not named else ()
    return (*moments, *named) or None


@dataclass(frozen=True, slots=True)
class Page:
    """What follows a page: where the next one is, or None at the end, with what the cursor remembers.

    ``state`` is JSON: ``progress``, ``oldest`` (when the oldest entry was made) and, if the listing ended too early,
    ``short`` with the reason.
    """

    place: Place | None
    state: dict[str, Any]

    @property
    def number(self) -> int:
        """The number of the next page."""
        return Progress.of(self.state.get("progress")).page


def turn(
    exchange: Exchange,
    ids: Sequence[str],
    moments: Sequence[datetime | None],
    since: datetime | None,
    state: dict[str, Any],
    *,
    by_cursor: bool = False,
) -> Page:
    """Whether a listing, newest first, goes on after this page. A page that leads to itself was here before.

    ``moments`` are its entries' dates, in its order; ``since`` is where the window begins (None: everything is listed,
    whatever the order). ``state`` is that of the page before, at first empty.
    """
    dated = [at for at in moments if at is not None]
    oldest = min([*dated, *filter(None, [moment(state.get("oldest"))])], default=None)
    place = following(exchange, by_cursor=by_cursor)
    progress, repeated = Progress.of(state.get("progress")).after(ids, place or ())
    repeated = repeated or (place is not None and set(place) <= set(query_of(exchange.url)))
    state = {**state, "progress": progress.saved(), "oldest": stamp(oldest) if oldest else None}
    if place is None or (since is not None and dated and all(at < since for at in dated[-TAIL:])):
        return Page(None, state)
    if repeated:
        return Page(None, {**state, "short": AGAIN})
    if progress.empty > EMPTY_PAGES:
        return Page(None, {**state, "short": ALL_EMPTY})
    return Page(place, state)


def covered(task: Task, stream: str, state: dict[str, Any]) -> tuple[Finding, ...]:
    """What was listed: the task's window, or the part of it before a listing that ended too early."""
    until = min(task.until, task.started_at) if task.until else task.started_at
    short, oldest = state.get("short"), moment(state.get("oldest"))
    if short is None:
        return (Covered(stream, task.since, until),)
    if oldest is None or oldest >= until:
        return (Shortfall(stream, task.since, until, str(short)),)
    return (Covered(stream, oldest, until), Shortfall(stream, task.since, oldest, str(short)))

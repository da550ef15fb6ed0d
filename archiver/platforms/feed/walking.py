"""Polls and backfills of a feed.

A feed shows its newest entries only. What was on the page before and is not on this one was pushed out by newer ones
as a rule, so an absence says nothing. But a page of which nothing was on the page before it may have lost entries in
between: older pages are asked for where the feed has them (RFC 5005), else that is a gap.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from archiver.domain.exchange import Exchange
from archiver.domain.task import Covered, Finding, NotOffered, Shortfall, Step, Task, TaskKind
from archiver.platforms.feed.documents import Entry, Feed, feed_of
from archiver.platforms.feed.places import Place
from archiver.platforms.resuming import state_of

STREAM = "posts"
MOST_PAGES = 500
OUTRUN = (
    "The feed had more new entries than it shows at a time; those in between were not seen. Poll it more often, or let "
    "the site show more entries."
)
ENDLESS = "The feed gave the same entries again on an older page; what is older than these was not listed."
OLDER = "A feed shows its newest entries; what was older at the first look can't be asked for."
_SEEN, _PAGE, _LAST, _OLDEST = "seen", "page", "last", "oldest"


def start(place: Place, task: Task) -> Step:
    """The newest entries."""
    return place.step([place.first(STREAM)], {_SEEN: _remembered(task.cursor)})


def proceed(place: Place, task: Task, step: Step, exchange: Exchange) -> Step:
    """An older page, as long as it is needed and there is one; else the end."""
    feed, state = feed_of(exchange), state_of(step)
    marks = [_mark(entry) for entry in feed.entries]
    page, before = int(state.get(_PAGE, 1)), list(state.get(_SEEN, []))
    newest = marks if page == 1 else list(state.get("newest", []))
    oldest = min(filter(None, (_saved(state), _oldest(feed))), default=None)
    repeated = page > 1 and (not marks or marks == state.get(_LAST))
    known = _reaches(task, feed, marks, before)
    wanted = task.full or task.kind is TaskKind.BACKFILL or not known
    following = place.following(feed.following, exchange.url) if feed.following else None
    if wanted and following and not repeated and page < MOST_PAGES and not _before(task, oldest):
        state |= {_PAGE: page + 1, _LAST: marks, "newest": newest, _OLDEST: oldest.isoformat() if oldest else None}
        return place.step([place.again(following, STREAM, page + 1)], state)
    found = _findings(task, oldest, known=known, repeated=repeated, older=following is None)
    return Step(cursor={_SEEN: newest}, findings=tuple(found))


def _findings(task: Task, oldest: datetime | None, *, known: bool, repeated: bool, older: bool) -> Sequence[Finding]:
    """What is complete now. Nothing is a candidate for a removal."""
    until = task.until or task.started_at
    reached = _before(task, oldest) or (known and task.since is not None and task.kind is TaskKind.POLL)
    begin = task.since if reached else oldest or task.started_at
    found: list[Finding] = []
    if begin is None or begin < until:
        found.append(Covered(STREAM, begin, until, absence=False))
    if repeated:
        found.append(Shortfall(STREAM, task.since, begin or until, ENDLESS))
    elif not reached and task.since is not None and task.kind is TaskKind.POLL and not task.full and oldest is not None:
        found.append(Shortfall(STREAM, task.since, oldest, OUTRUN))
    elif not reached and older:
        found.append(NotOffered("older posts", OLDER))
    return found


def _reaches(task: Task, feed: Feed, marks: Sequence[str], before: Sequence[str]) -> bool:
    """Whether nothing can be missing between the page of the last time and this one."""
    if not feed.entries or not before:
        return not before and task.since is None
    return not set(before).isdisjoint(marks)


def _before(task: Task, oldest: datetime | None) -> bool:
    return task.since is not None and oldest is not None and oldest <= task.since


def _oldest(feed: Feed) -> datetime | None:
    moments = [entry.published or entry.updated for entry in feed.entries]
    return min(filter(None, moments), default=None)


def _saved(state: dict[str, Any]) -> datetime | None:
    found = state.get(_OLDEST)
    return datetime.fromisoformat(found) if isinstance(found, str) else None


def _mark(entry: Entry) -> str:
    return hashlib.sha256(entry.id.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _remembered(cursor: dict[str, Any] | None) -> list[str]:
    found = (cursor or {}).get(_SEEN)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []

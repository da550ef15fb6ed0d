"""The account's own posts, page by page: polls and backfills.

Pages go back by ``max_id`` until the window's beginning. ``since_id`` leaves gaps, ``min_id`` needs a watermark, and
no id is one: what arrives late from elsewhere is filed by its date. The window overlaps what is known instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Covered, Finding, FollowUp, Shortfall, Step, Task, TaskKind
from archiver.errors import ShapeChanged
from archiver.platforms.mastodon.fields import identifier, mapping, moment, objects
from archiver.platforms.mastodon.ids import Names
from archiver.platforms.mastodon.paging import EMPTY_PAGES, Progress, next_page
from archiver.platforms.mastodon.requests import Desk
from archiver.platforms.mastodon.routes import Call, query_of, route_of
from archiver.platforms.mastodon.statuses import is_edited, status_id
from archiver.platforms.resuming import state_of

STREAM = "posts"
PAGE_SIZE = "40"  # stock Mastodon's most; others clamp it, or give more
TAIL = 3
"""So many entries at a page's end must be older than the window: one that was dated back ends nothing."""


def start(desk: Desk, names: Names, task: Task) -> Step:
    """The first page; before it the account's id, as long as nobody knows it."""
    if task.account.native_id is None:
        return desk.step([desk.ask(Call.LOOKUP, query=[("acct", names.lookup)], stream="profile")])
    return desk.step([_first_page(desk, names.account_id(task.account.native_id))])


def proceed(desk: Desk, names: Names, task: Task, step: Step, exchange: Exchange) -> Step:
    """The next page, or the end."""
    route = route_of(exchange.url)
    if route is not None and route.call is Call.LOOKUP:
        return desk.step([_first_page(desk, looked_up(exchange))])
    statuses = [one for _, one in objects(exchange.json())]
    histories = edited(names, statuses)
    state = state_of(step)
    if ("pinned", "true") in query_of(exchange.url):
        return desk.step([], findings=covered(task, STREAM, state), follow_ups=histories)
    ids = [found for one in statuses if (found := status_id(one))]
    page = turn(exchange, ids, [moment(one.get("created_at")) for one in statuses], task.since, state)
    if page.following is not None:
        asked = desk.next(page.following, stream=STREAM, page=Progress.of(page.state["progress"]).page)
        return desk.step([asked], page.state, follow_ups=histories)
    whole = task.full or task.kind is TaskKind.BACKFILL
    if whole and route is not None:
        pinned = desk.ask(Call.LISTING, route.id, [("pinned", "true")], stream=STREAM)
        return desk.step([pinned], page.state, follow_ups=histories)
    return desk.step([], findings=covered(task, STREAM, page.state), follow_ups=histories)


def looked_up(exchange: Exchange) -> str:
    """The account's id out of its own answer."""
    found = identifier(mapping(exchange.json()).get("id"))
    if found is None:
        raise ShapeChanged(f"{exchange.url} answered with an account that has no id.")
    return found


def edited(names: Names, statuses: Sequence[Any]) -> list[FollowUp]:
    """The edit histories to read."""
    found = (status_id(one) for one in statuses if is_edited(one))
    return [FollowUp(TaskKind.HISTORY, names.status(native_id)) for native_id in found if native_id]


@dataclass(frozen=True, slots=True)
class Page:
    """What follows a page: the next one's address, or None at the end, with what the cursor remembers."""

    following: str | None
    state: dict[str, Any]


def turn(
    exchange: Exchange,
    ids: Sequence[str],
    moments: Sequence[datetime | None],
    since: datetime | None,
    state: dict[str, Any],
    *,
    by_id: bool = True,
) -> Page:
    """Whether a listing goes on after this page. ``moments`` are its entries' dates, in its order."""
    dated = [at for at in moments if at is not None]
    oldest = min([*dated, *filter(None, [moment(state.get("oldest"))])], default=None)
    following = next_page(exchange, ids, by_id=by_id)
    progress, repeated = Progress.of(state.get("progress")).after(ids, following or "")
    state = {**state, "progress": progress.saved(), "oldest": oldest.isoformat() if oldest else None}
    if following is None or (since is not None and dated and all(at < since for at in dated[-TAIL:])):
        return Page(None, state)
    if repeated:
        return Page(None, {**state, "short": "the server gave the same page again"})
    if progress.empty > EMPTY_PAGES:
        return Page(None, {**state, "short": "the server gave one empty page after another"})
    return Page(following, state)


def covered(task: Task, stream: str, state: dict[str, Any]) -> tuple[Finding, ...]:
    """What was listed: the window, or the part of it before a listing that went in circles."""
    until = min(task.until, task.started_at) if task.until else task.started_at
    short, oldest = state.get("short"), moment(state.get("oldest"))
    if short is None:
        return (Covered(stream, task.since, until),)
    if oldest is None or oldest >= until:
        return (Shortfall(stream, task.since, until, short),)
    return (Covered(stream, oldest, until), Shortfall(stream, task.since, oldest, short))


def _first_page(desk: Desk, account_id: str) -> RequestSpec:
    return desk.ask(Call.LISTING, account_id, [("limit", PAGE_SIZE)], stream=STREAM)

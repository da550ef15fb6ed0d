"""The account's own media, page by page: polls and backfills; with each poll the stories and broadcasts of the moment.

Media come newest first, but pinned ones before them, and only the newest ten thousand. Stories are there for a day, so
every poll lists them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Covered, Finding, FollowUp, NotOffered, Shortfall, Step, Task, TaskKind
from archiver.platforms.instagram import conversations
from archiver.platforms.instagram.answers import WORDS
from archiver.platforms.instagram.office import Office
from archiver.platforms.instagram.posts import is_live
from archiver.platforms.instagram.routes import Call, route_of
from archiver.platforms.meta.errors import error_of, words_for
from archiver.platforms.meta.fields import count, document, identifier, listed, moment
from archiver.platforms.meta.paging import Page, covered, turn
from archiver.platforms.resuming import state_of

STREAM, STORIES = "posts", "stories"
WINDOW_PAGE, WHOLE_PAGE = 25, 100
"""Sizes of a page: of a look back over a few days, and of a listing of everything."""
PINNED = 3
"""So many posts may be pinned, and then stand before newer ones."""
HORIZON = 10_000
STORY_LIFE = timedelta(hours=20)
"""A story that is younger than that and not listed was taken away; an older one may just have come to its end."""
OLDER = (
    f"Instagram lists only the newest {HORIZON} posts of an account. Older ones are not listed; those that were "
    "captured before are still looked at."
)
EMPTY = (
    "Instagram lists no posts, although the account states {count}. Most likely the token belongs to somebody without "
    "a role on the account, or lacks a scope (instagram_basic or instagram_business_basic). Nothing was taken for "
    "removed."
)
NO_LISTING = "Instagram does not list {what} to this token."
_SMALL_PAGE = 50


def start(office: Office, task: Task) -> Step:
    """First what vanishes soonest; a backfill has only posts."""
    asked = [_first_page(office, task)]
    if task.kind is TaskKind.POLL:
        edges = [office.desk.ask(
            f"{office.who.user_id}/{edge}", office.lists.media, (("limit", str(_SMALL_PAGE)),), stream=STORIES
        ) for edge in ("stories", "live_media")]  # fmt: skip
        asked = [*edges, *asked, *conversations.start(office, task)]
    return office.step(asked, findings=conversations.missing(office, task))


def proceed(office: Office, task: Task, step: Step, exchange: Exchange) -> Step:
    """The next page of whichever listing it was; at its end what is known of it."""
    call = route_of(exchange.url).call
    if call in {Call.CONVERSATIONS, Call.CONVERSATION}:
        return conversations.proceed(office, task, step, exchange)
    if call is Call.PROFILE:
        return _held_against(office, task, step, exchange)
    if error_of(exchange) is not None:
        return _refused(office, task, step, exchange, call)
    if call is Call.MEDIA:
        return _media(office, task, step, exchange)
    return _passing(office, task, step, exchange, call)


def turned(exchange: Exchange, since: datetime | None, state: dict[str, Any]) -> Page:
    """The page after this one, or the end: a whole page older than the window, and more than what may be pinned."""
    entries = [one for _, one in listed(exchange)]
    ids = [found for one in entries if (found := identifier(one.get("id")))]
    moments = [at for one in entries if (at := moment(one.get("timestamp")))]
    page = turn(exchange, ids, moments, None, state)
    older = _older_in_a_row(moments, since, int(state.get("older", 0)))
    state = {**page.state, "listed": int(state.get("listed", 0)) + len(ids), "older": older}
    over = since is not None and bool(moments) and all(at < since for at in moments) and older > PINNED
    return Page(None, {**state, "short": None}) if over else Page(page.place, state)


def _media(office: Office, task: Task, step: Step, exchange: Exchange) -> Step:
    """A page of posts. When none was listed at all, the account's own count is asked for."""
    rest, state = list(step.rest().requests), state_of(step)
    page = turned(exchange, task.since, state.get("media", {}))
    state["media"] = page.state
    if page.place is not None:
        most = _size(task)
        following = office.desk.next(
            exchange, page.place, fields=office.lists.media, most=most, stream=STREAM, page=page.number
        )
        return office.step([following, *rest], state)
    if not page.state["listed"] and not page.state.get("short"):
        return office.step([profile(office, STREAM), *rest], state)
    return office.step(rest, state, findings=_findings(task, page.state))


def _passing(office: Office, task: Task, step: Step, exchange: Exchange, call: Call) -> Step:
    """A page of stories or broadcasts. What is said during a broadcast can only be read while it lasts."""
    rest, state = list(step.rest().requests), state_of(step)
    page = turned(exchange, None, state.get(str(call), {}))
    state[str(call)] = page.state
    live = [one for _, one in listed(exchange) if is_live(one)]
    looks = [FollowUp(TaskKind.THREAD, office.names.thing(str(identifier(one.get("id"))))) for one in live]
    if page.place is not None:
        following = office.desk.next(
            exchange, page.place, fields=office.lists.media, most=_SMALL_PAGE, stream=STORIES, page=page.number
        )
        return office.step([following, *rest], state, follow_ups=looks)
    found: list[Finding] = []
    if call is Call.STORIES:
        begin, short = task.started_at - STORY_LIFE, page.state.get("short")
        found = [Shortfall(STORIES, begin, task.started_at, str(short)) if short
                 else Covered(STORIES, begin, task.started_at)]  # fmt: skip
    return office.step(rest, state, findings=found, follow_ups=looks)


def _refused(office: Office, task: Task, step: Step, exchange: Exchange, call: Call) -> Step:
    """One listing can't be had; the others go on."""
    error = error_of(exchange)
    reason = words_for(error, WORDS) if error is not None else ""
    found: Finding
    if call is Call.MEDIA:
        found = Shortfall(STREAM, task.since, task.started_at, reason)
    elif call is Call.STORIES:
        found = Shortfall(STORIES, task.started_at - STORY_LIFE, task.started_at, reason)
    else:
        found = NotOffered("broadcasts", f"{NO_LISTING.format(what='broadcasts')} {reason}")
    return office.step(step.rest().requests, state_of(step), findings=[found])


def _held_against(office: Office, task: Task, step: Step, exchange: Exchange) -> Step:
    """An empty listing, held against the account's own count: silence is no proof that nothing is there."""
    stated = count(document(exchange).get("media_count")) if error_of(exchange) is None else None
    found: Sequence[Finding] = _findings(task, state_of(step).get("media", {}))
    if stated != 0:
        words = EMPTY.format(count="some" if stated is None else stated)
        found = [Shortfall(STREAM, task.since, task.started_at, words)]
    return office.step(step.rest().requests, state_of(step), findings=found)


def _findings(task: Task, state: dict[str, Any]) -> list[Finding]:
    """What was listed. A listing that ended at the horizon reaches back to its oldest entry only."""
    found = [replace(one, roots=True) if isinstance(one, Covered) else one for one in covered(task, STREAM, state)]
    oldest = moment(state.get("oldest"))
    if state.get("listed", 0) < HORIZON or state.get("short") or oldest is None:
        return found
    if task.since is not None and oldest <= task.since:
        return found
    return [Covered(STREAM, oldest, task.started_at, roots=True), NotOffered(STREAM, OLDER)]


def profile(office: Office, stream: str) -> RequestSpec:
    """The account itself."""
    own = "user_id" in {field.name for field in office.lists.profile.fields}
    return office.desk.ask("me" if own else office.who.user_id, office.lists.profile, stream=stream)


def _older_in_a_row(moments: Sequence[datetime], since: datetime | None, before: int) -> int:
    row = before
    for at in moments:
        row = row + 1 if since is not None and at < since else 0
    return row


def _size(task: Task) -> int:
    return WHOLE_PAGE if task.full or task.since is None or task.kind is TaskKind.BACKFILL else WINDOW_PAGE


def _first_page(office: Office, task: Task) -> RequestSpec:
    query = (("limit", str(_size(task))),)
    return office.desk.ask(f"{office.who.user_id}/media", office.lists.media, query, stream=STREAM)

"""The account's own posts: what is new, what of the last month is still there, and sometimes everything.

A poll asks for what is newer than the newest known, and pays for that alone. Once a day the last thirty days are
listed again, once a month all that X lists (3,200): that shows counts, results of polls and what has gone, for the
least money. The first time, what is older than X lists is found by the full archive. Who quotes the account is looked
for with the posts of which X counts quotations.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Covered, Cursor, Finding, FollowUp, NotOffered, Shortfall, Step, Task, TaskKind
from archiver.platforms.resuming import state_of
from archiver.platforms.x import newest, past_mentions, quotations, visits
from archiver.platforms.x.desk import KNOWN_POSTS, OWN_POSTS, Desk, is_full
from archiver.platforms.x.fields import moment
from archiver.platforms.x.ids import Names
from archiver.platforms.x.quotations import BEFORE
from archiver.platforms.x.routes import Call, route_of
from archiver.platforms.x.searches import FIRST_POST, LAG, search
from archiver.platforms.x.walks import Walked, histories, walked

STREAM: Final = "posts"
MANY, FEW = 50, 10
"""How many posts are asked for on a page of a whole list, and of what is new."""
LATELY: Final = timedelta(days=30)
"""What is younger is listed again every day; all the rest as seldom."""
WALL: Final = 3000
"""A listing of so many or more has come to the end of what X lists (3,200)."""
OLDER: Final = NotOffered(
    "older posts",
    "X lists the newest 3,200 posts. Older ones need a token with access to the full archive, or the download of the "
    "account's own archive (`archiver import`).",
)
UNLISTED: Final = NotOffered(
    "older reposts", "Of what is older than the newest 3,200 posts, plain reposts are found by no search."
)
WHOLE: Final = "whole"
"""In the cursor that a listing leaves: when everything was listed last."""
_FROM, _ALL, _AGAIN, _BEYOND, _CLOSED = "from", "all", "again", "beyond", "closed"
_SLACK = timedelta(minutes=5)


def start(desk: Desk, names: Names, task: Task) -> Step:
    """The first page; before it the account's id, as long as nobody knows it."""
    if desk.own_id is None:
        return desk.step([visits.who(desk, names)], {})
    return _first(desk, desk.own_id, task)


def proceed(desk: Desk, names: Names, task: Task, step: Step, exchange: Exchange) -> Step:
    """The next page; what is older than the list; who quotes; the end."""
    route, state = route_of(exchange.url), deepcopy(state_of(step))
    if route is not None and route.call in {Call.USER, Call.USER_BY_NAME}:
        return _first(desk, visits.told(exchange), task)
    if newest.forgets(exchange) and route is not None:
        return _first(desk, route.id, task, anew=True)
    page = walked(desk, exchange, state.get("walk", {}))
    follow_ups = histories(names, page.posts)
    following = page.request
    if exchange.stream == quotations.STREAM:
        quotations.note(state, exchange, page)
    elif exchange.stream == past_mentions.STREAM:
        past_mentions.note(state, page)
    else:
        following = _listed(desk, task, state, exchange, page)
    state["walk"] = page.state if page.request is not None else {}
    following = following or quotations.following(desk, task, state)
    following = following or past_mentions.following(desk, names, task, state)
    if following is not None:
        return desk.after([following], state, exchange.captured_at, Step(follow_ups=tuple(follow_ups)))
    return _end(task, state, follow_ups)


def _first(desk: Desk, own_id: str, task: Task, *, anew: bool = False) -> Step:
    """Where the list begins. A backfill has a window of its own."""
    backfill = task.kind is TaskKind.BACKFILL
    state = newest.begun(task, anew=anew or task.full or backfill)
    since, whole = newest.since_of(state), backfill or _is_whole(task)
    if task.full and not whole:
        lately = task.started_at - LATELY
        since = max(since, lately) if since is not None else lately
        state = newest.begun(replace(task, since=since), anew=True)
    before = {name: known for name in (WHOLE, quotations.UNTIL) if (known := _text((task.cursor or {}).get(name)))}
    state |= {_FROM: since.isoformat() if since is not None else None, _ALL: whole, "own": own_id, BEFORE: before}
    fresh = _listed_until(task)
    if fresh is None:
        return desk.step([_list(desk, task, state)], state)
    begins, state[_AGAIN] = newest.begun(replace(task, since=fresh), anew=True), True
    new = newest.first_page(desk, Call.TIMELINE, own_id, begins, size=FEW, fields=OWN_POSTS, stream=STREAM)
    return desk.step([new], state)


def _list(desk: Desk, task: Task, state: Cursor) -> RequestSpec:
    """The first page of the list. What was captured before is listed without what it refers to, which would cost."""
    size = MANY if task.full or task.kind is TaskKind.BACKFILL else FEW
    until = task.until if task.until is not None and task.until < task.started_at - LAG else None  # none to come
    fields = OWN_POSTS if _listed_until(task) is None else KNOWN_POSTS
    return newest.first_page(
        desk, Call.TIMELINE, state["own"], state, size=size, fields=fields, stream=STREAM, until=until
    )


def _listed_until(task: Task) -> datetime | None:
    """Until when a list of everything shows posts that are known; None where it is the first, or lists what is new."""
    ends = [end for _, end in task.complete.get(STREAM, ())] if task.full else []
    return max(ends) - _SLACK if ends else None


def _is_whole(task: Task) -> bool:
    """Whether this listing is to show everything: the first one, one that a person asks for, one a month."""
    if not task.full:
        return False
    last = moment(_text((task.cursor or {}).get(WHOLE)))
    return task.everything or not task.complete.get(STREAM) or (last is not None and task.started_at - last >= LATELY)


def _listed(desk: Desk, task: Task, state: Cursor, exchange: Exchange, page: Walked) -> RequestSpec | None:
    """After a page of posts: the next one; behind the last one of the list, the full archive."""
    state.update(newest.seen(state, page))
    if task.full or task.kind is TaskKind.BACKFILL:
        quotations.gather(state, page.posts)
    if page.request is not None:
        return page.request
    if state.pop(_AGAIN, False):
        state["short"] = page.short or page.refused
        return None if state["short"] else _list(desk, task, state)
    if is_full(exchange.url):
        state[_CLOSED] = page.refused
        state[_BEYOND] = {"short": page.short, "oldest": page.state.get("oldest")}
        return None
    state |= {"short": page.short or page.refused, "oldest": page.state.get("oldest"), "count": page.count}
    return None if state["short"] else _older(desk, task, state, page)


def _older(desk: Desk, task: Task, state: Cursor, page: Walked) -> RequestSpec | None:
    """A search of the full archive for what is older than X lists; it costs nothing where there is nothing."""
    first = not task.complete.get(STREAM) or task.everything or task.kind is TaskKind.BACKFILL
    if not state.get(_ALL) or not first:
        return None
    if not desk.standing.opens_archive(task.started_at):
        state[_CLOSED] = "closed"
        return None
    since = newest.since_of(state) or FIRST_POST
    until = (
        page.oldest + timedelta(seconds=1) if page.oldest else min(filter(None, (task.until, task.started_at - LAG)))
    )
    if since >= until:
        return None
    whose = f"from:{state['own']}"
    return search(desk, Call.FULL_SEARCH, whose, start=since, end=until, size=MANY, fields=OWN_POSTS, stream=STREAM)


def _end(task: Task, state: Cursor, follow_ups: list[FollowUp]) -> Step:
    """What was listed, and what the next listing must know."""
    short = _text(state.get("short"))
    left: Cursor = newest.left(state, whole=short is None)
    if task.full and short is None:
        before = (state.get(BEFORE) or {}).get(WHOLE)
        last = task.started_at.isoformat() if state.get(_ALL) or before is None else before
        left |= {WHOLE: last, **quotations.left(task, state)}
    found = (*_result(task, state, short), *quotations.findings(task, state), *past_mentions.findings(state))
    return Step(cursor=left, findings=found, follow_ups=tuple(follow_ups))


def _result(task: Task, state: Cursor, short: str | None) -> Iterable[Finding]:
    since, until = moment(_text(state.get(_FROM))), min(filter(None, (task.until, task.started_at)))
    oldest = moment(_text(state.get("oldest"))) or until
    absence = bool(task.full)
    if short is not None:
        return _parts(since, oldest, until, short)
    if state.get(_CLOSED) is not None:
        whole = int(state.get("count") or 0) < WALL and task.kind is not TaskKind.BACKFILL
        return [Covered(STREAM, since if whole else oldest, until, absence=absence), *([] if whole else [OLDER])]
    beyond: dict[str, Any] | None = state.get(_BEYOND)
    if beyond is None:
        walled = state.get(_ALL) and int(state.get("count") or 0) >= WALL
        return [Covered(STREAM, oldest if walled else since if task.full else task.since, until, absence=absence)]
    reached = moment(_text(beyond.get("oldest"))) or oldest  # the oldest one of the list is found again
    if beyond.get("short"):
        older = _parts(since, min(reached, oldest), oldest, str(beyond["short"]))
    else:
        older = [Covered(STREAM, since, oldest, absence=False), UNLISTED] if reached < oldest else []
    return [Covered(STREAM, oldest if older else since, until, absence=absence), *older]


def _parts(since: datetime | None, oldest: datetime, until: datetime, why: str) -> list[Finding]:
    """The part that was listed, and the part that was not. A broken listing says nothing by absence."""
    found: list[Finding] = [Covered(STREAM, oldest, until, absence=False)] if oldest < until else []
    if since is None or since < oldest:
        found.append(Shortfall(STREAM, since, min(oldest, until), why))
    return found


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None

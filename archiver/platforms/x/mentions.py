"""Who names the account: the cheapest way to almost all answers, asked for since the newest that is known.

X lists the newest 800. Where so many have come since the last time that it does not reach back, a search fills the
rest.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Covered, Cursor, Finding, FollowUp, NotOffered, Shortfall, Step, Task
from archiver.platforms.resuming import state_of
from archiver.platforms.x import newest, visits
from archiver.platforms.x.desk import KNOWN_POSTS, OTHERS_POSTS, Desk, is_full
from archiver.platforms.x.fields import moment
from archiver.platforms.x.ids import Names
from archiver.platforms.x.routes import Call, route_of
from archiver.platforms.x.searches import FEW, MANY, REACH, archive_for, naming, search
from archiver.platforms.x.walks import Walked, histories, walked

STREAM: Final = "mentions"
WALL: Final = 750
"""A listing of so many or more has come to the end of what X lists (800), and may have left something out."""
OLDER: Final = NotOffered(
    "older mentions",
    "X lists the newest 800 posts that name the account. Older ones are found by `archiver backfill`, with access to "
    "the full archive.",
)
UNREACHED: Final = (
    "More posts named the account than X lists (800), and no search that this token may use reaches back so far. A "
    "token with access to the full archive would."
)
_REACHED, _SEARCHED, _CLOSED, _AGAIN = "reached", "searched", "closed", "again"
_SLACK = timedelta(minutes=5)


def start(desk: Desk, names: Names, task: Task) -> Step:
    """What is newer than the newest known; else the window."""
    if desk.own_id is None:
        return desk.step([visits.who(desk, names)], {})
    return _first(desk, desk.own_id, task, anew=_is_first(task))


def proceed(desk: Desk, names: Names, task: Task, step: Step, exchange: Exchange) -> Step:
    """The next page; after a list that did not reach back, the rest by search; then what was listed."""
    route, state = route_of(exchange.url), deepcopy(state_of(step))
    if route is not None and route.call in {Call.USER, Call.USER_BY_NAME}:
        return _first(desk, visits.told(exchange), task, anew=_is_first(task))
    if newest.forgets(exchange) and route is not None:
        return _first(desk, route.id, task, anew=True)
    page = walked(desk, exchange, state.get("walk", {}))
    state = newest.seen(state, page)
    follow_ups = histories(names, page.posts)
    following = page.request
    if following is not None:
        state["walk"] = page.state
    elif route is not None and route.call is Call.MENTIONS and _left_out(state, page):
        following = _rest(desk, names, task, state, page.oldest)
    elif page.refused is not None and is_full(exchange.url):
        state[_CLOSED] = True
        following = _rest(desk, names, task, state, moment(state[_REACHED]))
    if following is None and state.get(_AGAIN) and not page.short and not page.refused:
        following, state = _again(desk, state, task)
    if following is not None:
        return desk.after([following], state, exchange.captured_at, Step(follow_ups=tuple(follow_ups)))
    return _end(task, state, page, follow_ups)


def _is_first(task: Task) -> bool:
    """Whether all that X lists is new. Else what is new comes first, with its authors, before the rest is listed."""
    return task.full and not task.complete.get(STREAM)


def _first(desk: Desk, own_id: str, task: Task, *, anew: bool) -> Step:
    ends = [end for _, end in task.complete.get(STREAM, ())] if task.full else []
    window = replace(task, since=max(ends) - _SLACK) if ends else task
    state = newest.begun(window, anew=anew) | {"own": own_id, _AGAIN: task.full and not _is_first(task)}
    size = MANY if task.full else FEW
    page = newest.first_page(desk, Call.MENTIONS, own_id, state, size=size, fields=OTHERS_POSTS, stream=STREAM)
    return desk.step([page], state)


def _again(desk: Desk, state: Cursor, task: Task) -> tuple[RequestSpec, Cursor]:
    """The list of what is known: whether it is there, without its authors, who would cost more than all the rest."""
    whole = newest.begun(task, anew=True) | {name: state[name] for name in ("own", "seen") if name in state}
    page = newest.first_page(desk, Call.MENTIONS, state["own"], whole, size=MANY, fields=KNOWN_POSTS, stream=STREAM)
    return page, whole


def _left_out(state: Cursor, page: Walked) -> bool:
    """Whether the list ended before it reached back to where it was to begin."""
    since = newest.since_of(state)
    return not page.short and not page.refused and page.count >= WALL and since is not None and page.oldest is not None


def _rest(desk: Desk, names: Names, task: Task, state: Cursor, reached: datetime | None) -> RequestSpec | None:
    """A search for what is older than the list reached; None where nothing reaches there."""
    since, query, now = newest.since_of(state), naming(desk, names), task.started_at
    if since is None or reached is None or not query:
        return None
    call = Call.RECENT_SEARCH if state.get(_CLOSED) else archive_for(desk, since, now) or Call.RECENT_SEARCH
    begun = since if call is Call.FULL_SEARCH else max(since, now - REACH)
    if begun >= reached:
        state.pop(_SEARCHED, None)
        return None
    state |= {"walk": {}, _REACHED: reached.isoformat(), _SEARCHED: begun.isoformat()}
    return search(desk, call, query, start=begun, end=reached + timedelta(seconds=1), stream=STREAM)


def _end(task: Task, state: Cursor, page: Walked, follow_ups: list[FollowUp]) -> Step:
    why = page.short or page.refused
    found = _result(task, state, page, why)
    return Step(cursor=newest.left(state, whole=why is None), findings=tuple(found), follow_ups=tuple(follow_ups))


def _result(task: Task, state: Cursor, page: Walked, why: str | None) -> list[Finding]:
    """What was listed. Only a whole list shows by absence that something may have gone."""
    since, until = newest.since_of(state), task.started_at
    if _SEARCHED in state:
        begun = moment(state[_REACHED] if why else state[_SEARCHED]) or until
    elif _REACHED in state:
        begun = moment(state[_REACHED]) or until
    elif why is None and page.count < WALL:
        return [Covered(STREAM, task.since, until, absence=task.full)]
    else:
        begun = page.oldest or until
    found: list[Finding] = [Covered(STREAM, begun, until, absence=task.full and why is None)] if begun < until else []
    if since is not None and begun > since:
        found.append(Shortfall(STREAM, since, min(begun, until), why or UNREACHED))
    elif since is None:
        found.append(Shortfall(STREAM, None, min(begun, until), why) if why else OLDER)
    return found

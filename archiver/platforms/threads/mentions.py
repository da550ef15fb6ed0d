"""Posts of others that name the account.

Whether the token may read such a post by its id is tried with one that is listed: only then a missing one can be asked
for, and a "not there" means something.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archiver.domain.exchange import Exchange
from archiver.domain.task import Covered, Finding, NotOffered, Shortfall, Step, Task
from archiver.platforms.meta.errors import error_of
from archiver.platforms.meta.paging import covered
from archiver.platforms.meta.requests import Desk
from archiver.platforms.resuming import state_of
from archiver.platforms.threads import whose
from archiver.platforms.threads.names import Names
from archiver.platforms.threads.posts import newest
from archiver.platforms.threads.routes import Call, route_of
from archiver.platforms.threads.walks import Source, begin, walked
from archiver.platforms.threads.wanted import BY_ID, REPLY, SIGN

STREAM = "mentions"
SOURCE = Source("mentions", STREAM, REPLY)
NO_SCOPE = (
    "Mentions by others are not shown to this token. Make one with the scope threads_manage_mentions "
    "(`archiver account connect`); of people who have no role in the app, Meta shows them after its review only."
)

NOT_BY_ID = (
    "Threads does not let this token read posts of others elsewhere by their id, so it can't be told whether one that "
    "is no longer listed was removed. It keeps the state it had."
)


def start(desk: Desk, names: Names, task: Task) -> Step:
    """The first page; before it the account's id, as long as nobody knows it."""
    node = whose.node_of(names, task)
    if node is None:
        return desk.step([whose.ask(desk, names, task)], {})
    return desk.step([begin(desk, node, SOURCE)], {"node": node})


def proceed(desk: Desk, names: Names, task: Task, step: Step, exchange: Exchange) -> Step:
    """The next page, or the end."""
    if mended := desk.mended(step, exchange):
        return mended
    if exchange.stream == whose.STREAM:
        return _identified(desk, names, task, exchange)
    return _listed(desk, task, exchange, state_of(step))


def _identified(desk: Desk, names: Names, task: Task, exchange: Exchange) -> Step:
    node = whose.told(names, task, exchange)
    if node is None:
        return desk.step([], findings=[whose.another(names, task, exchange, STREAM)])
    return desk.step([begin(desk, node, SOURCE)], {"node": node})


def _listed(desk: Desk, task: Task, exchange: Exchange, state: dict[str, Any]) -> Step:
    """After a page, or after one of the posts was asked for by its id."""
    route = route_of(exchange.url)
    if route is not None and route.call is Call.OBJECT:
        return desk.step([], findings=_findings(task, state, by_id=error_of(exchange) is None))
    result = walked(desk, state["node"], SOURCE, exchange, state.get("walk", {}), task.since)
    state = {**state, "walk": result.state, "one": state.get("one") or newest(result.entries)}
    if result.request is not None:
        return desk.step([result.request], state)
    if result.refused is not None:
        reason = f"{NO_SCOPE} Threads says: {result.refused.basis}"
        return desk.step([], findings=[Shortfall(STREAM, task.since, task.started_at, reason)])
    proved = bool(task.account.facts.get(BY_ID))
    if state["one"] and (task.full or not proved):
        return desk.step([desk.ask(state["one"], SIGN, stream=STREAM)], state)
    return desk.step([], findings=_findings(task, state, by_id=proved))


def _findings(task: Task, state: dict[str, Any], *, by_id: bool) -> list[Finding]:
    """What was listed. That one is missing means something only where such a post can be asked for by its id."""
    found = covered(task, STREAM, state["walk"])
    if by_id:
        return list(found)
    never = [NotOffered("removed mentions", NOT_BY_ID)] if state["one"] else []
    return [*(replace(one, absence=False) if isinstance(one, Covered) else one for one in found), *never]

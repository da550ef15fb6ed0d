"""Posts of others that name the account."""

from __future__ import annotations

from archiver.domain.exchange import Exchange
from archiver.domain.task import Finding, Shortfall, Step, Task
from archiver.platforms.meta.paging import covered
from archiver.platforms.meta.requests import Desk, state_of
from archiver.platforms.threads import whose
from archiver.platforms.threads.names import Names
from archiver.platforms.threads.walks import Source, begin, walked
from archiver.platforms.threads.wanted import REPLY

STREAM = "mentions"
SOURCE = Source("mentions", STREAM, REPLY)
NO_SCOPE = (
    "Mentions by others are not shown to this token. Make one with the scope threads_manage_mentions "
    "(`archiver account connect`); of people who have no role in the app, Meta shows them after its review only."
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
        node = whose.told(names, task, exchange)
        if node is None:
            return desk.step([], findings=[whose.another(names, task, exchange, STREAM)])
        return desk.step([begin(desk, node, SOURCE)], {"node": node})
    state = state_of(step)
    result = walked(desk, state["node"], SOURCE, exchange, state.get("walk", {}), task.since)
    if result.request is not None:
        return desk.step([result.request], {**state, "walk": result.state})
    if result.refused is not None:
        reason = f"{NO_SCOPE} Threads says: {result.refused.basis}"
        findings: tuple[Finding, ...] = (Shortfall(STREAM, task.since, task.started_at, reason),)
    else:
        findings = covered(task, STREAM, result.state)
    return desk.step([], findings=findings)

"""The account's own posts, page by page: polls and backfills.

No one listing has them all: ``threads`` are its roots, quotes and reposts, ``replies`` its answers anywhere and with
them the later parts of its own chains, ``ghost_posts`` what it shows for a day. The windows of polls overlap, so that
an edit, which leaves no mark and is possible for some minutes only, is seen by the next poll.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from archiver.domain.exchange import Exchange
from archiver.domain.task import Covered, Finding, NotOffered, Shortfall, Step, Task
from archiver.platforms.meta.errors import Fault, GraphError, error_of
from archiver.platforms.meta.fields import moment
from archiver.platforms.meta.requests import Desk
from archiver.platforms.resuming import state_of
from archiver.platforms.threads import whose
from archiver.platforms.threads.names import Names
from archiver.platforms.threads.routes import Call, route_of
from archiver.platforms.threads.walks import Source, Walked, begin, walked
from archiver.platforms.threads.wanted import A_POST, PLAIN, POST, SIGN

STREAM = "posts"
ANSWERS = "replies"
"""The track of the account's own answers, which need a scope of their own."""

SOURCES = {
    "threads": Source("threads", STREAM, POST, PLAIN),
    "replies": Source("replies", STREAM, POST),
    "ghost_posts": Source("ghost_posts", STREAM, POST),
}
_ORDER = tuple(SOURCES)

NO_ANSWERS = (
    "The account's own answers are not shown to this token. Make one with the scope threads_read_replies "
    "(`archiver account connect`)."
)
NO_GHOSTS = "This token is not shown posts that last a day."
EMPTY = (
    "Threads listed no posts at all, though it still has some that it listed before. Most often the token has lost a "
    "permission: run `archiver check`, then make a new token. Nothing was taken for removed."
)


def start(desk: Desk, names: Names, task: Task) -> Step:
    """The first page; before it the account's id, as long as nobody knows it."""
    node = whose.node_of(names, task)
    if node is None:
        return desk.step([whose.ask(desk, names, task)], {})
    return desk.step([begin(desk, node, SOURCES[_ORDER[0]])], {"node": node, "at": _ORDER[0], "done": {}})


def proceed(desk: Desk, names: Names, task: Task, step: Step, exchange: Exchange) -> Step:
    """The next page, the next listing, or the end."""
    if mended := desk.mended(step, exchange):
        return mended
    if exchange.stream == whose.STREAM:
        return _identified(desk, names, task, exchange)
    state = state_of(step)
    route = route_of(exchange.url)
    if route is not None and route.call is Call.OBJECT:
        return _probed(desk, task, exchange, state)
    name: str = state["at"]
    result = walked(desk, state["node"], SOURCES[name], exchange, state.get("walk", {}), task.since)
    if result.request is not None:
        return desk.step([result.request], {**state, "walk": result.state})
    known = task.account.facts.get(A_POST)
    if name == "threads" and result.first and not result.entries and result.refused is None and known:
        return desk.step([desk.ask(known, SIGN, stream=STREAM)], {**state, "walk": result.state})
    return _ended(desk, task, state, name, result)


def _identified(desk: Desk, names: Names, task: Task, exchange: Exchange) -> Step:
    node = whose.told(names, task, exchange)
    if node is None:
        return desk.step([], findings=[whose.another(names, task, exchange, STREAM)])
    return desk.step([begin(desk, node, SOURCES[_ORDER[0]])], {"node": node, "at": _ORDER[0], "done": {}})


def _probed(desk: Desk, task: Task, exchange: Exchange, state: dict[str, Any]) -> Step:
    """A post that was listed once is still there: then an empty list is none."""
    result = Walked(None, state.get("walk", {}))
    if error_of(exchange) is None:
        result = Walked(None, {**result.state, "short": EMPTY})
    return _ended(desk, task, state, "threads", result)


def _ended(desk: Desk, task: Task, state: dict[str, Any], name: str, result: Walked) -> Step:
    """One listing is through: the next, or what came of all."""
    told = {"oldest": result.state.get("oldest"), "short": result.short, "refused": _why(result.refused)}
    done = {**state["done"], name: told}
    following = _ORDER[_ORDER.index(name) + 1 :]
    if following:
        request = begin(desk, state["node"], SOURCES[following[0]])
        return desk.step([request], {**state, "at": following[0], "done": done, "walk": {}})
    return desk.step([], findings=_findings(task, done))


def _why(error: GraphError | None) -> str | None:
    if error is None:
        return None
    return error.basis if error.fault is not Fault.HEAVY else "the platform found the smallest page too large"


def _findings(task: Task, done: dict[str, Any]) -> list[Finding]:
    """What was listed. Without the account's answers its posts are complete all the same, by themselves."""
    until = min(task.until, task.started_at) if task.until else task.started_at
    found: list[Finding] = []
    answers = done["replies"]
    refused = done["threads"]["refused"]
    if refused:
        found.append(Shortfall(STREAM, task.since, until, f"Threads refused the list of posts: {refused}"))
    else:
        found += _listed(STREAM, [done["threads"]] + ([] if answers["refused"] else [answers]), task.since, until,
                         roots=bool(answers["refused"]))  # fmt: skip
    if answers["refused"]:
        found.append(Shortfall(ANSWERS, task.since, until, f"{NO_ANSWERS} Threads says: {answers['refused']}"))
    else:
        found += _listed(ANSWERS, [answers], task.since, until)
    if done["ghost_posts"]["refused"]:
        found.append(NotOffered("ghost posts", f"{NO_GHOSTS} Threads says: {done['ghost_posts']['refused']}"))
    return found


def _listed(
    stream: str, parts: Sequence[Any], since: datetime | None, until: datetime, *, roots: bool = False
) -> list[Finding]:
    """What all of some listings showed completely, and what one of them left out."""
    short = next((part["short"] for part in parts if part["short"]), None)
    if short is None:
        return [Covered(stream, since, until, roots=roots)]
    begins = [moment(part["oldest"]) or until for part in parts if part["short"]]
    begun = max(begins)
    if begun >= until:
        return [Shortfall(stream, since, until, short)]
    return [Covered(stream, begun, until, roots=roots), Shortfall(stream, since, begun, short)]

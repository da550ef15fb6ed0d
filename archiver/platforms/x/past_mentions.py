"""Who named the account in the past: a backfill's search of the full archive, for what no list of mentions reaches."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from archiver.domain.exchange import RequestSpec
from archiver.domain.task import Covered, Cursor, Finding, Shortfall, Task, TaskKind
from archiver.platforms.x.desk import Desk
from archiver.platforms.x.fields import moment
from archiver.platforms.x.ids import Names
from archiver.platforms.x.routes import Call
from archiver.platforms.x.searches import FIRST_POST, LAG, naming, search
from archiver.platforms.x.walks import Walked

STREAM: Final = "mentions"
_WINDOW, _SHORT = "mentions in", "mentions short"


def following(desk: Desk, names: Names, task: Task, state: Cursor) -> RequestSpec | None:
    """The search, once; None in other tasks, and where all mentions are known."""
    now, query = task.started_at, naming(desk, names)
    if task.kind is not TaskKind.BACKFILL or _WINDOW in state or not query or not desk.standing.opens_archive(now):
        return None
    since, until = task.since or FIRST_POST, _unlisted_until(task)
    state[_WINDOW] = [since.isoformat() if task.since else None, until.isoformat()]
    if since >= until:
        return None
    return search(desk, Call.FULL_SEARCH, query, start=since, end=until, stream=STREAM)


def note(state: Cursor, page: Walked) -> None:
    """What a page told of the search as a whole."""
    if page.request is None:
        state[_SHORT] = page.short or page.refused or ""


def findings(state: Cursor) -> Iterable[Finding]:
    """What was searched."""
    if _WINDOW not in state or _SHORT not in state:
        return ()
    since, until = (moment(one) for one in state[_WINDOW])
    if until is None:
        return ()
    why = str(state[_SHORT])
    return (Shortfall(STREAM, since, until, why) if why else Covered(STREAM, since, until, absence=False),)


def _unlisted_until(task: Task) -> datetime:
    """From when on the mentions are known: what is complete up to the window's end need not be searched for."""
    until = min(filter(None, (task.until, task.started_at - LAG)))
    for begin, end in task.complete.get(STREAM, ()):
        if end >= until and (begin is None or begin < until):
            return begin or FIRST_POST
    return until

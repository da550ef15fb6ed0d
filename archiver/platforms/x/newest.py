"""Listings that go on where the last one ended: the highest id that was seen is all that the next one must know.

Ids grow with time, and an edit makes a new one, so nothing new lies below it; and what lies above costs nothing as long
as nothing is there. It holds only after a listing that came to its end.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Cursor, Task
from archiver.platforms.x.answers import refused_parameters
from archiver.platforms.x.desk import Desk, second
from archiver.platforms.x.fields import moment
from archiver.platforms.x.ids import is_id, made_at
from archiver.platforms.x.routes import Call, Query
from archiver.platforms.x.walks import Walked, highest

NEWEST: Final = "newest"
"""In the cursor that a listing leaves: the highest id."""
EARLIEST: Final = datetime(2010, 11, 7, tzinfo=UTC)
"""X takes no earlier beginning of a list; what is older has ids that tell no time."""
_KNOWN, _BEGUN, _SEEN = "known", "begun", "seen"


def begun(task: Task, *, anew: bool) -> Cursor:
    """What a listing remembers of where it begins. ``anew``: at the window's beginning, whatever is known."""
    known = (task.cursor or {}).get(NEWEST)
    if anew or not isinstance(known, str) or not is_id(known):
        return {_BEGUN: task.since.isoformat() if task.since is not None else None}
    since = made_at(known) or task.since
    return {_KNOWN: known, _BEGUN: since.isoformat() if since is not None else None}


def since_of(state: Mapping[str, Any]) -> datetime | None:
    """The moment from which a listing begins."""
    return moment(state.get(_BEGUN))


def first_page(
    desk: Desk, call: Call, own_id: str, state: Mapping[str, Any], *, size: int, fields: Query, stream: str,
    until: datetime | None = None,
) -> RequestSpec:  # fmt: skip
    """The first page. X takes either ids or times."""
    known, since = state.get(_KNOWN), since_of(state)
    bounds: list[tuple[str, str]] = []
    if isinstance(known, str):
        bounds.append(("since_id", known))
    else:
        bounds += [("start_time", second(since))] if since is not None and since > EARLIEST else []
        bounds += [("end_time", second(until))] if until is not None else []
    return desk.ask(call, own_id, [("max_results", str(size)), *bounds, *fields], stream=stream)


def forgets(exchange: Exchange) -> bool:
    """Whether X does not take the newest id that was known."""
    return "since_id" in refused_parameters(exchange)


def seen(state: Mapping[str, Any], page: Walked) -> Cursor:
    """The state with the ids of one more page."""
    return {**state, _SEEN: highest([state.get(_SEEN), page.state.get("newest")])}


def left(state: Mapping[str, Any], *, whole: bool) -> Cursor:
    """What the next listing must know: of one that did not come to its end, where this one began."""
    known = state.get(_KNOWN)
    newest = highest([known, state.get(_SEEN)]) if whole else known
    return {NEWEST: newest} if newest is not None else {}

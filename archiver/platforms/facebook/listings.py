"""Everything that the page published and others wrote on it: polls and backfills, source by source.

Each source is listed newest first until the window's beginning, which overlaps what is known; a full poll's window
begins where the account's does. Parameters for a window are not used: such windows have holes. A source that is refused
ends by itself, never the account's round. Nothing of what was listed before is taken for gone because the platform fell
silent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Covered, Cursor, Finding, NotOffered, Shortfall, Step, Task, TaskKind
from archiver.platforms.facebook.asked import PROBE
from archiver.platforms.facebook.ids import Names
from archiver.platforms.facebook.routes import Call, edge, route_of
from archiver.platforms.facebook.sources import CONVERSATIONS, MESSAGES, PHOTOS, SOURCES, Source, of_call, wanted
from archiver.platforms.meta.errors import Fault, GraphError, error_of, words_for
from archiver.platforms.meta.fields import count, document, identifier, listed, mapping, moment
from archiver.platforms.meta.paging import covered, turn
from archiver.platforms.meta.requests import PLACES, Desk, query_of
from archiver.platforms.resuming import state_of

SILENT = (
    "The platform listed nothing at all of this page, and the token is not the page's own: lists are empty for a "
    "person's token. Connect the account with a page's token (`archiver account connect`)."
)
SILENT_LISTS = (
    "The platform listed none of the page's posts, although it shows videos or albums of it. Nothing was taken for "
    "removed. `archiver check` tells what the token lacks; connect the account anew if this lasts."
)
GIVEN_UP = "The platform does not offer {name} any more."
_STORY_LIFE, _SURELY_SHOWN = timedelta(hours=24), timedelta(hours=20)
"""A story that is younger than the latter and not listed was taken away; an older one may have come to its end."""
_RESTARTS = 2
"""So often a listing whose cursor is refused begins again: cursors die with the entry that they name."""
_UNTIL_REFUSED = frozenset({Fault.MISSING, Fault.PARAMETER, Fault.PERMISSION})
"""How messages end: only the newest twenty of a conversation are shown."""


def start(desk: Desk, names: Names, task: Task) -> Step:
    """The first page of every source; before them the page's id, as long as nobody knows it."""
    if task.account.native_id is None:
        return desk.step([desk.ask(names.handle, PROBE, stream="profile")])
    return _begun(desk, task, names.person_id(task.account.native_id))


def proceed(desk: Desk, names: Names, task: Task, step: Step, exchange: Exchange) -> Step:
    """The next page, the next source, or the end."""
    route = route_of(exchange.url)
    if route is None or route.call is Call.PROBE:
        return _begun(desk, task, identifier(document(exchange).get("id")) or names.handle)
    visit = _Visit(desk, names, task, step)
    source = of_call(route.call)
    if route.call is Call.ME:
        visit.holder(exchange)
    elif source is not None:
        error = error_of(exchange)
        if error is None:
            visit.page(source, exchange)
        else:
            visit.refused(source, error, exchange)
    return visit.step()


def whole(task: Task) -> bool:
    """Whether a task lists everything, not only what is new."""
    return task.full or task.kind is TaskKind.BACKFILL


def first_page(desk: Desk, source: Source, native_id: str) -> RequestSpec:
    """The first page of a source."""
    query = [*source.query, ("limit", str(source.most))]
    return desk.ask(edge(native_id, source.call), source.fields, query, stream=source.stream)


def dates_of(source: Source, entries: Sequence[Mapping[str, Any]]) -> list[datetime | None]:
    """When each entry of a page was made."""
    found = ([moment(one.get(member)) for member in source.dated] for one in entries)
    return [next((at for at in moments if at is not None), None) for moments in found]


def ids_of(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """What names each entry of a page."""
    names = ("id", "post_id", "media_id", "created_time")
    return [next((found for name in names if (found := identifier(one.get(name)))), "?") for one in entries]


def refusal(source: Source, error: GraphError, since: datetime | None, until: datetime) -> Finding:
    """What it means for the records that a source is refused."""
    if error.fault is Fault.REMOVED:
        return NotOffered(source.name, GIVEN_UP.format(name=source.name))
    return Shortfall(source.name, since, until, f"The platform refused the {source.name}: {words_for(error)}")


def _begun(desk: Desk, task: Task, page: str) -> Step:
    return desk.step([first_page(desk, source, page) for source in wanted(task, whole=whole(task))], {"page": page})


class _Visit:
    """One task, between two answers: what is still to be asked, what the cursor remembers, and what was found out.

    The cursor holds the id of the ``page``, ``turn`` of the source that is being listed, what came of the page's
    ``posts``, ``own`` and ``lists`` (whether anything of the page's own was shown, and any post) and ``restarts``.
    """

    def __init__(self, desk: Desk, names: Names, task: Task, step: Step) -> None:
        self.desk, self.names, self.task = desk, names, task
        self.asked: list[RequestSpec] = list(step.rest().requests)
        self.state: Cursor = state_of(step)
        self.findings: list[Finding] = []
        self.until = min(task.until, task.started_at) if task.until else task.started_at

    def page(self, source: Source, exchange: Exchange) -> None:
        """A page of a source: what of it leads further, and the page after it."""
        entries = [one for _, one in listed(exchange)]
        if entries:
            self.state["own"] = bool(self.state.get("own")) or source.own
            self.state["lists"] = bool(self.state.get("lists")) or source.posts
        self._further(source, entries)
        dates = dates_of(source, entries)
        page = turn(exchange, ids_of(entries), dates, self.task.since, self.state.get("turn", {}))
        if page.place is not None:
            self.state["turn"] = page.state
            following = self.desk.next(
                exchange, page.place, fields=source.fields, most=source.most, stream=source.stream, page=page.number
            )
            self.asked.insert(0, following)
        else:
            self._ended(source, page.state)

    def refused(self, source: Source, error: GraphError, exchange: Exchange) -> None:
        """A source that the platform does not give, now or any more."""
        placed = any(name in PLACES for name, _ in query_of(exchange.url))
        restarts: int = self.state.get("restarts", 0)
        route = route_of(exchange.url)
        if (source is MESSAGES and error.fault in _UNTIL_REFUSED) or (
            source is PHOTOS and error.fault is Fault.MISSING
        ):
            self.state.pop("turn", None)
        elif placed and error.fault is Fault.PARAMETER and restarts < _RESTARTS and route is not None:
            self.state |= {"restarts": restarts + 1, "turn": {}}
            self.asked.insert(0, first_page(self.desk, source, route.id))
        elif source.call is Call.PUBLISHED_POSTS:
            reason = f"The platform refused the page's posts: {words_for(error)}"
            self._ended(source, self.state.get("turn", {}) | {"short": reason})
        else:
            self.state.pop("turn", None)
            since = self.until - _STORY_LIFE if source.call is Call.STORIES else self.task.since  # older ones had ended
            self.findings.append(refusal(source, error, since, self.until))

    def holder(self, exchange: Exchange) -> None:
        """Whose token it is, where nothing at all was listed."""
        whose = identifier(document(exchange).get("id")) if error_of(exchange) is None else None
        self.state["silent"] = whose != self.state.get("page")

    def step(self) -> Step:
        """What is asked next; at the end what was listed of the page's own."""
        if not self.asked and not self.state.get("own") and "silent" not in self.state:
            self.asked = [self.desk.ask(str(Call.ME), None, [("fields", "id,name")], stream="profile")]
        if not self.asked:
            self.findings += self._result()
        return self.desk.step(self.asked, self.state, findings=self.findings)

    def _ended(self, source: Source, state: dict[str, Any]) -> None:
        """A source that was listed to its end, or to where it went in circles."""
        self.state.pop("turn", None)
        self.state.pop("restarts", None)
        if source.call is Call.PUBLISHED_POSTS:
            self.state["posts"] = {name: state.get(name) for name in ("short", "oldest")}
        elif source.call is Call.STORIES and not state.get("short"):
            now = self.task.started_at
            self.findings.append(Covered("stories", now - _STORY_LIFE, now, absence=False))
            self.findings.append(Covered("stories", now - _SURELY_SHOWN, now))
        elif source in SOURCES or source is CONVERSATIONS:
            self.findings += covered(self.task, source.name, state)
        elif state.get("short"):
            self.findings.append(Shortfall(source.name, self.task.since, self.until, str(state["short"])))

    def _further(self, source: Source, entries: Sequence[Mapping[str, Any]]) -> None:
        """Lists below the entries of a list: photos of an album, messages of a conversation; new ones only."""
        below = {Call.ALBUMS: PHOTOS, Call.CONVERSATIONS: MESSAGES}.get(source.call)
        if below is None:
            return
        for one in entries:
            native_id, changed = identifier(one.get("id")), moment(one.get("updated_time"))
            unchanged = self.task.since is not None and changed is not None and changed < self.task.since
            if native_id and not (unchanged and not whole(self.task)) and count(one.get("count")) != 0:
                self.asked.append(first_page(self.desk, below, native_id))

    def _result(self) -> list[Finding]:
        """Whether all posts of the window were listed; what the list does not show any more is confirmed by that."""
        if self.state.get("silent") or (self.state.get("own") and not self.state.get("lists")):
            reason = SILENT if self.state.get("silent") else SILENT_LISTS
            return [Shortfall("posts", self.task.since, self.until, reason)]
        found = covered(self.task, "posts", mapping(self.state.get("posts")))  # type: ignore[arg-type]
        return [Covered(one.stream, one.from_at, one.until_at, roots=True) if isinstance(one, Covered) else one
                for one in found]  # fmt: skip

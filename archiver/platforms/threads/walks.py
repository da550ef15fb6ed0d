"""One listing from its first page to its last, and what to do when a page is refused.

Threads gives cursors and no ``next``, so a listing goes on as long as its pages are not empty. A cursor dies with the
post that it stands for: then the listing begins anew, once. A list of fields that the token may not see in full is
asked for plainly, once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.platforms.meta.errors import Fault, GraphError, error_of
from archiver.platforms.meta.fieldlists import FieldList
from archiver.platforms.meta.fields import listed, moment
from archiver.platforms.meta.paging import Page, turn
from archiver.platforms.meta.requests import Desk, query_of
from archiver.platforms.threads.posts import post_id

MOST = 100
"""The largest page that Threads gives."""
_DEAD_CURSOR = frozenset({Fault.PARAMETER, Fault.MISSING})
_TOO_RICH = frozenset({Fault.PARAMETER, Fault.PERMISSION})


@dataclass(frozen=True, slots=True)
class Source:
    """A listing: all after the id in its path, the stream it serves, its fields, and fewer of them."""

    edge: str
    stream: str
    fields: FieldList
    plain: FieldList | None = None
    query: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Walked:
    """Where a listing stands after an answer: the next request, or None at its end, with what the cursor remembers.

    ``entries`` are the page's. ``refused`` is the error that ended it, ``first`` whether this was its first page.
    """

    request: RequestSpec | None
    state: dict[str, Any]
    entries: Sequence[Mapping[str, Any]] = ()
    refused: GraphError | None = None
    first: bool = False

    @property
    def short(self) -> str | None:
        """Why it ended too early, if it did."""
        found = self.state.get("short")
        return str(found) if found else None


def begin(desk: Desk, node: str, source: Source, state: Mapping[str, Any] | None = None) -> RequestSpec:
    """The first page."""
    fields = _fields(source, state or {})
    return desk.ask(f"{node}/{source.edge}", fields, [("limit", str(MOST)), *source.query], stream=source.stream)


def walked(
    desk: Desk, node: str, source: Source, exchange: Exchange, state: dict[str, Any], since: datetime | None
) -> Walked:
    """After a page. ``state`` is that of the page before, at first empty."""
    error = error_of(exchange)
    later = any(name == "after" for name, _ in query_of(exchange.url))
    if error is not None:
        return _refused(desk, node, source, error, state, later=later)
    entries = [post for _, post in listed(exchange)]
    ids = [found for post in entries if (found := post_id(post))]
    moments = [moment(post.get("timestamp")) for post in entries]
    page: Page = turn(exchange, ids, moments, since, state, by_cursor=True)
    if page.place is None:
        return Walked(None, page.state, entries, first=not later)
    request = desk.next(
        exchange, page.place, fields=_fields(source, state), most=MOST, stream=source.stream, page=page.number
    )
    return Walked(request, page.state, entries, first=not later)


def _refused(desk: Desk, node: str, source: Source, error: GraphError, state: dict[str, Any], *, later: bool) -> Walked:
    kept: dict[str, Any] = {name: state[name] for name in ("again", "plain") if name in state}
    if later and error.fault in _DEAD_CURSOR and not state.get("again"):
        kept["again"] = True
        return Walked(begin(desk, node, source, kept), kept)
    if source.plain is not None and error.fault in _TOO_RICH and not state.get("plain"):
        kept["plain"] = True
        return Walked(begin(desk, node, source, kept), kept)
    return Walked(None, state, refused=error, first=not later)


def _fields(source: Source, state: Mapping[str, Any]) -> FieldList:
    return source.plain if source.plain is not None and state.get("plain") else source.fields

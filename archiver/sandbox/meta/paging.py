"""Pages of a connection: cursors, the links that carry the token, and what goes wrong with them.

Cursors look as Meta's do: base64 with ``=`` written ``ZD``; of a position (``MQZDZD`` is "1"), or "encrypted"
(``QVFIU…``) around the key of an entry. A position shifts when entries before it come or go; a key does not.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from archiver.sandbox.meta.problems import bad_parameter, too_much
from archiver.sandbox.meta.quirks import Quirks
from archiver.sandbox.meta.schema import Arguments, Edge, Listing, Node
from archiver.sandbox.meta.wire import unix

_SEALED = "AQHR"
_STEERING = frozenset({"after", "before", "until", "since", "__paging_token", "__previous"})


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a listing. ``steps`` are the parameters of ``previous`` and ``next``; None where there is none."""

    nodes: tuple[Node, ...]
    cursors: dict[str, str] | None = None
    next: dict[str, str] | None = None
    previous: dict[str, str] | None = None


def limit_of(arguments: Arguments, edge: Edge) -> int:
    """The page size. Raises Problem for one that is no number, below 0, or too large where that is refused."""
    text = arguments.one("limit")
    if not text:
        return edge.usual
    try:
        limit = int(text)
    except ValueError:
        raise bad_parameter("Param limit must be an integer") from None
    if limit < 0:
        raise bad_parameter("limit must be greater than or equal to 0")
    if limit > edge.most:
        if edge.over == "cut":
            return edge.most
        if limit >= 5 * edge.most:
            raise too_much()
        raise bad_parameter(f"limit must be less than or equal to {edge.most}")
    return limit


def chosen(listing: Listing, arguments: Arguments, edge: Edge) -> list[Node]:
    """Those between ``since`` and ``until``; empty parameters count as none."""
    nodes = list(listing.nodes)
    if edge.since is None:
        return nodes
    moment = edge.since
    since, until = arguments.one("since"), arguments.one("until")
    if since:
        bound = _moment(since)
        nodes = [node for node in nodes if moment(node.thing) >= bound]
    if until:
        bound = _moment(until)
        nodes = [node for node in nodes if moment(node.thing) <= bound]
    return nodes


def _moment(text: str) -> datetime:
    try:
        if text.lstrip("-").isdigit():
            return datetime.fromtimestamp(int(text), UTC)
        read = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise bad_parameter(f"Invalid time given: {text}") from None
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)


def cut(nodes: list[Node], arguments: Arguments, name: str, edge: Edge, quirks: Quirks) -> Page:
    """The page that was asked for. Raises Problem for a cursor that is none."""
    limit = limit_of(arguments, edge)
    if not edge.paged:
        return Page(tuple(nodes))
    if limit == 0:
        return Page(())
    if arguments.one("before") or arguments.one("__previous"):
        end = _place(arguments.one("before") or arguments.one("__paging_token"), nodes, quirks).index
        begin, paused = max(0, end - limit), False
    else:
        place = _place(arguments.one("after") or arguments.one("__paging_token"), nodes, quirks)
        begin = place.index if not place.given else place.index + 1
        if quirks.short_pages:
            limit = max(1, limit // 2)
        paused = quirks.short_pages and not place.paused and begin > 0 and (begin // limit) % 3 == 2
        end = begin if paused else min(len(nodes), begin + limit)
    page = nodes[begin:end]
    if not page and not paused:
        return Page(())
    timed = name in quirks.timed and edge.since is not None
    return _page(page, begin, end, nodes, arguments, name, edge, quirks, paused=paused, timed=timed)


def _page(
    page: list[Node],
    begin: int,
    end: int,
    nodes: list[Node],
    arguments: Arguments,
    name: str,
    edge: Edge,
    quirks: Quirks,
    *,
    paused: bool,
    timed: bool,
) -> Page:
    last = begin - 1 if paused else end - 1
    first = begin - 1 if paused else begin
    after, before = _cursor(nodes, last, edge, paused=paused), _cursor(nodes, first, edge)
    more, earlier = end < len(nodes) or paused, begin > 0
    if name in quirks.looping and arguments.one("after"):
        after, more = arguments.one("after"), True
    if timed:
        moment = edge.since or (lambda thing: thing.created_at)
        steps = {"until": str(unix(moment(nodes[last].thing))), "since": "", "__paging_token": after}
        back = {"since": str(unix(moment(nodes[first].thing))), "until": "", "__paging_token": before}
        return Page(tuple(page), None, steps if more else None, back | {"__previous": "1"} if earlier else None)
    if name in quirks.without_next:
        more = earlier = False
    return Page(
        tuple(page),
        {"before": before, "after": after},
        {"after": after} if more else None,
        {"before": before} if earlier else None,
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a cursor points. ``given``: there was one. ``paused``: an empty page was given out here before."""

    index: int
    given: bool = True
    paused: bool = False


def _cursor(nodes: list[Node], index: int, edge: Edge, *, paused: bool = False) -> str:
    mark = "p" if paused else ""
    if edge.cursors == "position":
        return _shown(f"{index}{mark}")
    return _shown(f"{_SEALED}{nodes[index].thing.id}:{index}{mark}")


def _shown(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().replace("=", "ZD")


def _place(cursor: str, nodes: list[Node], quirks: Quirks) -> _Place:
    if not cursor:
        return _Place(0, given=False)
    try:
        text = base64.urlsafe_b64decode(cursor.replace("ZD", "=")).decode()
        paused = text.endswith("p")
        text = text.removesuffix("p")
        if not text.startswith(_SEALED):
            return _Place(int(text), paused=paused)
        key, _, index = text.removeprefix(_SEALED).rpartition(":")
        place = int(index)
    except (ValueError, binascii.Error):
        raise bad_parameter(f"Invalid cursors values: {cursor}") from None
    if place < len(nodes) and nodes[place].thing.id == key:
        return _Place(place, paused=paused)
    for found, node in enumerate(nodes):
        if node.thing.id == key:
            return _Place(found, paused=paused)
    if quirks.dying_cursors:
        raise bad_parameter(f"Invalid cursors values: {cursor}")
    return _Place(place - 1, paused=paused)


def links(page: Page, address: str, parameters: Mapping[str, str], token: str | None) -> dict[str, Any] | None:
    """The ``paging`` member. ``parameters``: those of the call; ``token``: what the links echo."""
    if page.cursors is None and page.next is None and page.previous is None:
        return None
    kept = {name: value for name, value in parameters.items() if name not in _STEERING}
    paging: dict[str, Any] = {}
    if page.cursors is not None:
        paging["cursors"] = page.cursors
        kept |= {name: parameters[name] for name in ("since", "until") if name in parameters}
    for member, steps in (("previous", page.previous), ("next", page.next)):
        if steps is not None:
            query = ({"access_token": token} if token else {}) | kept | steps
            paging[member] = f"{address}?{urlencode(query, quote_via=quote, safe='')}"
    return paging

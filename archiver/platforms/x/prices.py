"""What calls cost: X is paid for each post and person that an answer brings (x.md, section 5).

Amounts are thousandths of a dollar. X does not say whether it charges for what stands in ``includes``, so that is
counted: a budget must hold whatever the bill says. For the same reason a resource counts each time, though X promises
to charge it once within a UTC day. The account's own timeline and mentions are cheap where the token is its own; that
is noted beside the request, since the answer does not show it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from archiver.domain.exchange import Exchange
from archiver.domain.spending import Period, Tariff
from archiver.errors import ShapeChanged
from archiver.platforms.x.fields import mapping
from archiver.platforms.x.routes import POST_LISTS, Call, Route, route_of

POST: Final = 5
OWNED: Final = 1
USER: Final = 10
OWNED_NOTE: Final = "owned read"
"""What is noted beside a request for the account's own posts or mentions with its own token."""

_OWNED_CALLS = frozenset({Call.TIMELINE, Call.MENTIONS})
_POSTS = POST_LISTS | {Call.POST}
_ANSWER = 10
"""So many posts X gives in a listing that does not say how many it wants."""
_VERSIONS = 5
"""So many earlier versions a post can have."""
_REFERRED = 2
"""So many posts a post refers to at most: the one that it answers and one that it quotes."""
_PEOPLE = frozenset({Call.ME, Call.USER, Call.USERS, Call.USER_BY_NAME, Call.USERS_BY_NAME})


def most(url: str, note: str = "") -> int:
    """The most that an answer may cost."""
    route = route_of(url)
    if route is None:
        return 0
    asked = set(route.values("expansions"))
    each = _each(route, note)
    if route.call in _PEOPLE:
        return _asked_for(route) * each
    if not each:
        return 0
    each += POST * _VERSIONS if "edit_history_tweet_ids" in asked else 0
    each += POST * _REFERRED if "referenced_tweets.id" in asked else 0
    each += USER * _REFERRED if "referenced_tweets.id.author_id" in asked else 0
    authors = 1 if route.call is Call.TIMELINE else _asked_for(route)
    return _asked_for(route) * each + (authors * USER if "author_id" in asked else 0)


def cost(exchange: Exchange) -> int:
    """What an answer cost; what failed is free. An answer that can't be read is taken to have cost the most."""
    route = route_of(exchange.url)
    if route is None or exchange.status is None or not 200 <= exchange.status < 300:
        return 0
    each = _each(route, exchange.note)
    if not each:
        return 0
    try:
        answer = mapping(exchange.json())
    except ShapeChanged:
        return most(exchange.url, exchange.note)
    included = mapping(answer.get("includes"))
    posts = _number(included.get("tweets")) + _number(included.get("posts"))
    return each * _number(answer.get("data")) + POST * posts + USER * _number(included.get("users"))


TARIFF: Final = Tariff(unit="USD", parts=1000, period=Period.MONTH, zone="UTC", cost=cost)


def _each(route: Route, note: str) -> int:
    """The price of one of what was asked for; 0 for calls that are free."""
    if route.call in _PEOPLE:
        return USER
    if route.call in _OWNED_CALLS and note == OWNED_NOTE:
        return OWNED
    return POST if route.call in _POSTS else 0


def _asked_for(route: Route) -> int:
    """How many a call may bring of what it asks for."""
    if route.call in {Call.POSTS, Call.USERS}:
        return len(route.ids)
    if route.call in POST_LISTS:
        wanted = route.value("max_results") or ""
        return int(wanted) if wanted.isascii() and wanted.isdigit() else _ANSWER
    return 1


def _number(found: Any) -> int:
    if isinstance(found, list):
        return len(found)
    return 1 if isinstance(found, Mapping) else 0

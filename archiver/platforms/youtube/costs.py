"""What calls cost: quota units, counted by the day of the Google Cloud project.

A list costs one unit whatever its parts, also when it is empty, an error, or a 304; subtitles and live chats cost more.
Feeds and pictures are free. (https://developers.google.com/youtube/v3/determine_quota_cost, as of June 2026)
"""

from __future__ import annotations

from collections.abc import Mapping

from archiver.domain.exchange import Exchange
from archiver.domain.spending import Period, Tariff
from archiver.platforms.youtube.errors import QUOTA_ZONE
from archiver.platforms.youtube.routes import Call, route_of

ALLOWANCE = 10_000
"""Units a day that every project has; Google gives more after an audit."""
_LIST = 1
_OTHERS: Mapping[Call, int] = {
    Call.FEED: 0,
    Call.CHAT: 5,
    Call.CAPTIONS: 50,
    Call.CAPTION_FILE: 200,
    Call.SEARCH: 100,  # by now a bucket of its own with a hundred calls a day; nothing here asks it
}


def cost_of(url: str) -> int:
    """How many units a call of the API costs; 0 for any other address."""
    route = route_of(url)
    return _OTHERS.get(route.call, _LIST) if route is not None else 0


def _cost(exchange: Exchange) -> int:
    """What an exchange cost. A call that was not answered may have been counted all the same."""
    return cost_of(exchange.url)


TARIFF = Tariff("units", 1, Period.DAY, QUOTA_ZONE, _cost, ALLOWANCE)

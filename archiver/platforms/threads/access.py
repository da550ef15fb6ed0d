"""The token: what it may do, how long it lives, and its renewal.

A long one lives sixty days and can be renewed from its second day on; the permission behind it ends after ninety days
without a renewal. Both calls take the token as a parameter, which the client adds and keeps out of what is written.
"""

from __future__ import annotations

from collections.abc import Iterator

from archiver.domain.access import renewal_due
from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.observation import Observation
from archiver.domain.task import Step, Task
from archiver.platforms.meta.access import access_of, debug_token, renewal, renewed
from archiver.platforms.meta.errors import error_of
from archiver.platforms.meta.requests import Desk
from archiver.platforms.threads.names import Names
from archiver.platforms.threads.routes import Call, route_of

GRANT_TYPE = "th_refresh_token"
SCOPES = (
    ("threads_basic", "the profile and the account's own posts"),
    ("threads_read_replies", "the answers below the account's posts, and the account's own answers"),
    ("threads_manage_mentions", "posts of others that name the account"),
    ("threads_manage_replies", "answers that wait for the account's approval"),
)
"""What is needed, and for what. Two of them would let a program write, too; the archive never does."""

_RENEWING = "renewing"
_APP = "TH|{app_id}|{app_secret}"


def start(desk: Desk, _names: Names, task: Task) -> Step:
    """What the platform says of the token."""
    if (task.cursor or {}).get(_RENEWING):
        return desk.step([renewal(desk, GRANT_TYPE)], {_RENEWING: True})
    return desk.step([look(desk, task)], {})


def proceed(desk: Desk, _names: Names, task: Task, _step: Step, exchange: Exchange) -> Step:
    """After the look at it the renewal, where it is time for one and a new token could be kept."""
    route = route_of(exchange.url)
    if route is None or route.call is not Call.DEBUG or not task.renewable:
        return desk.step([])
    seen = access_of(exchange, SCOPES) if error_of(exchange) is None else None
    known = seen.over(task.access) if seen is not None else task.access
    if (known is not None and not known.valid) or not renewal_due(known, task.started_at):
        return desk.step([])
    return desk.step([renewal(desk, GRANT_TYPE)], {_RENEWING: True})


def look(desk: Desk, task: Task) -> RequestSpec:
    """The look at the token, by the app where it is configured, else by the token itself."""
    return debug_token(desk, task.account, _APP)


def read(exchange: Exchange) -> Iterator[Observation]:
    """What the answers tell of the token."""
    route = route_of(exchange.url)
    refresh = route is not None and route.call is Call.REFRESH
    seen = renewed(exchange, SCOPES) if refresh else access_of(exchange, SCOPES)
    if seen is not None:
        yield seen

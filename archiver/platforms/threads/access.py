"""The token: what it may do, how long it lives, and its renewal.

A long one lives sixty days and can be renewed from its second day on; the permission behind it ends after ninety days
without a renewal. Both calls take the token as a parameter, which the client adds and keeps out of what is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archiver.domain.access import renewal_due
from archiver.domain.exchange import Exchange, Grant, PrivateParameter, RequestSpec
from archiver.domain.observation import Observation
from archiver.domain.task import Step, Task
from archiver.platforms.meta.requests import HEADERS, Desk
from archiver.platforms.threads.names import Names
from archiver.platforms.threads.routes import Call, route_of
from archiver.platforms.threads.tokens import debugged, renewed

STREAM = "access"
KIND = "user"
SCOPES: Mapping[str, str] = {
    "threads_basic": "the profile and the account's own posts",
    "threads_read_replies": "the answers below the account's posts, and the account's own answers",
    "threads_manage_mentions": "posts of others that name the account",
    "threads_manage_replies": "answers that wait for the account's approval",
}
"""What is needed, and for what. None of it lets the archive write anything, though two are called so."""

_RENEWING = "renewing"
_APP = "TH|{app_id}|{app_secret}"
_TOKEN = PrivateParameter("access_token", "{token}")


def start(desk: Desk, _names: Names, task: Task) -> Step:
    """What the platform says of the token."""
    if (task.cursor or {}).get(_RENEWING):
        return desk.step([renewal(desk)], {_RENEWING: True})
    return desk.step([look(desk, task)], {})


def proceed(desk: Desk, _names: Names, task: Task, _step: Step, exchange: Exchange) -> Step:
    """After the look at it the renewal, where it is time for one and a new token could be kept."""
    route = route_of(exchange.url)
    if route is None or route.call is not Call.DEBUG or not task.renewable:
        return desk.step([])
    seen = debugged(exchange, SCOPES) if exchange.ok and exchange.body else None
    known = seen.over(task.access) if seen is not None else task.access
    if (known is not None and not known.valid) or not renewal_due(known, task.started_at):
        return desk.step([])
    return desk.step([renewal(desk)], {_RENEWING: True})


def look(desk: Desk, task: Task) -> RequestSpec:
    """The look at the token, by the app where it is configured, else by the token itself."""
    app = task.account.secrets >= {"app_id", "app_secret"}
    asker = PrivateParameter("access_token", _APP) if app else _TOKEN
    return _call(desk, "debug_token", PrivateParameter("input_token", "{token}"), asker)


def renewal(desk: Desk) -> RequestSpec:
    """The call that brings a new token for the old one."""
    return _call(desk, "refresh_access_token?grant_type=th_refresh_token", _TOKEN, grant=Grant())


def read(exchange: Exchange) -> Iterator[Observation]:
    """What the answers tell of the token."""
    route = route_of(exchange.url)
    refresh = route is not None and route.call is Call.REFRESH
    seen = renewed(exchange, KIND) if refresh else debugged(exchange, SCOPES)
    if seen is not None:
        yield seen


def _call(desk: Desk, path: str, *private: PrivateParameter, grant: Grant | None = None) -> RequestSpec:
    url = "/".join(part for part in (desk.base, desk.version, path) if part)
    return RequestSpec(url, stream=STREAM, headers=HEADERS, private=private, grant=grant)

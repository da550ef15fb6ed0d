"""Whose token it is, daily, by calls that cost nothing: an application's sees its usage, a person's does not.

A person's token says who that is (a cent); it is asked only of a token that was not seen before.
"""

from __future__ import annotations

from typing import Final

from archiver.domain.exchange import Exchange
from archiver.domain.task import Shortfall, Step, Task
from archiver.platforms.x.desk import Desk
from archiver.platforms.x.fields import document, identifier, mapping, text
from archiver.platforms.x.ids import Names
from archiver.platforms.x.routes import Call, route_of
from archiver.platforms.x.standing import UNSUPPORTED, refusal

STREAM: Final = "access"
_WHO = (("user.fields", "id,name,username"),)


def start(desk: Desk, _names: Names, _task: Task) -> Step:
    """The month's usage, which is free to ask."""
    return desk.step([desk.ask(Call.USAGE, stream=STREAM)], {})


def proceed(desk: Desk, names: Names, task: Task, _step: Step, exchange: Exchange) -> Step:
    """A person's token is asked whose it is."""
    route = route_of(exchange.url)
    if route is not None and route.call is Call.USAGE:
        unknown = task.access is None or not desk.standing.owned
        person = refusal(exchange) == UNSUPPORTED
        return desk.step([desk.ask(Call.ME, query=_WHO, stream=STREAM)] if person and unknown else [], {})
    if not exchange.ok:
        return desk.step([])
    holder = mapping(document(exchange).get("data"))
    native_id, username = identifier(holder.get("id")), text(holder.get("username"))
    own = native_id == desk.own_id if desk.own_id is not None else names.is_own(username)
    if own or native_id is None:
        return desk.step([])
    reason = f"The token belongs to @{username}, not to @{names.handle}: reading costs five times as much with it."
    return desk.step([], findings=[Shortfall(STREAM, None, task.started_at, reason)])

"""Is it still there? Asked of records that a listing should have shown and did not.

One look-up tells which of up to twenty ids are there (Mastodon 4.3 and later); the others are asked for one by one,
because a 404 about one id is better evidence than a hole in a list. A server without that look-up is asked for the
account itself first: only if that answers is the API alive, and a 404 below it the server's own word.
"""

from __future__ import annotations

from collections.abc import Sequence

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Step, Task
from archiver.platforms.mastodon.answers import is_page
from archiver.platforms.mastodon.fields import objects
from archiver.platforms.mastodon.ids import Names
from archiver.platforms.mastodon.listings import edited
from archiver.platforms.mastodon.requests import Desk
from archiver.platforms.mastodon.routes import Call, asked_ids, route_of
from archiver.platforms.mastodon.statuses import Status, status_id
from archiver.platforms.resuming import state_of

STREAM = "posts"
BATCH = 20


def start(desk: Desk, names: Names, task: Task) -> Step:
    """Profiles by themselves, statuses by one look-up."""
    asked: list[RequestSpec] = []
    statuses: list[str] = []
    for key in dict.fromkeys(task.subjects):
        profile = names.profile_id(key)
        if profile is not None:
            asked.append(desk.ask(Call.ACCOUNT, profile, stream="profile"))
        else:
            statuses.append(names.native(key))
    asked += [look_up(desk, statuses[n : n + BATCH], STREAM) for n in range(0, len(statuses), BATCH)]
    return desk.step(asked)


def proceed(desk: Desk, names: Names, task: Task, step: Step, exchange: Exchange) -> Step:
    """After the look-up, the ids that it did not show, one by one."""
    rest = list(step.rest().requests)
    route = route_of(exchange.url)
    if route is None or route.call is not Call.STATUSES:
        return desk.step(rest, state_of(step))
    found = looked_up(exchange)
    missing = asked_ids(exchange.url)
    if found is None:
        rest.insert(0, _sign_of_life(desk, names, task))
    else:
        shown = {status_id(one) for one in found}
        missing = [native_id for native_id in missing if native_id not in shown]
    rest += one_by_one(desk, missing, STREAM)
    return desk.step(rest, state_of(step), follow_ups=edited(names, found or []))


def look_up(desk: Desk, ids: Sequence[str], stream: str) -> RequestSpec:
    """Many statuses by their ids."""
    return desk.ask(Call.STATUSES, query=[("id[]", native_id) for native_id in ids], stream=stream)


def one_by_one(desk: Desk, ids: Sequence[str], stream: str) -> list[RequestSpec]:
    """Statuses by their ids, each by itself."""
    return [desk.ask(Call.STATUS, native_id, stream=stream) for native_id in ids]


def looked_up(exchange: Exchange) -> list[Status] | None:
    """The statuses that a look-up found; None where the server has no such call."""
    if not exchange.ok or is_page(exchange):
        return None
    answer = exchange.json()
    return [one for _, one in objects(answer)] if isinstance(answer, list) else None


def _sign_of_life(desk: Desk, names: Names, task: Task) -> RequestSpec:
    if task.account.native_id is None:
        return desk.ask(Call.LOOKUP, query=[("acct", names.lookup)], stream="profile")
    return desk.ask(Call.ACCOUNT, names.account_id(task.account.native_id), stream="profile")

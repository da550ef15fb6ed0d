"""Posts of others that name the page: the edge ``tagged``, by the time of the tag.

It shows no comments, and no posts that the token may not see (any more). So absence from it says nothing, and an id on
somebody else's page answers "not there" whether it was removed or not.
"""

from __future__ import annotations

from dataclasses import replace

from archiver.domain.exchange import Exchange
from archiver.domain.task import Covered, Finding, NotOffered, Step, Task
from archiver.platforms.facebook.asked import PROBE
from archiver.platforms.facebook.ids import Names
from archiver.platforms.facebook.listings import dates_of, first_page, ids_of, refusal
from archiver.platforms.facebook.routes import Call, route_of
from archiver.platforms.facebook.sources import TAGGED
from archiver.platforms.meta.errors import error_of
from archiver.platforms.meta.fields import document, identifier, listed
from archiver.platforms.meta.paging import covered, turn
from archiver.platforms.meta.requests import Desk
from archiver.platforms.resuming import state_of

STREAM = TAGGED.stream
ONLY_TAGGED = (
    "Mentions in comments elsewhere, and posts that name the page without a tag, are not listed; Facebook tells of "
    "some of them by pushed events only."
)


def start(desk: Desk, names: Names, task: Task) -> Step:
    """The first page; before it the page's id, as long as nobody knows it."""
    if task.account.native_id is None:
        return desk.step([desk.ask(names.handle, PROBE, stream="profile")])
    return desk.step([first_page(desk, TAGGED, names.person_id(task.account.native_id))])


def proceed(desk: Desk, names: Names, task: Task, step: Step, exchange: Exchange) -> Step:
    """The next page, or the end."""
    route = route_of(exchange.url)
    if route is None or route.call is not Call.TAGGED:
        return desk.step([first_page(desk, TAGGED, identifier(document(exchange).get("id")) or names.handle)])
    never: list[Finding] = [NotOffered("mentions elsewhere", ONLY_TAGGED)]
    error = error_of(exchange)
    if error is not None:
        until = min(task.until, task.started_at) if task.until else task.started_at
        return Step(findings=(refusal(TAGGED, error, task.since, until), *never))
    entries = [one for _, one in listed(exchange)]
    page = turn(exchange, ids_of(entries), dates_of(TAGGED, entries), task.since, state_of(step).get("turn", {}))
    state = {**state_of(step), "turn": page.state}
    if page.place is None:
        found = covered(task, STREAM, page.state)
        return Step(
            findings=(*(replace(one, absence=False) if isinstance(one, Covered) else one for one in found), *never)
        )
    following = desk.next(exchange, page.place, fields=TAGGED.fields, most=TAGGED.most, stream=STREAM, page=page.number)
    return desk.step([following], state)

"""Who speaks to the account from elsewhere: its notifications, which only its own token opens.

Stray mentions show nowhere else. Since Mastodon 4.3 notices of strangers may be held back as "requests";
``include_filtered`` lists them all the same, and the requests themselves are read for what is left.
"""

from __future__ import annotations

from collections.abc import Sequence

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import NotOffered, Shortfall, Step, Task
from archiver.platforms.mastodon.answers import is_page
from archiver.platforms.mastodon.fields import identifier, mapping, moment, objects, text
from archiver.platforms.mastodon.ids import Names
from archiver.platforms.mastodon.listings import covered, edited, turn
from archiver.platforms.mastodon.paging import Progress
from archiver.platforms.mastodon.reading import KINDS_OF_NOTICE
from archiver.platforms.mastodon.requests import Desk
from archiver.platforms.mastodon.routes import Call, query_of, route_of
from archiver.platforms.resuming import state_of

STREAM = "mentions"
PAGE_SIZE = "80"
UNASKED = "Mentions by others are shown only to the account itself; set its token to capture them."
NO_SCOPE = "The token may not read the account's notifications; renew it with the scope read:notifications."
NO_CALL = "This server lists no notifications."


def start(desk: Desk, _names: Names, _task: Task) -> Step:
    """Whose token it is: a colleague's would show the colleague's notices."""
    if not desk.token:
        return Step(findings=(NotOffered(STREAM, UNASKED),))
    return desk.step([desk.ask(Call.VERIFY, stream="profile")])


def proceed(desk: Desk, names: Names, task: Task, step: Step, exchange: Exchange) -> Step:
    """The next page; after the last one the senders who are held back; then the end."""
    route = route_of(exchange.url)
    call = route.call if route else None
    if call is Call.VERIFY:
        return _verified(desk, names, task, exchange)
    if call is Call.REQUESTS:
        return desk.step([], findings=covered(task, STREAM, state_of(step)))
    if not exchange.ok or is_page(exchange):
        return _without(desk, task, exchange)
    notices = [one for _, one in objects(exchange.json())]
    histories = edited(names, [mapping(one.get("status")) for one in notices if one.get("type") in KINDS_OF_NOTICE])
    ids = [found for one in notices if (found := identifier(one.get("id")))]
    page = turn(exchange, ids, [moment(one.get("created_at")) for one in notices], task.since, state_of(step))
    if page.following is not None:
        asked = desk.next(page.following, stream=STREAM, page=Progress.of(page.state["progress"]).page)
        return desk.step([asked], page.state, follow_ups=histories)
    requests = desk.ask(Call.REQUESTS, query=[("limit", PAGE_SIZE)], stream=STREAM)
    return desk.step([requests], page.state, follow_ups=histories)


def _verified(desk: Desk, names: Names, task: Task, exchange: Exchange) -> Step:
    holder = mapping(exchange.json())
    whose, native_id = text(holder.get("acct")), task.account.native_id
    if names.person(identifier(holder.get("id")) or "") == native_id if native_id else names.is_own(whose):
        return desk.step([_first_page(desk, KINDS_OF_NOTICE)])
    reason = f"The token belongs to @{whose}, not to @{names.user}; mentions of the account can't be read with it."
    return Step(findings=(Shortfall(STREAM, task.since, task.started_at, reason),))


def _without(desk: Desk, task: Task, exchange: Exchange) -> Step:
    """A server that does not know quotes is asked again without them."""
    kinds = [value for name, value in query_of(exchange.url) if name == "types[]"]
    if exchange.status == 403:
        return Step(findings=(Shortfall(STREAM, task.since, task.started_at, NO_SCOPE),))
    if len(kinds) > 1 and exchange.status in {400, 422}:
        return desk.step([_first_page(desk, kinds[:1])])
    return Step(findings=(NotOffered(STREAM, NO_CALL),))


def _first_page(desk: Desk, kinds: Sequence[str]) -> RequestSpec:
    query = [("types[]", kind) for kind in kinds]
    return desk.ask(
        Call.NOTIFICATIONS, query=[*query, ("limit", PAGE_SIZE), ("include_filtered", "true")], stream=STREAM
    )

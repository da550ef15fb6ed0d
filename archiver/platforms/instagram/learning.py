"""Who the account is, and which login its token was made with: asked, because no adapter sees a token.

``/me?fields=user_id`` is answered only to a token that Instagram itself made. Any other is Facebook's, and leads to the
account through the page that it opens, or through those of the person or system user behind it.
"""

from __future__ import annotations

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange
from archiver.domain.task import Cursor, Shortfall, Step, Task
from archiver.platforms.instagram.answers import NO_PAGE
from archiver.platforms.instagram.flavours import ALIVE, FLAVOUR, LINKED, PAGE, Flavour, Who, told_by
from archiver.platforms.instagram.ids import Names
from archiver.platforms.instagram.office import desk_of
from archiver.platforms.instagram.profiles import chosen, linked_seen
from archiver.platforms.instagram.routes import Call, route_of
from archiver.platforms.meta.errors import Fault, error_of
from archiver.platforms.meta.fields import document, identifier
from archiver.platforms.meta.paging import turn
from archiver.platforms.meta.requests import Desk
from archiver.platforms.resuming import state_of

STREAM = "profile"
_ASKING, _PAGES = "learning", "pages"
_PAGE_SIZE = 100


def flavour_of(account: Account) -> Flavour | None:
    """The flavour, as far as the configuration or an earlier answer tells it."""
    learned = account.facts.get(FLAVOUR)
    return Flavour(learned) if learned in set(Flavour) else told_by(account.base_url)


def start(account: Account, *, anew: bool = False) -> Step | Who:
    """The first question; none where the configuration says it all. ``anew``: the token may be another one now."""
    flavour = told_by(account.base_url) if anew else flavour_of(account)
    return by_facebook(account) if flavour is Flavour.FACEBOOK else _by_instagram(account)


def asking(cursor: Cursor | None) -> bool:
    """Whether a cursor is that of these questions."""
    return (cursor or {}).get(_ASKING) in set(Flavour)


def resumed(account: Account, task: Task) -> Step | None:
    """The questions that a cursor was saved with; None for another cursor."""
    return desk_of(account, Flavour((task.cursor or {})[_ASKING])).resumed(task.cursor) if asking(task.cursor) else None


def is_another_login(exchange: Exchange) -> bool:
    """Whether what only a token of Instagram's own login has was asked of one of Facebook's."""
    error = error_of(exchange)
    return error is not None and error.fault is Fault.FIELD and error.refused_field == "user_id"


def proceed(account: Account, task: Task, step: Step, exchange: Exchange) -> Step | Who:
    """Who it is, or the next question; a step without requests when nobody was found."""
    route = route_of(exchange.url)
    if (step.cursor or {}).get(_ASKING) != Flavour.FACEBOOK:
        user_id = identifier(document(exchange).get("user_id")) if error_of(exchange) is None else None
        return Who(Flavour.INSTAGRAM, user_id) if user_id else by_facebook(account)
    desk = desk_of(account, Flavour.FACEBOOK)
    if route.call is Call.LINKED and error_of(exchange) is not None:
        return _step(desk, "me/accounts", (("limit", str(_PAGE_SIZE)),))
    names = Names.of(account)
    if error_of(exchange) is None:
        linked = route.call is Call.LINKED
        seen = linked_seen(names, document(exchange)) if linked else chosen(names, exchange)
        if seen is not None:
            return Who(Flavour.FACEBOOK, names.account_id(seen.native_id), seen.facts.get(PAGE) or None)
        page = turn(exchange, [], [], None, (state_of(step)).get(_PAGES, {}))
        if page.place is not None:
            following = desk.next(exchange, page.place, fields=LINKED, most=_PAGE_SIZE, stream=STREAM, page=page.number)
            return desk.step([following], {**state_of(step), _PAGES: page.state})
    return Step(findings=(Shortfall(STREAM, task.since, task.started_at, NO_PAGE),))


def _by_instagram(account: Account) -> Step:
    desk = desk_of(account, Flavour.INSTAGRAM)
    return desk.step([desk.ask("me", ALIVE, stream=STREAM)], {_ASKING: str(Flavour.INSTAGRAM)})


def by_facebook(account: Account) -> Step | Who:
    """The way through the page; straight where the handle is the account's id; else by the page."""
    handle_id = Names.of(account).handle_id
    if handle_id is not None:
        return Who(Flavour.FACEBOOK, handle_id)
    return _step(desk_of(account, Flavour.FACEBOOK), "me", ())


def _step(desk: Desk, path: str, query: tuple[tuple[str, str], ...]) -> Step:
    return desk.step([desk.ask(path, LINKED, query, stream=STREAM)], {_ASKING: str(Flavour.FACEBOOK)})

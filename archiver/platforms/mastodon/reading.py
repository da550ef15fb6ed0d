"""What an answer shows, by the call that it answers. Pure: the same for live capture and for a rebuild."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.keys import Key
from archiver.domain.observation import GoneSeen, Observation, PastSeen
from archiver.domain.task import TaskKind
from archiver.errors import ShapeChanged
from archiver.platforms.mastodon.answers import is_page
from archiver.platforms.mastodon.fields import identifier, mapping, moment, objects
from archiver.platforms.mastodon.ids import Names
from archiver.platforms.mastodon.profiles import account_seen
from archiver.platforms.mastodon.routes import Call, Route, route_of
from archiver.platforms.mastodon.settings import SETTINGS, setting_seen
from archiver.platforms.mastodon.statuses import (
    Place,
    Status,
    answers,
    author_id,
    is_own,
    names_account,
    past_version,
    sightings,
    status_id,
)

KINDS_OF_NOTICE = ("mention", "quote")
"""The kinds of notification whose status is somebody else's word about or to the account."""


def read(names: Names, exchange: Exchange) -> Iterator[Observation]:
    """The observations of an answer, in its order; none for calls that only inform the adapter."""
    route = route_of(exchange.url)
    if route is None or exchange.purpose is Purpose.MEDIA:
        return
    if exchange.status in {404, 410}:
        yield from _missing(names, exchange, route)
    reader = _READERS.get(route.call)
    if not exchange.ok or reader is None or (is_page(exchange) and route.call in _MAY_BE_A_PAGE):
        return
    yield from reader(names, exchange, route, exchange.json())


def _missing(names: Names, exchange: Exchange, route: Route) -> Iterator[Observation]:
    """The server's own "not there" about one id. Who took it away, it never says.

    Servers answer data calls with data; a web page saying 404 may be a proxy's, or of whoever owns the domain now.
    It counts only in a confirmation, which has made sure that the API behind it is alive. (Takahē has nothing but
    pages.)
    """
    page = is_page(exchange)
    if page and exchange.task_kind != TaskKind.CONFIRM:
        return
    basis = f"{exchange.status} (web page)" if page else f"{exchange.status}"
    if route.call is Call.STATUS:
        yield GoneSeen(names.status(route.id), basis)
    elif route.call is Call.ACCOUNT:
        yield GoneSeen(names.profile(route.id), basis)


def _account(names: Names, exchange: Exchange, route: Route, answer: Any) -> Iterator[Observation]:
    yield from account_seen(names, _object(exchange, answer), by_token=route.call is Call.VERIFY)


def _status(names: Names, exchange: Exchange, _route: Route, answer: Any) -> Iterator[Observation]:
    yield from sightings(names, _object(exchange, answer), "", _asked_for(names, exchange, answer))


def _listing(names: Names, exchange: Exchange, _route: Route, answer: Any) -> Iterator[Observation]:
    for place, status in _objects(exchange, answer):
        yield from sightings(names, status, f"/{place}")


def _statuses(names: Names, exchange: Exchange, _route: Route, answer: Any) -> Iterator[Observation]:
    for place, status in objects(answer):  # a server that doesn't know the call may answer with anything
        yield from sightings(names, status, f"/{place}", _asked_for(names, exchange, status))


def _asked_for(names: Names, exchange: Exchange, status: Status) -> Place | None:
    """The place of a status that was asked for by its id: in a thread whose own root it is, or as it says itself.

    A comment whose parent is gone may look like a root by now (GoToSocial and Takahē keep the parent's id, others may
    keep nothing); its thread is then left as it was.
    """
    native_id = status_id(status)
    if exchange.task_kind != TaskKind.THREAD or answers(status) or native_id is None:
        return None
    return None if names.status(native_id) == exchange.subject else Place()


def _context(names: Names, exchange: Exchange, route: Route, answer: Any) -> Iterator[Observation]:
    """A thread's answers, flat, in depth-first or breadth-first order; and what they answer.

    Of the posts above the account's own answer in somebody else's thread, only those are records that are the
    account's or speak to it.
    """
    context = _object(exchange, answer)
    above = [(place, one) for place, one in objects(context.get("ancestors")) if status_id(one)]
    below = [(place, one) for place, one in objects(context.get("descendants")) if status_id(one)]
    authors = {status_id(one): author_id(one) for _, one in (*above, *below)}
    thread, thread_author = None, None
    if above:
        if not answers(above[0][1]):
            thread = names.status(str(status_id(above[0][1])))
            thread_author = author_id(above[0][1])
    elif exchange.subject == names.status(route.id):
        thread = names.status(route.id)
        thread_author = authors[route.id] = _answered(names, [one for _, one in below], route.id)
    for place, status in above:
        if is_own(names, status) or names_account(names, status):
            within = _within(names, status, authors, thread, thread_author) if answers(status) else None
            yield from sightings(names, status, f"/ancestors/{place}", within)
    for place, status in below:
        within = _within(names, status, authors, thread, thread_author)
        yield from sightings(names, status, f"/descendants/{place}", within)


def _answered(names: Names, answers_below: list[Status], root: str) -> str | None:
    """Who wrote the root, by the answers right below it. The account's own may name whom it answered before that."""
    for status in sorted(answers_below, key=lambda one: is_own(names, one)):
        answered = identifier(status.get("in_reply_to_account_id"))
        if identifier(status.get("in_reply_to_id")) == root and answered is not None:
            return answered if not is_own(names, status) or answered == author_id(status) else None
    return None


def _within(
    names: Names,
    status: Status,
    authors: Mapping[str | None, str | None],
    thread: Key | None,
    thread_author: str | None,
) -> Place:
    author, parent = author_id(status), identifier(status.get("in_reply_to_id"))
    answered = authors.get(parent) if parent else None
    if answered is None and identifier(status.get("in_reply_to_account_id")) == author:
        answered = author
    return Place(
        thread=thread,
        thread_author=names.person(thread_author) if thread_author else None,
        parent_author=names.person(answered) if answered else None,
    )


def _history(names: Names, exchange: Exchange, route: Route, answer: Any) -> Iterator[Observation]:
    dated = [(at, one) for _, one in _objects(exchange, answer) if (at := moment(one.get("created_at")))]
    dated.sort(key=lambda entry: entry[0])
    versions = [past_version(names, one, at, first=place == 0) for place, (at, one) in enumerate(dated)]
    if versions:
        yield PastSeen(names.status(route.id), tuple(versions))


def _notifications(names: Names, exchange: Exchange, _route: Route, answer: Any) -> Iterator[Observation]:
    for place, notice in _objects(exchange, answer):
        if notice.get("type") in KINDS_OF_NOTICE:
            yield from sightings(names, mapping(notice.get("status")), f"/{place}/status")


def _requests(names: Names, _exchange: Exchange, _route: Route, answer: Any) -> Iterator[Observation]:
    """Senders who are held back, each with their last message to the account."""
    for place, request in objects(answer):
        yield from sightings(names, mapping(request.get("last_status")), f"/{place}/last_status")


def _setting(_names: Names, exchange: Exchange, route: Route, answer: Any) -> Iterator[Observation]:
    yield from setting_seen(route.call, exchange, answer)


def _object(exchange: Exchange, answer: Any) -> Mapping[str, Any]:
    if not isinstance(answer, dict):
        raise ShapeChanged(f"{exchange.url} answered with something that is not an object.")
    return answer


def _objects(exchange: Exchange, answer: Any) -> list[tuple[int, Mapping[str, Any]]]:
    if not isinstance(answer, list):
        raise ShapeChanged(f"{exchange.url} answered with something that is not a list.")
    return objects(answer)


_READERS: dict[Call, Callable[[Names, Exchange, Route, Any], Iterator[Observation]]] = {
    Call.LOOKUP: _account,
    Call.ACCOUNT: _account,
    Call.VERIFY: _account,
    Call.STATUS: _status,
    Call.STATUSES: _statuses,
    Call.LISTING: _listing,
    Call.QUOTES: _listing,
    Call.CONTEXT: _context,
    Call.HISTORY: _history,
    Call.NOTIFICATIONS: _notifications,
    Call.REQUESTS: _requests,
} | dict.fromkeys(SETTINGS, _setting)
_MAY_BE_A_PAGE = frozenset({
    Call.STATUSES, Call.HISTORY, Call.QUOTES, Call.REQUESTS, Call.NOTIFICATIONS, *SETTINGS,
})  # fmt: skip

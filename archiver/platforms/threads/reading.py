"""What an answer shows, by the call that it answers. Pure: the same for live capture and for a rebuild."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.keys import Key
from archiver.domain.observation import FactSeen, GoneSeen, Observation
from archiver.domain.task import TaskKind
from archiver.platforms.meta.errors import Fault, error_of
from archiver.platforms.meta.fieldlists import asked_fields, parse, refusals
from archiver.platforms.meta.fields import document, listed
from archiver.platforms.meta.requests import query_of
from archiver.platforms.threads import access, push
from archiver.platforms.threads.names import Names
from archiver.platforms.threads.posts import Place, newest, sighting
from archiver.platforms.threads.profiles import account_seen
from archiver.platforms.threads.routes import Call, Route, route_of
from archiver.platforms.threads.wanted import A_POST, BY_ID, LISTS, SIGN, WAITED

_FEWEST = frozenset({"username", "text", "timestamp", "media_type"})
"""Without any of these a request was not for records."""


def read(names: Names, version: str, exchange: Exchange) -> Iterator[Observation]:
    """The observations of an answer, in its order; none for calls that only inform the adapter."""
    if exchange.stream == push.STREAM:
        yield from push.read(names, exchange)
        return
    route = route_of(exchange.url)
    if route is None or exchange.purpose is Purpose.MEDIA or exchange.task_kind == TaskKind.MEDIA:
        return
    error = error_of(exchange)
    if error is not None:
        if error.fault is Fault.MISSING and is_last_question(exchange, route):
            yield GoneSeen(_subject(names, exchange, route), error.basis)
        yield from refusals(exchange, LISTS, version)
        return
    if exchange.ok:
        yield from _READERS[route.call](names, exchange, route)


def is_last_question(exchange: Exchange, route: Route) -> bool:
    """Whether a confirmation asked for nothing but whether something is there.

    It does so only once it has made sure that the token sees what it should, so a "not there" to this is evidence.
    """
    asked = asked_fields(exchange.url)
    return exchange.task_kind == TaskKind.CONFIRM and route.call is Call.OBJECT and asked == SIGN.text


def asked_of(exchange: Exchange) -> frozenset[str] | None:
    """The names of the fields that were asked for; None where the address has none."""
    asked = asked_fields(exchange.url)
    return None if asked is None else frozenset(field.name for field in parse(asked))


def _subject(names: Names, exchange: Exchange, route: Route) -> Key:
    return names.profile(route.id) if exchange.stream == "profile" else names.post(route.id)


def _object(names: Names, exchange: Exchange, route: Route) -> Iterator[Observation]:
    """A profile, a post, or one of the things that only inform the adapter."""
    answer, asked = document(exchange), asked_of(exchange)
    if exchange.stream == "profile":
        whole = asked is None or "threads_biography" in asked
        yield from account_seen(names, answer, by_token=route.id == "me", whole=whole)
    elif exchange.stream == "mentions":
        yield FactSeen(BY_ID, "yes")
    elif (asked is None or asked >= _FEWEST) and (seen := sighting(names, answer, "", Place(asked=asked))):
        yield seen


def _listing(names: Names, exchange: Exchange, route: Route) -> Iterator[Observation]:
    asked = asked_of(exchange)
    if asked is not None and not asked >= _FEWEST:
        return
    place = _place(exchange, route, asked)
    posts = listed(exchange)
    first = not any(name == "after" for name, _ in query_of(exchange.url))
    if route.call is Call.THREADS and first and (native_id := newest([post for _, post in posts])):
        yield FactSeen(A_POST, native_id)
    if route.call is Call.PENDING and posts:
        yield FactSeen(WAITED, "yes")
    for pointer, post in posts:
        if seen := sighting(names, post, pointer, place):
            yield seen


def _place(exchange: Exchange, route: Route, asked: frozenset[str] | None) -> Place:
    if route.call is Call.REPLIES and exchange.stream == "comments":
        return Place(answers=route.id, asked=asked)
    return {
        Call.THREADS: Place(own=True, root=True, asked=asked),
        Call.GHOSTS: Place(own=True, root=True, asked=asked),
        Call.REPLIES: Place(own=True, asked=asked),
        Call.MENTIONS: Place(mention=True, asked=asked),
    }.get(route.call, Place(below=route.id, asked=asked))


def _access(_names: Names, exchange: Exchange, _route: Route) -> Iterator[Observation]:
    yield from access.read(exchange)


_READERS: dict[Call, Callable[[Names, Exchange, Route], Iterator[Observation]]] = {
    Call.OBJECT: _object,
    Call.THREADS: _listing,
    Call.REPLIES: _listing,
    Call.GHOSTS: _listing,
    Call.MENTIONS: _listing,
    Call.CONVERSATION: _listing,
    Call.PENDING: _listing,
    Call.DEBUG: _access,
    Call.REFRESH: _access,
}

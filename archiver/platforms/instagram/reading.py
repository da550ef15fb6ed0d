"""What an answer shows, by the call that it answers. Pure: the same for live capture and for a rebuild."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.keys import Key
from archiver.domain.observation import GoneSeen, ItemSeen, Observation
from archiver.domain.task import TaskKind
from archiver.platforms.instagram import access
from archiver.platforms.instagram.comments import comment_id, medium_of, sightings
from archiver.platforms.instagram.flavours import FILE, LISTS, SIGN_OF_LIFE, Flavour
from archiver.platforms.instagram.ids import Names
from archiver.platforms.instagram.messages import conversation_seen, message_seen
from archiver.platforms.instagram.posts import medium_seen
from archiver.platforms.instagram.profiles import chosen, linked_seen, profile_seen
from archiver.platforms.instagram.push import read_push
from archiver.platforms.instagram.routes import Call, Route, route_of
from archiver.platforms.meta.errors import Fault, error_of
from archiver.platforms.meta.fieldlists import FieldList, refusals
from archiver.platforms.meta.fields import connection, document, identifier, listed, mapping
from archiver.platforms.meta.push import STREAM as PUSH

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer with what its address tells."""

    names: Names
    exchange: Exchange
    route: Route

    @property
    def thread(self) -> Key | None:
        """The medium's key where the task that asked is about its thread."""
        subject = self.exchange.subject
        if not subject or self.exchange.task_kind != TaskKind.THREAD:
            return None
        return self.names.thing(self.names.native(subject))


def read(names: Names, exchange: Exchange, version: str, *, messages: bool) -> Iterator[Observation]:
    """The observations of an answer, in its order; none for calls that only inform the adapter."""
    if exchange.stream == PUSH:
        yield from read_push(names, exchange, messages=messages)
        return
    if exchange.purpose is Purpose.MEDIA:
        return
    reading = Reading(names, exchange, route_of(exchange.url))
    yield from access.told(exchange)
    if error_of(exchange) is not None:
        yield from _refused(reading, version)
        return
    if not exchange.ok:
        return
    reader = _READERS.get(reading.route.call)
    if reader is not None:
        yield from reader(reading, document(exchange))


def _refused(reading: Reading, version: str) -> Iterator[Observation]:
    """The platform's own "not there" about one id, once a confirmation has made sure of all else; a field it lacks."""
    exchange, route = reading.exchange, reading.route
    error = error_of(exchange)
    if error is None or exchange.status is None:
        return
    if exchange.task_kind == TaskKind.CONFIRM:
        if error.fault is Fault.MISSING and route.call in {Call.COMMENT, Call.MEDIUM}:
            yield GoneSeen(reading.names.thing(route.node), error.basis)
        return
    if route.node != "me" and route.call is not Call.MENTIONED:
        yield from refusals(exchange, _LISTS, version)


def _profile(reading: Reading, answer: Answer) -> Iterator[Observation]:
    """The account. ``me`` may be a page or a person, where the token is Facebook's."""
    if reading.route.node == "me" and identifier(answer.get("user_id")) is None:
        return
    yield from profile_seen(reading.names, answer, reading.route.fields)


def _linked(reading: Reading, answer: Answer) -> Iterator[Observation]:
    seen = linked_seen(reading.names, answer)
    if seen is not None:
        yield seen


def _pages(reading: Reading, _answer: Answer) -> Iterator[Observation]:
    seen = chosen(reading.names, reading.exchange)
    if seen is not None:
        yield seen


def _medium(reading: Reading, answer: Answer) -> Iterator[Observation]:
    fields = reading.route.fields
    if not fields or not fields <= _names(FILE):
        yield from medium_seen(reading.names, answer, "", asked=fields)


def _media(reading: Reading, _answer: Answer) -> Iterator[Observation]:
    """A listing of the account's own media."""
    fields, call = reading.route.fields, reading.route.call
    entries = listed(reading.exchange)
    if fields and fields <= _names(SIGN_OF_LIFE):
        return
    for pointer, medium in entries:
        yield from medium_seen(
            reading.names, medium, pointer, asked=fields, owner=_owner(reading), story=call is Call.STORIES
        )


def _tags(reading: Reading, _answer: Answer) -> Iterator[Observation]:
    """Media of others in which the account is tagged."""
    for pointer, medium in listed(reading.exchange):
        yield from medium_seen(reading.names, medium, pointer, asked=reading.route.fields, named=_owner(reading))


def _comment(reading: Reading, answer: Answer) -> Iterator[Observation]:
    medium = medium_of(answer)
    thread = reading.names.thing(medium) if medium else reading.thread
    yield from sightings(reading.names, answer, "", thread=thread)


def _comments(reading: Reading, _answer: Answer) -> Iterator[Observation]:
    thread = reading.names.thing(reading.route.node)
    for pointer, comment in listed(reading.exchange):
        yield from sightings(reading.names, comment, pointer, thread=thread)


def _replies(reading: Reading, _answer: Answer) -> Iterator[Observation]:
    for pointer, comment in listed(reading.exchange):
        medium = medium_of(comment)
        thread = reading.thread or (reading.names.thing(medium) if medium else None)
        parent = reading.names.thing(reading.route.node)
        yield from sightings(reading.names, comment, pointer, thread=thread, parent=parent)


def _mentioned(reading: Reading, answer: Answer) -> Iterator[Observation]:
    """Media and comments elsewhere that name the account, and another account's media."""
    names, own = reading.names, identifier(answer.get("id"))
    yield from medium_seen(names, mapping(answer.get("mentioned_media")), "/mentioned_media", named=own)
    comment = mapping(answer.get("mentioned_comment"))
    if comment_id(comment):
        medium = medium_of(comment)
        for seen in sightings(names, comment, "/mentioned_comment", thread=names.thing(medium) if medium else None):
            yield _naming(seen, names.person(own) if own else None)
    other = mapping(answer.get("business_discovery"))
    for pointer, medium_there in connection(other.get("media"), "/business_discovery/media"):
        yield from medium_seen(names, medium_there, pointer, owner=identifier(other.get("id")))


def _naming(seen: ItemSeen, person: str | None) -> ItemSeen:
    return replace(seen, mentions=frozenset({person})) if person else seen


def _conversation(reading: Reading, answer: Answer) -> Iterator[Observation]:
    yield from conversation_seen(reading.names, answer)


def _message(reading: Reading, answer: Answer) -> Iterator[Observation]:
    yield from message_seen(reading.names, answer, "", None)


def _many(reading: Reading, answer: Answer) -> Iterator[Observation]:
    for name, value in answer.items():
        one = mapping(value)
        pointer = f"/{name.replace('~', '~0').replace('/', '~1')}"
        if "text" in one:
            medium = medium_of(one)
            yield from sightings(reading.names, one, pointer, thread=reading.names.thing(medium) if medium else None)
        elif "media_type" in one:
            yield from medium_seen(reading.names, one, pointer, asked=reading.route.fields)


def _owner(reading: Reading) -> str | None:
    """The account in the path of a listing; ``me`` names nobody."""
    node = reading.route.node
    return node if node.isascii() and node.isdigit() else None


def _names(fields: FieldList) -> frozenset[str]:
    return frozenset(field.name for field in fields.fields)


_LISTS = LISTS[Flavour.FACEBOOK].all
_READERS: dict[Call, Callable[[Reading, Answer], Iterator[Observation]]] = {
    Call.PROFILE: _profile,
    Call.LINKED: _linked,
    Call.PAGES: _pages,
    Call.MEDIUM: _medium,
    Call.MEDIA: _media,
    Call.STORIES: _media,
    Call.LIVE: _media,
    Call.TAGS: _tags,
    Call.COMMENT: _comment,
    Call.COMMENTS: _comments,
    Call.REPLIES: _replies,
    Call.MENTIONED: _mentioned,
    Call.CONVERSATION: _conversation,
    Call.MESSAGE: _message,
    Call.MANY: _many,
}

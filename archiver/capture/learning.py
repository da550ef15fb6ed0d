"""Credentials that an answer brings: those that were asked for, and those that stand in it all the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl, urlsplit

from archiver.capture.session import tokens_in
from archiver.domain.exchange import Grant, Place, Where

_MEMBERS = frozenset(
    {"access_token", "refresh_token", "id_token", "page_token", "client_secret", "app_secret", "appsecret_proof"}
)
_LINKS = frozenset({"next", "previous", "prev", "first", "last"})
_SIGNS = tuple(word.encode() for word in sorted(_MEMBERS))
_KINDS = frozenset({"bearer"})


def at(document: object, place: Place) -> str | None:
    """The text that stands at a place of a JSON document; None when there is none."""
    for part in place:
        if isinstance(part, Where):
            document = _entry(document, part)
        else:
            document = document.get(part) if isinstance(document, dict) else None
    return document if isinstance(document, str) and document else None


def granted(document: object, grant: Grant) -> dict[str, str]:
    """The new values that an answer brings, by the name of the secret that each replaces."""
    found = ((name, at(document, place)) for name, place in grant.brings)
    return {name: value for name, value in found if value is not None}


def brought(document: object, grant: Grant) -> set[str]:
    """All credentials in the answer to a request for some: those that it names, and others by their names."""
    return {*granted(document, grant).values(), *true_ones(tokens_in(document))}


def shown(content: bytes) -> set[str]:
    """Credentials that stand in an answer that was asked for something else: page tokens in a list of pages, links.

    Told by the names of JSON members, and by the parameters of links to other pages: never by text that a person
    wrote, which stays as it is.
    """
    if not any(sign in content for sign in _SIGNS):
        return set()
    try:
        return set(true_ones(_shown(json.loads(content))))
    except (ValueError, RecursionError):
        return set()


def _shown(value: object, under: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str) and name in _MEMBERS:
                yield inner
            else:
                yield from _shown(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _shown(inner, under)
    elif isinstance(value, str) and under in _LINKS:
        yield from _in_link(value)


def _in_link(link: str) -> Iterator[str]:
    try:
        parameters: Sequence[tuple[str, str]] = parse_qsl(urlsplit(link).query)
    except ValueError:
        return
    yield from (value for name, value in parameters if name in _MEMBERS)


def true_ones(values: Iterator[str]) -> Iterator[str]:
    """Without words that only say what kind of token it is."""
    return (value for value in values if value and value.lower() not in _KINDS)


def _entry(document: object, where: Where) -> object:
    wanted = where.value.casefold()
    for entry in document if isinstance(document, list) else ():
        if isinstance(entry, dict) and any(str(entry.get(name, "")).casefold() == wanted for name in where.members):
            return entry
    return None

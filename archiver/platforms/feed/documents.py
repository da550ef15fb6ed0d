"""A feed's document as values, whatever dialect it is written in.

RSS 0.9 to 2.0 and Atom 0.3 and 1.0 are read by feedparser, broken ones too, as far as they can be understood. It gets
the bytes and the head of the answer; nothing is fetched, and entities of the document itself are not followed.
"""

from __future__ import annotations

import hashlib
import io
import re
from calendar import timegm
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser

from archiver.domain.exchange import Exchange
from archiver.errors import ShapeChanged

_REFERENCE = re.compile(rb"&#(?:[xX](?P<hex>[0-9a-fA-F]{1,9})|(?P<decimal>[0-9]{1,9}));")
_MARKUP = frozenset({"text/html", "application/xhtml+xml"})
_NEXT = frozenset({"next", "prev-archive"})
"""Older entries: of a paged feed and of an archived one (RFC 5005, sections 3 and 4)."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text with its type: markup, or plain."""

    value: str
    markup: bool


@dataclass(frozen=True, slots=True)
class File:
    """A file that an entry names: an enclosure, or one of Media RSS."""

    url: str
    mime: str | None = None
    medium: str | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. ``pointer`` is its place in the document, as an XPath that does not mind namespaces.

    ``id`` is its own, else its link, else a digest of what it says. Moments are aware, UTC.
    """

    id: str
    pointer: str
    title: Words | None
    body: Words | None
    link: str | None
    published: datetime | None
    updated: datetime | None
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    files: tuple[File, ...]
    lang: str | None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's page: what it says of itself, its entries in order, and where older ones are."""

    title: Words | None
    subtitle: Words | None
    link: str | None
    picture: str | None
    lang: str | None
    entries: tuple[Entry, ...]
    following: str | None


def feed_of(exchange: Exchange) -> Feed:
    """The feed in an answer. Raises ShapeChanged when there is none."""
    told = {
        "content-location": exchange.url,
        "content-type": exchange.header("Content-Type") or "application/xml",
    }
    try:
        found = feedparser.parse(
            io.BytesIO(_whole_characters(exchange.body)),
            response_headers=told,
            sanitize_html=False,
            resolve_relative_uris=True,
        )
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError, AssertionError) as error:
        raise ShapeChanged(f"{exchange.url} answered with a feed that can't be read: {error}.") from error
    if not found.get("version"):
        raise ShapeChanged(f"{exchange.url} answered {exchange.status} with something that is no RSS or Atom feed.")
    of = found.feed
    element = "entry" if found.version.startswith("atom") else "item"
    every = (
        _entry(entry, f"//*[local-name()='{element}'][{n}]", exchange.url) for n, entry in enumerate(found.entries, 1)
    )
    entries = tuple(entry for entry in every if entry is not None)
    return Feed(
        title=_words(of.get("title_detail")),
        subtitle=_words(of.get("subtitle_detail")),
        link=_text(of.get("link")),
        picture=_text(_mapping(of.get("image")).get("href")) or _text(of.get("logo")) or _text(of.get("icon")),
        lang=_text(of.get("language")),
        entries=entries,
        following=next((href for rel, href in _links(of) if rel in _NEXT), None),
    )


def _whole_characters(body: bytes) -> bytes:
    """The feed with U+FFFD for each reference to half a surrogate pair, which no XML may have: feedparser gives up."""
    return _REFERENCE.sub(lambda found: b"&#xFFFD;" if _is_half(found) else found[0], body)


def _is_half(reference: re.Match[bytes]) -> bool:
    code = int(reference["hex"], 16) if reference["hex"] else int(reference["decimal"])
    return 0xD800 <= code <= 0xDFFF


def _entry(entry: dict[str, Any], pointer: str, base: str) -> Entry | None:
    """An entry's values; None of one that has neither a name nor words, as a disposal leaves it."""
    # dict.get: feedparser's own gives "published" for a missing "updated", and warns
    title, body = _words(entry.get("title_detail")), _body(entry)
    link, published = _text(entry.get("link")), _moment(dict.get(entry, "published_parsed"))
    said = "\n".join(words.value for words in (title, body) if words is not None)
    own_id = _text(entry.get("id")) or link
    if own_id is None and not said and not _each(entry.get("links")):
        return None
    return Entry(
        id=own_id or hashlib.sha256(said.encode()).hexdigest(),
        pointer=pointer,
        title=title,
        body=body,
        link=link,
        published=published,
        updated=_moment(dict.get(entry, "updated_parsed")),
        authors=tuple(dict.fromkeys(_authors(entry))),
        tags=tuple(dict.fromkeys(filter(None, (_text(tag.get("term")) for tag in _each(entry.get("tags")))))),
        files=tuple(replace(one, url=_absolute(one.url, base)) for one in _files(entry)),
        lang=_text(_mapping(entry.get("title_detail")).get("language")),
    )


def _body(entry: dict[str, Any]) -> Words | None:
    """The whole text where there is one, else the summary."""
    whole = [words for one in _each(entry.get("content")) if (words := _words(one)) is not None]
    if whole:
        return max(whole, key=lambda words: len(words.value))
    return _words(entry.get("summary_detail"))


def _authors(entry: dict[str, Any]) -> Iterator[str]:
    for one in _each(entry.get("authors")):
        name = _text(one.get("name")) or _text(one.get("email"))
        if name:
            yield name


def _files(entry: dict[str, Any]) -> Iterator[File]:
    for one in _each(entry.get("enclosures")):
        if url := _text(one.get("href")):
            yield File(url, mime=_text(one.get("type")))
    for one in (*_each(entry.get("media_content")), *_each(entry.get("media_thumbnail"))):
        if url := _text(one.get("url")):
            yield File(url, mime=_text(one.get("type")), medium=_text(one.get("medium")))


def _absolute(url: str, base: str) -> str:
    """An address in full: relative ones, which feedparser leaves as they are here, start from the feed's own."""
    try:
        return url if urlsplit(url).scheme else urljoin(base, url)
    except ValueError:
        return url


def _links(of: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for one in _each(of.get("links")):
        rel, href = _text(one.get("rel")), _text(one.get("href"))
        if rel and href:
            yield rel, href


def _words(detail: Any) -> Words | None:
    found = _mapping(detail)
    value = found.get("value")
    return Words(value, found.get("type") in _MARKUP) if isinstance(value, str) else None


def _moment(parsed: Any) -> datetime | None:
    """A time that feedparser has put into UTC."""
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _each(value: Any) -> Sequence[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []

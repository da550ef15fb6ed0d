"""A body as rows: the columns of its version, and its attachments, links and poll as rows of their own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, select

from archiver.domain.item import Attachment, Body, Link, Poll, clean
from archiver.store import bulk
from archiver.store.tables import attachments, links, polls
from archiver.store.types import json_text

Rows = tuple[tuple[Any, ...], ...]

ATTACHMENT = ("kind", "url", "identity", "alt_text", "mime", "width", "height")
LINK = ("url", "expanded", "title", "card")
OPTION = ("option", "votes", "closes_at", "multiple")


def cleaned(text: str | None) -> str | None:
    """The text as rows hold it; absent stays absent."""
    if text is None or (text.isascii() and "\x00" not in text):
        return text
    return clean(text)


class Columns(NamedTuple):
    """The columns of a version row that a body fills. ``tags`` and ``labels`` are JSON."""

    text: str | None = None
    title: str | None = None
    markup: str | None = None
    content_warning: str | None = None
    visibility: str | None = None
    lang: str | None = None
    quotes: str | None = None
    tags: str | None = None
    labels: str | None = None

    @classmethod
    def of(cls, body: Body) -> Columns:
        """The columns of a body."""
        return cls(
            cleaned(body.text),
            cleaned(body.title),
            cleaned(body.markup),
            cleaned(body.content_warning),
            cleaned(body.visibility),
            cleaned(body.lang),
            cleaned(body.quotes),
            None if body.tags is None else json_text([clean(tag) for tag in body.tags]),
            None if body.labels is None else json_text([clean(label) for label in body.labels]),
        )

    def over(self, before: Columns) -> Columns:
        """These columns, and where they are absent the ones before."""
        return Columns(*(old if new is None else new for new, old in zip(self, before, strict=True)))

    def words(self, parts: Parts) -> Iterator[str]:
        """The texts by which a version with these columns and parts is found."""
        if self.title:
            yield self.title
        if self.text:
            yield self.text
        if self.content_warning:
            yield self.content_warning
        if parts:
            yield from parts.words()
        if self.tags and self.tags != "[]":
            yield from (f"#{tag}" for tag in json.loads(self.tags))


VERSION = (
    "id", "item_id", "ordinal", "basis", "observed_at", "edited_at", "state", "cause", *Columns._fields, "facets",
    "digest", "native_version", "person_version_id", "pointer", "exchange_id",
)  # fmt: skip
EVENT = ("item_id", "event", "at", "basis", "exchange_id")


@dataclass(frozen=True, slots=True)
class Parts:
    """What hangs on a version, as rows in order of position. None: the platform did not return it."""

    attachments: Rows | None = None
    links: Rows | None = None
    options: Rows | None = None

    @classmethod
    def of(cls, body: Body) -> Parts:
        """The parts of a body."""
        if not (body.attachments or body.links or body.poll):
            return _NO_PARTS[body.attachments is None, body.links is None]
        return cls(
            None if body.attachments is None else tuple(map(_attachment, body.attachments)),
            None if body.links is None else tuple(map(_link, body.links)),
            None if body.poll is None else _options(body.poll),
        )

    def over(self, before: Parts) -> Parts:
        """These parts, and where they are absent the ones before."""
        return Parts(
            before.attachments if self.attachments is None else self.attachments,
            before.links if self.links is None else self.links,
            before.options if self.options is None else self.options,
        )

    def __bool__(self) -> bool:
        """Whether there are rows."""
        return bool(self.attachments or self.links or self.options)

    def words(self) -> Iterator[str]:
        """The texts in it by which a record is found."""
        yield from (row[3] for row in self.attachments or () if row[3])
        yield from (row[2] for row in self.links or () if row[2])
        yield from (row[0] for row in self.options or ())

    @property
    def wanted(self) -> dict[str, str]:
        """Addresses of the attachments by identity."""
        return {row[2]: row[1] for row in self.attachments or ()}


_NO_PARTS = {
    (no_attachments, no_links): Parts(None if no_attachments else (), None if no_links else ())
    for no_attachments in (True, False)
    for no_links in (True, False)
}


def add_parts(conn: Connection, versions: Iterable[tuple[int, Parts]], *, exchange: int, at: datetime) -> None:
    """Hang parts on versions that have just been entered."""
    moment = bulk.moments(conn)
    pictures: list[tuple[Any, ...]] = []
    addresses: list[tuple[Any, ...]] = []
    options: list[tuple[Any, ...]] = []
    for version, parts in versions:
        pictures += [(version, place, *row) for place, row in enumerate(parts.attachments or ())]
        addresses += [(version, place, *row) for place, row in enumerate(parts.links or ())]
        options += [
            (version, place, option, votes, moment(closes_at), multiple, moment(at), exchange)
            for place, (option, votes, closes_at, multiple) in enumerate(parts.options or ())
        ]
    bulk.insert(conn, "attachments", ("version_id", "position", *ATTACHMENT), pictures)
    bulk.insert(conn, "links", ("version_id", "position", *LINK), addresses)
    bulk.insert(conn, "polls", ("version_id", "position", *OPTION, "observed_at", "exchange_id"), options)


def parts_of(conn: Connection, versions: Sequence[int]) -> dict[int, Parts]:
    """The parts that hang on versions; a list that is empty can't be told from one that is absent here."""
    found: dict[int, list[Rows | None]] = {version: [None, None, None] for version in versions}
    for number, (table, columns) in enumerate(((attachments, ATTACHMENT), (links, LINK), (polls, OPTION))):
        for version, rows in _hanging(conn, table, columns, versions).items():
            found[version][number] = rows
    return {version: Parts(*rows) for version, rows in found.items()}


def _hanging(conn: Connection, table: Table, columns: tuple[str, ...], versions: Sequence[int]) -> dict[int, Rows]:
    """Rows by version. Of a poll that was counted several times the latest count."""
    c = table.c
    latest: dict[int, dict[int, tuple[Any, ...]]] = {}
    for some in bulk.chunks(versions):
        query = select(c.version_id, c.position, *(c[name] for name in columns)).where(c.version_id.in_(some))
        for version, position, *row in conn.execute(query.order_by(c.version_id, c.position, c.id)):
            latest.setdefault(version, {})[position] = tuple(row)
    return {version: tuple(rows.values()) for version, rows in latest.items()}


def _attachment(one: Attachment) -> tuple[Any, ...]:
    return (
        cleaned(one.kind),
        cleaned(one.url),
        cleaned(one.identity),
        cleaned(one.alt_text),
        cleaned(one.mime),
        one.width,
        one.height,
    )


def _link(one: Link) -> tuple[Any, ...]:
    return (cleaned(one.url), cleaned(one.expanded), cleaned(one.title), one.card)


def _options(poll: Poll) -> Rows:
    return tuple((cleaned(option.title), option.votes, poll.closes_at, poll.multiple) for option in poll.options)

"""A body as rows: the columns of its version, and its attachments, links and poll as rows of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, select

from archiver.domain.item import Attachment, Body, Link, Poll, clean
from archiver.store import bulk
from archiver.store.tables import attachments, links, polls

Rows = tuple[tuple[Any, ...], ...]

ATTACHMENT = ("kind", "url", "identity", "alt_text", "mime", "width", "height")
LINK = ("url", "expanded", "title", "card")
OPTION = ("option", "votes", "closes_at", "multiple")


@dataclass(frozen=True, slots=True)
class Parts:
    """What hangs on a version, as rows in order of position. None: the platform did not return it."""

    attachments: Rows | None = None
    links: Rows | None = None
    options: Rows | None = None

    @classmethod
    def of(cls, body: Body) -> Parts:
        """The parts of a body."""
        return cls(
            None if body.attachments is None else tuple(map(_attachment, body.attachments)),
            None if body.links is None else tuple(map(_link, body.links)),
            None if body.poll is None else _options(body.poll),
        )

    def over(self, before: Parts) -> Parts:
        """These parts, and where there are none the ones before."""
        return Parts(
            before.attachments if self.attachments is None else self.attachments,
            before.links if self.links is None else self.links,
            before.options if self.options is None else self.options,
        )

    def words(self, columns: Mapping[str, Any]) -> Iterator[str]:
        """The texts of a version by which it is found."""
        for name in ("title", "text", "content_warning"):
            if columns[name]:
                yield columns[name]
        yield from (row[3] for row in self.attachments or () if row[3])
        yield from (row[2] for row in self.links or () if row[2])
        yield from (row[0] for row in self.options or ())
        yield from (f"#{tag}" for tag in columns["tags"] or ())

    @property
    def wanted(self) -> dict[str, str]:
        """Addresses of the attachments by identity."""
        return {row[2]: row[1] for row in self.attachments or ()}


def body_columns(body: Body) -> dict[str, Any]:
    """The columns of a version row that a body fills; values as the tables' types take them."""
    return {
        "text": cleaned(body.text),
        "title": cleaned(body.title),
        "markup": cleaned(body.markup),
        "content_warning": cleaned(body.content_warning),
        "visibility": cleaned(body.visibility),
        "lang": cleaned(body.lang),
        "quotes": cleaned(body.quotes),
        "tags": None if body.tags is None else [clean(tag) for tag in body.tags],
        "labels": None if body.labels is None else [clean(label) for label in body.labels],
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


def cleaned(text: str | None) -> str | None:
    """The text as rows hold it, absent stays absent."""
    return None if text is None else clean(text)


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
        clean(one.kind),
        clean(one.url),
        clean(one.identity),
        cleaned(one.alt_text),
        cleaned(one.mime),
        one.width,
        one.height,
    )


def _link(one: Link) -> tuple[Any, ...]:
    return (clean(one.url), cleaned(one.expanded), cleaned(one.title), one.card)


def _options(poll: Poll) -> Rows:
    return tuple((clean(option.title), option.votes, poll.closes_at, poll.multiple) for option in poll.options)

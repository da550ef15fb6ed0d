"""Writing what an exchange changes: all rows of it in a few statements, whatever their number.

This is the hot path. Rows are tuples in the order of the column lists below, of values as the driver takes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from archiver.domain.fulltext import document
from archiver.domain.history import Basis, Change, NewVersion
from archiver.domain.item import Kind, Metrics, Poll, clean
from archiver.domain.keys import Key, platform_of
from archiver.domain.observation import ItemSeen
from archiver.store import bulk, media, people
from archiver.store.captures import number_of
from archiver.store.decisions import stops
from archiver.store.facets import rest_of
from archiver.store.fulltext import Document, add_documents
from archiver.store.known import CHANGING, Before, ItemRow, known_rows, versions_before
from archiver.store.people import Author
from archiver.store.rows import EVENT, VERSION, Columns, Parts, add_parts, cleaned
from archiver.store.tables import aliases, versions
from archiver.store.types import json_text
from archiver.store.upsert import upsert


@dataclass(frozen=True, slots=True)
class ItemWrite:
    """What one observation does to one record.

    ``seen`` is None for a statement without a sight of it. ``kind`` and ``thread`` are needed at first sight;
    later None leaves them as they are.
    """

    change: Change
    seen: ItemSeen | None = None
    kind: Kind | None = None
    thread: Key | None = None


def write(conn: Connection, writes: Sequence[ItemWrite], *, account: str, exchange: str, at: datetime) -> list[str]:
    """Enter the changes of one exchange. Gives the identities of media that the account did not have yet.

    What an open stop asks for is under it from now on, in the same transaction (records rule R27).
    A version row is complete in itself: what is None in a later body is taken over from the version before.
    A row of counts is added only when one of them changed.
    """
    if not writes:
        return []
    number = number_of(conn, exchange)
    wanted: list[str] = []
    for wave in _waves(writes):
        batch = _Batch(conn, account, number, at)
        wanted += batch.take(wave)
        stops.cover(conn, batch.touched, at)
    return wanted


def _waves(writes: Sequence[ItemWrite]) -> Iterator[dict[str, ItemWrite]]:
    """The writes in order by their keys, cut wherever a record comes up again."""
    wave: dict[str, ItemWrite] = {}
    for one in writes:
        key = cleaned(one.change.key) or ""
        if key in wave:
            yield wave
            wave = {}
        wave[key] = one
    yield wave


_ITEM = ("id", "key", "account", "moment", "first_seen_at", *CHANGING)
_METRICS = ("item_id", "observed_at", "likes", "replies", "shares", "views", "reactions", "exchange_id")
_NO_METRICS = Metrics()


class _Batch:
    """Rows on their way in; no record occurs twice."""

    def __init__(self, conn: Connection, account: str, exchange: int, at: datetime) -> None:
        self.conn = conn
        self.account = account
        self.exchange = exchange
        self.at = at
        self.moment = bulk.moments(conn)
        self.now = self.moment(at)
        self.authors: dict[str, Author] = {}
        self.item_ids: Iterator[int] = iter(())
        self.version_ids: Iterator[int] = iter(())
        self.items: list[tuple[Any, ...]] = []
        self.changed: list[tuple[Any, ...]] = []
        self.seen: list[int] = []
        self.versions: list[tuple[Any, ...]] = []
        self.parts: list[tuple[int, Parts]] = []
        self.events: list[tuple[Any, ...]] = []
        self.metrics: list[tuple[Any, ...]] = []
        self.aliases: dict[str | None, int] = {}
        self.documents: list[Document] = []
        self.touched: list[str] = []
        """The keys of what is new or changed; not of what was only seen again."""
        self.wanted: dict[str, str] = {}
        self.addresses: dict[str, str] = {}

    def take(self, writes: dict[str, ItemWrite]) -> list[str]:
        """Enter the writes; gives the media newly wanted."""
        conn = self.conn
        known = known_rows(conn, list(writes))
        seen = [
            write.seen.author for write in writes.values() if write.seen is not None and write.seen.author is not None
        ]
        platform = platform_of(next(iter(writes.values())).change.key)
        self.authors = people.resolve(conn, platform, seen, exchange=self.exchange, at=self.at)
        self.item_ids = bulk.reserve(conn, "items", len(writes) - len(known))
        self.version_ids = bulk.reserve(
            conn, "versions", sum(write.change.version is not None for write in writes.values())
        )
        growing = [row.id for key, row in known.items() if writes[key].change.version is not None]
        before = versions_before(conn, growing) if growing else {}
        for key, write in writes.items():
            row = known.get(key)
            if row is None:
                self._first(key, write)
            else:
                self._again(write, row, before.get(row.id))
        self._flush()
        if self.addresses:
            media.readdress(conn, self.account, self.addresses)
        return media.want(conn, self.account, self.wanted, self.at) if self.wanted else []

    def _first(self, key: str, write: ItemWrite) -> None:
        """A record that was never seen before."""
        change, seen, version = write.change, write.seen, write.change.version
        if seen is None or version is None or write.kind is None:
            raise ValueError(f"{key} is not known, so a sight of it with its kind is needed.")
        item_id = next(self.item_ids)
        self.touched.append(key)
        author = self._author(seen)
        counts = seen.metrics or _NO_METRICS
        columns = Columns.of(version.body)
        created = self.moment(seen.created_at)
        self.items.append((
            item_id, key, self.account, created or self.now, self.now,
            str(write.kind), cleaned(seen.parent), cleaned(write.thread or seen.thread) or key,
            cleaned(seen.thread_author), cleaned(seen.shares), author.id if author else None, created, self.now,
            cleaned(seen.permalink), str(change.state), _word(change.cause), columns.quotes, 1, 1, counts.likes,
            counts.replies, counts.shares, counts.views, _reactions(counts), _votes(version.body.poll),
        ))  # fmt: skip
        if counts != _NO_METRICS:
            self._stated(item_id, counts)
        self._version(item_id, 1, write, version, columns, Parts.of(version.body), author, seen.created_at or self.at)
        self._events(item_id, change)
        for alias in seen.aliases:
            self.aliases[cleaned(alias)] = item_id

    def _again(self, write: ItemWrite, row: ItemRow, before: Before | None) -> None:
        """A record that the store has."""
        change, seen = write.change, write.seen
        if change.version is not None and change.version.basis is Basis.FIRST:
            raise ValueError(f"{change.key} is known, but was weighed as if it were not.")
        new = row
        if change.version is not None:
            new = self._next_version(write, change.version, new, before)
        elif seen is not None:
            self.addresses.update(
                {clean(one.source): clean(one.url) for one in seen.body.attachments or () if one.source}
            )
        new = _placed(new, write)
        if seen is not None:
            new = self._counted(self._filled(new, seen), seen, change)
            for alias in seen.aliases:
                self.aliases[cleaned(alias)] = row.id
        if change.events:
            self._events(row.id, change)
        visible = change.seen and self.now > row.last_seen_at
        if new is not row:
            new = new._replace(last_seen_at=self.now) if visible else new
            self.changed.append((*new[: len(CHANGING)], row.id))
            self.touched.append(row.key)
        elif visible:
            self.seen.append(row.id)

    def _next_version(self, write: ItemWrite, version: NewVersion, row: ItemRow, before: Before | None) -> ItemRow:
        """One more version of a record; what it leaves out is as in the one before."""
        if before is None:
            raise ValueError(f"{write.change.key} has lost the version that holds now.")
        columns = Columns.of(version.body).over(before.columns)
        parts = Parts.of(version.body).over(before.parts)
        author = self._author(write.seen) if write.seen else None
        moment = bulk.read_moments(self.conn)(row.moment)
        ordinal = row.learned + 1
        self._version(row.id, ordinal, write, version, columns, parts, author, moment, before)
        return row._replace(learned=ordinal, current=ordinal, quotes=columns.quotes)

    def _filled(self, row: ItemRow, seen: ItemSeen) -> ItemRow:
        """What was absent before and is known now."""
        facts: dict[str, Any] = {}
        if row.parent is None and seen.parent is not None:
            facts["parent"] = cleaned(seen.parent)
        if row.thread_author is None and seen.thread_author is not None:
            facts["thread_author"] = cleaned(seen.thread_author)
        if row.shares is None and seen.shares is not None:
            facts["shares"] = cleaned(seen.shares)
        if row.author_id is None and seen.author is not None:
            facts["author_id"] = self.authors[cleaned(seen.author.native_id) or ""].id
        if row.created_at is None and seen.created_at is not None:
            facts["created_at"] = self.moment(seen.created_at)
        if row.permalink is None and seen.permalink is not None:
            facts["permalink"] = cleaned(seen.permalink)
        return row._replace(**facts) if facts else row

    def _counted(self, row: ItemRow, seen: ItemSeen, change: Change) -> ItemRow:
        """Counts that changed are a row of their own; so are the votes of a poll whose version stays."""
        counts = seen.metrics or _NO_METRICS
        likes = row.like_count if counts.likes is None else counts.likes
        replies = row.reply_count if counts.replies is None else counts.replies
        shares = row.share_count if counts.shares is None else counts.shares
        views = row.view_count if counts.views is None else counts.views
        kinds = row.reactions if counts.reactions is None else _reactions(counts)
        now = row._replace(like_count=likes, reply_count=replies, share_count=shares, view_count=views, reactions=kinds)
        if now != row:
            self._stated(row.id, counts)
            row = now
        votes = _votes(seen.body.poll)
        if votes is not None and votes != row.votes:
            row = row._replace(votes=votes)
            if change.version is None:
                self.parts.append((self._current(row), Parts(options=Parts.of(seen.body).options)))
        return row

    def _stated(self, item_id: int, counts: Metrics) -> None:
        """Counts as they were stated just now."""
        self.metrics.append((
            item_id, self.now, counts.likes, counts.replies, counts.shares, counts.views, _reactions(counts),
            self.exchange,
        ))  # fmt: skip

    def _current(self, row: ItemRow) -> int:
        """The number of the version that holds now."""
        query = select(versions.c.id).where(versions.c.item_id == row.id, versions.c.ordinal == row.current)
        number: int = self.conn.execute(query).scalar_one()
        return number

    def _version(
        self, item_id: int, ordinal: int, write: ItemWrite, version: NewVersion, columns: Columns, parts: Parts,
        author: Author | None, moment: datetime, before: Before | None = None,
    ) -> None:  # fmt: skip
        """A version row with its parts, complete in itself."""
        person = author.version if author else None
        edited_at = self.moment(version.body.edited_at)
        if before is not None:
            person = person or before.person
            if version.basis is not Basis.EDIT:
                edited_at = edited_at or before.edited_at
        version_id = next(self.version_ids)
        self.versions.append((
            version_id, item_id, ordinal, str(version.basis), self.now, edited_at, str(version.state),
            _word(version.cause),
            *columns, rest_of(version, columns), version.digest, cleaned(version.native_version), person,
            cleaned(write.seen.pointer) if write.seen else "", self.exchange,
        ))  # fmt: skip
        if parts:
            self.parts.append((version_id, parts))
            self.wanted.update(parts.wanted)
            if before is not None:
                self.addresses.update({name: url for name, url in parts.wanted.items() if name != url})
        if version.basis is not Basis.STATE:
            words = document(columns.words(parts), author.names if author else "")
            self.documents.append((moment, version_id, self.account, words))

    def _author(self, seen: ItemSeen) -> Author | None:
        return self.authors[cleaned(seen.author.native_id) or ""] if seen.author else None

    def _events(self, item_id: int, change: Change) -> None:
        for name, basis in change.events:
            self.events.append((item_id, str(name), self.now, cleaned(basis), self.exchange))

    def _flush(self) -> None:
        """A few statements, in the order that foreign keys ask for."""
        conn = self.conn
        bulk.insert(conn, "items", _ITEM, self.items)
        bulk.insert(conn, "versions", VERSION, self.versions)
        add_parts(conn, self.parts, exchange=self.exchange, at=self.at)
        bulk.insert(conn, "events", EVENT, self.events)
        bulk.insert(conn, "metrics", _METRICS, self.metrics)
        bulk.update(conn, "items", CHANGING, self.changed)
        bulk.update(conn, "items", ("last_seen_at",), [(self.now, item_id) for item_id in self.seen])
        add_documents(conn, self.documents)
        if self.aliases:  # the first record that had one keeps it
            named = [{"alias": alias, "item_id": item_id} for alias, item_id in self.aliases.items()]
            conn.execute(upsert(conn, aliases).on_conflict_do_nothing(), named)


def _placed(row: ItemRow, write: ItemWrite) -> ItemRow:
    """The row with the state, kind and thread that hold now; the same row when nothing of it changed."""
    facts: dict[str, Any] = {}
    state, cause = str(write.change.state), _word(write.change.cause)
    if (row.state, row.cause) != (state, cause):
        facts |= {"state": state, "cause": cause}
    if write.kind is not None and row.kind != write.kind:
        facts["kind"] = str(write.kind)
    if write.thread is not None and row.thread != write.thread:
        facts |= {"thread": cleaned(write.thread), "thread_author": None}  # the author told of the other thread
    return row._replace(**facts) if facts else row


def _word(word: object) -> str | None:
    return None if word is None else str(word)


def _reactions(counts: Metrics) -> str | None:
    """How many likes are of which kind, as JSON in the platform's order."""
    return None if counts.reactions is None else cleaned(json_text(dict(counts.reactions)))


def _votes(poll: Poll | None) -> str | None:
    """The votes of a poll as its record keeps them, None where none are stated."""
    if poll is None or all(option.votes is None for option in poll.options):
        return None
    return json_text([option.votes for option in poll.options])

"""Writing what an exchange changes: all rows of it in a few statements, whatever their number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from archiver.domain.fulltext import document
from archiver.domain.history import Basis, Change, NewVersion
from archiver.domain.item import Kind, Metrics, Poll, clean
from archiver.domain.keys import Key, platform_of
from archiver.domain.observation import ItemSeen
from archiver.store import bulk, media, people
from archiver.store.captures import number_of
from archiver.store.facets import rest_of
from archiver.store.fulltext import add_documents
from archiver.store.people import Author
from archiver.store.rows import Parts, add_parts, body_columns, cleaned, parts_of
from archiver.store.tables import items, versions
from archiver.store.types import json_text


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

    A version row is complete in itself: what is None in a later body is taken over from the version before.
    A row of counts is added only when one of them changed.
    """
    if not writes:
        return []
    number = number_of(conn, exchange)
    wanted: list[str] = []
    for wave in _waves(writes):
        wanted += _Batch(conn, account, number, at).take(wave)
    return wanted


def _waves(writes: Sequence[ItemWrite]) -> Iterator[list[ItemWrite]]:
    """The writes in order, cut wherever a record comes up again."""
    wave: list[ItemWrite] = []
    keys: set[Key] = set()
    for one in writes:
        if one.change.key in keys:
            yield wave
            wave, keys = [], set()
        wave.append(one)
        keys.add(one.change.key)
    yield wave


_NEW_ITEM = (
    "id", "key", "account", "kind", "parent", "thread", "thread_author", "shares", "author_id", "created_at", "moment",
    "first_seen_at", "last_seen_at", "permalink", "state", "cause", "quotes", "current", "learned", "like_count", "reply_count",
    "share_count", "view_count", "votes",
)  # fmt: skip
_CHANGING = (
    "kind", "parent", "thread", "thread_author", "shares", "author_id", "created_at", "last_seen_at", "permalink", "state",
    "cause", "quotes", "current", "learned", "like_count", "reply_count", "share_count", "view_count", "votes",
)  # fmt: skip
_VERSION = (
    "id", "item_id", "ordinal", "basis", "observed_at", "edited_at", "state", "cause", "text", "title", "markup",
    "content_warning", "visibility", "lang", "quotes", "tags", "labels", "facets", "digest", "native_version",
    "person_version_id", "pointer", "exchange_id",
)  # fmt: skip
_EVENT = ("item_id", "event", "at", "basis", "exchange_id")
_METRICS = ("item_id", "observed_at", "likes", "replies", "shares", "views", "exchange_id")
_COUNTS = ("like_count", "reply_count", "share_count", "view_count")
_NO_METRICS = Metrics()


@dataclass(slots=True)
class _Batch:
    """Rows on their way in; no record occurs twice."""

    conn: Connection
    account: str
    exchange: int
    at: datetime
    now: Any = None
    authors: dict[str, Author] = field(default_factory=dict)
    item_ids: Iterator[int] = iter(())
    version_ids: Iterator[int] = iter(())
    items: list[tuple[Any, ...]] = field(default_factory=list)
    changed: list[tuple[Any, ...]] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)
    versions: list[tuple[Any, ...]] = field(default_factory=list)
    parts: list[tuple[int, Parts]] = field(default_factory=list)
    events: list[tuple[Any, ...]] = field(default_factory=list)
    metrics: list[tuple[Any, ...]] = field(default_factory=list)
    aliases: dict[str, int] = field(default_factory=dict)
    documents: list[tuple[datetime, int, str, str]] = field(default_factory=list)
    wanted: dict[str, str] = field(default_factory=dict)

    def take(self, writes: Sequence[ItemWrite]) -> list[str]:
        """Enter the writes; gives the media newly wanted."""
        conn = self.conn
        self.now = bulk.moments(conn)(self.at)
        known = self._known(writes)
        seen = [write.seen.author for write in writes if write.seen is not None and write.seen.author is not None]
        self.authors = people.resolve(conn, platform_of(writes[0].change.key), seen, exchange=self.exchange, at=self.at)
        self.item_ids = bulk.reserve(conn, "items", sum(clean(write.change.key) not in known for write in writes))
        self.version_ids = bulk.reserve(conn, "versions", sum(write.change.version is not None for write in writes))
        before = self._before([known[write.change.key] for write in writes if write.change.version and write.change.key in known])
        for write in writes:
            row = known.get(clean(write.change.key))
            if row is None:
                self._first(write)
            else:
                self._again(write, row, before.get(row["id"]))
        self._flush()
        return media.want(conn, self.account, self.wanted, self.at) if self.wanted else []

    def _known(self, writes: Sequence[ItemWrite]) -> dict[str, RowMapping]:
        columns = [items.c[name] for name in ("id", "key", "moment", *_CHANGING)]
        found: dict[str, RowMapping] = {}
        for some in bulk.chunks([clean(write.change.key) for write in writes]):
            for row in self.conn.execute(select(*columns).where(items.c.key.in_(some))).mappings():
                found[row["key"]] = row
        return found

    def _before(self, rows: Sequence[RowMapping]) -> dict[int, tuple[RowMapping, Parts]]:
        """The versions that hold now, of records that get another one."""
        found: dict[int, RowMapping] = {}
        for some in bulk.chunks([row["id"] for row in rows]):
            query = select(versions).join(items, (items.c.id == versions.c.item_id) & (items.c.current == versions.c.ordinal))
            for version in self.conn.execute(query.where(items.c.id.in_(some))).mappings():
                found[version["item_id"]] = version
        parts = parts_of(self.conn, [version["id"] for version in found.values()])
        return {item_id: (version, parts[version["id"]]) for item_id, version in found.items()}

    def _first(self, write: ItemWrite) -> None:
        """A record that was never seen before."""
        change, seen = write.change, write.seen
        version = change.version
        if seen is None or version is None or write.kind is None:
            raise ValueError(f"{change.key} is not known, so a sight of it with its kind is needed.")
        item_id = next(self.item_ids)
        author = self._author(seen)
        counts = seen.metrics or _NO_METRICS
        moment = bulk.moments(self.conn)
        cause = None if change.cause is None else str(change.cause)
        thread = write.thread or seen.thread or change.key
        self.items.append((
            item_id, clean(change.key), self.account, str(write.kind), cleaned(seen.parent), clean(thread),
            cleaned(seen.thread_author), cleaned(seen.shares), author.id if author else None, moment(seen.created_at),
            moment(seen.created_at or self.at), self.now, self.now, cleaned(seen.permalink), str(change.state), cause, cleaned(version.body.quotes), 1, 1,
            counts.likes, counts.replies, counts.shares, counts.views, _votes(version.body.poll),
        ))  # fmt: skip
        if counts != _NO_METRICS:
            self.metrics.append((item_id, self.now, counts.likes, counts.replies, counts.shares, counts.views, self.exchange))
        self._version(item_id, 1, write, version, author, None, seen.created_at or self.at)
        self._events(item_id, change)
        self.aliases.update((clean(alias), item_id) for alias in seen.aliases)

    def _again(self, write: ItemWrite, row: RowMapping, before: tuple[RowMapping, Parts] | None) -> None:
        """A record that the store has."""
        change, seen, item_id = write.change, write.seen, row["id"]
        new: dict[str, Any] = dict(row)
        if change.version is not None and before is not None:
            author = self._author(seen) if seen else None
            new["learned"] = new["current"] = row["learned"] + 1
            self._version(item_id, new["current"], write, change.version, author, before, row["moment"])
            new["quotes"] = cleaned(change.version.body.quotes) or row["quotes"]
        new["state"], new["cause"] = str(change.state), None if change.cause is None else str(change.cause)
        if write.kind is not None:
            new["kind"] = str(write.kind)
        if write.thread is not None:
            new["thread"] = clean(write.thread)
        if seen is not None:
            self._fill(new, seen)
            self._count(new, row, seen, change)
            self.aliases.update((clean(alias), item_id) for alias in seen.aliases)
        self._events(item_id, change)
        if any(new[name] != row[name] for name in _CHANGING):
            if change.seen:
                new["last_seen_at"] = max(row["last_seen_at"], self.at)
            self.changed.append((*self._stored(new), item_id))
        elif change.seen and self.at > row["last_seen_at"]:
            self.seen.append(item_id)

    def _fill(self, new: dict[str, Any], seen: ItemSeen) -> None:
        """What was absent before and is known now."""
        author = self._author(seen)
        facts = {
            "parent": cleaned(seen.parent),
            "thread_author": cleaned(seen.thread_author),
            "shares": cleaned(seen.shares),
            "author_id": author.id if author else None,
            "created_at": seen.created_at,
            "permalink": cleaned(seen.permalink),
        }
        for name, value in facts.items():
            if new[name] is None:
                new[name] = value

    def _count(self, new: dict[str, Any], row: RowMapping, seen: ItemSeen, change: Change) -> None:
        """Counts that changed are a row of their own; so are the votes of a poll whose version stays."""
        counts = seen.metrics or _NO_METRICS
        stated = (counts.likes, counts.replies, counts.shares, counts.views)
        merged = tuple(row[name] if count is None else count for name, count in zip(_COUNTS, stated, strict=True))
        if merged != tuple(row[name] for name in _COUNTS):
            new.update(zip(_COUNTS, merged, strict=True))
            self.metrics.append((row["id"], self.now, *stated, self.exchange))
        votes = _votes(seen.body.poll)
        if votes is not None and votes != (row["votes"] and json_text(row["votes"])):
            new["votes"] = _tally(seen.body.poll)
            if change.version is None:
                self._recount(row, seen)

    def _recount(self, row: RowMapping, seen: ItemSeen) -> None:
        query = select(versions.c.id).where(versions.c.item_id == row["id"], versions.c.ordinal == row["current"])
        self.parts.append((self.conn.execute(query).scalar_one(), Parts(options=Parts.of(seen.body).options)))

    def _version(
        self,
        item_id: int,
        ordinal: int,
        write: ItemWrite,
        version: NewVersion,
        author: Author | None,
        before: tuple[RowMapping, Parts] | None,
        moment: datetime,
    ) -> None:
        """A version row with its parts, complete in itself."""
        body = version.body
        columns = body_columns(body)
        parts = Parts.of(body)
        person = author.version if author else None
        edited_at = body.edited_at
        if before is not None:
            row, old_parts = before
            columns = {name: row[name] if value is None else value for name, value in columns.items()}
            parts = parts.over(old_parts)
            person = person or row["person_version_id"]
            if version.basis is not Basis.EDIT:
                edited_at = edited_at or row["edited_at"]
        rest = rest_of(version.facets, columns)
        version_id = next(self.version_ids)
        self.versions.append((
            version_id, item_id, ordinal, str(version.basis), self.now, bulk.moments(self.conn)(edited_at), str(version.state),
            None if version.cause is None else str(version.cause), columns["text"], columns["title"], columns["markup"],
            columns["content_warning"], columns["visibility"], columns["lang"], columns["quotes"], _json(columns["tags"]),
            _json(columns["labels"]), _json(rest), version.digest, cleaned(version.native_version), person,
            clean(write.seen.pointer) if write.seen else "", self.exchange,
        ))  # fmt: skip
        if parts.attachments or parts.links or parts.options:
            self.parts.append((version_id, parts))
            self.wanted.update(parts.wanted)
        if version.basis is not Basis.STATE:
            names = author.names if author else ""
            words = document(parts.words(columns), names)
            self.documents.append((moment, version_id, self.account, words))

    def _author(self, seen: ItemSeen) -> Author | None:
        return self.authors.get(clean(seen.author.native_id)) if seen.author else None

    def _events(self, item_id: int, change: Change) -> None:
        for name, basis in change.events:
            self.events.append((item_id, str(name), self.now, clean(basis), self.exchange))

    def _stored(self, new: dict[str, Any]) -> Iterator[Any]:
        """The changing columns as the driver takes them."""
        moment = bulk.moments(self.conn)
        for name in _CHANGING:
            value = new[name]
            if name in {"created_at", "last_seen_at"}:
                yield moment(value)
            else:
                yield _json(value) if name == "votes" else value

    def _flush(self) -> None:
        """A few statements, in the order that foreign keys ask for."""
        conn = self.conn
        bulk.insert(conn, "items", _NEW_ITEM, self.items)
        bulk.insert(conn, "versions", _VERSION, self.versions)
        add_parts(conn, self.parts, exchange=self.exchange, at=self.at)
        bulk.insert(conn, "events", _EVENT, self.events)
        bulk.insert(conn, "metrics", _METRICS, self.metrics)
        bulk.update(conn, "items", _CHANGING, self.changed)
        for some in bulk.chunks(self.seen):
            conn.execute(update(items).where(items.c.id.in_(some)).values(last_seen_at=self.at))
        add_documents(conn, self.documents)
        add_aliases(conn, self.aliases)


def add_aliases(conn: Connection, named: dict[str, int]) -> None:
    """Other ids of records; the first record that had one keeps it."""
    from archiver.store.tables import aliases
    from archiver.store.upsert import upsert

    if named:
        rows = [{"alias": alias, "item_id": item_id} for alias, item_id in named.items()]
        conn.execute(upsert(conn, aliases).on_conflict_do_nothing(), rows)


def _json(value: Any) -> str | None:
    return None if value is None else json_text(value)


def _tally(poll: Poll | None) -> list[int | None] | None:
    if poll is None or all(option.votes is None for option in poll.options):
        return None
    return [option.votes for option in poll.options]


def _votes(poll: Poll | None) -> str | None:
    return _json(_tally(poll))

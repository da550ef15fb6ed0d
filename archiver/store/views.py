"""The read side: rows in the officer's words (design 5.3), for exports, `show` and `status`.

Every function gives plain dicts whose names are the columns of the SQLite export, and some more. Moments are aware
datetimes, absent is None. Records come oldest first and all their rows together, so the tables of one selection run
in step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, select, union

from archiver.domain.account import Account
from archiver.domain.coverage import Span
from archiver.domain.keys import Key, native_id_of
from archiver.store import accounts as register
from archiver.store import coverage as ledger
from archiver.store import downloads as imports
from archiver.store.bulk import chunks, portions
from archiver.store.items import named
from archiver.store.numbering import Numbered, numbered
from archiver.store.selection import Query, selected
from archiver.store.tables import (
    accounts,
    attachments,
    download_entries,
    downloads,
    events,
    exchanges,
    items,
    links,
    media,
    media_sources,
    metrics,
    people,
    person_versions,
    polls,
    versions,
)

Row = dict[str, Any]

EVERYTHING = Query(limit=None)


@dataclass(slots=True)
class Record:
    """One record with all its rows."""

    row: Row
    versions: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    attachments: list[Row] = field(default_factory=list)
    links: list[Row] = field(default_factory=list)
    polls: list[Row] = field(default_factory=list)
    metrics: list[Row] = field(default_factory=list)
    origins: list[Row] = field(default_factory=list)


def account_rows(conn: Connection, query: Query = EVERYTHING) -> Iterator[Row]:
    """The accounts that the query leaves in, whether they have records or not."""
    for one in register.rows(conn):
        if _asked_for(one.account, query):
            yield {
                "account": one.account.id,
                "platform": one.account.platform,
                "handle": one.handle,
                "platform_id": one.account.native_id,
                "display_name": one.display_name,
                "capacity": str(one.account.capacity),
                "department": one.account.department,
                "series": one.account.series,
            }


def records(conn: Connection, query: Query = EVERYTHING) -> Iterator[Record]:
    """All records of a query with all their rows, oldest first; ``limit`` and ``offset`` don't count."""
    chosen = selected(conn, query).subquery()
    ids = select(items.c.id).join(chosen, chosen.c.id == items.c.id).order_by(items.c.moment, items.c.key)
    with conn.execute(ids.execution_options(yield_per=500)) as found:
        for portion in portions(found.scalars()):
            yield from _loaded(conn, portion)


def record(conn: Connection, key: Key) -> Record | None:
    """One record, None when there is none."""
    ids = conn.execute(select(items.c.id).where(items.c.key == key)).scalars().all()
    return next(iter(_loaded(conn, ids)), None)


def records_of(conn: Connection, keys: Iterable[Key]) -> Iterator[Record]:
    """The records of these keys that there are, each once."""
    for some in chunks(sorted(set(keys))):
        ids = conn.execute(select(items.c.id).where(items.c.key.in_(some)).order_by(items.c.key)).scalars().all()
        yield from _loaded(conn, ids)


def thread(conn: Connection, key: Key) -> list[Record]:
    """The records of a thread, oldest first."""
    c = items.c
    ids = select(c.id).where(c.thread == key).order_by(c.moment, c.key)
    return [one for some in chunks(conn.execute(ids).scalars().all()) for one in _loaded(conn, some)]


def media_rows(conn: Connection, query: Query = EVERYTHING) -> Iterator[Row]:
    """The media that the records show, each once, with a place where it lies: an account's own capture of it."""
    m, s = media.c, media_sources.c
    shown = (
        select(func.min(s.id).label("source"), s.sha256)
        .where(s.sha256.is_not(None), _shown_by(selected(conn, query)))
        .group_by(s.sha256)
        .subquery()
    )
    rows = (
        select(
            m.sha256, m.mime, m.size_bytes.label("bytes"), m.width, m.height, s.truncated, s.warc_file, s.warc_offset
        )
        .join(shown, shown.c.sha256 == m.sha256)
        .join(media_sources, s.id == shown.c.source)
        .order_by(m.sha256)
    )
    yield from _rows(conn, rows)


def exchange_rows(conn: Connection, query: Query = EVERYTHING) -> Iterator[Row]:
    """The exchanges that the rows of these records cite, in the order in which they were captured."""
    chosen = selected(conn, query)
    of_versions = select(versions.c.id).where(versions.c.item_id.in_(chosen))
    captured = media_sources.c.exchange_id
    cited = union(
        *(
            select(table.c.exchange_id).where(table.c.item_id.in_(chosen))
            for table in (versions, events, metrics, download_entries)
        ),
        select(polls.c.exchange_id).where(polls.c.version_id.in_(of_versions)),
        select(captured).where(captured.is_not(None), _shown_by(chosen)),
    )
    yield from _rows(conn, _exchanges().where(exchanges.c.id.in_(cited)).order_by(exchanges.c.sequence))


def _shown_by(chosen: Select[Any]) -> ColumnElement[bool]:
    """That one of the chosen records shows a source's medium; the first that does is enough, be they thousands."""
    return exists(
        select(attachments.c.id)
        .join(versions, versions.c.id == attachments.c.version_id)
        .join(items, items.c.id == versions.c.item_id)
        .where(
            attachments.c.identity == media_sources.c.identity,
            items.c.account == media_sources.c.account,
            items.c.id.in_(chosen),
        )
        .correlate(media_sources)
    )


def exchanges_of(conn: Connection, ids: Iterable[str]) -> list[Row]:
    """Exchanges by their ids, in the order in which they were captured."""
    found: list[Row] = []
    for some in chunks(sorted(set(ids))):
        found.extend(_rows(conn, _exchanges().where(exchanges.c.exchange.in_(some))))
    return sorted(found, key=lambda row: row["sequence"])


def coverage_rows(conn: Connection, query: Query = EVERYTHING) -> Iterator[Row]:
    """The spans of the query's accounts that touch its time."""
    left_in = {account.id for account in register.listed(conn) if _asked_for(account, query)}
    for account, span in ledger.rows(conn):
        if account in left_in and _touches(span, query):
            yield {
                "account": account,
                "stream": span.stream,
                "thread": span.scope,
                "from_at": span.from_at,
                "until_at": span.until_at,
                "state": str(span.state),
                "reason": span.reason,
                "noticed_at": span.opened_at,
                "closed_at": span.closed_at,
            }


def download_rows(conn: Connection, query: Query = EVERYTHING) -> Iterator[Row]:
    """The data downloads that were imported for the query's accounts, in that order."""
    for account in register.listed(conn):
        for one in imports.of_account(conn, account.id) if _asked_for(account, query) else ():
            yield {
                "download": one.download,
                "account": one.account,
                "format": one.reader,
                "files": "\n".join(part.name for part in one.parts),
                "sha256": "\n".join(part.sha256 for part in one.parts),
                "generated_at": one.generated_at,
                "covers": one.covers,
                "requested_on": one.requested_on,
                "requested_by": one.requested_by,
                "imported_at": one.imported_at,
            }


def _asked_for(account: Account, query: Query) -> bool:
    return query.account in {None, account.id} and query.platform in {None, account.platform}


def _touches(span: Span, query: Query) -> bool:
    after = query.since is not None and span.until_at <= query.since
    before = query.until is not None and span.from_at is not None and span.from_at >= query.until
    return not after and not before


def _exchanges() -> Select[Any]:
    c = exchanges.c
    return select(
        c.exchange, c.sequence, c.account, c.url, c.method, c.stream, c.status, c.failure, c.captured_at, c.warc_file,
        c.warc_offset, c.payload_digest,
    )  # fmt: skip


def _rows(conn: Connection, query: Select[Any]) -> Iterator[Row]:
    with conn.execute(query.execution_options(yield_per=500)) as found:
        for row in found.mappings():
            yield dict(row)


def _loaded(conn: Connection, ids: Sequence[int]) -> list[Record]:
    """Records with their rows, in the order of the ids: one query for each table."""
    history = _histories(conn, ids)
    found = {row["id"]: Record(_record_row(row, history.get(row["id"], ()))) for row in _items(conn, ids)}
    _lead_to_records(conn, [one.row for one in found.values() if one.row["quotes"] is not None])
    place: dict[int, tuple[Key, int]] = {}  # of a version row: its record and number
    shown: dict[int, int] = {}  # version rows whose parts are shown
    for item_id, one in found.items():
        key = one.row["record"]
        for version in history.get(item_id, ()):
            one.versions.append(_version_row(key, version))
            shown[version.content["id"]] = item_id
            place[version.content["id"]] = (key, version.number)
    for name, rows in _parts(conn, list(shown)):
        for row in rows:
            version_id = row.pop("version_id")
            key, number = place[version_id]
            getattr(found[shown[version_id]], name).append({"record": key, "version": number, **row})
    for name, rows in _tracks(conn, ids):
        for row in rows:
            one = found[row.pop("item_id")]
            getattr(one, name).append({"record": one.row["record"], **row})
    return [found[item_id] for item_id in ids if item_id in found]


def _lead_to_records(conn: Connection, quoting: Sequence[Row]) -> None:
    """What quotes a later version (X) names it by an id of its own; the row names the record. Versions stay as told."""
    records = named(conn, {row["quotes"] for row in quoting})
    for row in quoting:
        row["quotes"] = records.get(row["quotes"], row["quotes"])


def _items(conn: Connection, ids: Sequence[int]) -> Iterator[Row]:
    query = select(items, accounts.c.platform, people.c.native_id.label("author_id_native"))
    query = query.join(accounts).outerjoin(people, people.c.id == items.c.author_id)
    yield from _rows(conn, query.where(items.c.id.in_(ids)))


def _histories(conn: Connection, ids: Sequence[int]) -> dict[int, list[Numbered]]:
    v, p = versions.c, person_versions.c
    query = (
        select(versions, exchanges.c.exchange, p.display_name.label("author"), p.handle.label("author_handle"))
        .join(exchanges, exchanges.c.id == v.exchange_id)
        .outerjoin(person_versions, p.id == v.person_version_id)
        .where(v.item_id.in_(ids))
        .order_by(v.item_id, v.ordinal)
    )
    rows: dict[int, list[Row]] = {}
    for row in conn.execute(query).mappings():
        rows.setdefault(row["item_id"], []).append(dict(row))
    return {item_id: numbered(of_item) for item_id, of_item in rows.items()}


_NO_VERSION: Row = dict.fromkeys((
    "quotes", "author", "author_handle", "title", "text", "content_warning", "visibility", "edited_at", "lang",
))  # fmt: skip
"""What is left of the words of a record that was disposed of."""


def _record_row(item: Row, history: Sequence[Numbered]) -> Row:
    now = next((version.content for version in history if item["current"] in version.ordinals), _NO_VERSION)
    return {
        "record": Key(item["key"]),
        "account": item["account"],
        "platform": item["platform"],
        "native_id": native_id_of(Key(item["key"])),
        "kind": item["kind"],
        "parent": item["parent"],
        "thread": item["thread"],
        "quotes": now["quotes"],
        "shares": item["shares"],
        "author": now["author"],
        "author_handle": now["author_handle"],
        "author_id": item["author_id_native"],
        "title": now["title"],
        "text": now["text"],
        "content_warning": now["content_warning"],
        "visibility": now["visibility"],
        "created_at": item["created_at"],
        "edited_at": now["edited_at"],
        "first_seen_at": item["first_seen_at"],
        "last_seen_at": item["last_seen_at"],
        "state": item["state"],
        "cause": item["cause"],
        "versions": len(history),
        "permalink": item["permalink"],
        "lang": now["lang"],
        "likes": item["like_count"],
        "replies": item["reply_count"],
        "shared": item["share_count"],
        "views": item["view_count"],
    }


def _version_row(key: Key, version: Numbered) -> Row:
    first, content = version.first, version.content
    return {
        "record": key,
        "version": version.number,
        "observed_at": first["observed_at"],
        "basis": first["basis"],
        "title": content["title"],
        "text": content["text"],
        "markup": content["markup"],
        "content_warning": content["content_warning"],
        "visibility": content["visibility"],
        "lang": content["lang"],
        "quotes": content["quotes"],
        "tags": content["tags"],
        "labels": content["labels"],
        "edited_at": content["edited_at"],
        "author": content["author"],
        "author_handle": content["author_handle"],
        "state": content["state"],
        "cause": content["cause"],
        "digest": content["digest"],
        "native_version": content["native_version"],
        "pointer": first["pointer"],
        "exchange": first["exchange"],
    }


def _parts(conn: Connection, version_ids: Sequence[int]) -> Iterator[tuple[str, list[Row]]]:
    """Attachments, links and polls of versions; of a poll that was counted several times the latest count."""
    for some in chunks(version_ids):
        a, s = attachments.c, media_sources.c
        pictures = (
            select(
                a.version_id, a.position, a.kind, a.url, a.alt_text, s.sha256.label("media"), a.mime, a.width, a.height,
                s.truncated, s.state.label("media_state"), s.last_error.label("media_error"), exchanges.c.exchange,
            )
            .join(versions, versions.c.id == a.version_id)
            .join(items, items.c.id == versions.c.item_id)
            .outerjoin(media_sources, (s.account == items.c.account) & (s.identity == a.identity))
            .outerjoin(exchanges, exchanges.c.id == s.exchange_id)
            .where(a.version_id.in_(some))
            .order_by(a.version_id, a.position)
        )  # fmt: skip
        yield "attachments", list(_rows(conn, pictures))
        c = links.c
        addresses = select(c.version_id, c.position, c.url, c.expanded, c.title, c.card)
        yield "links", list(_rows(conn, addresses.where(c.version_id.in_(some)).order_by(c.version_id, c.position)))
        o = polls.c
        latest = select(func.max(o.id)).where(o.version_id.in_(some)).group_by(o.version_id, o.position)
        options = select(o.version_id, o.position, o.option, o.votes, o.closes_at, o.multiple, o.observed_at)
        yield "polls", list(_rows(conn, options.where(o.id.in_(latest)).order_by(o.version_id, o.position)))


def _tracks(conn: Connection, ids: Sequence[int]) -> Iterator[tuple[str, list[Row]]]:
    """Events, counts and downloads of items, in order of learning."""
    e, m = events.c, metrics.c
    happened = select(e.item_id, e.event, e.at, e.basis, exchanges.c.exchange).join(exchanges)
    yield "events", list(_rows(conn, happened.where(e.item_id.in_(ids)).order_by(e.item_id, e.id)))
    stated = (m.likes, m.replies, m.shares, m.views, m.reactions)
    counted = select(m.item_id, m.observed_at, *stated, exchanges.c.exchange).join(exchanges)
    yield "metrics", list(_rows(conn, counted.where(m.item_id.in_(ids)).order_by(m.item_id, m.id)))
    n, d = download_entries.c, downloads.c
    shown = select(n.item_id, d.download, n.match, n.basis, n.path.label("file"), n.pointer, exchanges.c.exchange)
    joined = shown.join_from(download_entries, downloads).join(exchanges, exchanges.c.id == n.exchange_id)
    yield "origins", list(_rows(conn, joined.where(n.item_id.in_(ids)).order_by(n.item_id, n.id)))

"""Whether two stores hold the same captured rows. Numbers don't count; a row is named by what it is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select

from archiver.store.engine import Store
from archiver.store.tables import (
    account_handles,
    accounts,
    aliases,
    attachments,
    coverage,
    download_entries,
    download_files,
    download_parts,
    downloads,
    events,
    exchanges,
    gate_members,
    gates,
    items,
    links,
    media,
    media_sources,
    metrics,
    people,
    person_versions,
    polls,
    residue,
    setting_pages,
    totals,
    validators,
    versions,
)

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that only one of two stores has, or that they hold differently.

    ``key`` names the row, ``columns`` what differs; ``ours`` and ``theirs`` are None where there is no such row.
    """

    table: str
    key: Values
    columns: tuple[str, ...]
    ours: Values | None
    theirs: Values | None

    def __str__(self) -> str:
        name = " ".join(str(part) for part in self.key)
        if self.theirs is None:
            return f"{self.table}: {name} is only in the first store"
        if self.ours is None:
            return f"{self.table}: {name} is only in the second store"
        pairs = zip(self.columns, self.ours, self.theirs, strict=True)
        return f"{self.table}: {name} differs: " + "; ".join(
            f"{column} {one!r}, {other!r}" for column, one, other in pairs
        )


@dataclass(frozen=True, slots=True)
class Dump:
    """A table's rows in a canonical form: the first ``keys`` columns name a row and order the dump."""

    table: str
    query: Select[Any]
    keys: int
    names: tuple[str, ...]


def differences(ours: Store, theirs: Store) -> Iterator[Difference]:
    """Everything in which the captured halves of two stores differ, table by table, in order of the rows' names."""
    with ours.read() as one, theirs.read() as other:
        yield from between(one, other)


def between(one: Connection, other: Connection) -> Iterator[Difference]:
    """The same for what two transactions see."""
    for dump in DUMPS:
        yield from _compared(dump, rows(one, dump), rows(other, dump))


def rows(conn: Connection, dump: Dump) -> Iterator[tuple[Values, Values]]:
    """A table's rows as (key, values), in order of the key."""
    with conn.execute(dump.query.execution_options(yield_per=1000)) as found:
        for row in found:
            values = tuple(row)
            yield values[: dump.keys], values[dump.keys :]


def _compared(
    dump: Dump, ours: Iterator[tuple[Values, Values]], theirs: Iterator[tuple[Values, Values]]
) -> Iterator[Difference]:
    """Two ordered streams side by side, a row of each in memory."""
    names = dump.names[dump.keys :]
    mine, yours = next(ours, None), next(theirs, None)
    while mine is not None or yours is not None:
        if yours is None or (mine is not None and _order(mine[0]) < _order(yours[0])):
            assert mine is not None
            yield Difference(dump.table, mine[0], names, mine[1], None)
            mine = next(ours, None)
        elif mine is None or _order(yours[0]) < _order(mine[0]):
            yield Difference(dump.table, yours[0], names, None, yours[1])
            yours = next(theirs, None)
        else:
            if mine[1] != yours[1]:
                unlike = [place for place, name in enumerate(names) if mine[1][place] != yours[1][place]]
                yield Difference(
                    dump.table,
                    mine[0],
                    tuple(names[place] for place in unlike),
                    tuple(mine[1][place] for place in unlike),
                    tuple(yours[1][place] for place in unlike),
                )
            mine, yours = next(ours, None), next(theirs, None)


def _order(key: Values) -> tuple[tuple[bool, Any], ...]:
    return tuple((part is not None, part) for part in key)


def _dump(query: Select[Any], keys: int, *, table: str) -> Dump:
    columns: list[ColumnElement[Any]] = list(query.selected_columns)
    ordered = query.order_by(*(column.asc().nulls_first() for column in columns[:keys]))
    return Dump(table, ordered, keys, tuple(str(column.key) for column in columns))


def _dumps() -> Iterator[Dump]:
    cited = exchanges.c.exchange
    key = items.c.key.label("record")
    a = accounts.c
    yield _dump(select(a.account, a.native_id, a.handle, a.display_name, a.facts, a.access), 1, table="accounts")
    h = account_handles.c
    yield _dump(select(h.account, h.observed_at, h.native_id, h.handle, h.display_name), 3, table="account_handles")
    e = exchanges.c
    yield _dump(
        select(
            e.exchange, e.sequence, e.account, e.url, e.method, e.stream, e.purpose, e.task_kind, e.subject, e.status,
            e.failure, e.truncated, e.captured_at, e.warc_file, e.warc_offset, e.warc_length, e.payload_digest,
            e.block_digest, e.run, e.cost,
        ),
        1,
        table="exchanges",
    )  # fmt: skip
    w = validators.c
    yield _dump(
        select(w.account, w.url, w.etag, w.last_modified, cited).join_from(validators, exchanges), 2, table="validators"
    )
    p, n = people.c, person_versions.c
    yield _dump(select(p.platform, p.native_id, p.first_seen_at), 2, table="people")
    yield _dump(
        select(p.platform, p.native_id, n.observed_at, cited, n.handle, n.display_name, n.avatar)
        .join_from(person_versions, people, p.id == n.person_id)
        .join(exchanges, e.id == n.exchange_id),
        5,
        table="person_versions",
    )
    i = items.c
    yield _dump(
        select(
            key, i.account, i.kind, i.parent, i.thread, i.thread_author, i.shares, p.native_id.label("author"),
            i.created_at, i.moment, i.first_seen_at, i.last_seen_at, i.permalink, i.state, i.cause, i.quotes,
            i.current, i.learned, i.like_count, i.reply_count, i.share_count, i.view_count, i.reactions, i.votes,
        ).outerjoin_from(items, people, p.id == i.author_id),
        1,
        table="records",
    )  # fmt: skip
    yield _dump(select(aliases.c.alias, key).join_from(aliases, items), 1, table="aliases")
    v = versions.c
    yield _dump(
        select(
            key, v.ordinal, v.basis, v.observed_at, v.edited_at, v.state, v.cause, v.text, v.title, v.markup,
            v.content_warning, v.visibility, v.lang, v.quotes, v.tags, v.labels, v.facets, v.digest, v.native_version,
            n.handle.label("author_handle"), n.display_name.label("author"), v.pointer, cited,
        )
        .join_from(versions, items)
        .join(exchanges)
        .outerjoin(person_versions, n.id == v.person_version_id),
        2,
        table="versions",
    )  # fmt: skip
    happened = events.c
    yield _dump(
        select(key, happened.at, happened.event, happened.basis, cited).join_from(events, items).join(exchanges),
        5,
        table="events",
    )
    yield from _parts(key, cited)
    m = metrics.c
    yield _dump(
        select(key, m.observed_at, cited, m.likes, m.replies, m.shares, m.views, m.reactions)
        .join_from(metrics, items)
        .join(exchanges),
        3,
        table="metrics",
    )
    yield from _media(cited)
    g = gates.c
    yield _dump(select(g.scope, g.gate, g.observed_at, cited).join_from(gates, exchanges), 2, table="gates")
    yield _dump(select(g.scope, g.gate, gate_members.c.member).join_from(gate_members, gates), 3, table="gate_members")
    s = setting_pages.c
    yield _dump(
        select(s.account, s.setting, s.observed_at, cited, s.first, s.last, s.digest, s.members).join_from(
            setting_pages, exchanges
        ),
        4,
        table="setting_pages",
    )
    t = totals.c
    yield _dump(select(t.account, t.stream, t.total, t.observed_at), 2, table="totals")
    c = coverage.c
    yield _dump(
        select(c.account, c.stream, c.scope, c.until_at, c.from_at, c.state, c.reason, c.opened_at, c.closed_at),
        4,
        table="coverage",
    )
    yield from _downloads(key, cited)
    yield _dump(select(cited, residue.c.record).join_from(residue, exchanges), 2, table="residue")


def _downloads(key: ColumnElement[Any], cited: ColumnElement[Any]) -> Iterator[Dump]:
    d, p, n, f = downloads.c, download_parts.c, download_entries.c, download_files.c
    own: Select[Any] = select(
        d.download, d.account, d.reader, d.platform_id, d.handle, d.generated_at, d.covers, d.requested_on,
        d.requested_by, d.messages, d.imported_at, d.entries_read, d.finished_at, d.not_understood, cited,
    )  # fmt: skip
    yield _dump(own.join_from(downloads, exchanges), 1, table="downloads")
    parts: Select[Any] = select(d.download, p.position, p.name, p.sha256, p.size_bytes, cited)
    parts = parts.join_from(download_parts, downloads).join(exchanges, exchanges.c.id == p.exchange_id)
    yield _dump(parts, 2, table="download_parts")
    entries: Select[Any] = select(d.download, n.path, n.pointer, key, n.match, n.basis, cited)
    entries = entries.join_from(download_entries, downloads).join(items, items.c.id == n.item_id)
    yield _dump(entries.join(exchanges, exchanges.c.id == n.exchange_id), 6, table="download_entries")
    files: Select[Any] = select(d.download, f.path, f.sha256, f.problem, cited)
    files = files.join_from(download_files, downloads).join(exchanges, exchanges.c.id == f.exchange_id)
    yield _dump(files, 2, table="download_files")


def _parts(key: ColumnElement[Any], cited: ColumnElement[Any]) -> Iterator[Dump]:
    ordinal = versions.c.ordinal
    a, k, o = attachments.c, links.c, polls.c
    pictures = select(key, ordinal, a.position, a.kind, a.url, a.identity, a.alt_text, a.mime, a.width, a.height)
    yield _dump(pictures.join_from(attachments, versions).join(items), 3, table="attachments")
    addresses = select(key, ordinal, k.position, k.url, k.expanded, k.title, k.card)
    yield _dump(addresses.join_from(links, versions).join(items), 3, table="links")
    options = select(key, ordinal, o.observed_at, o.position, o.option, o.votes, o.closes_at, o.multiple, cited)
    joined = (
        options.join_from(polls, versions, versions.c.id == o.version_id)
        .join(items)
        .join(exchanges, exchanges.c.id == o.exchange_id)
    )
    yield _dump(joined, 4, table="polls")


def _media(cited: ColumnElement[Any]) -> Iterator[Dump]:
    m, s = media.c, media_sources.c
    yield _dump(select(m.sha256, m.mime, m.size_bytes, m.width, m.height), 1, table="media")
    yield _dump(
        select(
            s.account, s.identity, s.url, s.wanted_at, s.sha256, s.warc_file, s.warc_offset, s.truncated, cited
        ).outerjoin_from(media_sources, exchanges),
        2,
        table="media_sources",
    )  # fmt: skip


DUMPS = tuple(_dumps())

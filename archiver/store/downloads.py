"""Data downloads that were imported: their parts, and which record each entry of them shows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from archiver.domain.item import Kind, State, clean
from archiver.domain.joining import Candidate
from archiver.domain.keys import Key
from archiver.store.bulk import chunks
from archiver.store.captures import number_of
from archiver.store.tables import (
    aliases,
    attachments,
    download_entries,
    download_files,
    download_parts,
    downloads,
    exchanges,
    items,
    media_sources,
    people,
    versions,
)
from archiver.store.upsert import upsert

STREAM = "import"
"""The stream of exchanges that are what somebody handed in, or were read out of it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A zip of a download: its name as it was handed in, digest (hex) and size, and its exchange."""

    name: str
    sha256: str
    size_bytes: int
    exchange: str


@dataclass(frozen=True, slots=True)
class PartPlace:
    """Where a zip lies in the WARC files."""

    exchange: str
    file: str
    offset: int
    length: int
    payload_digest: str | None
    block_digest: str | None


@dataclass(frozen=True, slots=True)
class Download:
    """An imported download. ``number`` is its row, ``download`` the id of the note that began its import.

    ``as_of`` is when it shows the platform: when it was made, as far as it says. ``read`` counts the entries that were
    read; ``finished_at`` is when the last was.
    """

    number: int
    download: str
    account: str
    reader: str
    platform_id: str | None
    handle: str | None
    generated_at: datetime | None
    covers: str | None
    requested_on: str | None
    requested_by: str | None
    messages: bool
    imported_at: datetime
    read: int
    finished_at: datetime | None
    not_understood: list[list[str]] | None
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryRow:
    """Which record an entry of a download shows."""

    key: Key
    match: str
    basis: str
    path: str
    pointer: str


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file of a download that its records show: the digest of its content, or why there is none."""

    path: str
    sha256: str | None = None
    problem: str | None = None


def kept_part(conn: Connection, account: str, sha256: str) -> PartPlace | None:
    """Where the account's copy of a zip with this digest lies."""
    c = exchanges.c
    query = _places().where(c.account == account, c.payload_digest == f"sha256:{sha256}", c.stream == STREAM)
    row = conn.execute(query.where(c.subject.is_(None)).order_by(c.sequence).limit(1)).one_or_none()
    return PartPlace(*row) if row is not None else None


def place_of(conn: Connection, exchange: str) -> PartPlace:
    """Where a zip lies, by its exchange."""
    return PartPlace(*conn.execute(_places().where(exchanges.c.exchange == exchange)).one())


def _places() -> Any:
    c = exchanges.c
    return select(c.exchange, c.warc_file, c.warc_offset, c.warc_length, c.payload_digest, c.block_digest)


def begin(conn: Connection, download: Download) -> None:
    """An import begins: what was handed in, and what it says of itself."""
    first = number_of(conn, download.parts[0].exchange)
    number: int = conn.execute(
        insert(downloads).values(
            download=download.download, account=download.account, reader=download.reader,
            platform_id=download.platform_id, handle=download.handle, generated_at=download.generated_at,
            covers=download.covers, requested_on=download.requested_on, requested_by=download.requested_by,
            messages=download.messages, imported_at=download.imported_at, entries_read=0, exchange_id=first,
        ).returning(downloads.c.id)
    ).scalar_one()  # fmt: skip
    rows = [
        {"download_id": number, "position": place, "name": part.name, "sha256": part.sha256,
         "size_bytes": part.size_bytes, "exchange_id": number_of(conn, part.exchange)}
        for place, part in enumerate(download.parts)
    ]  # fmt: skip
    conn.execute(insert(download_parts), rows)


def of_parts(conn: Connection, account: str, digests: Collection[str]) -> Download | None:
    """The account's import of just these zips."""
    return next((one for one in of_account(conn, account) if {part.sha256 for part in one.parts} == set(digests)), None)


def named(conn: Connection, download: str) -> Download | None:
    """An import by the id of the note that began it."""
    return next(_downloads(conn, downloads.c.download == download), None)


def of_account(conn: Connection, account: str) -> list[Download]:
    """The imports of an account, in their order."""
    return list(_downloads(conn, downloads.c.account == account))


def _downloads(conn: Connection, condition: Any) -> Iterator[Download]:
    c = downloads.c
    query = select(
        c.id, c.download, c.account, c.reader, c.platform_id, c.handle, c.generated_at, c.covers, c.requested_on,
        c.requested_by, c.messages, c.imported_at, c.entries_read, c.finished_at, c.not_understood,
    )  # fmt: skip
    for row in conn.execute(query.where(condition).order_by(c.id)).all():
        values: tuple[Any, ...] = (*row, _parts(conn, row.id))
        yield Download(*values)


def _parts(conn: Connection, number: int) -> tuple[Part, ...]:
    p = download_parts.c
    query = select(p.name, p.sha256, p.size_bytes, exchanges.c.exchange).join(
        exchanges, exchanges.c.id == p.exchange_id
    )
    return tuple(Part(*row) for row in conn.execute(query.where(p.download_id == number).order_by(p.position)))


def add(
    conn: Connection,
    download: Download,
    exchange: str,
    entries: Sequence[EntryRow],
    files: Sequence[FileRow],
    until: int,
) -> None:
    """What was read of a download, up to the entry with the number ``until``."""
    number = number_of(conn, exchange)
    ids: dict[str, int] = {}
    for some in chunks(sorted({clean(one.key) for one in entries})):
        ids.update(
            (row.key, row.id)
            for row in conn.execute(
                select(items.c.key, items.c.id).where(items.c.key.in_(some), items.c.state != State.DISPOSED.value)
            )
        )
    rows = [
        {"download_id": download.number, "item_id": ids[clean(one.key)], "match": one.match, "basis": one.basis,
         "path": one.path, "pointer": one.pointer, "exchange_id": number}
        for one in entries if clean(one.key) in ids
    ]  # fmt: skip
    if rows:
        conn.execute(insert(download_entries), rows)
    fresh = {"download_id": download.number, "exchange_id": number}
    named = [fresh | {"path": one.path, "sha256": one.sha256, "problem": one.problem} for one in files]
    if named:
        conn.execute(upsert(conn, download_files).on_conflict_do_nothing(), named)
    conn.execute(update(downloads).where(downloads.c.id == download.number).values(entries_read=until))


def finish(conn: Connection, download: Download, at: datetime, not_understood: Sequence[Sequence[str]]) -> None:
    """All of it was read."""
    values = {"finished_at": at, "not_understood": [list(one) for one in not_understood]}
    conn.execute(update(downloads).where(downloads.c.id == download.number).values(**values))


def digests(conn: Connection, download: Download, paths: Iterable[str]) -> dict[str, str | None]:
    """Those of its files that were looked at, with the digests of their content."""
    c = download_files.c
    found: dict[str, str | None] = {}
    for some in chunks(sorted({clean(path) for path in paths})):
        rows = conn.execute(select(c.path, c.sha256).where(c.download_id == download.number, c.path.in_(some)))
        found.update((row.path, row.sha256) for row in rows)
    return found


def known_keys(conn: Connection, names: Iterable[Key]) -> dict[Key, Key]:
    """The records that are known by these names, by the names as given."""
    asked = {clean(name): name for name in names}
    found: dict[Key, Key] = {}
    for some in chunks(sorted(asked)):
        query = select(aliases.c.alias, items.c.key).join(items, items.c.id == aliases.c.item_id)
        found.update((asked[row[0]], Key(row[1])) for row in conn.execute(query.where(aliases.c.alias.in_(some))))
        own = conn.execute(select(items.c.key).where(items.c.key.in_(some))).scalars()
        found.update((asked[key], Key(key)) for key in own)
    return found


def candidates(
    conn: Connection, account: str, kinds: Iterable[Kind], from_at: datetime, until_at: datetime, *,
    own: str | None, download: Download, made: str,
) -> list[tuple[int, Candidate]]:  # fmt: skip
    """Captured records of these kinds and times that this download has not been joined with yet, without their media.

    Each comes with the number of its present version. ``own``: written by that person (native id). Records whose key
    has ``made`` in it were read out of a download.
    """
    c, e = items.c, download_entries.c
    joined = select(e.id).where(e.item_id == c.id, e.download_id == download.number, e.match != "new")
    query = (
        select(versions.c.id, c.created_at, versions.c.text, c.key)
        .join(versions, (versions.c.item_id == c.id) & (versions.c.ordinal == c.current))
        .where(c.account == account, c.kind.in_([kind.value for kind in kinds]), ~joined.exists())
        .where(c.moment >= from_at, c.moment <= until_at, ~c.key.contains(made, autoescape=True))
    )
    if own is not None:
        query = query.join(people, people.c.id == c.author_id).where(people.c.native_id == own)
    found = conn.execute(query.where(c.created_at.is_not(None)).order_by(c.created_at, c.key))
    return [(row.id, Candidate(row.created_at, row.text, frozenset(), row.key)) for row in found]


def shown_media(conn: Connection, account: str, version_ids: Sequence[int]) -> Mapping[int, set[str]]:
    """The digests of the media that versions show."""
    a, s = attachments.c, media_sources.c
    found: dict[int, set[str]] = {}
    for some in chunks(version_ids):
        query = select(a.version_id, s.sha256).join(media_sources, (s.identity == a.identity) & (s.account == account))
        for row in conn.execute(query.where(a.version_id.in_(some), s.sha256.is_not(None))):
            found.setdefault(row.version_id, set()).add(row.sha256)
    return found


def words_of(conn: Connection, key: Key) -> set[str]:
    """The texts of all versions of a record."""
    query = select(versions.c.text).join(items, items.c.id == versions.c.item_id).where(items.c.key == clean(key))
    return {text for text in conn.execute(query).scalars() if text is not None}


def shown_until(conn: Connection, keys: Sequence[Key]) -> dict[Key, datetime | None]:
    """The records that only downloads have shown so far, with the time that the latest of these was made."""
    c, e = items.c, download_entries.c
    found: dict[Key, datetime | None] = {}
    new = select(e.item_id).where(e.match == "new")
    for some in chunks(list(keys)):
        query = (
            select(c.key, func.max(downloads.c.generated_at))
            .join(download_entries, e.item_id == c.id)
            .join(downloads, downloads.c.id == e.download_id)
            .where(c.key.in_([clean(key) for key in some]), c.id.in_(new), c.last_seen_at == c.first_seen_at)
            .group_by(c.key)
        )
        found.update((Key(row[0]), row[1]) for row in conn.execute(query))
    return found


@dataclass(frozen=True, slots=True)
class Compared:
    """A record as a report lists it. ``only_download``: nothing but downloads has shown it so far."""

    record: str
    kind: str
    created_at: datetime | None
    text: str | None
    match: str = ""
    basis: str = ""
    only_download: bool = False


def compared(conn: Connection, download: Download) -> list[Compared]:
    """The records that a download shows, oldest first, each once."""
    c, e = items.c, download_entries.c
    new = select(e.item_id).where(e.match == "new")
    query = (
        select(
            c.key, c.kind, c.created_at, versions.c.text, func.min(e.match), func.min(e.basis),
            c.id.in_(new) & (c.last_seen_at == c.first_seen_at),
        )
        .join(items, c.id == e.item_id)
        .join(versions, (versions.c.item_id == c.id) & (versions.c.ordinal == c.current))
        .where(e.download_id == download.number)
        .group_by(c.id, c.key, c.kind, c.created_at, versions.c.text, c.last_seen_at, c.first_seen_at, c.moment)
        .order_by(c.moment, c.key)
    )  # fmt: skip
    rows: list[tuple[Any, ...]] = [tuple(row) for row in conn.execute(query)]
    return [Compared(*row) for row in rows]


def spans(conn: Connection, download: Download) -> tuple[datetime | None, datetime | None]:
    """When the oldest and the newest record that a download shows were made."""
    query = select(func.min(items.c.created_at), func.max(items.c.created_at)).join(
        download_entries, download_entries.c.item_id == items.c.id
    )
    first, last = conn.execute(query.where(download_entries.c.download_id == download.number)).one()
    return first, last


def only_captured(
    conn: Connection, download: Download, *, own: str | None, from_at: datetime | None, until_at: datetime | None
) -> list[Compared]:
    """What the account itself wrote between these times, of the kinds in the download, and that is not in it."""
    if own is None or from_at is None or until_at is None:
        return []
    c, e = items.c, download_entries.c
    here = select(e.item_id).where(e.download_id == download.number)
    kinds = select(c.kind).where(c.id.in_(here))
    elsewhere = select(e.item_id).where(e.match == "new")
    query = (
        select(c.key, c.kind, c.created_at, versions.c.text)
        .join(versions, (versions.c.item_id == c.id) & (versions.c.ordinal == c.current))
        .join(people, people.c.id == c.author_id)
        .where(c.account == download.account, people.c.native_id == own, c.id.not_in(here), c.kind.in_(kinds))
        .where(c.created_at >= from_at, c.created_at <= until_at)
        .where(c.id.not_in(elsewhere) | (c.last_seen_at > c.first_seen_at))
        .order_by(c.moment, c.key)
    )
    return [Compared(*row, basis="captured by the API") for row in conn.execute(query)]


def missing_files(conn: Connection, download: Download) -> list[tuple[str, str]]:
    """The files that its records show and that it does not have, with what is wrong."""
    c = download_files.c
    query = select(c.path, c.problem).where(c.download_id == download.number, c.sha256.is_(None)).order_by(c.path)
    return [(row.path, row.problem or "") for row in conn.execute(query)]

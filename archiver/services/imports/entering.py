"""The rows of one stretch of a download: each entry finds its record, by id or by content, and completes it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING
from urllib.parse import quote

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange
from archiver.domain.item import Form, Kind, State
from archiver.domain.joining import WITHIN, Candidate, Match, Shown, probable
from archiver.domain.keys import Key
from archiver.domain.observation import ItemSeen
from archiver.domain.task import FollowUp, TaskKind
from archiver.services.imports.notes import METHOD
from archiver.services.imports.reading import Span
from archiver.services.ingest import Downloaded, Ingested, ingest
from archiver.store import captures, downloads, items, media
from archiver.store.captures import ExchangeRow
from archiver.store.downloads import STREAM, Download, EntryRow, FileRow, PartPlace, known_keys
from archiver.takeouts.keys import MADE, is_made
from archiver.takeouts.protocol import Entry
from archiver.takeouts.protocol import Shown as Told

if TYPE_CHECKING:
    from archiver.store import Connection

_PUBLISHED = (Kind.POST, Kind.QUOTE, Kind.SHARE)
_ANSWERS = (Kind.COMMENT, Kind.REPLY, Kind.MENTION)
_PUBLIC = {Form.POST, Form.SHARE}
_OF_FORM = {
    Form.STORY: (Kind.STORY,),
    Form.MESSAGE: (Kind.MESSAGE,),
    Form.REVIEW: (Kind.REVIEW,),
    Form.CHAT: (Kind.CHAT,),
}
_BASES = {
    Match.BY_ID: "the platform's id",
    Match.AGAIN: "an earlier download shows just the same",
    Match.NEW: "first seen in this download",
}


@dataclass(frozen=True, slots=True)
class Noted:
    """The note that gives a stretch its place: id, number in the archive's order, time (aware, UTC)."""

    exchange: str
    sequence: int
    at: datetime


def enter(
    conn: Connection, account: Account, download: Download, place: PartPlace, noted: Noted, span: Span,
    looked_at: Sequence[FileRow],
) -> Ingested:  # fmt: skip
    """Write what a stretch of a download shows. ``looked_at`` are files of it that this stretch shows first."""
    own = account.native_id or download.platform_id
    account = replace(account, native_id=own)
    exchange = _exchange(account, download, place, noted, span.path)
    captures.add(
        conn,
        ExchangeRow(exchange, place.file, place.offset, place.length, place.payload_digest, place.block_digest),
    )
    files = downloads.digests(conn, download, span.paths()) | {one.path: one.sha256 for one in looked_at}
    joining = _Joining(conn, account, download, span, files)
    joined = [joining.join(entry) for entry in span.entries]
    ingested = ingest(conn, account, exchange, [shown for shown, _row in joined], download=Downloaded(as_of(download)))
    _link(conn, account, exchange, span, files)
    rows = [row for _shown, row in joined if row is not None]
    names = known_keys(conn, {row.key for row in rows})
    found = [replace(row, key=names.get(row.key, row.key)) for row in rows]
    downloads.add(conn, download, exchange.id, found, looked_at, span.until)
    _only_what_can_be_asked(conn, account, ingested)
    ingested.follow_ups += _questions(conn, span.entries, found)
    return ingested


def as_of(download: Download) -> datetime | None:
    """When the download shows the platform: as it says itself, else not before the day on which it was asked for."""
    if download.generated_at is not None or download.requested_on is None:
        return download.generated_at
    return datetime.combine(datetime.fromisoformat(download.requested_on), time(), UTC)


def urn(sha256: str, path: str = "") -> str:
    """The name of a zip by its digest, or of a file in it."""
    return f"urn:archiver:download:{sha256}" + (f"/{quote(path)}" if path else "")


def _exchange(account: Account, download: Download, place: PartPlace, noted: Noted, path: str) -> Exchange:
    part = next(one for one in download.parts if one.exchange == place.exchange)
    return Exchange(
        id=noted.exchange, sequence=noted.sequence, account=account.id, url=urn(part.sha256, path), stream=STREAM,
        captured_at=noted.at, method=METHOD, task_kind=STREAM, subject=path,
    )  # fmt: skip


class _Joining:
    """Entries of one stretch on their way to their records."""

    def __init__(
        self, conn: Connection, account: Account, download: Download, span: Span, files: Mapping[str, str | None]
    ) -> None:
        self._conn = conn
        self._account = account
        self._download = download
        self._files = files
        self._own = account.native_id or f"@{account.handle.removeprefix('@')}"
        self._renamed: dict[Key, Key] = {}
        sights = [(entry, entry.shown) for entry in span.entries if isinstance(entry.shown, ItemSeen)]
        self._known = set(known_keys(conn, {key for _entry, seen in sights for key in (seen.key, *seen.aliases)}))
        self._near = _Near(conn, account, download, self._own, [seen for entry, seen in sights if not entry.sure])

    def join(self, entry: Entry) -> tuple[Told, EntryRow | None]:
        """What the entry says of its record, and the row that says whose it is; None for what is said of it only."""
        shown = entry.shown
        if not isinstance(shown, ItemSeen):
            return replace(shown, key=self._renamed.get(shown.key, shown.key)), None
        pointer = entry.path if not entry.pointer else f"{entry.path}#{entry.pointer}"
        seen = replace(shown, pointer=pointer)
        if entry.sure:
            match, basis = (Match.BY_ID if self._has(seen) else Match.NEW), ""
        else:
            seen, match, basis = self._by_content(_by_digest(seen, entry, self._files), entry)
        self._known.add(seen.key)
        row = EntryRow(seen.key, str(match), basis or _BASES[match], entry.path, entry.pointer)
        return seen, row

    def _has(self, seen: ItemSeen) -> bool:
        return not self._known.isdisjoint((seen.key, *seen.aliases))

    def _by_content(self, seen: ItemSeen, entry: Entry) -> tuple[ItemSeen, Match, str]:
        """The record of a thing without an id."""
        if seen.key in self._known:
            return seen, Match.AGAIN, ""
        digests = frozenset(filter(None, (self._files.get(path) for _identity, path in entry.files)))
        found = self._near.probable(seen, digests)
        if found is None:
            return seen, Match.NEW, ""
        key, basis = found
        self._renamed[seen.key] = key
        return replace(seen, key=key, aliases=(), parent=None, thread=None), Match.PROBABLE, basis


class _Near:
    """The captured records that things without an id may be: fetched once for a stretch, each taken once."""

    def __init__(
        self, conn: Connection, account: Account, download: Download, own: str, sights: Sequence[ItemSeen]
    ) -> None:
        self._conn = conn
        self._account = account
        self._records: dict[tuple[Kind, ...], list[tuple[int, Candidate]]] = {}
        self._taken: set[str] = set()
        moments: dict[tuple[Kind, ...], list[datetime]] = {}
        for seen in sights:
            if seen.created_at is not None:
                moments.setdefault(_kinds(seen), []).append(seen.created_at)
        for kinds, ats in moments.items():
            self._records[kinds] = downloads.candidates(
                conn, account.id, kinds, min(ats) - WITHIN, max(ats) + WITHIN,
                own=None if kinds == _OF_FORM[Form.MESSAGE] else own, download=download, made=f"/{MADE}",
            )  # fmt: skip

    def probable(self, seen: ItemSeen, digests: frozenset[str]) -> tuple[Key, str] | None:
        """The record that a thing most probably is, and what says so."""
        at = seen.created_at
        records = self._records.get(_kinds(seen), [])
        if at is None or not records:
            return None
        first = bisect_left(records, at - WITHIN, key=_moment)
        last = bisect_right(records, at + WITHIN, key=_moment)
        near = [(version, one) for version, one in records[first:last] if one.key not in self._taken]
        shows = downloads.shown_media(self._conn, self._account.id, [one[0] for one in near] if digests else [])
        among = [replace(one, media=frozenset(shows.get(version, ()))) for version, one in near]
        best = probable(Shown(at, seen.body.text, digests), among)
        if best is None:
            return None
        self._taken.add(best[0].key)
        return Key(best[0].key), best[1]


def _moment(record: tuple[int, Candidate]) -> datetime:
    at = record[1].at
    assert at is not None
    return at


def _kinds(seen: ItemSeen) -> tuple[Kind, ...]:
    """What a thing may be called in the archive."""
    return _OF_FORM.get(seen.form) or (_PUBLISHED if seen.parent is None else _ANSWERS)


def _by_digest(seen: ItemSeen, entry: Entry, files: Mapping[str, str | None]) -> ItemSeen:
    """Attachments of a thing without an id go by the digest of their content: any download gives them alike."""
    if seen.body.attachments is None:
        return seen
    held = {identity: digest for identity, path in entry.files if (digest := files.get(path)) is not None}
    named = tuple(
        replace(one, source=by_digest(held[one.identity])) if one.identity in held else one
        for one in seen.body.attachments
    )
    return replace(seen, body=replace(seen.body, attachments=named))


def _link(conn: Connection, account: Account, exchange: Exchange, span: Span, files: Mapping[str, str | None]) -> None:
    """The files of the download are what the attachments show, where no capture brought that. Both are kept."""
    for entry in span.entries:
        for identity, path in entry.files:
            digest = files.get(path)
            if digest is None and not entry.sure:
                media.failed(conn, account.id, identity, "the download does not have the file")
            if digest is None or (place := media.kept_content(conn, account.id, digest)) is None:
                continue
            name = identity if entry.sure else by_digest(digest)
            if media.kept(conn, account.id, name) is None:
                media.share(conn, account.id, name, place, exchange.captured_at)


def by_digest(digest: str) -> str:
    """The name of an attachment that goes by its content."""
    return f"sha256:{digest}"


def _questions(conn: Connection, entries: Sequence[Entry], found: Sequence[EntryRow]) -> list[FollowUp]:
    """Whether what only the download shows is still there: it was when the download was made, and maybe is no more."""
    sure = {entry.shown.key for entry in entries if entry.sure and isinstance(entry.shown, ItemSeen) and
            entry.shown.form in _PUBLIC}  # fmt: skip
    new = [row.key for row in found if row.match == Match.NEW and row.key in sure]
    held = items.stored(conn, new)
    return [FollowUp(TaskKind.CONFIRM, key) for key in new if key in held and held[key].known.state is State.LIVE]


def _only_what_can_be_asked(conn: Connection, account: Account, ingested: Ingested) -> None:
    """Of what has no id nothing can be asked; of a file that is here nothing has to be."""

    def asked(kind: TaskKind, subject: str) -> bool:
        if kind is TaskKind.MEDIA:
            return media.is_wanted(conn, account.id, subject)
        return not is_made(Key(subject))

    ingested.follow_ups = [one for one in ingested.follow_ups if asked(one.kind, one.subject)]
    ingested.active_threads = {thread for thread in ingested.active_threads if not is_made(thread)}

"""`archiver import`: a download is kept whole, then read from there. It can be stopped, killed and done again any time.

First everything is looked through, so that what is refused leaves nothing behind. Then each zip goes into WARC as it
is, a note begins the import, and stretch by stretch follow the files that its records show, a note, and one transaction
of rows.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange
from archiver.errors import NotFound, OperatorError
from archiver.services.contents import file_facts
from archiver.services.imports import notes
from archiver.services.imports.entering import Noted, enter, urn
from archiver.services.imports.parts import Given, Progress, given
from archiver.services.imports.reading import Reading, Span
from archiver.services.ingest import Ingested
from archiver.services.journal import Journal, row_of
from archiver.store import accounts, captures, downloads, media, tasks
from archiver.store.downloads import Download, FileRow, Part
from archiver.store.engine import Store
from archiver.takeouts.protocol import About, NotUnderstood
from archiver.takeouts.readers import reader_for
from archiver.takeouts.streams import Unreadable
from archiver.takeouts.zips import Joined, Zip
from archiver.warc import facts as names
from archiver.warc.event import CaptureRef
from archiver.warc.names import HANDED_IN
from archiver.warc.resources import FileBlock, Resource

if TYPE_CHECKING:
    from archiver.store import Connection

log = structlog.get_logger()

MEDIA = "media"
"""The class of WARC files for pictures and videos."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for: the zips of one download, and what they know about it.

    ``anyway``: it is imported although it names another account than the configured one.
    """

    account: str
    paths: Sequence[Path]
    requested_on: date | None = None
    requested_by: str | None = None
    anyway: bool = False


@dataclass(slots=True)
class Imported:
    """What an import brought. ``already``: this very download was imported before, and nothing was done."""

    download: Download
    total: Ingested = field(default_factory=Ingested)
    already: bool = False
    stopped: bool = False


class Stopped(Exception):
    """Somebody asked to stop."""


class Importer:
    """Imports for the accounts of an archive."""

    def __init__(
        self, store: Store, journal: Journal, folder: Path, now: Callable[[], datetime], stop: threading.Event,
        progress: Progress,
    ) -> None:  # fmt: skip
        self._store = store
        self._journal = journal
        self._folder = folder
        self._now = now
        self._stop = stop
        self._progress = progress

    def carry_out(self, wish: Wish) -> Imported:
        """Import a download, or go on with it where it was stopped.

        Raises UsageError, DownloadRefused and OperatorError before anything is kept; StorageFull at any time.
        """
        with self._store.read() as conn:
            account = accounts.find(conn, wish.account)
        if account is None:
            raise NotFound(f"There is no account {wish.account!r}.")
        try:
            parts = given(wish.paths, self._watch)
            download = self._known(account, parts) or self._begin(account, parts, wish)
        except Stopped:
            raise OperatorError("Stopped before anything was read.", advice="The same command begins anew.") from None
        if download.finished_at is not None:
            return Imported(download, already=True)
        return self._read(account, download)

    def _watch(self, what: str, done: int, of: int) -> None:
        if self._stop.is_set():
            raise Stopped
        self._progress(what, done, of)

    def _known(self, account: Account, parts: Sequence[Given]) -> Download | None:
        with self._store.read() as conn:
            return downloads.of_parts(conn, account.id, [one.sha256 for one in parts])

    def _begin(self, account: Account, parts: Sequence[Given], wish: Wish) -> Download:
        """Look through what was handed in, keep it, and write down that its import begins."""
        with ExitStack() as stack:
            zips = [Zip(one.path.name, stack.enter_context(one.open())) for one in parts]
            files = Joined(zips)
            stack.callback(files.close)
            reader = reader_for(account.platform, files)
            about = reader.about(files)
            if not wish.anyway:
                self._refuse_strangers(account, about)
            files.read_all(lambda done, of: self._watch("checking", done, of))
        kept = tuple(self._keep(account, one) for one in parts)
        download = Download(
            number=0, download="", account=account.id, reader=reader.name, platform_id=about.native_id,
            handle=about.handle, generated_at=about.generated_at, covers=about.covers,
            requested_on=wish.requested_on.isoformat() if wish.requested_on else None, requested_by=wish.requested_by,
            messages=account.messages, imported_at=self._now(), read=0, finished_at=None, not_understood=None,
            parts=kept,
        )  # fmt: skip
        facts = notes.begun(download)

        def rows(conn: Connection, note: str, sequence: int) -> None:
            begin(conn, account.id, facts, note, sequence, download.imported_at)

        self._journal.remark(
            account, kept[0].exchange, facts, download.imported_at, rows=rows, unless=lambda _conn: False
        )
        begun = self._known(account, parts)
        assert begun is not None
        return begun

    def _refuse_strangers(self, account: Account, about: About) -> None:
        """A download of somebody else's would put false records into the archive."""
        with self._store.read() as conn:
            ours = {account.handle, *(one.handle for one in accounts.handles(conn, account.id))}
        if about.native_id is not None and account.native_id is not None:
            same = about.native_id == account.native_id
        else:
            same = about.handle is None or _plain(about.handle) in {_plain(one) for one in ours} | {""}
            same = same or account.handle.isdigit()
        if not same:
            raise OperatorError(
                f"This is the download of {about.handle or about.native_id}, and {account.id} is {account.handle}; "
                "nothing of it was kept.",
                advice="Name the account that it was downloaded from. If it is that one under an earlier name, "
                "say --anyway.",
            )

    def _keep(self, account: Account, part: Given) -> Part:
        """A zip as it is, once."""
        with self._store.read() as conn:
            known = downloads.kept_part(conn, account.id, part.sha256)
        if known is not None:
            return Part(part.path.name, part.sha256, part.size_bytes, known.exchange)
        block = FileBlock(part.size_bytes, part.sha256, part.open)
        resource = Resource(urn(part.sha256), "application/zip", block, self._now())
        exchange = self._journal.keep(
            account, HANDED_IN, resource, notes.zip_facts(part.path.name), rows=kept,
            watch=lambda done: self._watch("keeping", done, part.size_bytes),
        )  # fmt: skip
        return Part(part.path.name, part.sha256, part.size_bytes, exchange.id)

    def _read(self, account: Account, download: Download) -> Imported:
        """Read it from where it stood, out of the WARC files."""
        imported = Imported(download)
        not_understood: list[NotUnderstood] = []
        with self._store.read() as conn:
            places = [downloads.place_of(conn, part.exchange) for part in download.parts]
        with Reading(self._folder, download, places, account) as reading:
            not_understood += reading.between(0, download.read).not_understood
            for span in reading.spans():
                if self._stop.is_set():
                    imported.stopped = True
                    return imported
                not_understood += span.not_understood
                if span.entries:
                    place = places[reading.files.part(span.path)]
                    looked_at = self._media(account, download, reading, span)
                    imported.total.add(self._enter(account, download, place, span, looked_at))
                self._progress("reading", span.until, 0)
        self._finish(account, download, not_understood)
        with self._store.read() as conn:
            imported.download = downloads.named(conn, download.download) or download
        return imported

    def _media(self, account: Account, download: Download, reading: Reading, span: Span) -> list[FileRow]:
        """The files that a stretch shows, each kept once; those that were not looked at before."""
        wanted = span.paths()
        with self._store.read() as conn:
            known = downloads.digests(conn, download, wanted)
        return [self._file(account, download, reading, path) for path in sorted(wanted - known.keys())]

    def _file(self, account: Account, download: Download, reading: Reading, path: str) -> FileRow:
        if path not in reading.files:
            return FileRow(path, problem="the download does not have it")
        try:
            with reading.files.open(path) as stream:
                content = file_facts(stream)
        except Unreadable as error:
            return FileRow(path, problem=str(error))
        digest = content[names.CONTENT_SHA256]
        with self._store.read() as conn:
            if media.kept_content(conn, account.id, digest) is not None:
                return FileRow(path, digest)
        part = download.parts[reading.files.part(path)]
        block = FileBlock(reading.files.size(path), digest, lambda: reading.files.open(path))
        mime = content.get(names.CONTENT_MIME, "application/octet-stream")
        resource = Resource(urn(part.sha256, path), mime, block, self._now())
        self._journal.keep(account, MEDIA, resource, notes.media_facts(content, path, download.download), rows=kept)
        return FileRow(path, digest)

    def _enter(
        self, account: Account, download: Download, place: downloads.PartPlace, span: Span, looked_at: list[FileRow]
    ) -> Ingested:
        at = self._now()
        facts = notes.span(download.download, span.path, span.first, span.until, looked_at)

        def rows(conn: Connection, note: str, sequence: int) -> Ingested:
            brought = enter(conn, account, download, place, Noted(note, sequence, at), span, looked_at)
            plan(conn, account.id, brought, at)
            return brought

        entered = self._journal.remark(account, place.exchange, facts, at, rows=rows, unless=lambda _conn: False)
        return entered or Ingested()

    def _finish(self, account: Account, download: Download, not_understood: Sequence[NotUnderstood]) -> None:
        at, told = self._now(), [[one.path, one.pointer, one.why] for one in not_understood]

        def rows(conn: Connection, _note: str, sequence: int) -> None:
            captures.set_sequence(conn, sequence)
            downloads.finish(conn, download, at, told)

        facts = notes.end(download.download, told)
        self._journal.remark(account, download.parts[0].exchange, facts, at, rows=rows, unless=lambda _conn: False)


def begin(conn: Connection, account: str, facts: names.Facts, note: str, sequence: int, at: datetime) -> None:
    """The rows of a note that begins an import."""
    captures.set_sequence(conn, sequence)
    downloads.begin(conn, notes.beginning(names.normal(facts), note, account, at))


def kept(conn: Connection, exchange: Exchange, ref: CaptureRef) -> None:
    """The rows of a file that was kept as it is."""
    captures.add(conn, row_of(exchange, ref, None))
    if exchange.content is not None and exchange.subject:
        media.link(conn, exchange.subject, exchange.content, file=ref.file, offset=ref.offset, exchange=exchange.id)


def plan(conn: Connection, account: str, brought: Ingested, at: datetime) -> None:
    """The tasks that follow from what a download showed."""
    for one in brought.follow_ups:
        tasks.ensure(conn, account, str(one.kind), one.subject, due_at=one.due_at or at)
    for thread in brought.active_threads:
        tasks.stir(conn, account, thread, at)


def _plain(handle: str) -> str:
    return handle.strip().removeprefix("@").casefold()

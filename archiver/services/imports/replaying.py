"""Imports out of the WARC files: what the notes say was read is read again, in their order, by the same code."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from archiver.domain.account import Account
from archiver.errors import EvidenceDamaged
from archiver.services.imports import notes
from archiver.services.imports.entering import Noted, enter
from archiver.services.imports.importing import begin, kept, plan
from archiver.services.imports.reading import Reading
from archiver.store import captures, downloads
from archiver.store.downloads import STREAM, Download
from archiver.warc import facts as names
from archiver.warc.reader import StoredEvent, exchange_of

if TYPE_CHECKING:
    from archiver.store import Connection


class Imports:
    """The imports of a replay; the one that was read last stays open. ``live``: what follows from them is planned."""

    def __init__(self, folder: Path, *, live: bool) -> None:
        self._folder = folder
        self._live = live
        self._open: tuple[str, Reading] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    @staticmethod
    def is_of_one(event: StoredEvent) -> bool:
        """Whether an event is a file that was handed in, or a note of an import."""
        return STREAM in event.facts.get(names.STREAM, ())

    def enter(self, conn: Connection, event: StoredEvent, account: Account) -> None:
        """The rows of one event. Raises EvidenceDamaged and OperatorError where the download can't be read any more."""
        facts, note = event.facts, event.main.record_id
        sequence = int(facts[names.SEQUENCE][0])
        if not event.is_note:
            kept(conn, exchange_of(event), event.ref)
        elif names.IMPORT_BEGUN in facts:
            begin(conn, account.id, facts, note, sequence, event.captured_at)
        elif names.IMPORT_SPAN in facts:
            self._span(conn, event, account, Noted(note, sequence, event.captured_at))
        elif names.IMPORT_END in facts:
            captures.set_sequence(conn, sequence)
            downloads.finish(conn, self._download(conn, event), event.captured_at, notes.end_of(facts))

    def _span(self, conn: Connection, event: StoredEvent, account: Account, noted: Noted) -> None:
        download = self._download(conn, event)
        first, until, looked_at = notes.span_of(event.facts)
        reading = self._reading(conn, download, account, first)
        span = reading.between(first, until)
        span.path = event.facts[names.IMPORT_FILE][0]
        place = downloads.place_of(conn, download.parts[reading.files.part(span.path)].exchange)
        brought = enter(conn, account, download, place, noted, span, looked_at)
        if self._live:
            plan(conn, account.id, brought, noted.at)

    def _download(self, conn: Connection, event: StoredEvent) -> Download:
        name = event.facts[names.IMPORT][0]
        download = downloads.named(conn, name)
        if download is None:
            raise EvidenceDamaged(f"The note {name}, with which an import began, is in no WARC file.")
        return download

    def _reading(self, conn: Connection, download: Download, account: Account, first: int) -> Reading:
        if self._open is not None and (self._open[0] != download.download or self._open[1].at > first):
            self._close()
        if self._open is None:
            places = [downloads.place_of(conn, part.exchange) for part in download.parts]
            self._open = (download.download, Reading(self._folder, download, places, account))
        return self._open[1]

    def _close(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None

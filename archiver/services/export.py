"""Exports: a selection of the archive, handed to a format. The selection says what it leaves out and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from archiver import __version__
from archiver.errors import EvidenceDamaged, UsageError
from archiver.exports import csv, json, sqlite
from archiver.exports.dataset import MediaMode, Options, Produced, moment
from archiver.services.blackening import WITHHELD
from archiver.services.clearance import Access
from archiver.services.covered import covered
from archiver.services.release import FoundBy, Release
from archiver.store import Connection, media, views
from archiver.store.engine import Store
from archiver.store.selection import Query
from archiver.store.views import Record, Row
from archiver.warc.reader import open_content


class Format(StrEnum):
    """What an export can be."""

    SQLITE = "sqlite"
    CSV = "csv"
    JSON = "json"


_WRITERS = {Format.SQLITE: sqlite.write, Format.CSV: csv.write, Format.JSON: json.write}


@dataclass(frozen=True, slots=True)
class Request:
    """What to export, on what terms, and how. ``media`` None: as is usual for the format. ``made_at`` is aware, UTC."""

    format: Format
    path: Path
    archive: str
    made_at: datetime
    access: Access
    query: Query = views.EVERYTHING
    media: MediaMode | None = None
    force: bool = False
    timezone: str = "UTC"


def made_at(environment: Mapping[str, str], now: datetime) -> datetime:
    """When an export says that it was made: ``SOURCE_DATE_EPOCH``, so that it can be repeated byte for byte, or now."""
    epoch = environment.get("SOURCE_DATE_EPOCH", "").strip()
    if not epoch:
        return now
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            f"SOURCE_DATE_EPOCH is {epoch!r}.", advice="It is a number of seconds since 1970, or not set."
        ) from error


def export(store: Store, warc_folder: Path, request: Request) -> Produced:
    """Write an export in one view of the store, while captures may go on.

    Raises UsageError when something is in the way, StorageFull; EvidenceDamaged after the export was written without
    contents that the archive could not give.
    """
    options = Options(media=request.media, force=request.force)
    with store.read() as conn:
        produced = _WRITERS[request.format](_Selection(conn, warc_folder, request), request.path, options)
    if produced.missing:
        first = produced.missing[0]
        raise EvidenceDamaged(
            f"{request.path} was written, but {len(produced.missing)} of its media could not be read from the archive; "
            f"the first is {first.sha256}: {first.problem}"
        )
    return produced


class _Selection:
    """The records of a request as a data set of `archiver.exports`."""

    def __init__(self, conn: Connection, warc_folder: Path, request: Request) -> None:
        self._conn = conn
        self._warc_folder = warc_folder
        self._request = request
        # the whole selection: a page of a search is not an export
        self._query = replace(request.query, limit=None, offset=0)
        self._release = Release(conn, request.access)

    @property
    def about(self) -> Mapping[str, str]:
        """What this export is."""
        request = self._request
        return {
            "archive": request.archive,
            "made_at": moment(request.made_at),
            "made_by": f"archiver {__version__}",
            "version": __version__,
            "filter": self._release.words(filter_words(self._query)),
            "not_public": "left out, and listed in withheld: the law or the rule for each",
            "clearance": request.access.note,
            "rule_set": request.access.profile.rule_set,
            "coverage": " ".join(self._covered()),
            "timezone": request.timezone,
            "times": "All times are UTC; the archive's own zone is in timezone.",
            "checkpoint": "none: this version keeps no integrity log",
        }

    def accounts(self) -> Iterator[Row]:
        """The accounts that the filter leaves in."""
        return views.account_rows(self._conn, self._query)

    def coverage(self) -> Iterator[Row]:
        """What is covered of them."""
        return map(self._release.coverage, views.coverage_rows(self._conn, self._query))

    def _covered(self) -> Iterator[str]:
        """A sentence for each account, for who opens nothing but the cover."""
        names = [row["account"] for row in self.accounts()]
        for one in covered(names, list(views.coverage_rows(self._conn, self._query))):
            yield one.sentence(moment(one.until) if one.until else "")

    def downloads(self) -> Iterator[Row]:
        """The data downloads of these accounts."""
        return views.download_rows(self._conn, self._query)

    def records(self) -> Iterator[Record]:
        """The records that may go out, as they may; what is withheld of them, and of others, is noted."""
        found_by = FoundBy.of(self._query)
        for record in views.records(self._conn, self._query):
            self._fill_share(record.row)
            released = self._release.outgoing(record, found_by)
            if released is None:
                continue
            for attachment in released.attachments:
                attachment["note"] = _note(attachment)
            yield released
        self._release.done()

    def exchanges(self) -> Iterator[Row]:
        """The exchanges that the selected records cite."""
        return map(self._release.exchange, views.exchange_rows(self._conn, self._query))

    def media(self) -> Iterator[Row]:
        """The media that they show."""
        return views.media_rows(self._conn, self._query)

    def withheld(self) -> Iterator[Row]:
        """What ``records`` left out."""
        return iter(self._release.withheld)

    def open_media(self, sha256: str) -> BinaryIO:
        """A content, read from its WARC file."""
        place = media.place_of(self._conn, sha256)
        return open_content(self._warc_folder, place.file, place.offset)

    def _fill_share(self, row: dict[str, Any]) -> None:
        """A share that came without a text has the original's, where that is known and may go out."""
        if row["kind"] != "share" or row["text"] is not None or row["shares"] is None:
            return
        original = views.record(self._conn, row["shares"])
        if original is not None:
            row["text"] = self._release.text_of(original)


def filter_words(query: Query) -> str:
    """A filter in words that repeat it (records rule R42)."""
    named = {
        "words": query.words, "account": query.account, "platform": query.platform, "kind": query.kind,
        "state": query.state, "author": query.author,
        "since": moment(query.since) if query.since else None,
        "until": f"{moment(query.until)} (not included)" if query.until else None,
    }  # fmt: skip
    return "; ".join(f"{name}: {value}" for name, value in named.items() if value) or "everything"


def _note(attachment: Row) -> str | None:
    """Why an attachment has no content, or not all of it."""
    if attachment.get("truncated"):
        return f"only its beginning was captured ({attachment['truncated']})"
    if attachment.get("media"):
        return None
    if attachment.get("media_state") == WITHHELD:
        return str(attachment["media_error"])
    if attachment.get("media_state") == "failed":
        return f"could not be captured: {attachment.get('media_error') or 'no reason given'}"
    return "not captured yet"

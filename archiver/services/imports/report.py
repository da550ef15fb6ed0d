"""What a download has that the capture lacks, and the other way round: a check of completeness by another source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from archiver.domain.joining import Match
from archiver.domain.keys import Key
from archiver.domain.redaction import withheld
from archiver.errors import NotFound
from archiver.services.clearance import Access
from archiver.services.imports.entering import as_of
from archiver.services.release import Release
from archiver.store import Connection, accounts, downloads, views
from archiver.store.decisions import classes
from archiver.store.downloads import Compared, Download
from archiver.store.engine import Store


@dataclass(frozen=True, slots=True)
class Report:
    """A download held against the archive.

    ``only_download``: records that nothing but downloads has shown. ``only_captured``: what the account itself
    published in the time that the download covers, of the kinds that are in it, and that is not in it. ``probable``:
    entries without an id whose record was found by time, text and media. ``missing_files``: what the download
    shows and does not have.
    """

    download: Download
    both: int
    only_download: tuple[Compared, ...]
    only_captured: tuple[Compared, ...]
    probable: tuple[Compared, ...]
    from_at: datetime | None
    until_at: datetime | None
    missing_files: tuple[tuple[str, str], ...]

    def counts(self) -> list[tuple[str, int]]:
        """The sums, for a table."""
        return [
            ("in both", self.both),
            ("of these probably the same", len(self.probable)),
            ("only in the download", len(self.only_download)),
            ("only captured", len(self.only_captured)),
            ("files that the download lacks", len(self.missing_files)),
        ]

    def document(self) -> dict[str, Any]:
        """For a program."""
        return {
            "download": self.download.download,
            "from_at": self.from_at,
            "until_at": self.until_at,
            "in_both": self.both,
            "only_in_download": [asdict(row) for row in self.only_download],
            "only_captured": [asdict(row) for row in self.only_captured],
            "probably_the_same": [asdict(row) for row in self.probable],
            "missing_files": [{"path": path, "problem": problem} for path, problem in self.missing_files],
        }


def report_of(store: Store, access: Access, account_id: str, name: str | None = None) -> Report:
    """The report on a download by the id of its import; None: the account's last. Raises NotFound where it has none.

    ``access`` is on what terms its words are read: what is withheld stands in the report without them.
    """
    with store.read() as conn:
        known = [one for one in downloads.of_account(conn, account_id) if name in {None, one.download}]
        if not known:
            raise NotFound(f"No download of {account_id} was imported yet.", advice="Name its zip files.")
        download = known[-1]
        account = accounts.get(conn, account_id)
        rows = downloads.compared(conn, download)
        both = sum(not row.only_download for row in rows)
        first, last = downloads.spans(conn, download)
        until = as_of(download) or last
        captured = downloads.only_captured(
            conn, download, own=account.native_id or download.platform_id, from_at=first, until_at=until
        )
        missing = downloads.missing_files(conn, download)
        alone = _released(conn, access, [row for row in rows if row.only_download])
        probable = _released(conn, access, [row for row in rows if row.match == Match.PROBABLE])
        captured = _released(conn, access, captured)
    return Report(download, both, tuple(alone), tuple(captured), tuple(probable), first, until, tuple(missing))


def _released(conn: Connection, access: Access, rows: Sequence[Compared]) -> list[Compared]:
    """The rows with the words that may be seen, and the law in the place of others."""
    keys = [Key(row.record) for row in rows]
    release = Release(conn, access)
    if not release.closes_anything and not classes.limited(conn, keys):
        return list(rows)
    texts: dict[str, str | None] = {}
    for record in views.records_of(conn, keys):
        key = record.row["record"]
        seen = release.outgoing(record)
        texts[key] = seen.row["text"] if seen is not None else withheld(str(release.withheld[-1]["basis"]))
    release.done()
    return [replace(row, record=release.name_of(Key(row.record)), text=texts.get(row.record, row.text)) for row in rows]

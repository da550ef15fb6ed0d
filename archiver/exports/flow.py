"""The rows of a data set as every format writes them, with only those exchanges and media that are cited."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from archiver.exports import schema
from archiver.exports.dataset import Bundle, Dataset, MissingMedia, Row
from archiver.exports.media import with_files
from archiver.exports.schema import Table

PARTS: tuple[Table, ...] = (
    schema.VERSIONS, schema.EVENTS, schema.ATTACHMENTS, schema.LINKS, schema.POLLS, schema.METRICS, schema.ORIGINS,
)  # fmt: skip
"""The tables whose rows belong to one record; each is an attribute of a ``Bundle``."""

AFTER_RECORDS: tuple[Table, ...] = (schema.EXCHANGES, schema.MEDIA, schema.WITHHELD)


class Flow:
    """One reading of a data set. ``missing`` fills while media pass by.

    ``folder`` takes the contents of media as files, named ``prefix`` in their rows (None: they stay where they are).
    """

    def __init__(self, dataset: Dataset, *, folder: Path | None = None, prefix: str = "") -> None:
        self.dataset = dataset
        self.folder = folder
        self.prefix = prefix
        self.missing: list[MissingMedia] = []
        self._cited = _Cited()

    def before(self) -> Iterator[tuple[Table, Iterable[Row]]]:
        """Tables that come before the records."""
        yield schema.ACCOUNTS, self.dataset.accounts()
        yield schema.COVERAGE, self.dataset.coverage()
        yield schema.DOWNLOADS, self.dataset.downloads()

    def records(self) -> Iterator[Bundle]:
        """The records; what they cite is noted."""
        for bundle in self.dataset.records():
            self._cited.note(bundle)
            yield bundle

    def after(self) -> Iterator[tuple[Table, Iterable[Row]]]:
        """Tables that come after the records."""
        yield schema.EXCHANGES, self._cited.only(self.dataset.exchanges(), "exchange")
        media = self._cited.only(self.dataset.media(), "sha256")
        yield schema.MEDIA, with_files(self.dataset, media, self.folder, self.prefix, self.missing)
        yield schema.WITHHELD, self.dataset.withheld()

    def rows(self) -> Iterator[tuple[Table, Row]]:
        """Everything, row by row."""
        for table, rows in self.before():
            for row in rows:
                yield table, row
        for bundle in self.records():
            yield schema.RECORDS, bundle.row
            for table in PARTS:
                for row in parts(bundle, table):
                    yield table, row
        for table, rows in self.after():
            for row in rows:
                yield table, row

    def close(self) -> None:
        """Let go of what was noted."""
        self._cited.close()


def parts(bundle: Bundle, table: Table) -> Iterable[Row]:
    """A record's rows of one of the tables in ``PARTS``."""
    rows: Iterable[Row] = getattr(bundle, table.name)
    return rows


_FRESH = 5000
"""So many names gather before they go to disk; neighbours cite the same exchange."""


class _Cited:
    """Names that rows referred to, on disk beyond a few megabytes: a large archive has millions."""

    def __init__(self) -> None:
        self._names = sqlite3.connect("", isolation_level=None)
        for statement in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            "PRAGMA cache_size = -8192",
            "CREATE TABLE cited (name TEXT PRIMARY KEY) WITHOUT ROWID",
            "BEGIN",
        ):
            self._names.execute(statement)
        self._fresh: set[str] = set()

    def note(self, bundle: Bundle) -> None:
        for table in PARTS:
            self._fresh.update(str(name) for row in parts(bundle, table) if (name := row.get("exchange")))
        self._fresh.update(str(name) for row in bundle.attachments if (name := row.get("media")))
        if len(self._fresh) > _FRESH:
            self._keep()

    def only(self, rows: Iterable[Row], column: str) -> Iterator[Row]:
        self._keep()
        for row in rows:
            if self._names.execute("SELECT 1 FROM cited WHERE name = ?", (str(row[column]),)).fetchone():
                yield row

    def _keep(self) -> None:
        names = [(name,) for name in sorted(self._fresh)]
        self._names.executemany("INSERT OR IGNORE INTO cited VALUES (?)", names)
        self._fresh.clear()

    def close(self) -> None:
        self._names.close()

"""The SQLite export: one file that needs nothing beside it (design 5.3, records rule R91).

The file is built under a temporary name without a journal, checked, and renamed: whoever sees it sees all of it.
With the same rows in the same order, the same ``made_at`` and the same SQLite, the bytes are the same.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path

from archiver.errors import OperatorError
from archiver.exports import ddl, schema
from archiver.exports.dataset import Dataset, MediaMode, MissingMedia, Options, Produced, Row, cells
from archiver.exports.datasette import metadata
from archiver.exports.dictionary import entries
from archiver.exports.flow import Flow
from archiver.exports.media import copy_content, is_media_folder, media_folder
from archiver.exports.schema import Table
from archiver.exports.target import check_free, full, new_file, new_folder

LARGEST_BLOB_BYTES = 999_999_000
"""SQLite's own limit for a row is 10^9 bytes, as most are compiled."""

_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Letters of scripts that are written without spaces, and Korean: unicode61 takes a whole sentence for one word."""


_BATCH = 500


def write(dataset: Dataset, path: Path, options: Options | None = None) -> Produced:
    """Write the data set to a new SQLite file; media inside it, or with ``files`` in ``NAME.sqlite-media`` beside it.

    Raises UsageError when something is in the way, StorageFull and OperatorError; nothing half written stays.
    """
    options = options or Options()
    mode = options.media or MediaMode.INLINE
    media, explained = media_folder(path), path.with_suffix(".metadata.json")
    if options.datasette:
        check_free(explained, force=options.force, is_ours=explained.is_file())
    beside: AbstractContextManager[Path | None] = (
        new_folder(media, force=options.force, is_ours=is_media_folder(media))
        if mode is MediaMode.FILES
        else nullcontext()
    )
    with (
        new_file(path, force=options.force) as temporary,
        beside as folder,
        _connection(temporary, path) as connection,
        closing(Flow(dataset, folder=folder, prefix=media.name)) as flow,
    ):
        counts = _Builder(flow, connection, mode).build()
    files = [path.name, *([media.name] if mode is MediaMode.FILES else [])]
    if options.datasette:
        with new_file(explained, force=options.force) as temporary:
            temporary.write_text(metadata(dataset.about, path.stem), encoding="utf-8")
        files.append(explained.name)
    return Produced(tuple(files), counts, tuple(flow.missing))


@contextmanager
def _connection(temporary: Path, path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to the file being built; SQLite's errors about the disk leave as ours."""
    connection = sqlite3.connect(temporary, isolation_level=None)
    try:
        for pragma in (
            "page_size = 4096",
            "encoding = 'UTF-8'",
            "journal_mode = OFF",  # a file that fails is thrown away
            "synchronous = OFF",  # flushed once, before it is renamed
            "locking_mode = EXCLUSIVE",
            "cache_size = -32768",
            "temp_store = FILE",
            "secure_delete = ON",
            f"application_id = {ddl.APPLICATION_ID}",
            f"user_version = {schema.SCHEMA_VERSION}",
        ):
            connection.execute(f"PRAGMA {pragma}")
        yield connection
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorname", "") == "SQLITE_FULL":
            raise full(path) from error
        if str(getattr(error, "sqlite_errorname", "")).startswith(
            ("SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY")
        ):
            raise OperatorError(f"{path} could not be written: {error}.", advice="Check that disk.") from error
        raise
    finally:
        connection.close()


class _Builder:
    """One file on its way."""

    def __init__(self, flow: Flow, connection: sqlite3.Connection, mode: MediaMode) -> None:
        self.flow = flow
        self.connection = connection
        self.mode = mode

    def build(self) -> dict[str, int]:
        """Rows first, then the search, then everything packed, and the contents of media last: packing copies all."""
        run = self.connection.execute
        for statement in ddl.tables():
            run(statement)
        run("BEGIN")
        counts = self._fill()
        self._gather()
        self._describe(counts)
        run("COMMIT")
        for statement in (*ddl.views(), *ddl.search()):
            run(statement)
        self._index()
        run("VACUUM")
        if self.mode is MediaMode.INLINE:
            self._embed()
        self._check()
        return counts

    def _fill(self) -> dict[str, int]:
        counts = {table.name: 0 for table in schema.TABLES}
        waiting: dict[str, list[Row]] = {table.name: [] for table in schema.TABLES}
        for table, row in self.flow.rows():
            rows = waiting[table.name]
            rows.append(row)
            if len(rows) == _BATCH:
                self._insert(table, rows)
                counts[table.name] += len(rows)
                rows.clear()
        for table in schema.TABLES:
            self._insert(table, waiting[table.name])
            counts[table.name] += len(waiting[table.name])
        return counts

    def _gather(self) -> None:
        """What the search needs beside the latest text: descriptions of pictures, texts that were edited away."""
        self.connection.execute(
            """
            UPDATE records SET alt_text = (
              SELECT group_concat(alt_text, char(10)) FROM (
                SELECT a.alt_text FROM attachments a
                WHERE a.record = records.record AND a.version = records.versions AND a.alt_text <> ''
                ORDER BY a.position))
            WHERE record IN (SELECT record FROM attachments WHERE alt_text <> '')
            """
        )
        self.connection.execute(
            """
            UPDATE records SET earlier_text = (
              SELECT group_concat(text, char(10)) FROM (
                SELECT v.text FROM versions v
                WHERE v.record = records.record AND v.text <> '' AND v.text IS NOT records.text
                GROUP BY v.text ORDER BY min(v.version)))
            WHERE versions > 1
            """
        )

    def _describe(self, counts: dict[str, int]) -> None:
        about = {**self.flow.dataset.about, "schema_version": str(schema.SCHEMA_VERSION)}
        about |= {f"count_{name}": str(number) for name, number in counts.items()}
        about["media"] = _MEDIA_WORDS[self.mode]
        self._insert(schema.ABOUT, [{"key": key, "value": value} for key, value in about.items()])
        self._insert(schema.COLUMNS, list(entries()))

    def _insert(self, table: Table, rows: Sequence[Row]) -> None:
        names = [name for name in table.names if table is not schema.RECORDS or name not in schema.DERIVED]
        columns, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
        self.connection.executemany(
            f"INSERT INTO {table.name} ({columns}) VALUES ({marks})",  # noqa: S608 - names of our own
            [cells(row, names) for row in rows],
        )

    def _index(self) -> None:
        columns = ", ".join(("record", *ddl.SEARCHED))
        words = " || ' ' || ".join(f"coalesce({name}, '')" for name in ddl.SEARCHED)
        self.connection.create_function("spaceless", 1, _is_spaceless, deterministic=True)
        run = self.connection.execute
        run("BEGIN")
        run("INSERT INTO search (search) VALUES ('rebuild')")
        run(
            f"INSERT INTO search_cjk (rowid, {columns}) SELECT id, {columns} FROM records "  # noqa: S608
            f"WHERE spaceless({words}) ORDER BY id"
        )
        for name in ("search", "search_cjk"):
            run(f"INSERT INTO {name} ({name}) VALUES ('optimize')")  # noqa: S608 - names of our own
        run("COMMIT")

    def _embed(self) -> None:
        """Write contents into their rows piece by piece; what can't be had says why in its row."""
        run = self.connection.execute
        for rowid, sha256, size in run("SELECT rowid, sha256, bytes FROM media ORDER BY rowid").fetchall():
            run("BEGIN")
            problem = self._embed_one(rowid, sha256, size or 0)
            if problem is not None:
                run("UPDATE media SET content = NULL, problem = ? WHERE rowid = ?", (problem.problem, rowid))
                self.flow.missing.append(problem)
            run("COMMIT")

    def _embed_one(self, rowid: int, sha256: str, size: int) -> MissingMedia | None:
        if size > LARGEST_BLOB_BYTES:
            return MissingMedia(sha256, "Too long for an SQLite file; export with --media files.")
        self.connection.execute("UPDATE media SET content = zeroblob(?) WHERE rowid = ?", (size, rowid))
        written = 0

        def write(piece: bytes) -> None:
            nonlocal written
            blob.write(piece[: max(size - written, 0)])
            written += len(piece)

        with self.connection.blobopen("media", "content", rowid) as blob:
            problem = copy_content(self.flow.dataset, sha256, write)
        if problem is None and written != size:
            return MissingMedia(sha256, f"The content that the archive holds has {written} bytes, not {size}.")
        return problem

    def _check(self) -> None:
        """What is promised of every file; a failure is a bug, and the file is thrown away."""
        broken = self.connection.execute("PRAGMA foreign_key_check").fetchone()
        if broken is not None:
            raise RuntimeError(
                f"the export's {broken[0]} row {broken[1]} refers to a row of {broken[2]} that is not there"
            )


_MEDIA_WORDS = {
    MediaMode.INLINE: "inside this file (media.content)",
    MediaMode.FILES: "files beside this one (media.file)",
    MediaMode.NONE: "not included; their digests are",
}


def _is_spaceless(text: str) -> bool:
    return not text.isascii() and _SPACELESS.search(text) is not None

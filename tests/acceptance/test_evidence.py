"""Whatever is done to the files behind our back is noticed, named and never passed over in silence."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archiver.warc.names import relative, segments
from archiver.warc.reader import events
from tests.acceptance.conftest import Installation

Settle = Callable[..., Installation]


@pytest.fixture
def archive(settle: Settle) -> Installation:
    """An archive of the village."""
    made = settle(authenticated=True)
    made.collect()
    return made


def _findings(archive: Installation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(archive.run("verify", "--json", codes=(1,)).stdout)["findings"]
    return found


def _differences(archive: Installation) -> list[str]:
    found: list[str] = json.loads(archive.run("rebuild", "--check", "--json", codes=(1,)).stdout)["differences"]
    return found


def _file(archive: Installation) -> Path:
    return max(segments(archive.data / "warc"), key=lambda path: path.stat().st_size)


def _flip(path: Path, offset: int) -> None:
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 0x10]))


@pytest.mark.parametrize("sealed", [True, False], ids=["a sealed file", "an open file"])
def test_a_flipped_bit_is_found_and_named(archive: Installation, sealed: bool) -> None:
    """Verify names file and offset, rebuild tells what it could not read, and the store keeps every row that it had."""
    if sealed:
        archive.run("seal")
    before = _rows(archive)
    path = _file(archive)
    whole = list(events(path))
    hit = whole[len(whole) // 2]
    _flip(path, hit.ref.offset + hit.ref.length // 2)
    found = [one for one in _findings(archive) if one["file"] == relative(path)]
    assert hit.ref.offset in {one["offset"] for one in found}, found
    assert any(relative(path) in one for one in _differences(archive))
    said = archive.run("rebuild", codes=(1,))
    assert relative(path) in said.stdout + said.stderr
    lost = {table: before[table] - after for table, after in _rows(archive).items()}
    assert lost == dict.fromkeys(lost, 0), lost


def test_a_missing_file_is_named(archive: Installation) -> None:
    """A WARC file that the store cites and nobody finds."""
    archive.run("seal")
    path = _file(archive)
    path.rename(archive.home / "elsewhere")
    assert {"file": relative(path), "problem": "the file is missing"} in [
        {"file": one["file"], "problem": one["problem"]} for one in _findings(archive)
    ]
    assert _differences(archive)
    before = _rows(archive)
    assert relative(path) in archive.run("rebuild", codes=(1,)).stderr
    assert _rows(archive) == before
    (archive.home / "elsewhere").rename(path)
    archive.run("rebuild")
    archive.assert_sound()


def test_a_file_that_was_cut_is_named(archive: Installation) -> None:
    """The end of a sealed file is gone, and with it what lay there."""
    archive.run("seal")
    path = _file(archive)
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size * 2 // 3)
    assert relative(path) in {one["file"] for one in _findings(archive)}
    assert _differences(archive)


CHANGES = {
    "a state": "UPDATE items SET state = 'gone' WHERE id = (SELECT min(id) FROM items WHERE state = 'live')",
    "a parent": "UPDATE items SET thread = 'bluesky:nobody' WHERE id = (SELECT max(id) FROM items)",
    "a digest of an exchange": "UPDATE exchanges SET payload_digest = 'sha256:00' WHERE id = 1",
    "a removed picture": "DELETE FROM media_sources",
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_row_changed_behind_our_back_is_found(archive: Installation, what: str) -> None:
    """Where the schema lets a row be changed at all, rebuild --check says which it is."""
    with closing(sqlite3.connect(archive.data / "archive.sqlite")) as store, store:
        try:
            changed = store.execute(CHANGES[what]).rowcount
        except sqlite3.IntegrityError as refused:
            assert "append-only" in str(refused)  # noqa: PT017 - refused is as good as found
            return
    assert changed
    assert _differences(archive)


@pytest.mark.parametrize("table", ["versions", "events", "exchanges", "person_versions", "metrics", "segments"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET rowid = rowid", "DELETE FROM {}", "UPDATE {} SET {} = {}"])
def test_what_was_captured_cannot_be_changed_in_the_store(archive: Installation, table: str, statement: str) -> None:
    """Versions and what proves them only grow: the schema itself refuses, whoever asks (records rule R5)."""
    archive.run("seal")
    with closing(sqlite3.connect(archive.data / "archive.sqlite")) as store, store:
        column = store.execute(f"SELECT name FROM pragma_table_info('{table}') LIMIT 1 OFFSET 1").fetchone()[0]
        if statement.count("{}") == 3:
            statement = statement.format(table, column, column)
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            store.execute(statement.format(table))


def _rows(archive: Installation) -> dict[str, int]:
    with closing(sqlite3.connect(archive.data / "archive.sqlite")) as store, store:
        return {
            table: store.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("items", "versions", "events", "exchanges", "media")
        }

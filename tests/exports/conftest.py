"""Exports of the hand-made town."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.exports import sqlite
from tests.support.town import Town, town


@pytest.fixture
def dataset() -> Town:
    """The town, anew for each test."""
    return town()


@pytest.fixture(scope="module")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town as an SQLite file, written once."""
    path = tmp_path_factory.mktemp("export") / "town.sqlite"
    sqlite.write(town(), path)
    return path


@pytest.fixture
def opened(sqlite_file: Path) -> Iterator[sqlite3.Connection]:
    """The file as anyone opens it: read-only, with this Python's own SQLite."""
    connection = sqlite3.connect(f"file:{sqlite_file}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()

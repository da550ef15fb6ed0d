"""Captures to write, and a folder to write them to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.warc.writer import Segments
from tests.warc.captures import INFO, Ticking


@pytest.fixture
def clock() -> Ticking:
    """A clock that stands still until it is set."""
    return Ticking(datetime(2026, 1, 15, 12, 0, tzinfo=UTC))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The WARC folder."""
    return tmp_path / "warc"


@pytest.fixture
def segments(folder: Path, clock: Ticking) -> Iterator[Segments]:
    """A writer into ``folder``."""
    writer = Segments(folder, info=INFO, now=clock)
    yield writer
    writer.close()

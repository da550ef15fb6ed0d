"""What a data folder tells of the stores that an archive had before."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from archiver.errors import OperatorError
from archiver.services import left_behind
from archiver.services.checkup import Level, check_machine
from archiver.services.left_behind import Move

SERVER = "postgresql+psycopg://archiver@db/archive"


@pytest.fixture
def first(tmp_path: Path) -> str:
    """The address of the store that was there first; its file lies there."""
    (tmp_path / "first.sqlite").write_bytes(b"")
    return f"sqlite:///{tmp_path / 'first.sqlite'}"


def moved(folder: Path, *places: str) -> None:
    """The store was moved from each place to the next."""
    for left, to in pairwise(places):
        left_behind.begin(folder, Move(left, to, "2026-11-23T08:00:00+00:00"))
        left_behind.end(folder, Move(left, to, "2026-11-23T08:01:00+00:00"))


def test_each_store_that_was_left_is_refused(first: str, tmp_path: Path) -> None:
    """The sentence names where the archive is now, not where a move went in between."""
    last = f"sqlite:///{tmp_path / 'last.sqlite'}"
    moved(tmp_path, first, SERVER, last)
    for one in (first, SERVER):
        with pytest.raises(OperatorError, match=f"was moved to {last}"):
            left_behind.require_not_left(tmp_path, one)
    left_behind.require_not_left(tmp_path, last)


def test_back_to_where_it_was(first: str, tmp_path: Path) -> None:
    """A store that was left and moved into again is the archive's, and nothing else is in a file."""
    moved(tmp_path, first, SERVER, first)
    left_behind.require_not_left(tmp_path, first)
    left_behind.require_gone(tmp_path, first)
    with pytest.raises(OperatorError, match="was moved to"):
        left_behind.require_not_left(tmp_path, SERVER)


def test_no_file_of_an_earlier_move_is_forgotten(first: str, tmp_path: Path) -> None:
    """Before a disposal each has to go, with what lies beside it."""
    moved(tmp_path, first, SERVER, "postgresql+psycopg://archiver@other/archive")
    beside = tmp_path / "first.sqlite-wal"
    beside.write_bytes(b"")
    with pytest.raises(OperatorError, match=r"first\.sqlite, .*first\.sqlite-wal"):
        left_behind.require_gone(tmp_path, "postgresql+psycopg://archiver@other/archive")
    for path in (tmp_path / "first.sqlite", beside):
        path.unlink()
    left_behind.require_gone(tmp_path, "postgresql+psycopg://archiver@other/archive")


def test_what_was_begun_and_never_ended(first: str, tmp_path: Path) -> None:
    """The archive is where it was; but the new file may hold what a disposal destroys."""
    new = tmp_path / "new.sqlite"
    for _ in range(2):
        left_behind.begin(tmp_path, Move(first, f"sqlite:///{new}", "2026-11-23T08:00:00+00:00"))
    assert len(left_behind.read(tmp_path)) == 1
    left_behind.require_not_left(tmp_path, first)
    left_behind.require_gone(tmp_path, first)
    new.write_bytes(b"")
    with pytest.raises(OperatorError, match=r"begun for one, is still there.*new\.sqlite"):
        left_behind.require_gone(tmp_path, first)


def test_a_file_that_is_not_ours(tmp_path: Path) -> None:
    """What can't be read stops every command, with what to do."""
    (tmp_path / left_behind.FILE).write_text('{"left": 1}')
    with pytest.raises(OperatorError, match="Delete it if you know where the store is"):
        left_behind.require_not_left(tmp_path, SERVER)


def test_check_tells_of_it(first: str, tmp_path: Path) -> None:
    """A store that was left is not well."""
    moved(tmp_path, first, SERVER)
    *_, store = check_machine(first, tmp_path, tmp_path, datetime(2026, 11, 23, tzinfo=UTC))
    assert (store.level, store.sentence) == (
        Level.MACHINE,
        f"The store was moved to {SERVER}; this one has nothing of what came since.",
    )

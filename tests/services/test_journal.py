"""What was captured is in the archive, whatever fails behind it: the store, a reader, the process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError

from archiver.domain.task import Shortfall, TaskKind
from archiver.errors import ArchiverError
from archiver.platforms.mastodon import MastodonAdapter
from archiver.services.rebuild import check
from archiver.services.replay import recover
from archiver.services.verify import verify
from tests.platforms.mastodon_world import ANN, CITY, Server
from tests.services.loopback import Desk, desk, served

ROOT, COMMENT = "113000000000000020", "113100000000000001"


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[Desk]:
    """A process in front of a thread of two records."""
    world = Server()
    world.post(ROOT, CITY)
    world.post(COMMENT, ANN, to=ROOT)
    with served(world), desk(tmp_path, world) as made:
        yield made


def quiet(_done: int, _of: int) -> None:
    """Nobody watches."""


def assert_sound(desk_: Desk) -> None:
    """Store and WARC files agree, and each makes the other."""
    assert list(verify(desk_.store, desk_.folder / "warc", full=True, workers=1, progress=quiet)) == []
    compared = check(desk_.store, desk_.folder / "warc", desk_.folder / "scratch", desk_.clock.now(), progress=quiet)
    assert compared.differences == []
    assert compared.replayed.unread == []


def test_a_round_is_sound(at_work: Desk) -> None:
    """One round captures the thread, and a second one adds nothing."""
    first = at_work.round()
    assert first.total.new == 3
    assert at_work.round(everything=True).total.changes == 0
    assert_sound(at_work)


def test_what_the_store_refused_is_entered_before_anything_else(at_work: Desk) -> None:
    """A store that fails behind a WARC record owes it its rows, which come first and in order."""
    with at_work.store.begin() as conn:
        conn.exec_driver_sql("CREATE TRIGGER full BEFORE INSERT ON exchanges BEGIN SELECT RAISE(ABORT, 'full'); END")
    with pytest.raises((ArchiverError, SQLAlchemyError)):
        at_work.round()
    with at_work.store.begin() as conn:
        conn.exec_driver_sql("DROP TRIGGER full")
    assert at_work.count("exchanges") == 0
    at_work.journal.note(
        at_work.collector().account,
        [Shortfall("posts", None, at_work.clock.now(), "the disk was full")],
        at_work.clock.now(),
        task="round",
    )
    assert at_work.count("exchanges") == 1
    at_work.round()
    assert_sound(at_work)


def test_a_fault_in_a_reader_costs_no_record(at_work: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answers are kept; when the reader is mended a rebuild gives what was shown."""
    with monkeypatch.context() as broken:
        broken.setattr(MastodonAdapter, "read", _raise)
        done = at_work.round()
    assert done.short
    assert any("fault in the archiver's" in problem for problem in done.problems)
    assert at_work.count("items") == 0
    compared = check(
        at_work.store, at_work.folder / "warc", at_work.folder / "scratch", at_work.clock.now(), progress=quiet
    )
    assert "records" in {difference.table for difference in compared.differences}


def _raise(*_: object) -> None:
    raise ZeroDivisionError("a bug")


@pytest.mark.parametrize("step", range(1, 7))
def test_a_store_that_is_behind_its_warc_files_catches_up(tmp_path: Path, step: int) -> None:
    """After a crash behind any exchange, or with a store from a backup, recovery gives what a whole run gave."""
    world = Server()
    world.post(ROOT, CITY)
    world.post(COMMENT, ANN, to=ROOT)
    with served(world):
        with desk(tmp_path, world) as made:
            made.round(TaskKind.PROFILE)
            for _ in range(step):
                made.round(TaskKind.POLL)
                made.clock.advance(3600)
            shutil.copytree(tmp_path / "warc", tmp_path / "kept")
            made.store.dispose()
            shutil.copy(tmp_path / "archive.sqlite", tmp_path / "backup.sqlite")
            made.round()
        for name in ("archive.sqlite-wal", "archive.sqlite-shm"):
            (tmp_path / name).unlink(missing_ok=True)
        shutil.copy(tmp_path / "backup.sqlite", tmp_path / "archive.sqlite")
        with desk(tmp_path, world) as again:
            before = again.count("exchanges")
            replayed = recover(again.store, again.segments)
            assert replayed.exchanges == again.count("exchanges") - before > 0
            assert recover(again.store, again.segments).exchanges == 0
            assert_sound(again)

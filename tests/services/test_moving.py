"""A store moves to another database with what people decided, whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from archiver.errors import OperatorError, UsageError
from archiver.services import left_behind
from archiver.services.disposal import finishing
from archiver.services.disposal.running import run
from archiver.services.moving import Moved, move
from archiver.store import Connection, compare, copying, guards, portable, transfer
from archiver.store.decisions import audit, stops
from archiver.store.engine import Store, open_store
from tests.services.house import empty_store
from tests.services.loopback import Desk
from tests.support.disposal import (
    ANN,
    BOB,
    FIRST,
    ROOT,
    SECOND,
    approve,
    dispose,
    faults,
    hold,
    key,
    no_progress,
    propose,
    thread_at,
    workshop,
)


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[Desk]:
    """An archive on SQLite with a hold, and a list that was proposed and approved."""
    with thread_at(tmp_path / "archive") as made:
        hold(made.store, [key(FIRST)], made.clock.now())
        approve(made, propose(made))
        yield made


@pytest.fixture
def elsewhere(tmp_path: Path) -> str:
    """An empty store on SQLite: quicker than a new database on a server, and the same move."""
    shutil.copy(empty_store(), tmp_path / "elsewhere.sqlite")
    return f"sqlite:///{tmp_path / 'elsewhere.sqlite'}"


def stopped(*_given: object, **_named: object) -> None:
    """The process ends."""
    raise KeyboardInterrupt


def moved(one: Desk, target: str) -> Moved:
    """The move of a desk's store."""
    return move(
        one.store, target, storage=one.folder / "warc", data_dir=one.folder, by=ANN, at=one.clock.now(),
        progress=no_progress,
    )  # fmt: skip


def is_empty(url: str) -> bool:
    """Whether a store has no row."""
    store = open_store(url)
    try:
        with store.read() as conn:
            return not any(copying.counts(conn).values())
    finally:
        store.dispose()


def test_there_and_back(at_work: Desk, postgres_url: str, tmp_path: Path) -> None:
    """Each row comes along both ways, new ones stand beside them, and the list approved before is carried out."""
    with at_work.store.read() as conn:
        before, told, sealed = copying.counts(conn), portable.fingerprint(conn), conn.exec_driver_sql(_SEALED).all()
    there = moved(at_work, postgres_url)
    assert (there.told, there.records) == (told, before["items"])
    at_work.store.dispose()
    with thread_at(at_work.folder, postgres_url) as on_server:
        assert faults(on_server) == []
        with on_server.store.read() as conn:
            now = copying.counts(conn)
            last = list(audit.rows(conn))[-1]
            assert [one.scope.records for one in stops.every(conn, open_only=True)] == [(key(FIRST),)]
            assert conn.exec_driver_sql(_SEALED).all() == sealed
        assert (last.act, last.by, last.details["sha256"]) == ("store move", ANN, told.sha256)
        assert now == before | {"acts": before["acts"] + 1}
        hold(on_server.store, [key(FIRST)], on_server.clock.now())
        with on_server.store.read() as conn:
            assert [one.name for one in stops.every(conn, open_only=True)] == ["H-1", "H-2"]
            told = portable.fingerprint(conn)
        (at_work.folder / "archive.sqlite").unlink()
        back = f"sqlite:///{tmp_path / 'back.sqlite'}"
        assert moved(on_server, back).told == told
    with thread_at(at_work.folder, back) as again:
        assert faults(again) == []
        certificate = run(workshop(again), "D-2026-001", by=BOB, at=again.clock.now())
        assert [one.entry.record for one in certificate.destroyed] == [key(ROOT), key(SECOND)]
        assert faults(again) == []


_SEALED = "SELECT warc_file, sha256, statement FROM segments ORDER BY warc_file"


def test_a_stop_on_the_way_is_no_harm(at_work: Desk, elsewhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new database stays empty, or has everything; the same call ends what was begun, and says so."""
    for home, point, left_empty in ((transfer, "take_over_captured", True), (left_behind, "end", False)):
        with monkeypatch.context() as patch:
            patch.setattr(home, point, stopped)
            with pytest.raises(KeyboardInterrupt):
                moved(at_work, elsewhere)
        assert [one.done for one in left_behind.read(at_work.folder)] == [False]
        left_behind.require_not_left(at_work.folder, at_work.store.url)
        assert is_empty(elsewhere) == left_empty
        assert list((at_work.folder / "spool").iterdir()) == []
    assert moved(at_work, elsewhere).before
    new = open_store(elsewhere)
    assert list(compare.differences(at_work.store, new)) == []
    new.dispose()
    assert [(one.left, one.done) for one in left_behind.read(at_work.folder)] == [(at_work.store.url, True)]


def test_the_old_store_is_not_worked_on_by_mistake(at_work: Desk, elsewhere: str) -> None:
    """It is refused, never moved over the new one, and has to go before a disposal, whose words it still holds."""
    moved(at_work, elsewhere)
    left_behind.require_not_left(at_work.folder, elsewhere)
    with pytest.raises(OperatorError, match="was moved to sqlite"):
        left_behind.require_not_left(at_work.folder, at_work.store.url)
    hold(at_work.store, [key(SECOND)], at_work.clock.now())  # an older archiver does so
    with pytest.raises(UsageError, match="not empty"):
        moved(at_work, elsewhere)
    at_work.store.dispose()
    with thread_at(at_work.folder, elsewhere) as now:
        with pytest.raises(OperatorError, match=r"left at a move.* is still there.*archive\.sqlite"):
            run(workshop(now), "D-2026-001", by=BOB, at=now.clock.now())
        for path in at_work.folder.glob("archive.sqlite*"):
            path.unlink()
        assert run(workshop(now), "D-2026-001", by=BOB, at=now.clock.now()).destroyed


def test_a_database_of_another_program_is_refused(at_work: Desk, postgres_url: str) -> None:
    """Its tables stay alone."""
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as conn:
        conn.execute("CREATE TABLE budget (amount int)")
    with pytest.raises(UsageError, match="another program"):
        moved(at_work, postgres_url)


def test_the_same_place_is_refused(at_work: Desk) -> None:
    """A move goes elsewhere."""
    with pytest.raises(UsageError, match="already"):
        moved(at_work, at_work.store.url)


def test_what_the_warc_files_do_not_tell_is_not_moved(at_work: Desk, elsewhere: str) -> None:
    """Where the store is not what its WARC files tell, the new database stays empty."""
    with at_work.store.begin() as conn:
        conn.exec_driver_sql("UPDATE items SET permalink = 'elsewhere'")
    with pytest.raises(OperatorError, match="not what the WARC files tell: records"):
        moved(at_work, elsewhere)
    assert is_empty(elsewhere)


def _one_hold_less(conn: Connection) -> None:
    with guards.lifted(conn, "stops", "stopped_records"):
        conn.exec_driver_sql("DELETE FROM stopped_records")


def _another_link(conn: Connection) -> None:
    conn.exec_driver_sql("UPDATE items SET permalink = 'elsewhere'")


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [(_one_hold_less, "What people decided would not be the same"), (_another_link, "captured half would not be")],
)
def test_what_arrives_differently_is_not_kept(
    at_work: Desk,
    elsewhere: str,
    harm: Callable[[Connection], None],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both halves are held against each other before anything is committed."""
    whole = transfer.take_over_captured

    def harmed(conn: Connection, second: Store) -> None:
        whole(conn, second)
        harm(conn)

    monkeypatch.setattr(transfer, "take_over_captured", harmed)
    with pytest.raises(OperatorError, match=sentence):
        moved(at_work, elsewhere)
    assert is_empty(elsewhere)


def test_an_unfinished_disposal_is_finished_first(
    at_work: Desk, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left to be done of it is told by the old store, beside its WARC files."""
    with monkeypatch.context() as patch:
        patch.setattr(finishing, "_files_into_place", stopped)
        with pytest.raises(KeyboardInterrupt):
            dispose(at_work)
    with pytest.raises(OperatorError, match="disposal is not finished"):
        moved(at_work, elsewhere)

"""What is written down of backups and drills, and how the store is copied while it is written to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from archiver.domain.acting import Actor
from archiver.store import copying, portable
from archiver.store.decisions import audit, backups, searches
from archiver.store.decisions.audit import Act
from archiver.store.decisions.backups import Backup, Drill
from archiver.store.engine import Store, create_scratch, open_store
from archiver.store.transfer import CAPTURED

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DANA = Actor("Dana Clerk", "dclerk")
MADE = Backup("20261123T090000Z", "/mnt/backup/20261123T090000Z", NOW, DANA, "ab" * 32, 7, 12345, 3)
FAILED = Drill(NOW + timedelta(hours=1), DANA, MADE.name, NOW, MADE.manifest, 3, ("A file is missing.",))


def test_backups_and_drills_are_told_newest_first(store: Store) -> None:
    """With all that was written down of them, and an act each in the audit log."""
    passed = Drill(NOW + timedelta(hours=2), DANA, MADE.name, NOW, MADE.manifest, 3, ())
    with store.begin() as conn:
        backups.add_backup(conn, MADE, removed=("20250101T000000Z",))
        backups.add_drill(conn, FAILED)
        backups.add_drill(conn, passed)
    with store.read() as conn:
        assert backups.made(conn) == [MADE]
        assert backups.tried(conn) == [passed, FAILED]
        assert [one.passed for one in backups.tried(conn)] == [True, False]
        assert backups.named(conn, MADE.name) == MADE
        assert backups.named(conn, "another") is None
        acts = list(audit.rows(conn))
    assert [one.act for one in acts] == ["backup make", "backup drill", "backup drill"]
    assert acts[0].details["removed"] == ["20250101T000000Z"]


@pytest.mark.parametrize("table", ["backups", "drills", "saved_searches", "search_results", "search_members"])
def test_what_was_written_down_stays(store: Store, table: str) -> None:
    """The database refuses to delete it."""
    with store.begin() as conn:
        backups.add_backup(conn, MADE)
        backups.add_drill(conn, FAILED)
        searches.save(conn, searches.Saved("pothole", NOW, DANA, "pothole", {}, "UTC"))
        searches.keep(conn, "pothole", searches.Result(NOW, DANA, [], "1", "t", "public", [], "cd", {"x:1": "ef"}))  # type: ignore[dict-item]
    with pytest.raises(DBAPIError, match="append-only"), store.begin() as conn:
        conn.exec_driver_sql(f"DELETE FROM {table}")


def test_a_copy_is_of_one_moment(store: Store, city: Any, tmp_path: Path) -> None:
    """What is written while the copy is made is not in it, and its counts and places are those of its beginning."""
    for number in range(30):
        city.post(number)
    told: list[int] = []

    def meanwhile(_done: int, _of: int) -> None:
        told.append(city.exchanges)
        city.post(100 + len(told))

    moment = copying.take(store, tmp_path, progress=meanwhile)
    assert moment.counts["items"] == 30
    assert moment.sequence == 30
    assert moment.cited == {"city/api/A.warc.gz"}
    assert moment.ends["city/api/A.warc.gz"] == 30 * 1000 + 500
    if store.dialect == "sqlite":
        assert told
        copied = open_store(f"sqlite:///{tmp_path / moment.file}")
        with copied.read() as conn:
            assert copying.counts(conn) == moment.counts
        copied.dispose()
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith("store")] == ["store.sqlite"]
    assert (tmp_path / moment.file).stat().st_mode & 0o777 == 0o600


def test_rows_of_one_database_are_taken_by_the_other(store: Store, city: Any, tmp_path: Path) -> None:
    """All that no WARC file gives back comes through a text, value for value; new rows get numbers of their own."""
    city.post(1)
    with store.begin() as conn:
        backups.add_backup(conn, MADE)
        audit.add(conn, Act(NOW, DANA, "hold place", "H-1", None, {"moment": ["json", 1], "none": None}))
    with store.read() as conn:
        lines = list(portable.lines(conn))
        expected = {name: count for name, count in copying.counts(conn).items() if name not in _CAPTURED}
        acts = list(audit.rows(conn))
    other = create_scratch(tmp_path / "other.sqlite")
    with other.begin() as conn:
        portable.read(conn, lines)
        audit.add(conn, Act(NOW, DANA, "hold place", "H-2"))
    with other.read() as conn:
        assert backups.made(conn) == [MADE]
        assert list(audit.rows(conn))[:-1] == acts
        found = copying.counts(conn)
    other.dispose()
    assert {name: count for name, count in found.items() if name not in _CAPTURED} == expected | {
        "acts": expected["acts"] + 1
    }


_CAPTURED = {table.name for table in CAPTURED}


def test_the_last_result_of_a_search_counts(store: Store) -> None:
    """A search is found by its name with what it found last, and listed with how often it was run."""
    saved = searches.Saved("Oak St", NOW, DANA, '"oak st" ☃', {"account": "city", "since": None}, "America/Chicago")
    first = searches.Result(NOW, DANA, [["oak", "st"]], "1", "t", "public", [{"account": "city"}], "aa", {})
    later = searches.Result(NOW + timedelta(days=1), DANA, [], "1", "t", "public", [], "bb", _MEMBERS)
    with store.begin() as conn:
        searches.save(conn, saved)
        searches.keep(conn, saved.name, first)
        searches.keep(conn, saved.name, later)
    with store.read() as conn:
        assert searches.find(conn, "Oak St") == saved
        assert searches.find(conn, "oak st") is None
        assert searches.last(conn, "Oak St") == later
        assert searches.last(conn, "oak st") is None
        assert list(searches.listed(conn)) == [searches.Listed(saved, 2, later.at, len(_MEMBERS), "bb")]


_MEMBERS: Any = {f"x:{number:05}": f"{number:x}" for number in range(6000)}

"""What verifying finds in an archive that was tampered with, and where."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.services.verify import Finding, verify
from tests.platforms.mastodon_world import ANN, CITY, Server
from tests.services.loopback import Desk, desk, served

ROOT = "113000000000000020"


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[Desk]:
    """An archive that saw the same large answers twice, so that there are revisit records."""
    world = Server()
    world.post(ROOT, CITY)
    for number in range(4):
        world.post(f"11310000000000000{number}", ANN, to=ROOT)
    with served(world), desk(tmp_path, world) as made:
        made.round()
        made.clock.advance(86400)
        made.round(everything=True)
        yield made


def _findings(desk_: Desk, *, full: bool = True) -> list[Finding]:
    return list(verify(desk_.store, desk_.folder / "warc", full=full, workers=1, progress=lambda _done, _of: None))


def test_a_sound_archive(at_work: Desk) -> None:
    """Nothing is found, with a closer look or without."""
    assert _findings(at_work) == _findings(at_work, full=False) == []


def test_a_revisit_without_its_original(at_work: Desk) -> None:
    """Where the first file is gone each record that repeats a payload of it is named."""
    at_work.segments.seal()
    at_work.clock.advance(40 * 86400)
    at_work.round(everything=True)
    first, *others = sorted((at_work.folder / "warc").rglob("api/*.warc.gz*"))
    assert others
    first.rename(at_work.folder / "elsewhere")
    found = _findings(at_work)
    assert [one for one in found if one.problem == "the file is missing"]
    led_nowhere = [one for one in found if "which is in no file of that account" in one.problem]
    assert led_nowhere
    assert {at_work.folder / "warc" / one.file for one in led_nowhere} <= {
        path.with_name(path.name.removesuffix(".open")) for path in others
    }
    assert not [one for one in _findings(at_work, full=False) if "in no file of that account" in one.problem]


def test_a_row_that_points_elsewhere(at_work: Desk) -> None:
    """The store's place of an exchange is held against the file's."""
    with at_work.store.begin() as conn:
        for (name,) in conn.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'exchanges'"
        ).all():
            conn.exec_driver_sql(f'DROP TRIGGER "{name}"')
        conn.exec_driver_sql("UPDATE exchanges SET warc_offset = warc_offset + 1 WHERE id = 1")
    (found,) = _findings(at_work)
    assert "is not where or what the store says" in found.problem
    assert str(found.offset) in found.sentence()


def test_an_exchange_that_the_store_lost(at_work: Desk) -> None:
    """It says how that is mended."""
    other = at_work.folder / "other"
    other.mkdir()
    with desk(other, at_work.world) as empty:
        found = list(
            verify(empty.store, at_work.folder / "warc", full=False, workers=1, progress=lambda _done, _of: None)
        )
    assert len(found) == at_work.count("exchanges")
    assert all("`archiver rebuild` mends it" in one.problem for one in found)

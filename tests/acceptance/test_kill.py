"""kill -9 at random points of a backfill and of polls: nothing lost, nothing doubled, every WARC file valid.

``ARCHIVER_KILLS`` says how often (30 when it is not set), ``ARCHIVER_KILL_SEED`` where.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from archiver.sandbox.server import SandboxCity
from archiver.warc.names import relative, segments
from archiver.warc.validator import validate
from tests.acceptance.children import Children, Harm, Outcome
from tests.acceptance.comparison import differences
from tests.acceptance.conftest import COMMAND, VILLAGE, Installation
from tests.support.cleared import CLEARED

KILLS = int(os.environ.get("ARCHIVER_KILLS", "30"))
SEED = os.environ.get("ARCHIVER_KILL_SEED", "maple ford")
pytestmark = pytest.mark.timeout(120 + 12 * KILLS)
IN_ONE_ARCHIVE = 5
"""So many kills hit one backfill before it may end."""
SETTINGS = 'segment_size = "40KB"'
"""Small files, so that kills hit the sealing of one and the beginning of the next, too."""


class Victim:
    """An archive whose commands are killed."""

    def __init__(self, archive: Installation, children: Children, rand: Random) -> None:
        self.archive = archive
        self.children = children
        self.rand = rand
        self.kills = 0

    def run(self, *arguments: str, harm: Harm | None = None) -> Outcome:
        """A command, to whatever end."""
        command = self.archive.command(*arguments)
        return self.children.run(command[len(COMMAND) :], self.archive.environment, harm)

    def kill(self, *arguments: str, within: int) -> bool:
        """Run a command and kill it at one of so many points; whether it was still alive then."""
        statements = self.rand.random() < 0.5
        last = within if statements else within // 5
        harm = Harm(kill_at=self.rand.randint(1, max(last, 1)), torn=self.rand.random() < 0.7, statements=statements)
        outcome = self.run(*arguments, harm=harm)
        assert outcome.killed or outcome.code in {0, 3}, f"{harm}: {outcome}"
        self.kills += outcome.killed
        return outcome.killed

    def finish(self, *arguments: str) -> Outcome:
        """The same command, left alone."""
        outcome = self.run(*arguments)
        assert outcome.code in {0, 3}, outcome
        return outcome

    def assert_whole(self, city: SandboxCity) -> None:
        """Nothing is lost and nothing doubled; WARC and store say the same, and each file is valid."""
        for path in segments(self.archive.data / "warc"):
            assert [str(one) for one in validate(path)] == []
        verified = self.run("verify", "--full", "--json")
        assert json.loads(verified.stdout)["findings"] == []
        rebuilt = self.run("rebuild", "--check", "--json")
        assert json.loads(rebuilt.stdout)["differences"] == []
        export = self.archive.home / "export.db"
        assert self.run("export", "sqlite", "-o", str(export), "--force", *CLEARED).code == 0
        with self.archive.opened(export) as opened:
            for account in self.archive.accounts:
                assert differences(opened, city.truth(account, authenticated=self.archive.authenticated)) == []
            for table in ("records", "exchanges", "media"):
                name = {"records": "record", "exchanges": "exchange", "media": "sha256"}[table]
                doubled = opened.execute(f"SELECT {name} FROM {table} GROUP BY {name} HAVING count(*) > 1").fetchall()
                assert doubled == []


@pytest.fixture(scope="module")
def village() -> Iterator[SandboxCity]:
    """A city for all kills; things happen in it only in the last test."""
    with SandboxCity(seed=7, size=VILLAGE) as running:
        yield running


MakeVictim = Callable[[Path, str], Victim]


@pytest.fixture
def victim(village: SandboxCity, children: Children) -> MakeVictim:
    """Make an archive in a folder; ``name`` seeds its kills."""

    def make(home: Path, name: str) -> Victim:
        home.mkdir()
        archive = Installation(home, village, tuple(village.world.accounts), authenticated=True, settings=SETTINGS)
        archive.configure()
        return Victim(archive, children, Random(f"{SEED} {name}"))

    return make


def test_a_backfill_killed_at_random_points_ends_whole(
    tmp_path: Path, village: SandboxCity, victim: MakeVictim
) -> None:
    """Killed again and again, called again and again: in the end it is as if nothing had happened."""
    wanted, done, round_ = KILLS - KILLS // 2, 0, 0
    points = 0
    while done < wanted:
        one = victim(tmp_path / str(round_), f"backfill {round_}")
        if not points:
            points = one.finish("backfill", *one.archive.accounts).points
            round_ += 1
            continue
        for _ in range(min(IN_ONE_ARCHIVE, wanted - done)):
            one.kill("backfill", *one.archive.accounts, within=points // 3)
        one.finish("backfill", *one.archive.accounts)
        one.finish("collect", "--all")
        one.assert_whole(village)
        done += one.kills
        round_ += 1


def test_sealing_and_rebuilding_may_be_killed(tmp_path: Path, village: SandboxCity, victim: MakeVictim) -> None:
    """What was half sealed or half rebuilt is whole after the next try, and every sealed file has its digest."""
    one = victim(tmp_path / "seal", "seal")
    one.finish("collect", "--all")
    for command, within in (("seal", 300), ("rebuild", 2000)):
        for _ in range(2):
            one.kill(command, within=within)
        assert one.run(command).code == 0
    one.finish("collect", "--all")
    assert one.run("seal").code == 0
    one.assert_whole(village)
    with closing(sqlite3.connect(one.archive.data / "archive.sqlite")) as store, store:
        entered = {row[0] for row in store.execute("SELECT warc_file FROM segments")}
    assert entered == {relative(path) for path in segments(one.archive.data / "warc")}


def test_polls_killed_at_random_points_see_each_change_once(
    tmp_path: Path, village: SandboxCity, victim: MakeVictim
) -> None:
    """Things happen, polls are killed, one gets through: each change is in the archive once, in its order."""
    wanted, step = KILLS // 2, 0
    one = victim(tmp_path / "polls", "polls")
    one.finish("collect", "--all")
    points = one.finish("collect", "--all").points
    village.look(authenticated=True)
    while one.kills < wanted:
        village.live(step % 10)
        for _ in range(min(IN_ONE_ARCHIVE, wanted - one.kills)):
            one.kill("collect", "--all", within=points * 2 // 3)
        one.finish("collect", "--all")
        one.finish("collect", "--all")
        village.look(authenticated=True)
        step += 1
    one.assert_whole(village)

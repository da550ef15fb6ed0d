"""The demonstration: it runs by itself, tells what a clerk wants to know, and leaves an archive that works."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from archiver.cli.demo import MARK, prepare
from tests.acceptance.children import Children
from tests.acceptance.conftest import COMMAND
from tests.support.pages import carried_out, plain

pytestmark = pytest.mark.xdist_group("demo")
ROOT = Path(__file__).resolve().parents[2]

LONGEST_S = 120
"""What the demonstration may take of a processor, coverage's own share included."""
KEY_LINES = (
    "has eight accounts on seven platforms",
    "its token is accepted",
    "pictures and videos.",
    "They were written over 4 years",
    "edited     2 versions are kept",
    'captured   "The crosswalk is open.',
    "(city-facebook)",
    "(city-instagram)",
    "(city-threads)",
    "(city-x)",
    "(city-youtube)",
    "it waits for review",
    "its owner made it private",
    "gone; the platform suspended the author",
    "is now hidden, the author protects their posts",
    "by whom, the platform does not say",
    "is now hidden, the city's own account did it",
    "is now live",
    "gone; the author did it",
    "gone; the city's own account did it",
    "proof: ",
    "detached   ",
    "burst      40 of 40 comments",
    "renamed    City of Maple Ford -> City of Maple Ford (official)",
    "of 25.00 USD were spent in",
    "nothing is missing",
    "'attention'",
    "Renew the account's token",
    "Captured late, and not lost",
    "$ archiver search rink",
    "Version 3, seen",
    "16 files sealed.",
    "Everything verifies.",
    "No difference.",
    "datasette ",
)


def _run(folder: Path, *arguments: str, codes: Sequence[int] = (0,)) -> str:
    done = subprocess.run(
        [*COMMAND, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=3 * LONGEST_S
    )
    assert done.returncode in codes, f"{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def _spent_s() -> float:
    """Processor seconds of the commands so far: what others do on the machine at the same time does not count."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder that the demonstration was run in, and what it told; in under two minutes."""
    folder, began = tmp_path_factory.mktemp("practice"), _spent_s()
    told = _run(folder, "demo")
    assert _spent_s() - began < LONGEST_S
    return folder, told


@pytest.mark.timeout(6 * LONGEST_S)
def test_the_whole_story(practice: tuple[Path, str]) -> None:
    """Every chapter is in it, and an archive is left that goes on working."""
    folder, told = practice
    assert [line for line in KEY_LINES if line not in told] == []
    assert not {
        c for c in told if c not in "\n\t" and (ord(c) < 32 or "\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069")
    }

    home = folder / "archiver-demo"
    exports = home / "exports"
    with closing(sqlite3.connect(f"file:{exports / 'maple-ford.sqlite'}?mode=ro", uri=True)) as opened, opened:
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        states = dict(opened.execute("SELECT state, count(*) FROM records GROUP BY state").fetchall())
        records = sum(states.values())
    assert set(states) == {"live", "hidden", "gone"}
    assert len(json.loads((exports / "maple-ford.json").read_text(encoding="utf-8"))["records"]) == records
    assert (exports / "maple-ford-csv" / "records.csv").read_bytes().startswith(b"\xef\xbb\xbf")

    ours = ("--config", "archiver-demo/config.toml")
    assert "rink" in _run(folder, *ours, "search", "rink")
    assert "hall-bluesky" in _run(folder, *ours, "status")
    assert "Everything verifies." in _run(folder, *ours, "verify")


@pytest.mark.timeout(6 * LONGEST_S)
def test_a_year_of_records(practice: tuple[Path, str], children: Children, tmp_path: Path) -> None:
    """The clerk's tutorial, command by command on the demonstration's archive: it says what they say."""
    home = tmp_path / "archiver-demo"
    shutil.copytree(practice[0] / "archiver-demo", home)
    page = (ROOT / "docs" / "tutorial" / "a-year-of-records.md").read_text(encoding="utf-8")

    def run(arguments: list[str]) -> str:
        done = children.run(tuple(arguments), os.environ, at=home)
        assert done.code in {0, 2}, done
        return done.stdout + done.stderr

    found = list(carried_out(page, home, run))
    for shown, now in found:
        assert plain(now.output) == plain(shown.output), now.command
    said = {now.command.split(" --")[0]: now.output for _, now in found}
    listed = re.findall(r"(\d+) records, proposed", said["archiver retention propose"])
    destroyed = re.findall(r"(\d+) records were destroyed", "\n".join(said.values()))
    assert listed == destroyed != ["0"]
    assert (home / "certificate.pdf").read_bytes().startswith(b"%PDF-")
    assert len((home / "certificate.csv").read_text(encoding="utf-8-sig").splitlines()) > int(listed[0])


def test_a_second_time(practice: tuple[Path, str], tmp_path: Path) -> None:
    """It begins anew in its folder: all of its own is gone, and what somebody put there is left alone."""
    home = tmp_path / "archiver-demo"
    shutil.copytree(practice[0] / "archiver-demo", home)
    (home / "notes.txt").write_text("mine")
    prepare(home)
    assert {path.name for path in home.iterdir()} == {MARK, "notes.txt"}
    assert (home / "notes.txt").read_text() == "mine"


def test_a_folder_of_somebody_else_is_not_touched(tmp_path: Path) -> None:
    """What `demo` did not make, it neither empties nor writes to."""
    foreign = tmp_path / "archive"
    foreign.mkdir()
    (foreign / "config.toml").write_text("# precious")
    said = _run(tmp_path, "demo", "--dir", "archive", codes=(2,))
    assert "did not make" in said
    assert [path.name for path in foreign.iterdir()] == ["config.toml"]
    (tmp_path / "file").write_text("x")
    assert "is no folder" in _run(tmp_path, "demo", "--dir", "file", codes=(2,))

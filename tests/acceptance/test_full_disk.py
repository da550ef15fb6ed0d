"""A full disk: one clear sentence, nothing half written; after room is made the same command goes on.

The first test mounts a small tmpfs and needs root; the second limits the size of files, which anybody can.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archiver.sandbox.server import SandboxCity
from tests.acceptance.children import Harm
from tests.acceptance.comparison import differences
from tests.acceptance.conftest import Installation

Settle = Callable[..., Installation]

DISK_BYTES = 24 * 1024 * 1024
STEP_BYTES = 256 * 1024
"""So much more room is made each time, until the round ends."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk at the data folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    mounted = subprocess.run(
        ("mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)), capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk can be mounted only as root")
    yield folder
    subprocess.run(("umount", "-l", str(folder)), check=True)


def _fill(folder: Path, leave_bytes: int) -> Path:
    """Fill the disk up to so much room."""
    filler = folder / "filler"
    filler.unlink(missing_ok=True)
    free = os.statvfs(folder)
    size = free.f_bavail * free.f_frsize - leave_bytes
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, size)
    return filler


def _assert_one_sentence(said: str) -> None:
    sentences = [line for line in said.splitlines() if line.startswith("archiver: ")]
    assert len(sentences) == 1, said
    assert "Make room" in sentences[0]
    assert "Traceback" not in said
    assert "fault in the archiver" not in said


def test_a_full_disk_stops_a_round_and_room_lets_it_go_on(settle: Settle, village: SandboxCity, disk: Path) -> None:
    """Wherever the disk fills up (WARC, store, spool), the message is clear and nothing is lost or doubled in the end."""
    archive = settle(authenticated=True)
    room, said = 0, []
    while True:
        filler = _fill(disk, room)
        done = archive.run("collect", "--all", codes=(0, 1))
        filler.unlink()
        if done.returncode == 0:
            break
        _assert_one_sentence(done.stderr)
        said.append(done.stderr)
        room += STEP_BYTES
    assert any("store" in one for one in said), said
    archive.collect(codes=(0,))
    export = archive.export()
    for account in archive.accounts:
        assert differences(export, village.truth(account, authenticated=True)) == []
    archive.assert_sound()
    left = [path.name for path in (disk / "spool").iterdir()] if (disk / "spool").exists() else []
    assert left == []


@pytest.mark.parametrize("format_", ["sqlite", "csv", "json"])
def test_an_export_to_a_full_disk_leaves_nothing_half_written(settle: Settle, disk: Path, format_: str) -> None:
    """The export that was there stays; the new one is there whole or not at all."""
    archive = settle("hall-bluesky")
    archive.collect()
    target = disk / "out" / f"export.{format_}"
    target.parent.mkdir()
    filler = _fill(disk, 64 * 1024)
    done = archive.run("export", format_, "-o", str(target), codes=(1,))
    _assert_one_sentence(done.stderr)
    assert list(target.parent.iterdir()) == []
    filler.unlink()
    archive.run("export", format_, "-o", str(target))
    assert target.exists()


@pytest.mark.parametrize("limit_kb", [8, 40, 300, 900, 1200])
def test_a_limit_on_the_size_of_files_is_a_full_disk(settle: Settle, village: SandboxCity, limit_kb: int) -> None:
    """A quota or limit stops the round with one sentence; without it the same command goes on, and all is there."""
    archive = settle(authenticated=True)
    done = archive.run("collect", "--all", codes=(0, 1, 3), harm=Harm(file_bytes=limit_kb * 1024))
    if done.returncode == 1:
        _assert_one_sentence(done.stderr)
    archive.collect(codes=(0,))
    archive.collect(codes=(0,))
    export = archive.export()
    for account in archive.accounts:
        assert differences(export, village.truth(account, authenticated=True)) == []
    archive.assert_sound()

"""Backup and restore, by the commands that a person gives: nothing is lost, and nothing half looks whole."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any, cast
from unittest.mock import patch

import pytest

from archiver import config
from archiver.domain.item import Kind
from archiver.domain.retention import Disposition, Period, Series, Trigger
from archiver.platforms.registry import platforms
from archiver.sandbox.city import Size
from archiver.sandbox.server import SandboxCity
from archiver.services import left_behind
from archiver.services.disposal.running import run
from archiver.wiring import open_archive, workshop_of
from tests.acceptance.children import Children, Harm
from tests.acceptance.comparison import differences
from tests.acceptance.conftest import Installation
from tests.services.loopback import Desk
from tests.support import disposal as disposing
from tests.support.postgres import Postgres

pytestmark = pytest.mark.xdist_group("backup")
KILLS = int(os.environ.get("ARCHIVER_KILLS", "3"))
"""So often a backup, and a restore, is killed; at points that are spread over the whole run."""
HAMLET = Size(("parks-mastodon",), 4, 12, 2, 4, 0.5)
"""A village is more than these tests need."""
SETTINGS = '[backup]\nfolder = "backups"\n'


@pytest.fixture(scope="module")
def village() -> Iterator[SandboxCity]:
    """A city in which nothing happens meanwhile."""
    with SandboxCity(seed=7, size=HAMLET) as running:
        yield running


@pytest.fixture(scope="module")
def collected(village: SandboxCity, children: Children, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An archive with sealed and open WARC files for its account."""
    home = tmp_path_factory.mktemp("collected")
    made = Installation(home, village, ("parks-mastodon",), authenticated=True, settings=SETTINGS, children=children)
    made.configure()
    made.collect()
    made.run("seal")
    made.collect()
    return made


@pytest.fixture
def archive(collected: Installation, tmp_path: Path) -> Installation:
    """A copy of it."""
    shutil.copytree(collected.home, tmp_path / "home")
    return _at(collected, tmp_path / "home")


def _backup(archive: Installation, *arguments: str, codes: tuple[int, ...] = (0,)) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(archive.run("backup", "--json", *arguments, codes=codes).stdout)
    return told


def _at(archive: Installation, home: Path) -> Installation:
    """The commands on a restored archive."""
    return Installation(home, archive.city, archive.accounts, archive.authenticated, archive.secrets,
                        children=archive.children)  # fmt: skip


def _everything(archive: Installation) -> list[str]:
    """The rows of an export that tell what was captured, as lines."""
    with archive.export() as opened:
        tables = ("records", "versions", "events", "exchanges", "media", "coverage", "attachments")
        return [str(tuple(row)) for table in tables for row in opened.execute(f"SELECT * FROM {table} ORDER BY 1, 2")]


def _whole(root: Path) -> list[str]:
    """The backups in a folder that look whole."""
    return sorted(one.parent.name for one in root.glob("*/manifest.json") if not one.parent.name.startswith("."))


def test_an_archive_comes_back_from_a_backup(archive: Installation, village: SandboxCity, tmp_path: Path) -> None:
    """All rows are the same, the key is, nothing is found wrong, and the next round goes on where the old one was."""
    screenshot = archive.data / "moderation" / f"{'ab' * 32}.png"
    screenshot.parent.mkdir(mode=0o700)
    screenshot.write_bytes(b"a screenshot")
    made = _backup(archive, "--by", "Dana Clerk")
    assert made["records"] > 0
    home = tmp_path / "new"
    said = archive.run("restore", made["folder"], "--to", str(home), "--by", "Dana Clerk").stdout
    assert "Everything verifies." in said
    assert "No token or password is in a backup" in said
    again = _at(archive, home)
    assert _everything(again) == _everything(archive)
    for name in ("seal.key", "seal.pub"):
        assert (home / "data/keys" / name).read_bytes() == (archive.data / "keys" / name).read_bytes()
    assert (home / "data/keys/seal.key").stat().st_mode & 0o777 == 0o600
    assert (home / "data/moderation" / screenshot.name).read_bytes() == b"a screenshot"
    again.collect(codes=(0,))
    again.assert_sound()
    assert differences(again.export(), village.truth("parks-mastodon", authenticated=True)) == []


def test_a_sealed_file_is_copied_once(archive: Installation) -> None:
    """A second backup copies what is new; the first stays as it was; both name the file."""
    first = _backup(archive)
    assert first["copied"] > 0
    inodes = {path: path.stat().st_ino for path in (archive.home / "backups/warc").rglob("*.warc.gz")}
    second = _backup(archive)
    assert second["copied"] == 0
    assert {path: path.stat().st_ino for path in inodes} == inodes
    assert _whole(archive.home / "backups") == [first["backup"], second["backup"]]
    listed = json.loads(archive.run("backup", "--list", "--json").stdout)["backups"]
    assert [one["backup"] for one in listed] == [second["backup"], first["backup"]]


def test_no_secret_is_in_a_backup(archive: Installation) -> None:
    """Tokens aren't, nor a password in an address of the configuration; only its owner can look into the folder."""
    config = archive.home / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("[capture]", '[capture]\nproxy = "http://clerk:hunter2@127.0.0.1:9"'), "utf-8")
    _backup(archive)
    root = archive.home / "backups"
    held = b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file() and path.suffix != ".gz")
    assert b"http://clerk:PASSWORD@127.0.0.1:9" in held
    for secret in ("hunter2", *archive.secrets.values()):
        assert secret.encode() not in held
    assert root.stat().st_mode & 0o077 == 0
    shared = [path for path in root.rglob("*") if path.is_file() and path.stat().st_mode & 0o022]
    assert shared == []


def test_a_backup_while_a_collector_writes_is_of_one_moment(archive: Installation, tmp_path: Path) -> None:
    """However often it is made during a round: it verifies, and rebuilding it gives just its own store."""
    shutil.rmtree(archive.data)
    archive.run("collect", "parks-mastodon", codes=(0, 3))
    collector = subprocess.Popen(
        archive.command("collect", "--all"), env=archive.environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    made: list[dict[str, Any]] = []
    while (collector.poll() is None or not made) and len(made) < 6:
        made.append(_backup(archive))
    assert collector.wait() in {0, 3}
    counts = [one["records"] for one in made]
    assert counts == sorted(counts)
    home = tmp_path / "new"
    archive.run("restore", made[len(made) // 2]["folder"], "--to", str(home))
    again = _at(archive, home)
    again.assert_sound()
    assert len(again.export().execute("SELECT record FROM records").fetchall()) == made[len(made) // 2]["records"]


def test_a_killed_backup_leaves_nothing_that_looks_whole(archive: Installation, children: Children) -> None:
    """Wherever it is killed: each backup that looks whole is, and the next call makes one."""
    _backup(archive, "-o", str(archive.home / "measure"))
    arguments = archive.command("backup", "-o", str(archive.home / "backups"))[3:]
    points = children.run(arguments, archive.environment).points
    shutil.rmtree(archive.home / "backups")
    rand = Random("maple ford")
    for number in range(KILLS):
        harm = Harm(kill_at=1 + points * number // KILLS + rand.randint(0, points // KILLS), torn=True)
        outcome = children.run(arguments, archive.environment, harm)
        assert outcome.killed or outcome.code == 0
        for name in _whole(archive.home / "backups"):
            _checked(archive.home / "backups" / name)
    assert children.run(arguments, archive.environment).code == 0
    root = archive.home / "backups"
    assert not [path for path in root.rglob("*") if path.name.endswith((".part", ".draft", ".gone"))]
    archive.run("restore", "--drill", str(root))


def _checked(folder: Path) -> None:
    """Each file of a backup has its digest."""
    from archiver.services.backup.layout import opened
    from archiver.services.backup.restoring import check

    check(opened(folder), progress=lambda _done, _of: None)


def test_a_killed_restore_goes_on_and_is_refused_until_then(
    archive: Installation, children: Children, tmp_path: Path
) -> None:
    """Wherever it is killed: no command opens what is half there, and the same call ends it."""
    made = _backup(archive)

    def restoring(home: Path, harm: Harm | None = None) -> Any:
        arguments = archive.command("restore", made["folder"], "--to", str(home))[3:]
        return children.run(arguments, archive.environment, harm)

    points = restoring(tmp_path / "measure").points
    expected = _everything(archive)
    rand = Random("maple ford")
    home, refused = tmp_path / "new", 0
    for number in range(KILLS):
        at = 1 + points * number // KILLS + rand.randint(0, points // KILLS)
        if restoring(home, Harm(kill_at=at, torn=True)).code == 0:
            break
        if (home / "data/.restoring").exists():
            said = _at(archive, home).run("status" if number else "collect", codes=(1, 2)).stderr
            assert "was not finished" in said or "no such file" in said
            refused += 1
    if restoring(home).code != 0:  # the last kill came when all was done
        assert not (home / "data/.restoring").exists()
    assert refused
    assert _everything(_at(archive, home)) == expected


def test_a_changed_byte_in_a_backup_is_noticed_before_anything_is_written(
    archive: Installation, tmp_path: Path
) -> None:
    """In whichever file it is: the restore is refused and makes no file; a drill fails, and that is written down."""
    folder = Path(_backup(archive)["folder"])
    sealed = next((archive.home / "backups/warc").rglob("*.warc.gz"))
    opened = next(folder.rglob("*.open"))
    for victim in (folder / "store.sqlite", folder / "config.toml", folder / "keys/seal.key", opened, sealed):
        data = victim.read_bytes()
        _write(victim, data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :])
        said = archive.run("restore", str(folder), "--to", str(tmp_path / "new"), codes=(1,)).stderr
        assert "not what was written" in said
        assert not (tmp_path / "new").exists()
        if victim != sealed:
            _write(victim, data)
    tried = json.loads(archive.run("restore", "--drill", "--json", codes=(1,)).stdout)
    assert tried["outcome"] == "failed"
    assert "The last drill" in archive.run("status").stdout
    assert [path.name for path in (archive.data / "spool").iterdir()] == []
    assert _backup(archive)["mended"] == ["/".join(sealed.parts[-3:])]
    archive.run("restore", "--drill")


def _write(path: Path, data: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(data)


def test_a_drill_is_recorded_and_reminded_of(archive: Installation) -> None:
    """`status` asks for a first backup and a first drill; after them it is content, and the audit log knows."""
    assert "No backup was made yet." in archive.run("status").stdout
    _backup(archive)
    assert "No restore was tried yet." in archive.run("status").stdout
    said = archive.run("restore", "--drill", "--by", "Dana Clerk").stdout
    assert "passed" in said
    document = json.loads(archive.run("status", "--json").stdout)["backup"]
    assert (document["drill"], document["reminders"]) == ("passed", [])
    with closing(sqlite3.connect(archive.data / "archive.sqlite")) as store, store:
        acts = store.execute("SELECT act, person FROM acts WHERE act LIKE 'backup%' ORDER BY id").fetchall()
    assert [act for act, _ in acts] == ["backup make", "backup drill"]
    assert acts[1][1] == "Dana Clerk"
    listed = json.loads(archive.run("backup", "--list", "--json").stdout)
    assert [one["outcome"] for one in listed["drills"]] == ["passed"]


def test_nothing_is_written_over(archive: Installation, tmp_path: Path) -> None:
    """Not an archive, not a folder with something in it, not another archive's backups, not into the archive."""
    made = _backup(archive)
    before = _everything(archive)
    assert "not empty" in archive.run("restore", made["folder"], codes=(2,)).stderr
    (tmp_path / "full").mkdir()
    (tmp_path / "full/file").touch()
    assert "not empty" in archive.run("restore", made["folder"], "--to", str(tmp_path / "full"), codes=(2,)).stderr
    assert "within the archive" in archive.run("backup", "-o", str(archive.data / "backups"), codes=(2,)).stderr
    shutil.move(archive.data, tmp_path / "old")
    archive.run("verify", codes=(1,))
    archive.run("collect", codes=(0, 3))
    assert "another archive" in archive.run("backup", codes=(2,)).stderr
    shutil.rmtree(archive.data)
    archive.run("restore", made["folder"])  # in place, where the configuration says
    assert _everything(archive) == before


def test_a_full_disk_leaves_no_half_backup_and_no_half_restore(archive: Installation, tmp_path: Path) -> None:
    """One sentence; the backup before stays; with room the same command goes on."""
    for limit_kb in (1, 100):
        done = archive.run("backup", codes=(1,), harm=Harm(file_bytes=limit_kb * 1024))
        assert "Make room" in done.stderr, done.stderr
        assert _whole(archive.home / "backups") == []
    made = _backup(archive)
    home = tmp_path / "new"
    for limit_kb in (1, 100):
        done = archive.run(
            "restore", made["folder"], "--to", str(home), codes=(1,), harm=Harm(file_bytes=limit_kb * 1024)
        )
        assert "Make room" in done.stderr, done.stderr
    archive.run("restore", made["folder"], "--to", str(home))
    archive.run("restore", "--drill")


def test_what_is_too_old_goes(archive: Installation) -> None:
    """After `keep` a backup is deleted, with the WARC files that only it held; the newest always stays."""
    first = _backup(archive)
    root = archive.home / "backups"
    manifest = root / first["backup"] / "manifest.json"
    told = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(told | {"made_at": "2026-01-01T00:00:00+00:00"}), encoding="utf-8")
    lost = root / "warc/parks-mastodon/api/nobody-api-20250101000000-00001-x.warc.gz"
    lost.write_bytes(b"of a backup that is gone")
    second = _backup(archive)
    assert second["removed"] == [first["backup"]]
    assert _whole(root) == [second["backup"]]
    assert not lost.exists()
    assert any((root / "warc").iterdir())
    _checked(root / second["backup"])


def _dispose(archive: Installation) -> list[str]:
    """Dispose of all comments, as two people decide it; the texts that went."""
    texts = [row["text"] for row in archive.export().execute("SELECT text FROM records WHERE kind = 'comment'")]
    settings = config.load(archive.home / "config.toml", platforms=platforms())
    with patch.dict(os.environ, archive.secrets), open_archive(settings) as opened:
        series = Series("COM-1", "Comments", (Trigger.CREATED,), Period.parse("1 day"), Disposition.DESTROY)
        disposing.schedule(opened.store, series=series, kinds=(Kind.COMMENT,))
        name = disposing.propose(cast("Desk", opened))
        disposing.approve(cast("Desk", opened), name)
        run(workshop_of(opened), name, by=disposing.BOB, at=opened.clock.now())
    return [text for text in texts if len(text) > 20]


def test_what_was_disposed_of_since_does_not_come_back(archive: Installation, tmp_path: Path) -> None:
    """An older backup is brought up to date by the signed list beside it; a changed list stops it."""
    made = _backup(archive)
    texts = _dispose(archive)
    assert texts
    expected = _everything(archive)
    home = tmp_path / "new"
    said = archive.run("restore", made["folder"], "--to", str(home)).stdout
    assert "D-2026-001 was carried out after that, and now again." in said
    again = _at(archive, home)
    assert [line for line in _everything(again) if any(text in line for text in texts)] == []
    assert _records(_everything(again)) == _records(expected)
    words = [text.encode() for text in texts]
    assert [path for path, _ in disposing.found_in(home / "data", words)] == []
    again.assert_sound()
    signed = archive.home / "backups/disposals/D-2026-001.txt"
    _write(signed, signed.read_bytes().replace(b"comment", b"comnent", 1))
    said = archive.run("restore", made["folder"], "--to", str(tmp_path / "third"), codes=(1,)).stderr
    assert "is not a destruction list that this archive has signed" in said
    assert not (tmp_path / "third").exists()


def _records(lines: list[str]) -> list[str]:
    """Those of the lines that are of records and versions: exchanges lie in files of other names."""
    return [line for line in lines if line.startswith("('mastodon:")]


def _move_to(archive: Installation, url: str) -> None:
    """Have the configuration name that database."""
    config_ = archive.home / "config.toml"
    lines = [line for line in config_.read_text(encoding="utf-8").splitlines() if not line.startswith("database")]
    config_.write_text("\n".join(lines).replace("[archive]", f'[archive]\ndatabase = "{url}"'), encoding="utf-8")


def test_an_archive_on_postgresql_comes_back_too(archive: Installation, postgres: Postgres, tmp_path: Path) -> None:
    """Moved there, its backup's rows go into another empty database, or into SQLite; never over an archive."""
    expected = _everything(archive)
    with postgres.database("first") as first, postgres.database("second") as second:
        said = archive.run("db", "move", "--to", first, "--by", "Dana Clerk").stdout
        assert "Both halves are the same as before." in said
        for command in (("collect",), ("db", "upgrade")):
            assert "was moved to postgresql" in archive.run(*command, codes=(1,)).stderr
        _move_to(archive, first)
        assert _everything(archive) == expected
        made = _backup(archive, "--by", "Dana Clerk")
        assert (Path(made["folder"]) / "store.jsonl.gz").exists()
        home = tmp_path / "new"
        archive.run("restore", made["folder"], "--to", str(home))
        assert (home / "data/archive.sqlite").exists()
        assert _everything(_at(archive, home)) == expected
        archive.data.rename(tmp_path / "old")
        assert "database is not empty" in archive.run("restore", made["folder"], codes=(2,)).stderr
        _move_to(archive, second)
        archive.run("restore", made["folder"])
        assert _everything(archive) == expected


def test_a_killed_move_leaves_one_whole_store(archive: Installation, children: Children, tmp_path: Path) -> None:
    """Wherever it is killed: the archive works on where it was, or all of it has moved, and the same call ends it."""
    expected = _everything(archive)
    shutil.copytree(archive.home, tmp_path / "measure")

    def moving(one: Installation, harm: Harm | None = None) -> Any:
        arguments = one.command("db", "move", "--to", "sqlite:///data/new.sqlite")[3:]
        return children.run(arguments, one.environment, harm)

    points = moving(_at(archive, tmp_path / "measure")).points
    rand = Random("maple ford")
    for number in range(KILLS):
        harm = Harm(kill_at=1 + points * number // KILLS + rand.randint(0, points // KILLS), torn=True)
        outcome = moving(archive, harm)
        assert outcome.killed or outcome.code == 0
        if any(one.done for one in left_behind.read(archive.data)):
            break
        archive.run("status")
    else:
        assert moving(archive).code == 0
    assert "was moved to sqlite" in archive.run("collect", codes=(1,)).stderr
    _move_to(archive, "sqlite:///data/new.sqlite")
    assert _everything(archive) == expected
    archive.assert_sound()
    assert not (archive.data / "spool" / "move").exists()

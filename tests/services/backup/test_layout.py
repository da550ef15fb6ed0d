"""The manifest and the configuration of a backup, and what is said of how old backups are."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.config.lines import lines_of
from archiver.domain.acting import Actor
from archiver.errors import NotFound, OperatorError, UsageError
from archiver.services.backup import expiring, layout
from archiver.services.backup.configuration import is_masked, moved_home, without_passwords
from archiver.services.backup.layout import Backup, Manifest, Part, Role
from archiver.services.backup.reminders import standing
from archiver.store.decisions import backups
from archiver.store.decisions.backups import Drill
from tests.services.house import House

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DANA = Actor("Dana Clerk", "dclerk")
STORE = Part(Role.STORE, "store.sqlite", "ab" * 32, 100)


def manifest(name: str = "20261123T090000Z", *parts: Part, at: datetime = NOW, key: str = "k") -> Manifest:
    """A manifest of a store and these parts."""
    return Manifest(name, "City", key, at, DANA, "archiver 1", "0010", 90, {"items": 3}, (STORE, *parts), ("D-1",))


def put(root: Path, one: Manifest) -> Path:
    """A backup that has nothing but its manifest."""
    (root / one.name).mkdir(parents=True)
    (root / one.name / layout.MANIFEST).write_text(one.text(), encoding="utf-8")
    return root / one.name


@given(
    st.lists(st.builds(Part, st.sampled_from(Role), st.from_regex(r"[a-z0-9]{1,8}(/[a-z0-9]{1,8}){0,3}", fullmatch=True),
                       st.text("0123456789abcdef", min_size=64, max_size=64), st.integers(0, 10**12)), max_size=5)
)  # fmt: skip
def test_a_manifest_is_read_as_it_was_written(parts: list[Part]) -> None:
    """Text and value are each other's inverse, for one store and any other files."""
    one = manifest("20261123T090000Z", *(part for part in parts if part.role is not Role.STORE))
    assert Manifest.parse(one.text()) == one


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/passwd", "", "a//b", "./a", "a/.", "a\\b", "a\n"])
def test_a_manifest_that_leads_out_is_refused(path: str) -> None:
    """A backup may come from anywhere: no file of it can lie outside its folders."""
    told = json.loads(manifest().text())
    told["parts"].append({"role": "sealed", "path": path, "sha256": "", "size_bytes": 1})
    with pytest.raises(ValueError, match="names the file"):
        Manifest.parse(json.dumps(told))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "archiver backup v2"}'])
def test_what_is_no_manifest_is_said_to_be_damaged(tmp_path: Path, text: str) -> None:
    """In a sentence; a folder without one holds no backup."""
    folder = put(tmp_path, manifest())
    (folder / layout.MANIFEST).write_text(text)
    with pytest.raises(OperatorError, match="damaged"):
        layout.opened(folder)
    with pytest.raises(NotFound, match="no whole backup"):
        layout.opened(tmp_path / "nothing")


def test_the_folder_of_all_backups_means_the_newest(tmp_path: Path) -> None:
    """Half written ones don't count; one whose manifest is damaged is named, and does no harm to the others."""
    put(tmp_path, manifest("20261121T090000Z"))
    put(tmp_path, manifest("20261122T090000Z"))
    put(tmp_path, manifest(".20261123T090000Z.part"))
    assert layout.opened(tmp_path).manifest.name == "20261122T090000Z"
    damaged = put(tmp_path, manifest("20261123T090000Z"))
    (damaged / layout.MANIFEST).write_text("{")
    found, unreadable = layout.in_folder(tmp_path)
    assert [one.manifest.name for one in found] == ["20261121T090000Z", "20261122T090000Z"]
    assert unreadable == ("20261123T090000Z",)
    layout.require_ours(tmp_path, "k")
    with pytest.raises(UsageError, match="another archive, City"):
        layout.require_ours(tmp_path, "other")


def test_what_a_damaged_manifest_might_name_stays(tmp_path: Path) -> None:
    """Old backups go all the same; the files that they shared are kept until the damage is cleared away."""
    put(tmp_path, manifest("20260101T090000Z", at=NOW - timedelta(days=100)))
    damaged = put(tmp_path, manifest("20261101T090000Z"))
    (damaged / layout.MANIFEST).write_text("{")
    put(tmp_path, manifest("20261123T090000Z"))
    shared = tmp_path / "warc/city/api/city-api-20260101000000-00001-host.warc.gz"
    shared.parent.mkdir(parents=True)
    shared.touch()
    assert expiring.expire(tmp_path, NOW - timedelta(days=90)) == ("20260101T090000Z",)
    assert shared.exists()
    (damaged / layout.MANIFEST).unlink()
    assert expiring.expire(tmp_path, NOW - timedelta(days=90)) == ()
    assert not shared.exists()


def test_the_newest_backup_stays_however_old_it_is(tmp_path: Path) -> None:
    """An archive that nobody has backed up for a year still has its last one."""
    put(tmp_path, manifest(at=NOW - timedelta(days=400)))
    assert expiring.expire(tmp_path, NOW) == ()


def test_a_name_is_never_given_twice(tmp_path: Path) -> None:
    """Two backups of one second have two names, the later one after the other."""
    first = layout.name_at(NOW, tmp_path)
    put(tmp_path, manifest(first))
    second = layout.name_at(NOW, tmp_path)
    put(tmp_path, manifest(second))
    assert layout.names_in(tmp_path) == [first, second]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('proxy = "http://clerk:hunter2@proxy:3128"', 'proxy = "http://clerk:PASSWORD@proxy:3128"'),
        ('database = "postgresql+psycopg://a:b%40c@db/x"', 'database = "postgresql+psycopg://a:PASSWORD@db/x"'),
        ('database = "postgresql+psycopg://archiver@db/x"', 'database = "postgresql+psycopg://archiver@db/x"'),
        ('contact = "records@example.gov"', 'contact = "records@example.gov"'),
        ('public_url = "https://a.example:8443/x@y"', 'public_url = "https://a.example:8443/x@y"'),
    ],
)
def test_passwords_in_addresses_are_masked(text: str, expected: str) -> None:
    """And nothing else is; that one was there can be seen."""
    assert without_passwords(text) == expected
    assert is_masked(expected) is (text != expected)


def test_a_configuration_moves_with_its_archive() -> None:
    """Data, store and WARC files lie beside it then; all other lines stay, those of other tables too."""
    text = '[archive]\nname = "City"\ndata_dir = "/srv/a"\nstorage = "/mnt/w"\n[[accounts]]\nid = "a"\nstorage = "x"\n'
    moved = moved_home(text)
    assert moved == '[archive]\nname = "City"\n[[accounts]]\nid = "a"\nstorage = "x"\n'
    assert not {f"archive.{name}" for name in ("data_dir", "database", "storage")} & lines_of(moved).keys()


@pytest.mark.parametrize(
    ("made", "tried", "findings", "said"),
    [
        (None, None, (), "No backup was made yet."),
        (1, None, (), "No restore was tried yet."),
        (8, 1, (), "The last backup is 8 days old."),
        (1, 400, (), "The last drill was 400 days ago."),
        (1, 1, ("A file is missing.",), "failed: A file is missing."),
        (7, 365, (), None),
    ],
)
def test_a_person_is_reminded(
    house: House, made: int | None, tried: int | None, findings: tuple[str, ...], said: str | None
) -> None:
    """Of a backup and of a drill that are too old, and of a drill that failed; days before now."""
    with house.store.begin() as conn:
        if made is not None:
            at = NOW - timedelta(days=made)
            backups.add_backup(conn, backups.Backup("b", "/mnt/b", at, DANA, "ab", 1, 1, 1))
        if tried is not None:
            at = NOW - timedelta(days=tried)
            backups.add_drill(conn, Drill(at, DANA, "b", at, "ab", 1, findings))
    kept = standing(house.store, NOW, remind=timedelta(days=7), drill=timedelta(days=365))
    assert len(kept.reminders) == (said is not None)
    assert said is None or said in kept.reminders[0]


def test_every_file_of_a_backup_has_a_place_in_its_folder(tmp_path: Path) -> None:
    """Shared ones beside the backups, the others within."""
    one = Backup(tmp_path / "b", manifest(), "")
    for role in Role:
        place = one.place(Part(role, "a/b", "", 0))
        assert place.is_relative_to(tmp_path / ("warc" if role in layout.SHARED else "b"))

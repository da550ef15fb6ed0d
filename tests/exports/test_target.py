"""An export is there whole or not at all, and never in the place of something else."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.errors import OperatorError, StorageFull, UsageError
from archiver.exports import csv, json, sqlite
from archiver.exports.dataset import Bundle, MediaMode, Options, Produced
from tests.support.town import Town, big_town, town

Writer = Callable[..., Produced]
FORMATS: dict[str, tuple[Writer, str]] = {
    "SQLite": (sqlite.write, "out.sqlite"),
    "CSV in a folder": (csv.write, "out"),
    "CSV in a file": (csv.write, "out.csv"),
    "CSV in a zip": (csv.write, "out.zip"),
    "JSON": (json.write, "out.json"),
    "JSON lines": (json.write, "out.jsonl"),
}
each_format = pytest.mark.parametrize(("write", "name"), FORMATS.values(), ids=FORMATS)


class Breaking(Town):
    """A data set that fails in the middle."""

    def records(self) -> Iterator[Any]:
        """Three records, then an error."""
        for number, one in enumerate(town().records()):
            if number == 3:
                raise RuntimeError("in the middle")
            yield one


def entries(folder: Path) -> list[str]:
    """What lies in a folder, hidden things too."""
    return sorted(one.name for one in folder.iterdir())


@each_format
def test_a_failure_leaves_nothing_behind(write: Writer, name: str, tmp_path: Path) -> None:
    """No part of a file, no temporary name."""
    with pytest.raises(RuntimeError, match="in the middle"):
        write(Breaking(tables=town().tables), tmp_path / name)
    assert entries(tmp_path) == []


@each_format
def test_a_failure_leaves_the_old_export(write: Writer, name: str, dataset: Town, tmp_path: Path) -> None:
    """Also when it was to be replaced."""
    write(dataset, tmp_path / name)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(RuntimeError, match="in the middle"):
        write(Breaking(tables=town().tables), tmp_path / name, Options(force=True))
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@each_format
def test_what_is_there_is_not_replaced(write: Writer, name: str, dataset: Town, tmp_path: Path) -> None:
    """Unless the person says so."""
    write(dataset, tmp_path / name)
    with pytest.raises(UsageError, match=r"already there.*--force"):
        write(town(), tmp_path / name)
    dataset.about["archive"] = "Another City"
    write(dataset, tmp_path / name, Options(force=True))
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"Another City" in written or name.endswith(".zip")
    assert not [one for one in entries(tmp_path) if one.startswith(".")]


@each_format
def test_the_folder_of_the_export_is_made(write: Writer, name: str, dataset: Town, tmp_path: Path) -> None:
    """However deep."""
    write(dataset, tmp_path / "deep" / "er" / name)
    assert (tmp_path / "deep" / "er" / name).exists()


def test_a_folder_of_other_things_is_never_replaced(dataset: Town, tmp_path: Path) -> None:
    """``-o ~ --force`` is no way to lose a home."""
    precious = tmp_path / "home" / "precious.txt"
    precious.parent.mkdir()
    precious.write_text("mine")
    with pytest.raises(UsageError, match="is a folder and is not replaced"):
        csv.write(dataset, tmp_path / "home", Options(force=True))
    for write in (sqlite.write, json.write):
        with pytest.raises(UsageError, match="is a folder and is not replaced"):
            write(dataset, tmp_path / "home", Options(force=True))
    assert precious.read_text() == "mine"


def test_a_media_folder_of_other_things_is_never_replaced(dataset: Town, tmp_path: Path) -> None:
    """Only what an export wrote."""
    (tmp_path / "out.json-media").mkdir()
    (tmp_path / "out.json-media" / "holiday.jpg").write_text("mine")
    with pytest.raises(UsageError, match=r"out\.json-media"):
        json.write(dataset, tmp_path / "out.json", Options(force=True))
    assert entries(tmp_path) == ["out.json-media"]


def test_an_empty_folder_is_filled_when_asked(dataset: Town, tmp_path: Path) -> None:
    """A folder that a person made for it."""
    (tmp_path / "out").mkdir()
    with pytest.raises(UsageError, match="--force"):
        csv.write(dataset, tmp_path / "out")
    csv.write(dataset, tmp_path / "out", Options(force=True))
    assert (tmp_path / "out" / "records.csv").exists()


def test_a_link_is_not_followed_into_another_folder(dataset: Town, tmp_path: Path) -> None:
    """The folder that it leads to stays."""
    csv.write(dataset, tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(UsageError):
        csv.write(town(), tmp_path / "link", Options(force=True))
    assert (tmp_path / "real" / "records.csv").exists()


@each_format
def test_a_place_that_can_not_be_written_is_one_sentence(
    write: Writer, name: str, dataset: Town, tmp_path: Path
) -> None:
    """A file where a folder should be."""
    (tmp_path / "file").write_text("x")
    with pytest.raises((OperatorError, UsageError)):
        write(dataset, tmp_path / "file" / name)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 700 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=700k", "none", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a small disk")
    yield disk
    subprocess.run(["umount", disk], check=True)


@each_format
@pytest.mark.parametrize("what", ["records", "media"])
def test_a_full_disk_is_said_so_and_left_clean(write: Writer, name: str, what: str, small_disk: Path) -> None:
    """StorageFull with what to do; nothing half written stays on the full disk."""
    data = town() if what == "media" else big_town(4000, 0)
    with pytest.raises(StorageFull, match="Make room"):
        write(data, small_disk / name)
    assert entries(small_disk) == []


@pytest.mark.parametrize("write", [csv.write, json.write])
def test_text_formats_hold_no_pictures_inside(write: Writer, dataset: Town, tmp_path: Path) -> None:
    """They are not quietly put somewhere else."""
    with pytest.raises(UsageError, match="--media files"):
        write(dataset, tmp_path / "out", Options(media=MediaMode.INLINE))


def test_a_bundle_is_any_object_with_the_rows() -> None:
    """The store's records pass as they are."""
    one: Bundle = next(iter(town().records()))
    assert one.row["record"] == one.versions[0]["record"]

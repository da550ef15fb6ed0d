"""The CSV export: a spreadsheet view that runs nothing and changes nothing (records rule R92)."""

from __future__ import annotations

import csv as reader
import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.item import clean
from archiver.exports import csv, schema
from archiver.exports.csv import guarded, unguarded
from archiver.exports.dataset import MediaMode, Options
from tests.support.town import HOSTILE, PICTURE, POST, Town, town

GUARDED = {
    "plain text": ("Snow tonight", "Snow tonight"),
    "nothing": ("", ""),
    "a formula": ("=1+1", "'=1+1"),
    "a plus, a minus, an at": ("+1", "'+1"),
    "a minus": ("-x", "'-x"),
    "an at": ("@city", "'@city"),
    "a tab before a formula": ("\t=1", "'\t=1"),
    "a line break before a formula": ("\n=1", "'\n=1"),
    "spaces before a formula": ("  =1", "'  =1"),
    "a full-width equals sign": ("＝1", "'＝1"),
    "a pipe": ("|cmd", "'|cmd"),
    "our own mark": ("'quoted'", "''quoted'"),
    "a long number": ("113000000000000020", "'113000000000000020"),
    "leading zeros": ("007", "'007"),
    "a number with an exponent": ("1E5", "'1E5"),
    "a date": ("11/12", "'11/12"),
    "a time": ("12:30", "'12:30"),
    "an amount": ("$1,000.00", "'$1,000.00"),
    "a number in a sentence": ("7 ploughs", "7 ploughs"),
    "letters that numbers may have": ("ee", "ee"),
    "dashes alone": ("...", "..."),
    "a formula that does not come first": ("a =1+1", "a =1+1"),
    "a key": ("mastodon:113", "mastodon:113"),
}


@pytest.mark.parametrize(("text", "shown"), GUARDED.values(), ids=GUARDED)
def test_what_a_spreadsheet_would_run_or_change_is_guarded(text: str, shown: str) -> None:
    """A table of cells."""
    assert guarded(text) == shown


@given(st.text(alphabet=st.sampled_from("=+-@'\t\r\n |19,./e×a") | st.characters(), max_size=12))
def test_the_guard_can_be_taken_away(text: str) -> None:
    """Exactly, whatever the text; and no cell can begin a formula."""
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in set("=+-@\t\r\n|%")


@given(st.text(alphabet=st.sampled_from("'=ab1"), max_size=6), st.text(alphabet=st.sampled_from("'=ab1"), max_size=6))
def test_two_texts_never_look_the_same(one: str, two: str) -> None:
    """Guarding is one to one."""
    assert (guarded(one) == guarded(two)) == (one == two)


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    """A file as a program reads it back."""
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(reader.DictReader(file))


@pytest.fixture
def folder(dataset: Town, tmp_path: Path) -> Path:
    """The town as a folder."""
    csv.write(dataset, tmp_path / "town")
    return tmp_path / "town"


def test_there_is_a_file_for_each_table(folder: Path) -> None:
    """And one with the meaning of each column, and one that says what this is."""
    names = {table.name for table in schema.TABLES} | {"about", "columns"}
    assert {one.name for one in folder.iterdir()} == {f"{name}.csv" for name in names} | {"media"}
    for name in names:
        header = (folder / f"{name}.csv").read_bytes()
        assert header.startswith(b"\xef\xbb\xbf")
        assert header.count(b"\n") == header.count(b"\r\n") or name in {"records", "versions"}
    explained = {(row["of_table"], row["name"]) for row in rows_of(folder, "columns")}
    for name in names:
        with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            assert {(name, column) for column in next(reader.reader(file))} == {
                one for one in explained if one[0] == name
            }


@pytest.mark.parametrize(("number", "text"), list(enumerate(HOSTILE.values(), start=100)), ids=HOSTILE)
def test_hostile_texts_come_back(folder: Path, number: int, text: str) -> None:
    """Read by a program and with the guard taken away they are what they were, but for what no file can hold."""
    (row,) = [one for one in rows_of(folder, "records") if one["record"].endswith(f"post/{number}")]
    assert unguarded(row["text"]) == clean(text)


def test_no_cell_begins_a_formula(folder: Path) -> None:
    """In any file, in any column."""
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for cells in reader.reader(file):
                assert not [one for one in cells if one.lstrip(" ")[:1] in set("=+-@\t\r\n|%＝＋－＠")]


def test_the_raw_bytes_of_a_guarded_record(tmp_path: Path) -> None:
    """Spelled out once: quotes doubled, line breaks inside a quoted cell, absent and empty alike."""
    data = Town()
    data.tables["withheld"] = [
        {"record": "x:1", "account": "a", "kind": "post", "part": "record", "basis": '=say "no"', "reason": "a\r\nb"},
    ]
    csv.write(data, tmp_path / "out")
    assert (tmp_path / "out" / "withheld.csv").read_bytes() == (
        b"\xef\xbb\xbfrecord,account,kind,created_at,part,basis,reason,version,span,class\r\n"
        b'x:1,a,post,,record,"\'=say ""no""","a\r\nb",,,\r\n'
    )


def test_numbers_and_times_are_not_guarded(folder: Path) -> None:
    """They are ours: the spreadsheet may sort and add them."""
    (row,) = [one for one in rows_of(folder, "records") if one["record"] == POST]
    assert (row["versions"], row["created_at"]) == ("2", "2026-11-01T08:00:00Z")


def test_media_are_files_in_the_folder(folder: Path) -> None:
    """Named by their digest."""
    (row,) = rows_of(folder, "media")
    assert row["file"] == f"media/{row['sha256'][:2]}/{row['sha256']}.png"
    assert (folder / row["file"]).read_bytes() == PICTURE


def test_without_media_there_is_no_folder(dataset: Town, tmp_path: Path) -> None:
    """Their digests stay."""
    csv.write(dataset, tmp_path / "town", Options(media=MediaMode.NONE))
    assert not (tmp_path / "town" / "media").exists()
    assert [row["file"] for row in rows_of(tmp_path / "town", "media")] == [""]


def test_a_zip_holds_the_same_and_is_the_same_each_time(dataset: Town, folder: Path, tmp_path: Path) -> None:
    """One file to send; nothing in it depends on when or where it was made."""
    for name in ("a.zip", "b.zip"):
        assert csv.write(town(), tmp_path / name).files == (name,)
    a, b = (hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("a.zip", "b.zip"))
    assert a == b
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        packed = {one: archive.read(one) for one in archive.namelist()}
    plain = {one.relative_to(folder).as_posix(): one.read_bytes() for one in folder.rglob("*") if one.is_file()}
    assert packed == plain
    assert sorted(tmp_path.iterdir()) == [tmp_path / "a.zip", tmp_path / "b.zip", tmp_path / "town"]


def test_a_name_with_the_ending_is_a_file(dataset: Town, folder: Path, tmp_path: Path) -> None:
    """The records are that file, the rest is beside it."""
    assert csv.write(dataset, tmp_path / "x.csv").files == ("x.csv", "x.csv-tables")
    assert (tmp_path / "x.csv").read_bytes() == (folder / "records.csv").read_bytes()
    rest = {one.name for one in (tmp_path / "x.csv-tables").iterdir()}
    assert rest == {one.name for one in folder.iterdir()} - {"records.csv"}


def test_the_reader_of_the_standard_library_agrees(folder: Path) -> None:
    """As many rows as were written, all as wide as their header."""
    raw = (folder / "records.csv").read_bytes().decode("utf-8-sig")
    rows = list(reader.reader(io.StringIO(raw, newline="")))
    assert {len(row) for row in rows} == {len(schema.plain_columns(schema.RECORDS))}
    assert len(rows) == 1 + len(town().tables["records"])

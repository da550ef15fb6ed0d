"""The JSON export: exact, and one document or one line per row."""

from __future__ import annotations

import json as reader
from pathlib import Path
from typing import Any

import pytest

from archiver.domain.item import clean
from archiver.exports import json, schema
from archiver.exports.dataset import MediaMode, Options
from archiver.exports.flow import PARTS
from tests.support.town import HOSTILE, PICTURE, POST, SHARE, Town, town


@pytest.fixture
def document(dataset: Town, tmp_path: Path) -> dict[str, Any]:
    """The town as one document."""
    json.write(dataset, tmp_path / "town.json")
    read: dict[str, Any] = reader.loads((tmp_path / "town.json").read_bytes())
    return read


def test_one_document_has_it_all(document: dict[str, Any]) -> None:
    """A member per table, in order; a record's own rows are inside it."""
    assert list(document) == [
        "about",
        "columns",
        "accounts",
        "coverage",
        "downloads",
        "records",
        "exchanges",
        "media",
        "withheld",
    ]
    assert document["about"]["archive"] == "City of Example"
    assert len(document["records"]) == len(town().tables["records"])
    (post,) = [one for one in document["records"] if one["record"] == POST]
    assert [version["text"] for version in post["versions"]] == [
        "Snow emergency: even side tonight",
        "Snow emergency: odd side tonight",
    ]
    assert [event["event"] for event in post["events"]] == ["seen", "edited"]
    assert post["attachments"][0]["alt_text"] == "A snowplough at dawn"
    assert post["links"][0]["card"] is False
    assert post["polls"][0]["votes"] == 7
    assert [counts["likes"] for counts in post["metrics"]] == [3, 9]


def test_every_column_is_there_whether_known_or_not(document: dict[str, Any]) -> None:
    """Absent is null, in the order of the dictionary; no member has another name."""
    explained = {(row["of_table"], row["name"]) for row in document["columns"]}
    names = [column.name for column in schema.plain_columns(schema.RECORDS)]
    parts = [table.name for table in PARTS if table.name != "versions"]
    for one in document["records"]:
        assert list(one) == [*names, *parts]
        assert all((table.name, name) in explained for table in PARTS for row in one[table.name] for name in row)
    (share,) = [one for one in document["records"] if one["record"] == SHARE]
    assert (share["parent"], share["attachments"]) == (None, [])


@pytest.mark.parametrize(("number", "text"), list(enumerate(HOSTILE.values(), start=100)), ids=HOSTILE)
def test_hostile_texts_are_exact(document: dict[str, Any], number: int, text: str) -> None:
    """No cell is guarded."""
    (one,) = [row for row in document["records"] if row["record"].endswith(f"post/{number}")]
    assert one["text"] == clean(text)


def test_lines_hold_the_same(dataset: Town, document: dict[str, Any], tmp_path: Path) -> None:
    """One object a line, whatever line breaks the texts have."""
    json.write(dataset, tmp_path / "town.jsonl")
    lines = [reader.loads(line) for line in (tmp_path / "town.jsonl").read_text("utf-8").split("\n")[:-1]]
    assert lines[0] == {"table": "about", "row": document["about"]}
    for name, rows in document.items():
        if name not in {"about", "media"}:
            assert [line["row"] for line in lines if line["table"] == name] == rows


def test_media_are_files_beside_it(document: dict[str, Any], tmp_path: Path) -> None:
    """Or left where they are."""
    assert (tmp_path / document["media"][0]["file"]).read_bytes() == PICTURE
    produced = json.write(town(), tmp_path / "bare.json", Options(media=MediaMode.NONE))
    assert produced.files == ("bare.json",)
    assert reader.loads((tmp_path / "bare.json").read_bytes())["media"][0]["file"] is None


def test_the_same_rows_give_the_same_bytes(document: dict[str, Any], tmp_path: Path) -> None:
    """Under any name."""
    json.write(town(), tmp_path / "again.json")
    again = (tmp_path / "again.json").read_bytes()
    assert again.replace(b"again.json-media/", b"town.json-media/") == (tmp_path / "town.json").read_bytes()


def test_an_empty_selection_is_a_document(tmp_path: Path) -> None:
    """With all members."""
    counts = json.write(Town(), tmp_path / "none.json").counts
    read = reader.loads((tmp_path / "none.json").read_bytes())
    assert read["records"] == read["withheld"] == []
    assert set(counts.values()) == {0}

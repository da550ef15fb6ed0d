"""The SQLite export (design 5.3, records rule R91)."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import sqlite3
import struct
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from archiver.exports import ddl, schema, sqlite
from archiver.exports.dataset import MediaMode, Options
from archiver.exports.dictionary import entries
from tests.support.town import (
    ANSWER,
    COMMENT,
    EXCHANGE,
    GONE,
    HIDDEN,
    HOSTILE,
    MENTION,
    PICTURE,
    POST,
    QUOTE,
    SHARE,
    Town,
    at,
    town,
)  # fmt: skip

ROOT = Path(__file__).resolve().parents[2]

CONTRACT = {
    "about": "key value",
    "accounts": "account platform handle platform_id display_name capacity department series",
    "records": "record account platform native_id kind parent thread quotes author author_handle author_id title text created_at"
    " edited_at first_seen_at last_seen_at state cause versions permalink lang",
    "versions": "record version observed_at text edited_at state digest exchange",
    "events": "record event at basis exchange",
    "attachments": "record version position kind url alt_text media",
    "media": "sha256 mime bytes width height content",
    "links": "record version position url expanded title",
    "polls": "record version position option votes closes_at",
    "metrics": "record observed_at likes replies shares views",
    "exchanges": "exchange url status captured_at warc_file warc_offset payload_digest",
    "coverage": "account stream from_at until_at state reason",
    "withheld": "record basis",
}


def one(connection: sqlite3.Connection, sql: str, *values: object) -> Any:
    """The first column of the first row."""
    return connection.execute(sql, values).fetchone()[0]


def keys(connection: sqlite3.Connection, sql: str, *values: object) -> set[str]:
    """The first column of all rows."""
    return {row[0] for row in connection.execute(sql, values)}


@pytest.mark.parametrize("table", CONTRACT)
def test_the_contract_of_columns(opened: sqlite3.Connection, table: str) -> None:
    """Design 5.3, column by column."""
    columns = keys(opened, f"SELECT name FROM pragma_table_info('{table}')")
    assert set(CONTRACT[table].split()) <= columns


def test_the_file_is_sound(opened: sqlite3.Connection, sqlite_file: Path) -> None:
    """Integrity and foreign keys hold, it says what it is, and nothing lies beside it."""
    assert [tuple(row) for row in opened.execute("PRAGMA integrity_check")] == [("ok",)]
    assert opened.execute("PRAGMA foreign_key_check").fetchall() == []
    assert one(opened, "PRAGMA application_id") == ddl.APPLICATION_ID
    assert one(opened, "PRAGMA user_version") == schema.SCHEMA_VERSION
    assert one(opened, "PRAGMA journal_mode") == "delete"
    assert one(opened, "PRAGMA freelist_count") == 0
    assert one(opened, "PRAGMA encoding") == "UTF-8"
    assert one(opened, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'") == 0
    assert [one.name for one in sqlite_file.parent.iterdir()] == [sqlite_file.name]
    head = sqlite_file.read_bytes()[:100]
    assert head[18:20] == b"\x01\x01"  # no write-ahead log
    assert struct.unpack(">I", head[68:72])[0] == ddl.APPLICATION_ID


def test_full_text_indexes_are_sound(sqlite_file: Path, tmp_path: Path) -> None:
    """FTS5's own check, against the texts where all are indexed."""
    copy = Path(shutil.copy(sqlite_file, tmp_path))
    connection = sqlite3.connect(copy)
    connection.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)")
    connection.execute("INSERT INTO search_cjk (search_cjk) VALUES ('integrity-check')")
    connection.close()


def test_a_stock_sqlite3_opens_it(sqlite_file: Path) -> None:
    """The command that most systems carry."""
    program = shutil.which("sqlite3")
    if program is None:
        pytest.skip("no sqlite3 command on this machine")
    done = subprocess.run(
        [program, str(sqlite_file), "PRAGMA integrity_check; SELECT count(*) FROM posts;"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["ok", "2"]


def test_the_pages_are_the_same_for_the_same_rows(dataset: Town, tmp_path: Path) -> None:
    """Byte for byte, under another name and at another time; another moment of making shows."""
    sqlite.write(dataset, tmp_path / "a.sqlite")
    sqlite.write(town(), tmp_path / "b.sqlite")
    dataset.about["made_at"] = "2026-11-23T00:00:00Z"
    sqlite.write(dataset, tmp_path / "c.sqlite")
    a, b, c = ((tmp_path / f"{name}.sqlite").read_bytes() for name in "abc")
    assert a == b
    assert a != c


def test_it_says_what_it_is(opened: sqlite3.Connection) -> None:
    """Facts given, counts, and the dictionary with a meaning for every column of every table and view."""
    about = dict(opened.execute("SELECT key, value FROM about"))
    assert about["archive"] == "City of Example"
    assert about["count_records"] == str(one(opened, "SELECT count(*) FROM records"))
    assert about["schema_version"] == str(schema.SCHEMA_VERSION)
    real = {
        (table, column)
        for (table,) in opened.execute(
            "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'search%' AND name NOT LIKE 'sqlite_%'"
        )
        for column in keys(opened, f"SELECT name FROM pragma_table_info('{table}')")
    }
    explained = {(row["of_table"], row["name"]) for row in opened.execute("SELECT * FROM columns WHERE meaning <> ''")}
    assert explained - real == {("search", "search"), ("search_cjk", "search_cjk")}
    assert real <= explained
    assert len(list(entries())) == one(opened, "SELECT count(*) FROM columns")


def test_times_are_iso_in_utc(opened: sqlite3.Connection) -> None:
    """Whole seconds with a Z, in every column of times."""
    shape = "[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z"
    for table in schema.TABLES:
        for column in table.columns:
            if column.kind is schema.Kind.MOMENT:
                wrong = f"SELECT count(*) FROM {table.name} WHERE {column.name} NOT GLOB '{shape}'"
                assert one(opened, wrong) == 0, column.name
    assert one(opened, "SELECT created_at FROM records WHERE record = ?", POST) == "2026-11-01T08:00:00Z"


def test_posts_are_what_the_account_published(opened: sqlite3.Connection) -> None:
    """Posts and shares of its own, with the last counts and how many answered."""
    assert keys(opened, "SELECT record FROM posts") == {POST, SHARE}
    row = opened.execute("SELECT * FROM posts WHERE record = ?", (POST,)).fetchone()
    assert (row["likes"], row["replies"], row["shares"], row["views"]) == (9, 1, 1, None)
    assert row["comments"] == 4 + len(HOSTILE)


def test_comments_are_what_others_wrote_and_the_city_answered(opened: sqlite3.Connection) -> None:
    """Comments, replies, quotes by others, mentions; the city's answers are marked."""
    assert keys(opened, "SELECT record FROM comments WHERE record NOT LIKE '%post/1__'") == {
        COMMENT, HIDDEN, GONE, ANSWER, QUOTE, MENTION,
    }  # fmt: skip
    assert keys(opened, "SELECT record FROM comments WHERE by_city") == {ANSWER}
    assert one(opened, "SELECT thread_text FROM comments WHERE record = ?", GONE) == "Snow emergency: odd side tonight"


def test_removed_or_hidden_says_when_and_what_shows_it(opened: sqlite3.Connection) -> None:
    """The event that made it so, with its exchange; an unknown cause stays unknown."""
    rows = {row["record"]: row for row in opened.execute("SELECT * FROM removed_or_hidden")}
    assert set(rows) == {HIDDEN, GONE}
    hidden, gone = rows[HIDDEN], rows[GONE]
    assert (hidden["cause"], hidden["basis"], hidden["seen_at"]) == (
        "by_city",
        "on the list of hidden replies",
        "2026-11-02T04:00:00Z",
    )
    assert (gone["cause"], gone["basis"], gone["exchange"]) == (None, "404", EXCHANGE)


def test_edits_show_before_and_after(opened: sqlite3.Connection) -> None:
    """One row an edit; hiding is none."""
    rows = opened.execute("SELECT * FROM edits").fetchall()
    assert [(row["record"], row["text_before"], row["text_after"], row["text_changed"]) for row in rows] == [
        (POST, "Snow emergency: even side tonight", "Snow emergency: odd side tonight", 1)
    ]


SEARCHES = {
    "a word of the text": ("search", "emergency", {POST}),
    "in another letter case": ("search", "EMERGENCY", {POST}),
    "without its accent": ("search", "manana", {COMMENT}),
    "with an accent that the text has not": ("search", "pöthole", {MENTION}),
    "the beginning of a word": ("search", "poth*", {MENTION}),
    "a name": ("search", "joao", {COMMENT}),
    "an author without the accent": ("search", 'author:pena AND "look at this"', {QUOTE}),
    "a description of a picture": ("search", "snowplough", {POST}),
    "two words of one record": ("search", "even dawn", {POST}),
    "a word that was edited away": ("search", "even", {POST}),
    "Japanese": ("search_cjk", "明日の朝", {ANSWER}),
}


@pytest.mark.parametrize(("table", "words", "found"), SEARCHES.values(), ids=SEARCHES)
def test_the_search_finds(opened: sqlite3.Connection, table: str, words: str, found: set[str]) -> None:
    """Through either index, as the dictionary says."""
    sql = f"SELECT r.record FROM {table} JOIN records r ON r.id = {table}.rowid WHERE {table} MATCH ?"
    assert keys(opened, sql, words) == found
    assert keys(opened, f"SELECT record FROM {table} WHERE {table} MATCH ?", words) == found


@pytest.mark.parametrize(("number", "text"), list(enumerate(HOSTILE.values(), start=100)), ids=HOSTILE)
def test_hostile_texts_come_out_as_they_are(opened: sqlite3.Connection, number: int, text: str) -> None:
    """Exact, but for what no row can hold."""
    key = f"bluesky:at://did:plc:resident/app.bsky.feed.post/{number}"
    expected = text.replace("\x00", "\ufffd").replace("\ud83d", "\ufffd").replace("\udc00", "\ufffd")
    for table in ("records", "versions"):
        assert one(opened, f"SELECT text FROM {table} WHERE record = ?", key) == expected


def test_absent_is_not_empty(opened: sqlite3.Connection) -> None:
    """NULL where the platform said nothing, an empty text where it was empty."""
    assert one(opened, "SELECT count(*) FROM records WHERE text = ''") == 1
    assert one(opened, "SELECT count(*) FROM metrics WHERE views IS NULL") == 2
    assert one(opened, "SELECT count(*) FROM metrics WHERE shares = 0") == 1


def test_media_are_inside(opened: sqlite3.Connection) -> None:
    """The content as captured, whole."""
    assert one(opened, "SELECT content FROM media") == PICTURE
    assert one(opened, "SELECT file FROM media") is None


def test_media_as_files_beside_it(dataset: Town, tmp_path: Path) -> None:
    """With `files` the file stays small and says where each content is."""
    produced = sqlite.write(dataset, tmp_path / "town.sqlite", Options(media=MediaMode.FILES))
    assert produced.files == ("town.sqlite", "town.sqlite-media")
    connection = sqlite3.connect(tmp_path / "town.sqlite")
    name, content = connection.execute("SELECT file, content FROM media").fetchone()
    connection.close()
    assert content is None
    assert (tmp_path / name).read_bytes() == PICTURE


def test_no_media_leaves_their_digests(dataset: Town, tmp_path: Path) -> None:
    """With `none` nothing is read from the archive."""
    dataset.contents.clear()
    produced = sqlite.write(dataset, tmp_path / "town.sqlite", Options(media=MediaMode.NONE))
    connection = sqlite3.connect(tmp_path / "town.sqlite")
    assert one(connection, "SELECT sha256 FROM media") == hashlib.sha256(PICTURE).hexdigest()
    assert one(connection, "SELECT content FROM media") is None
    connection.close()
    assert produced.missing == ()


DAMAGES = {
    "the archive can't read it": {},
    "its bytes changed": {"content": PICTURE[:-1] + b"x"},
    "it is too short": {"content": PICTURE[:-1]},
    "it is too long": {"content": PICTURE + b"x"},
}


@pytest.mark.parametrize("mode", [MediaMode.INLINE, MediaMode.FILES])
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_content_is_named_and_not_passed_on(
    dataset: Town, tmp_path: Path, mode: MediaMode, damage: dict[str, bytes]
) -> None:
    """The export is made, its row says what is wrong, and the caller is told."""
    (sha256,) = dataset.contents
    dataset.contents = {sha256: damage["content"]} if damage else {}
    produced = sqlite.write(dataset, tmp_path / "town.sqlite", Options(media=mode))
    assert [missing.sha256 for missing in produced.missing] == [sha256]
    connection = sqlite3.connect(tmp_path / "town.sqlite")
    row = connection.execute("SELECT content, file, problem FROM media").fetchone()
    assert row == (None, None, produced.missing[0].problem)
    assert one(connection, "PRAGMA integrity_check") == "ok"
    connection.close()
    assert not [file for file in (tmp_path / "town.sqlite-media").rglob("*") if file.is_file()]


def test_nothing_deleted_lingers_in_the_pages(dataset: Town, tmp_path: Path) -> None:
    """A content that turned out damaged is not in the raw file either (records rule R19)."""
    (sha256,) = dataset.contents
    dataset.contents[sha256] = b"canary in the coal mine".ljust(len(PICTURE), b".")
    sqlite.write(dataset, tmp_path / "town.sqlite")
    assert b"canary in the coal mine" not in (tmp_path / "town.sqlite").read_bytes()


def test_a_row_that_refers_to_nothing_is_a_bug_that_shows(dataset: Town, tmp_path: Path) -> None:
    """The promise of foreign keys is checked before the file appears."""
    dataset.tables["coverage"].append({"account": "nobody", "stream": "posts", "until_at": at(1), "state": "gap"})
    with pytest.raises(RuntimeError, match="coverage"):
        sqlite.write(dataset, tmp_path / "town.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_selection_is_a_whole_file(tmp_path: Path) -> None:
    """No record, no account: still all tables and views, and sound."""
    sqlite.write(Town(about={"archive": "X"}), tmp_path / "none.sqlite")
    connection = sqlite3.connect(tmp_path / "none.sqlite")
    for name in [*CONTRACT, "posts", "comments", "removed_or_hidden", "edits", "search"]:
        connection.execute(f"SELECT * FROM {name}").fetchall()
    assert one(connection, "PRAGMA integrity_check") == "ok"
    connection.close()


def test_datasette_opens_and_searches_it(tmp_path: Path) -> None:
    """Datasette 0.65 in an environment of its own: tables, views, foreign keys as links, its search box, our words."""
    program = ROOT / ".venv-datasette" / "bin" / "datasette"
    if not program.exists():
        pytest.skip("no Datasette here; `make tools` gets it")
    sqlite_file = tmp_path / "town.sqlite"
    assert sqlite.write(town(), sqlite_file, Options(datasette=True)).files == ("town.sqlite", "town.metadata.json")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [program, "serve", "-i", str(sqlite_file), "-h", "127.0.0.1", "-p", str(port), "-m", str(tmp_path / "town.metadata.json")],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, "HOME": str(sqlite_file.parent)},
    )  # fmt: skip
    try:
        base = f"http://127.0.0.1:{port}/town"
        _wait_for(f"{base}.json", server)

        def rows(path: str) -> list[dict[str, Any]]:
            with urlopen(base + path, timeout=30) as answer:
                found: list[dict[str, Any]] = json.load(answer)
            return found

        assert {row["record"] for row in rows("/records.json?_shape=array&_search=manana")} == {COMMENT}
        assert {row["record"] for row in rows("/posts.json?_shape=array")} == {POST, SHARE}
        assert {row["record"] for row in rows("/removed_or_hidden.json?_shape=array")} == {HIDDEN, GONE}
        sql = quote("select record from search_cjk where search_cjk match '明日の朝'")
        assert rows(f".json?_shape=array&sql={sql}") == [{"record": ANSWER}]
        with urlopen(f"{base}/versions", timeout=30) as answer:
            page = answer.read().decode()
        assert f"/town/exchanges/{EXCHANGE}" in page
        with urlopen(f"{base}/records?_size=100", timeout=30) as answer:
            page = answer.read().decode()
        assert "<script>alert(1)</script>" not in page
        assert "Stable key, platform:native_id." in page
    finally:
        server.terminate()
        _, errors = server.communicate(timeout=30)
    assert b"Traceback" not in errors, errors.decode()


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert server.poll() is None, server.stderr.read().decode() if server.stderr else ""
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("Datasette did not start in 30 seconds")


@pytest.mark.slow
def test_memory_is_flat_in_the_number_of_records(tmp_path: Path) -> None:
    """Fifty thousand records and a video of 200 MB take little more memory than twenty thousand and none."""
    small, large = _peak_of(tmp_path / "small.sqlite", 20_000, 0), _peak_of(tmp_path / "large.sqlite", 50_000, 200)
    assert large - small < 40 * 1024, f"{small} KiB, then {large} KiB"


def _peak_of(path: Path, records: int, megabytes: int) -> int:
    """The largest resident size, in KiB, of a process that writes so much."""
    program = """
import resource, sys
from pathlib import Path
from tests.support.town import big_town
from archiver.exports import sqlite
sqlite.write(big_town(int(sys.argv[2]), int(sys.argv[3])), Path(sys.argv[1]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(path), str(records), str(megabytes)],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    return int(done.stdout)


def test_options_have_a_default_for_each_format() -> None:
    """None means: as is usual for the format."""
    assert Options().media is None
    assert replace(Options(), force=True).force

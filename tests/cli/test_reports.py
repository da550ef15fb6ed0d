"""Finding, showing, reporting and exporting, as a person types it, on a small archive that is only read."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import typer.main

from archiver.cli.main import app
from archiver.sandbox.server import SandboxCity
from tests.acceptance.children import Children
from tests.acceptance.conftest import Installation

pytestmark = pytest.mark.xdist_group("reports")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One account of a small city, collected once."""
    folder = tmp_path_factory.mktemp("cli")
    with SandboxCity(seed=7, size="small") as city, Children(folder) as children:
        name = next(name for name in city.world.accounts if "mastodon" in name)
        made = Installation(folder, city, (name,), authenticated=False, children=children)
        made.configure()
        made.collect()
        yield made


@pytest.fixture(scope="module")
def exported(archive: Installation) -> Iterator[sqlite3.Connection]:
    """Its SQLite export, whose columns are the words of all that reports."""
    with closing(archive.export()) as opened:
        yield opened


def _json(archive: Installation, *arguments: str) -> Any:
    return json.loads(archive.run(*arguments, "--json").stdout)


def _columns(export: sqlite3.Connection, table: str) -> set[str]:
    return {row["name"] for row in export.execute(f"PRAGMA table_info({table})")}


def test_search_speaks_the_export_s_words(archive: Installation, exported: sqlite3.Connection) -> None:
    """Each hit is a record of the export, with the same values under the same names."""
    found = _json(archive, "search", "--limit", "1000")
    assert not found["more"]
    rows = {row["record"]: row for row in exported.execute("SELECT * FROM records")}
    assert {hit["record"] for hit in found["records"]} == rows.keys()
    same = found["records"][0].keys() & _columns(exported, "records")
    assert {"record", "account", "kind", "state", "author_handle", "created_at"} <= same
    for hit in found["records"]:
        assert {name: hit[name] for name in same} == {name: rows[hit["record"]][name] for name in same}
    assert all(span.keys() == _columns(exported, "coverage") for span in found["coverage"])


def test_search_goes_page_by_page(archive: Installation) -> None:
    """All pages together are the whole, nothing twice; plain output says how to go on."""
    whole = [hit["record"] for hit in _json(archive, "search", "--limit", "1000")["records"]]
    size = len(whole) // 3 + 1
    pages = [
        hit["record"]
        for offset in range(0, len(whole), size)
        for hit in _json(archive, "search", "--limit", str(size), "--offset", str(offset))["records"]
    ]
    assert pages == whole
    assert "add --offset 5" in archive.run("search", "--limit", "5").stderr


def test_piped_results_are_lines_of_columns(archive: Installation) -> None:
    """One line a record, parted by tabs, without colour."""
    lines = archive.run("search", "--limit", "5").stdout.splitlines()
    assert lines[0].split("\t") == ["created", "account", "kind", "state", "author", "text", "record"]
    assert len(lines) == 6
    assert all(line.count("\t") == 6 and "\x1b" not in line for line in lines)


def test_show_has_all_that_belongs_to_a_record(archive: Installation, exported: sqlite3.Connection) -> None:
    """Its row, versions, events and the places of its proof; the platform's own id finds it, too."""
    row = dict(exported.execute("SELECT * FROM records WHERE kind = 'comment' LIMIT 1").fetchone())
    shown = _json(archive, "show", row["record"])
    same = (row.keys() & shown.keys()) - {"versions", "thread"}  # here the versions and the thread themselves
    assert {name: shown[name] for name in same} == {name: row[name] for name in same}
    assert len(shown["versions"]) == row["versions"]
    assert shown["versions"][0].keys() >= {"version", "observed_at", "text", "state", "exchange"}
    assert shown["events"][0]["event"] == "seen"
    assert all(one["warc_file"] for one in shown["exchanges"])
    assert any(one["record"] == row["thread"] for one in shown["thread"])
    assert _json(archive, "show", row["native_id"])["record"] == row["record"]
    assert row["record"] in archive.run("show", row["record"]).stdout


def test_status_and_coverage(archive: Installation, exported: sqlite3.Connection) -> None:
    """Every account has its line, every span the words of the export."""
    (light,) = _json(archive, "status")["accounts"]
    assert light.keys() >= {
        "account", "platform", "state", "last_success_at", "last_error", "records", "coverage_until",
    }  # fmt: skip
    assert light["records"] == exported.execute("SELECT count(*) FROM records").fetchone()[0]
    spans = _json(archive, "coverage", archive.accounts[0])["coverage"]
    assert spans
    assert all(span.keys() == _columns(exported, "coverage") for span in spans)
    assert archive.accounts[0] in archive.run("status").stdout


WRONG = {
    "a record that is not there": (("show", "mastodon:0"), 1, "no record"),
    "a kind that is none": (("search", "--kind", "tweet"), 2, "comment"),
    "a state that is none": (("search", "--state", "dead"), 2, "gone"),
    "a day that is none": (("search", "--since", "yesterday"), 2, "--since"),
    "no page": (("search", "--limit", "0"), 2, "--limit"),
    "a format that is none": (("export", "docx", "-o", "x"), 2, "FORMAT"),
    "an account that is none": (("coverage", "nobody"), 2, "nobody"),
    "an option that is none": (("status", "--all"), 2, "--all"),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "code", "said"), WRONG.values(), ids=WRONG)
def test_what_can_t_be_done_is_said(archive: Installation, arguments: tuple[str, ...], code: int, said: str) -> None:
    """A sentence on stderr, the right exit code, nothing on stdout and no traceback."""
    done = archive.run(*arguments, codes=(0, 1, 2, 3))
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_an_export_is_not_overwritten(archive: Installation, tmp_path: Path) -> None:
    """Unless that is wanted; the one that is there stays as it was."""
    path = tmp_path / "out.json"
    archive.run("export", "json", "-o", str(path))
    before = path.read_bytes()
    done = archive.run("export", "json", "-o", str(path), "--kind", "post", codes=(1, 2))
    assert str(path) in done.stderr
    assert path.read_bytes() == before
    archive.run("export", "json", "-o", str(path), "--kind", "post", "--force")
    assert path.read_bytes() != before


def _commands(group: Any, *before: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, *before, name)
        else:
            yield " ".join((*before, name)), command


def test_every_command_has_an_example() -> None:
    """Help shows how the command is typed, with its own name."""
    whole = typer.main.get_command(app)
    commands = dict(_commands(whole))
    assert {"collect", "search", "show", "status", "export", "verify", "rebuild", "seal"} <= commands.keys()
    assert [name for name, one in commands.items() if f"archiver {name}" not in (one.help or "")] == []


def test_help_is_there_at_once(archive: Installation) -> None:
    """It loads neither the store nor the network: the best of three takes less than two seconds, on a busy machine."""
    took = []
    for _ in range(3):
        began = time.perf_counter()
        archive.run("--help")
        took.append(time.perf_counter() - began)
    assert min(took) < 2


def test_a_search_says_what_was_captured(archive: Installation) -> None:
    """Of each account that was asked about, also where nothing is found; in JSON span by span."""
    (name,) = archive.accounts
    for words in ("the", "xyzzy"):
        said = archive.run("search", words).stderr
        assert f"{name} was captured until 20" in said or f"{name} was not captured completely" in said
        assert _json(archive, "search", words)["coverage"]
    assert f"Nothing of that time was captured of {name}." in archive.run("search", "--since", "2100-01-01").stderr


def test_a_search_is_saved_and_done_again(archive: Installation) -> None:
    """Under a name and by somebody; nothing has happened since, so nothing is new."""
    whole = _json(archive, "search", "--kind", "comment", "--limit", "1000")["records"]
    saved = _json(archive, "search", "--kind", "comment", "--save", "All comments", "--by", "Dana Clerk")
    assert saved["records"] == len(whole) > 0
    done = _json(archive, "search", "--again", "All comments", "--by", "Dana Clerk")
    assert done["same"]
    assert done["now"]["digest"] == done["then"]["digest"] == saved["digest"]
    assert (done["new"], done["changed"], done["gone"]) == ([], [], [])
    plain = archive.run("search", "--again", "All comments", "--by", "Dana Clerk")
    assert "0 new, 0 changed, 0 gone from the result" in plain.stdout
    assert "Coverage then" in plain.stderr
    (listed,) = _json(archive, "search", "--saved")["searches"]
    assert (listed["search"], listed["filters"]["kind"], listed["runs"]) == ("All comments", "comment", 3)
    assert "All comments\t\tkind comment" in archive.run("search", "--saved").stdout
    assert "Nobody is named" in archive.run("search", "--again", "All comments", codes=(2,)).stderr
    assert "own words" in archive.run("search", "x", "--again", "All comments", "--by", "D", codes=(2,)).stderr
    assert "no saved search" in archive.run("search", "--again", "other", "--by", "D", codes=(1,)).stderr

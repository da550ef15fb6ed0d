"""The commands of the moderation record: what they enter, show and refuse."""

from __future__ import annotations

import getpass
import json
import shutil
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
import typer.main

from archiver.cli.main import app
from archiver.errors import ArchiverError, NotCleared, NotFound, UsageError

CONFIG = """
[archive]
name = "Maple Ford"
timezone = "America/Chicago"
[[accounts]]
id = "city"
platform = "mastodon"
handle = "city@social.example"
"""
PEOPLE = """
[[people]]
name = "Dana Clerk"
sees = ["undecided"]
[[people]]
name = "Lee Writer"
"""
DANA = ("--by", "Dana Clerk")
BLOCK = ("act", "city", "block", "--on", "2026-01-05", "--person", "@troll", "--known-from", "Pat told it", *DANA)


COMMAND = typer.main.get_command(app)  # made once: it costs more than most commands


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said."""

    stdout: str
    stderr: str


class Desk:
    """A folder with a configuration; each call is a command, in this process."""

    def __init__(self, home: Path) -> None:
        self.home = home
        (home / "config.toml").write_text(CONFIG, encoding="utf-8")

    def run(self, *arguments: str) -> Said:
        """A command of the group. Raises what it ends with."""
        given = ["--config", str(self.home / "config.toml"), "moderation", *arguments]
        with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
            COMMAND.main(args=given, standalone_mode=False)
        return Said(out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """An archive that has captured nothing yet, to copy from."""
    desk = Desk(tmp_path_factory.mktemp("made"))
    desk.run("setting", "city", "filters", "--on", "2026-01-01", "--empty", *DANA)
    return desk


@pytest.fixture
def desk(made: Desk, tmp_path: Path) -> Desk:
    """An archive for one test; its filters were looked up once, and were empty."""
    shutil.copytree(made.home, tmp_path, dirs_exist_ok=True)
    return Desk(tmp_path)


def test_a_block_is_entered_listed_and_shown(desk: Desk) -> None:
    """With what is still to be said of it, and without the name of who was blocked."""
    done = desk.run(*BLOCK)
    assert done.stdout.splitlines()[:2] == ["Entered: act:1", "Still to be said: no reason yet."]
    desk.run("note", "act:1", "--actor", "Pat Doe", "--reason", "Threats", *DANA)
    (heading, line) = desk.run("list").stdout.splitlines()
    assert heading.split("\t")[:4] == ["when", "account", "what", "by"]
    assert line.split("\t")[:4] == ["2026-01-05", "city", "blocked", "Pat Doe"]
    shown = desk.run("show", "act:1").stdout
    assert "reason: Threats" in shown
    assert "troll" not in shown
    assert json.loads(desk.run("list", "--open", "--json").stdout) == {"entries": []}


def test_staff_whose_work_asks_for_it_see_who_was_blocked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a purpose, which is noted; others don't."""
    monkeypatch.setattr(getpass, "getuser", lambda: "dclerk")
    desk.run(*BLOCK)
    (desk.home / "config.toml").write_text(CONFIG + PEOPLE, encoding="utf-8")
    cleared = ("--clearance", "undecided", "--purpose", "request 7")
    assert "person: @troll" in desk.run("show", "act:1", *cleared, *DANA).stdout
    with pytest.raises(NotCleared):
        desk.run("show", "act:1", *cleared, "--by", "Lee Writer")


def test_settings_are_entered_whole_and_compared(desk: Desk) -> None:
    """The first entry begins the record, the second one makes an entry of what is new."""
    picture = desk.home / "filters.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    desk.run("setting", "city", "filters", "--on", "2026-01-05", "--value", "idiot", *DANA)
    entered = desk.run(
        "setting", "city", "filters", "--on", "2026-01-09T10:30", "--value", "idiot", "--value", "scam", "--file", str(picture),
        "--remark", "as the page shows it", *DANA,
    )  # fmt: skip
    assert entered.stdout == "Entered as setting:3.\n"
    assert desk.run("setting").stdout.splitlines()[1].split("\t") == [
        "city", "filters", "written down", "2026-01-09 10:30", "idiot, scam",
    ]  # fmt: skip
    _, entry = json.loads(desk.run("list", "--json").stdout)["entries"]
    assert (entry["setting"], entry["source"], entry["at"]) == (
        "filters: added: scam",
        "manual",
        "2026-01-09T16:30:00Z",
    )
    assert (desk.home / "data" / entry["file"]).read_bytes() == picture.read_bytes()
    assert entry["basis"] == "as Dana Clerk found it, 2026-01-09 16:30 UTC: as the page shows it"
    desk.run("setting", "city", "blocked_users", "--on", "2026-01-05", "--value", "@troll", *DANA)
    looks = {one["setting"]: one for one in json.loads(desk.run("setting", "--json").stdout)["settings"]}
    assert (looks["blocked_users"]["entries"], looks["blocked_users"]["members"]) == (1, None)


def test_a_policy_is_kept_with_its_rules(desk: Desk) -> None:
    """Its text as it stands; where nothing is numbered, that is said."""
    plain = desk.home / "policy.md"
    plain.write_text("Be kind.\n", encoding="utf-8")
    often = ("--effective", "2026-01-01", "--shown-at", "About", *DANA)
    assert "No numbered rule was found" in desk.run("policy", str(plain), *often).stderr
    given = desk.run("policy", str(plain), "--has-rule", "K: kindness", "--account", "city", *often)
    assert given.stdout.splitlines()[1] == "Its rules: K kindness"
    assert [line.split("\t")[:4] for line in desk.run("policy").stdout.splitlines()[1:]] == [
        ["policy:1", "2026-01-01", "all", "0"], ["policy:2", "2026-01-01", "city", "1"],
    ]  # fmt: skip
    assert desk.run("show", "policy:1").stdout.endswith("\n\nBe kind.\n")
    assert json.loads(desk.run("show", "policy:2", "--json").stdout)["text"] == "Be kind.\n"


def test_the_report_is_told_or_written(desk: Desk) -> None:
    """To the terminal, as a page, as a table, as a document."""
    desk.run(*BLOCK, "--rule", "3", "--reason", "=Threats")
    assert "1 entries, 0 without a reason yet." in desk.run("report").stdout
    for name in ("m.html", "m.csv"):
        done = desk.run("report", "--since", "2026-01-05", "--until", "2026-01-05", "-o", str(desk.home / name))
        assert done.stdout.startswith(f"Wrote {desk.home / name}: 1 entries")
    assert "'=Threats" in (desk.home / "m.csv").read_text(encoding="utf-8-sig")
    assert "<bdi>=Threats</bdi>" in (desk.home / "m.html").read_text(encoding="utf-8")
    assert json.loads(desk.run("report", "--until", "2026-01-04", "--json").stdout)["entries"] == []


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        (BLOCK[:-2], UsageError, "Nobody is named"),
        (("act", "city", "ban", *BLOCK[3:]), UsageError, "ban"),
        (("act", "police", *BLOCK[2:]), NotFound, "police"),
        ((*BLOCK, "--on", "2999-01-01"), UsageError, "has not come yet"),
        ((*BLOCK, "--file", "nothing.png"), UsageError, "can't be read"),
        (("note", "mastodon:1", *DANA), UsageError, "Nothing is said"),
        (("note", "mastodon:1", "--reason", "x", *DANA), NotFound, "mastodon:1"),
        (("note", "mastodon:1", "--reason", " ", *DANA), UsageError, "Nothing is said"),
        (("setting", "city", "filters", "--on", "2026-01-05", *DANA), UsageError, "--empty"),
        (("setting", "city", "moods", "--on", "2026-01-05", "--empty", *DANA), UsageError, "moods"),
        (("policy", "nothing.md", "--effective", "2026-01-01", "--shown-at", "x", *DANA), UsageError, "can't be read"),
        (("policy", "nothing.md", *DANA), UsageError, "--effective"),
        (("report", "-o", "report.pdf"), UsageError, ".html or .csv"),
        (("show", "policy:9"), NotFound, "policy:9"),
        (("show", "act:9"), NotFound, "act:9"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else None,
)
def test_what_can_t_be_is_refused_in_a_sentence(
    desk: Desk, arguments: tuple[str, ...], error: type[ArchiverError], says: str
) -> None:
    """And leaves nothing behind."""
    with pytest.raises(error) as refused:
        desk.run(*arguments)
    assert says in str(refused.value)
    assert json.loads(desk.run("report", "--json").stdout)["entries"] == []

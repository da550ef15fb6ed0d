"""``classify status``, as a command."""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from archiver.store import accounts
from archiver.store.engine import open_store
from tests.services.house import House, sight
from tests.support.command import run

CONFIG = """
[archive]
name = "City"
[[accounts]]
id = "city"
platform = "mastodon"
handle = "city@social.example"
"""
SAID = ("--reason", "A thank you.", "--by", "Dana Clerk")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An archive with two records."""
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    assert run(tmp_path, "account", "add", "city", "--decision", "Memo", "--by", "Dana Clerk").returncode == 0
    store = open_store(f"sqlite:///{tmp_path / 'data' / 'archive.sqlite'}")
    with store.begin() as conn:
        known = accounts.get(conn, "city")
    House(store, known).show(sight("1"), sight("2"))
    store.dispose()
    return tmp_path


def status(home: Path, *words: str) -> CompletedProcess[str]:
    """The command."""
    return run(home, "classify", "status", *words)


def test_what_records_are(home: Path) -> None:
    """Said of several at once, shown with all that was said before; a copy names the record copy by its key."""
    assert status(home, "1").stdout == "mastodon:1 is not determined, and kept as a record.\n"
    done = status(home, "1", "mastodon:2", "--is", "transitory", *SAID)
    assert (done.returncode, done.stdout) == (0, "mastodon:1 is transitory.\nmastodon:2 is transitory.\n"), done.stderr
    done = status(home, "2", "--is", "copy", "--of", "1", *SAID, "--json")
    assert json.loads(done.stdout) == {"records": [{"record": "mastodon:2", "status": "copy"}]}
    shown = status(home, "2").stdout.splitlines()
    assert shown[0] == "mastodon:2 is a copy."
    assert [line.split("  ")[2] for line in shown[1:]] == [
        "Dana Clerk: transitory, because: A thank you.",
        "Dana Clerk: copy of mastodon:1, because: A thank you.",
    ]
    (told,) = json.loads(status(home, "2", "--json").stdout)["records"]
    assert (told["status"], told["copy_of"], len(told["history"])) == ("copy", "mastodon:1", 2)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("1", "--is", "copy", *SAID), 2, "has a record copy that it is a copy of."),
        (("1", "--is", "record"), 2, "Nobody is named who decides this."),
        (("1", "--is", "record", "--by", "Dana Clerk"), 2, "Why is it record?"),
        (("1", "--of", "2"), 2, "Add --is."),
        (("1", "--is", "important", *SAID), 2, "important"),
        (("3",), 1, "There is no record '3'."),
        (("1", "3", "--is", "record", *SAID), 1, "There is no record '3'."),
    ],
)
def test_what_is_refused(home: Path, words: tuple[str, ...], code: int, sentence: str) -> None:
    """A sentence, and nothing is entered."""
    done = status(home, *words)
    assert done.returncode == code
    assert sentence in done.stderr
    assert json.loads(status(home, "1", "--json").stdout)["records"][0]["history"] == []

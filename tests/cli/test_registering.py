"""``account list|show|add|change|close|mark``, as commands."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from archiver import config
from archiver.store import accounts
from archiver.store.engine import open_store
from tests.services.house import CITY, House, sight
from tests.support.command import run

CONFIG = """\
# The city's archive.   Comments stay.
[archive]
name = "City"
timezone = "America/Chicago"

[[accounts]]
id = "city"   # the main one
platform = "mastodon"
handle = "city@social.example"
capacity = "mixed"
"""
BY = ("--by", "Dana Clerk")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a configuration of one account."""
    path = tmp_path / "config.toml"
    path.write_text(CONFIG, encoding="utf-8")
    path.chmod(0o640)
    return tmp_path


def account(home: Path, *words: str) -> CompletedProcess[str]:
    """A command of the group, by Dana."""
    return run(home, "account", *words, *(BY if words[0] not in {"list", "show"} else ()))


def test_a_register_from_the_beginning_to_the_end(home: Path) -> None:
    """Each command says in a line what it did; the list and the card tell it again, also as JSON."""
    done = account(
        home, "add", "city", "--decision", "Resolution 26-118", "--on", "2026-03-02", "--may-post", "Bo Writer"
    )
    assert (done.returncode, done.stdout) == (
        0,
        "city is in the register: adopted on 2026-03-02 by Resolution 26-118.\n",
    )
    done = account(home, "change", "city", "--may-post", "Al Editor", "--on", "2026-04-01")
    assert (done.returncode, done.stdout) == (0, "city: may post: Al Editor, from 2026-04-01\n")
    done = account(home, "close", "city", "--reason", "The office moved.", "--on", "2026-06-30")
    assert (done.returncode, done.stdout) == (
        0,
        "city is closed since 2026-06-30: nothing new is collected, its records stay.\n",
    )

    listed = account(home, "list")
    assert listed.stdout.splitlines()[1].split("\t") == [
        "city", "mastodon", "city@social.example", "mixed", "", "2026-03-02", "Resolution 26-118", "closed 2026-06-30",
    ]  # fmt: skip
    assert listed.stderr == ""
    (told,) = json.loads(account(home, "list", "--json").stdout)["accounts"]
    assert (told["adopted_on"], told["closed_on"], told["closed_reason"]) == (
        "2026-03-02",
        "2026-06-30",
        "The office moved.",
    )
    assert told["may_post"] == [
        {"person": "Al Editor", "since": "2026-04-01"},
        {"person": "Bo Writer", "since": "2026-03-02"},
    ]

    card = account(home, "show", "city").stdout
    assert "  Closed since 2026-06-30 (The office moved): nothing new is collected, its records stay." in card
    assert "  may post:      Al Editor (since 2026-04-01), Bo Writer (since 2026-03-02)" in card
    history = json.loads(account(home, "show", "city", "--json").stdout)["history"]
    assert [(one["by"], one["fact"], one["on"]) for one in history if one["by"] != "config.toml"] == [
        ("Dana Clerk", "adopted", "2026-03-02"), ("Dana Clerk", "may post", "2026-03-02"),
        ("Dana Clerk", "may post", "2026-04-01"), ("Dana Clerk", "closed", "2026-06-30"),
    ]  # fmt: skip

    status = run(home, "status")
    assert "city: closed since 2026-06-30 (The office moved): nothing new is collected" in status.stdout
    checked = run(home, "check")
    assert checked.returncode == 0, checked.stdout
    assert "ok      city: Closed since 2026-06-30 (The office moved): nothing new is collected" in checked.stdout
    for command in (("collect",), ("collect", "city", "--all"), ("backfill", "city")):
        done = run(home, *command)
        assert (done.returncode, done.stdout) == (
            0, "city: closed since 2026-06-30 (The office moved): nothing new is collected, its records stay.\n",
        )  # fmt: skip
    assert json.loads(run(home, "collect", "--json").stdout)["not_collected"][0]["account"] == "city"
    assert not list((home / "data" / "warc").rglob("*.warc*"))


def test_a_new_account_is_written_into_the_configuration(home: Path) -> None:
    """At its end, as one table; everything else in the file stays to the letter, and who may read it."""
    done = account(
        home, "add", "parks-mastodon", "--decision", "Memo of 2 March", "--platform", "mastodon", "--handle", "parks@a.example",
        "--department", 'Parks "North"',
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    path = home / "config.toml"
    text = path.read_text(encoding="utf-8")
    assert text.startswith(CONFIG)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    new = config.parse_text(text, path, platforms=["mastodon"]).accounts[1]
    assert (new.id, new.platform, new.handle, new.department) == (
        "parks-mastodon",
        "mastodon",
        "parks@a.example",
        'Parks "North"',
    )
    assert "parks-mastodon" in account(home, "list").stdout
    assert "No decision is entered for city." in account(home, "list").stderr


REFUSED = {
    "no platform": (("parks", "--decision", "Memo"), "Add --platform and --handle to have it written there."),
    "an unknown platform": (
        ("parks", "--decision", "Memo", "--platform", "myspace", "--handle", "p"),
        '"myspace" is not a platform',
    ),
    "an id that is none": (
        ("Parks!", "--decision", "Memo", "--platform", "mastodon", "--handle", "p"),
        '"Parks!" may only have a-z',
    ),
    "personal without a reason": (
        ("mayor", "--decision", "Memo", "--platform", "mastodon", "--handle", "p", "--capacity", "personal"),
        "makes it government data. Add --reason",
    ),
    "a day to come": (
        ("parks", "--decision", "Memo", "--platform", "mastodon", "--handle", "p", "--on", "9999-01-01"),
        "9999-01-01 is still to come.",
    ),
    "no decision": (("city",), "By which decision was it adopted?"),
    "another handle": (("city", "--decision", "Memo", "--handle", "town"), "says of city: handle city@social.example."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_additions_that_are_refused(home: Path, case: str) -> None:
    """A sentence and exit code 2; the configuration stays as it is, and no register is made."""
    words, sentence = REFUSED[case]
    done = account(home, "add", *words)
    assert done.returncode == 2, done.stdout + done.stderr
    assert sentence in done.stderr
    assert (home / "config.toml").read_text(encoding="utf-8") == CONFIG


def test_a_configuration_that_nothing_can_be_added_to(home: Path) -> None:
    """Accounts that are written as a list in brackets are left alone."""
    path = home / "config.toml"
    path.write_text('accounts = [{id = "city", platform = "mastodon", handle = "c"}]\n[archive]\nname = "City"\n')
    before = path.read_bytes()
    done = account(home, "add", "parks", "--decision", "Memo", "--platform", "mastodon", "--handle", "p")
    assert (done.returncode, path.read_bytes()) == (2, before)
    assert "Nothing was written." in done.stderr


def test_personal_without_a_reason_fails(home: Path) -> None:
    """And with one it stands, whatever the configuration goes on saying."""
    done = account(home, "change", "city", "--capacity", "personal")
    assert done.returncode == 2
    assert (
        "makes it government data. Add --reason with what the officer named by --by decided, and why (R1)."
        in done.stderr
    )
    assert (
        account(home, "change", "city", "--capacity", "personal", "--reason", "The council asks for it.").returncode
        == 0
    )
    assert "  capacity:      personal (the configuration says mixed)" in account(home, "show", "city").stdout


def test_a_post_is_marked(home: Path) -> None:
    """By its key or its number; the card of its account shows the mark and who made it."""
    assert account(home, "add", "city", "--decision", "Memo").returncode == 0
    store = open_store(f"sqlite:///{home / 'data' / 'archive.sqlite'}")
    with store.begin() as conn:
        known = accounts.get(conn, "city")
    House(store, known).show(sight("7", CITY))
    store.dispose()
    done = account(home, "mark", "7", "personal", "--reason", "A birthday.")
    assert (done.returncode, done.stdout) == (0, "mastodon:7 is marked as personal.\n"), done.stderr
    done = account(home, "mark", "mastodon:7", "official", "--reason", "On reflection.")
    assert done.stdout == "mastodon:7 is marked as official. It was marked as personal by Dana Clerk.\n"
    assert "mastodon:7  official  by Dana Clerk: On reflection." in account(home, "show", "city").stdout
    shown = run(home, "show", "7").stdout.partition("What people say it is\n")[2].splitlines()
    assert [line.split("  ")[2:] for line in shown[:2]] == [
        ["posted as personal", "Dana Clerk", "A birthday."],
        ["posted as official", "Dana Clerk", "On reflection."],
    ]
    said = json.loads(run(home, "show", "7", "--json").stdout)["said"]
    assert [one["says"] for one in said] == ["posted as personal", "posted as official"]
    assert account(home, "mark", "8", "official", "--reason", "x").returncode == 1
    assert account(home, "mark", "7", "mixed", "--reason", "x").returncode == 2


def test_nobody_decides_without_a_name(home: Path) -> None:
    """Reading needs none."""
    for words in (
        ("add", "city", "--decision", "x"),
        ("change", "city", "--capacity", "mixed"),
        ("close", "city"),
        ("mark", "1", "official"),
    ):
        done = run(home, "account", *words)
        assert done.returncode == 2
        assert "Nobody is named who decides this." in done.stderr
    assert not (home / "data").exists()

"""``minor`` and ``--for parent``: a parent's request, from the first question to the decision (R18)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from archiver.config import profile as profiles
from archiver.domain.acting import Actor
from archiver.domain.classification import Part
from archiver.domain.profile import Profile
from archiver.store.decisions import audit, classes
from archiver.store.decisions.classes import NewMark
from archiver.store.engine import Store
from tests.services.house import ANN, BOB, House, built, key, sight
from tests.support.command import run

CONFIG = """
[archive]
name = "Maple Ford"
profile = "{profile}"
[[people]]
name = "Dana Clerk"
sees = ["undecided", "{closed}"]
[[accounts]]
id = "city"
platform = "mastodon"
handle = "city@example.social"
"""
DANA = ("--by", "Dana Clerk")


class Desk:
    """An archive with a private record of Ann's and one of Bob's, and commands at it."""

    def __init__(self, home: Path, house: House, profile: Profile) -> None:
        self.home, self.store, self.profile, self.closed = home, house.store, profile, profile.class_names[1]
        (home / "config.toml").write_text(CONFIG.format(profile=profile.id, closed=self.closed), encoding="utf-8")
        house.show(sight("ann", ANN, visibility="public"), sight("bob", BOB, visibility="public"))
        with house.store.begin() as conn:
            for name in ("ann", "bob"):
                new = NewMark(key(name), Part.RECORD, self.closed, "Law 1", "why")
                classes.add(conn, new, Actor("Dana Clerk", "x"), house.now)

    def run(self, *words: str, code: int = 0) -> CompletedProcess[str]:
        """A command; it ends with that code."""
        done = run(self.home, *words, *DANA)
        assert done.returncode == code, (words, done.stdout, done.stderr)
        return done

    def minor(self, *words: str, code: int = 0) -> str:
        """A command of the group; what it says."""
        done = self.run("minor", *words, code=code)
        return done.stdout or done.stderr

    def listed(self, *words: str) -> Any:
        """The list, as JSON."""
        return json.loads(self.minor("list", "--json", *words))


UNDER_ALL = pytest.mark.parametrize("profile", profiles.names(), indirect=True)
"""For what a state's law may change; all else is asked under the default profile."""


@pytest.fixture
def profile(request: pytest.FixtureRequest) -> Profile:
    """The default profile, or the one that is asked for."""
    return profiles.load_profile(getattr(request, "param", profiles.default_name()))


@pytest.fixture
def desk(tmp_path: Path, profile: Profile) -> Iterator[Desk]:
    """A desk under each profile."""
    (tmp_path / "data").mkdir()
    with built(tmp_path / "data" / "archive.sqlite") as house:
        yield Desk(tmp_path, house, profile)


def acts(store: Store) -> list[tuple[str, str]]:
    """What the log has of readings, in order."""
    with store.read() as conn:
        return [(one.act, one.subject) for one in audit.rows(conn, verbs=("view", "view deny"))]


@UNDER_ALL
def test_a_parent_s_request(desk: Desk) -> None:
    """Refused, and noted, while the child's request is open; then it is completed, where the law lets the child see it."""
    today = str(datetime.now(UTC).date())
    assert "is evidenced" in desk.minor("flag", "@ann", "--is", "evidenced", "--reason", "R-7", "--evidence", "card")
    assert desk.minor("parent", "ann", "Pat Lee", "--evidence", "seen") == "Pat Lee is a parent of mastodon:2.\n"
    opened = desk.minor("withhold", "ann", "--on", today, "--reason", "A letter")
    assert opened == f"W-1: mastodon:2 asked on {today}; it is open.\n"
    asked = ("--clearance", desk.closed, "--purpose", "R-8", "--for", "parent", "--parent", "Pat Lee")
    first = desk.run("show", "mastodon:ann", *asked, code=1)
    path = desk.home / "pat.json"
    assert desk.run("export", "json", "-o", str(path), *asked, code=1).stdout == ""
    assert not path.exists()
    assert acts(desk.store) == [("view deny", "mastodon:ann"), ("view deny", desk.closed)]
    assert desk.minor("decide", "W-1", "give", "--reason", "No harm") == "W-1 is decided: give.\n"
    if not desk.profile.classes[1].subject:
        assert "is not for a parent of the person it is about" in first.stderr
        desk.run("search", *asked, code=1)
        return
    assert "a request to withhold it from the parent is open (W-1)" in first.stderr
    desk.run("export", "json", "-o", str(path), *asked)
    assert [one["record"] for one in json.loads(path.read_text())["records"]] == ["mastodon:ann"]
    assert acts(desk.store)[2:] == [("view", "mastodon:ann")]
    found = json.loads(desk.run("search", "--json", *asked).stdout)
    assert ([one["record"] for one in found["records"]], found["not_public"]) == (["mastodon:ann"], 1)


def test_the_list_and_the_page_of_a_record(desk: Desk) -> None:
    """For those who may read what is undecided; others are told how many."""
    desk.minor("flag", "ann", "--is", "asserted", "--reason", "R-7")
    desk.minor("withhold", "bob", "--on", "2026-01-01", "--reason", "A letter")
    cleared = ("--clearance", f"undecided,{desk.closed}", "--purpose", "R-8")
    told = desk.listed(*cleared)
    assert [(one["person"], one["minor"], len(one["requests"])) for one in told["people"]] == [
        ("mastodon:2", "asserted", 0),
        ("mastodon:3", None, 1),
    ]
    assert [one["person"] for one in desk.listed(*cleared, "--open")["people"]] == ["mastodon:3"]
    assert desk.listed() == {"people": [], "not_public": 2}
    assert "W-1 open" in desk.minor("list", *cleared)
    assert "Of 2 more it is not public" in desk.run("minor", "list").stderr
    assert "The author is said to be a minor\n  asserted" in desk.run("show", "mastodon:ann", *cleared).stdout
    only = ("--clearance", desk.closed, "--purpose", "R-8")
    assert "minor" not in desk.run("show", "mastodon:ann", *only).stdout


@pytest.mark.parametrize("words", [("--for", "parent"), ("--parent", "Pat Lee")])
def test_a_parent_is_named(desk: Desk, words: tuple[str, ...]) -> None:
    """Both options, or none."""
    asked = ("--clearance", desk.closed, "--purpose", "R-8")
    assert "Data is given to a parent by name." in desk.run("show", "mastodon:ann", *asked, *words, code=2).stderr

"""``audit``: the log of decisions, as a person reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.domain.acting import Actor
from archiver.store.decisions import audit
from archiver.store.decisions.audit import Act
from archiver.store.engine import open_store, upgrade
from tests.services.house import built, sight
from tests.support.command import run

CONFIG = """
[archive]
name = "Maple Ford"
timezone = "America/Chicago"
[[accounts]]
id = "city"
platform = "mastodon"
handle = "city@example.social"
"""
DANA = Actor("Dana Clerk", "dclerk")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder whose log has two acts: late on the 22nd and early on the 23rd, in the city's own time."""
    (tmp_path / "data").mkdir()
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    url = f"sqlite:///{tmp_path / 'data' / 'archive.sqlite'}"
    upgrade(url)
    store = open_store(url)
    with store.begin() as conn:
        audit.add(conn, Act(datetime(2026, 11, 23, 5, 30, tzinfo=UTC), DANA, "hold place", "H-1", "Doe v.\x1b City"))
        audit.add(conn, Act(datetime(2026, 11, 23, 6, 30, tzinfo=UTC), DANA, "hold release", "H-1", None, {"left": 0}))
    store.dispose()
    return tmp_path


def test_the_log_is_read_in_the_city_s_time(home: Path) -> None:
    """Oldest first, one line an act; what people wrote can't draw on the terminal."""
    lines = run(home, "audit").stdout.splitlines()
    assert [line.split("\t")[:3] for line in lines] == [
        ["at", "person", "act"],
        ["2026-11-22 23:30", "Dana Clerk", "hold place"],
        ["2026-11-23 00:30", "Dana Clerk", "hold release"],
    ]
    assert "\x1b" not in lines[1]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (("H-1",), 2),
        (("H-2",), 0),
        (("--since", "2026-11-23"), 1),
        (("--until", "2026-11-22"), 1),
    ],
)
def test_what_is_asked_for(home: Path, filters: tuple[str, ...], found: int) -> None:
    """One subject's acts, or those of some days; days are the city's."""
    acts = json.loads(run(home, "audit", *filters, "--json").stdout)["acts"]
    assert len(acts) == found
    assert all(act.keys() == {"at", "person", "login", "act", "subject", "reason", "details"} for act in acts)


@pytest.fixture
def looked(tmp_path: Path) -> Iterator[Path]:
    """An archive with a message of Ann's, which Dana opens and Kim may not."""
    people = '[[people]]\nname = "Dana Clerk"\nsees = ["undecided"]\n[[people]]\nname = "Kim Intern"\n'
    (tmp_path / "data").mkdir()
    (tmp_path / "config.toml").write_text(f"{CONFIG}{people}", encoding="utf-8")
    with built(tmp_path / "data" / "archive.sqlite") as house:
        house.show(sight("1", text="A quiet word", visibility="direct"))
        yield tmp_path


def test_who_saw_what_of_a_person(looked: Path) -> None:
    """Openings and refusals, on a page, as JSON and as a file; days are the city's; that it was asked for is noted."""
    asked = ("--clearance", "undecided", "--purpose", "Request 7")
    assert run(looked, "show", "mastodon:1", *asked, "--by", "Dana Clerk").returncode == 0
    assert run(looked, "show", "mastodon:1", *asked, "--by", "Kim Intern").returncode == 1
    assert run(looked, "export", "json", "-o", "x.json", *asked, "--by", "Kim Intern").returncode == 1
    why = ("--by", "Dana Clerk", "--purpose", "=Breach 4")
    done = run(looked, "audit", "--about", "@ann", *why)
    assert [line.split("\t")[1:6] for line in done.stdout.splitlines()] == [
        ["person", "outcome", "class", "part", "record"],
        ["Dana Clerk", "shown", "undecided", "record", "mastodon:1"],
        ["Kim Intern", "refused", "undecided", "", "mastodon:1"],
        ["Kim Intern", "refused", "undecided", "", "everything"],
    ]
    assert done.stderr == "about mastodon:2: 1 shown, 2 refused.\n"
    told = json.loads(run(looked, "audit", "--about", "mastodon:1", *why, "--json").stdout)
    assert [(one["person"], one["outcome"], one["way"]) for one in told["sights"]] == [
        ("Dana Clerk", "shown", "show"),
        ("Kim Intern", "refused", "show"),
        ("Kim Intern", "refused", "export json"),
    ]
    assert run(looked, "audit", "--about", "ann", *why, "--until", "2026-01-01").stderr.endswith(
        "0 shown, 0 refused.\n"
    )
    done = run(looked, "audit", "--about", "ann", *why, "-o", "ann.csv")
    assert done.stdout == "ann.csv: about mastodon:2: 1 shown, 2 refused.\n"
    lines = (looked / "ann.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[2] for line in lines] == ["person", "Dana Clerk", "Kim Intern", "Kim Intern"]
    assert run(looked, "audit", "--about", "ann", *why, "-o", "ann.csv").returncode == 2
    acts = json.loads(run(looked, "audit", "--json").stdout)["acts"]
    assert [act["reason"] for act in acts if act["act"] == "audit report"] == ["=Breach 4"] * 5


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--about", "ann", "--by", "Dana Clerk"), "Add --purpose"),
        (("--about", "ann", "--purpose", "x"), "Add --by"),
        (("--about", "nobody", "--by", "Dana Clerk", "--purpose", "x"), "no person and no record 'nobody'"),
        (("mastodon:1", "--about", "ann"), "--about has its own"),
        (("--purpose", "x"), "belong to --about"),
        (("--about", "ann", "-o", "x.txt"), "Name it .csv"),
    ],
)
def test_a_report_says_for_whom_and_what(looked: Path, words: tuple[str, ...], sentence: str) -> None:
    """What is missing is asked for; nothing is written."""
    done = run(looked, "audit", *words)
    assert sentence in done.stderr
    assert done.stdout == ""

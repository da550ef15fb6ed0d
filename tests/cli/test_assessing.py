"""``assessment``: the yearly assessment is written down, and `status` reminds of it until then."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.cli.context import State
from archiver.domain.profile import Profile
from archiver.store.engine import upgrade
from archiver.wiring import recurring_of
from tests.support.command import run

CONFIG = """
[archive]
name = "Maple Ford"
profile = "{profile}"
[[accounts]]
id = "city"
platform = "mastodon"
handle = "city@example.social"
paused = true
"""


@pytest.fixture
def home(tmp_path: Path, profile: Profile) -> Path:
    """An archive without records, under each profile."""
    (tmp_path / "data").mkdir()
    (tmp_path / "config.toml").write_text(CONFIG.format(profile=profile.id), encoding="utf-8")
    upgrade(f"sqlite:///{tmp_path / 'data' / 'archive.sqlite'}")
    return tmp_path


def test_it_is_reminded_of_until_it_is_done(home: Path, profile: Profile) -> None:
    """In the states whose profile asks for it; in others nobody is asked for anything."""
    said = run(home, "status").stdout
    reminders = json.loads(run(home, "status", "--json").stdout)["reminders"]
    if not profile.recurring:
        assert "asks for nothing of that kind" in run(home, "assessment", "list").stdout
        assert "assessment" not in said
        assert reminders == []
        return
    (what,) = profile.recurring
    assert f"{what.label} ({what.citation}): not recorded yet." in said
    assert len(reminders) == 1
    long_ago, lately = (datetime.now(UTC).date() - timedelta(days=days) for days in (500, 100))
    for day, late in ((long_ago, True), (lately, False)):
        words = ("assessment", "done", what.name, "--on", str(day), "--reason", "Report 3", "--by", "Dana Clerk")
        assert run(home, *words).stdout == f"{what.name} was done on {day}: Report 3.\n"
        assert (f"last done on {day}" in run(home, "status").stdout) is late
        (asked,) = json.loads(run(home, "assessment", "list", "--json").stdout)["asked"]
        assert (asked["last"], asked["late"]) == (str(day), late)
    assert run(home, "assessment", "list").stdout.count("Report 3") == 2
    (standing,) = recurring_of(State(home / "config.toml", debug=False).settings(), datetime.now(UTC))
    assert (str(standing.last and standing.last.day), standing.late) == (str(lately), False)

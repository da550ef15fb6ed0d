"""``audit``: the log of decisions, as a person reads it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.domain.acting import Actor
from archiver.store.decisions import audit
from archiver.store.decisions.audit import Act
from archiver.store.engine import open_store, upgrade
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

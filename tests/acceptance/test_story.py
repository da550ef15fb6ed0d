"""A city's life, captured: what the archive holds is what was to be seen, no more and no less."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.sandbox.server import SandboxCity
from tests.acceptance.comparison import differences
from tests.acceptance.conftest import Installation

Install = Callable[..., Installation]


def _counts(export: sqlite3.Connection) -> tuple[int, int, int]:
    return tuple(
        export.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("records", "versions", "events")
    )


@pytest.mark.parametrize("authenticated", [False, True], ids=["without a token", "with a token"])
def test_the_first_capture_holds_everything_that_can_be_seen(
    install: Install, city: SandboxCity, authenticated: bool
) -> None:
    """After one round the export of each account is the truth about it, and a second round adds nothing."""
    archive = install(authenticated=authenticated)
    archive.collect()
    export = archive.export()
    for account in archive.accounts:
        assert differences(export, city.truth(account, authenticated=authenticated)) == []
    again = archive.collect()
    assert {
        name: (one["new"], one["edited"], one["hidden"], one["removed"]) for name, one in again.items()
    } == dict.fromkeys(archive.accounts, (0, 0, 0, 0))
    assert _counts(archive.export("again.db")) == _counts(export)
    archive.assert_sound()


@pytest.mark.parametrize("authenticated", [False, True], ids=["without a token", "with a token"])
def test_each_thing_that_happens_becomes_the_right_version_or_event(
    install: Install, city: SandboxCity, authenticated: bool
) -> None:
    """Edits, hidings, removals, new names and bursts between two rounds are all in the archive afterwards."""
    archive = install(authenticated=authenticated)
    archive.collect()
    city.look(authenticated=authenticated)
    for step in range(11):  # all but the revoked token
        city.live(step)
    archive.collect()
    archive.collect()
    export = archive.export()
    for account in archive.accounts:
        assert differences(export, city.truth(account, authenticated=authenticated)) == []
    archive.assert_sound()


@pytest.mark.parametrize("authenticated", [False, True], ids=["without a token", "with a token"])
def test_a_city_with_years_behind_it(tmp_path: Path, authenticated: bool) -> None:
    """Long threads, most of whose answers are first met in notifications: each is in its place, and gives itself again."""
    with SandboxCity(seed=7, size="demo") as large:
        archive = Installation(tmp_path, large, tuple(large.world.accounts), authenticated=authenticated)
        archive.configure()
        archive.collect()
        export = archive.export()
        for account in archive.accounts:
            assert differences(export, large.truth(account, authenticated=authenticated)) == []
        archive.assert_sound()

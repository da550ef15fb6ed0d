"""A clock that jumps: nothing is doubled, nothing is missed, and the order of captures stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from archiver.sandbox.server import SandboxCity
from tests.acceptance.children import Harm
from tests.acceptance.comparison import differences
from tests.acceptance.conftest import Installation

Settle = Callable[..., Installation]

HOUR_S, DAY_S = 3600.0, 86_400.0


@pytest.mark.parametrize(
    "jump_s", [-HOUR_S, -400 * DAY_S, 400 * DAY_S], ids=["an hour back", "a year back", "a year on"]
)
def test_rounds_under_a_clock_that_jumps_hold_the_truth(settle: Settle, village: SandboxCity, jump_s: float) -> None:
    """A round under the right clock, one under a wrong one, one under the right one again; things happen between."""
    archive = settle(authenticated=True)
    archive.collect(codes=(0,))
    village.look(authenticated=True)
    for steps, harm in (((0, 1, 2), Harm(clock_s=jump_s)), ((3, 5), None)):
        for step in steps:
            village.live(step)
        archive.collect(harm=harm)
        archive.collect(harm=harm)
        village.look(authenticated=True)
    export = archive.export()
    for account in archive.accounts:
        assert differences(export, village.truth(account, authenticated=True)) == []
    archive.assert_sound()
    with closing(sqlite3.connect(archive.data / "archive.sqlite")) as store, store:
        numbers = [row[0] for row in store.execute("SELECT sequence FROM exchanges ORDER BY id")]
    assert numbers == sorted(set(numbers))


def test_a_clock_that_was_ahead_does_not_put_off_what_is_due(settle: Settle, village: SandboxCity) -> None:
    """Rounds dated a year ahead, then the clock is set right: plain rounds go on, and what is new is captured."""
    archive = settle(authenticated=True)
    archive.run("collect", codes=(0, 3), harm=Harm(clock_s=400 * DAY_S))
    village.live(0)
    archive.run("collect", codes=(0, 3))
    export = archive.export()
    new = "SELECT count(*) FROM records WHERE text LIKE 'The crosswalk is open.%'"
    assert export.execute(new).fetchone()[0] == 1

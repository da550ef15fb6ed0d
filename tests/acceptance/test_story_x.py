"""An account on X: what the archive holds is what was to be seen, no more and no less, and it has cost what it may.

The token is the account's own, or the application's, which alone reaches the full archive. Money is counted by the
simulated city, in thousandths of a dollar.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from archiver.sandbox.city import Size
from archiver.sandbox.faults import cut_json, disconnect, truncated
from archiver.sandbox.model import Standing
from archiver.sandbox.server import SandboxCity
from archiver.sandbox.wire import Asked
from archiver.sandbox.x import faults
from archiver.sandbox.x.act import XAct
from archiver.sandbox.x.api import XApi
from archiver.sandbox.x.model import XPost
from archiver.sandbox.x.world import XWorld
from tests.acceptance.children import Children, Harm
from tests.acceptance.comparison import differences
from tests.acceptance.conftest import Installation

ACCOUNT = "city-x"
SMALL = Size((ACCOUNT,), posts=24, answers=120, pictures=8, residents=9, years=1.0)
FULL = os.environ.get("ARCHIVER_STORY") == "full"
"""Whether the years are those of the issue: 5,000 posts with 15,000 replies."""
YEARS = Size((ACCOUNT,), 5000 if FULL else 400, 15_000 if FULL else 1200, 8, 60, 4.0)
WALL = 3200 if FULL else 250
"""How far back a timeline reaches: in the years, more stands behind it than X lists."""


@dataclass
class Place:
    """A city with one account, and an archive of it. ``own``: with the account's own token."""

    city: SandboxCity
    archive: Installation
    own: bool

    @property
    def x(self) -> XWorld:
        """What can happen there."""
        return self.city.x.x

    @property
    def api(self) -> XApi:
        """The server's inside."""
        return self.city.x.served.api

    def collect(self, code: int = 0) -> dict[str, int]:
        """A round; what it says of the account."""
        done: dict[str, int] = self.archive.collect(codes=(code,))[ACCOUNT]
        return done

    def look(self) -> None:
        """A capture just happened."""
        self.city.truth(ACCOUNT, authenticated=self.own)

    def assert_true(self) -> sqlite3.Connection:
        """The archive holds the truth; its export."""
        export = self.archive.export()
        assert differences(export, self.city.truth(ACCOUNT, authenticated=self.own)) == []
        return export

    def events(self, export: sqlite3.Connection, post: XPost) -> list[sqlite3.Row]:
        """The events of a post's record, each with the exchange that shows it."""
        return export.execute(
            "SELECT event, basis, url, status FROM events LEFT JOIN exchanges USING (exchange) WHERE record = ? "
            "ORDER BY events.rowid",
            (post.key,),
        ).fetchall()

    def row(self, export: sqlite3.Connection, post: XPost) -> sqlite3.Row:
        """A post's record."""
        found: sqlite3.Row = export.execute("SELECT * FROM records WHERE record = ?", (post.key,)).fetchone()
        return found

    def gaps(self) -> list[str]:
        """Streams of which something is missing."""
        return [row["stream"] for row in self.archive.coverage() if row["state"] == "gap"]


Settle = Callable[..., Place]


@pytest.fixture
def settle(tmp_path: Path, children: Children) -> Iterator[Settle]:
    """Make a city and an archive beside it whose commands run in forked children."""
    running: list[SandboxCity] = []

    def make(size: Size = SMALL, *, own: bool = True, settings: str = "", budget: float | None = None) -> Place:
        city = SandboxCity(seed=7, size=size)
        running.append(city.start())
        archive = Installation(tmp_path, city, (ACCOUNT,), authenticated=own, children=children, settings=settings)
        archive.configure()
        if budget is not None:
            with (tmp_path / "config.toml").open("a", encoding="utf-8") as config:
                config.write(f"\nbudget = {budget}\n")
        return Place(city, archive, own)

    yield make
    for city in running:
        city.stop()


BOTH = pytest.mark.parametrize("own", [True, False], ids=["the account's own token", "the application's token"])


def _counts(export: sqlite3.Connection) -> dict[str, int]:
    tables = ("records", "versions", "events", "attachments", "media")
    return {table: export.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


@BOTH
def test_everything_that_can_be_seen(settle: Settle, own: bool) -> None:
    """After one round the export is the truth, a second round adds nothing; no token where none belongs."""
    place = settle(own=own)
    place.collect()
    before = _counts(place.assert_true())
    again = place.collect()
    assert (again["new"], again["edited"], again["hidden"], again["removed"]) == (0, 0, 0, 0)
    assert _counts(place.archive.export("again.db")) == before
    assert place.api.noted.cookies == []
    assert place.api.files.with_secrets == []
    place.archive.assert_sound()


@pytest.mark.parametrize("names", ["tweet", "post answers"])
def test_lists_that_misbehave(settle: Settle, names: str) -> None:
    """Short and empty pages, places that have ended, unknown members, either set of names: all is there."""
    place = settle(own=False)
    quirks = place.api.quirks
    quirks.short_pages, quirks.extra_fields, quirks.refuse_tokens = True, True, 1
    quirks.names = "post answers" if names == "post answers" else "tweet"
    quirks.single_404 = True
    quirks.problems_host = "api.x.com"
    place.collect()
    place.collect()
    place.assert_true()
    assert place.gaps() == []


@BOTH
def test_each_thing_that_happens_becomes_the_right_version_or_event(settle: Settle, own: bool) -> None:
    """Edits, deletions, suspension, protection, an account closed, a new name: each with the call that shows it."""
    place = settle(own=own)
    place.collect()
    place.look()
    scenes = {scene.name: scene.posts for scene in XAct(place.x, ACCOUNT).play()}
    place.collect()
    place.collect()
    export = place.assert_true()
    for name, event, cause in (
        ("reply removed", "gone", None),
        ("post removed", "gone", None),
        ("left", "gone", None),
        ("suspended", "gone", "author_suspended"),
        ("protected", "hidden", "author_protected"),
    ):
        for post in scenes[name]:
            told = [one for one in place.events(export, post) if one["event"] != "explained"]
            assert told[-1]["event"] == event, (name, post.key)
            assert post.id in told[-1]["url"], (name, post.key)
            assert place.row(export, post)["cause"] == cause, (name, post.key)
    (hidden,) = scenes["hidden"]
    assert [one["event"] for one in place.events(export, hidden)] == ["seen"]
    place.archive.assert_sound()


def test_what_comes_back(settle: Settle) -> None:
    """A suspension that is lifted and posts that are no longer protected: the same records, restored and shown again."""
    place = settle()
    place.collect()
    place.look()
    scenes = {scene.name: scene.posts for scene in XAct(place.x, ACCOUNT).play()}
    banned, kept = scenes["suspended"], scenes["protected"]
    place.collect()
    place.look()
    place.x.world.suspend(banned[0].author, Standing.ACTIVE)
    place.x.unprotect(kept[0].author)
    place.collect()
    place.collect()
    export = place.assert_true()
    for posts, events in ((banned, ["seen", "gone", "restored"]), (kept, ["seen", "hidden", "unhidden"])):
        for post in posts:
            assert [one["event"] for one in place.events(export, post) if one["event"] != "explained"] == events
    place.archive.assert_sound()


def test_a_revoked_token(settle: Settle) -> None:
    """Attention, a gap and hardly a call more; after a person has renewed it, all that was missed is there."""
    place = settle()
    place.collect()
    place.look()
    place.city.revoke(ACCOUNT)
    made = XAct(place.x, ACCOUNT).a_new_post().posts[0]
    place.collect(3)
    status = place.archive.status()[ACCOUNT]
    assert status["state"] == "attention"
    assert "401" in status["last_error"]
    assert place.gaps()
    place.city.reconnect(ACCOUNT)
    place.archive.run("check", codes=(0, 1, 3))
    place.collect()
    export = place.assert_true()
    assert place.events(export, made)[0]["event"] == "seen"
    assert place.gaps() == []
    assert place.archive.status()[ACCOUNT]["state"] == "ok"


@pytest.mark.parametrize("dollars", [0.02, 0.6])
def test_money(settle: Settle, dollars: float) -> None:
    """Whatever breaks off, is killed or doubled: X has never charged more than the budget, under no reading of its list.

    What was left out for it is a gap; with more money everything is there.
    """
    place = settle(budget=dollars)
    archive, served, limit = place.archive, place.city.x.served, round(dollars * 1000)
    for number, fault in enumerate((truncated(), disconnect(), cut_json(), faults.unavailable())):
        served.faults.add(fault, matching=_reads, after=3 + 2 * number)
    for point in (300, 900):
        archive.run("collect", "--all", harm=Harm(kill_at=point, torn=True), codes=(-9, 0, 3))
        assert place.api.bills.spent() <= limit
    for _ in range(2):
        place.archive.collect(codes=(0, 3))
        assert place.api.bills.spent() <= limit
    assert place.gaps()
    told = archive.status()[ACCOUNT]["spending"]
    assert place.api.bills.spent() <= round(float(told["spent"]) * 1000) <= limit
    archive.configure()
    archive.collect(codes=(0, 3))
    place.collect()
    place.assert_true()
    assert place.gaps() == []


@pytest.mark.timeout(3000 if FULL else 400)
def test_years_through_limits_errors_and_kills(settle: Settle) -> None:
    """A backfill beyond the wall that much goes wrong with: nothing is lost, nothing doubled; idle rounds are cheap."""
    place = settle(YEARS, own=False)
    place.api.quirks.wall = WALL
    served, archive = place.city.x.served, place.archive
    for number, fault in enumerate(
        (
            faults.unavailable(),
            faults.page(),
            faults.unauthorized(),
            truncated(),
            disconnect(),
            cut_json(),
            faults.empty(502),
            faults.old_too_many(),
        )
    ):
        served.faults.add(fault, matching=_reads, after=4 + 4 * number)
    for point in (700, 1500):
        archive.run("backfill", ACCOUNT, harm=Harm(kill_at=point, torn=True), codes=(-9,))
    for endpoint in ("search_all", "timeline"):
        place.api.limits.block(endpoint, seconds=1800)
    place.collect(3)
    place.api.limits.lift()
    archive.forget_limits()
    archive.run("backfill", ACCOUNT, codes=(0, 3))  # an answer whose JSON is cut is kept, and asked for again
    place.collect()
    export = place.assert_true()
    for table, name in (("records", "record"), ("exchanges", "exchange"), ("media", "sha256")):
        doubled = f"SELECT {name} FROM {table} GROUP BY {name} HAVING count(*) > 1"
        assert export.execute(doubled).fetchall() == []
    assert place.gaps() == []
    assert json.loads(archive.run("verify", "--full", "--json").stdout)["findings"] == []
    calls, spent = len(served.journal.calls), place.api.bills.spent()
    archive.run("collect", codes=(0,))
    assert len(served.journal.calls) - calls <= calls // 50
    assert place.api.bills.spent() - spent <= spent // 50


def _reads(asked: Asked) -> bool:
    return asked.path.startswith("/2/") and "oauth2" not in asked.path

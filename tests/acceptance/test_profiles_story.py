"""Instagram, with both of its logins, and Threads: what the archive holds is what was to be seen, no more and no less."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest

from archiver.sandbox.city import Size
from archiver.sandbox.faults import truncated
from archiver.sandbox.meta import faults
from archiver.sandbox.meta.act import MetaAct
from archiver.sandbox.meta.instagram_quirks import Flavour
from archiver.sandbox.meta.model import Thing
from archiver.sandbox.server import SandboxCity
from archiver.sandbox.serving import PlatformServer
from archiver.sandbox.wire import Asked
from tests.acceptance.children import Children, Harm
from tests.acceptance.comparison import differences
from tests.acceptance.conftest import Installation

COLUMNS = ("records", "versions", "events", "attachments")
CASES: dict[str, tuple[str, Flavour]] = {
    "instagram": ("city-instagram", "instagram"),
    "instagram through a page": ("city-instagram", "facebook"),
    "threads": ("city-threads", "instagram"),
}
assert set(get_args(Flavour)) == {login for _, login in CASES.values()}
FEW: dict[str, Any] = {"posts": 12, "answers": 60, "pictures": 4, "residents": 8, "years": 1.0}
YEARS: dict[str, Any] = {"posts": 500, "answers": 20_000, "pictures": 8, "residents": 60, "years": 4.0}


@dataclass
class Place:
    """A city with one account, and an archive of it."""

    city: SandboxCity
    archive: Installation
    account: str

    @property
    def server(self) -> PlatformServer[Any]:
        """Where the account is."""
        return self.city.hosts.server(self.account)

    @property
    def act(self) -> MetaAct:
        """What can happen there."""
        return self.city.meta_act(self.account)

    def assert_true(self) -> sqlite3.Connection:
        """The archive holds the truth, and gives itself again; its export."""
        export = self.archive.export()
        assert differences(export, self.city.truth(self.account)) == []
        return export


Settle = Callable[..., Place]


@pytest.fixture
def settle(tmp_path: Path, children: Children) -> Iterator[Settle]:
    """Make a city and an archive beside it whose commands run in forked children."""
    running: list[SandboxCity] = []

    def make(case: str, *, years: bool = False) -> Place:
        account, login = CASES[case]
        city = SandboxCity(seed=7, size=Size((account,), **(YEARS if years else FEW)), instagram_login=login)
        running.append(city.start())
        archive = Installation(tmp_path, city, (account,), authenticated=True, children=children)
        archive.configure()
        return Place(city, archive, account)

    yield make
    for city in running:
        city.stop()


@pytest.fixture(params=CASES)
def place(request: pytest.FixtureRequest, settle: Settle) -> Place:
    """A small city with one account."""
    return settle(request.param)


TWO = pytest.mark.parametrize("place", ["instagram", "threads"], indirect=True)
"""Where it does not matter how the account's owner logs in."""


def _counts(export: sqlite3.Connection) -> dict[str, int]:
    return {table: export.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in COLUMNS}


# --- the first capture


def test_everything_that_can_be_seen(place: Place) -> None:
    """After one round the export is the truth, a second round adds nothing; no token where none belongs."""
    place.archive.collect(codes=(0,))
    before = _counts(place.assert_true())
    again = place.archive.collect(codes=(0,))[place.account]
    assert (again["new"], again["edited"], again["hidden"], again["removed"]) == (0, 0, 0, 0)
    assert _counts(place.archive.export("again.db")) == before
    api = place.server.api
    assert (api.noted.parameters, api.noted.tokens_in_url, api.noted.secrets) == (set(), 0, set())
    assert api.cdn.with_tokens == []
    place.archive.assert_sound()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("case", ["instagram", "threads"])
def test_years_through_limits_errors_and_two_kills(settle: Settle, case: str) -> None:
    """A backfill of 500 posts and 20,000 comments that much goes wrong with: nothing is lost, nothing doubled."""
    place = settle(case, years=True)
    account = place.account
    for fault, matching, times, after in (
        (faults.unknown_error(), _reads, 3, 20),
        (faults.sorry_page(503), _reads, 3, 60),
        (faults.error_in_200(), _reads, 2, 150),
        (truncated(), _reads, 2, 300),
        (faults.reduce_the_amount(), _threads, 2, 200),
    ):
        place.server.faults.add(fault, matching=matching, times=times, after=after)
    for point in (6_000, 9_000):
        place.archive.run("backfill", account, harm=Harm(kill_at=point, torn=True), codes=(-9,))
    place.server.api.usage.block(minutes=30)
    # A backfill would wait for the end of the limit; a round ends, and the next one asks nothing.
    place.archive.run("collect", "--all", codes=(3,))
    place.server.journal.clear()
    place.archive.run("collect", "--all", codes=(3,))
    assert place.server.journal.calls == []
    place.server.api.usage.lift()
    place.archive.forget_limits()
    place.archive.run("backfill", account, codes=(0, 3))  # two faults in a row are as many as there are attempts
    place.archive.run("backfill", account)
    place.archive.run("collect")
    verified = json.loads(place.archive.run("verify", "--full", "--json").stdout)
    assert verified["findings"] == []
    export = place.assert_true()
    for table, name in (("records", "record"), ("exchanges", "exchange"), ("media", "sha256")):
        doubled = f"SELECT {name} FROM {table} GROUP BY {name} HAVING count(*) > 1"
        assert export.execute(doubled).fetchall() == []
    assert [row for row in place.archive.coverage() if row["state"] == "gap"] == []


def _reads(asked: Asked) -> bool:
    return asked.path.startswith("/v") and "/v/" not in asked.path and "debug_token" not in asked.path


def _threads(asked: Asked) -> bool:
    return asked.path.endswith(("/comments", "/conversation"))


# --- what happens then


def test_each_thing_that_happens_becomes_the_right_version_or_event(place: Place) -> None:
    """Posts, edits, hidings, removals and a burst between two rounds are all there, each with the call that shows it."""
    place.archive.collect(codes=(0,))
    place.city.look()
    scenes = {scene.name: scene.things[0] for scene in place.act.play()}
    place.archive.collect(codes=(0,))
    place.archive.collect(codes=(0,))
    export = place.assert_true()
    shown = {"edit": "edited", "comment edited": "edited", "hidden": "hidden", "unhidden": "unhidden",
             "comment removed": "gone", "post removed": "gone"}  # fmt: skip
    for scene, event in shown.items():
        if scene in scenes:
            _proof(export, scenes[scene], event)
    place.archive.assert_sound()


def _proof(export: sqlite3.Connection, thing: Thing, event: str) -> None:
    """The last event of a record has a call of its own that proves it."""
    row = export.execute(
        "SELECT url, status, basis FROM events JOIN exchanges USING (exchange) WHERE record = ? AND event = ? "
        "ORDER BY events.rowid DESC",
        (thing.key, event),
    ).fetchone()
    assert row is not None, (event, thing.key)
    if event == "gone":
        assert row["status"] == 400
        assert f"/{thing.id}" in row["url"]
        assert "100/33" in row["basis"]
    else:
        assert row["status"] == 200


@TWO
def test_what_comes_back(place: Place) -> None:
    """A removed comment, and a post with its comments, are there again: restored, under the same records."""
    place.archive.collect(codes=(0,))
    place.city.look()
    act = place.act
    post = max(act.posts(), key=lambda one: len(one.replies))
    other = next(one for one in act.comments() if one.top is not post and not one.replies)
    for thing in (post, other):
        place.city.meta.delete(thing)
    place.archive.collect(codes=(0,))
    place.archive.collect(codes=(0,))
    place.city.look()
    for thing in (post, other):
        assert place.archive.export().execute(
            "SELECT state FROM records WHERE record = ?", (thing.key,)
        ).fetchone()[0] == "gone"  # fmt: skip
        place.city.meta.restore(thing)
    place.archive.collect(codes=(0,))
    place.archive.collect(codes=(0,))
    place.assert_true()
    place.archive.assert_sound()


@TWO
def test_silence_is_not_success(place: Place) -> None:
    """Lists of comments that are empty though more is counted: a gap with a reason, and nothing is gone by it."""
    place.archive.collect(codes=(0,))
    before = _counts(place.archive.export())
    place.server.api.quirks.silent |= {"comments", "replies", "conversation"}
    place.archive.collect(codes=(0, 3))
    place.archive.collect(codes=(0, 3))
    assert _counts(place.archive.export()) == before
    gaps = [row for row in place.archive.coverage() if row["state"] == "gap"]
    assert gaps, place.archive.coverage()
    place.server.api.quirks.silent.clear()
    place.archive.collect(codes=(0, 3))
    place.archive.collect(codes=(0,))
    assert [row for row in place.archive.coverage() if row["state"] == "gap"] == []
    place.assert_true()


def test_a_revoked_token(place: Place) -> None:
    """Attention and a gap, nothing more is asked with the dead token; reconnected, all that was missed comes."""
    place.archive.collect(codes=(0,))
    place.city.look()
    place.city.revoke(place.account)
    place.archive.collect(codes=(3,))
    status = place.archive.status()[place.account]
    assert status["state"] == "attention"
    assert status["last_error"]
    assert [row for row in place.archive.coverage() if row["state"] == "gap"]
    place.server.journal.clear()
    place.archive.collect(codes=(3,))
    assert len(place.server.journal.calls) <= 2, [call.target for call in place.server.journal.calls]
    made = place.act.a_new_post().things[0]
    place.act.answer(place.city.world.person(place.account), made, "And thank you.")
    place.city.reconnect(place.account)
    place.archive.collect(codes=(0,))
    assert place.archive.status()[place.account]["state"] == "ok"
    assert [row for row in place.archive.coverage() if row["state"] == "gap"] == []
    place.assert_true()
    place.archive.assert_sound()

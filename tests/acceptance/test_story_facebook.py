"""A Facebook page: what the archive holds is what was to be seen, no more and no less, whatever went wrong on the way."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from archiver.sandbox.city import Size
from archiver.sandbox.faults import cut_json, truncated
from archiver.sandbox.images import picture
from archiver.sandbox.meta import faults
from archiver.sandbox.meta.act import MetaAct
from archiver.sandbox.meta.model import Thing
from archiver.sandbox.server import SandboxCity
from archiver.sandbox.wire import Asked
from tests.acceptance.children import Children, Harm
from tests.acceptance.conftest import Installation
from tests.acceptance.pages import differences_of_page, records_of

ACCOUNT = "city-facebook"
SMALL = Size((ACCOUNT,), posts=16, answers=90, pictures=10, residents=9, years=1.0)
YEARS = Size((ACCOUNT,), posts=500, answers=20_000, pictures=8, residents=60, years=4.0)


@dataclass
class Place:
    """A city with one page, and an archive of it."""

    city: SandboxCity
    archive: Installation

    @property
    def act(self) -> MetaAct:
        """What can happen there."""
        return self.city.meta_act(ACCOUNT)

    def collect(self, code: int = 0) -> dict[str, int]:
        """A round; what it says of the page."""
        done: dict[str, int] = self.archive.collect(codes=(code,))[ACCOUNT]
        return done

    def assert_true(self) -> sqlite3.Connection:
        """The archive holds the truth; its export."""
        export = self.archive.export()
        assert differences_of_page(export, self.city.meta_truth(ACCOUNT)) == []
        return export

    def events(self, export: sqlite3.Connection, thing: Thing) -> list[sqlite3.Row]:
        """The events of a thing's record, each with the exchange that shows it."""
        truth = self.city.meta_truth(ACCOUNT)
        (row,) = records_of(export, truth)[str(truth.name_of(thing.key))]
        return export.execute(
            "SELECT event, basis, url, status FROM events LEFT JOIN exchanges USING (exchange) WHERE record = ? "
            "ORDER BY events.rowid",
            (row["record"],),
        ).fetchall()


Settle = Callable[[Size], Place]


@pytest.fixture
def settle(tmp_path: Path, children: Children) -> Iterator[Settle]:
    """Make a city and an archive beside it whose commands run in forked children."""
    running: list[SandboxCity] = []

    def make(size: Size) -> Place:
        city = SandboxCity(seed=7, size=size)
        running.append(city.start())
        archive = Installation(tmp_path, city, (ACCOUNT,), authenticated=True, children=children)
        archive.configure()
        return Place(city, archive)

    yield make
    for city in running:
        city.stop()


@pytest.fixture
def place(settle: Settle) -> Place:
    """A small page with a year behind it."""
    return settle(SMALL)


def _counts(export: sqlite3.Connection) -> dict[str, int]:
    tables = ("records", "versions", "events", "attachments", "media")
    return {table: export.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


def test_everything_that_can_be_seen(place: Place) -> None:
    """After one round the export is the truth, a second round adds nothing; no token where none belongs."""
    place.collect()
    before = _counts(place.assert_true())
    again = place.collect()
    assert (again["new"], again["edited"], again["hidden"], again["removed"]) == (0, 0, 0, 0)
    assert _counts(place.archive.export("again.db")) == before
    api = place.city.facebook.api
    assert (api.noted.tokens_in_url, api.noted.unversioned, api.noted.secrets) == (0, 0, set())
    assert api.cdn.with_tokens == []
    place.archive.assert_sound()


def test_lists_that_misbehave(place: Place) -> None:
    """Short and empty pages, paging by time, holes in every list, refused fields, small answers: all is there."""
    quirks = place.city.facebook.api.quirks
    quirks.short_pages, quirks.reel_posts, quirks.heaviest = True, False, 400
    quirks.timed = {"feed", "posts"}
    quirks.holes = {"feed": (11, 3), "posts": (13, 5), "published_posts": (7, 2)}
    quirks.refused = {
        "Post.timeline_visibility",
        "Comment.live_broadcast_timestamp",
        "Page.bio",
        "Photo.alt_text_custom",
    }
    place.collect()
    place.collect()
    place.assert_true()
    assert [row for row in place.archive.coverage() if row["state"] == "gap"] == []


@pytest.mark.parametrize("case", ["silent comments", "unpublished page"])
def test_silence_removes_nothing(place: Place, case: str) -> None:
    """Empty lists are a gap with a remedy, whatever is missing from them; when it is over nothing was lost."""
    place.collect()
    place.city.look()
    page, quirks = place.city.world.person(ACCOUNT), place.city.facebook.api.quirks
    if case == "silent comments":
        quirks.silent = {"comments"}
    else:
        place.city.meta.unpublished.add(page.id)
    place.archive.collect(codes=(0, 3))
    place.archive.collect(codes=(0, 3))
    told = place.archive.export().execute("SELECT kind, event FROM events JOIN records USING (record)").fetchall()
    assert {one["event"] for one in told if one["kind"] != "profile"} == {"seen", "hidden"}
    gaps = [row["reason"] for row in place.archive.coverage() if row["state"] == "gap"]
    assert any(words in gap for gap in gaps for words in ("token", "not published")), gaps
    quirks.silent = set()
    place.city.meta.unpublished.clear()
    place.collect()
    place.assert_true()


def test_one_post_from_four_sources_is_one_record(place: Place) -> None:
    """Its lists, its photo, the photo's album and its own address show it; the record has one version."""
    post = place.city.hosts.pages.post(ACCOUNT, "Seen from everywhere", pictures=[picture(99, None)])
    place.city.facebook.api.quirks.holes = {}
    place.collect()
    place.collect()
    export = place.archive.export()
    truth = place.city.meta_truth(ACCOUNT)
    (row,) = records_of(export, truth)[f"facebook:{post.number_of}"]
    assert (row["versions"], row["text"]) == (1, "Seen from everywhere")
    assert [one["event"] for one in place.events(export, post)] == ["seen"]
    targets = [call.endpoint for call in place.city.facebook.journal.calls if call.status == 200]
    for edge in ("published_posts", "posts", "feed", "photos"):
        assert any(target.endswith(f"/{edge}") for target in targets), edge
    assert export.execute("SELECT count(*) FROM records WHERE text = 'Seen from everywhere'").fetchone()[0] == 1


def test_each_thing_that_happens_becomes_the_right_version_or_event(place: Place) -> None:
    """Edits, hiding, showing again, removals and what comes back: each with the call that shows it."""
    place.collect()
    place.city.look()
    meta, act = place.city.meta, place.act
    comments = [one for one in act.comments() if not one.hidden and not one.replies and one.top.form == "post"]
    edited, hidden, brief, gone = comments[:4]
    shown = next(one for one in act.comments() if one.hidden)
    posts = [post for post in act.posts() if post.form == "post" and not post.hidden and post.author is post.owner]
    lost, changed = posts[-1], posts[-2]
    meta.edit(edited, "Said otherwise")
    meta.edit(changed, changed.text + " Now with a map.")
    meta.hide(hidden)
    meta.unhide(shown)
    for thing in (brief, gone, lost):
        meta.delete(thing)
    place.collect()
    place.collect()
    export = place.assert_true()
    for thing, event, status in (
        (edited, "edited", 200),
        (changed, "edited", 200),
        (hidden, "hidden", 200),
        (shown, "unhidden", 200),
        (gone, "gone", 400),
        (lost, "gone", 400),
    ):
        last = place.events(export, thing)[-1]
        assert (last["event"], last["status"]) == (event, status), thing.id
        if event == "gone":
            names = {one.number_of for one in (thing, thing.twin) if one is not None}
            assert any(name in last["url"] for name in names)
            assert "100/33" in last["basis"]
    place.city.look()
    for thing in (brief, lost):
        meta.restore(thing)
    place.collect()
    place.collect()
    assert place.events(place.assert_true(), lost)[-1]["event"] == "restored"
    place.archive.assert_sound()


def test_a_revoked_token(place: Place) -> None:
    """Attention, a gap and not one call more; after a person has reconnected it, all that was missed is there."""
    place.collect()
    place.city.look()
    place.city.revoke(ACCOUNT)
    made = place.act.a_new_post().things[0]
    place.collect(3)
    status = place.archive.status()[ACCOUNT]
    assert status["state"] == "attention"
    assert "190" in status["last_error"]
    place.city.facebook.journal.clear()
    place.archive.collect(codes=(0, 3))
    refused = [call for call in place.city.facebook.journal.calls if call.endpoint != "/v26.0/debug_token"]
    assert len(refused) <= 1, refused
    assert [row["stream"] for row in place.archive.coverage() if row["state"] == "gap"]
    place.city.reconnect(ACCOUNT)
    place.archive.run("check", codes=(0, 1, 3))
    place.collect()
    export = place.assert_true()
    assert place.events(export, made)[0]["event"] == "seen"
    assert [row for row in place.archive.coverage() if row["state"] == "gap"] == []
    assert place.archive.status()[ACCOUNT]["state"] == "ok"


@pytest.mark.timeout(400)
def test_years_through_limits_errors_and_two_kills(settle: Settle) -> None:
    """A backfill of 500 posts and 20,000 comments that much goes wrong with: nothing is lost, nothing doubled."""
    place = settle(YEARS)
    facebook, archive = place.city.facebook, place.archive
    for fault, times, after in (
        (faults.unknown_error(), 3, 20),
        (faults.sorry_page(503), 3, 60),
        (faults.error_in_200(), 2, 150),
        (truncated(), 2, 300),
        (cut_json(), 1, 350),
        (faults.reduce_the_amount(), 2, 400),
    ):
        facebook.faults.add(fault, matching=_reads, times=times, after=after)
    for point in (9_000, 12_000):
        archive.run("backfill", ACCOUNT, harm=Harm(kill_at=point, torn=True), codes=(-9,))
    facebook.api.usage.block(minutes=30)
    place.collect(3)
    facebook.journal.clear()
    place.collect(3)
    assert facebook.journal.calls == []
    facebook.api.usage.lift()
    archive.forget_limits()
    archive.run("backfill", ACCOUNT, codes=(0, 3))  # two faults in a row are as many as there are attempts
    archive.run("backfill", ACCOUNT)
    archive.run("collect")
    export = place.assert_true()
    for table, name in (("records", "record"), ("exchanges", "exchange"), ("media", "sha256")):
        doubled = f"SELECT {name} FROM {table} GROUP BY {name} HAVING count(*) > 1"
        assert export.execute(doubled).fetchall() == []
    gaps = [row for row in archive.coverage() if row["state"] == "gap"]
    assert [row for row in gaps if row["stream"] != "stories"] == []  # a story may have ended meanwhile
    assert json.loads(archive.run("verify", "--full", "--json").stdout)["findings"] == []


def _reads(asked: Asked) -> bool:
    return asked.path.startswith("/v26.0/") and "debug_token" not in asked.path

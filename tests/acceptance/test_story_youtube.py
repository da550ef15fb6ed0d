"""A YouTube channel: what the archive holds is what was to be seen, no more and no less, and no unit above the budget.

The channel is read with its owner's token, or with a key that sees what everybody sees. Units are counted by the
simulated city, by the day of California.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from archiver.sandbox.city import Size
from archiver.sandbox.faults import cut_json, disconnect, truncated
from archiver.sandbox.model import Standing
from archiver.sandbox.server import SandboxCity
from archiver.sandbox.wire import Asked
from archiver.sandbox.youtube import faults
from archiver.sandbox.youtube.act import YouTubeAct
from archiver.sandbox.youtube.api import ROOT, YouTubeApi
from archiver.sandbox.youtube.credentials import PROJECT
from archiver.sandbox.youtube.model import Comment, Moderation, Privacy, Video
from archiver.sandbox.youtube.world import YouTubeWorld
from tests.acceptance.channels import differences_of_channel
from tests.acceptance.children import Children, Harm
from tests.acceptance.conftest import Installation

ACCOUNT = "city-youtube"
SMALL = Size((ACCOUNT,), posts=12, answers=60, pictures=0, residents=9, years=1.0)
FULL = os.environ.get("ARCHIVER_STORY") == "full"
"""Whether the years are those of the issue: 300 videos with 30,000 comments."""
KILLED_AT = (2_000, 4_000) if FULL else (700, 1_500)
"""Points (writes and statements) of the first two rounds at which they are killed."""
YEARS = Size((ACCOUNT,), 300 if FULL else 40, 30_000 if FULL else 1_500, 0, 60, 4.0)
BROAD = Size((ACCOUNT,), 300 if FULL else 150, 30_000 if FULL else 150, 0, 60, 4.0, oddities=False)


@dataclass
class Place:
    """A city with one channel, and an archive of it. ``owner``: with the owner's token.

    ``later_s``: how far the clocks of both are ahead.
    """

    city: SandboxCity
    archive: Installation
    owner: bool
    later_s: float = field(default=0.0)

    @property
    def world(self) -> YouTubeWorld:
        """What can happen there."""
        return self.city.youtube.world

    @property
    def api(self) -> YouTubeApi:
        """The server's inside."""
        return self.city.youtube.api

    @property
    def calls(self) -> list[str]:
        """The paths of the API that were asked since the journal was cleared, in order."""
        return [call.target for call in self.city.youtube.google.journal.calls if call.target.startswith(ROOT)]

    def pass_time(self, span: timedelta) -> None:
        """Later, for everybody."""
        self.city.world.advance(span)
        self.later_s += span.total_seconds()

    def harm(self, **more: Any) -> Harm:
        """What is done to a command: at least, its clock is the city's."""
        return Harm(clock_s=self.later_s, **more)

    def collect(self, *codes: int) -> dict[str, Any]:
        """A round of everything; what it says of the channel."""
        done: dict[str, Any] = self.archive.collect(codes=codes or (0,), harm=self.harm())[ACCOUNT]
        return done

    def round(self, *codes: int) -> dict[str, Any]:
        """A round of what is due; what it says of the channel."""
        done = self.archive.run("collect", "--json", codes=codes or (0,), harm=self.harm())
        (said,) = json.loads(done.stdout)["accounts"]
        return dict(said)

    def look(self) -> None:
        """A capture just happened."""
        self.city.truth(ACCOUNT, authenticated=self.owner)

    def assert_true(self, *, lists: bool = True) -> sqlite3.Connection:
        """The archive holds the truth; its export. ``lists`` False: whatever stands in playlists."""
        export = self.archive.export()
        truth = self.city.youtube.look(ACCOUNT, authenticated=self.owner)
        assert differences_of_channel(export, truth, lists=lists) == []
        return export

    def events(self, export: sqlite3.Connection, thing: Video | Comment) -> list[sqlite3.Row]:
        """The events of a thing's record, each with the exchange that shows it."""
        return export.execute(
            "SELECT event, basis, url, status FROM events LEFT JOIN exchanges USING (exchange) "
            "WHERE record = ? ORDER BY events.rowid",
            (thing.key,),
        ).fetchall()

    def gaps(self) -> list[str]:
        """Streams of which something is missing."""
        return [row["stream"] for row in self.archive.coverage() if row["state"] == "gap"]


Settle = Callable[..., Place]
BOTH = pytest.mark.parametrize("owner", [True, False], ids=["the owner's token", "a key"])


@pytest.fixture
def settle(tmp_path: Path, children: Children) -> Iterator[Settle]:
    """Make a city and an archive beside it whose commands run in forked children."""
    running: list[SandboxCity] = []

    def make(
        size: Size = SMALL, *, owner: bool = True, sessions: bool = False, budget: int | None = None, seed: int = 7
    ) -> Place:
        city = SandboxCity(seed=seed, size=size)
        city.youtube.sessions = sessions
        running.append(city.start())
        archive = Installation(tmp_path, city, (ACCOUNT,), authenticated=owner, children=children)
        archive.configure()
        if budget is not None:
            with (tmp_path / "config.toml").open("a", encoding="utf-8") as config:
                config.write(f"\nbudget = {budget}\n")
        return Place(city, archive, owner)

    yield make
    for city in running:
        city.stop()


def _counts(export: sqlite3.Connection) -> dict[str, int]:
    tables = ("records", "versions", "events", "attachments", "media")
    return {table: export.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


def _assert_careful(api: YouTubeApi) -> None:
    """Nothing was asked that the platform has no name for, and no credential was where none belongs."""
    assert (api.noted.refused, api.noted.keys_in_url, api.noted.methods) == ([], 0, set())
    assert api.files.with_credentials == []


@BOTH
def test_everything_that_can_be_seen(settle: Settle, owner: bool) -> None:
    """After one round the export is the truth of that view, and the units are those that the platform counted.

    A second round adds nothing, an idle one asks nothing.
    """
    place = settle(owner=owner)
    place.collect()
    before = _counts(place.assert_true())
    assert place.archive.status()[ACCOUNT]["spending"]["spent"] == place.city.youtube.spent
    again = place.collect()
    assert (again["new"], again["edited"], again["hidden"], again["removed"]) == (0, 0, 0, 0)
    assert _counts(place.archive.export("again.db")) == before
    assert place.gaps() == []
    place.city.youtube.google.journal.clear()
    place.round()
    assert place.calls == []
    _assert_careful(place.api)


@BOTH
def test_lists_that_misbehave(settle: Settle, owner: bool) -> None:
    """Empty and short pages, old forms, unknown fields, people without a name, a feed that is down: all is there."""
    place = settle(owner=owner)
    quirks = place.api.quirks
    quirks.short_pages = quirks.old_forms = quirks.strange = quirks.bare_empty = True
    quirks.feed_down = 500
    place.collect()
    # What a playlist has on its first page is what its record shows.
    place.assert_true(lists=False)
    assert place.gaps() == []


@BOTH
def test_each_thing_that_happens_becomes_the_right_version_or_event(settle: Settle, owner: bool) -> None:
    """The second act, each with the call that shows it; two look-ups by id say that something is gone."""
    place = settle(owner=owner)
    place.collect()
    place.look()
    scenes = {scene.name: scene for scene in YouTubeAct(place.world, ACCOUNT).play()}
    place.collect()
    export = place.assert_true()
    seen_by_owner = {"hidden": "hidden", "private": "hidden", "unhidden": "unhidden"}
    seen_by_all = {"hidden": "gone", "private": "gone", "unhidden": "seen"}
    expected = {
        "new post": "seen",
        "edit": "edited",
        "comment edited": "edited",
        "comment removed": "gone",
        "post removed": "gone",
        "switched off": "seen",
        **(seen_by_owner if owner else seen_by_all),
    }
    for name, event in expected.items():
        about = scenes[name].posts[0]
        last = place.events(export, about)[-1]
        assert (name, last["event"], last["status"]) == (name, event, 200)
        if event == "gone":
            assert about.id in last["url"]
    place.archive.assert_sound()


@BOTH
def test_comings_and_goings(settle: Settle, owner: bool) -> None:
    """Private and back, comments off and on, held and approved; and somebody leaves, for no cause that can be proven."""
    place = settle(owner=owner)
    place.collect()
    place.look()
    world, act = place.world, YouTubeAct(place.world, ACCOUNT)
    video, silent = [one for one in act.videos() if len(one.comments) > 2][:2]
    held, gone, last = [one for one in act.comments() if one.video not in (video, silent) and not one.replies][:3]
    world.set_privacy(video, Privacy.PRIVATE)
    world.allow_comments(silent, allowed=False)
    world.moderate(held, Moderation.HELD)
    world.withdraw(gone)
    place.city.world.suspend(last.author, Standing.DELETED)
    place.collect()
    export = place.assert_true()
    left = export.execute("SELECT state, cause FROM records WHERE author_id LIKE ?", (f"%{last.author.id}",)).fetchall()
    assert {(row["state"], row["cause"]) for row in left} == {("gone", None)}
    off = [row for row in place.archive.coverage() if row["thread"] == silent.key]
    assert [row["state"] for row in off] == ["not_offered"]
    world.set_privacy(video, Privacy.PUBLIC)
    world.allow_comments(silent, allowed=True)
    world.moderate(held, Moderation.PUBLISHED)
    place.collect()
    export = place.assert_true()
    back = "unhidden" if owner else "restored"
    for thing in (video, held):
        assert place.events(export, thing)[-1]["event"] == back
    assert [row["event"] for row in place.events(export, silent)] == ["seen"]


def test_one_silent_answer_removes_nothing(settle: Settle) -> None:
    """A look-up that leaves something out for once is asked again an hour later, and by then it is there."""
    place = settle()
    place.collect()
    comment = YouTubeAct(place.world, ACCOUNT).comments()[0]
    video = comment.video
    place.api.quirks.early_end[video.id] = 0
    place.api.quirks.glitch = {one.id for one in video.comments}
    place.pass_time(timedelta(days=30))
    place.city.youtube.google.journal.clear()
    place.round(0, 3)
    place.api.quirks.glitch.clear()
    place.pass_time(timedelta(hours=2))
    place.round(0, 3)
    looks = [call for call in place.calls if call.startswith(f"{ROOT}comments?") and comment.id in call]
    assert len(looks) == 2, looks
    told = place.archive.export().execute("SELECT count(*) FROM events WHERE event = 'gone'").fetchone()[0]
    assert told == 0
    place.api.quirks.early_end.clear()
    place.collect()
    place.assert_true()


@pytest.mark.parametrize("sessions", [False, True], ids=["an access token", "a refresh token"])
def test_a_consent_that_is_withdrawn(settle: Settle, sessions: bool) -> None:
    """Attention and a gap; no call but a look at the credential; when it is renewed, all that was missed is there."""
    place = settle(sessions=sessions)
    place.collect()
    place.look()
    place.city.revoke(ACCOUNT)
    made = YouTubeAct(place.world, ACCOUNT).a_new_video().posts[0]
    place.collect(3)
    assert place.archive.status()[ACCOUNT]["state"] == "attention"
    place.city.youtube.google.journal.clear()
    place.collect(0, 3)
    refused = [call for call in place.calls if "mine=true" not in call]
    assert len(refused) <= 1, refused
    assert place.gaps()
    place.city.reconnect(ACCOUNT)
    place.archive.run("check", codes=(0, 1, 3))
    place.collect()
    export = place.assert_true()
    assert [row["event"] for row in place.events(export, made)] == ["seen"]
    assert place.gaps() == []
    assert place.archive.status()[ACCOUNT]["state"] == "ok"


def test_a_council_stream_with_its_chat(settle: Settle) -> None:
    """Scheduled, on the air, over: every message once, what is removed is gone with its words kept, and no haste."""
    place = settle()
    world = place.world
    act = YouTubeAct(world, ACCOUNT)
    people = act.residents()
    start = place.city.world.now() + timedelta(hours=1)
    stream = world.upload(ACCOUNT, "LIVE: City Council", "Agenda", scheduled_at=start)
    place.collect()
    place.look()
    place.pass_time(timedelta(hours=1))
    world.go_live(stream)
    said = []
    for minute in range(4):
        said += [world.say(person, stream, f"{minute}: {person.handle} asks about item 7") for person in people[:4]]
        if minute == 2:
            world.silence(stream, said[1])
        place.pass_time(timedelta(minutes=1, seconds=5))
        place.round()
        place.city.youtube.observer.followed(ACCOUNT, stream, authenticated=True)
    world.say(ACCOUNT, stream, "We are adjourned.")
    world.end(stream)
    place.pass_time(timedelta(minutes=1, seconds=5))
    place.round()
    place.city.youtube.observer.followed(ACCOUNT, stream, authenticated=True)
    place.collect()
    export = place.assert_true()
    kinds = dict(export.execute("SELECT kind, count(*) FROM records GROUP BY kind").fetchall())
    assert kinds["chat"] == len(said) + 1
    assert place.api.chats.hasty == 0
    assert [row for row in place.gaps() if row == "chat"] == []
    place.archive.assert_sound()


def test_the_projects_quota_ends_in_the_middle(settle: Settle) -> None:
    """Others spend it, too. Then nothing is asked before midnight in California, and on the next day all is captured."""
    place = settle(owner=False)
    plenty = dict(place.api.quota.allowances)
    place.api.quota.allowances = {"queries": 12, "search": 0}
    place.collect(3)
    assert place.gaps()
    place.city.youtube.google.journal.clear()
    place.collect(3)
    assert (place.calls, place.api.quota.refused) == ([], 1)
    place.api.quota.allowances = plenty
    place.pass_time(timedelta(days=1))
    place.collect()
    place.assert_true()
    assert place.gaps() == []


def test_subtitles_that_the_day_has_no_units_for(settle: Settle) -> None:
    """A file that is refused for the quota's sake is had on the next day, and not given up."""
    place = settle()
    plenty = dict(place.api.quota.allowances)
    place.api.quota.allowances = {"queries": 250, "search": 0}
    place.collect(3)
    files = [call for call in place.city.youtube.google.journal.calls if "/captions/" in call.target]
    assert [call.status for call in files] == [403]
    place.archive.assert_sound()
    place.api.quota.allowances = plenty
    place.pass_time(timedelta(days=1))
    place.collect()
    place.assert_true()
    place.archive.assert_sound()


@pytest.mark.timeout(1800 if FULL else 300)
def test_an_idle_round_costs_next_to_nothing(settle: Settle) -> None:
    """At most a fiftieth of the first one's calls, and of its units."""
    place = settle(BROAD)
    place.collect()
    first, units = len(place.calls), place.city.youtube.spent
    place.city.youtube.google.journal.clear()
    place.pass_time(timedelta(minutes=20))
    place.round()
    assert len(place.calls) <= first / 50
    assert place.city.youtube.spent - units <= units / 50


@pytest.mark.timeout(1800 if FULL else 300)
def test_years_through_limits_errors_and_two_kills(settle: Settle) -> None:
    """Much goes wrong, over several days of a small budget: nothing is lost, nothing doubled, nothing overspent."""
    budget = 600 if FULL else 40
    place = settle(YEARS, owner=False, budget=budget)
    google, archive = place.city.youtube.google, place.archive
    for point in KILLED_AT:
        archive.run("collect", "--all", codes=(-9,), harm=place.harm(kill_at=point, torn=True))
    for fault, times, after in (
        (faults.backend_error(), 1, 3),
        (truncated(), 1, 9),
        (faults.page_failed(), 1, 15),
        (disconnect(), 1, 22),
        (faults.unavailable(), 3, 31),
        (cut_json(), 1, 40),
        (faults.rate_limited(), 1, 48),
        (faults.backend_error(500), 3, 60),
    ):
        google.faults.add(fault, matching=_reads, times=times, after=after)
    for _ in range(20):
        done = place.round(0, 3)
        if not place.gaps() and not done["tasks_left"]:
            break
        place.pass_time(timedelta(days=1))
    days = place.api.quota.days(PROJECT)
    assert max(days.values()) <= budget, days
    assert len(days) > 2, days
    assert place.api.quota.refused == 0
    export = place.assert_true()
    for table, name in (("records", "record"), ("exchanges", "exchange"), ("media", "sha256")):
        doubled = f"SELECT {name} FROM {table} GROUP BY {name} HAVING count(*) > 1"
        assert export.execute(doubled).fetchall() == []
    assert json.loads(archive.run("verify", "--full", "--json").stdout)["findings"] == []


def _reads(asked: Asked) -> bool:
    return asked.path.startswith(ROOT)

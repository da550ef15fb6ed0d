"""However captures, holds, releases, proposals, approvals and runs follow each other: what goes is what may go."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from archiver.domain.item import State
from archiver.domain.keys import Key
from archiver.domain.retention import due_on
from archiver.domain.stops import Step, StopName
from archiver.domain.task import TaskKind
from archiver.errors import UsageError
from archiver.services.disposal.running import run
from archiver.store import views
from archiver.store.decisions import disposals, stops
from archiver.store.decisions.stops import Release
from archiver.store.search import Query, search
from tests.platforms.mastodon_world import CITY, Server
from tests.services.house import empty_store
from tests.services.loopback import desk, served
from tests.support.clock import FakeClock
from tests.support.disposal import (
    ANN,
    BOB,
    SERIES,
    TERMS,
    approve,
    faults,
    found_in,
    hold,
    key,
    propose,
    quick_scratch,
    schedule,
    workshop,
)

FULL = os.environ.get("ARCHIVER_STORY") == "full"
START = datetime(2026, 11, 22, 15, tzinfo=UTC)
FIRST_ID = 113000000000000000


@dataclass
class Post:
    """What the test knows of a post."""

    key: Key
    created: date
    words: list[str]
    gone: bool = False


@dataclass
class Listed:
    """A list that was proposed."""

    posts: list[Post]
    expires: datetime
    approved: bool = False
    done: bool = False


@dataclass
class Hold:
    """A stop that is open."""

    name: StopName
    posts: list[Post] = field(default_factory=list)


class Interleavings(RuleBasedStateMachine):
    """An archive of posts, each with words that stand nowhere else."""

    @initialize()
    def open(self) -> None:
        """A new archive with an adopted schedule; nothing captured yet."""
        self.stack = ExitStack()
        self.folder = Path(mkdtemp(prefix="archiver-interleavings-"))
        shutil.copy(empty_store(), self.folder / "archive.sqlite")
        self.world = Server()
        self.stack.enter_context(served(self.world))
        self.stack.enter_context(quick_scratch())
        self.desk = self.stack.enter_context(desk(self.folder, self.world, clock=FakeClock(START)))
        schedule(self.desk.store)
        self.posts: list[Post] = []
        self.holds: list[Hold] = []
        self.lists: dict[str, Listed] = {}
        self.count = 0
        self.capture([400, 390, 380, 370, 365, 360])

    @rule(ages=st.lists(st.integers(355, 385), min_size=1, max_size=3))
    def capture_more(self, ages: list[int]) -> None:
        """Posts that are about a year old come in."""
        self.capture(ages)

    def capture(self, ages: list[int]) -> None:
        """The server has posts of these ages in days, and they are asked for."""
        for age in ages:
            self.count += 1
            made = self.desk.clock.now() - timedelta(days=age)
            word = f"unique{self.count:05}word"
            self.world.post(str(FIRST_ID + self.count), CITY, f"<p>{word}</p>", at=made)
            self.posts.append(Post(key(str(FIRST_ID + self.count)), made.astimezone(TERMS.zone).date(), [word]))
        self.desk.clock.advance(3600)
        self.desk.round(TaskKind.PROFILE, TaskKind.POLL, everything=True)

    @precondition(lambda self: self.posts)
    @rule(data=st.data())
    def hold(self, data: st.DataObject) -> None:
        """A stop over one or two records, whether they are due or not."""
        chosen = data.draw(st.lists(st.sampled_from(self.posts), min_size=1, max_size=2, unique_by=id))
        self.holds.append(Hold(hold(self.desk.store, [one.key for one in chosen], self.desk.clock.now()), chosen))

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        """A stop ends, by two people."""
        one = self.holds.pop(data.draw(st.integers(0, len(self.holds) - 1)))
        now = self.desk.clock.now()
        with self.desk.store.begin() as conn:
            stops.add_step(conn, one.name, Release(Step.ASKED, now, ANN, "over"))
            stops.add_step(conn, one.name, Release(Step.APPROVED, now, BOB, "over"))

    @rule(days=st.sampled_from([1, 1, 1, 2, 2, 3, 5, 9, 31]))
    def wait(self, days: int) -> None:
        """Time passes; lists may expire."""
        self.desk.clock.advance(days * 86400)

    @rule(agreed=st.sampled_from([True, True, False]))
    def propose(self, agreed: bool) -> None:
        """Ann proposes what is due and under no stop; Bob may approve it on the spot."""
        expected = [one for one in self.posts if self._may_go(one)]
        try:
            name = propose(self.desk)
        except UsageError:
            assert not expected
            return
        with self.desk.store.read() as conn:
            listed = {entry.record for entry in disposals.entries(conn, name)}
        assert listed == {one.key for one in expected}
        self.lists[name] = Listed(expected, self.desk.clock.now() + timedelta(days=30), approved=agreed)
        if agreed:
            approve(self.desk, name)

    @precondition(lambda self: any(not one.approved for one in self.lists.values()))
    @rule(data=st.data())
    def approve(self, data: st.DataObject) -> None:
        """Bob approves a list, unless it is too late."""
        name = data.draw(st.sampled_from([name for name, one in self.lists.items() if not one.approved]))
        try:
            approve(self.desk, name)
        except UsageError:
            assert self.desk.clock.now() >= self.lists[name].expires
        else:
            self.lists[name].approved = True

    @precondition(lambda self: any(one.approved and not one.done for one in self.lists.values()))
    @rule(data=st.data())
    def run(self, data: st.DataObject) -> None:
        """A list is carried out: of it goes what may go now, and nothing else."""
        ready = [name for name, one in self.lists.items() if one.approved and not one.done]
        self._run(data.draw(st.sampled_from(ready)))

    @precondition(lambda self: any(not one.approved or one.done for one in self.lists.values()))
    @rule(data=st.data())
    def run_what_may_not_be(self, data: st.DataObject) -> None:
        """A list that nobody approved, or that was carried out, destroys nothing."""
        self._run(data.draw(st.sampled_from([n for n, one in self.lists.items() if not one.approved or one.done])))

    @rule(days=st.sampled_from([0, 0, 1, 30]), data=st.data())
    def go_through(self, days: int, data: st.DataObject) -> None:
        """From proposal to run, while time passes and somebody may place a stop."""
        before = set(self.lists)
        self.propose(agreed=True)
        self.wait(days)
        stopped: bool = data.draw(st.booleans())
        if stopped and self.posts:
            self.hold(data)
        for name in sorted(set(self.lists) - before):
            self._run(name)

    def _run(self, name: str) -> None:
        listed = self.lists[name]
        current = listed.approved and not listed.done and self.desk.clock.now() < listed.expires
        going = [one for one in listed.posts if current and self._may_go(one)]
        try:
            certificate = run(workshop(self.desk), name, by=BOB, at=self.desk.clock.now())
        except UsageError:
            assert not going
            return
        assert {one.entry.record for one in certificate.destroyed} == {one.key for one in going}
        assert current
        assert {one.record for one in certificate.kept} == {one.key for one in listed.posts if one not in going}
        listed.done = True
        for one in going:
            one.gone = True
        self._check()

    def _may_go(self, one: Post) -> bool:
        today = self.desk.clock.now().astimezone(TERMS.zone).date()
        due = due_on(SERIES, one.created)
        held = any(one in other.posts for other in self.holds)
        return not one.gone and not held and due is not None and due <= today

    def _check(self) -> None:
        """The store and the files hold the words of those that stay, and none of the others."""
        words = {word: one for one in self.posts for word in one.words}
        with self.desk.store.read() as conn:
            states = {one.row["record"]: one.row["state"] for one in views.records(conn)}
            found = {word for word in words if search(conn, Query(word))}
        assert found == {word for word, one in words.items() if not one.gone}
        assert all((states[one.key] == State.DISPOSED.value) is one.gone for one in self.posts)

    def teardown(self) -> None:
        """At the end all that is due goes; then the whole folder is searched, verified and read again.

        The server goes on showing what went: what was captured of it since the last run is counted as residue.
        """
        before = set(self.lists)
        self.propose(agreed=True)
        for name in sorted(set(self.lists) - before):
            self._run(name)
        words = {word.encode(): one for one in self.posts for word in one.words}
        left = {word for _, word in found_in(self.folder, list(words))}
        shown_again = {row[0] for row in self.desk.rows("SELECT record FROM residue")}
        try:
            assert left == {word for word, one in words.items() if not one.gone or one.key in shown_again}
            assert not (shown_again and set(self.lists) - before)
            if FULL:
                assert faults(self.desk) == []
        finally:
            self.stack.close()
            shutil.rmtree(self.folder)


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(
    max_examples=100 if FULL else 3,
    stateful_step_count=50 if FULL else 6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

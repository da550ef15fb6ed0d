"""What is due when, in a real store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.domain.account import Account
from archiver.domain.task import TaskKind
from archiver.platforms.mastodon import MastodonAdapter
from archiver.services.schedule import (
    FULL,
    ORDER,
    Rhythm,
    after_task,
    ensure_standing,
    look_at_changed_access,
    make_all_due,
)
from archiver.store import tasks
from archiver.store.tasks import TaskRow
from tests.services.house import ANN, CITY, House, built, key, sight

ACCOUNT = Account("city", "mastodon", "city@social.example")
ADAPTER = MastodonAdapter(ACCOUNT)
NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
RHYTHM = Rhythm()


def test_a_new_account_has_its_standing_tasks_at_once(house: House) -> None:
    """Profile, posts and mentions; asking again postpones nothing."""
    with house.store.begin() as conn:
        for now in (NOW, NOW + timedelta(days=1)):
            ensure_standing(conn, ACCOUNT, ADAPTER, now)
        due = tasks.due(conn, "city", NOW)
    assert {row.kind for row in due} == {TaskKind.PROFILE, TaskKind.POLL, TaskKind.MENTIONS}


def test_all_is_due_when_everything_is_asked_for(house: House) -> None:
    """Threads that were visited for the last time, too; a confirmation that is done stays done."""
    with house.store.begin() as conn:
        for kind in (TaskKind.THREAD, TaskKind.CONFIRM):
            tasks.ensure(conn, "city", kind, "mastodon:1", due_at=NOW)
            row = tasks.get(conn, "city", kind, "mastodon:1")
            assert row is not None
            tasks.finish(conn, row.id, due_at=None)
        make_all_due(conn, ACCOUNT, ADAPTER, NOW)
        due = {(row.kind, row.subject) for row in tasks.due(conn, "city", NOW)}
    assert (TaskKind.THREAD, "mastodon:1") in due
    assert (TaskKind.POLL, FULL) in due
    assert (TaskKind.CONFIRM, "mastodon:1") not in due


def test_each_kind_has_its_interval(house: House) -> None:
    """After its success a task is due again by the rhythm of its kind, or never."""
    expected = {
        (TaskKind.PROFILE, ""): RHYTHM.profile,
        (TaskKind.POLL, ""): RHYTHM.poll,
        (TaskKind.POLL, FULL): RHYTHM.confirm,
        (TaskKind.MENTIONS, ""): RHYTHM.poll,
        (TaskKind.CONFIRM, "mastodon:1"): None,
        (TaskKind.MEDIA, "https://x.example/1.png"): None,
    }
    with house.store.begin() as conn:
        for (kind, subject), interval in expected.items():
            tasks.ensure(conn, "city", kind, subject, due_at=NOW)
            row = tasks.get(conn, "city", kind, subject)
            assert row is not None
            after_task(conn, ACCOUNT, row, NOW, changed=False, rhythm=RHYTHM)
            after = tasks.get(conn, "city", kind, subject)
            assert after is not None
            assert after.due_at == (NOW + interval if interval else None)
            assert after.done is (interval is None)


def test_a_thread_that_was_silent_for_years_is_not_hot_because_it_is_new_to_the_archive(house: House) -> None:
    """Its first visit is followed by the next one as its newest answer tells; a change at a later visit is one."""
    year, answered = timedelta(days=365), NOW - timedelta(days=60)
    house.show(sight("1", CITY, created_at=NOW - year))
    house.show(sight("2", ANN, to="1", thread=key("1"), thread_author=CITY.native_id, created_at=answered))

    def visited() -> TaskRow:
        with house.store.begin() as conn:
            tasks.ensure(conn, "city", TaskKind.THREAD, "mastodon:1", due_at=NOW)
            row = tasks.get(conn, "city", TaskKind.THREAD, "mastodon:1")
            assert row is not None
            after_task(conn, ACCOUNT, row, NOW, changed=True, rhythm=RHYTHM)
            after = tasks.get(conn, "city", TaskKind.THREAD, "mastodon:1")
            assert after is not None
            return after

    first, second = visited(), visited()
    assert (first.changed_at, first.due_at) == (answered, NOW + timedelta(days=10))
    assert (second.changed_at, second.due_at) == (NOW, NOW + timedelta(minutes=5))


def test_failures_wait_longer_each_time() -> None:
    """Twice as long, and a day at most, however often it failed."""
    waits = [RHYTHM.after_failure(attempts) for attempts in (0, 1, 2, 8, 9, 10**6)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(minutes=5)
    assert waits[-1] == timedelta(days=1)


@settings(max_examples=20)
@given(
    kinds=st.lists(st.sampled_from([kind for kind in ORDER if kind is not TaskKind.BACKFILL]), min_size=1, max_size=6),
    failures=st.lists(st.booleans(), max_size=20),
)
def test_nothing_starves(kinds: list[TaskKind], failures: list[bool]) -> None:
    """Whatever fails, each task has its turn within a day of being due, since rounds carry out all that is due."""
    with TemporaryDirectory() as folder, built(Path(folder) / "house.sqlite") as house:
        with house.store.begin() as conn:
            for number, kind in enumerate(kinds):
                tasks.ensure(conn, "city", kind, f"mastodon:{number}", due_at=NOW)
        turns, fate, now = {f"mastodon:{number}": 0 for number in range(len(kinds))}, iter(failures), NOW
        for _ in range(5):
            with house.store.begin() as conn:
                for row in tasks.due(conn, "city", now):
                    turns[row.subject] = turns.get(row.subject, 0) + 1
                    if next(fate, False):
                        tasks.fail(conn, row.id, "no", at=now, due_at=now + RHYTHM.after_failure(row.attempts))
                    else:
                        after_task(conn, ACCOUNT, row, now, changed=False, rhythm=RHYTHM)
                open_tasks = tasks.due(conn, "city", now + timedelta(days=400))
                assert all(row.due_at is not None and row.due_at > now for row in open_tasks)
            now += timedelta(days=1)
        assert all(turns.values())


class _WithAccess(MastodonAdapter):
    kinds = MastodonAdapter.kinds | {TaskKind.ACCESS}


def test_a_credential_is_looked_after_daily_where_there_is_one(house: House) -> None:
    """An account without a token has nothing to look after."""
    adapter = _WithAccess(ACCOUNT)
    with house.store.begin() as conn:
        ensure_standing(conn, ACCOUNT, adapter, NOW)
        make_all_due(conn, ACCOUNT, adapter, NOW)
        assert not tasks.exists(conn, "city", TaskKind.ACCESS)
        ensure_standing(conn, replace(ACCOUNT, authenticated=True), adapter, NOW)
        row = tasks.get(conn, "city", TaskKind.ACCESS)
        assert row is not None
        after_task(conn, ACCOUNT, row, NOW, changed=False, rhythm=RHYTHM)
        row = tasks.get(conn, "city", TaskKind.ACCESS)
        assert row is not None
        assert row.due_at == NOW + timedelta(days=1)
    assert ORDER[0] is TaskKind.ACCESS


CHANGES = {
    "never": (None, False),
    "before the last look": (NOW - timedelta(minutes=1), False),
    "by the last look itself": (NOW, False),
    "since": (NOW + timedelta(minutes=1), True),
    "in the future": (NOW + timedelta(hours=2), False),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_credential_that_was_replaced_is_looked_at(case: str, house: House) -> None:
    """At the next round, whenever that is."""
    changed_at, due = CHANGES[case]
    now = NOW + timedelta(hours=1)
    with house.store.begin() as conn:
        look_at_changed_access(conn, "city", NOW, now)  # there is no such task: nothing happens
        tasks.ensure(conn, "city", TaskKind.ACCESS, due_at=NOW + timedelta(days=1))
        look_at_changed_access(conn, "city", changed_at, now)
        assert bool(tasks.due(conn, "city", now, kind=TaskKind.ACCESS)) is due

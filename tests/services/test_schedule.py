"""What is due when, in a real store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.domain.account import Account
from archiver.domain.task import TaskKind
from archiver.platforms.mastodon import MastodonAdapter
from archiver.services.schedule import FULL, ORDER, Rhythm, after_task, ensure_standing, make_all_due
from archiver.store import tasks
from tests.services.house import House, built

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
            tasks.finish(conn, row.id, at=NOW, due_at=None, changed=False)
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

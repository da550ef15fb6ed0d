"""The books: what calls cost, what is set aside for one under way, and which tasks wait for it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from archiver.domain.budgets import Priority
from archiver.domain.exchange import Exchange
from archiver.domain.task import TaskKind
from archiver.store import captures, spending, tasks, validators
from archiver.store.engine import Store

MONDAY = date(2026, 3, 2)
TUESDAY, NEXT_MONDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=7)


def test_sums(store: Store, city: Any) -> None:
    """By account, day and priority; only those of the days and accounts that are asked for."""
    with store.begin() as conn:
        for day, priority, amount in [
            (MONDAY, Priority.NEW, 5), (MONDAY, Priority.NEW, 7), (MONDAY, Priority.PAST, 100),
            (TUESDAY, Priority.AGAIN, 3),
        ]:  # fmt: skip
            spending.charge(conn, "city", day, priority, amount)
        assert spending.spent(conn, ["city"], MONDAY, MONDAY) == {
            Priority.NEW: 12,
            Priority.PAST: 100,
            Priority.AGAIN: 0,
        }
        assert sum(spending.spent(conn, ["city", "other"], MONDAY, TUESDAY).values()) == 115
        assert sum(spending.spent(conn, ["other"], MONDAY, TUESDAY).values()) == 0
        assert spending.calls(conn, "city", MONDAY, TUESDAY) == 4


def test_what_a_day_costs(store: Store, city: Any) -> None:
    """The mean of the last days without the first and without today; nothing before there is such a day."""
    with store.begin() as conn:
        assert spending.a_day(conn, ["city"], MONDAY) is None
        spending.charge(conn, "city", MONDAY, Priority.NEW, 1000)
        assert spending.a_day(conn, ["city"], TUESDAY) is None
        spending.charge(conn, "city", TUESDAY, Priority.NEW, 30)
        spending.charge(conn, "city", NEXT_MONDAY, Priority.NEW, 500)
        found = spending.a_day(conn, ["city"], NEXT_MONDAY)
        assert found == {Priority.NEW: 5.0, Priority.PAST: 0.0, Priority.AGAIN: 0.0}
        later = spending.a_day(conn, ["city"], NEXT_MONDAY + timedelta(days=30))
        assert later == dict.fromkeys(Priority, 0.0)


ENDS = {
    "answered and entered": (True, True, 0),
    "entered, and the end was not": (True, False, 0),
    "never seen": (False, False, 40),
}


@pytest.mark.parametrize("case", ENDS)
def test_reservations(case: str, store: Store, city: Any) -> None:
    """They count at once; what nobody came back from costs all of it, unless its answer is there."""
    entered, released, expected = ENDS[case]
    with store.begin() as conn:
        city.exchange(conn)
        spending.take_turns(conn)
        spending.reserve(conn, "city", MONDAY, Priority.NEW, 40, city.now)
        assert spending.spent(conn, ["city"], MONDAY, MONDAY)[Priority.NEW] == 40
        if entered:
            city.exchange(conn)
        if released:
            spending.release(conn, "city")
        spending.settle_left(conn)
        assert spending.spent(conn, ["city"], MONDAY, MONDAY)[Priority.NEW] == expected
        spending.settle_left(conn, "city")
        assert spending.spent(conn, ["city"], MONDAY, MONDAY)[Priority.NEW] == expected


def test_what_the_files_tell(store: Store, city: Any) -> None:
    """A store that was lost learns it again; one that knows of more forgets nothing."""
    with store.begin() as conn:
        spending.charge(conn, "city", MONDAY, Priority.NEW, 50)
        told = [("city", "2026-03-02", "new", 40, 1), ("city", "2026-03-03", "past", 9, 2)]
        spending.at_least(conn, told)
        assert sorted(spending.rows(conn)) == [("city", "2026-03-02", "new", 50, 1), told[1]]


def test_ranks(store: Store, city: Any) -> None:
    """What is young or moved comes first, then what was never visited, then what was; within each the longest due."""
    now = city.now + timedelta(days=100)
    for number, age in enumerate([1, 50, 60, 70]):
        city.post(number, created_at=now - timedelta(days=age))
    with store.begin() as conn:
        for number in (3, 2, 1, 0, 9):
            city_key = f"mastodon:{number}"
            tasks.ensure(conn, "city", TaskKind.THREAD, city_key, due_at=now - timedelta(hours=number))
        visited, moved = (tasks.get(conn, "city", TaskKind.THREAD, f"mastodon:{number}") for number in (3, 1))
        assert visited is not None
        assert moved is not None
        conn.exec_driver_sql(f"UPDATE tasks SET visits = 1 WHERE id = {visited.id}")
        tasks.stir(conn, "city", moved.subject, now - timedelta(days=2))
        found = tasks.due_ranked(conn, "city", now, TaskKind.THREAD, recent=now - timedelta(days=7))
        assert [(row.subject[-1], rank) for row, rank in found] == [("1", 0), ("9", 0), ("0", 0), ("2", 1), ("3", 2)]
        some = tasks.due_ranked(
            conn, "city", now, TaskKind.THREAD, recent=now - timedelta(days=7), limit=1, without={found[0][0].id}
        )
        assert [row.subject[-1] for row, _ in some] == ["9"]
        for row, _ in found[:2]:
            tasks.begin(conn, row.id, now)
        begun = tasks.get(conn, "city", TaskKind.THREAD, "mastodon:9")
        assert begun is not None
        assert {row.subject[-1] for row in tasks.begun_with(conn, begun, now)} == {"9", "1"}


def test_what_is_put_off(store: Store, city: Any) -> None:
    """It waits with its reason, keeps its place, and is counted until it is begun again."""
    now = city.now
    with store.begin() as conn:
        for subject in ("a", "b"):
            tasks.ensure(conn, "city", TaskKind.CONFIRM, subject, due_at=now)
        first, second = tasks.due(conn, "city", now)
        tasks.save_cursor(conn, first.id, {"page": 7})
        tasks.put_off(conn, [first.id], "too dear", due_at=now + timedelta(days=3))
        assert [row.id for row in tasks.due(conn, "city", now)] == [second.id]
        assert tasks.put_off_count(conn, "city") == {TaskKind.CONFIRM: 1}
        assert tasks.reasons_put_off(conn, "city") == {"too dear"}
        tasks.take_up(conn, "city", "another reason", now)
        assert len(tasks.due(conn, "city", now)) == 1
        tasks.take_up(conn, "city", "too dear", now)
        tasks.begin(conn, first.id, now)
        again = tasks.get(conn, "city", TaskKind.CONFIRM, "a")
        assert again is not None
        assert (again.put_off, again.cursor, again.started_at) == (None, {"page": 7}, now)
        assert tasks.put_off_count(conn, "city") == {}


def test_validators(store: Store, city: Any) -> None:
    """The last whole answer counts; one that has none leaves nothing to ask with; another account's are its own."""

    def answer(name: str, *headers: tuple[str, str]) -> Exchange:
        return Exchange(name, 1, "city", "https://a.example/", "posts", city.now, status=200, headers=headers)

    with store.begin() as conn:
        for etag, headers, expected in [
            ('"1"', (("Last-Modified", "then"),), ('"1"', "then")),
            ('W/"2"', (), ('W/"2"', None)),
            (None, (), None),
        ]:
            name = city.exchange(conn)
            validators.note(conn, answer(name, *headers), captures.number_of(conn, name), etag)
            found = validators.of(conn, "city", "https://a.example/")
            assert (None if found is None else (found.etag, found.last_modified)) == expected
            assert found is None or found.exchange == name
            assert validators.of(conn, "other", "https://a.example/") is None
            assert validators.of(conn, "city", "https://a.example/?") is None

"""Mentions: since the newest known, and by a search where X's list does not reach back."""

from __future__ import annotations

from datetime import timedelta

from archiver.domain.task import TaskKind
from tests.platforms.x_world import ANN, NOW, Server, carry_out, id_at, later, task

DAY = timedelta(days=1)


def _named(server: Server, number: int, every: timedelta = timedelta(minutes=5)) -> list[str]:
    """Posts that name the account, the newest first."""
    at = server.now - timedelta(minutes=1)
    return [f"x:{server.post(ANN, f'@ExampletonCity {n}', at=at - n * every)['id']}" for n in range(number)]


def test_all_that_x_lists_then_only_what_is_new() -> None:
    """A full list shows absences; what goes on from the newest known does not, and is free when idle."""
    server = Server(page_most=4)
    named = _named(server, 10)
    first = carry_out(server, task(TaskKind.MENTIONS, full=True))
    assert first.keys == named
    assert [(one.from_at, one.absence) for one in first.covered("mentions")] == [(None, True)]
    idle = carry_out(later(server, DAY), task(TaskKind.MENTIONS, cursor=first.left, since=NOW - 3 * DAY, at=NOW + DAY))
    assert (idle.keys, server.given) == ([], 0)
    assert [(one.from_at, one.absence) for one in idle.covered("mentions")] == [(NOW - 3 * DAY, False)]


def test_the_first_list_says_where_it_ends() -> None:
    """X shows the newest 800; older ones are for a backfill."""
    server = Server()
    _named(server, 900)
    done = carry_out(server, task(TaskKind.MENTIONS, full=True))
    assert len(done.keys) == 800
    assert done.spans("mentions") == [(NOW - timedelta(minutes=1 + 799 * 5), NOW)]
    assert "older mentions" in done.never()
    assert done.short() == []


def test_after_a_standstill_a_search_fills_what_the_list_left_out() -> None:
    """Recent search within the week, the full archive beyond it; where neither reaches, there is a gap."""
    for days, archive, short in ((4, False, False), (40, True, False), (40, False, True)):
        server = Server(archive=archive, token="app" if archive else "user")
        known = id_at(NOW - days * DAY)
        named = _named(server, 1000)
        done = carry_out(server, task(TaskKind.MENTIONS, cursor={"newest": known}, since=NOW - (days + 3) * DAY))
        assert set(done.keys) >= set(named[:999]), days
        assert bool(done.short()) is short, days
        assert done.left["newest"] == named[0].removeprefix("x:")


def test_a_mention_that_was_edited_is_shown_with_its_history() -> None:
    """Mentions can be edited, answers can't."""
    server = Server()
    (one,) = _named(server, 1)
    server.edit(one.removeprefix("x:"), "@ExampletonCity corrected", NOW)
    done = carry_out(server, task(TaskKind.MENTIONS, full=True))
    assert done.keys == [one]
    assert done.planned(TaskKind.HISTORY) == [one]


def test_known_mentions_are_listed_again_without_their_authors() -> None:
    """What is new comes first, with authors; whether the rest is there costs a tenth of what it did."""
    server = Server()
    named = _named(server, 30)
    first = carry_out(server, task(TaskKind.MENTIONS, full=True))
    later(server, DAY)
    new = server.post(ANN, "@ExampletonCity new", at=NOW + DAY / 2)["id"]
    complete = {"mentions": ((None, NOW),)}
    one = task(TaskKind.MENTIONS, full=True, cursor=first.left, at=NOW + DAY, complete=complete, everything=True)
    again = carry_out(server, one)
    assert again.keys == [f"x:{new}", f"x:{new}", *named]
    assert ["author_id" in (value or "") for value in again.parameter("expansions")] == [True, False]
    assert [(span.from_at, span.absence) for span in again.covered("mentions")] == [(None, True)]
    assert again.left["newest"] == new

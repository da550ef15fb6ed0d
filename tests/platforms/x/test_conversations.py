"""Visits to threads: everything that was answered, and no answer paid for twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from archiver.domain.keys import Key
from archiver.domain.task import TaskKind
from tests.platforms.x_world import ANN, BOB, CITY, NOW, Server, carry_out, city, later, learned, threads

DAY = timedelta(days=1)
LISTED: dict[str, Any] = {"mentions": ((None, NOW),)}


def _thread(server: Server, ago: timedelta = DAY, answers: int = 2) -> tuple[str, list[str]]:
    root = server.post(at=NOW - ago)["id"]
    found = [server.post(ANN, f"Answer {n}", to=root, at=NOW - ago / (n + 2))["id"] for n in range(answers)]
    return f"x:{root}", [f"x:{one}" for one in found]


def test_a_first_visit_finds_all_answers_of_all_depths() -> None:
    """Of several threads by one search; the roots themselves come with the timeline."""
    server = Server()
    (one, first), (two, second) = _thread(server), _thread(server, 2 * DAY)
    deep = server.post(BOB, "Deeper", to=first[0].removeprefix("x:"), at=NOW - DAY / 4)["id"]
    done = carry_out(server, threads(one, two))
    assert set(done.keys) == {*first, *second, f"x:{deep}"}
    assert done.calls == ["tweets/search/recent"]
    assert done.short() == []


def test_what_comes_with_the_mentions_is_not_paid_for_again() -> None:
    """Where they were listed, a search is for answers from which the name was taken away."""
    server = Server()
    root, _ = _thread(server)
    unnamed = server.post(BOB, "By the way", to=root.removeprefix("x:"), named=False, at=NOW - DAY / 5)["id"]
    done = carry_out(server, threads(root, complete=LISTED))
    assert done.keys == [f"x:{unnamed}"]
    assert done.queries[0].endswith(f" -from:{CITY} -@ExampletonCity")


def test_the_next_visit_asks_since_the_last_one() -> None:
    """Nothing new costs nothing; a new answer is found, an old one is not paid for again."""
    server = Server()
    root, _ = _thread(server)
    first = carry_out(server, threads(root))
    idle = carry_out(later(server, timedelta(minutes=10)), threads(root, left=first.left, at=server.now))
    assert (idle.keys, server.given) == ([], 0)
    new = server.post(BOB, "Late", to=root.removeprefix("x:"), at=server.now)["id"]
    again = carry_out(later(server, timedelta(minutes=10)), threads(root, left=idle.left, at=server.now))
    assert again.keys == [f"x:{new}"]


def test_an_answer_of_the_last_half_minute_is_found_by_the_next_visit() -> None:
    """A search ends thirty seconds before the present; the next one begins before that."""
    server = Server()
    root, _ = _thread(server, answers=0)
    young = server.post(ANN, "Just now", to=root.removeprefix("x:"), at=NOW - timedelta(seconds=10))["id"]
    first = carry_out(server, threads(root))
    assert first.keys == []
    again = carry_out(later(server, timedelta(minutes=5)), threads(root, left=first.left, at=server.now))
    assert again.keys == [f"x:{young}"]


def test_threads_that_were_left_long_ago_do_not_make_recent_ones_dear() -> None:
    """Those visited about equally long ago share a search; the others have their own."""
    server = Server()
    (busy, _), (quiet, _) = _thread(server), _thread(server)
    left = {busy: NOW - timedelta(minutes=6), quiet: NOW - timedelta(hours=20)}
    task = threads(busy, quiet)
    about = {
        key: type(one)(one.author, one.thread, {"searched": left[key].isoformat()}) for key, one in task.about.items()
    }
    done = carry_out(server, type(task)(task.account, task.kind, NOW, task.subjects, about=about))
    assert sorted(one for one in done.parameter("start_time") if one) == [
        "2026-11-21T22:00:00Z",
        "2026-11-22T17:54:00Z",
    ]


def test_old_threads_go_to_the_full_archive_once_a_second() -> None:
    """From the thread's beginning on: without one, the archive shows a month."""
    server = Server()
    root, answers = _thread(server, 400 * DAY)
    done = carry_out(server, threads(root))
    assert set(done.keys) == set(answers)
    assert done.calls == ["tweets/search/all"]
    assert done.parameter("start_time") == ["2025-10-18T18:00:00Z"]
    assert done.waits
    assert min(done.waits) > NOW


@pytest.mark.parametrize("token", ["user", "app"])
def test_where_the_archive_is_closed_the_last_week_is_searched(token: str) -> None:
    """A user's token is never asked there again, an application's after a week; it is said what is missing."""
    server = Server(token=token, archive=False)
    root = server.post(at=NOW - 400 * DAY)["id"]
    old = server.post(ANN, "Old", to=root, at=NOW - 300 * DAY)["id"]
    new = server.post(ANN, "New", to=root, at=NOW - 2 * DAY)["id"]
    done = carry_out(server, threads(f"x:{root}"))
    assert done.calls == ["tweets/search/all", "tweets/search/recent"]
    assert done.keys == [f"x:{new}"]
    assert f"x:{old}" not in done.keys
    assert "older answers" in done.never()
    assert done.spans("comments")[0][0] == NOW - timedelta(days=6, hours=23)
    again = carry_out(server, threads(f"x:{root}", account=learned(city(), done)))
    assert again.calls == ["tweets/search/recent"]


def test_an_old_thread_that_nobody_answered_is_not_asked_about() -> None:
    """X counts no answers; when it counts some, all since the beginning are looked for."""
    server = Server()
    silent, loud = f"x:{server.post(at=NOW - 90 * DAY)['id']}", f"x:{server.post(at=NOW - 80 * DAY)['id']}"
    first = carry_out(server, threads(silent, loud, answers={Key(silent): 0, Key(loud): 3}))
    assert first.queries == [f"conversation_id:{loud.removeprefix('x:')} -from:{CITY}"]
    late = server.post(ANN, "After all", to=silent.removeprefix("x:"), at=NOW - 10 * DAY)["id"]
    again = carry_out(server, threads(silent, left=first.left, answers={Key(silent): 1}))
    assert again.keys == [f"x:{late}"]


def test_an_answer_of_the_account_elsewhere_is_no_conversation() -> None:
    """What answers it is asked for by its own id."""
    server = Server()
    foreign = server.post(ANN, "Who ploughs?", at=NOW - DAY)["id"]
    ours = server.post(text="We do", to=foreign, at=NOW - DAY / 2)["id"]
    thanks = server.post(BOB, "Thanks", to=ours, at=NOW - DAY / 3)["id"]
    done = carry_out(server, threads(f"x:{ours}", root=f"x:{foreign}"))
    assert done.queries == [f"in_reply_to_tweet_id:{ours} -from:{CITY}"]
    assert done.keys == [f"x:{thanks}"]


@pytest.mark.parametrize(
    ("age", "since", "everything", "asked"),
    [
        (timedelta(hours=30), timedelta(hours=8), False, True),  # a day has passed since the last visit
        (timedelta(hours=30), timedelta(hours=2), False, False),
        (timedelta(days=7, hours=1), timedelta(hours=2), False, True),
        (timedelta(days=30, hours=1), timedelta(days=2), False, True),
        (timedelta(days=45), timedelta(days=2), False, False),
        (timedelta(days=45), timedelta(days=2), True, True),
    ],
)
def test_when_an_answer_is_asked_for_again(age: timedelta, since: timedelta, everything: bool, asked: bool) -> None:
    """A day, a week and a month after it was written; and whenever somebody asks for everything."""
    server = Server()
    root = server.post(at=NOW - age - DAY)["id"]
    answer = Key(f"x:{server.post(ANN, 'When?', to=root, at=NOW - age)['id']}")
    left = {"searched": (NOW - since).isoformat()}
    done = carry_out(server, threads(f"x:{root}", left=left, below=(Key(f"x:{root}"), answer), everything=everything))
    assert done.planned(TaskKind.CONFIRM) == ([answer] if asked else [])


def test_a_beginning_that_has_fallen_out_of_the_week_moves_up() -> None:
    """A request may have waited; X refuses it, and it is asked again a little later than it was."""
    server = Server()
    root, answers = _thread(server, timedelta(days=6, hours=22))
    server.now = NOW + timedelta(hours=3)
    done = carry_out(server, threads(root))
    assert [one.status for one in done.exchanges] == [400, 200]
    assert set(done.keys) == set(answers)


def test_a_query_that_is_refused_is_asked_without_what_it_leaves_out() -> None:
    """It costs more, and nothing is missing."""
    server = Server(refuse_exclusions=True)
    root, answers = _thread(server)
    done = carry_out(server, threads(root, complete=LISTED))
    assert set(done.keys) == set(answers)
    assert done.short() == []


def test_a_place_that_has_ended_begins_the_search_anew_once() -> None:
    """Then it is short, and nothing counts as complete."""
    for lost, complete in ((1, True), (2, False)):
        server = Server(page_most=1, lose_tokens=lost)
        root, answers = _thread(server, answers=3)
        done = carry_out(server, threads(root))
        assert bool(done.spans("comments")) is complete
        assert bool(done.short()) is not complete
        assert (set(done.keys) == set(answers)) is complete

"""The account's own posts: what is new, the last month, everything, and what lies behind the list's end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from archiver.domain.task import TaskKind
from tests.platforms.x_world import ANN, BOB, CITY, NOW, Server, carry_out, city, id_at, later, learned, task

DAY = timedelta(days=1)
KNOWN: dict[str, Any] = {"posts": ((None, NOW - DAY),), "mentions": ((None, NOW - DAY),)}
USER = city(facts={"kind of token": "user", "holder of the token": CITY})


def _posts(server: Server, number: int, every: timedelta = DAY) -> list[str]:
    """Posts, the newest first."""
    return [f"x:{server.post(text=f'Notice {n}', at=NOW - (n + 1) * every)['id']}" for n in range(number)]


def test_the_first_listing_shows_everything_and_looks_behind_its_end() -> None:
    """The archive is asked for what is older; where nothing is, that costs no more than one post."""
    server = Server(page_most=7)
    posts = _posts(server, 20)
    done = carry_out(server, task(TaskKind.POLL, full=True))
    assert set(done.keys) == set(posts)
    assert done.calls == [f"users/{CITY}/tweets"] * 3 + ["tweets/search/all"]
    assert done.parameter("start_time")[-1] == "2006-03-21T00:00:00Z"
    assert done.spans("posts") == [(None, NOW)]
    assert done.never() == {}


def test_what_is_older_than_the_list_is_found_by_the_archive() -> None:
    """The list is complete with what it shows by absence, what lies behind it is not."""
    server = Server(wall=12)
    posts = _posts(server, 20)
    done = carry_out(server, task(TaskKind.POLL, full=True))
    assert set(done.keys) == set(posts)
    assert done.spans("posts") == [(NOW - 12 * DAY, NOW), (None, NOW - 12 * DAY)]
    assert [one.absence for one in done.covered()] == [True, False]
    assert "older reposts" in done.never()


def test_where_the_archive_is_closed_it_is_said_what_is_missing() -> None:
    """Only where the list is as long as X makes it: else nothing is missing."""
    server = Server(archive=False)
    _posts(server, 12)
    done = carry_out(server, task(TaskKind.POLL, full=True))
    assert (done.spans("posts"), done.never()) == ([(None, NOW)], {})
    long = Server(archive=False, wall=3200)
    posts = _posts(long, 3300, timedelta(hours=1))
    done = carry_out(long, task(TaskKind.POLL, full=True))
    assert set(done.keys) == set(posts[:3200])
    assert done.spans("posts") == [(NOW - timedelta(hours=3200), NOW)]
    assert "older posts" in done.never()
    assert done.short() == []


def test_a_poll_asks_for_what_is_newer_than_the_newest_known() -> None:
    """Idle it is one call that brings nothing and says nothing by absence."""
    server = Server()
    posts = _posts(server, 5)
    first = carry_out(server, task(TaskKind.POLL, full=True))
    server.asked, server.given = [], 0
    idle = carry_out(server, task(TaskKind.POLL, cursor=first.left, since=NOW - 3 * DAY, complete=KNOWN))
    assert (len(idle.urls), idle.keys, server.given) == (1, [], 0)
    assert idle.parameter("since_id") == [posts[0].removeprefix("x:")]
    assert [one.absence for one in idle.covered()] == [False]
    new = server.post(at=NOW + timedelta(minutes=1))["id"]
    again = carry_out(server, task(TaskKind.POLL, cursor=idle.left, since=NOW - 3 * DAY, complete=KNOWN))
    assert again.keys == [f"x:{new}"]


def test_an_edit_is_newer_than_everything() -> None:
    """It has a new id, so a poll that asks for new ids finds it, and its history is asked for."""
    server = Server()
    first, second = _posts(server, 2)
    left = carry_out(server, task(TaskKind.POLL, full=True)).left
    server.edit(second.removeprefix("x:"), "Corrected", NOW + timedelta(minutes=2))
    done = carry_out(server, task(TaskKind.POLL, cursor=left, complete=KNOWN))
    assert done.keys == [second]
    assert done.planned(TaskKind.HISTORY) == [second]
    assert first not in done.keys


def test_a_listing_that_was_cut_short_moves_no_mark() -> None:
    """The next one begins where this one began."""
    server = Server(page_most=2)
    _posts(server, 2)
    left = carry_out(server, task(TaskKind.POLL, full=True)).left
    for n in range(5):
        server.post(at=NOW + timedelta(minutes=n + 1))
    server.lose_tokens = 2
    done = carry_out(server, task(TaskKind.POLL, cursor=left, since=NOW - 3 * DAY, complete=KNOWN))
    assert done.short()
    assert done.left["newest"] == left["newest"]


def test_a_newest_id_that_x_does_not_take_begins_at_the_window() -> None:
    """It may be of another account, or from a store that was mended by hand."""
    server = Server()
    posts = _posts(server, 2)
    refused = Server(faults=[server.refusal("since_id")], posts=server.posts)
    done = carry_out(refused, task(TaskKind.POLL, cursor={"newest": id_at(NOW)}, since=NOW - 3 * DAY))
    assert done.parameter("start_time")[-1] == "2026-11-19T18:00:00Z"
    assert set(done.keys) == set(posts)


@pytest.mark.parametrize(
    ("left", "known", "everything", "begins"),
    [
        (None, {}, False, None),  # the first listing of all
        (None, KNOWN, False, "2026-10-23T18:00:00Z"),  # the first full one after a poll
        ({"whole": (NOW - 3 * DAY).isoformat()}, KNOWN, False, "2026-10-23T18:00:00Z"),
        ({"whole": (NOW - 30 * DAY).isoformat()}, KNOWN, False, None),
        ({"whole": (NOW - 3 * DAY).isoformat()}, KNOWN, True, None),
    ],
)
def test_how_far_back_a_full_listing_goes(
    left: dict[str, Any] | None, known: dict[str, Any], everything: bool, begins: str | None
) -> None:
    """Everything at first, on request and once a month; else the last thirty days, every day."""
    server = Server()
    posts = _posts(server, 10, 10 * DAY)
    one = task(TaskKind.POLL, full=True, cursor=left, complete=known, everything=everything)
    done = carry_out(server, one)
    listed = [url for url in done.urls if "max_results=50" in url and "/search/" not in url]
    assert ("start_time" in listed[0]) is (begins is not None)
    assert begins is None or begins in done.parameter("start_time")
    assert (set(done.keys) == set(posts)) is (begins is None)
    whole = done.left["whole"]
    assert whole == (left["whole"] if left and begins else NOW.isoformat())
    assert all(one.absence for one in done.covered())


def test_who_quotes_is_looked_for_where_x_counts_quotations() -> None:
    """By one search for several posts; the next listing looks since this one."""
    server = Server()
    one, two, _ = (key.removeprefix("x:") for key in _posts(server, 3))
    quote = server.post(ANN, "They say", quote=two, at=NOW - DAY / 2)["id"]
    server.post(BOB, "They say, too", quote=one, at=NOW - DAY / 3)
    first = carry_out(server, task(TaskKind.POLL, full=True))
    assert [query for query in first.queries if "quotes" in query] == [
        f"(quotes_of_tweet_id:{one} OR quotes_of_tweet_id:{two}) -is:retweet"
    ]
    assert f"x:{quote}" in first.keys
    new = server.post(ANN, "Again", quote=two, at=NOW + DAY / 2)["id"]
    again = carry_out(
        later(server, DAY), task(TaskKind.POLL, full=True, cursor=first.left, complete=KNOWN, at=NOW + DAY)
    )
    assert f"x:{new}" in again.keys
    assert f"x:{quote}" not in again.keys


def test_with_a_user_s_token_old_quotations_are_listed_post_by_post() -> None:
    """Their list reaches back to any time; only the first time, since later ones are found by recent search."""
    server = Server(token="user")
    old = server.post(at=NOW - 60 * DAY)["id"]
    quote = server.post(ANN, "They said", quote=old, at=NOW - 50 * DAY)["id"]
    done = carry_out(server, task(TaskKind.POLL, full=True, account=USER))
    assert f"tweets/{old}/quote_tweets" in done.calls
    assert f"x:{quote}" in done.keys
    again = carry_out(
        later(server, DAY),
        task(TaskKind.POLL, full=True, cursor=done.left, account=USER, at=NOW + DAY, complete=KNOWN, everything=True),
    )
    assert again.calls[-1] == "tweets/search/recent"


def test_a_backfill_lists_the_window_and_searches_behind_it() -> None:
    """Posts, and who named the account: what is known of those is not paid for again."""
    server = Server(wall=5)
    posts = _posts(server, 20)
    named = f"x:{server.post(ANN, '@ExampletonCity hello', at=NOW - 15 * DAY)['id']}"
    known = f"x:{server.post(BOB, '@ExampletonCity hi', at=NOW - 2 * DAY)['id']}"
    complete = {"mentions": ((NOW - 3 * DAY, NOW),)}
    done = carry_out(server, task(TaskKind.BACKFILL, since=NOW - 18 * DAY, complete=complete))
    assert set(done.keys) == {*posts[:18], named}
    assert known not in done.keys
    assert done.spans("mentions") == [(NOW - 18 * DAY, NOW - 3 * DAY)]
    assert min(begin or NOW for begin, _ in done.spans("posts")) == NOW - 18 * DAY


def test_known_posts_are_listed_again_without_what_they_refer_to() -> None:
    """A repost that is new comes whole, one that is known only shows that it is there."""
    server = Server()
    original = server.post(ANN, "Trail closed", at=NOW - 5 * DAY)["id"]
    old = server.post(text="RT @ann: Trail closed", repost=original, at=NOW - 4 * DAY)["id"]
    new = server.post(text="RT @ann: Trail closed", repost=original, at=NOW - DAY / 2)["id"]
    done = carry_out(server, task(TaskKind.POLL, full=True, complete=KNOWN))
    whole = {one.key for one in done.items if one.body.labels == ()}
    assert f"x:{new}" in whole
    assert f"x:{old}" not in whole
    assert f"x:{old}" in done.keys
    assert ["referenced_tweets.id" in (value or "") for value in done.parameter("expansions")] == [True, False]


def test_bounds_that_x_does_not_take_are_not_sent() -> None:
    """A beginning before November 2010, and an end that is still to come."""
    server = Server()
    posts = _posts(server, 3)
    one = task(TaskKind.BACKFILL, since=NOW - 9000 * DAY, until=NOW + DAY)
    done = carry_out(server, one)
    assert (done.parameter("start_time")[0], done.parameter("end_time")[0]) == (None, None)
    assert set(done.keys) == set(posts)


def test_an_account_of_which_only_the_name_is_known() -> None:
    """Its id is looked up first."""
    server = Server()
    posts = _posts(server, 2)
    done = carry_out(server, task(TaskKind.POLL, full=True, account=city(native_id=None)))
    assert done.calls[:2] == ["users/by/username/ExampletonCity", f"users/{CITY}/tweets"]
    assert set(posts) <= set(done.keys)


def test_a_token_learns_once_that_the_archive_is_closed() -> None:
    """What was refused is not asked again the next day."""
    server = Server(archive=False)
    _posts(server, 2)
    done = carry_out(server, task(TaskKind.POLL, full=True))
    assert done.calls[-1] == "tweets/search/all"
    again = carry_out(server, task(TaskKind.POLL, full=True, account=learned(city(), done), everything=True))
    assert "tweets/search/all" not in again.calls

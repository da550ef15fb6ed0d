"""Timelines, mentions, quotes and searches: what they have, what they lack, how they go on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.x.conftest import Caller

DAY = timedelta(days=1)


def _ids(found: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in found]


@pytest.mark.parametrize("short", [False, True], ids=["full pages", "short and empty pages"])
def test_a_timeline_ends_with_a_missing_token_alone(call: Caller, short: bool) -> None:
    """However its pages are cut, each post is on one of them, newest first, and an empty page may lie in between."""
    for number in range(23):
        call.x.post(call.account, f"Post {number}", at=call.x.now() - DAY * (number + 1))
    call.api.quirks.short_pages = short
    found = _ids(call.every(f"users/{call.account.id}/tweets", max_results=6))
    assert found == sorted((post.id for post in call.x.of(call.account)), key=int, reverse=True)


def test_an_empty_list_has_no_data(call: Caller) -> None:
    """But how many there are: none."""
    assert call.ok(f"users/{call.account.id}/tweets") == {"meta": {"result_count": 0}}


def test_the_wall(call: Caller) -> None:
    """A timeline reaches back so far, less far without replies; searches of the application have no wall, nor reposts."""
    call.api.quirks.wall, call.api.quirks.wall_without_replies = 7, 4
    other = call.x.post(call.people[0], "Theirs", at=call.x.now() - 400 * DAY)
    call.x.repost(call.account, other, at=call.x.now() - 399 * DAY)
    posts = [call.x.post(call.account, f"Post {n}", at=call.x.now() - DAY * (60 - n)) for n in range(9)]
    timeline = f"users/{call.account.id}/tweets"
    assert len(call.every(timeline)) == 7
    assert len(call.every(timeline, exclude="replies")) == 4
    query, start = f"from:{call.account.handle}", "2006-03-21T00:00:00Z"
    assert len(call.every("tweets/search/all", kind="app", query=query, start_time=start)) == len(posts)
    assert call.every("tweets/search/all", kind="app", query=query) == []  # without a beginning: thirty days


def test_the_same_place_of_another_list_is_refused(call: Caller) -> None:
    """A token is of one list; and X may say of any that it has ended."""
    for number in range(12):
        call.x.post(call.account, f"Post {number}", at=call.x.now() - DAY * (number + 1))
    timeline = f"users/{call.account.id}/tweets"
    token = call.ok(timeline, max_results=5)["meta"]["next_token"]
    assert call.get(timeline, max_results=5, pagination_token=token, exclude="replies").status == 400
    call.api.quirks.refuse_tokens = 1
    assert call.get(timeline, max_results=5, pagination_token=token).status == 400
    page = call.ok(timeline, max_results=5, pagination_token=token)
    assert len(page["data"]) == 5
    back = call.ok(timeline, max_results=5, pagination_token=page["meta"]["previous_token"])
    assert back["meta"]["newest_id"] == call.x.of(call.account)[0].id


def test_a_conversation(call: Caller) -> None:
    """Replies at all depths, without the root, the protected, the suspended, the ranked down; hidden ones as any."""
    root = call.x.post(call.account, "Root", at=call.x.now() - DAY)
    one, two, three = call.people
    first = call.x.reply(one, root, "First")
    deep = call.x.reply(two, first, "Deep")
    call.x.reply(three, root, "Only for friends")
    call.x.reply(two, root, "Ranked down", ranked_down=True)
    call.x.hide(first)
    call.x.protect(three)
    query = f"conversation_id:{root.id}"
    assert set(_ids(call.every("tweets/search/recent", query=query))) == {first.id, deep.id}
    assert call.ok(f"tweets/{root.id}", tweet_fields="public_metrics")["data"]["public_metrics"]["reply_count"] == 3
    call.x.world.advance(8 * DAY)
    assert call.every("tweets/search/recent", query=query) == []
    found = call.every("tweets/search/all", kind="app", query=query, start_time="2020-01-01T00:00:00Z")
    assert len(found) == 2


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"query": "x" * 513}, "512 characters"),
        ({"query": "-is:reply"}, "positive, standalone"),
        ({"query": "is:reply"}, "positive, standalone"),
        ({"query": "(from:a"}, "mismatched"),
        ({"query": "mood:good a"}, "invalid operator 'mood'"),
        ({"query": "a", "since_id": "1200000000000000000"}, "must be a tweet id created after"),
        ({"query": "a", "start_time": "2026-11-01T00:00:00Z"}, "on or after"),
        ({"query": "a", "since_id": "2124500000000000000", "end_time": "2026-11-22T00:00:00Z"}, "can not be combined"),
        ({"query": "a", "max_results": 101}, "not between 10 and 100"),
        ({"query": "a", "start_time": "yesterday"}, "not a valid RFC3339 time"),
        ({"query": "a", "next_token": "none"}, "is not valid"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_a_search_refuses(call: Caller, params: dict[str, Any], words: str) -> None:
    """With 400 and a sentence."""
    answer = call.get("tweets/search/recent", **params)
    assert answer.status == 400
    assert words in answer.json["errors"][0]["message"]


def test_operators(call: Caller) -> None:
    """Each finds what it says; blanks join, OR parts, a minus turns round."""
    x, (one, two, _) = call.x, call.people
    root = x.post(call.account, "The bridge is open", at=x.now() - DAY)
    named = x.post(one, f"@{call.account.handle} hello")
    answer = x.reply(two, root, "Great bridge")
    quote = x.post(two, "See", quote=root)
    again = x.repost(one, root)
    name = call.account.handle
    for query, expected in (
        ("bridge", {root, answer}),
        ('"bridge is open"', {root}),
        ("bridge is:reply", {answer}),
        ("bridge -is:reply", {root}),
        (f"@{name}", {named, answer}),
        (f"to:{name}", {answer}),
        (f"from:{name} OR from:{one.handle}", {root, named}),
        (f"(from:{one.handle} OR from:{two.handle}) -is:quote", {named, answer}),
        (f"in_reply_to_tweet_id:{root.id}", {answer}),
        (f"quotes_of_tweet_id:{root.id}", {quote}),
        (f"retweets_of_tweet_id:{root.id}", {again}),
    ):
        found = set(_ids(call.every("tweets/search/recent", query=query)))
        assert found == {post.id for post in expected}, query
    counted = call.ok("tweets/counts/recent", kind="app", query="bridge", granularity="day")
    assert counted["meta"]["total_tweet_count"] == 2


def test_searches_lag(call: Caller) -> None:
    """What is younger than half a minute is not found, unless limits are those of a demonstration."""
    call.api.quirks.search_lag = timedelta(seconds=30)
    post = call.x.post(call.account, "Fresh")
    assert call.every("tweets/search/recent", query="Fresh") == []
    call.x.world.advance(timedelta(seconds=31))
    assert _ids(call.every("tweets/search/recent", query="Fresh")) == [post.id]
    soon = (call.x.now() - timedelta(seconds=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert call.get("tweets/search/recent", query="Fresh", end_time=soon).status == 400


def test_mentions_and_quotes(call: Caller) -> None:
    """Whoever took the name away is not in the one; reposts of quotes are in the other."""
    root = call.x.post(call.account, "Root", at=call.x.now() - DAY)
    one, two, _ = call.people
    answer = call.x.reply(one, root, "Hello")
    call.x.reply(two, root, "Without the name", unnamed=True)
    quote = call.x.post(two, "Look", quote=root)
    again = call.x.repost(one, quote)
    assert _ids(call.every(f"users/{call.account.id}/mentions")) == [answer.id]
    assert set(_ids(call.every(f"tweets/{root.id}/quote_tweets"))) == {quote.id, again.id}
    assert _ids(call.every(f"tweets/{root.id}/quote_tweets", exclude="retweets")) == [quote.id]
    assert _ids(call.every(f"tweets/{quote.id}/retweets")) == [again.id]
    assert _ids(call.every(f"tweets/{quote.id}/retweeted_by")) == [one.id]


def test_figures_for_the_author_alone_empty_pages(call: Caller) -> None:
    """What is older than thirty days is taken out of its page, and the list goes on."""
    for number in range(12):
        call.x.post(call.account, f"Post {number}", at=call.x.now() - DAY * 5 * (number + 1))
    timeline = f"users/{call.account.id}/tweets"
    first = call.ok(timeline, max_results=6, tweet_fields="non_public_metrics")
    second = call.ok(
        timeline, max_results=6, tweet_fields="non_public_metrics", pagination_token=first["meta"]["next_token"]
    )
    assert (first["meta"]["result_count"], second["meta"]) == (
        5,
        {"result_count": 0, "previous_token": second["meta"]["previous_token"]},
    )

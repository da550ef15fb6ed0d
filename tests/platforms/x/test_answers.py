"""What answers mean: three kinds of 429, money that is used up, tokens that are refused for minutes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.task import Meaning
from archiver.platforms.x.answers import budget_of, judge, refused_parameters
from tests.platforms.x_world import BASE, CITY, NOW

TIMELINE = f"{BASE}/2/users/{CITY}/tweets?max_results=50"
ARCHIVE = f"{BASE}/2/tweets/search/all?query=x"
RECENT = f"{BASE}/2/tweets/search/recent?query=x"
POSTS = f"{BASE}/2/tweets?ids=1"
PROFILE = f"{BASE}/2/users/{CITY}"
PROBLEMS = "https://api.twitter.com/2/problems/"
PAGE = b"<!DOCTYPE html><title>502</title>"


def _answer(status: int | None, body: Any = b"", url: str = TIMELINE, **headers: str) -> Exchange:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Exchange("1", 1, "city-x", url, "posts", NOW, status=status, body=raw, headers=fields)


def _problem(kind: str, **more: Any) -> dict[str, Any]:
    return {"title": "Problem", "type": f"{PROBLEMS}{kind}", "detail": "X says why.", **more}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (_answer(200, {"meta": {"result_count": 0}}), Meaning.PROCEED),
        (_answer(200, PAGE), Meaning.RETRY),
        (_answer(200, b'{"data": [{"id'), Meaning.RETRY),
        (_answer(200, b"[]"), Meaning.RETRY),
        (_answer(None), Meaning.RETRY),
        (_answer(503, PAGE), Meaning.RETRY),
        (_answer(500), Meaning.RETRY),
        (_answer(402, {"title": "CreditsDepleted", "type": f"{PROBLEMS}credits"}), Meaning.ACCESS_LOST),
        (_answer(403, _problem("usage-capped")), Meaning.ACCESS_LOST),
        (_answer(403, _problem("client-forbidden")), Meaning.ACCESS_LOST),
        (_answer(403, _problem("client-forbidden"), ARCHIVE), Meaning.PROCEED),
        (_answer(403, _problem("unsupported-authentication"), ARCHIVE), Meaning.PROCEED),
        (_answer(403, _problem("forbidden", detail="You reached your monthly spend cap."), ARCHIVE), Meaning.ACCESS_LOST),
        (_answer(403, PAGE), Meaning.RETRY),
        (_answer(400, _problem("invalid-request", errors=[{"parameters": {"since_id": ["1"]}}])), Meaning.PROCEED),
        (_answer(400, _problem("invalid-request", errors=[{"parameters": {"start_time": ["1"]}}]), RECENT), Meaning.PROCEED),
        (_answer(400, _problem("invalid-request", errors=[{"parameters": {"tweet.fields": ["x"]}}])), Meaning.SHAPE_CHANGED),
        (_answer(404, _problem("resource-not-found"), POSTS), Meaning.PROCEED),
        (_answer(404, _problem("resource-not-found"), PROFILE), Meaning.ACCOUNT_GONE),
        (_answer(404, PAGE, POSTS), Meaning.RETRY),
        (_answer(200, {"errors": [_problem("resource-not-found", title="Forbidden")]}, PROFILE), Meaning.ACCOUNT_GONE),
        (_answer(200, {"errors": [_problem("resource-not-found")]}, POSTS), Meaning.PROCEED),
        (_answer(200, {"errors": [_problem("resource-not-found", parameter="id")]}), Meaning.ACCOUNT_GONE),
        (_answer(200, {"errors": [_problem("resource-not-found", title="Forbidden", parameter="id")]}), Meaning.ACCOUNT_GONE),
        (_answer(200, {"errors": [_problem("not-authorized-for-resource", parameter="id")]}), Meaning.ACCESS_LOST),
        (_answer(200, {"errors": [_problem("something-new")]}, RECENT), Meaning.RETRY),
        (_answer(200, {"errors": [_problem("resource-not-found", parameter="id")], "meta": {"result_count": 0}}),
         Meaning.ACCOUNT_GONE),
        (_answer(418), Meaning.SHAPE_CHANGED),
    ],
)  # fmt: skip
def test_what_an_answer_means(answer: Exchange, expected: Meaning) -> None:
    """By status, kind of problem and call; never by a table of limits."""
    assert judge(answer, token_sent=True).meaning is expected


RESET = str(int((NOW + timedelta(minutes=4)).timestamp()))
FAR = str(int((NOW + timedelta(days=4)).timestamp()))


@pytest.mark.parametrize(
    ("answer", "meaning", "until", "shared"),
    [
        (_answer(429, _problem("x"), x_rate_limit_remaining="0", x_rate_limit_reset=RESET), Meaning.WAIT,
         timedelta(minutes=4, seconds=2), False),
        (_answer(429, {"errors": [{"code": 88}]}, x_rate_limit_remaining="0", x_rate_limit_reset=FAR), Meaning.WAIT,
         timedelta(minutes=15, seconds=2), False),
        (_answer(429, b""), Meaning.WAIT, timedelta(minutes=15, seconds=2), False),
        (_answer(429, _problem("x"), x_rate_limit_remaining="871", x_rate_limit_reset=RESET), Meaning.RETRY,
         timedelta(seconds=10), False),
        (_answer(429, _problem("usage-capped", title="UsageCapExceeded"), x_rate_limit_remaining="871"), Meaning.WAIT,
         datetime(2026, 11, 23, tzinfo=UTC) - NOW, True),
    ],
)  # fmt: skip
def test_three_kinds_of_429(answer: Exchange, meaning: Meaning, until: timedelta, shared: bool) -> None:
    """The window, the pace of one a second, the month's cap: each is waited for as long as it lasts."""
    verdict = judge(answer, token_sent=True)
    assert (verdict.meaning, verdict.until, verdict.shared) == (meaning, NOW + until, shared)


def test_a_refused_token_may_be_good() -> None:
    """It is tried again, and calls for a person only if that does not help; without a token there is nothing to try."""
    verdict = judge(_answer(401, {"title": "Unauthorized"}), token_sent=True)
    assert (verdict.meaning, verdict.at_last) == (Meaning.RETRY, Meaning.ACCESS_LOST)
    assert judge(_answer(401, {"title": "Unauthorized"}), token_sent=False).meaning is Meaning.NEEDS_TOKEN


def test_money_that_is_used_up_is_said_in_words() -> None:
    """Where to top up, and what X said."""
    verdict = judge(_answer(402, {"title": "CreditsDepleted", "detail": "No credits."}), token_sent=True)
    assert "console.x.com" in verdict.detail
    assert "402 CreditsDepleted - No credits." in verdict.detail
    capped = judge(
        _answer(403, {"title": "Forbidden", "detail": "You reached your monthly spend cap."}), token_sent=True
    )
    assert "console.x.com" in capped.detail


def test_an_account_that_protects_its_posts_is_not_an_empty_one() -> None:
    """A list that X refuses ends no gap and shows no absence; a person is told what helps."""
    refused = {"errors": [_problem("not-authorized-for-resource", parameter="id", resource_type="user")]}
    verdict = judge(_answer(200, refused), token_sent=True)
    assert "it protects its posts, so the token must be of its own login" in verdict.detail


def test_the_calls_that_are_left_are_believed() -> None:
    """Whatever the documentation says; an answer without them says nothing."""
    told = budget_of(
        _answer(200, b"{}", x_rate_limit_limit="900", x_rate_limit_remaining="7", x_rate_limit_reset=RESET)
    )
    assert told is not None
    assert (told.limit, told.remaining, told.resets_at) == (900, 7, NOW + timedelta(minutes=4))
    assert budget_of(_answer(200, b"{}")) is None
    assert budget_of(_answer(200, b"{}", x_rate_limit_remaining="many")) is None


def test_which_parameters_are_refused() -> None:
    """As an invalid request names them; other answers name none."""
    errors = [{"parameters": {"since_id": ["1"]}}, {"parameters": {"query": ["x"]}}, {"parameters": "odd"}, 7]
    assert refused_parameters(_answer(400, {"errors": errors})) == {"since_id", "query"}
    assert refused_parameters(_answer(403, {"errors": errors})) == set()
    assert refused_parameters(_answer(400, PAGE)) == set()


@pytest.mark.parametrize(
    ("status", "expected"),
    [(200, Meaning.PROCEED), (404, Meaning.PROCEED), (429, Meaning.WAIT), (503, Meaning.RETRY), (None, Meaning.RETRY)],
)
def test_a_file_that_is_not_there_is_an_answer(status: int | None, expected: Meaning) -> None:
    """Deleted media are 404; what X's servers for files say of limits is theirs."""
    answer = Exchange(
        "1", 1, "city-x", "https://pbs.twimg.com/1.jpg", "media", NOW, status=status, purpose=Purpose.MEDIA
    )
    assert judge(answer, token_sent=True).meaning is expected

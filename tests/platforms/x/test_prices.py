"""Prices: what an answer cost, and that no answer can cost more than was said before."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from archiver.domain.exchange import Exchange
from archiver.domain.task import TaskKind
from archiver.platforms.x.prices import OWNED_NOTE, cost, most
from tests.platforms.x_world import ANN, BASE, CITY, NOW, Server, carry_out, city, task, threads

TIMELINE = f"{BASE}/2/users/{CITY}/tweets?max_results=50&expansions=author_id,referenced_tweets.id"


def _answer(url: str, body: Any, *, status: int = 200, note: str = "") -> Exchange:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange("1", 1, "city-x", url, "posts", NOW, status=status, body=raw, note=note)


@pytest.mark.parametrize(
    ("url", "body", "note", "expected"),
    [
        (TIMELINE, {"data": [{}, {}]}, "", 10),
        (TIMELINE, {"data": [{}, {}]}, OWNED_NOTE, 2),
        (TIMELINE, {"meta": {"result_count": 0}}, OWNED_NOTE, 0),
        (TIMELINE, {"data": [{}], "includes": {"tweets": [{}], "users": [{}, {}], "media": [{}]}}, OWNED_NOTE, 26),
        (TIMELINE, {"data": [{}], "includes": {"posts": [{}]}}, OWNED_NOTE, 6),
        (f"{BASE}/2/users/{CITY}", {"data": {"id": CITY}}, "", 10),
        (f"{BASE}/2/users?ids=1,2", {"errors": [{}, {}]}, "", 0),
        (f"{BASE}/2/tweets?ids=1,2", {"data": [{}], "errors": [{}]}, "", 5),
        (f"{BASE}/2/usage/tweets", {"data": {"project_usage": "7"}}, "", 0),
        (f"{BASE}/2/tweets/search/all?query=x&max_results=100", {"data": [{}] * 3}, OWNED_NOTE, 15),
        (f"{BASE}/2/tweets/search/all?query=x&max_results=100", b"{cut", "", 500),
        ("https://pbs.twimg.com/media/1.jpg", b"", "", 0),
    ],
)  # fmt: skip
def test_what_an_answer_cost(url: str, body: Any, note: str, expected: int) -> None:
    """Each post and person in it, at the price of whose they are; an answer that can't be read cost the most."""
    assert cost(_answer(url, body, note=note)) == expected


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 429, 503])
def test_what_fails_is_free(status: int) -> None:
    """X charges for what it returns."""
    assert cost(_answer(TIMELINE, {"data": [{}]}, status=status)) == 0


def test_no_answer_costs_more_than_was_said() -> None:
    """Of all calls of all tasks, with posts that answer, quote, repeat and were edited."""
    server = Server()
    root = server.post(at=NOW - timedelta(days=2))["id"]
    for n in range(30):
        reply = server.post(ANN, f"Answer {n}", to=root, at=NOW - timedelta(days=1, minutes=n))["id"]
        server.post(text=f"Our answer {n}", to=reply, quote=root, at=NOW - timedelta(hours=n + 1))
    edited = server.post(text="A", at=NOW - timedelta(hours=3))["id"]
    for minute in range(1, 6):
        server.edit(edited, f"A{minute}", NOW - timedelta(hours=3) + timedelta(minutes=minute))
    user = city(facts={"kind of token": "user", "holder of the token": CITY})
    for one in (
        task(TaskKind.POLL, full=True), task(TaskKind.POLL, account=user), task(TaskKind.MENTIONS, account=user),
        threads(f"x:{root}"), task(TaskKind.HISTORY, f"x:{edited}"), task(TaskKind.CONFIRM, f"x:{root}", f"x:{edited}"),
        task(TaskKind.PROFILE),
    ):  # fmt: skip
        done = carry_out(server, one)
        assert done.exchanges
        for spec, exchange in zip(done.specs, done.exchanges, strict=True):
            assert cost(exchange) <= spec.cost, spec.url
            assert spec.cost == most(spec.url, spec.note)


def test_only_the_account_s_own_token_reads_cheaply() -> None:
    """A user's token that is somebody else's, and an application's, pay the full price."""
    for facts, owned in (
        ({}, False),
        ({"kind of token": "app"}, False),
        ({"kind of token": "user", "holder of the token": ANN}, False),
        ({"kind of token": "user", "holder of the token": CITY}, True),
    ):
        done = carry_out(Server(), task(TaskKind.MENTIONS, account=city(facts=facts)))
        assert [spec.note == OWNED_NOTE for spec in done.specs] == [owned], facts

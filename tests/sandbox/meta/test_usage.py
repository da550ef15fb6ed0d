"""Limits: headers from a tenth on, refusals with codes, recovery by the clock."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from archiver.sandbox.meta.usage import WORDS
from tests.sandbox.meta.conftest import Graph


def test_a_page_s_budget(graph: Graph) -> None:
    """Silent, then in percent, then 80001 with the minutes that are left; well again after them."""
    usage = graph.city.facebook.api.usage
    usage.calls, usage.window = 20, timedelta(hours=1)
    seen = []
    for _ in range(20):
        answer = graph.get("me")
        assert answer.status == 200
        header = answer.headers.get("x-business-use-case-usage")
        seen.append(json.loads(header)[graph.page.id][0]["call_count"] if header else None)
    assert seen[:3] == [None, 10, 15]
    assert seen[-1] == 100
    graph.city.world.advance(timedelta(minutes=10))
    refused = graph.get("me")
    assert (refused.status, refused.json["error"]["code"]) == (400, 80001)
    (entry,) = json.loads(refused.headers["x-business-use-case-usage"])[graph.page.id]
    assert (entry["type"], entry["call_count"], entry["estimated_time_to_regain_access"]) == ("pages", 100, 50)
    graph.city.world.advance(timedelta(minutes=51))
    graph.ok("me")


@pytest.mark.parametrize("code", sorted(WORDS))
def test_each_code(graph: Graph, code: int) -> None:
    """A block refuses with its code until its minutes are over."""
    graph.city.facebook.api.usage.block(code, minutes=5)
    answer = graph.get("me")
    assert (answer.json["error"]["code"], answer.status) == (code, WORDS[code][2])
    name = "x-business-use-case-usage" if code >= 80000 else "x-app-usage"
    assert name in answer.headers
    graph.city.world.advance(timedelta(minutes=6))
    graph.ok("me")
    graph.city.facebook.api.usage.block(code, minutes=5)
    graph.city.facebook.api.usage.lift()
    graph.ok("me")


def test_calls_while_blocked_lengthen_it(graph: Graph) -> None:
    """When that is switched on."""
    usage = graph.city.facebook.api.usage
    usage.lengthens = True
    usage.block(minutes=2)
    for _ in range(3):
        graph.get("me")
    graph.city.world.advance(timedelta(minutes=4))
    assert graph.error("me")["code"] == 80001
    assert usage.refused == 4


def test_blocks_of_one_page(graph: Graph) -> None:
    """Another caller is not refused."""
    graph.city.facebook.api.usage.block(minutes=5, subject="999")
    graph.ok("me")

"""Faults in Meta's form, by the rules of the sandbox."""

from __future__ import annotations

import http.client

import pytest

from archiver.sandbox.faults import Fault, cut_json, slow, truncated
from archiver.sandbox.meta.faults import (
    empty,
    error_in_200,
    reduce_the_amount,
    service_down,
    sorry_page,
    unknown_error,
)
from tests.sandbox.meta.conftest import Graph


@pytest.mark.parametrize(
    ("fault", "status", "code", "kind"),
    [
        (unknown_error(), 500, 1, "application/json; charset=UTF-8"),
        (service_down(), 503, 2, "application/json; charset=UTF-8"),
        (error_in_200(), 200, 2, "application/json; charset=UTF-8"),
        (reduce_the_amount(), 500, 1, "application/json; charset=UTF-8"),
        (sorry_page(), 500, None, "text/html; charset=utf-8"),
        (empty(), 503, None, "text/html; charset=utf-8"),
    ],
)
def test_one_answer_goes_wrong(graph: Graph, fault: Fault, status: int, code: int | None, kind: str) -> None:
    """And the next is well."""
    graph.city.facebook.faults.add(fault, matching="/me")
    answer = graph.get("me")
    assert (answer.status, answer.headers["content-type"]) == (status, kind)
    if code is not None:
        assert answer.json["error"]["code"] == code
    graph.ok("me")


def test_broken_and_slow_answers(graph: Graph) -> None:
    """The sandbox's own faults work here as everywhere."""
    graph.city.facebook.faults.add(truncated())
    with pytest.raises(http.client.IncompleteRead):
        graph.get("me")
    graph.city.facebook.faults.add(cut_json())
    with pytest.raises(ValueError, match=r"delimiter|Unterminated|Expecting"):
        _ = graph.get("me").json
    graph.city.facebook.faults.add(slow(0.05))
    graph.ok("me")

"""The headers that say how much of the allowance is used, and the pace that follows from them."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest

from archiver.capture.pace import Pacer
from archiver.domain.exchange import Headers
from archiver.platforms.meta.usage import budget_of, most_used
from tests.platforms.meta.answers import NOW, answer
from tests.support.clock import FakeClock


def app(percent: float) -> Headers:
    """A header of an app's usage."""
    return (("x-app-usage", json.dumps({"call_count": percent, "total_time": 3, "total_cputime": 0})),)


CASES: list[tuple[str, Headers, int | None]] = [
    ("none was sent", (), None),
    ("an app's", app(28), 28),
    ("a page's", (("X-Page-Usage", '{"call_count":7,"total_cputime":80,"total_time":20}'),), 80),
    (
        "a use case's",
        (("X-Business-Use-Case-Usage", '{"104":[{"type":"pages","call_count":41,"total_time":12}]}'),),
        41,
    ),
    ("the highest of several", (*app(30), ("X-Page-Usage", '{"call_count": 31}')), 31),
    ("another use case's", (("X-Business-Use-Case-Usage", '{"104":[{"type":"instagram","call_count":99}]}'),), None),
    ("one without a type", (("X-Business-Use-Case-Usage", '{"104":[{"call_count":99}]}'),), 99),
    ("of another shape", (("X-App-Usage", "[1]"), ("X-Business-Use-Case-Usage", '{"104": {"call_count": 1}}')), None),
    ("no JSON", (("X-App-Usage", "28%"),), None),
    ("no number", (("X-App-Usage", '{"call_count": "28"}'),), None),
]


@pytest.mark.parametrize(("sentence", "headers", "expected"), CASES)
def test_the_most_used_part(sentence: str, headers: Headers, expected: int | None) -> None:
    """Of all percentages in all headers, those of other use cases left out."""
    assert most_used(answer({}, headers=headers), {"pages"}) == expected, sentence


@pytest.mark.parametrize(
    ("percent", "calls_a_minute"), [(10, None), (74, None), (80, 8), (90, 4), (98, 0), (100, 0), (130, 0)]
)
def test_calls_are_spread_from_three_quarters_on(percent: int, calls_a_minute: int | None) -> None:
    """Below as fast as may be; above ever slower; at the wall none for some minutes."""
    pacer, clock = Pacer(0.2), FakeClock()
    begin, stop = clock.now(), threading.Event()
    made = 0
    while made < 100:
        pacer.note("city", budget_of(answer({}, headers=app(percent))), now=clock.now())
        pacer.turn("city", clock, stop)
        if clock.now() - begin >= timedelta(minutes=1):
            break
        made += 1
    assert made == (100 if calls_a_minute is None else calls_a_minute)


@pytest.mark.parametrize(
    ("sentence", "headers", "shared"),
    [
        ("the app's", app(90), True),
        ("a page's", (("X-Page-Usage", '{"call_count": 90}'),), False),
        ("a page's is used more than the app's", (*app(30), ("X-Page-Usage", '{"call_count": 90}')), False),
        ("the app's is used more than the page's", (*app(90), ("X-Page-Usage", '{"call_count": 30}')), True),
    ],
)
def test_the_apps_budget_is_shared(sentence: str, headers: Headers, shared: bool) -> None:
    """The one that is used most counts, and it says whose it is."""
    found = budget_of(answer({}, headers=headers))
    assert found is not None
    assert found.shared is shared, sentence
    alone = budget_of(answer({}, headers=headers), app_wide=False)
    assert alone is not None
    assert not alone.shared, sentence


def test_a_block_with_an_end_leaves_nothing_until_then() -> None:
    """Calls made while blocked lengthen the block."""
    header = '{"104":[{"type":"pages","call_count":100,"estimated_time_to_regain_access":12}]}'
    found = budget_of(answer({}, headers=(("X-Business-Use-Case-Usage", header),)))
    assert found is not None
    assert (found.remaining, found.resets_at) == (0, NOW + timedelta(minutes=12))

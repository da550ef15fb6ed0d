"""Single values out of any platform's JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from archiver.domain.exchange import Exchange
from archiver.errors import ShapeChanged
from archiver.platforms import fields

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sentence", "value", "expected"),
    [
        ("UTC's letter", "2026-11-10T12:00:00Z", NOON),
        ("with milliseconds", "2026-11-10T12:00:00.000Z", NOON),
        ("with microseconds and an offset", "2026-11-10T13:00:00.000000+01:00", NOON),
        ("more digits than a clock has", "2026-11-10T12:00:00.000000999+00:00", NOON),
        ("a local time without an offset", "2026-11-10T12:00:00", None),
        ("before all time", "0001-01-01T00:00:00+08:00", None),
        ("a number", 1_794_312_000, None),
        ("nothing", None, None),
    ],
)
def test_a_zoned_moment(sentence: str, value: Any, expected: datetime | None) -> None:
    """ISO 8601 with an offset, in UTC; anything else is no moment."""
    assert fields.zoned_moment(value) == expected, sentence


@pytest.mark.parametrize(
    ("value", "expected"), [(0, 0), (7, 7), (True, None), (-1, None), (2**63, None), ("7", None), (1.5, None)]
)
def test_a_count(value: Any, expected: int | None) -> None:
    """A whole number that is not negative and fits a row."""
    assert fields.count(value) == expected


@pytest.mark.parametrize(("value", "expected"), [(True, True), (False, False), (1, None), ("true", None), (None, None)])
def test_a_flag(value: Any, expected: bool | None) -> None:
    """A truth value and nothing that is like one."""
    assert fields.flag(value) is expected


def test_objects_of_a_list_know_their_place() -> None:
    """What is no object is passed over and keeps its number; what is no list has none."""
    assert list(fields.objects([{"a": 1}, None, {"b": 2}], "/items")) == [
        ("/items/0", {"a": 1}),
        ("/items/2", {"b": 2}),
    ]
    assert list(fields.objects({"a": 1})) == []


@pytest.mark.parametrize("body", [b"[]", b'"words"', b"<html>"])
def test_an_answer_that_is_no_object_is_of_an_unknown_shape(body: bytes) -> None:
    """Nothing can be read from it."""
    exchange = Exchange("0", 0, "city", "https://api.example/1", "posts", NOON, status=200, body=body)
    with pytest.raises(ShapeChanged):
        fields.document(exchange)

"""Single values out of Meta's JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import ShapeChanged
from archiver.platforms.meta import fields
from tests.platforms.meta.answers import answer

NOON = datetime(2021, 8, 10, 12, 0, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sentence", "value", "expected"),
    [
        ("an offset without a colon", "2021-08-10T12:00:03+0000", NOON),
        ("an offset with a colon", "2021-08-10T20:00:03+08:00", NOON),
        ("a local time with its offset", "2021-08-10T05:00:03-0700", NOON),
        ("UTC's letter", "2021-08-10T12:00:03Z", NOON),
        ("Unix seconds", 1628596803, NOON),
        ("Unix seconds as text", "1628596803", NOON),
        ("Unix milliseconds of a message", 1628596803000, NOON),
        ("a local time without an offset", "2021-08-10T12:00:03", None),
        ("a day", "2021-08-10", None),
        ("a small number", 60, None),
        ("a truth value", True, None),
        ("no number", float("nan"), None),
        ("more than time holds", 10**30, None),
        ("thousands of digits", "9" * 5000, None),
        ("a local time before all time", "0001-01-01T00:00:00+0800", None),
        ("a word", "soon", None),
        ("nothing", None, None),
    ],
)
def test_a_moment(sentence: str, value: Any, expected: datetime | None) -> None:
    """Graph times, events' local times, and Unix times in three forms."""
    assert fields.moment(value) == expected, sentence


@given(
    st.datetimes(datetime(2004, 2, 4), datetime(2100, 1, 1)),  # noqa: DTZ001 - the zone follows
    st.integers(-14 * 60, 14 * 60),
)
def test_a_moment_in_any_offset_is_that_moment(naive: datetime, minutes: int) -> None:
    """Offsets as Meta writes them, ``+HHMM``."""
    when = naive.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    assert fields.moment(when.strftime("%Y-%m-%dT%H:%M:%S%z")) == when
    assert fields.moment(fields.stamp(when)) == when


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("104_910", "104_910"),
        (12345678901234567890, "12345678901234567890"),
        ("", None),
        (True, None),
        (1.5, None),
        (-1, None),
        (10**50, None),
        (None, None),
    ],
)
def test_an_id_is_text_even_where_a_number_came(value: Any, expected: str | None) -> None:
    """Webhooks send some ids as numbers, beyond what a double holds."""
    assert fields.identifier(value) == expected


@pytest.mark.parametrize(
    ("reader", "value", "expected"),
    [
        (fields.count, 7, 7),
        (fields.count, -1, None),
        (fields.count, True, None),
        (fields.count, 10**30, None),
        (fields.flag, True, True),
        (fields.flag, 0, False),
        (fields.flag, 2, None),
        (fields.flag, "true", None),
        (fields.text, "", ""),
        (fields.text, 7, None),
        (fields.mapping, [], {}),
        (fields.summary, {"summary": {"total_count": 3}}, {"total_count": 3}),
        (fields.summary, [], {}),
    ],
)
def test_a_value_of_another_type_was_not_returned(reader: Any, value: Any, expected: Any) -> None:
    """Each reader takes its own type and no other."""
    assert reader(value) == expected


def test_entries_come_with_pointers_that_count_what_is_skipped() -> None:
    """What is no object keeps its place."""
    assert list(fields.objects([None, {"id": "1"}, 7, {"id": "2"}], "/data")) == [
        ("/data/1", {"id": "1"}),
        ("/data/3", {"id": "2"}),
    ]
    assert list(fields.connection({"data": [{"id": "1"}]}, "/comments")) == [("/comments/data/0", {"id": "1"})]
    assert list(fields.connection([{"id": "1"}], "/tags")) == [("/tags/0", {"id": "1"})]
    assert list(fields.connection(None)) == []


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"null", b"[" * 100_000, b"\xff"])
def test_an_answer_that_is_no_object_has_another_shape(body: bytes) -> None:
    """The whole shape raises, single values never do."""
    with pytest.raises(ShapeChanged):
        fields.document(answer(body))


def test_a_listing_has_a_list_of_data() -> None:
    """An empty one is a listing, one without is not."""
    assert fields.listed(answer({"data": []})) == []
    assert fields.listed(answer({"data": [{"id": "1"}]})) == [("/data/0", {"id": "1"})]
    with pytest.raises(ShapeChanged):
        fields.listed(answer({"data": {"id": "1"}}))

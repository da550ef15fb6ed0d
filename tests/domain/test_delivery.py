"""Whom a delivery is about, in each of the layouts that are known, and in none of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.delivery import Address, address

AT = datetime(2026, 11, 3, 15, 0, 1, tzinfo=UTC)
UNIX = int(AT.timestamp())

TABLE: dict[str, tuple[Any, Address]] = {
    "a page": ({"object": "page", "entry": [{"id": "11", "time": UNIX}]}, Address("facebook", {"11": AT})),
    "an id as a number": ({"object": "instagram", "entry": [{"id": 17841}]}, Address("instagram", {"17841": None})),
    "milliseconds": ({"object": "page", "entry": [{"id": "11", "time": UNIX * 1000}]}, Address("facebook", {"11": AT})),
    "a time as text": ({"object": "page", "entry": [{"id": "1", "time": str(UNIX)}]}, Address("facebook", {"1": AT})),
    "two pages, the earliest time": (
        {"object": "page", "entry": [{"id": "1", "time": UNIX + 9}, {"id": "2"}, {"id": "1", "time": UNIX}]},
        Address("facebook", {"1": AT, "2": None}),
    ),
    "an object that is not known": ({"object": "billboard", "entry": [{"id": "1"}]}, Address(None, {"1": None})),
    "an entry that is no list": ({"object": "page", "entry": {"id": "1"}}, Address("facebook", {"1": None})),
    "an answer on Threads": (
        {"topic": "moderate", "target_id": "18", "time": UNIX, "values": {"field": "replies", "value": {"root_post": {"owner_id": "27"}}}},
        Address("threads", {"27": AT}),
    ),
    "a removal on Threads": (
        {"topic": "moderate", "target_id": "27", "time": UNIX, "values": {"field": "delete", "value": {"owner": {"owner_id": "27"}}}},
        Address("threads", {"27": AT}),
    ),
    "a list of values": (
        {"target_id": "18", "values": [{"value": {"owner": {"owner_id": 27}}}]}, Address("threads", {"27": None}),
    ),
    "a mention on Threads names what it is about": (
        {"topic": "interaction", "target_id": "27", "time": UNIX, "values": {"field": "mentions", "value": {"id": "5"}}},
        Address("threads", {"27": AT}, guessed=True),
    ),
    "nobody": ({"object": "page", "entry": []}, Address("facebook")),
    "ids that are none": ({"entry": [{"id": None}, {"id": True}, {"id": ""}, 7, {"id": ["1"]}]}, Address()),
    "a list": ([1, 2], Address()),
    "times that are none": (
        {"entry": [{"id": "1", "time": "soon"}, {"id": "2", "time": 10**30}, {"id": "3", "time": None}]},
        Address(None, {"1": None, "2": None, "3": None}),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), TABLE.values(), ids=TABLE)
def test_a_delivery_says_whom_it_is_about(body: Any, expected: Address) -> None:
    """Ids and times come from where each layout has them."""
    assert address(json.dumps(body).encode()) == expected


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'"text"', b"[" * 100_000, b"nul"])
def test_what_can_t_be_read_is_about_nobody(body: bytes) -> None:
    """A delivery is kept whatever it is."""
    assert address(body) == Address()


def test_only_one_sure_id_is_the_only_one() -> None:
    """What is about several, or perhaps about a post, lies with the deliveries about several."""
    assert Address("facebook", {"1": None}).one == "1"
    assert Address("facebook", {"1": None, "2": None}).one is None
    assert Address("threads", {"1": None}, guessed=True).one is None
    assert Address().one is None


def test_a_platform_s_ids_are_its_own() -> None:
    """The same number on two platforms is two accounts; a platform that is not said may be any."""
    assert Address("facebook", {"1": None}).concerns("facebook", "1")
    assert not Address("facebook", {"1": None}).concerns("instagram", "1")
    assert not Address("facebook", {"1": None}).concerns("facebook", None)
    assert Address(None, {"1": None}).concerns("instagram", "1")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["object", "entry", "id", "time", "values", "value", "root_post", "owner", "owner_id", "target_id"]), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(_JSON)
def test_no_shape_raises(body: Any) -> None:
    """Unknown fields and wrong types name nobody, or somebody by text."""
    found = address(json.dumps(body).encode())
    assert all(type(name) is str and name for name in found.sent_at)

"""Ids of X: keys and back, and the time that is in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.account import Account
from archiver.platforms.x.ids import Names, is_id, made_at, permalink

SPACES = st.sampled_from(["", "gateway.example/"])
IDS = st.integers(1, 2**63 - 1).map(str)


@given(IDS, SPACES)
def test_keys_lead_back_to_ids(native_id: str, space: str) -> None:
    """Of posts and profiles, which are told apart."""
    names = Names(space, "city")
    assert names.native(names.post(native_id)) == native_id
    assert names.profile_id(names.profile(native_id)) == native_id
    assert names.profile_id(names.post(native_id)) is None
    assert names.account_id(names.person(native_id)) == native_id


@given(st.integers(1_288_840_000_000, 4_000_000_000_000), st.integers(0, 2**22 - 1))
def test_an_id_tells_when_it_was_made(milliseconds: int, rest: int) -> None:
    """To the second, which is what X shows."""
    native_id = str(((milliseconds - 1_288_834_974_657) << 22) + rest)
    assert made_at(native_id) == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=milliseconds // 1000)


@pytest.mark.parametrize("native_id", ["", "783214", "29700859247", "12x", "-5", "١٢٣"])
def test_other_ids_tell_nothing(native_id: str) -> None:
    """Those of before November 2010 were counted."""
    assert made_at(native_id) is None


HANDLES = {
    "a name": ("@ExampletonCity", "ExampletonCity", None),
    "an id": ("1200000000000000001", "1200000000000000001", "1200000000000000001"),
    "digits that may be a name": ("783214", "783214", None),
}


@pytest.mark.parametrize(("handle", "name", "native_id"), HANDLES.values(), ids=HANDLES)
def test_a_handle_is_a_name_or_an_id(handle: str, name: str, native_id: str | None) -> None:
    """A table of what may be configured."""
    names = Names.of(Account("city", "x", handle))
    assert (names.handle, names.handle_id) == (name, native_id)
    assert names.is_own(name.upper())
    assert not names.is_own(None)


def test_permalinks_do_without_a_name() -> None:
    """The name may change, the id does not."""
    assert permalink("5", "city") == "https://x.com/city/status/5"
    assert permalink("5") == "https://x.com/i/status/5"


def test_what_an_id_is() -> None:
    """ASCII digits, up to twenty."""
    assert [is_id(word) for word in ("5", "1" * 20, "1" * 21, "", "5a", "٥")] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]

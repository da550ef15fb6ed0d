"""Durations as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.durations import format_duration, parse_duration

READ = {
    "30s": timedelta(seconds=30),
    "15m": timedelta(minutes=15),
    "6h": timedelta(hours=6),
    "1d": timedelta(days=1),
    " 90d ": timedelta(days=90),
    "0090s": timedelta(seconds=90),
}

REFUSED = {
    "nothing": "",
    "no unit": "15",
    "no number": "m",
    "an unknown unit": "2w",
    "a capital": "15M",
    "a fraction": "1.5h",
    "a sign": "-5m",
    "two units": "1h30m",
    "zero": "0s",
    "a space inside": "15 m",
    "digits of another script": "١٥m",
    "more than a hundred years": "999999d",
    "more than a number can be": "9" * 40 + "d",
}


@pytest.mark.parametrize(("text", "duration"), READ.items(), ids=READ)
def test_the_four_units_are_read(text: str, duration: timedelta) -> None:
    """A whole number and a unit."""
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_anything_else_is_refused_in_a_sentence(text: str) -> None:
    """The message repeats what was written."""
    with pytest.raises(ValueError, match="is") as caught:
        parse_duration(text)
    assert repr(text) in str(caught.value)


@given(st.integers(min_value=1, max_value=36_525 * 86_400))
def test_what_is_written_is_read_back(seconds: int) -> None:
    """Writing then reading gives the same duration, in one number and one unit."""
    duration = timedelta(seconds=seconds)
    assert parse_duration(format_duration(duration)) == duration


@pytest.mark.parametrize("duration", [timedelta(0), timedelta(seconds=-1), timedelta(milliseconds=1500)])
def test_what_has_no_such_form_is_not_rounded(duration: timedelta) -> None:
    """Nothing is written that would be read back as something else."""
    with pytest.raises(ValueError, match="whole number"):
        format_duration(duration)

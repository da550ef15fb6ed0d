"""The limit headers of the platforms, in all their dialects."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.limits import iso_reset, retry_after, unix_reset

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)

RETRY_AFTER = {
    "seconds": ("120", NOW + timedelta(minutes=2)),
    "seconds with spaces around": (" 30 ", NOW + timedelta(seconds=30)),
    "fractions of a second": ("1.5", NOW + timedelta(seconds=1.5)),
    "a date of today's form": ("Sun, 22 Nov 2026 15:04:05 GMT", datetime(2026, 11, 22, 15, 4, 5, tzinfo=UTC)),
    "a date of RFC 850's form": (
        "Sunday, 22-Nov-26 15:04:05 GMT",
        datetime(2026, 11, 22, 15, 4, 5, tzinfo=UTC),
    ),
    "a date of asctime's form": ("Sun Nov 22 15:04:05 2026", datetime(2026, 11, 22, 15, 4, 5, tzinfo=UTC)),
    "a date that has passed": ("Sun, 06 Nov 1994 08:49:37 GMT", datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)),
    "another zone than GMT": (
        "Sun, 22 Nov 2026 16:04:05 +0100",
        datetime(2026, 11, 22, 15, 4, 5, tzinfo=UTC),
    ),
    "a negative number": ("-5", None),
    "a word": ("soon", None),
    "nothing": ("", None),
    "no header": (None, None),
    "a number beyond all calendars": ("9" * 40, None),
    "digits of another script": ("١٢", None),
}
ISO = {
    "Mastodon's microseconds": (
        "2026-08-01T13:55:00.608310Z",
        datetime(2026, 8, 1, 13, 55, 0, 608310, tzinfo=UTC),
    ),
    "GoToSocial's milliseconds": (
        "2026-08-01T13:55:00.608Z",
        datetime(2026, 8, 1, 13, 55, 0, 608000, tzinfo=UTC),
    ),
    "an offset": ("2026-08-01T15:55:00+02:00", datetime(2026, 8, 1, 13, 55, tzinfo=UTC)),
    "no zone is UTC": ("2026-08-01T13:55:00", datetime(2026, 8, 1, 13, 55, tzinfo=UTC)),
    "an offset beyond the calendar": ("0001-01-01T00:00:00+14:00", None),
    "something else": ("tomorrow", None),
    "no header": (None, None),
}
UNIX = {
    "seconds": ("1795362823", datetime(2026, 11, 22, 15, 53, 43, tzinfo=UTC)),
    "milliseconds": ("1795362823500", datetime(2026, 11, 22, 15, 53, 43, 500000, tzinfo=UTC)),
    "a duration is no moment": ("900", None),
    "a date": ("2026-08-01T13:55:00Z", None),
    "no header": (None, None),
    "a number beyond all calendars": ("9" * 30, None),
}


@pytest.mark.parametrize("case", RETRY_AFTER)
def test_retry_after(case: str) -> None:
    """Seconds and dates give the moment when calls may go on."""
    value, expected = RETRY_AFTER[case]
    assert retry_after(value, NOW) == expected


@pytest.mark.parametrize("case", ISO)
def test_iso_reset(case: str) -> None:
    """Mastodon's kind of reset is a moment in text."""
    value, expected = ISO[case]
    assert iso_reset(value) == expected


@pytest.mark.parametrize("case", UNIX)
def test_unix_reset(case: str) -> None:
    """Bluesky's kind of reset is a moment in numbers."""
    value, expected = UNIX[case]
    assert unix_reset(value) == expected


@given(st.text())
def test_nothing_that_a_platform_sends_raises(value: str) -> None:
    """A header that can't be read is None or a UTC moment, never an error."""
    for moment in (retry_after(value, NOW), iso_reset(value), unix_reset(value)):
        assert moment is None or moment.tzinfo is UTC

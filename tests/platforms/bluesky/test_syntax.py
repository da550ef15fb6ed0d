"""Names and times, held against the vectors that the protocol publishes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.platforms.bluesky.addresses import call_of, server_of
from archiver.platforms.bluesky.syntax import at_uri, is_did, moment, owner, tid_time
from tests.platforms.bluesky.recorded import SHARED, needs_recordings

VECTORS = SHARED / "interop-test-files" / "syntax"
READ_ALL_THE_SAME = {
    "1985-04-12T23:20:50.123",
    "1985-04-12T23:20:50",
    "1985-04-12T23:20:50.123z",
    "1985-04-12t23:20:50.123Z",
}
"""What the protocol calls invalid and early clients wrote: no zone, small letters. The AppView reads them, so do we."""


def vectors(name: str) -> list[str]:
    """The lines of a vector file that are no comments."""
    return [line for line in (VECTORS / name).read_text().splitlines() if line and not line.startswith("#")]


@needs_recordings
def test_every_valid_datetime_is_read() -> None:
    """With any number of fraction digits, any zone."""
    assert [text for text in vectors("datetime_syntax_valid.txt") if moment(text) is None] == []


@needs_recordings
def test_invalid_datetimes_are_none() -> None:
    """But for those that were common once."""
    wrong = {*vectors("datetime_syntax_invalid.txt"), *vectors("datetime_parse_invalid.txt")} - READ_ALL_THE_SAME
    assert [text for text in wrong if moment(text) is not None] == []


@needs_recordings
def test_tids_dids_and_addresses_follow_the_vectors() -> None:
    """Valid ones are taken, invalid ones are not; an address must be a record's."""
    assert all(tid_time(text) is not None for text in vectors("tid_syntax_valid.txt"))
    assert not any(tid_time(text) for text in vectors("tid_syntax_invalid.txt"))
    assert all(is_did(text) for text in vectors("did_syntax_valid.txt"))
    assert not any(is_did(text) for text in vectors("did_syntax_invalid.txt"))
    assert not any(at_uri(text) for text in vectors("aturi_syntax_invalid.txt"))
    assert all(at_uri(text) for text in vectors("aturi_syntax_valid.txt") if text.count("/") == 4)


def test_the_published_tid_gives_its_time() -> None:
    """3n2vxxplom22x was made at 15:53:43.656."""
    assert tid_time("3n2vxxplom22x") == datetime(2026, 11, 22, 15, 53, 43, 656000, tzinfo=UTC)


EARLIEST, LATEST = (datetime.fromisoformat(text) for text in ("0001-01-02", "9999-12-30"))
CASES = {
    "no fraction": ("2026-03-02T14:05:11Z", datetime(2026, 3, 2, 14, 5, 11, tzinfo=UTC)),
    "nine digits": ("2026-03-02T14:05:11.123456789Z", datetime(2026, 3, 2, 14, 5, 11, 123456, tzinfo=UTC)),
    "a zone": ("2026-03-02T08:05:11.5-06:00", datetime(2026, 3, 2, 14, 5, 11, 500000, tzinfo=UTC)),
    "the epoch": ("1970-01-01T00:00:00.000Z", datetime(1970, 1, 1, tzinfo=UTC)),
    "a leap second": ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
    "a far future": ("9999-12-31T23:59:59.999Z", datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)),
    "no zone": ("2023-07-21T01:33:51.481951", datetime(2023, 7, 21, 1, 33, 51, 481951, tzinfo=UTC)),
    "beyond the calendar": ("9999-12-31T23:59:59-01:00", None),
    "year 0": ("0000-01-01T00:00:00Z", None),
    "a 30th of February": ("2026-02-30T00:00:00Z", None),
    "empty": ("", None),
    "a number": (1700000000, None),
    "words": ("yesterday", None),
}


@pytest.mark.parametrize("name", CASES)
def test_datetimes(name: str) -> None:
    """As UTC, or None and on it goes."""
    text, expected = CASES[name]
    assert moment(text) == expected


@given(st.datetimes(EARLIEST, LATEST), st.integers(-14 * 60, 14 * 60))
def test_a_written_datetime_is_read_back(at: datetime, minutes: int) -> None:
    """Whatever its zone."""
    zone = timedelta(minutes=minutes)
    sign = "-" if minutes < 0 else "+"
    written = f"{(at + zone).isoformat()}{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    expected = None if written.endswith("-00:00") else at.replace(tzinfo=UTC)
    assert moment(written) == expected


@given(st.text())
def test_nothing_that_strangers_write_raises(text: str) -> None:
    """Names, times, addresses, servers."""
    moment(text), at_uri(text), is_did(text), owner(text), tid_time(text), server_of(text), call_of(text)


SERVERS = {
    "https://oyster.us-east.host.bsky.network": "https://oyster.us-east.host.bsky.network",
    "https://pds.example.org/": "https://pds.example.org",
    "https://pds.example.org:8443": "https://pds.example.org:8443",
    "http://pds.example.org": None,
    "https://127.0.0.1": None,
    "https://[::1]": None,
    "https://localhost": None,
    "https://user:secret@pds.example.org": None,
    "https://pds.example.org/path": None,
    "https://pds.example.org?x=1": None,
    "https://pds.example.org:99999": None,
    "file:///etc/passwd": None,
}


@pytest.mark.parametrize("endpoint", SERVERS)
def test_a_stranger_s_did_document_leads_to_public_servers_only(endpoint: str) -> None:
    """HTTPS, a DNS name, nothing else."""
    assert server_of(endpoint) == SERVERS[endpoint]

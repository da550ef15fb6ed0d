"""The text of named fields: dates, ids, digests, addresses."""

from __future__ import annotations

import base64
import doctest
import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.warc import fields as f
from archiver.warc.names import SegmentKey, begun_at, segment_name, serial_of
from archiver.warc.rules import field_faults, parse_head


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize(
    "label", [str.lower, str.upper, lambda name: name.replace("sha", "SHA-"), lambda name: name.replace("sha", "Sha_")]
)
def test_digests_in_every_spelling_are_one(algorithm: str, label: object) -> None:
    """Labels and encodings differ between writers; decoded values are compared (R61)."""
    assert callable(label)
    raw = hashlib.new(algorithm, b"hello").digest()
    values = [
        raw.hex(), raw.hex().upper(), base64.b32encode(raw).decode(), base64.b32encode(raw).decode().rstrip("=").lower(),
        base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode().rstrip("="),
    ]  # fmt: skip
    assert {f.parse_digest(f"{label(algorithm)}:{value}") for value in values} == {(algorithm, raw)}


@pytest.mark.parametrize(
    "text",
    ["", "sha256", "sha256:", "sha256:abc", "sha257:" + "0" * 64, "sha1:" + "0" * 64, "sha256:" + "!" * 64, "0" * 64],
)
def test_what_is_no_digest(text: str) -> None:
    """A digest without a label, of another length or in no encoding is refused."""
    with pytest.raises(ValueError, match=r"digest|value"):
        f.parse_digest(text)


def test_examples_in_docstrings() -> None:
    """They are true."""
    assert doctest.testmod(f).failed == 0


@given(at=st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2200, 1, 1)), hours=st.integers(-14, 14))  # noqa: DTZ001 - given its zone below
def test_dates_are_utc_to_the_microsecond(at: datetime, hours: int) -> None:
    """A moment of any zone is written in UTC and read back as it was."""
    local = at.replace(tzinfo=timezone(timedelta(hours=hours)))
    assert f.parse_date(f.date(local)) == local
    assert f.date(local).endswith("Z")
    assert begun_at(segment_name(SegmentKey("a", "api"), local, 1, "h")) == local.astimezone(UTC).replace(microsecond=0)


@pytest.mark.parametrize(
    ("text", "microsecond"),
    [("2026-01-02T03:04:05Z", 0), ("2026-01-02T03:04:05.6Z", 600_000), ("2026-01-02T03:04:05.678901234Z", 678_901)],
)
def test_dates_of_other_writers(text: str, microsecond: int) -> None:
    """One to nine digits of a second, or none."""
    assert f.parse_date(text) == datetime(2026, 1, 2, 3, 4, 5, microsecond, tzinfo=UTC)


@given(url=st.text(min_size=1, max_size=60), value=st.text(max_size=60))
def test_no_value_breaks_out_of_its_line(url: str, value: str) -> None:
    """Whatever stands in a field, the head parses to the same number of fields, without a fault in its lines."""
    fields = [("WARC-Target-URI", f.uri(url)), ("X-Own", value.encode("utf-8", "replace").decode())]
    parsed, faults = parse_head(f.head(fields))
    assert [name for name, _ in parsed] == ["WARC-Target-URI", "X-Own"]
    assert [fault for fault in faults if "RFC 2047" not in fault.problem] == []


@given(tail=st.text(max_size=60))
def test_any_address_becomes_a_uri(tail: str) -> None:
    """What the client asked for is written as a URI, and writing it again changes nothing."""
    uri = f.uri("https://example.org/" + tail)
    named = f.Named((("WARC-Type", "response"), ("WARC-Target-URI", uri)))
    assert [
        one.expected
        for one in field_faults(named)
        if "WARC-Target-URI" in one.problem and "credential" not in one.expected
    ] == []
    assert f.uri(uri) == uri


def test_names_of_files() -> None:
    """Prefix, 14 digits, serial, a host that is none."""
    name = segment_name(
        SegmentKey("police-facebook", "media"), datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), 123_456, "archiver"
    )
    assert name == "police-facebook-media-20260102030405-123456-archiver.warc.gz"
    assert serial_of(name) == serial_of(name + ".open") == 123_456
    assert serial_of("x.warc.gz") == 0
    assert begun_at("x.warc.gz") is None
    assert begun_at(name.replace("20260102", "20261302")) is None


def test_named_fields_are_found_in_any_case() -> None:
    """The first, or all, of a name."""
    named = f.Named((("A", "1"), ("b", "2"), ("a", "3")))
    assert (named.value("a"), named.values("A"), named.value("c"), named.values("c")) == ("1", ["1", "3"], None, [])

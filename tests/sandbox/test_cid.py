"""Content identifiers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from archiver.sandbox.cid import cid_of_bytes, cid_of_record, encode
from tests.sandbox.recorded import BLUESKY, needs_recordings

ENCODED = {
    "a small number is one byte": (23, "17"),
    "24 takes a second byte": (24, "1818"),
    "256 takes two more": (256, "190100"),
    "a negative number counts from -1": (-1, "20"),
    "text is UTF-8 with its length in bytes": ("é", "62c3a9"),
    "shorter keys stand first": ({"bb": 1, "a": 2, "ab": 3}, "a361610262616203626262" + "01"),
    "true, false and null": ([True, False, None], "83f5f4f6"),
    "bytes come as base64 without padding": ({"$bytes": "AQI"}, "420102"),
}


def test_canonical_encoding() -> None:
    """Values are encoded as DAG-CBOR wants them, byte by byte."""
    for sentence, (value, expected) in ENCODED.items():
        assert encode(value).hex() == expected, sentence


def test_a_link_is_tag_42() -> None:
    """A link holds the binary CID behind a zero byte."""
    cid = cid_of_bytes(b"")
    assert cid == "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"
    assert encode({"$link": cid}).hex().startswith("d82a582500" + "01551220")


@given(st.dictionaries(st.text(max_size=8), st.integers() | st.text() | st.none(), max_size=6))
def test_the_order_of_keys_is_no_content(value: dict[str, Any]) -> None:
    """The same members in another order are the same record."""
    value = {key: part for key, part in value.items() if not isinstance(part, int) or abs(part) < 1 << 63}
    backwards = dict(reversed(value.items()))
    assert cid_of_record(value) == cid_of_record(backwards)


@needs_recordings
def test_real_records_have_these_cids() -> None:
    """The CID of each record in the recorded answers is the one that the real servers gave it."""
    checked = 0
    for path in BLUESKY.glob("*/*.json"):
        for value, cid in _records(json.loads(path.read_text())):
            assert cid_of_record(value) == cid
            checked += 1
    assert checked > 500


@needs_recordings
def test_real_blobs_have_these_cids() -> None:
    """A recorded blob hashes to the CID that it was asked for by."""
    for release in ("v0.3.215-node20", "v0.6.7-node22"):
        data = (BLUESKY / release / "104-sync-getBlob-jpeg.jpg").read_bytes()
        assert cid_of_bytes(data) == "bafkreig43i2h4h6cnptvrryqi5donz7xhwayjbo7szmzq5vralpadxv7ou"


def _records(value: Any) -> Iterator[tuple[dict[str, Any], str]]:
    if isinstance(value, dict):
        record = value.get("value", value.get("record"))
        if "cid" in value and isinstance(record, dict) and "$type" in record:
            yield record, value["cid"]
        for part in value.values():
            yield from _records(part)
    elif isinstance(value, list):
        for part in value:
            yield from _records(part)

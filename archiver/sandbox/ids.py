"""The platforms' own ways of naming things, made from a moment or a seed."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta

_TID_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros_of(moment: datetime) -> int:
    """Whole microseconds since 1970, UTC."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def tid(micros: int, clock_id: int) -> str:
    """A Bluesky record key: 53 bits of microseconds and 10 bits of clock id (https://atproto.com/specs/tid)."""
    number = (micros << 10) | (clock_id & 0x3FF)
    return "".join(_TID_LETTERS[(number >> shift) & 31] for shift in range(60, -1, -5))


def did_plc(*seed: object) -> str:
    """A ``did:plc:`` with 24 letters of base32, the same for the same seed."""
    digest = hashlib.sha256(repr(seed).encode()).digest()
    return "did:plc:" + base64.b32encode(digest).decode().lower()[:24]


def snowflake(moment: datetime, serial: int) -> str:
    """A Mastodon id: milliseconds in the high bits, 16 bits to tell the ones of a millisecond apart."""
    return str(((micros_of(moment) // 1000) << 16) | (serial & 0xFFFF))


def ulid(moment: datetime, serial: int) -> str:
    """A GoToSocial id: 48 bits of milliseconds, 80 bits to tell apart, in Crockford's base32."""
    number = ((micros_of(moment) // 1000) << 80) | (serial * 0x9E3779B97F4A7C15 % (1 << 80))
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


def iso_ms(moment: datetime) -> str:
    """``2026-03-02T14:05:11.123Z``; of a moment in UTC."""
    # strftime takes three times as long, and years are always of four digits here.
    m = moment
    day, time = f"{m.year}-{m.month:02}-{m.day:02}", f"{m.hour:02}:{m.minute:02}:{m.second:02}"
    return f"{day}T{time}.{m.microsecond // 1000:03}Z"


def iso_us(moment: datetime) -> str:
    """``2026-03-02T14:05:11.123456Z``; of a moment in UTC."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

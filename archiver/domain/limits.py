"""The moments that platforms name in their limit headers: when calls may go on.

Three dialects are in use: ``Retry-After`` (RFC 9110, section 10.2.3), a reset as ISO 8601 text (Mastodon)
and a reset as Unix seconds (Bluesky, X). All functions give an aware UTC datetime, or None for what can't be
read: a limit that is not understood is answered by backing off, never by an error.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]*)?", re.ASCII)
_FIRST_UNIX_S = 1_000_000_000.0  # 2001: a smaller number is a duration, not a moment
_FIRST_UNIX_MS = 100_000_000_000.0  # 5138 in seconds, so it is 1973 or later in milliseconds


def retry_after(value: str | None, now: datetime) -> datetime | None:
    """When a ``Retry-After`` ends: seconds from ``now``, or an HTTP date in any of its three forms.

    Fractions of a second are taken too. A moment that has passed is given as it is.
    """
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return _after(now, float(text))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return _utc(moment)


def iso_reset(value: str | None) -> datetime | None:
    """A reset given as ISO 8601 text, with or without fractions; without a zone it is taken as UTC."""
    try:
        return _utc(datetime.fromisoformat((value or "").strip()))
    except ValueError:
        return None


def unix_reset(value: str | None) -> datetime | None:
    """A reset given as seconds since 1970; milliseconds are told by their size.

    A number too small to be a moment is a duration in somebody's dialect: None.
    """
    text = (value or "").strip()
    if not _SECONDS.fullmatch(text):
        return None
    seconds = float(text)
    if seconds >= _FIRST_UNIX_MS:
        seconds /= 1000
    if seconds < _FIRST_UNIX_S:
        return None
    return _after(datetime.fromtimestamp(0, UTC), seconds)


def _after(start: datetime, seconds: float) -> datetime | None:
    try:
        return (start + timedelta(seconds=seconds)).astimezone(UTC)
    except OverflowError:
        return None


def _utc(moment: datetime) -> datetime | None:
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        return None

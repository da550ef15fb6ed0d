"""The version that is asked for, and the one that answered.

A version lives about two years. A dead one is not refused: the oldest one still alive answers, and the header
``facebook-api-version`` tells. (Meta's changelog as of November 2026; facebook.md, section 1.)
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from archiver.domain.exchange import Exchange

GRAPH_VERSION = "v26.0"
"""What Facebook and Instagram are asked for, unless ``api_version`` is configured."""
NOTICE = timedelta(days=120)
"""So long before a version's end it is complained about."""

_ENDS = {
    "v21.0": datetime(2027, 1, 21, tzinfo=UTC),
    "v22.0": datetime(2027, 5, 20, tzinfo=UTC),
    "v23.0": datetime(2027, 10, 8, tzinfo=UTC),
    "v24.0": datetime(2028, 2, 18, tzinfo=UTC),
    "v25.0": datetime(2028, 7, 29, tzinfo=UTC),
}
_REMEDY = "Bring the archiver to its newest release, or set api_version."
_VERSION = re.compile(r"v[0-9]{1,3}\.[0-9]{1,2}", re.ASCII)


def answered_by(exchange: Exchange) -> str | None:
    """The version that an answer names; None where it names none."""
    value = (exchange.header("facebook-api-version") or "").strip()
    return value if _VERSION.fullmatch(value) else None


def complaint(sent: str, exchange: Exchange) -> str | None:
    """What is wrong with the version that was asked for, in words for a person; None when nothing is."""
    answered = answered_by(exchange)
    if answered is not None and answered != sent:
        return f"The platform was asked in version {sent} and answered in {answered}. {_REMEDY}"
    ends = _ENDS.get(sent)
    if ends is not None and ends - exchange.captured_at < NOTICE:
        return f"Version {sent} of the platform's API ends on {ends:%Y-%m-%d}. {_REMEDY}"
    return None

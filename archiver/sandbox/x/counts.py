"""How many posts a query finds, in pieces of time: the answer of the counting endpoints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from archiver.sandbox.x.ids import timestamp
from archiver.sandbox.x.objects import Shown

_PIECES = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


def counted(found: Sequence[Shown], granularity: str) -> dict[str, Any]:
    """The pieces in which there is something, oldest first, and the total; an unknown granularity is an hour."""
    piece = _PIECES.get(granularity, _PIECES["hour"])
    pieces = Counter(_beginning(version.at, piece) for _, version in found)
    data = [
        {"start": timestamp(begin), "end": timestamp(begin + piece), "tweet_count": count}
        for begin, count in sorted(pieces.items())
    ]
    return {"data": data, "meta": {"total_tweet_count": len(found)}}


def _beginning(moment: datetime, piece: timedelta) -> datetime:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return day + (moment - day) // piece * piece

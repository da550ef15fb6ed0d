"""How often the dearer looks are taken, in quota units and hours.

A poll comes every quarter of an hour. Looking at the head of the lists costs it three units; all videos of a channel of
two thousand cost eighty. The comments of all of them would cost two thousand and more, so a video's are listed again
when YouTube's own count of them has changed, and from time to time because an edit changes no count.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from archiver.domain.task import Cursor
from archiver.platforms.fields import count, zoned_moment

BETWEEN_WALKS = timedelta(hours=1)
"""So long at least between two walks over all uploads, a full listing aside."""
PER_UNIT = timedelta(minutes=1)
"""And so long for each unit that the last one took: 1,440 units a day at most, whatever the channel's size."""
SOONEST_AGAIN, LATEST_AGAIN = timedelta(days=1), timedelta(days=28)
"""Between two listings of all comments of a video of which no count has changed. What was read without the author's
consent is to be renewed within thirty days (YouTube's developer policies, III.E.4)."""
QUIET_SHARE = 6
"""As in `archiver.domain.cadence`: a thread waits this part of the time for which it has been quiet."""
COMMENTS_OFF = timedelta(days=7)
"""Comments that were switched off are asked for again so much later."""
TRACKS_FIRST, TRACKS_LAST = timedelta(days=1), timedelta(days=64)
"""Between two looks at the subtitles of a video: twice as long after each that found nothing new."""


def walk_due(memory: Cursor, now: datetime) -> bool:
    """Whether all uploads are to be listed, after the last time that they were."""
    walked_at, units = zoned_moment(memory.get("walked")), count(memory.get("units")) or 0
    return walked_at is None or now >= walked_at + max(BETWEEN_WALKS, units * PER_UNIT)


def again_after(newest: datetime | None, now: datetime) -> timedelta:
    """How long the comments of a video are good for whose newest is from then (None: there are none)."""
    if newest is None:
        return LATEST_AGAIN
    return min(max((now - newest) / QUIET_SHARE, SOONEST_AGAIN), LATEST_AGAIN)


def later(known: datetime | None, other: datetime | None) -> datetime | None:
    """The later of two moments, as far as they are known."""
    return max((at for at in (known, other) if at is not None), default=None)

"""The subtitles of one video, for its owner: which tracks there are. Each changed one is a file of its own.

This is the dearest look of all, fifty units, and two hundred for each file that it finds. So it is taken twice as long
after the one before as that one waited, as long as it finds nothing new, whoever asks for it.
"""

from __future__ import annotations

from datetime import timedelta

from archiver.domain.exchange import Exchange
from archiver.domain.task import Cursor, NotOffered, Step, Task
from archiver.platforms.fields import count, mapping, text, zoned_moment
from archiver.platforms.resuming import state_of
from archiver.platforms.youtube.answers import words_for
from archiver.platforms.youtube.errors import Fault, error_of
from archiver.platforms.youtube.fields import entries, identifier
from archiver.platforms.youtube.office import Office, done, remembered
from archiver.platforms.youtube.rhythm import TRACKS_FIRST, TRACKS_LAST
from archiver.platforms.youtube.routes import Call

STREAM = "captions"
REFUSED = (
    "YouTube does not list subtitles to this token. It has to be one of the channel's owner, with the scope "
    "youtube.force-ssl."
)


def start(office: Office, task: Task) -> Step:
    """The tracks, unless they were looked at a short time ago, or the token is not the owner's."""
    memory = remembered(task.cursor)
    looked_at, wait = zoned_moment(memory.get("looked")), timedelta(days=count(memory.get("wait_days")) or 0)
    if not office.owner or (looked_at is not None and task.started_at < looked_at + wait):
        return done(memory)
    video = office.names.native(task.subject or "")
    asked = office.desk.ask(Call.CAPTIONS, ("videoId", video), stream=STREAM)
    return office.step([asked], {"before": memory})


def proceed(_office: Office, task: Task, step: Step, exchange: Exchange) -> Step:
    """Done, with what was found for comparison with the next time."""
    before: Cursor = state_of(step).get("before", {})
    error = error_of(exchange)
    if error is not None:
        refused = error.fault is Fault.RIGHTS
        return done(
            _looked(task, before, before.get("tracks") or {}),
            [NotOffered(STREAM, f"{REFUSED} {words_for(error)}")] if refused else [],
        )
    found = {
        native_id: text(mapping(one.get("snippet")).get("lastUpdated")) or ""
        for _, one in entries(exchange)
        if (native_id := identifier(one.get("id"))) is not None
    }
    return done(_looked(task, before, found))


def _looked(task: Task, before: Cursor, tracks: Cursor) -> Cursor:
    """What to remember: the tracks, when they were looked at, and for how many days that is good."""
    longest, first = TRACKS_LAST.days, TRACKS_FIRST.days
    wait = count(before.get("wait_days")) or 0
    wait = min(max(wait * 2, first), longest) if tracks == before.get("tracks") else first
    return {"looked": task.started_at.isoformat(), "wait_days": wait, "tracks": tracks}

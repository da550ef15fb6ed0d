"""The bytes of one file: a picture, or a track of subtitles, which only the owner's token opens."""

from __future__ import annotations

from archiver.domain.exchange import Exchange
from archiver.domain.task import NotOffered, Step, Task
from archiver.platforms.youtube.office import Office

STREAM = "media"
FILMS = "video files"
NO_FILMS = (
    "YouTube's API gives no video files. The owner's own are in Google Takeout: `archiver import` puts them to their "
    "records."
)


def start(office: Office, task: Task) -> Step:
    """Where the file was last seen; subtitles by their own call. The video file has no address."""
    if office.names.is_film(task.subject or ""):
        return Step(findings=(NotOffered(FILMS, NO_FILMS),))
    track = office.names.track(task.subject or "")
    if track is not None:
        return Step((office.desk.subtitles(track.id, stream=STREAM),))
    address = task.address or task.subject or ""
    return Step((office.desk.picture(address),)) if address.startswith(("https://", "http://")) else Step()


def proceed(_office: Office, _task: Task, step: Step, _exchange: Exchange) -> Step:
    """Done, whatever came."""
    return step.rest()

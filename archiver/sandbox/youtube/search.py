"""``search.list``, as far as an archive may need it: most videos of a channel, out of a small allowance."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from archiver.sandbox.youtube import seen
from archiver.sandbox.youtube.call import Call
from archiver.sandbox.youtube.files import Files
from archiver.sandbox.youtube.ids import letters
from archiver.sandbox.youtube.model import Video
from archiver.sandbox.youtube.problems import bad
from archiver.sandbox.youtube.wire import resource

INCOMPLETE = 10
"""Search does not know each tenth video."""


def search(call: Call, files: Files) -> dict[str, Any]:
    """Public videos of a channel between two moments, the newest publication first."""
    given = call.given
    channel = call.viewer if given.one("forMine") == "true" else call.youtube.channel(given.text("channelId"))
    if given.values.get("type", ("video",)) != ("video",):
        raise bad("type", "invalidParameter", "The sandbox searches for videos alone.")
    videos = seen.uploads(call.youtube, channel, None) if channel is not None else []
    after, before = _moment(call, "publishedAfter"), _moment(call, "publishedBefore")
    wanted = given.text("q").lower()
    found = [
        video
        for video in videos
        if video.number % INCOMPLETE
        and (after is None or video.published_at >= after)
        and (before is None or video.published_at < before)
        and wanted in video.latest.title.lower()
    ]
    found.sort(key=lambda video: video.published_at, reverse=True)
    page = call.by_place(found)
    return call.listed("searchListResponse", [_result(call, one, files) for one in page.things], page)


def _moment(call: Call, name: str) -> datetime | None:
    value = call.given.one(name)
    if value is None:
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise bad(name, "invalidParameter", f"Invalid value '{value}'.") from error


def _result(call: Call, one: Video, files: Files) -> dict[str, Any]:
    def snippet() -> dict[str, Any]:
        return {
            "publishedAt": call.time(one.published_at),
            "channelId": one.channel.id,
            "title": one.latest.title,
            "description": one.latest.description[:160],
            "thumbnails": files.thumbnails(one),
            "channelTitle": one.channel.profile.display_name,
            "liveBroadcastContent": one.live.state if one.live is not None else "none",
        }

    value = resource("searchResult", letters(20, "result", one.id), call.chosen({"snippet": snippet}))
    return value | {"id": {"kind": "youtube#video", "videoId": one.id}}

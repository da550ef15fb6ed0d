"""``videos.list``: up to fifty ids; those that lead to nothing are silently left out."""

from __future__ import annotations

from typing import Any

from archiver.sandbox.youtube import seen
from archiver.sandbox.youtube.call import Call
from archiver.sandbox.youtube.files import Files
from archiver.sandbox.youtube.model import Privacy, Video
from archiver.sandbox.youtube.paging import Page
from archiver.sandbox.youtube.parameters import OWNERS_PARTS
from archiver.sandbox.youtube.problems import forbidden
from archiver.sandbox.youtube.wire import resource, spoken_duration


def list_videos(call: Call, files: Files) -> dict[str, Any]:
    """What the caller may see of the ids it asks for."""
    named = [call.youtube.videos.get(native) for native in call.given.values["id"]]
    found = [one for one in named if one is not None and seen.video_there(one, call.viewer)]
    if call.given.parts & OWNERS_PARTS and any(not call.caller.owns(one.channel) for one in found):
        raise forbidden()
    shown = [one for one in found if one.id not in call.quirks.glitch]
    value = call.listed("videoListResponse", [_video(call, one, files) for one in shown], Page(shown, len(shown)))
    value["pageInfo"]["resultsPerPage"] = len(shown)
    return value


def _video(call: Call, one: Video, files: Files) -> dict[str, Any]:
    parts = {
        "snippet": lambda: _snippet(call, one, files),
        "contentDetails": lambda: _content(one),
        "status": lambda: _status(call, one),
        "statistics": lambda: _statistics(call, one),
        "liveStreamingDetails": lambda: _live(call, one),
        "recordingDetails": dict,
        "topicDetails": lambda: {"topicCategories": ["https://en.wikipedia.org/wiki/Politics"]},
        "player": lambda: {"embedHtml": f'<iframe src="//www.youtube.com/embed/{one.id}"></iframe>'},
        "fileDetails": lambda: {"fileName": f"{one.id}.mp4", "fileType": "video"},
        "processingDetails": lambda: {"processingStatus": "succeeded"},
    }
    return resource("video", one.id, call.chosen(parts))


def _snippet(call: Call, one: Video, files: Files) -> dict[str, Any]:
    words = {"title": one.latest.title, "description": one.latest.description}
    value: dict[str, Any] = {
        "publishedAt": call.time(one.published_at),
        "channelId": one.channel.id,
        **words,
        "thumbnails": files.thumbnails(one),
        "channelTitle": one.channel.profile.display_name,
        "categoryId": "25",
        "liveBroadcastContent": one.live.state if one.live is not None else "none",
        "defaultLanguage": "en",
        "localized": words,
        "defaultAudioLanguage": "en",
    }
    return value | ({"tags": list(one.latest.tags)} if one.latest.tags else {})


def _content(one: Video) -> dict[str, Any]:
    running = one.live is not None and one.live.ended_at is None
    return {
        "duration": "P0D" if running else spoken_duration(one.duration_s),
        "dimension": "2d",
        "definition": "hd",
        "caption": "true" if any(track.kind == "standard" for track in one.captions) else "false",
        "licensedContent": False,
        "contentRating": {},
        "projection": "rectangular",
    }


def _status(call: Call, one: Video) -> dict[str, Any]:
    running = one.live is not None and one.live.ended_at is None
    value: dict[str, Any] = {
        "uploadStatus": "uploaded" if running else "processed",
        "privacyStatus": one.privacy.value,
        "license": "youtube",
        "embeddable": True,
        "publicStatsViewable": True,
        "madeForKids": False,
        "containsSyntheticMedia": False,
    }
    if call.caller.owns(one.channel):
        value["selfDeclaredMadeForKids"] = False
        if one.publish_at is not None and one.privacy is Privacy.PRIVATE:
            value["publishAt"] = call.time(one.publish_at)
    return value


def _statistics(call: Call, one: Video) -> dict[str, Any]:
    value = {"viewCount": str(one.views), "favoriteCount": "0"}
    if one.likes is not None:
        value["likeCount"] = str(one.likes)
    if call.caller.owns(one.channel):
        value["dislikeCount"] = "0"
    if not one.comments_off:
        value["commentCount"] = str(seen.counted_comments(one))
    return value


def _live(call: Call, one: Video) -> dict[str, Any] | None:
    live = one.live
    if live is None:
        return None
    value: dict[str, Any] = {"scheduledStartTime": call.time(live.scheduled_at)}
    if live.started_at is not None:
        value["actualStartTime"] = call.time(live.started_at)
    if live.ended_at is not None:
        return value | {"actualEndTime": call.time(live.ended_at)}
    if live.started_at is not None:
        value["concurrentViewers"] = str(live.viewers)
    if live.chat_open:
        value["activeLiveChatId"] = live.chat_id
    return value

"""``captions.list`` and ``captions.download``: for the owner alone, and dear."""

from __future__ import annotations

from typing import Any

from archiver.sandbox.wire import Answer
from archiver.sandbox.youtube.call import Call
from archiver.sandbox.youtube.model import Caption
from archiver.sandbox.youtube.problems import Problem, forbidden, login_required, not_found
from archiver.sandbox.youtube.wire import precise, resource

OWN_FORM = "srt"
"""In what form a track is given out where none is asked for."""


def list_captions(call: Call) -> dict[str, Any]:
    """The tracks of a video."""
    video = call.youtube.videos.get(call.given.text("videoId"))
    if call.viewer is None:
        raise login_required()
    if video is None or video.gone_at is not None:
        message = "The video identified by the <code>videoId</code> parameter could not be found."
        raise not_found("youtube.caption", "videoNotFound", message, "videoId")
    if not call.caller.owns(video.channel):
        raise forbidden()
    wanted = call.given.values.get("id")
    tracks = [one for one in video.captions if one.gone_at is None and (not wanted or one.id in wanted)]
    return call.listed("captionListResponse", [_track(call, one) for one in tracks])


def _track(call: Call, one: Caption) -> dict[str, Any]:
    def snippet() -> dict[str, Any]:
        return {
            "videoId": one.video.id,
            "lastUpdated": precise(one.updated_at),
            "trackKind": one.kind,
            "language": one.language,
            "name": one.name,
            "audioTrackType": "unknown",
            "isCC": False,
            "isLarge": False,
            "isEasyReader": False,
            "isDraft": one.draft,
            "isAutoSynced": False,
            "status": "serving",
        }

    return resource("caption", one.id, call.chosen({"snippet": snippet}))


def download(call: Call, native: str) -> Answer:
    """The words of a track with their times."""
    track = call.youtube.captions.get(native)
    if call.viewer is None:
        raise login_required()
    if track is None or track.gone_at is not None or track.video.gone_at is not None:
        message = "The caption track could not be found."
        raise not_found("youtube.caption", "captionNotFound", message, "id")
    if not call.caller.owns(track.video.channel):
        raise forbidden()
    form = call.given.one("tfmt") or OWN_FORM
    if form not in _FORMS or call.given.has("tlang"):
        message = "The caption track data could not be converted into the requested language and/or format."
        raise Problem(400, "couldNotConvert", message, domain="youtube.caption", where=("tfmt", "parameter"))
    mime = {"srt": "application/x-subrip", "vtt": "text/vtt"}[form] if call.given.has("tfmt") else _OPAQUE
    return Answer(200, written(track, form), mime, cacheable=False)


_FORMS = frozenset({"srt", "vtt"})
_OPAQUE = "application/octet-stream"


def written(track: Caption, form: str = OWN_FORM) -> bytes:
    """A track as a file: SubRip or WebVTT."""
    mark = "," if form == "srt" else "."
    cues = [
        f"{number}\n{_time(begin, mark)} --> {_time(end, mark)}\n{words}\n"
        for number, (begin, end, words) in enumerate(track.cues, start=1)
    ]
    return ("" if form == "srt" else "WEBVTT\n\n").encode() + "\n".join(cues).encode()


def _time(seconds: float, mark: str) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{mark}{thousandths:03}"

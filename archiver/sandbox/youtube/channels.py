"""``channels.list``."""

from __future__ import annotations

from typing import Any

from archiver.sandbox.model import Person
from archiver.sandbox.youtube import seen
from archiver.sandbox.youtube.call import Call
from archiver.sandbox.youtube.files import Files
from archiver.sandbox.youtube.ids import uploads_of
from archiver.sandbox.youtube.model import YOUTUBE
from archiver.sandbox.youtube.problems import forbidden, login_required
from archiver.sandbox.youtube.wire import resource


def list_channels(call: Call, files: Files) -> dict[str, Any]:
    """By id, by handle, or the token's own; what leads to nothing is silently left out."""
    found = [one for one in _chosen(call) if one is not None and one.active]
    if "auditDetails" in call.given.parts and any(not call.caller.owns(one) for one in found):
        raise forbidden()
    return call.listed("channelListResponse", [_channel(call, one, files) for one in found], call.by_place(found))


def _chosen(call: Call) -> list[Person | None]:
    given, world = call.given, call.youtube.world
    if given.has("mine") or given.has("managedByMe"):
        if call.viewer is None:
            raise login_required()
        return [call.viewer]
    handle = given.one("forHandle") or given.one("forUsername")
    if handle is not None:
        name = handle.removeprefix("@").lower()
        return [one for one in (world.find_person(YOUTUBE, name),) if one is not None and one.handle.lower() == name]
    return [call.youtube.channel(native) for native in given.values["id"]]


def _channel(call: Call, one: Person, files: Files) -> dict[str, Any]:
    face = one.profile.avatar
    faces = {"default": 88, "medium": 240, "high": 800}
    words = {"title": one.profile.display_name, "description": one.profile.description}

    def snippet() -> dict[str, Any]:
        pictures = {}
        if face is not None:
            pictures = {
                name: {"url": files.address(face, size), "width": size, "height": size} for name, size in faces.items()
            }
        return words | {
            "customUrl": f"@{one.handle}",
            "publishedAt": call.time(one.joined_at),
            "thumbnails": pictures,
            "localized": words,
            "country": "US",
        }

    def statistics() -> dict[str, Any]:
        shown = seen.uploads(call.youtube, one, None)
        return {
            "viewCount": str(sum(video.views for video in shown)),
            "subscriberCount": str(_rounded(one.followers)),
            "hiddenSubscriberCount": False,
            "videoCount": str(len(shown)),
        }

    details = {"relatedPlaylists": {"likes": "", "uploads": uploads_of(one.id)}}
    status = {
        "privacyStatus": "public",
        "isLinked": True,
        "longUploadsStatus": "allowed" if call.caller.owns(one) else "longUploadsUnspecified",
        "madeForKids": False,
    }
    parts = {
        "snippet": snippet,
        "contentDetails": lambda: details,
        "statistics": statistics,
        "status": lambda: status,
        "brandingSettings": lambda: {"channel": words | {"keywords": "city council", "country": "US"}},
        "auditDetails": lambda: {"overallGoodStanding": True, "contentIdClaimsGoodStanding": True},
    }
    return resource("channel", one.id, call.chosen(parts))


def _rounded(count: int) -> int:
    """To three digits, as subscribers are told."""
    digits = max(len(str(count)) - 3, 0)
    return int(count // 10**digits * 10**digits)

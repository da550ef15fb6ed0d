"""``playlists.list`` and ``playlistItems.list``.

The list of uploads drops what is gone and what the caller must not see; other playlists keep a placeholder for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archiver.sandbox.model import Person
from archiver.sandbox.youtube import seen
from archiver.sandbox.youtube.call import Call
from archiver.sandbox.youtube.files import Files
from archiver.sandbox.youtube.ids import letters, uploads_of
from archiver.sandbox.youtube.model import Entry, Playlist, Privacy, Video
from archiver.sandbox.youtube.problems import NO_PLAYLIST, Problem, login_required, not_found
from archiver.sandbox.youtube.wire import resource

MOST_UPLOADS = 20_000
MOST_ENTRIES = 5_000
"""So far a playlist can be walked."""


# --- playlists


def list_playlists(call: Call, files: Files) -> dict[str, Any]:
    """Of a channel, the token's own, or by id."""
    found = _playlists(call)
    page = call.by_place(found)
    return call.listed("playlistListResponse", [_playlist(call, one, files) for one in page.things], page)


def _playlists(call: Call) -> list[Playlist]:
    given, viewer = call.given, call.viewer
    if given.has("id"):
        named = [call.youtube.playlists.get(native) for native in given.values["id"]]
        return [one for one in named if one is not None and seen.playlist_there(one, viewer)]
    channel = viewer if given.has("mine") else call.youtube.channel(given.text("channelId"))
    if given.has("mine") and viewer is None:
        raise login_required()
    if channel is None or not channel.active:
        raise not_found("youtube.playlist", "channelNotFound", "Channel not found.", "channelId")
    return seen.playlists(call.youtube, channel, viewer)


def _playlist(call: Call, one: Playlist, files: Files) -> dict[str, Any]:
    words = {"title": one.title, "description": one.description}
    first = next((entry.video for entry in one.entries if seen.video_there(entry.video, call.viewer)), None)

    def snippet() -> dict[str, Any]:
        return words | {
            "publishedAt": call.time(one.created_at),
            "channelId": one.channel.id,
            "thumbnails": files.thumbnails(first) if first is not None else {},
            "channelTitle": one.channel.profile.display_name,
            "localized": words,
        }

    parts = {
        "snippet": snippet,
        "contentDetails": lambda: {"itemCount": len(one.entries)},
        "status": lambda: {"privacyStatus": one.privacy.value},
    }
    return resource("playlist", one.id, call.chosen(parts))


# --- what is in them


def list_items(call: Call, files: Files) -> dict[str, Any]:
    """The entries of a playlist, those of a channel's uploads with the newest first."""
    native = call.given.text("playlistId")
    entries = _entries(call, native)
    page = call.by_place(list(enumerate(entries)))
    items = [_item(call, entry, position, native, files) for position, entry in page.things]
    return call.listed("playlistItemListResponse", items, page)


def _entries(call: Call, native: str) -> Sequence[Entry]:
    channel = call.youtube.channel("UC" + native[2:]) if native.startswith("UU") else None
    if channel is not None and channel.active and uploads_of(channel.id) == native:
        entries = _uploads(call, channel)
        if not entries:
            raise _no_playlist()
        return entries
    playlist = call.youtube.playlists.get(native)
    if playlist is None or not seen.playlist_there(playlist, call.viewer):
        raise _no_playlist()
    return playlist.entries[:MOST_ENTRIES]


def _uploads(call: Call, channel: Person) -> list[Entry]:
    videos = seen.uploads(call.youtube, channel, call.viewer)[:MOST_UPLOADS]
    return [Entry("VVU" + letters(45, channel.id, video.id), video, video.uploaded_at) for video in videos]


def _item(call: Call, entry: Entry, position: int, native: str, files: Files) -> dict[str, Any]:
    video = entry.video
    shown = seen.video_there(video, call.viewer)
    gone = video.gone_at is not None or not video.channel.active
    privacy = "privacyStatusUnspecified" if gone else video.privacy.value

    def snippet() -> dict[str, Any]:
        owner = call.youtube.playlists[native].channel if native in call.youtube.playlists else video.channel
        value: dict[str, Any] = {
            "publishedAt": call.time(entry.added_at),
            "channelId": owner.id,
            **(_words(video) if shown else _placeholder(gone=gone)),
            "thumbnails": files.thumbnails(video) if shown else {},
            "channelTitle": owner.profile.display_name,
            "playlistId": native,
            "position": position,
            "resourceId": {"kind": "youtube#video", "videoId": video.id},
        }
        if shown:
            value["videoOwnerChannelTitle"] = video.channel.profile.display_name
            value["videoOwnerChannelId"] = video.channel.id
        return value

    def details() -> dict[str, Any]:
        if not shown or video.privacy is Privacy.PRIVATE:
            return {"videoId": video.id}
        return {"videoId": video.id, "videoPublishedAt": call.time(video.published_at)}

    parts = {"snippet": snippet, "contentDetails": details, "status": lambda: {"privacyStatus": privacy}}
    return resource("playlistItem", entry.id, call.chosen(parts))


def _words(video: Video) -> dict[str, str]:
    return {"title": video.latest.title, "description": video.latest.description}


def _placeholder(*, gone: bool) -> dict[str, str]:
    if gone:
        return {"title": "Deleted video", "description": "This video is unavailable."}
    return {"title": "Private video", "description": "This video is private."}


def _no_playlist() -> Problem:
    return not_found("youtube.playlistItem", "playlistNotFound", NO_PLAYLIST, "playlistId")

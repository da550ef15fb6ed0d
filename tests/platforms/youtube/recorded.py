"""Recorded answers, outside the repository: found by ``ARCHIVER_SHARED``, else beside it.

They are bodies, bare or inside of ``{"request", "status", "headers", "body"}``; so each is given the address that it
answers, or is a push.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange
from archiver.platforms.youtube.ids import Names

ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("ARCHIVER_SHARED", str(ROOT.parent / "shared"))) / "recorded" / "youtube"
CITY = "UCexampletonCity00000000"
ACCOUNT = Account("city", "youtube", "@exampletoncity")
NAMES = Names.of(ACCOUNT)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PUSH = "push"

needs_recordings = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no recorded answers in {SHARED}")


@dataclass(frozen=True, slots=True)
class Call:
    """The call that a recording answers: all after the version, the kind of task, and its subject."""

    path: str = ""
    task: str = "poll"
    subject: str | None = None
    status: int = 200
    pushed: bool = False


_GDEV, _ME = "UC_x5XG1OV2P6uZZ5FSM9Ttw", "UCa-vrCLQHviTOVnEKDOdetQ"
_HAND, _DATA = "handwritten", "python-youtube/apidata"
_VIDEO, _THREAD = "vidMeeting1", "Ugw5zYU6n9pmIgAZWvN4AaABAg"
_CHANNELS = "channels?part=snippet,contentDetails,statistics,brandingSettings"
_VIDEOS = "videos?part=snippet,contentDetails,status,statistics,liveStreamingDetails"
_THREADS = "commentThreads?part=snippet,replies&textFormat=plainText"
_COMMENTS = "comments?part=snippet&textFormat=plainText"
_CHAT = "liveChat/messages?part=id,snippet,authorDetails&liveChatId=Cg0KC3ZpZExpdmVOb3cx"
_ITEMS = "playlistItems?part=snippet,contentDetails,status&maxResults=50"

CALLS = {
    f"{_HAND}/captions_download.srt": Call("captions/AUieDaExampleCaptionId000000000000000001?tfmt=srt"),
    f"{_HAND}/captions_list.json": Call(f"captions?part=snippet&videoId={_VIDEO}", "captions"),
    f"{_HAND}/channels_list.json": Call(f"{_CHANNELS}&forHandle=@exampletoncity", "profile"),
    f"{_HAND}/commentThreads_held_for_review.json": Call(
        f"commentThreads?part=snippet&moderationStatus=heldForReview&videoId={_VIDEO}&textFormat=plainText", "thread"
    ),
    f"{_HAND}/commentThreads_none.json": Call(f"{_THREADS}&videoId=vidParks002", "thread", "youtube:vidParks002"),
    f"{_HAND}/commentThreads_page1.json": Call(f"{_THREADS}&order=time&videoId={_VIDEO}", "thread"),
    f"{_HAND}/commentThreads_page2_last.json": Call(f"{_THREADS}&videoId={_VIDEO}&pageToken=2", "thread"),
    f"{_HAND}/comments_by_id_one_missing.json": Call(
        "comments?part=id,snippet&textFormat=plainText&id=UgxExampleThread000000014AaABAg,UgxGoneGoneGone", "confirm"
    ),
    f"{_HAND}/comments_by_parent_page1.json": Call(f"{_COMMENTS}&parentId=UgxExampleThread000000014AaABAg"),
    f"{_HAND}/comments_by_parent_page2_last.json": Call(f"{_COMMENTS}&parentId=UgxExampleThread000000014AaABAg"),
    f"{_HAND}/error_400_invalidPageToken.json": Call(f"{_THREADS}&videoId={_VIDEO}&pageToken=old"),
    f"{_HAND}/error_400_keyInvalid.json": Call(f"{_CHANNELS}&id={CITY}"),
    f"{_HAND}/error_400_processingFailure.json": Call(f"{_THREADS}&videoId={_VIDEO}&pageToken=40"),
    f"{_HAND}/error_401_authError.json": Call(f"{_CHANNELS}&mine=true"),
    f"{_HAND}/error_403_commentsDisabled.json": Call(f"{_THREADS}&videoId=vidParks002"),
    f"{_HAND}/error_403_insufficientPermissions.json": Call(f"captions?part=snippet&videoId={_VIDEO}"),
    f"{_HAND}/error_403_liveChatEnded.json": Call(_CHAT, "chat", "youtube:vidLiveNow1"),
    f"{_HAND}/error_403_quotaExceeded.json": Call(f"{_VIDEOS}&id={_VIDEO}"),
    f"{_HAND}/error_403_rateLimitExceeded.json": Call(_CHAT, "chat", "youtube:vidLiveNow1"),
    f"{_HAND}/error_404_playlistNotFound.json": Call(f"{_ITEMS}&playlistId=UUexampletonCity00000000"),
    f"{_HAND}/error_404_videoNotFound.json": Call(f"{_THREADS}&videoId=gonegonegon"),
    f"{_HAND}/error_oauth_invalid_grant.json": Call("token", status=400),
    f"{_HAND}/feed_videos.xml": Call("/feeds/videos.xml?channel_id=UCexampletonCity00000000"),
    f"{_HAND}/liveChat_messages.json": Call(_CHAT, "chat", "youtube:vidLiveNow1"),
    f"{_HAND}/liveChat_offline.json": Call(_CHAT, "chat", "youtube:vidLiveNow1"),
    f"{_HAND}/not_modified_304.json": Call(f"{_CHANNELS}&id={CITY}", "profile"),
    f"{_HAND}/playlistItems_page1.json": Call(f"{_ITEMS}&playlistId=UUexampletonCity00000000"),
    f"{_HAND}/playlistItems_page2_last.json": Call(f"{_ITEMS}&playlistId=UUexampletonCity00000000&pageToken=2"),
    f"{_HAND}/playlistItems_removed_and_private.json": Call(
        f"{_ITEMS}&playlistId=PLotherPlaylistOfTheCity0000000001", "profile"
    ),
    f"{_HAND}/videos_list_empty.json": Call("videos?part=id&id=gonegonegon", "confirm"),
    f"{_HAND}/videos_list_live.json": Call(f"{_VIDEOS}&id=vidLiveNow1"),
    f"{_HAND}/videos_list_one_missing.json": Call(f"{_VIDEOS}&id={_VIDEO},gonegonegon"),
    f"{_HAND}/websub_push_new_or_changed.xml": Call(pushed=True),
    f"{_HAND}/websub_push_tombstone.xml": Call(pushed=True),
    "feeds/youtube_atom.xml": Call("/feeds/videos.xml?user=google"),
    "python-youtube/error_response.json": Call(f"{_CHANNELS}&id={_GDEV}", status=400),
    "python-youtube/error_response_simple.json": Call(f"{_CHANNELS}&id={_GDEV}", status=400),
    f"{_DATA}/activities/activities_by_channel_p1.json": Call(f"activities?part=snippet&channelId={_GDEV}"),
    f"{_DATA}/activities/activities_by_channel_p2.json": Call(f"activities?part=snippet&channelId={_GDEV}"),
    f"{_DATA}/activities/activities_by_mine_p1.json": Call("activities?part=snippet&mine=true"),
    f"{_DATA}/activities/activities_by_mine_p2.json": Call("activities?part=snippet&mine=true"),
    f"{_DATA}/captions/captions_by_video.json": Call("captions?part=snippet&videoId=oHR3wURdJ94", "captions"),
    f"{_DATA}/captions/captions_filter_by_id.json": Call(
        "captions?part=snippet&videoId=oHR3wURdJ94&id=SwPOvp0r7kd9ttt_XhcHdZthMwXG7Z0I", "captions"
    ),
    f"{_DATA}/captions/insert_response.json": Call("captions?part=snippet"),
    f"{_DATA}/captions/update_response.json": Call("captions?part=snippet"),
    f"{_DATA}/channel_info_multi.json": Call(f"{_CHANNELS}&id={_GDEV},UCK8sQmJBp8GCxrOtXWBpyEA"),
    f"{_DATA}/channel_info_single.json": Call(f"{_CHANNELS}&id={_GDEV}"),
    f"{_DATA}/channel_sections/channel_sections_by_channel.json": Call(f"channelSections?channelId={_ME}"),
    f"{_DATA}/channel_sections/channel_sections_by_id.json": Call("channelSections?id=1"),
    f"{_DATA}/channel_sections/channel_sections_by_ids.json": Call("channelSections?id=1,2"),
    f"{_DATA}/channel_sections/insert_resp.json": Call("channelSections?part=snippet"),
    f"{_DATA}/channels/info.json": Call(f"{_CHANNELS}&forHandle=@googledevelopers"),
    f"{_DATA}/channels/info_multiple.json": Call(f"{_CHANNELS}&id={_GDEV},UCK8sQmJBp8GCxrOtXWBpyEA"),
    f"{_DATA}/channels/update_resp.json": Call("channels?part=brandingSettings"),
    f"{_DATA}/comment_threads/comment_thread_single.json": Call(f"{_THREADS}&id=UgxKREWxIgDrw8w2e_Z4AaABAg"),
    f"{_DATA}/comment_threads/comment_threads_all_to_me.json": Call(f"{_THREADS}&allThreadsRelatedToChannelId={_ME}"),
    f"{_DATA}/comment_threads/comment_threads_by_channel.json": Call(f"{_THREADS}&channelId={_GDEV}"),
    f"{_DATA}/comment_threads/comment_threads_by_video_paged_1.json": Call(f"{_THREADS}&videoId=F1UP7wRCPH8"),
    f"{_DATA}/comment_threads/comment_threads_by_video_paged_2.json": Call(f"{_THREADS}&videoId=F1UP7wRCPH8"),
    f"{_DATA}/comment_threads/comment_threads_multi.json": Call(f"{_THREADS}&id=1,2"),
    f"{_DATA}/comment_threads/comment_threads_with_search.json": Call(
        f"{_THREADS}&channelId={_GDEV}&searchTerms=Hello"
    ),
    f"{_DATA}/comment_threads/insert_response.json": Call("commentThreads?part=snippet"),
    f"{_DATA}/comments/comments_by_parent_paged_1.json": Call(
        f"{_COMMENTS}&parentId={_THREAD}", "thread", "youtube:JE8xdDp5B8Q"
    ),
    f"{_DATA}/comments/comments_by_parent_paged_2.json": Call(f"{_COMMENTS}&parentId={_THREAD}&pageToken=2"),
    f"{_DATA}/comments/comments_multi.json": Call(
        f"{_COMMENTS}&id=UgyUBI0HsgL9emxcZpR4AaABAg,Ugzi3lkqDPfIOirGFLh4AaABAg", "confirm"
    ),
    f"{_DATA}/comments/comments_single.json": Call(f"{_COMMENTS}&id=UgyUBI0HsgL9emxcZpR4AaABAg"),
    f"{_DATA}/comments/insert_response.json": Call("comments?part=snippet"),
    f"{_DATA}/error_permission_resp.json": Call(f"{_CHANNELS}&id={_GDEV}", status=403),
    f"{_DATA}/members/members_data.json": Call("members?part=snippet"),
    f"{_DATA}/members/membership_levels.json": Call("membershipsLevels?part=snippet"),
    f"{_DATA}/playlist_items/insert_response.json": Call("playlistItems?part=snippet"),
    f"{_DATA}/playlist_items/playlist_items_filter_video.json": Call(f"{_ITEMS}&playlistId=PLfilter&videoId=1"),
    f"{_DATA}/playlist_items/playlist_items_multi.json": Call("playlistItems?part=snippet&id=1,2"),
    f"{_DATA}/playlist_items/playlist_items_paged_1.json": Call(
        f"{_ITEMS}&playlistId=PLOU2XLYxmsIIgpJBVpQHmXiKIhIcNjKTm"
    ),
    f"{_DATA}/playlist_items/playlist_items_paged_2.json": Call(
        f"{_ITEMS}&playlistId=PLOU2XLYxmsIIgpJBVpQHmXiKIhIcNjKTm&pageToken=2"
    ),
    f"{_DATA}/playlist_items/playlist_items_single.json": Call("playlistItems?part=snippet&id=1"),
    f"{_DATA}/playlists/insert_response.json": Call("playlists?part=snippet"),
    f"{_DATA}/playlists/playlists_mine.json": Call("playlists?part=snippet&mine=true", "profile"),
    f"{_DATA}/playlists/playlists_multi.json": Call("playlists?part=snippet&id=1,2", "profile"),
    f"{_DATA}/playlists/playlists_paged_1.json": Call(f"playlists?part=snippet&channelId={_GDEV}", "profile"),
    f"{_DATA}/playlists/playlists_paged_2.json": Call(
        f"playlists?part=snippet&channelId={_GDEV}&pageToken=2", "profile"
    ),
    f"{_DATA}/playlists/playlists_single.json": Call("playlists?part=snippet&id=1", "profile"),
    f"{_DATA}/search/search_by_developer.json": Call("search?part=snippet&forDeveloper=true"),
    f"{_DATA}/search/search_by_event.json": Call("search?part=snippet&eventType=live&q=news"),
    f"{_DATA}/search/search_by_mine.json": Call("search?part=snippet&forMine=true"),
    f"{_DATA}/search/search_videos_by_channel.json": Call(f"search?part=snippet&channelId={_GDEV}"),
    f"{_DATA}/videos/get_rating_response.json": Call("videos/getRating?id=D-lhorsDlUQ"),
    f"{_DATA}/videos/insert_response.json": Call("videos?part=snippet"),
    f"{_DATA}/videos/videos_chart_paged_1.json": Call(f"{_VIDEOS}&chart=mostPopular"),
    f"{_DATA}/videos/videos_chart_paged_2.json": Call(f"{_VIDEOS}&chart=mostPopular&pageToken=2"),
    f"{_DATA}/videos/videos_info_multi.json": Call(f"{_VIDEOS}&id=D-lhorsDlUQ,ovdbrdCIP7U"),
    f"{_DATA}/videos/videos_info_single.json": Call(f"{_VIDEOS}&id=D-lhorsDlUQ"),
    f"{_DATA}/videos/videos_myrating_paged_1.json": Call(f"{_VIDEOS}&myRating=like"),
    f"{_DATA}/videos/videos_myrating_paged_2.json": Call(f"{_VIDEOS}&myRating=like&pageToken=2"),
}
"""Every recorded body, with the call that it answers."""
_NO_BODIES = {f"{_HAND}/websub_exchange.http"}
"""How a subscription is made, for the receiver; its push is one of the others."""


def recordings() -> Iterator[str]:
    """The names of all recorded bodies that are there."""
    for path in sorted(SHARED.rglob("*.*")):
        name = str(path.relative_to(SHARED))
        kept = (
            path.is_file() and not name.startswith("discovery/") and path.suffix in {".json", ".xml", ".srt", ".http"}
        )
        if kept and name not in _NO_BODIES:
            yield name


def exchange(name: str) -> Exchange:
    """A recording as the adapter sees it."""
    call, body = CALLS[name], (SHARED / name).read_bytes()
    status, unmodified = call.status, False
    if name.startswith(_HAND) and name.endswith(".json"):
        recorded = json.loads(body)
        status, body = recorded["status"], json.dumps(recorded["body"]).encode()
        if status == 304:
            unmodified, body = True, exchange(f"{_HAND}/channels_list.json").body
    base = "https://www.youtube.com" if call.path.startswith("/") else "https://youtube.googleapis.com/youtube/v3/"
    return Exchange(
        "0", 0, "city", base + call.path, PUSH if call.pushed else "posts", NOON, method="POST" if call.pushed else "GET",
        request_body=body if call.pushed else None, status=status, body=b"" if call.pushed else body,
        task_kind=PUSH if call.pushed else call.task, subject=CITY if call.pushed else call.subject,
        unmodified=unmodified,
    )  # fmt: skip


def answer(name: str) -> Any:
    """A recording's JSON; an empty object for what is none."""
    one = exchange(name)
    try:
        return json.loads(one.body)
    except ValueError:
        return {}

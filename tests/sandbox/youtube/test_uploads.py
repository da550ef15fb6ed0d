"""Channels, uploads, videos and playlists: who sees what, and what is silently left out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archiver.sandbox.images import picture
from archiver.sandbox.youtube.model import Privacy
from tests.sandbox.conftest import ask
from tests.sandbox.youtube.conftest import ACCOUNT, NOW, Tube


@pytest.mark.parametrize("how", ["id", "mine", "forHandle"])
def test_a_channel_is_found_in_three_ways(tube: Tube, how: str) -> None:
    """By its id, as the token's own, and by its handle with or without the sign."""
    value = {"id": tube.channel.id, "mine": "true", "forHandle": f"@{tube.channel.handle}"}[how]
    (found,) = tube.ok("channels", part="snippet,contentDetails,statistics", **{how: value})["items"]
    assert found["id"] == tube.channel.id
    assert found["contentDetails"]["relatedPlaylists"]["uploads"] == tube.uploads
    assert found["snippet"]["customUrl"] == "@maplefordcity"
    assert found["statistics"]["videoCount"] == "0"


def test_what_leads_to_nothing_is_an_empty_answer(tube: Tube) -> None:
    """No error for a channel or a video that is not there; an uploads list of nothing is 404."""
    nobody = tube.ok("channels", part="id", id="UC" + "x" * 22)
    assert (nobody["items"], nobody["pageInfo"]["totalResults"]) == ([], 0)
    assert tube.ok("videos", part="id", id="gonegonegon")["items"] == []
    found = tube.refused("playlistItems", part="id", playlistId=tube.uploads)
    assert found == (404, "playlistNotFound")


def test_subscribers_are_told_to_three_digits(tube: Tube) -> None:
    """1,528 subscribers are 1520."""
    tube.channel.followers = 1528
    (found,) = tube.ok("channels", part="statistics", mine="true")["items"]
    assert found["statistics"]["subscriberCount"] == "1520"


def test_uploads_stand_by_upload_and_not_by_publication(tube: Tube) -> None:
    """What was published late stands deep in the list, with both moments."""
    late = tube.world.upload(ACCOUNT, "Late", at=NOW - timedelta(days=90), publish_at=NOW - timedelta(days=1))
    for number in range(4):
        tube.world.upload(ACCOUNT, f"Film {number}", at=NOW - timedelta(days=30 - number))
    tube.world.set_privacy(late, Privacy.PUBLIC)
    pages = tube.pages("playlistItems", part="contentDetails,snippet", playlistId=tube.uploads, maxResults=2)
    assert [len(page) for page in pages] == [2, 2, 1]
    last = pages[-1][-1]
    assert last["snippet"]["title"] == "Late"
    assert last["contentDetails"]["videoPublishedAt"] == "2026-11-22T15:00:00Z"
    assert last["snippet"]["publishedAt"] == "2026-08-24T15:00:00Z"


@pytest.mark.parametrize(
    ("privacy", "listed", "by_id"),
    [(Privacy.PUBLIC, True, True), (Privacy.UNLISTED, False, True), (Privacy.PRIVATE, False, False)],
)
def test_a_key_sees_what_everybody_sees(tube: Tube, privacy: Privacy, listed: bool, by_id: bool) -> None:
    """Private videos are for the owner, unlisted ones for whoever knows the id."""
    tube.world.upload(ACCOUNT, "Another")
    video = tube.world.upload(ACCOUNT, "This", privacy=privacy)
    assert video.id in [one["contentDetails"]["videoId"] for one in _entries(tube, owner=True)]
    assert (video.id in [one["contentDetails"]["videoId"] for one in _entries(tube, owner=False)]) is listed
    assert (tube.ids("videos", owner=False, part="id", id=video.id) == [video.id]) is by_id
    assert tube.ids("videos", part="id", id=video.id) == [video.id]


def _entries(tube: Tube, *, owner: bool) -> list[dict[str, dict[str, str]]]:
    found = tube.pages("playlistItems", owner=owner, part="contentDetails", playlistId=tube.uploads)
    return [one for page in found for one in page]


def test_playlists_keep_placeholders_where_uploads_drop(tube: Tube) -> None:
    """A removed video is ``Deleted video`` there, a private one ``Private video`` for everybody else."""
    kept, gone, private = (tube.world.upload(ACCOUNT, title) for title in ("Kept", "Gone", "Private"))
    tube.world.compile(ACCOUNT, "All", [kept, gone, private])
    tube.world.remove(gone)
    tube.world.set_privacy(private, Privacy.PRIVATE)
    (playlist,) = tube.ok("playlists", owner=False, part="snippet,contentDetails", channelId=tube.channel.id)["items"]
    assert playlist["contentDetails"]["itemCount"] == 3
    entries = tube.ok("playlistItems", owner=False, part="snippet,status", playlistId=playlist["id"])["items"]
    assert [one["snippet"]["title"] for one in entries] == ["Kept", "Deleted video", "Private video"]
    assert [one["status"]["privacyStatus"] for one in entries] == ["public", "privacyStatusUnspecified", "private"]
    assert entries[1]["snippet"]["thumbnails"] == {}
    titles = [
        one["snippet"]["title"] for one in tube.ok("playlistItems", part="snippet", playlistId=tube.uploads)["items"]
    ]
    assert titles == ["Private", "Kept"]


def test_private_playlists_are_the_owners(tube: Tube) -> None:
    """Others find neither them nor what is in them."""
    video = tube.world.upload(ACCOUNT, "Film")
    made = tube.world.compile(ACCOUNT, "Internal", [video], privacy=Privacy.PRIVATE)
    assert tube.ids("playlists", part="id", mine="true") == [made.id]
    assert tube.ids("playlists", owner=False, part="id", channelId=tube.channel.id) == []
    assert tube.refused("playlistItems", owner=False, part="id", playlistId=made.id) == (404, "playlistNotFound")


def test_a_list_that_changes_while_it_is_walked(tube: Tube) -> None:
    """What is removed between two pages lets an entry slip through; what is added repeats one."""
    videos = [tube.world.upload(ACCOUNT, f"Film {n}", at=NOW - timedelta(days=9 - n)) for n in range(6)]
    asked = {"part": "contentDetails", "playlistId": tube.uploads, "maxResults": 2}
    first = tube.ok("playlistItems", **asked)
    tube.world.remove(videos[5])
    second = tube.ok("playlistItems", **asked, pageToken=first["nextPageToken"])
    seen = [one["contentDetails"]["videoId"] for page in (first, second) for one in page["items"]]
    assert videos[3].id not in seen
    assert seen[-2:] == [videos[2].id, videos[1].id]


def test_details_of_a_video(tube: Tube) -> None:
    """Counters are strings, some of them missing; what is told to the owner alone, is."""
    video = tube.world.upload(
        ACCOUNT, "Draft", "Words", publish_at=NOW + timedelta(days=1), likes=None, duration_s=7985
    )
    tube.world.allow_comments(video, allowed=False)
    parts = "snippet,contentDetails,status,statistics,liveStreamingDetails"
    (found,) = tube.ok("videos", part=parts, id=video.id)["items"]
    assert found["contentDetails"]["duration"] == "PT2H13M5S"
    assert found["status"]["publishAt"] == "2026-11-23T15:00:00Z"
    assert found["statistics"] == {"viewCount": "40", "favoriteCount": "0", "dislikeCount": "0"}
    assert "liveStreamingDetails" not in found


def test_an_owner_only_part_of_anothers_video_fails_the_call(tube: Tube) -> None:
    """403 for all of it; the owner is told."""
    video = tube.world.upload(ACCOUNT, "Film")
    assert tube.refused("videos", owner=False, part="id,fileDetails", id=video.id) == (403, "forbidden")
    assert tube.ok("videos", part="id,fileDetails", id=video.id)["items"][0]["fileDetails"]["fileType"] == "video"


def test_the_picture_behind_an_address_changes(tube: Tube) -> None:
    """A thumbnail's address lasts; credentials have no business there."""
    video = tube.world.upload(ACCOUNT, "Film", thumbnail=picture(1, None, mime="image/jpeg"))
    address = tube.ok("videos", part="snippet", id=video.id)["items"][0]["snippet"]["thumbnails"]["maxres"]["url"]
    first = ask(address)
    tube.world.rewrite(video, thumbnail=picture(2, None, mime="image/jpeg"))
    second = ask(address)
    assert (first.status, second.status) == (200, 200)
    assert first.body != second.body
    assert tube.host.api.files.with_credentials == []
    tube.get(address.removeprefix(tube.city.base_url(ACCOUNT)))
    assert len(tube.host.api.files.with_credentials) == 1


def test_search_is_incomplete_and_has_its_own_allowance(tube: Tube) -> None:
    """It knows most public videos, and a hundred calls a day."""
    for number in range(12):
        tube.world.upload(ACCOUNT, f"Film {number}", at=NOW - timedelta(days=number))
    found = tube.pages("search", owner=False, part="snippet", channelId=tube.channel.id, type="video", order="date")
    titles = {one["snippet"]["title"] for page in found for one in page}
    assert 0 < len(titles) < 12
    tube.host.quota.allowances["search"] = 3
    assert tube.get("search", owner=False, part="snippet", channelId=tube.channel.id).status == 403
    assert tube.get("videos", owner=False, part="id", id="x").status == 200

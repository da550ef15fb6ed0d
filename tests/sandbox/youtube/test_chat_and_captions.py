"""What is dear or fleeting: subtitles, and the chat of a stream while it lasts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from archiver.sandbox.youtube.model import Video
from tests.sandbox.youtube.conftest import ACCOUNT, NOW, Tube

CUES = ((0.0, 3.2, "Good evening."), (3.2, 3606.0, "The clerk will call the roll."))


# --- subtitles


def test_tracks_and_their_words(tube: Tube) -> None:
    """The list tells when each was changed; the file is SubRip unless another form is asked for."""
    video = tube.world.upload(ACCOUNT, "Meeting")
    track = tube.world.subtitle(video, CUES, name="Corrected")
    (shown,) = tube.ok("captions", part="snippet", videoId=video.id)["items"]
    assert shown["id"] == track.id
    assert shown["snippet"]["lastUpdated"] == "2026-11-22T15:00:00.000000Z"
    plain = tube.get(f"captions/{track.id}")
    assert plain.headers["content-type"] == "application/octet-stream"
    assert plain.body == (
        b"1\n00:00:00,000 --> 00:00:03,200\nGood evening.\n\n"
        b"2\n00:00:03,200 --> 01:00:06,000\nThe clerk will call the roll.\n"
    )
    assert tube.get(f"captions/{track.id}", tfmt="vtt").body.startswith(b"WEBVTT\n\n1\n00:00:00.000 -->")
    assert tube.refused(f"captions/{track.id}", tfmt="ttml") == (400, "couldNotConvert")
    tube.city.world.advance(timedelta(minutes=5))
    tube.world.correct(track, CUES[:1])
    (shown,) = tube.ok("captions", part="snippet", videoId=video.id)["items"]
    assert shown["snippet"]["lastUpdated"] == "2026-11-22T15:05:00.000000Z"


@pytest.mark.parametrize(
    ("owner", "path", "expected"),
    [
        (False, "captions", (401, "required")),
        (False, "captions/{track}", (401, "required")),
        (True, "captions/nowhere", (404, "captionNotFound")),
    ],
)
def test_subtitles_are_the_owners(tube: Tube, owner: bool, path: str, expected: tuple[int, str]) -> None:
    """A key is asked to log in; a track that is not there is not found."""
    video = tube.world.upload(ACCOUNT, "Meeting")
    track = tube.world.subtitle(video, CUES)
    params = {"part": "snippet", "videoId": video.id} if path == "captions" else {}
    assert tube.refused(path.format(track=track.id), owner=owner, **params) == expected


# --- the chat


@pytest.fixture
def stream(tube: Tube) -> Video:
    """A meeting on the air."""
    video = tube.world.upload(ACCOUNT, "Council", scheduled_at=NOW)
    tube.world.go_live(video)
    return video


def _chat_of(tube: Tube, video: Video) -> str:
    (found,) = tube.ok("videos", part="liveStreamingDetails", id=video.id)["items"]
    return str(found["liveStreamingDetails"]["activeLiveChatId"])


def _read(tube: Tube, chat: str, token: str | None = None) -> Any:
    tube.city.world.advance(timedelta(seconds=5))
    more = {"pageToken": token} if token else {}
    return tube.ok("liveChat/messages", part="id,snippet,authorDetails", liveChatId=chat, **more)


def test_a_stream_is_scheduled_on_the_air_and_over(tube: Tube) -> None:
    """Its chat has a name until it ends."""
    video = tube.world.upload(ACCOUNT, "Council", scheduled_at=NOW + timedelta(hours=1))
    states = []
    for happens in (None, tube.world.go_live, tube.world.end):
        if happens is not None:
            happens(video)
        (found,) = tube.ok("videos", part="snippet,liveStreamingDetails,contentDetails", id=video.id)["items"]
        live = found["liveStreamingDetails"]
        states.append((found["snippet"]["liveBroadcastContent"], "activeLiveChatId" in live, sorted(live)))
    assert [state[:2] for state in states] == [("upcoming", True), ("live", True), ("none", False)]
    assert states[2][2] == ["actualEndTime", "actualStartTime", "scheduledStartTime"]


def test_a_chat_is_read_from_place_to_place(tube: Tube, stream: Video) -> None:
    """The first call gives the recent past, the next ones what is new; there is always a token."""
    for number in range(100):
        tube.world.say(tube.resident(), stream, f"Message {number}")
    chat = _chat_of(tube, stream)
    first = _read(tube, chat)
    assert len(first["items"]) == 75
    assert first["pollingIntervalMillis"] == 4966
    assert first["items"][-1]["snippet"]["textMessageDetails"]["messageText"] == "Message 99"
    quiet = _read(tube, chat, first["nextPageToken"])
    assert (quiet["items"], "offlineAt" in quiet) == ([], False)
    tube.world.say(ACCOUNT, stream, "Item 7 is next.")
    (said,) = _read(tube, chat, quiet["nextPageToken"])["items"]
    assert said["authorDetails"]["isChatOwner"] is True
    assert said["snippet"]["publishedAt"].endswith("+00:00")


def test_a_caller_in_a_hurry_is_refused(tube: Tube, stream: Video) -> None:
    """Sooner than the chat has said it answers nothing, and each attempt costs."""
    chat = _chat_of(tube, stream)
    _read(tube, chat)
    found = tube.refused("liveChat/messages", part="id", liveChatId=chat)
    assert found == (403, "rateLimitExceeded")
    assert tube.host.api.chats.hasty == 1
    assert tube.host.spent == 1 + 5 + 5


def test_a_removed_message(tube: Tube, stream: Video) -> None:
    """Who comes later finds a tombstone; who was there is told which it was."""
    message = tube.world.say(tube.resident(), stream, "Rude")
    chat = _chat_of(tube, stream)
    begun = _read(tube, chat)
    tube.world.silence(stream, message)
    (told,) = _read(tube, chat, begun["nextPageToken"])["items"]
    assert told["snippet"]["type"] == "messageDeletedEvent"
    assert told["snippet"]["messageDeletedDetails"] == {"deletedMessageId": message.id}
    late = _read(tube, chat)["items"][0]
    assert (late["id"], late["snippet"]["type"]) == (message.id, "tombstone")
    assert not {"authorDetails", "displayMessage"} & (late.keys() | late["snippet"].keys())


def test_the_end_of_a_chat(tube: Tube, stream: Video) -> None:
    """What was said last still comes, with the moment of the end; then nothing can be read for ever."""
    chat = _chat_of(tube, stream)
    begun = _read(tube, chat)
    tube.world.say(tube.resident(), stream, "Good night")
    tube.world.end(stream)
    last = _read(tube, chat, begun["nextPageToken"])
    assert (len(last["items"]), last["offlineAt"]) == (1, "2026-11-22T15:00:05Z")
    tube.city.world.advance(timedelta(seconds=5))
    asked = {"part": "id", "liveChatId": chat}
    assert tube.refused("liveChat/messages", **asked) == (403, "liveChatEnded")
    tube.city.world.advance(timedelta(seconds=5))
    assert tube.refused("liveChat/messages", pageToken=last["nextPageToken"], **asked) == (403, "liveChatEnded")


def test_chats_that_are_none(tube: Tube, stream: Video) -> None:
    """Unknown, switched off, and one that ends without a last answer."""
    assert tube.refused("liveChat/messages", part="id", liveChatId="x") == (404, "liveChatNotFound")
    chat = _chat_of(tube, stream)
    begun = _read(tube, chat)
    tube.quirks.sudden_end = True
    tube.world.end(stream)
    tube.city.world.advance(timedelta(seconds=5))
    found = tube.refused("liveChat/messages", part="id", liveChatId=chat, pageToken=begun["nextPageToken"])
    assert found == (403, "liveChatEnded")
    silent = tube.world.upload(ACCOUNT, "Without chat", scheduled_at=NOW)
    assert silent.live is not None
    silent.live.chat_open = False
    assert tube.refused("liveChat/messages", part="id", liveChatId=silent.live.chat_id) == (403, "liveChatDisabled")

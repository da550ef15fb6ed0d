"""The simulated answers are shaped like the documented ones: same names at the same places, same kinds of value.

What those have and the simulation does not is listed here, each with its reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from archiver.sandbox import SandboxCity
from archiver.sandbox.youtube.model import Comment, Moderation, Privacy, Video
from tests.sandbox.recorded import SHARED, needs_recordings, shape
from tests.sandbox.youtube.conftest import ACCOUNT, BARE, NOW, Tube

RECORDED = SHARED / "youtube" / "handwritten"
MORE = {
    ".brandingSettings.image": "the simulated channel has no banner",
    ".nextPageToken": "a matter of how much there is",
    ".prevPageToken": "a matter of how much there is",
}

pytestmark = needs_recordings


class Scene:
    """The same things as in the documented answers."""

    def __init__(self, tube: Tube) -> None:
        self.tube = tube
        world, who = tube.world, tube.resident()
        self.video = world.upload(ACCOUNT, "Council", "Agenda", at=NOW - timedelta(days=3), tags=["council"])
        self.private = world.upload(ACCOUNT, "Draft", privacy=Privacy.PRIVATE)
        self.gone = world.upload(ACCOUNT, "Gone")
        self.playlist = world.compile(ACCOUNT, "All", [self.gone, self.private])
        world.remove(self.gone)
        self.top: Comment = world.comment(who, self.video, "Why?")
        for number in range(7):
            world.comment(who, self.top, str(number))
        world.comment(who, self.video, "call me", moderation=Moderation.HELD)
        world.subtitle(self.video, [(0.0, 1.0, "Good evening")], kind="asr")
        self.over = self._stream("Over")
        self.live = self._stream("Live")
        world.say(who, self.live, "Hello")
        removed = world.say(who, self.live, "Rude")
        world.silence(self.live, removed, told=False)

    def _stream(self, title: str) -> Video:
        world = self.tube.world
        video = world.upload(ACCOUNT, title, at=NOW - timedelta(hours=2), scheduled_at=NOW - timedelta(hours=1))
        world.go_live(video)
        if title == "Over":
            world.end(video)
        return video

    @property
    def chat(self) -> str:
        """The chat's id."""
        assert self.live.live is not None
        return self.live.live.chat_id


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    """A channel on which all of it happened."""
    with SandboxCity(seed=3, size=BARE, now=NOW) as city:
        yield Scene(Tube(city))


Ask = Callable[[Scene], tuple[str, dict[str, Any]]]
VIDEO_PARTS = "snippet,contentDetails,status,statistics,liveStreamingDetails"
WELL: dict[str, Ask] = {
    "channels_list": lambda _: (
        "channels",
        {"part": "snippet,contentDetails,statistics,status,brandingSettings", "mine": "true"},
    ),
    "playlistItems_page1": lambda one: (
        "playlistItems",
        {"part": "snippet,contentDetails,status", "playlistId": one.tube.uploads, "maxResults": 50},
    ),
    "playlistItems_removed_and_private": lambda one: (
        "playlistItems",
        {"part": "snippet,contentDetails,status", "playlistId": one.playlist.id, "owner": False},
    ),
    "videos_list_one_missing": lambda one: ("videos", {"part": VIDEO_PARTS, "id": f"{one.over.id},{one.video.id}"}),
    "videos_list_live": lambda one: ("videos", {"part": VIDEO_PARTS, "id": f"{one.live.id},{one.video.id}"}),
    "videos_list_empty": lambda one: ("videos", {"part": "id", "id": one.gone.id}),
    "commentThreads_page1": lambda one: ("commentThreads", {"part": "snippet,replies", "videoId": one.video.id}),
    "commentThreads_held_for_review": lambda one: (
        "commentThreads",
        {"part": "snippet", "videoId": one.video.id, "moderationStatus": "heldForReview"},
    ),
    "commentThreads_none": lambda one: ("commentThreads", {"part": "snippet", "videoId": one.over.id}),
    "comments_by_parent_page1": lambda one: ("comments", {"part": "snippet", "parentId": one.top.id}),
    "comments_by_id_one_missing": lambda one: ("comments", {"part": "snippet", "id": f"{one.top.id},UgxGone"}),
    "captions_list": lambda one: ("captions", {"part": "snippet", "videoId": one.video.id}),
    "liveChat_messages": lambda one: (
        "liveChat/messages",
        {"part": "id,snippet,authorDetails", "liveChatId": one.chat},
    ),
}


def _recorded(name: str) -> Any:
    return json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))["body"]


def _missing(ours: Any, real: Any) -> list[str]:
    absent = shape(real).keys() - shape(ours).keys()
    return sorted(place for place in absent if not any(part in place for part in MORE))


def _contradictions(ours: Any, real: Any) -> list[str]:
    theirs = shape(real)
    return sorted(
        f"{place}: {kinds} where {theirs[place]} is documented"
        for place, kinds in shape(ours).items()
        if place in theirs and not kinds <= theirs[place]
    )


@pytest.mark.parametrize("name", WELL)
def test_answers_have_the_documented_shape(scene: Scene, name: str) -> None:
    """Everything that is documented is there, of the same kind."""
    path, params = WELL[name](scene)
    ours, real = scene.tube.ok(path, **params), _recorded(name)
    assert _missing(ours, real) == []
    assert _contradictions(ours, real) == []
    assert ours["kind"] == real["kind"]


REFUSALS: dict[str, Ask] = {
    "error_400_invalidPageToken": lambda one: (
        "playlistItems",
        {"part": "id", "playlistId": one.tube.uploads, "pageToken": "x"},
    ),
    "error_401_authError": lambda _: ("videos", {"part": "id", "id": "x", "access_token": "ya29.x", "owner": False}),
    "error_403_insufficientPermissions": lambda one: (
        "commentThreads",
        {"part": "id", "videoId": one.video.id, "moderationStatus": "heldForReview", "owner": False},
    ),
    "error_404_playlistNotFound": lambda _: ("playlistItems", {"part": "id", "playlistId": "PLx"}),
    "error_404_videoNotFound": lambda _: ("commentThreads", {"part": "id", "videoId": "x"}),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_errors_are_letter_by_letter_as_documented(scene: Scene, name: str) -> None:
    """Whoever reads their words reads the right ones."""
    path, params = REFUSALS[name](scene)
    assert scene.tube.get(path, **params).json == _recorded(name)


def test_other_errors_have_the_documented_words(tube: Tube) -> None:
    """Those that need something to happen first."""
    video = tube.world.upload(ACCOUNT, "Film")
    tube.world.allow_comments(video, allowed=False)
    assert tube.get("commentThreads", part="id", videoId=video.id).json == _recorded("error_403_commentsDisabled")
    stream = tube.world.upload(ACCOUNT, "Stream", scheduled_at=NOW)
    tube.world.end(stream)
    assert stream.live is not None
    ended = tube.get("liveChat/messages", part="id", liveChatId=stream.live.chat_id)
    assert ended.json == _recorded("error_403_liveChatEnded")
    tube.host.quota.allowances["queries"] = 0
    assert tube.get("videos", part="id", id="x").json == _recorded("error_403_quotaExceeded")

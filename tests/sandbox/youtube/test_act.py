"""The second act on a channel: each scene does what it says, and no two are about the same video."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archiver.sandbox import SandboxCity
from archiver.sandbox.youtube.act import YouTubeAct
from archiver.sandbox.youtube.model import Moderation, Privacy, Video
from tests.sandbox.youtube.conftest import ACCOUNT, BARE, NOW

CHANGES: dict[str, Callable[[Any], bool]] = {
    "new post": lambda video: video.latest.title == "The new crosswalk",
    "edit": lambda video: video.latest.title.endswith(" (corrected)"),
    "comment edited": lambda comment: len(comment.words) == 2,
    "hidden": lambda comment: comment.moderation is Moderation.HELD,
    "unhidden": lambda comment: comment.moderation is Moderation.PUBLISHED,
    "comment rejected": lambda comment: comment.moderation is Moderation.REJECTED,
    "comment removed": lambda comment: comment.gone_at is not None,
    "private": lambda video: video.privacy is Privacy.PRIVATE,
    "post removed": lambda video: video.gone_at is not None,
    "switched off": lambda video: video.comments_off,
    "burst": lambda video: sum(1 + len(top.replies) for top in video.comments) >= 40,
}


def test_what_happens() -> None:
    """Every scene is played, and afterwards it is as it was told."""
    city = SandboxCity(seed=7, size="youtube", now=NOW)
    city.stop()
    scenes = list(YouTubeAct(city.youtube.world, ACCOUNT).play())
    assert [scene.name for scene in scenes] == list(CHANGES)
    for scene in scenes:
        assert CHANGES[scene.name](scene.posts[0]), scene.name
    about = [one if isinstance(one, Video) else one.video for one in (scene.posts[0] for scene in scenes)]
    assert len(set(about)) == len(about)
    assert len(scenes[-1].posts) == 41


def test_a_channel_without_a_past() -> None:
    """Only what needs nothing happens there."""
    city = SandboxCity(seed=7, size=BARE, now=NOW)
    city.stop()
    assert [scene.name for scene in YouTubeAct(city.youtube.world, ACCOUNT).play()] == ["new post"]

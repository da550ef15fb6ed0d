"""The channel's life as it is told, and what a perfect archive holds of it: two views, and states over several looks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archiver.sandbox import SandboxCity
from archiver.sandbox.model import Standing
from archiver.sandbox.youtube.model import Moderation, Privacy
from archiver.sandbox.youtube.truth import YouTubeTruth
from tests.sandbox.youtube.conftest import ACCOUNT, NOW, Tube


def _look(tube: Tube, *, owner: bool = True) -> YouTubeTruth:
    return tube.host.look(ACCOUNT, authenticated=owner)


def test_the_same_seed_gives_the_same_city(town: Tube) -> None:
    """Id by id and word by word."""
    with SandboxCity(seed=7, size="youtube", now=NOW) as other:
        told = other.truth(ACCOUNT, authenticated=True)
        assert {key: one.texts for key, one in told.records.items()} == {
            key: one.texts for key, one in _look(town).records.items()
        }
    with SandboxCity(seed=8, size="youtube", now=NOW) as other:
        assert not other.truth(ACCOUNT, authenticated=True).records.keys() & _look(town).records.keys()


def test_lists_lead_to_all_that_the_truth_has(town: Tube) -> None:
    """A walk over the API finds what each of the two views holds, each once."""
    for owner in (True, False):
        pages = town.pages("playlistItems", owner=owner, part="contentDetails", playlistId=town.uploads, maxResults=50)
        found = [one["contentDetails"]["videoId"] for page in pages for one in page]
        words = ("published", "heldForReview", "likelySpam") if owner else ("published",)
        for video in list(found):
            for word in words:
                asked = {"part": "id", "videoId": video, "moderationStatus": word, "maxResults": 100}
                answer = town.get("commentThreads", owner=owner, **asked)
                tops = [one["id"] for one in answer.json.get("items", [])]
                for top in tops:
                    found += [top, *town.ids("comments", owner=owner, part="id", parentId=top, maxResults=100)]
        assert len(found) == len(set(found))
        assert {f"youtube:{one}" for one in found} == _look(town, owner=owner).records.keys()


def test_everything_that_can_befall_a_channel_has(town: Tube) -> None:
    """Each oddity that the story promises is there at least once."""
    videos, world = town.world.uploads(ACCOUNT), town.world
    assert {video.privacy for video in videos} == set(Privacy)
    for happened in ("gone_at", "comments_off", "publish_at", "live"):
        assert any(getattr(video, happened) for video in videos), happened
    comments = list(world.comments.values())
    assert {one.moderation for one in comments} == set(Moderation)
    for happened in ("gone_at", "picture", "shadowed"):
        assert any(getattr(one, happened) for one in comments), happened
    assert any(len(one.words) > 1 for one in comments)
    assert any(len(one.replies) > 5 for one in comments)
    assert any(one.author.standing is Standing.DELETED for one in comments)
    assert [one.draft for one in world.captions.values()].count(True) == 1
    assert len(world.lists(ACCOUNT)) == 3


def test_the_two_views_differ_by_what_is_the_owners(town: Tube) -> None:
    """Private and unlisted videos with what stands below them, and what waits for a word."""
    owner, public = _look(town), _look(town, owner=False)
    only = [one for key, one in owner.records.items() if key not in public.records]
    assert public.records.keys() < owner.records.keys()
    assert {one.state for one in only} == {"hidden", "live"}
    assert {cause for one in only if one.state == "hidden" for cause in one.causes} == {
        "owner_private",
        "held_for_review",
    }
    assert {one.state for one in public.records.values()} == {"live"}
    assert len(owner.playlists) == len(public.playlists) + 1


def test_edits_are_versions(tube: Tube) -> None:
    """Of titles and descriptions of videos, and of comments; what came and went between two looks is in no archive."""
    video = tube.world.upload(ACCOUNT, "One", "Text")
    comment = tube.world.comment(tube.resident(), video, "Frist")
    _look(tube)
    for title in ("Never seen", "Two"):
        tube.world.rewrite(video, title=title)
    tube.world.reword(comment, "First")
    truth = _look(tube)
    assert truth.titles[video.key] == ["One", "Two"]
    assert truth.records[video.key].events == ["seen", "edited"]
    assert truth.records[comment.key].texts == ["Frist", "First"]
    assert _look(tube).records[comment.key].events == ["seen", "edited"]


@pytest.mark.parametrize(
    ("owner", "state", "events"),
    [
        (True, "hidden", ["seen", "hidden", "unhidden", "hidden"]),
        (False, "gone", ["seen", "gone", "restored", "gone"]),
    ],
)
def test_private_and_back(tube: Tube, owner: bool, state: str, events: list[str]) -> None:
    """The owner sees why; with a key it is an absence, which may end."""
    video = tube.world.upload(ACCOUNT, "One")
    for privacy in (Privacy.PUBLIC, Privacy.PRIVATE, Privacy.PUBLIC, Privacy.PRIVATE):
        tube.world.set_privacy(video, privacy)
        _look(tube, owner=owner)
    record = _look(tube, owner=owner).records[video.key]
    assert (record.state, record.events) == (state, events)
    assert record.causes == {"owner_private" if owner else None}


def test_unlisted_is_not_gone(tube: Tube) -> None:
    """Who knows the id sees it still."""
    video = tube.world.upload(ACCOUNT, "One")
    _look(tube, owner=False)
    tube.world.set_privacy(video, Privacy.UNLISTED)
    assert _look(tube, owner=False).records[video.key].events == ["seen"]


@pytest.mark.parametrize("owner", [True, False])
def test_held_approved_and_rejected(tube: Tube, owner: bool) -> None:
    """Three ways of a comment, and what each view can say of it."""
    video = tube.world.upload(ACCOUNT, "One")
    one, other = (tube.world.comment(tube.resident(), video, text) for text in "ab")
    _look(tube, owner=owner)
    for comment in (one, other):
        tube.world.moderate(comment, Moderation.HELD)
    _look(tube, owner=owner)
    tube.world.moderate(one, Moderation.PUBLISHED)
    tube.world.moderate(other, Moderation.REJECTED)
    truth = _look(tube, owner=owner)
    back, away = ("unhidden", "hidden") if owner else ("restored", "gone")
    assert truth.records[one.key].events == ["seen", away, back]
    assert truth.records[other.key].events == (["seen", "hidden", "gone"] if owner else ["seen", "gone"])
    assert truth.records[other.key].causes == {None}


def test_comments_switched_off_change_nothing(tube: Tube) -> None:
    """Not even of those that were removed meanwhile, until they are on again."""
    video = tube.world.upload(ACCOUNT, "One")
    kept, removed = (tube.world.comment(tube.resident(), video, text) for text in "ab")
    _look(tube)
    tube.world.allow_comments(video, allowed=False)
    tube.world.withdraw(removed)
    truth = _look(tube)
    assert truth.silent == {video.key}
    assert {truth.records[one.key].state for one in (kept, removed)} == {"live"}
    tube.world.allow_comments(video, allowed=True)
    truth = _look(tube)
    assert truth.records[kept.key].events == ["seen"]
    assert truth.records[removed.key].events == ["seen", "gone"]


def test_a_removed_video_takes_its_comments_along(tube: Tube) -> None:
    """By id they are left out, too."""
    video = tube.world.upload(ACCOUNT, "One")
    comment = tube.world.comment(tube.resident(), video, "a")
    _look(tube)
    tube.world.remove(video)
    assert {_look(tube).records[key].state for key in (video.key, comment.key)} == {"gone"}


def test_a_chat_that_was_followed(tube: Tube) -> None:
    """Every message once; what was removed is gone with its words, unless it was gone before it was read."""
    video = tube.world.upload(ACCOUNT, "Council", scheduled_at=NOW)
    tube.world.go_live(video)
    early, removed = tube.world.say(tube.resident(), video, "Hello"), tube.world.say(tube.resident(), video, "Rude")
    missed = tube.world.say(tube.resident(), video, "Gone at once")
    tube.world.silence(video, missed)
    _look(tube)
    tube.host.observer.followed(ACCOUNT, video, authenticated=True)
    tube.world.silence(video, removed)
    tube.city.world.advance(timedelta(seconds=9))
    tube.host.observer.followed(ACCOUNT, video, authenticated=True)
    records = _look(tube).records
    assert (records[early.key].kind, records[early.key].events) == ("chat", ["seen"])
    assert records[removed.key].events == ["seen", "gone"]
    assert missed.key not in records

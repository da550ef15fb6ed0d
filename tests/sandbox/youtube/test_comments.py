"""Comments: threads and their answers, moderation, what comes by id, and texts as they are shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from archiver.sandbox.images import picture
from archiver.sandbox.model import Standing
from archiver.sandbox.youtube.model import Comment, Moderation, Privacy, Video
from tests.sandbox.youtube.conftest import ACCOUNT, NOW, Tube

LONG = "https://mapleford.example/agenda/12345678901234567890"


@pytest.fixture
def video(tube: Tube) -> Video:
    """A video of yesterday."""
    return tube.world.upload(ACCOUNT, "Film", at=NOW - timedelta(days=1))


def _say(tube: Tube, below: Video | Comment, text: str, minute: int = 0, **more: Any) -> Comment:
    return tube.world.comment(tube.resident(), below, text, at=NOW - timedelta(hours=9, minutes=-minute), **more)


def test_threads_come_newest_first_and_answers_oldest_first(tube: Tube, video: Video) -> None:
    """Of seven answers five are inlined, the newest; all are in their own list, on pages that nothing shifts."""
    first, second = _say(tube, video, "First"), _say(tube, video, "Second", 1)
    answers = [_say(tube, first, f"Answer {number}", 10 + number) for number in range(7)]
    page = tube.ok("commentThreads", part="snippet,replies", videoId=video.id)
    assert [one["id"] for one in page["items"]] == [second.id, first.id]
    assert page["pageInfo"]["totalResults"] == 2
    assert "replies" not in page["items"][0]
    thread = page["items"][1]
    assert thread["snippet"]["totalReplyCount"] == 7
    assert [one["id"] for one in thread["replies"]["comments"]] == [one.id for one in reversed(answers[2:])]
    begun = tube.ok("comments", part="snippet", parentId=first.id, maxResults=3)
    tube.world.withdraw(answers[0])
    rest = tube.ok("comments", part="snippet", parentId=first.id, maxResults=100, pageToken=begun["nextPageToken"])
    assert [one["id"] for one in begun["items"] + rest["items"]] == [one.id for one in answers]
    assert "totalResults" not in rest["pageInfo"]


def test_an_answer_to_an_answer_stands_beside_it(tube: Tube, video: Video) -> None:
    """There is one level: the parent of both is the comment at the top, whose id theirs begin with."""
    top = _say(tube, video, "Top")
    other = _say(tube, _say(tube, top, "One", 1), "Two", 2)
    (shown,) = tube.ok("comments", part="snippet", id=other.id)["items"]
    assert shown["snippet"]["parentId"] == top.id
    assert other.id.startswith(f"{top.id}.")
    assert tube.ids("comments", part="id", parentId=other.id) == []


def test_an_edit_shows_the_newest_text_alone(tube: Tube, video: Video) -> None:
    """With a later ``updatedAt``; the thread stays where it was."""
    comment = _say(tube, video, "Frist")
    _say(tube, video, "Later", 1)
    tube.world.reword(comment, "First")
    shown = tube.ok("commentThreads", part="snippet", videoId=video.id)["items"][1]["snippet"]["topLevelComment"]
    assert shown["snippet"]["textOriginal"] == "First"
    assert shown["snippet"]["publishedAt"] == "2026-11-22T06:00:00Z"
    assert shown["snippet"]["updatedAt"] == "2026-11-22T15:00:00Z"


@pytest.mark.parametrize("word", [Moderation.HELD, Moderation.SPAM])
def test_what_waits_is_listed_for_the_owner_alone(tube: Tube, video: Video, word: Moderation) -> None:
    """In its own list with its word; by id without it, and for nobody else; counted by all."""
    comment = _say(tube, video, "call me at 555 0100", moderation=word)
    _say(tube, comment, "Don't.", 1)
    assert tube.ids("commentThreads", part="id", videoId=video.id) == []
    (thread,) = tube.ok("commentThreads", part="snippet", videoId=video.id, moderationStatus=word.value)["items"]
    assert thread["snippet"]["isPublic"] is False
    assert thread["snippet"]["topLevelComment"]["snippet"]["moderationStatus"] == word.value
    (by_id,) = tube.ok("comments", part="snippet", id=comment.id)["items"]
    assert "moderationStatus" not in by_id["snippet"]
    assert tube.ids("comments", owner=False, part="id", id=comment.id) == []
    found = tube.refused("commentThreads", owner=False, part="id", videoId=video.id, moderationStatus=word.value)
    assert found == (403, "forbidden")
    (told,) = tube.ok("videos", owner=False, part="statistics", id=video.id)["items"]
    assert told["statistics"]["commentCount"] == "2"


def test_approved_and_rejected(tube: Tube, video: Video) -> None:
    """What is approved is public with its old time, what is rejected is nowhere, and there is no list of it."""
    approved, rejected = (_say(tube, video, text, moderation=Moderation.HELD) for text in ("Yes", "No"))
    tube.world.moderate(approved, Moderation.PUBLISHED)
    tube.world.moderate(rejected, Moderation.REJECTED)
    assert tube.ids("commentThreads", owner=False, part="id", videoId=video.id) == [approved.id]
    assert tube.ids("comments", part="id", id=f"{approved.id},{rejected.id}") == [approved.id]
    status, _ = tube.refused("commentThreads", part="id", videoId=video.id, moderationStatus="rejected")
    assert status == 400


@pytest.mark.parametrize("how", ["withdrawn", "author left", "top withdrawn", "shadowed"])
def test_what_is_gone_is_silently_left_out(tube: Tube, video: Video, how: str) -> None:
    """No error and no word why; what nobody lists may be counted all the same."""
    top = tube.world.comment(tube.resident(1), video, "Top")
    answer = tube.world.comment(tube.resident(2), top, "Answer", shadowed=how == "shadowed")
    if how == "withdrawn":
        tube.world.withdraw(answer)
    elif how == "author left":
        tube.city.world.suspend(tube.resident(2), Standing.DELETED)
    elif how == "top withdrawn":
        tube.world.withdraw(top)
    assert tube.ids("comments", part="id", id=answer.id) == []
    expected = [] if how == "top withdrawn" else [top.id]
    assert tube.ids("commentThreads", part="id", videoId=video.id) == expected
    if how == "shadowed":
        assert tube.ok("commentThreads", part="snippet", id=top.id)["items"][0]["snippet"]["totalReplyCount"] == 1


def test_comments_switched_off_and_on_again(tube: Tube, video: Video) -> None:
    """A refusal with its own reason, no count, nothing by id; then all is there as before."""
    comment = _say(tube, video, "Hello")
    tube.world.allow_comments(video, allowed=False)
    assert tube.refused("commentThreads", part="id", videoId=video.id) == (403, "commentsDisabled")
    assert tube.refused("comments", part="id", parentId=comment.id) == (403, "commentsDisabled")
    assert tube.ids("comments", part="id", id=comment.id) == []
    assert "commentCount" not in tube.ok("videos", part="statistics", id=video.id)["items"][0]["statistics"]
    tube.world.allow_comments(video, allowed=True)
    assert tube.ids("commentThreads", part="id", videoId=video.id) == [comment.id]


def test_comments_of_what_cannot_be_seen(tube: Tube, video: Video) -> None:
    """The video is not found: private and removed ones, for whoever may not see them."""
    _say(tube, video, "Hello")
    tube.world.set_privacy(video, Privacy.PRIVATE)
    assert tube.refused("commentThreads", owner=False, part="id", videoId=video.id) == (404, "videoNotFound")
    assert len(tube.ids("commentThreads", part="id", videoId=video.id)) == 1
    tube.world.remove(video)
    assert tube.refused("commentThreads", part="id", videoId=video.id) == (404, "videoNotFound")


def test_all_threads_of_a_channel(tube: Tube, video: Video) -> None:
    """The newest over all videos."""
    other = tube.world.upload(ACCOUNT, "Other", at=NOW - timedelta(days=2))
    said = [_say(tube, place, str(number), number) for number, place in enumerate((video, other, video))]
    found = tube.ids("commentThreads", part="id", allThreadsRelatedToChannelId=tube.channel.id, maxResults=1)
    assert found == [one.id for one in reversed(said)]


@pytest.mark.parametrize(
    ("form", "display"),
    [
        ("plainText", "It's <b>so</b>\nhttps://mapleford.example/agenda/1234..."),
        (
            "html",
            f'It&#39;s &lt;b&gt;so&lt;/b&gt;<br><a href="{LONG}">https://mapleford.example/agenda/1234...</a>',
        ),
    ],
)
def test_a_text_as_it_is_shown(tube: Tube, video: Video, form: str, display: str) -> None:
    """HTML is the default form; long addresses are cut in both; the original is what was typed."""
    text = f"It's <b>so</b>\n{LONG}"
    comment = _say(tube, video, text)
    asked = {} if form == "html" else {"textFormat": form}
    (shown,) = tube.ok("comments", part="snippet", id=comment.id, **asked)["items"]
    assert shown["snippet"]["textDisplay"] == display
    assert shown["snippet"]["textOriginal"] == text
    tube.quirks.own_original_only = True
    (shown,) = tube.ok("comments", part="snippet", id=comment.id, **asked)["items"]
    assert "textOriginal" not in shown["snippet"]


def test_a_picture_in_a_comment(tube: Tube, video: Video) -> None:
    """Its address stands with the comment."""
    shot = picture(5, None)
    comment = _say(tube, video, "Look", image=shot)
    (shown,) = tube.ok("comments", part="snippet", id=comment.id)["items"]
    path = shown["snippet"]["imageUrl"].removeprefix(tube.city.base_url(ACCOUNT))
    assert tube.get(path).body == shot.data


def test_answers_that_begin_again_for_ever(tube: Tube, video: Video) -> None:
    """Seen in 2024: the page token is ignored."""
    top = _say(tube, video, "Top")
    for number in range(4):
        _say(tube, top, str(number), number)
    tube.quirks.looping_answers = True
    first = tube.ok("comments", part="id", parentId=top.id, maxResults=2)
    second = tube.ok("comments", part="id", parentId=top.id, maxResults=2, pageToken=first["nextPageToken"])
    assert first["items"] == second["items"]
    assert second["nextPageToken"] == first["nextPageToken"]


def test_a_list_that_ends_too_early(tube: Tube, video: Video) -> None:
    """After so many threads there is no token, as if there were no more."""
    for number in range(7):
        _say(tube, video, str(number), number)
    tube.quirks.early_end[video.id] = 4
    assert [len(page) for page in tube.pages("commentThreads", part="id", videoId=video.id, maxResults=3)] == [3, 1]


def test_short_pages_lose_nothing(tube: Tube, video: Video) -> None:
    """An empty first page and small ones after it lead to everything."""
    said = [_say(tube, video, str(number), number).id for number in range(9)]
    tube.quirks.short_pages = True
    pages = tube.pages("commentThreads", part="id", videoId=video.id, maxResults=6)
    assert [len(page) for page in pages] == [0, 2, 2, 2, 2, 1]
    assert [one["id"] for page in pages for one in page] == said[::-1]

"""Comments: where they stand, whose they are, what they say, and who may see them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from archiver.domain.item import Cause, State
from archiver.platforms.youtube.comments import Thread, thread_of
from tests.platforms.youtube.answers import VIDEO, comment, items, observed, sightings, thread
from tests.platforms.youtube.recorded import CITY

LISTING = f"commentThreads?part=snippet,replies&videoId={VIDEO}&textFormat=plainText"
TOP = "Ugx00000000000000AaABAg"
ANSWER = f"{TOP}.9xyz"


def test_a_thread_is_its_top_comment_and_the_answers_that_came_along() -> None:
    """The comment answers the video, the answers answer the comment; all are in the video's thread."""
    top, below = sightings(LISTING, items(thread(TOP, comment(ANSWER, parentId=TOP), replies=7)))
    assert (top.key, top.parent, top.thread) == (f"youtube:{TOP}", f"youtube:{VIDEO}", f"youtube:{VIDEO}")
    assert (top.thread_author, top.parent_author) == (CITY, CITY)
    assert top.metrics is not None
    assert top.metrics.replies == 7
    assert (below.key, below.parent, below.thread) == (f"youtube:{ANSWER}", top.key, top.thread)
    assert top.author is not None
    assert (below.thread_author, below.parent_author) == (CITY, top.author.native_id)
    assert below.metrics is not None
    assert below.metrics.replies is None
    assert below.permalink == f"https://www.youtube.com/watch?v={VIDEO}&lc={ANSWER}"
    assert (top.pointer, below.pointer) == ("/items/0/snippet/topLevelComment", "/items/0/replies/comments/0")


@pytest.mark.parametrize(
    ("sentence", "path", "snippet", "parent", "root"),
    [
        ("by its field", "comments?part=snippet&parentId=other", {"parentId": TOP, "videoId": VIDEO}, TOP, VIDEO),
        ("by its id", "comments?part=snippet&id=x", {"videoId": VIDEO}, TOP, VIDEO),
        ("by the task", f"comments?part=snippet&parentId={TOP}", {}, TOP, VIDEO),
    ],
)
def test_an_answer_by_itself(sentence: str, path: str, snippet: dict[str, Any], parent: str, root: str) -> None:
    """What it answers is told by it or by the address, its video by it or by the task that asked."""
    told = items(comment(ANSWER, **snippet))
    (seen,) = sightings(path, told, task_kind="thread", subject=f"youtube:{VIDEO}")
    assert (seen.parent, seen.thread) == (f"youtube:{parent}", f"youtube:{root}"), sentence


def test_a_comment_of_no_known_place_is_no_new_record() -> None:
    """Below nothing it would be a post. Asked about in a confirmation it is known already."""
    told = items(comment(TOP))
    assert sightings(f"comments?part=snippet&id={TOP}", told) == []
    (seen,) = sightings(f"comments?part=snippet&id={TOP}", told, task_kind="confirm")
    assert (seen.parent, seen.thread) == (None, None)


def test_an_old_discussion_hangs_below_the_channel() -> None:
    """Until 2021 there were comments on channels."""
    told = thread(TOP)
    del told["snippet"]["videoId"], told["snippet"]["topLevelComment"]["snippet"]["videoId"]
    (seen,) = sightings(f"commentThreads?part=snippet&allThreadsRelatedToChannelId={CITY}", items(told))
    assert (seen.parent, seen.thread, seen.permalink) == (f"youtube:{CITY}", f"youtube:{CITY}", None)


@pytest.mark.parametrize(
    ("sentence", "query", "status", "state", "cause"),
    [
        ("listed among the published", "", None, State.LIVE, None),
        ("published, as it says itself", "", "published", State.LIVE, None),
        ("held, as it says itself", "", "heldForReview", State.HIDDEN, Cause.HELD_FOR_REVIEW),
        ("listed among the held", "&moderationStatus=heldForReview", None, State.HIDDEN, Cause.HELD_FOR_REVIEW),
        ("listed among spam", "&moderationStatus=likelySpam", "likelySpam", State.HIDDEN, Cause.HELD_FOR_REVIEW),
        ("rejected by owner or moderator", "", "rejected", State.HIDDEN, None),
        ("an unknown word", "", "novel", None, None),
    ],
)
def test_who_may_see_it(
    sentence: str, query: str, status: str | None, state: State | None, cause: Cause | None
) -> None:
    """By its own status, else by the listing that was asked for; never by guessing."""
    snippet: dict[str, Any] = {"moderationStatus": status} if status else {}
    told = thread(TOP, **snippet)
    told["snippet"]["isPublic"] = False
    (seen,) = sightings(LISTING + query, items(told))
    assert (seen.state, seen.cause) == (state, cause), sentence


def test_by_id_nothing_is_said_of_who_may_see_it() -> None:
    """A held comment stays held when its owner asks for it by its id; a public thread says that it is."""
    (alone,) = sightings(f"comments?part=snippet&id={TOP}", items(comment(TOP, videoId=VIDEO)))
    assert alone.state is None
    told = thread(TOP)
    assert [one.state for one in sightings(f"commentThreads?part=snippet&id={TOP}", items(told))] == [State.LIVE]
    told["snippet"]["isPublic"] = False
    assert [one.state for one in sightings(f"commentThreads?part=snippet&id={TOP}", items(told))] == [None]


def test_answers_in_a_queue_are_not_held_with_their_comment() -> None:
    """Nothing says of them that they are."""
    told = items(thread(TOP, comment(ANSWER, parentId=TOP)))
    top, below = sightings(LISTING + "&moderationStatus=heldForReview", told)
    assert (top.state, below.state) == (State.HIDDEN, None)
    assert (top.body.labels, below.body.labels) == (("moderation:heldForReview",), None)


def test_an_edit_is_dated_by_the_later_of_its_two_times() -> None:
    """One that was never edited has both alike."""
    edited = comment(TOP, videoId=VIDEO, updatedAt="2026-11-10T05:30:41Z")
    plain = comment(ANSWER, videoId=VIDEO)
    earlier = comment("Ugy00000000000000AaABAg", videoId=VIDEO, updatedAt="2026-11-10T03:59:59Z")
    seen = sightings("comments?part=snippet&id=1", items(edited, plain, earlier))
    assert [one.body.edited_at for one in seen] == [datetime(2026, 11, 10, 5, 30, 41, tzinfo=UTC), None, None]


@pytest.mark.parametrize(
    ("sentence", "told", "plain", "text", "markup"),
    [
        ("as written", {"textOriginal": "a & b", "textDisplay": "a &amp; b"}, False, "a & b", "a &amp; b"),
        ("as written, plain", {"textOriginal": "see https://x.example/1", "textDisplay": "see x.ex…"}, True,
         "see https://x.example/1", None),
        ("rendered", {"textOriginal": None, "textDisplay": "a<br>b &#39;c&#39;"}, False, "a\nb 'c'", "a<br>b &#39;c&#39;"),
        ("as shown, plain", {"textOriginal": None, "textDisplay": "a <b>"}, True, "a <b>", None),
        ("nothing", {"textOriginal": None, "textDisplay": None}, True, None, None),
        ("empty", {"textOriginal": "", "textDisplay": ""}, True, "", None),
    ],
)  # fmt: skip
def test_the_words(sentence: str, told: dict[str, Any], *, plain: bool, text: str | None, markup: str | None) -> None:
    """As they were written where that is told, else as a page shows them."""
    path = "comments?part=snippet&id=1" + ("&textFormat=plainText" if plain else "")
    (seen,) = sightings(path, items(comment(TOP, videoId=VIDEO, **told)))
    assert (seen.body.text, seen.body.markup) == (text, markup), sentence


def test_links_and_picture() -> None:
    """Addresses in the words; a picture under a name that a signed address does not change."""
    image = "https://yt3.googleusercontent.com/abc/leaf=s400?sig=1"
    (seen,) = sightings(
        "comments?part=snippet&id=1", items(comment(TOP, "https://a.example, (https://b.example)", videoId=VIDEO,
                                                    imageUrl=image))
    )  # fmt: skip
    assert [link.url for link in seen.body.links or ()] == ["https://a.example", "https://b.example"]
    assert [one.identity for one in seen.body.attachments or ()] == [f"youtube:{TOP}/image/leaf"]


@pytest.mark.parametrize(
    ("sentence", "snippet", "expected"),
    [
        ("by the handle since 2023", {}, ("UCrowan0000000000000000a", "rowan", "@rowan")),
        ("by the title before", {"authorDisplayName": "Rowan R."}, ("UCrowan0000000000000000a", None, "Rowan R.")),
        (
            "by the page",
            {"authorChannelId": None, "authorChannelUrl": f"http://www.youtube.com/channel/{CITY}"},
            (CITY, "rowan", "@rowan"),
        ),
        ("by the name alone", {"authorChannelId": None}, ("@rowan", "rowan", "@rowan")),
        ("by nothing", {"authorChannelId": None, "authorDisplayName": ""}, None),
    ],
)
def test_the_author(sentence: str, snippet: dict[str, Any], expected: tuple[str, str | None, str] | None) -> None:
    """The channel's id lasts; the name shown may be a handle or a title."""
    (seen,) = sightings("comments?part=snippet&id=1", items(comment(TOP, videoId=VIDEO, **snippet)))
    found = (seen.author.native_id, seen.author.handle, seen.author.display_name) if seen.author else None
    assert found == expected, sentence


@pytest.mark.parametrize(
    "body",
    [
        items({}, {"id": TOP}, {"snippet": 7}, {"id": 5, "snippet": {"textOriginal": "x"}}),
        items(comment("", videoId=VIDEO)),
        {"kind": "youtube#commentListResponse"},
    ],
)
def test_what_is_no_comment_is_passed_over(body: Any) -> None:
    """Unknown and broken entries never raise."""
    assert observed("comments?part=snippet&id=1", body) == []
    assert observed(LISTING, body) == []


def test_the_walk_learns_what_it_must_ask_for() -> None:
    """How many answers there are, and which of them came along."""
    found = thread_of(thread(TOP, comment(ANSWER), replies=7))
    assert found == Thread(TOP, VIDEO, 7, (ANSWER,))
    assert thread_of({"id": "Ugy"}) == Thread("Ugy", None, 0, ())
    assert thread_of({}) is None

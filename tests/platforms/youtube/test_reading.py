"""Which answers show what, and what the silence of a look-up means."""

from __future__ import annotations

from typing import Any

import pytest

from archiver.domain.exchange import Purpose
from archiver.domain.observation import GoneSeen, ItemSeen
from archiver.errors import ShapeChanged
from tests.platforms.youtube.answers import VIDEO, comment, error, items, observed, video

GONE = "gonegonegon"


@pytest.mark.parametrize(
    ("sentence", "path", "task", "gone"),
    [
        ("the last look of a confirmation", f"videos?part=id,snippet&id={VIDEO},{GONE}", "confirm", [GONE]),
        ("its first look", f"videos?part=snippet,status&id={VIDEO},{GONE}", "confirm", []),
        ("a look-up for another reason", f"videos?part=id,snippet&id={VIDEO},{GONE}", "poll", []),
        ("a list of no ids", "videos?part=id,snippet&chart=mostPopular", "confirm", []),
    ],
)
def test_silence_counts_at_the_last_look(sentence: str, path: str, task: str, gone: list[str]) -> None:
    """What is in the answer is read as ever; what is not in it twice is gone, and why is not told."""
    found = observed(path, items(video()), task_kind=task)
    assert [seen.key for seen in found if isinstance(seen, ItemSeen)] == [f"youtube:{VIDEO}"], sentence
    assert [seen for seen in found if isinstance(seen, GoneSeen)] == [
        GoneSeen(f"youtube:{one}", "videos.list leaves it out, asked twice")  # type: ignore[arg-type]
        for one in gone
    ]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("comments?part=id,snippet&id=Ugx1,Ugx2", comment("Ugx1", videoId=VIDEO)),
        ("playlists?part=id,snippet&id=PL1,PL2", {"id": "PL1", "snippet": {"title": "Meetings"}}),
    ],
)
def test_comments_and_playlists_are_asked_about_likewise(path: str, found: dict[str, Any]) -> None:
    """Each by its own call."""
    gone = [seen.key for seen in observed(path, items(found), task_kind="confirm") if isinstance(seen, GoneSeen)]
    assert [key.rpartition("2")[0] for key in gone] == [f"youtube:{found['id'][:-1]}"]


@pytest.mark.parametrize(
    ("sentence", "body", "more"),
    [
        ("an error", error(403, "forbidden"), {"status": 403}),
        ("a limit", error(403, "quotaExceeded"), {"status": 403}),
        ("a fault", {}, {"status": 500}),
        ("a cut answer", items(), {"truncated": "disconnect"}),
        ("no list at all", {"kind": "youtube#videoListResponse"}, {}),
    ],
)
def test_an_answer_that_did_not_come_says_nothing(sentence: str, body: Any, more: dict[str, Any]) -> None:
    """Least of all that something is gone."""
    assert observed(f"videos?part=id,snippet&id={GONE}", body, task_kind="confirm", **more) == [], sentence


@pytest.mark.parametrize(
    "body", [b"<html>", [], "words", {"items": {}}, {"items": "none", "kind": "youtube#x"}, {"novel": 1}]
)
@pytest.mark.parametrize("path", ["videos?id=a", "commentThreads?videoId=a", "channels?id=a", "captions?videoId=a"])
def test_an_answer_of_another_shape_is_told_of(path: str, body: Any) -> None:
    """It is kept, and an update can read it."""
    with pytest.raises(ShapeChanged):
        observed(path, body)


@pytest.mark.parametrize("entry", [None, 7, "words", [], {}, {"id": 7}, {"id": "x", "snippet": "none"}])
@pytest.mark.parametrize(
    "path",
    [
        "videos?id=a", "commentThreads?videoId=a", "comments?id=a", "channels?id=a", "captions?part=snippet", "search?q=a",
        "playlists?id=a", "liveChat/messages?liveChatId=a", "playlistItems?playlistId=UUa",
    ],
)  # fmt: skip
def test_entries_of_another_shape_are_passed_over(path: str, entry: Any) -> None:
    """One of them does not stop the reading of the rest."""
    assert observed(path, {"kind": "youtube#listResponse", "items": [entry]}) == []


def test_files_and_other_calls_show_no_records() -> None:
    """The bytes of a caption track or a picture, and calls that nobody reads."""
    assert observed("captions/x?tfmt=vtt", b"WEBVTT", purpose=Purpose.MEDIA) == []
    assert observed("captions/x?tfmt=vtt", b"WEBVTT") == []
    assert observed("activities?part=id", items(video())) == []
    assert observed("search?part=snippet", items({"id": {"videoId": VIDEO}, "snippet": {}})) == []

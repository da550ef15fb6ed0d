"""Videos: words, files, counts, broadcasts, and who may see them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from archiver.domain.item import Cause, Metrics, State
from archiver.platforms.youtube.videos import Stream, metrics_of, stream_of
from tests.platforms.youtube.answers import VIDEO, items, observed, sightings, video
from tests.platforms.youtube.recorded import NAMES

LOOK_UP = f"videos?part=snippet,status&id={VIDEO}"


@pytest.mark.parametrize(
    ("sentence", "status", "state", "cause", "visibility"),
    [
        ("public", {"privacyStatus": "public"}, State.LIVE, None, "public"),
        ("for those who have the address", {"privacyStatus": "unlisted"}, State.LIVE, None, "unlisted"),
        ("private", {"privacyStatus": "private"}, State.HIDDEN, Cause.OWNER_PRIVATE, None),
        (
            "private until a day",
            {"privacyStatus": "private", "publishAt": "2026-12-01T00:00:00Z"},
            State.HIDDEN, Cause.OWNER_PRIVATE, None,
        ),
        (
            "refused by YouTube, whatever the owner chose",
            {"privacyStatus": "public", "uploadStatus": "rejected", "rejectionReason": "copyright"},
            State.GONE, Cause.BY_PLATFORM, None,
        ),
        ("deleted, in the owner's view", {"uploadStatus": "deleted"}, State.GONE, None, None),
        ("an unknown word", {"privacyStatus": "novel"}, None, None, None),
        ("not asked for", None, None, None, None),
    ],
)  # fmt: skip
def test_who_may_see_it(
    sentence: str, status: Any, state: State | None, cause: Cause | None, visibility: str | None
) -> None:
    """By its own field, which proves the cause; a private video has no visibility that could be edited."""
    (seen,) = sightings(LOOK_UP, items(video(status=status) if status else video()))
    assert (seen.state, seen.cause, seen.body.visibility) == (state, cause, visibility), sentence


@pytest.mark.parametrize(
    ("sentence", "statistics", "expected"),
    [
        ("all, as text", {"viewCount": "212", "likeCount": "4", "commentCount": "9"}, Metrics(4, 9, None, 212)),
        ("likes hidden, comments off", {"viewCount": "212"}, Metrics(views=212)),
        ("as numbers", {"viewCount": 0, "likeCount": 0, "commentCount": 0}, Metrics(0, 0, None, 0)),
        ("no counts", {"viewCount": "many", "likeCount": -1, "commentCount": "9" * 30}, Metrics()),
        ("not asked for", None, None),
    ],
)
def test_counts(sentence: str, statistics: Any, expected: Metrics | None) -> None:
    """A missing count is no zero."""
    assert metrics_of({"statistics": statistics}) == expected, sentence


@pytest.mark.parametrize(
    ("sentence", "phase", "details", "expected"),
    [
        (
            "announced",
            "upcoming",
            {"scheduledStartTime": "2026-11-17T00:00:00Z", "activeLiveChatId": "chat"},
            ("upcoming", "chat"),
        ),
        ("running", "live", {"actualStartTime": "2026-11-17T00:00:20Z", "activeLiveChatId": "chat"}, ("live", "chat")),
        (
            "over",
            "none",
            {"actualStartTime": "2026-11-17T00:00:20Z", "actualEndTime": "2026-11-17T02:00:00Z"},
            ("completed", None),
        ),
        ("a premiere without a chat", "live", {"scheduledStartTime": "2026-11-17T00:00:00Z"}, ("live", None)),
        ("never a broadcast", "none", None, None),
    ],
)
def test_a_broadcast(sentence: str, phase: str, details: Any, expected: tuple[str, str | None] | None) -> None:
    """Its phase, and the chat, which there is only while people can write."""
    told = video(snippet={"liveBroadcastContent": phase}, liveStreamingDetails=details)
    found = stream_of(told)
    assert ((found.phase, found.chat) if found else None) == expected, sentence
    (seen,) = sightings(LOOK_UP, items(told))
    assert seen.body.labels == ((f"live:{expected[0]}",) if expected else None)


def test_moments_of_a_broadcast() -> None:
    """Each in UTC."""
    found = stream_of(
        video(
            liveStreamingDetails={
                "scheduledStartTime": "2026-11-17T00:00:00Z",
                "actualStartTime": "2026-11-17T00:00:20.500Z",
                "actualEndTime": "2026-11-17T02:14:17+00:00",
            }
        )
    )
    assert found == Stream(
        VIDEO, "completed", None, datetime(2026, 11, 17, tzinfo=UTC),
        datetime(2026, 11, 17, 0, 0, 20, 500_000, tzinfo=UTC), datetime(2026, 11, 17, 2, 14, 17, tzinfo=UTC),
    )  # fmt: skip


def test_the_largest_picture_keeps_its_name() -> None:
    """A larger size that comes later is no other picture; new names of sizes are taken."""
    small = {"default": {"url": "https://i.ytimg.com/vi/a/default.jpg", "width": 120, "height": 90}}
    large = {**small, "uhd": {"url": "https://i.ytimg.com/vi/a/uhd.jpg", "width": 3840, "height": 2160}}
    bare = {"medium": {"url": "https://i.ytimg.com/m"}, "novel": {"url": "https://i.ytimg.com/n"}, "broken": 7}
    found = [
        (sightings(LOOK_UP, items(video(snippet={"thumbnails": one})))[0].body.attachments or ())[1]
        for one in (small, large, bare)
    ]
    assert [one.identity for one in found] == [f"youtube:{VIDEO}/thumbnail"] * 3
    assert [one.url.rpartition("/")[2] for one in found] == ["default.jpg", "uhd.jpg", "n"]


def test_what_the_api_never_lists_is_not_taken_away_by_it() -> None:
    """Subtitles come from elsewhere, and a picture may come later; the film has a name and no address of its own."""
    (seen,) = sightings(LOOK_UP, items(video()))
    assert [(one.kind, one.identity) for one in seen.body.attachments or ()] == [("video", f"youtube:{VIDEO}/film")]
    assert seen.body.partial == {"attachments"}
    assert NAMES.is_film(f"youtube:{VIDEO}/film")
    assert not NAMES.is_film(f"youtube:{VIDEO}/thumbnail")


def test_words_links_and_tags() -> None:
    """The description is the text; the language of the words before that of the voice."""
    snippet = {"tags": ["council", 7], "defaultLanguage": "en", "defaultAudioLanguage": "es"}
    (seen,) = sightings(LOOK_UP, items(video(snippet=snippet)))
    assert (seen.body.title, seen.body.text) == ("Council meeting", "Agenda: https://exampleton.example/agenda.")
    assert [link.url for link in seen.body.links or ()] == ["https://exampleton.example/agenda"]
    assert (seen.body.tags, seen.body.lang) == (("council",), "en")
    (voiced,) = sightings(LOOK_UP, items(video(snippet={"defaultAudioLanguage": "es"})))
    assert voiced.body.lang == "es"


def test_labels_are_youtube_s_own_words() -> None:
    """What is only true or false is there when it is true."""
    status = {"privacyStatus": "private", "publishAt": "2026-12-01T00:00:00Z", "madeForKids": True, "license": "youtube",
              "containsSyntheticMedia": False}  # fmt: skip
    (seen,) = sightings(LOOK_UP, items(video(status=status, contentDetails={"duration": "PT2H13M5S"})))
    assert seen.body.labels == (
        "duration:PT2H13M5S", "privacy:private", "scheduled:2026-12-01T00:00:00Z", "license:youtube", "made for kids",
    )  # fmt: skip


def test_a_sign_of_life_changes_no_words() -> None:
    """Asked for its status alone, a video has a state and nothing else; asked for its id alone, not even that."""
    (seen,) = sightings(LOOK_UP, items({"id": VIDEO, "status": {"privacyStatus": "public"}}))
    assert (seen.state, seen.body.text, seen.body.title, seen.author) == (State.LIVE, None, None, None)
    assert observed(LOOK_UP, items({"id": VIDEO})) == []


def test_unknown_parts_change_nothing() -> None:
    """Fields that nobody knows yet, and known ones of another type."""
    known = sightings(LOOK_UP, items(video()))
    novel = video(novel={"a": 1}, snippet={"novel": []}, liveStreamingDetails=[], statistics="none", status=7)
    assert sightings(LOOK_UP, items(novel)) == known

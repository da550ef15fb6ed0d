"""Playlists: their entries, and what of them is a record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from archiver.domain.item import Form
from archiver.platforms.youtube.playlists import Entry, entries_of
from tests.platforms.youtube.answers import answer, items, observed, sightings
from tests.platforms.youtube.recorded import CITY

LISTING = "playlistItems?part=snippet,contentDetails,status&playlistId=PLmeetings"


def entry(native_id: str, title: str = "Meeting", **snippet: Any) -> dict[str, Any]:
    """An entry's resource."""
    return {
        "snippet": {
            "publishedAt": "2026-11-10T05:00:00Z",
            "channelId": CITY,
            "title": title,
            "thumbnails": {"default": {"url": "https://i.ytimg.com/vi/a/default.jpg"}},
            "resourceId": {"videoId": native_id},
            **snippet,
        },
        "contentDetails": {"videoId": native_id, "videoPublishedAt": "2026-11-10T03:00:00Z"},
        "status": {"privacyStatus": "public"},
    }


def placeholder(native_id: str, title: str) -> dict[str, Any]:
    """What an ordinary playlist keeps of a video that is not shown."""
    gone = entry(native_id, title, thumbnails={})
    gone["contentDetails"] = {"videoId": native_id}
    return gone


def test_entries() -> None:
    """When it was listed and when it was published are two moments; a placeholder has only its id."""
    bare = {"snippet": {"resourceId": {"videoId": "c"}}}
    found = entries_of(answer(LISTING, items(entry("a"), placeholder("b", "Deleted video"), bare, {"snippet": {}})))
    assert found == [
        Entry("a", "Meeting", datetime(2026, 11, 10, 5, tzinfo=UTC), datetime(2026, 11, 10, 3, tzinfo=UTC), "public",
              placeholder=False),
        Entry("b", "Deleted video", datetime(2026, 11, 10, 5, tzinfo=UTC), None, "public", placeholder=True),
        Entry("c", None, None, None, None, placeholder=False),
    ]  # fmt: skip


def test_a_film_of_that_title_is_no_placeholder() -> None:
    """It has a picture and a date."""
    (found,) = entries_of(answer(LISTING, items(entry("a", "Private video"))))
    assert not found.placeholder


def test_a_playlist_is_a_record_with_its_videos_as_links() -> None:
    """Each once, in order; a placeholder's title is not the video's."""
    told = items(entry("b", "Second"), entry("a", "First"), entry("b", "Second"), placeholder("c", "Private video"))
    told["items"].append({"snippet": {"title": "an entry of nothing"}})
    (seen,) = sightings(LISTING, told)
    assert (seen.key, seen.form, seen.thread) == ("youtube:PLmeetings", Form.PROFILE, "youtube:PLmeetings")
    assert seen.author is not None
    assert seen.author.native_id == CITY
    page = "https://www.youtube.com/watch?v="
    assert [(link.url, link.title) for link in seen.body.links or ()] == [
        (page + "b", "Second"), (page + "a", "First"), (page + "c", None),
    ]  # fmt: skip
    assert (seen.body.title, seen.body.text, seen.body.partial) == (None, None, frozenset())


@pytest.mark.parametrize(
    ("sentence", "path", "more", "shown"),
    [
        ("of several pages the first is the beginning", LISTING, {"nextPageToken": "2"}, [frozenset({"links"})]),
        ("later pages alone would be another list", LISTING + "&pageToken=2", {}, []),
        ("a search in it is not the list", LISTING + "&videoId=a", {}, []),
        ("uploads are records themselves", "playlistItems?playlistId=UUexampletonCity00000000", {}, []),
        ("entries by their ids are no list", "playlistItems?id=x", {}, []),
    ],
)
def test_which_pages_show_the_list(sentence: str, path: str, more: dict[str, Any], shown: list[frozenset[str]]) -> None:
    """A playlist of more than a page is shown in part."""
    assert [seen.body.partial for seen in sightings(path, items(entry("a"), **more))] == shown, sentence


def test_an_empty_playlist_has_no_videos() -> None:
    """Which is known, unlike the videos of one that was not listed."""
    (seen,) = sightings(LISTING, items())
    assert (seen.body.links, seen.author) == ((), None)


def test_the_playlist_s_own_words() -> None:
    """Title, description, maker and privacy; a playlist that nobody sees any more is told by the owner's view."""
    told = {
        "id": "PLmeetings",
        "snippet": {"title": "Meetings", "description": "", "channelId": CITY, "channelTitle": "City",
                    "publishedAt": "2019-05-10T00:18:56.000Z"},
        "status": {"privacyStatus": "private"},
    }  # fmt: skip
    (seen,) = sightings("playlists?channelId=UC0", items(told, {"id": "PLx"}, {"snippet": {"title": "x"}}))
    assert (seen.key, seen.body.title, seen.body.text, seen.body.links) == ("youtube:PLmeetings", "Meetings", "", None)
    assert (str(seen.state), str(seen.cause)) == ("hidden", "owner_private")
    assert seen.permalink == "https://www.youtube.com/playlist?list=PLmeetings"


def test_a_list_of_nothing_is_nothing() -> None:
    """Old answers leave it out."""
    assert observed("playlists?channelId=UC0", {"kind": "youtube#playlistListResponse"}) == []

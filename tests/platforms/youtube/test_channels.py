"""Channels: whose the answer is, what it counts, and the page as a record."""

from __future__ import annotations

from typing import Any

import pytest

from archiver.domain.observation import OWN_ROOTS, AccountSeen, TotalSeen
from archiver.platforms.youtube.fields import file_of
from archiver.platforms.youtube.ids import Names
from archiver.platforms.youtube.reading import read
from tests.platforms.youtube.answers import answer, items, observed, sightings
from tests.platforms.youtube.recorded import CITY

BY_HANDLE, BY_ID, MINE = "channels?forHandle=@ExampletonCity", f"channels?id={CITY}", "channels?mine=true"


def channel(native_id: str = CITY, **parts: Any) -> dict[str, Any]:
    """A channel's resource."""
    snippet = {
        "title": "City of Exampleton",
        "description": "News.",
        "customUrl": "@exampletoncity",
        "publishedAt": "2012-03-14T15:09:26Z",
        **parts.pop("snippet", {}),
    }
    return {"kind": "youtube#channel", "id": native_id, "snippet": snippet, **parts}


@pytest.mark.parametrize(
    ("sentence", "handle", "path", "told", "own"),
    [
        ("by the handle, in any case", "exampletoncity", BY_HANDLE, channel(), True),
        (
            "by the handle, though it shows none",
            "exampletoncity",
            BY_HANDLE,
            channel(snippet={"customUrl": None}),
            True,
        ),
        ("by the configured id", CITY, BY_ID, channel(), True),
        ("somebody else's id", CITY, "channels?id=UC0", channel("UC0"), False),
        ("the token's, as configured", "exampletoncity", MINE, channel(), True),
        ("the token's, by id", CITY, MINE, channel(), True),
        (
            "the token of another channel",
            "exampletoncity",
            MINE,
            channel("UC0", snippet={"customUrl": "@other"}),
            False,
        ),
        ("the token of another channel, by id", CITY, MINE, channel("UC0"), False),
        ("the old custom address", "exampletoncity", BY_ID, channel(snippet={"customUrl": "exampletoncity"}), True),
    ],
)
def test_whose_channel_it_is(sentence: str, handle: str, path: str, told: dict[str, Any], own: bool) -> None:
    """The configured one is the account; of any other only the page is read."""
    found = list(read(Names("", handle), answer(path, items(told))))
    assert any(isinstance(seen, AccountSeen) for seen in found) is own, sentence


def test_the_account() -> None:
    """Its id, handle and name, the playlist of its uploads, and how many public videos there are."""
    told = channel(
        contentDetails={"relatedPlaylists": {"uploads": "UUsomethingElse"}},
        statistics={"videoCount": "3", "subscriberCount": "1520"},
    )
    account, total, _ = observed(BY_HANDLE, items(told))
    assert account == AccountSeen(CITY, "exampletoncity", "City of Exampleton", {"uploads": "UUsomethingElse"})
    assert total == TotalSeen(OWN_ROOTS, 3)


def test_the_uploads_are_known_without_being_told() -> None:
    """By the channel's id."""
    account, _ = observed(BY_HANDLE, items(channel()))
    assert isinstance(account, AccountSeen)
    assert account.facts == {"uploads": "UUexampletonCity00000000"}


def test_the_page() -> None:
    """Title, words, keywords, picture and banner; a new file is a new picture, another size of it is not."""
    told = channel(
        snippet={"thumbnails": {"high": {"url": "https://yt3.ggpht.com/ytc/seal=s800-c-k", "width": 800}}},
        brandingSettings={
            "channel": {"keywords": 'council "public works" 2026', "defaultLanguage": "en"},
            "image": {"bannerExternalUrl": "https://yt3.googleusercontent.com/banner"},
        },
    )
    (page,) = sightings(BY_HANDLE, items(told))
    assert (page.body.title, page.body.text, page.body.lang) == ("City of Exampleton", "News.", "en")
    assert page.body.tags == ("council", "public works", "2026")
    key = f"youtube:{CITY}"
    assert [one.identity for one in page.body.attachments or ()] == [f"{key}/picture/seal", f"{key}/picture/banner"]
    told["snippet"]["thumbnails"]["high"]["url"] = "https://yt3.ggpht.com/ytc/seal=s88-c-k"
    (again,) = sightings(BY_HANDLE, items(told))
    assert [one.identity for one in again.body.attachments or ()] == [
        one.identity for one in page.body.attachments or ()
    ]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://yt3.ggpht.com/ytc/seal=s88-c-k-c0x00ffffff-no-rj", "seal"),
        ("https://yt3.googleusercontent.com/seal", "seal"),
        ("https://yt3.ggpht.com/ytc/=s88", "unnamed"),
        ("https://[broken", "unnamed"),
        ("", "unnamed"),
    ],
)
def test_a_picture_is_known_by_its_file(url: str, name: str) -> None:
    """Without the size in which it is asked for; what is no address has no name."""
    assert file_of(url) == name


def test_a_channel_without_its_parts() -> None:
    """An id alone shows nothing; a channel without an id is none."""
    assert observed(BY_ID, items({"id": CITY}, {"snippet": {"title": "x"}})) == []

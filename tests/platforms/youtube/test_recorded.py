"""Every recorded answer goes through the readers and comes out as the expected results say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from archiver.domain.item import Form, State
from archiver.domain.observation import AccountSeen, GoneSeen, ItemSeen
from archiver.domain.task import Meaning
from archiver.platforms.youtube.answers import judge
from archiver.platforms.youtube.feeds import hints
from archiver.platforms.youtube.reading import read
from tests.platforms.youtube.recorded import CALLS, CITY, NAMES, SHARED, answer, exchange, needs_recordings, recordings
from tests.platforms.youtube.shape import shape

EXPECTED = json.loads((Path(__file__).parent / "expected" / "recorded.json").read_text())
_READ = frozenset({"youtube#video", "youtube#comment", "youtube#playlist", "youtube#channel"})

pytestmark = needs_recordings


@pytest.mark.parametrize("name", sorted(CALLS))
def test_every_recording_comes_out_as_expected(name: str) -> None:
    """Key, place, author, words, times, files, state and counts are the expected ones; nothing raises."""
    assert [shape(seen) for seen in read(NAMES, exchange(name))] == EXPECTED[name]


def test_no_recording_is_left_out() -> None:
    """What is recorded, has a call that it answers, and expected results."""
    assert set(recordings()) == set(CALLS) == set(EXPECTED)


def test_every_resource_reads_alike_by_a_simpler_method() -> None:
    """Whatever is a video, comment, playlist or channel in a list is one sighting at its place, in its own words."""
    compared = 0
    for name, pointer, thing in _things():
        one, snippet = _sightings(name)[pointer], thing.get("snippet", {})
        compared += 1
        assert one.key == "youtube:" + thing["id"]
        assert one.body.text == snippet.get("textOriginal", snippet.get("description"))
        assert one.body.title == snippet.get("title")
        assert one.created_at == datetime.fromisoformat(snippet["publishedAt"])
        if thing["kind"] == "youtube#comment":
            assert one.parent == "youtube:" + snippet.get(
                "parentId", snippet.get("videoId", snippet.get("channelId", ""))
            )
            assert one.author is not None
            assert one.author.native_id == snippet["authorChannelId"]["value"]
            assert (one.metrics.likes if one.metrics else None) == snippet["likeCount"]
        else:
            assert one.parent is None
        views = thing.get("statistics", {}).get("viewCount") if thing["kind"] == "youtube#video" else None
        assert (one.metrics.views if one.metrics else None) == (int(views) if views else None)
    assert compared == 88


def test_nothing_but_these_resources_makes_a_record() -> None:
    """Sightings without such an object are a playlist's members, a video's captions, a message, or a feed's entry."""
    placed = {(name, pointer) for name, pointer, _ in _things()}
    others = {
        (name.rpartition("/")[2], seen.form)
        for name in CALLS
        for seen in _sightings(name).values()
        if (name, seen.pointer) not in placed
    }
    assert others == {
        ("captions_list.json", Form.POST),
        ("captions_by_video.json", Form.POST),
        ("captions_filter_by_id.json", Form.POST),
        ("playlistItems_removed_and_private.json", Form.PROFILE),
        ("playlist_items_paged_1.json", Form.PROFILE),
        ("liveChat_messages.json", Form.CHAT),
        ("feed_videos.xml", Form.POST),
        ("youtube_atom.xml", Form.POST),
        ("websub_push_new_or_changed.xml", Form.POST),
        ("comments_multi.json", Form.POST),
        ("not_modified_304.json", Form.PROFILE),
    }


def test_a_feed_reads_alike_by_a_simpler_method() -> None:
    """Title, description, date and views of the fifteen newest videos of a real feed, by patterns."""
    words = (SHARED / "feeds" / "youtube_atom.xml").read_text()
    seen = list(_sightings("feeds/youtube_atom.xml").values())
    entries = re.findall(r"<entry>(.*?)</entry>", words, re.DOTALL)
    assert len(seen) == len(entries) == 15
    for one, entry in zip(seen, entries, strict=True):
        assert one.key == "youtube:" + _inside(entry, "yt:videoId")
        assert one.body.title == _inside(entry, "title")
        assert one.body.text == _inside(entry, "media:description")
        assert one.created_at == datetime.fromisoformat(_inside(entry, "published"))
        assert one.metrics is not None
        assert f'views="{one.metrics.views}"' in entry


def test_recorded_errors_mean_what_the_table_says() -> None:
    """Each of them by its reason, not by its status: 403 is a limit, a state or a lack of rights."""
    found = {
        name.rpartition("/")[2].removesuffix(".json"): judge(exchange(name), token_sent=True, session=True).meaning
        for name in CALLS
        if "error" in name
    }
    assert found == {
        "error_400_invalidPageToken": Meaning.PROCEED,
        "error_400_keyInvalid": Meaning.ACCESS_LOST,
        "error_400_processingFailure": Meaning.PROCEED,
        "error_401_authError": Meaning.SESSION_EXPIRED,
        "error_403_commentsDisabled": Meaning.PROCEED,
        "error_403_insufficientPermissions": Meaning.PROCEED,
        "error_403_liveChatEnded": Meaning.PROCEED,
        "error_403_quotaExceeded": Meaning.WAIT,
        "error_403_rateLimitExceeded": Meaning.WAIT,
        "error_404_playlistNotFound": Meaning.PROCEED,
        "error_404_videoNotFound": Meaning.PROCEED,
        "error_oauth_invalid_grant": Meaning.SESSION_EXPIRED,
        "error_permission_resp": Meaning.RETRY,
        "error_response": Meaning.ACCESS_LOST,
        "error_response_simple": Meaning.SHAPE_CHANGED,
    }


@pytest.mark.parametrize("name", sorted(name for name in CALLS if "error" not in name and not CALLS[name].pushed))
def test_every_other_recording_goes_on(name: str) -> None:
    """None of them is taken for a fault, a limit or a lost token."""
    assert judge(exchange(name), token_sent=True, session=False).meaning is Meaning.PROCEED


def test_an_answer_that_nothing_changed_reads_like_the_one_it_repeats() -> None:
    """A 304 shows the same account and page."""
    hand = "handwritten/"
    assert list(read(NAMES, exchange(hand + "not_modified_304.json"))) == list(
        read(NAMES, exchange(hand + "channels_list.json"))
    )
    assert any(isinstance(seen, AccountSeen) for seen in read(NAMES, exchange(hand + "not_modified_304.json")))


def test_pushes_lead_to_the_video_that_they_name() -> None:
    """New, changed or not there any more: the API is asked about it; a tombstone by itself removes nothing."""
    for name in ("websub_push_new_or_changed.xml", "websub_push_tombstone.xml"):
        pushed = exchange(f"handwritten/{name}")
        assert pushed.subject == CITY
        assert [(hint.kind, hint.subject) for hint in hints(NAMES, pushed)] == [("confirm", "youtube:vidMeeting1")]
        assert not any(isinstance(seen, GoneSeen) for seen in read(NAMES, pushed))


def test_what_was_removed_from_a_chat_is_known_to_have_been_there() -> None:
    """A tombstone has an id and a time, and neither words nor author."""
    seen = _sightings("handwritten/liveChat_messages.json")["/items/1"]
    assert (seen.state, seen.author, seen.body.text) == (State.GONE, None, None)
    assert seen.created_at is not None


def _sightings(name: str) -> dict[str, ItemSeen]:
    return {seen.pointer: seen for seen in read(NAMES, exchange(name)) if isinstance(seen, ItemSeen)}


def _things() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every resource in a list of every recording, with its JSON pointer, but comments of no known place."""
    for name in sorted(CALLS):
        if name.endswith("not_modified_304.json"):
            continue
        for pointer, thing in _resources(answer(name)):
            placed = (
                thing["kind"] != "youtube#comment" or {"videoId", "parentId", "channelId"} & thing["snippet"].keys()
            )
            if pointer.startswith("/items/") and placed:
                yield name, pointer, thing


def _resources(value: Any, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict) and value.get("kind") in _READ and "snippet" in value:
        yield pointer, value
    if isinstance(value, dict | list):
        for name, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _resources(one, f"{pointer}/{name}")


def _inside(markup: str, name: str) -> str:
    found = re.search(rf"<{name}>(.*?)</{name}>", markup, re.DOTALL)
    assert found is not None
    return unescape(found.group(1))

"""Every recorded answer is read and comes out as the expected results say."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from archiver.domain.item import Form
from archiver.domain.observation import ItemSeen
from archiver.platforms.x.ids import made_at
from archiver.platforms.x.reading import read
from archiver.platforms.x.routes import POST_LISTS, Call, route_of
from tests.platforms.x.recorded import CALLS, FOLDERS, SHARED, Recorded, needs_recordings, recordings
from tests.platforms.x.shape import shape

PLACE = Path(__file__).parent / "expected"
EXPECTED: dict[str, Any] = {
    name: seen for folder in FOLDERS for name, seen in json.loads((PLACE / f"{folder}.json").read_text()).items()
}

pytestmark = needs_recordings


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_recording_comes_out_as_expected(folder: str) -> None:
    """Key, place, author, words, times, files, polls, versions, counts and causes are the expected ones."""
    for one in recordings(folder):
        found = [shape(seen) for seen in read(one.names, one.exchange(), messages=True)]
        assert found == EXPECTED[one.name], one.name


def test_no_recording_is_left_out() -> None:
    """What is recorded has expected results, and each address that is given to one has its recording."""
    found = {one.name for folder in FOLDERS for one in recordings(folder)}
    assert found == set(EXPECTED)
    assert set(CALLS) <= found
    files = {
        str(path.relative_to(SHARED).with_suffix(""))
        for folder in FOLDERS
        for path in (SHARED / folder).rglob("*.json")
    }
    assert files == {name.partition("#")[0] for name in found}


def test_posts_read_alike_by_a_simpler_method() -> None:
    """Whatever was asked for is one sighting at its place, with its own words, time, links and counts."""
    compared = reposts = 0
    for one, pointer, post in _posts():
        seen = _sightings(one)[pointer]
        compared += 1
        assert seen.key == f"x:{post.get('edit_history_tweet_ids', post.get('edit_history_post_ids', [post['id']]))[0]}"
        assert seen.native_version == post["id"] or seen.form is Form.SHARE
        if "created_at" in post and not seen.aliases:
            assert seen.created_at == datetime.fromisoformat(post["created_at"])
        if seen.form is Form.SHARE:
            reposts += 1
            continue
        whole = post.get("note_tweet", post.get("note_post", post))["text"]
        assert seen.body.text == html.unescape(whole) or "text" in seen.body.partial
        places = {(url["start"], url["end"]) for url in post.get("entities", {}).get("urls", [])}
        if "note_tweet" not in post and places:
            assert len(seen.body.links or ()) == len(places)
        if metrics := post.get("public_metrics"):
            assert seen.metrics is not None
            assert seen.metrics.likes == metrics["like_count"]
    assert (compared, reposts) == (308, 9)


def test_the_time_in_an_id_is_the_time_that_is_told() -> None:
    """To the second, for each post that was recorded with both; documentation samples have made-up times."""
    compared = 0
    for one, _, post in _posts():
        if "created_at" in post and not one.name.startswith("twitter-dart") and int(post["id"]) > 2**50:
            told = datetime.fromisoformat(post["created_at"])
            assert made_at(post["id"]) == told, post["id"]
            compared += 1
    assert compared == 108


def _sightings(one: Recorded) -> dict[str, ItemSeen]:
    found = read(one.names, one.exchange(), messages=True)
    return {seen.pointer: seen for seen in found if isinstance(seen, ItemSeen)}


def _posts() -> Iterator[tuple[Recorded, str, dict[str, Any]]]:
    """Every post that was asked for, with its pointer; of several versions only the last."""
    for folder in FOLDERS:
        for one in recordings(folder):
            route = route_of(one.url)
            if one.method != "GET" or route is None or route.call not in {Call.POST, *POST_LISTS}:
                continue
            data = one.answer.get("data", []) if isinstance(one.answer, dict) else []
            listed = (
                [("/data", data)] if isinstance(data, dict) else [(f"/data/{n}", post) for n, post in enumerate(data)]
            )
            for pointer, post in listed:
                chain = post.get("edit_history_tweet_ids") or post.get("edit_history_post_ids") or [post["id"]]
                if chain[-1] == post["id"]:
                    yield one, pointer, post

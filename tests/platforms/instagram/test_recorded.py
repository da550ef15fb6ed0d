"""Every recorded answer goes through the adapter and comes out as the expected results say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from archiver.domain.item import Form, State
from archiver.domain.observation import ItemSeen
from archiver.domain.task import FollowUp, Meaning, TaskKind
from archiver.platforms.instagram import InstagramAdapter
from tests.platforms.instagram.recorded import (
    ACCOUNT,
    CALLS,
    OWN,
    PUSH,
    answer,
    exchange,
    needs_recordings,
    recordings,
)
from tests.platforms.instagram.shape import file_of, shape
from tests.platforms.instagram_world import key

EXPECTED = json.loads((Path(__file__).parent / "expected" / "recorded.json").read_text())

pytestmark = needs_recordings


@pytest.mark.parametrize("name", sorted(CALLS))
def test_every_recording_comes_out_as_expected(name: str) -> None:
    """Key, place, author, words, times, files and counts are the expected ones; nothing raises."""
    assert [shape(seen) for seen in InstagramAdapter(ACCOUNT).read(exchange(name))] == EXPECTED[name]


def test_no_recording_is_left_out() -> None:
    """What is recorded, has a call that it answers, and expected results."""
    assert set(recordings()) == set(CALLS) == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(name for name, call in CALLS.items() if call.stream != PUSH))
def test_every_recording_can_be_judged(name: str) -> None:
    """None of them is taken for a fault of the network or a lost token; the one error is about a path."""
    meaning = Meaning.SHAPE_CHANGED if CALLS[name].status == 400 else Meaning.PROCEED
    assert InstagramAdapter(ACCOUNT).judge(exchange(name)).meaning is meaning


def test_media_and_comments_read_alike_by_a_simpler_method() -> None:
    """Whatever has an id and a time is one sighting at its place, with its own words, time, file and counts."""
    compared = 0
    for name, pointer, thing in _things():
        one = _sightings(name)[pointer]
        compared += 1
        assert one.key == "instagram:" + thing["id"]
        assert one.body.text == thing.get("text", thing.get("caption"))
        assert one.created_at == datetime.strptime(thing["timestamp"], "%Y-%m-%dT%H:%M:%S%z")
        assert (one.metrics.likes if one.metrics else None) == thing.get("like_count")
        if "media_url" in thing and thing["media_type"] != "CAROUSEL_ALBUM":
            assert file_of((one.body.attachments or ())[0].url) == file_of(thing["media_url"])
        if "hidden" in thing:
            assert one.state is (State.HIDDEN if thing["hidden"] else State.LIVE)
    assert compared == 54


def test_answers_hang_below_their_comment_and_comments_below_their_medium() -> None:
    """By the medium that the comment names, the comment that it came along with, or the address that was asked."""
    parents: dict[str, str] = {
        one.key: one.parent for name in recordings() for one in _sightings(name).values() if one.parent is not None
    }
    assert parents["instagram:17845747489952795"] == "instagram:17892250648466172"  # inside of replies
    assert parents["instagram:17847314687296283"] == "instagram:17892250648466172"  # by the address
    assert parents["instagram:17858154961981086"] == "instagram:17846368219941692"  # by the address
    assert parents["instagram:18107567341036926"] == "instagram:17955956875141196"  # by its field
    assert parents["instagram:123456789"] == "instagram:987654321"  # by its field, and as pushed


def test_albums_have_all_their_parts_in_order() -> None:
    """Each part under its own id, as its file; covers of videos after them."""
    albums = 0
    for name, pointer, thing in _things():
        children = thing.get("children", {}).get("data", [])
        if children:
            albums += 1
            found = [one.source for one in _sightings(name)[pointer].body.attachments or ()]
            assert found[: len(children)] == ["instagram:" + child["id"] for child in children]
            covers = [f"instagram:{child['id']}/thumbnail" for child in children if "thumbnail_url" in child]
            assert found[len(children) :] == covers
    assert albums == 5


def test_stories_and_broadcasts_are_told_from_posts() -> None:
    """By the listing that they stand in, their address or their kind."""
    for name in recordings():
        for one in _sightings(name).values():
            if one.form in {Form.STORY, Form.POST} and one.parent is None and "wh-" not in name:
                passing = "stor" in name or "live" in name
                assert (one.form is Form.STORY) is passing, name


def test_who_is_named_elsewhere_is_the_account_that_asked() -> None:
    """Tags and mentions name the account whose listing or expansion it was."""
    for name in ("users/tagged_medias", "users/mentioned_media", "users/mentioned_comment"):
        seen = _sightings(f"python-facebook/apidata/{name}").values()
        assert seen
        assert {one.mentions for one in seen} == {frozenset({OWN})}


def test_recorded_deliveries_lead_to_what_they_name() -> None:
    """A comment's thread, or the comment where an old delivery names no place; a mention by its expansion."""
    adapter = InstagramAdapter(ACCOUNT)
    hints = {name: adapter.pushed(exchange(name)) for name, call in CALLS.items() if call.stream == PUSH}
    medium, comment = key("76543987"), key("123456789")
    mention = key("mention/17887498072083520/17887498072083520")
    expected: dict[str, tuple[FollowUp, ...]] = {
        "wh-comments-2021": (FollowUp(TaskKind.THREAD, medium),),
        "wh-comments": (FollowUp(TaskKind.CONFIRM, comment),),
        "wh-livecomments": (),
        "wh-mentions": (FollowUp(TaskKind.CONFIRM, mention),),
        "wh-story_insights": (),
        "messaging-seen": (),
        "messaging-attachment-unsupported": (),
    }
    assert {name.rpartition("/")[2]: found for name, found in hints.items()} == expected


def _sightings(name: str) -> dict[str, ItemSeen]:
    found = InstagramAdapter(ACCOUNT).read(exchange(name))
    return {one.pointer: one for one in found if isinstance(one, ItemSeen) and one.form is not Form.PROFILE}


def _things() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every medium and comment of every recording, but parts of albums, with its JSON pointer."""
    for name in recordings():
        for pointer, thing in _dated(answer(name)):
            if "/children/" not in pointer and "children" not in CALLS[name].path.partition("?")[0]:
                yield name, pointer, thing


def _dated(value: Any, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict) and {"id", "timestamp"} <= value.keys():
        yield pointer, value
    if isinstance(value, dict | list):
        for name, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _dated(one, f"{pointer}/{name}")

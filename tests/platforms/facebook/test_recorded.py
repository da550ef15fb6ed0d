"""Every recorded answer and delivery goes through the reader and comes out as the expected results say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from archiver.domain.item import Form, State
from archiver.domain.observation import GoneSeen, ItemSeen, Observation, StateSeen
from archiver.platforms.facebook.ids import Names, last_part
from archiver.platforms.facebook.kinds import kind_of
from archiver.platforms.facebook.reading import read
from archiver.platforms.facebook.routes import Call
from tests.platforms.facebook.recorded import FOLDERS, Recorded, dictionaries, needs_recordings, recordings
from tests.platforms.facebook.shape import shape

EXPECTED = Path(__file__).parent / "expected"

pytestmark = needs_recordings


def seen_in(recorded: Recorded) -> list[Observation]:
    """What a recorded body shows."""
    return list(read(Names.of(recorded.account), recorded.exchange()))


def sightings() -> Iterator[tuple[Recorded, list[ItemSeen]]]:
    """Every recorded body with the records in it."""
    for folder in FOLDERS:
        for recorded in recordings(folder):
            yield recorded, [one for one in seen_in(recorded) if isinstance(one, ItemSeen)]


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_body_comes_out_as_expected(folder: str) -> None:
    """Key, parent, thread, author, words, times, state, pictures and links are the expected ones, and nothing raises."""
    expected: dict[str, list[dict[str, Any]]] = json.loads((EXPECTED / f"{folder.replace('/', '-')}.json").read_text())
    found: dict[str, list[dict[str, Any]]] = {}
    for recorded in recordings(folder):
        name = recorded.name.removeprefix(f"{folder}/")
        found.setdefault(name, []).extend(json.loads(json.dumps(shape(one))) for one in seen_in(recorded))
    assert found.keys() == expected.keys()
    for name, one in found.items():
        assert one == expected[name], name


def test_every_file_is_read() -> None:
    """No recording is passed over: answers that no record comes from are read, too, and show none."""
    names = {recorded.name for folder in FOLDERS for recorded in recordings(folder)}
    assert len(names) == len(set(names)) > 270


def test_a_simpler_way_of_reading_finds_the_same_words() -> None:
    """Whatever has an id and a message, wherever in a body, is a record with this id, these words, this author and time."""
    found = 0
    for recorded, seen in sightings():
        if recorded.stream == "push":
            continue
        by_number = {last_part(one.key.removeprefix("facebook:")): one for one in seen}
        for pointer, thing in dictionaries(recorded.answer):
            words = thing.get("message")
            if not isinstance(words, str) or not isinstance(thing.get("id"), str) or _is_beside(pointer):
                continue
            one = by_number[last_part(thing["id"])]
            assert one.body.text == words, recorded.name
            assert (one.author.native_id if one.author else None) in {
                (thing.get("from") or {}).get("id"),
                _edge_page(recorded),
            }
            assert one.created_at == _moment(thing.get("created_time")), recorded.name
            found += 1
    assert found > 60


def test_a_simpler_way_of_reading_finds_the_same_comments_below_posts() -> None:
    """What is listed inside of ``comments`` has the object around it as its parent, unless it names another."""
    found = 0
    for recorded, seen in sightings():
        by_pointer = {one.pointer: one for one in seen}
        for pointer, thing in dictionaries(recorded.answer):
            match = re.fullmatch(r"(.*)/comments/data/[0-9]+", pointer)
            if match and "id" in thing:
                around = by_pointer[match.group(1)]
                assert by_pointer[pointer].parent == around.key
                assert by_pointer[pointer].thread == around.thread
                found += 1
    assert found > 15


def test_a_simpler_way_of_reading_finds_the_same_events() -> None:
    """Each pushed change of a post or comment ends in its words, or in a removal; likes and reactions in nothing."""
    for recorded in recordings("restfb/webhooks"):
        seen = seen_in(recorded)
        for change in _changes(recorded.answer):
            value = change.get("value") or {}
            item, verb = value.get("item"), value.get("verb")
            if item in {"like", "reaction"} or change.get("field") not in {"feed", "mention", "ratings"}:
                assert not seen, recorded.name
                continue
            shown = [one for one in seen if isinstance(one, ItemSeen)]
            assert any(isinstance(one, GoneSeen) for one in seen) == (verb == "remove"), recorded.name
            stated = [one.state for one in seen if isinstance(one, StateSeen)]
            assert stated == {"hide": [State.HIDDEN], "unhide": [State.LIVE], "block": [State.HIDDEN],
                              "unblock": [State.LIVE]}.get(str(verb), []), recorded.name  # fmt: skip
            words = value.get("message") or value.get("review_text")
            if words and verb not in {"remove", "block", "unblock", "mute"}:
                sender = value.get("from", {}).get("id") or value.get("sender_id") or value.get("reviewer_id")
                (one,) = shown
                assert one.body.text == words, recorded.name
                assert (one.author.native_id if one.author else "None") == str(sender), recorded.name
                number = value.get("comment_id") or value.get("post_id") or value.get("open_graph_story_id")
                assert last_part(str(number)) == last_part(one.key.removeprefix("facebook:")), recorded.name


def test_every_message_is_private() -> None:
    """Whatever came by conversation or by push."""
    messages = [one for _, seen in sightings() for one in seen if one.form is Form.MESSAGE]
    assert len(messages) > 20
    assert {one.body.visibility for one in messages} == {"private"}


@pytest.mark.parametrize("folder", FOLDERS[:3])
def test_objects_are_known_without_the_call(folder: str) -> None:
    """What an object is, its own fields tell, or nothing does: never another kind than that of the file it is in."""
    known = 0
    for recorded in recordings(folder):
        kind = kind_of(recorded.answer) if isinstance(recorded.answer, dict) else Call.OBJECT
        if recorded.kind is None or kind is Call.OBJECT or recorded.name in _LIKE_POSTS:
            continue
        assert recorded.kind == str(kind), recorded.name
        known += 1
    assert known > 8


_LIKE_POSTS = {"granary/comments", "restfb/v2_9/comment-permalink", "restfb/v2_9/comment-reactions"}
"""Comments that have nothing which a post has not."""


def _is_beside(pointer: str) -> bool:
    """Whether an object is shown beside another one, as what it answers or belongs to."""
    return pointer.endswith(("/parent", "/object", "/open_graph_story"))


def _edge_page(recorded: Recorded) -> str | None:
    """The page whose own posts a list holds, where it leaves out who wrote them."""
    match = re.search(r"/v[0-9.]+/([0-9]+)/posts", recorded.url)
    return match.group(1) if match else None


def _moment(value: str | None) -> datetime | None:
    return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S%z") if value else None


def _changes(delivery: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for entry in delivery["entry"]:
        yield from entry.get("changes", [])

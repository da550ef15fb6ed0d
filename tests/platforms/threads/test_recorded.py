"""Every recorded answer goes through the adapter and comes out as the expected results say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from archiver.domain.item import State
from archiver.domain.observation import ItemSeen
from archiver.domain.task import Meaning
from archiver.platforms.threads import ThreadsAdapter
from tests.platforms.threads.recorded import ACCOUNT, CALLS, answer, exchange, needs_recordings, recordings
from tests.platforms.threads.shape import shape

EXPECTED = json.loads((Path(__file__).parent / "expected" / "recorded.json").read_text())

pytestmark = needs_recordings


@pytest.mark.parametrize("name", sorted(CALLS))
def test_every_recording_comes_out_as_expected(name: str) -> None:
    """Key, place, author, words, times, pictures, polls and places are the expected ones; nothing raises."""
    assert [shape(seen) for seen in ThreadsAdapter(ACCOUNT).read(exchange(name))] == EXPECTED[name]


def test_no_recording_is_left_out() -> None:
    """What is recorded, has a call that it answers, and expected results."""
    assert set(recordings()) == set(CALLS) == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_every_recording_can_be_judged(name: str) -> None:
    """None of them is taken for a fault of the network or a lost token."""
    assert ThreadsAdapter(ACCOUNT).judge(exchange(name)).meaning is Meaning.PROCEED


def test_posts_read_alike_by_a_simpler_method() -> None:
    """Whatever has a time and words is one sighting at its place, with its own id, words, time, parent and state."""
    compared = 0
    for name in recordings():
        seen = {one.pointer: one for one in ThreadsAdapter(ACCOUNT).read(exchange(name)) if isinstance(one, ItemSeen)}
        for pointer, post in _posts(answer(name)):
            one, compared = seen[pointer], compared + 1
            assert one.key == "threads:" + post["id"]
            assert one.body.text == post["text"]
            assert one.created_at == datetime.strptime(post["timestamp"], "%Y-%m-%dT%H:%M:%S%z")
            assert (one.parent or "threads:") == "threads:" + post.get("replied_to", {}).get("id", "")
            assert (one.state is State.HIDDEN) is (post.get("hide_status") == "HIDDEN")
    assert compared == 10


def _posts(value: Any, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything with a time and words, with its JSON pointer."""
    if isinstance(value, dict) and {"timestamp", "text"} <= value.keys():
        yield pointer, value
    elif isinstance(value, dict | list):
        for name, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _posts(one, f"{pointer}/{name}")

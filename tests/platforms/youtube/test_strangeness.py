"""Whatever an answer holds: it is read, passed over or of an unknown shape, and nothing else happens."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from archiver.domain.item import facets_of
from archiver.domain.observation import ItemSeen
from archiver.errors import ShapeChanged
from archiver.platforms.youtube.answers import judge
from archiver.platforms.youtube.reading import read
from tests.platforms.youtube.answers import answer, comment, items, thread, video
from tests.platforms.youtube.recorded import NAMES

PATHS = (
    "channels?id=a", "playlists?id=a", "playlistItems?playlistId=PLa", "videos?part=id&id=a", "commentThreads?videoId=a",
    "comments?part=id&id=a", "captions?videoId=a", "liveChat/messages?liveChatId=a", "search?q=a",
)  # fmt: skip
WORDS = st.sampled_from(
    ["id", "snippet", "kind", "items", "status", "statistics", "contentDetails", "topLevelComment", "replies", "comments",
     "videoId", "channelId", "parentId", "textDisplay", "textOriginal", "authorChannelId", "value", "type", "title",
     "publishedAt", "updatedAt", "thumbnails", "url", "privacyStatus", "error", "errors", "details", "reason", "message",
     "pollDetails", "metadata", "options", "authorDetails", "liveStreamingDetails", "activePollItem", "lastUpdated"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12) | WORDS
    | st.sampled_from(["textMessageEvent", "tombstone", "pollEvent", "2026-11-10T04:00:00Z", "private", "vidMeeting1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=25,
)  # fmt: skip
KNOWN = st.sampled_from([video(), comment("Ugx00000000000AaABAg", videoId="a"), thread("Ugx00000000000AaABAg")])


def changed(known: dict[str, Any], at: list[str], value: Any) -> dict[str, Any]:
    """A resource with another value somewhere inside of it."""
    copy: dict[str, Any] = json.loads(json.dumps(known))
    inside = copy
    for name in at[:-1]:
        inside = inside[name] if isinstance(inside.get(name), dict) else inside
    inside[at[-1]] = value
    return copy


@given(st.sampled_from(PATHS), VALUES, st.sampled_from([200, 200, 403, 404, 500]), st.sampled_from(["poll", "confirm"]))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_no_answer_stops_anything(path: str, body: Any, status: int, task: str) -> None:
    """Any JSON, with any status."""
    told = answer(path, body, status=status, task_kind=task)
    judge(told, token_sent=True, session=True)
    try:
        found = list(read(NAMES, told))
    except ShapeChanged:
        return
    assert status == 200 or found == []


@example("liveChat/messages?liveChatId=a", video(), ["id"], [])
@given(st.sampled_from(PATHS), KNOWN, st.lists(WORDS, min_size=1, max_size=3), VALUES)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_strange_value_costs_no_more_than_itself(path: str, known: dict[str, Any], at: list[str], value: Any) -> None:
    """The entry beside it is read as ever, and what is read can be written down."""
    strange = changed(known, at, value)
    alone = [one for one in read(NAMES, answer(path, items(known))) if isinstance(one, ItemSeen)]
    both = [one for one in read(NAMES, answer(path, items(strange, known))) if isinstance(one, ItemSeen)]
    assert [one.body for one in both if one.pointer.startswith("/items/1")] == [
        one.body for one in alone if one.pointer.startswith("/items/0")
    ]
    for one in both:
        json.dumps(facets_of(one.body))
        assert one.created_at is None or one.created_at.tzinfo is not None

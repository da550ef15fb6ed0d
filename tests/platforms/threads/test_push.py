"""Pushed events: an answer that lives for a minute, a removal, and whose they are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.exchange import Exchange
from archiver.domain.item import State
from archiver.domain.observation import OWN_ACCOUNT, GoneSeen, ItemSeen, Observation
from archiver.domain.task import FollowUp, TaskKind
from archiver.errors import ShapeChanged
from archiver.platforms.threads import ThreadsAdapter
from tests.platforms.threads_world import ANN, CITY, HANDLE, NOW, city, key

REPLY = {
    "id": "41", "username": ANN, "text": "What about Oak Street?", "media_type": "TEXT_POST",
    "permalink": f"https://www.threads.com/@{ANN}/post/DQ41", "replied_to": {"id": "30"},
    "root_post": {"id": "30", "owner_id": CITY, "username": HANDLE}, "shortcode": "DQ41",
    "timestamp": "2026-11-03T15:00:00+0000",
}  # fmt: skip
DELETED = {
    "id": "30", "owner": {"owner_id": CITY}, "deleted_at": "2026-11-04T10:00:00+0000",
    "timestamp": "2026-11-03T14:05:11+0000", "username": HANDLE,
}  # fmt: skip
MENTION = {
    "id": "50",
    "username": ANN,
    "text": "Does the city know?",
    "media_type": "TEXT_POST",
    "timestamp": "2026-11-03T15:00:00+0000",
}
PUBLISHED = {
    "id": "60",
    "media_type": "TEXT_POST",
    "permalink": "https://www.threads.com/x",
    "timestamp": "2026-11-03T15:00:00+0000",
    "username": HANDLE,
}


def flat(field: str, value: Any, *, listed: bool = False, target: str = "30") -> Any:
    """The layout that Threads documents."""
    values = {"value": value, "field": field}
    return {
        "app_id": "330000000000003", "topic": "moderate", "target_id": target, "time": 1793718001,
        "subscription_id": "440000000000004", "has_uid_field": False, "values": [values] if listed else values,
    }  # fmt: skip


def classic(field: str, value: Any) -> Any:
    """The layout of Meta's other platforms."""
    entry = {"id": CITY, "time": 1793718001, "changes": [{"field": field, "value": value}]}
    return {"object": "threads", "entry": [entry]}


LAYOUTS = {
    "flat": flat,
    "with values as a list": lambda field, value: flat(field, value, listed=True),
    "as on Meta's other platforms": classic,
}


def delivery(body: Any, subject: str | None = CITY) -> Exchange:
    """A delivery, as it is adopted for the account."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange(
        "0", 1, "city-threads", "https://records.example.gov/push", "push", NOW, method="POST", request_body=raw, status=200,
        task_kind="push", subject=subject,
    )  # fmt: skip


def read(body: Any, subject: str | None = CITY) -> list[Observation]:
    """What a delivery shows."""
    return list(ThreadsAdapter(city()).read(delivery(body, subject)))


def calls_for(body: Any) -> tuple[FollowUp, ...]:
    """What a delivery calls for."""
    return ThreadsAdapter(city()).pushed(delivery(body))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_answer_is_a_record_before_it_can_be_fetched(layout: str) -> None:
    """With its place, whose thread it is, and its words; then its thread is looked at."""
    body = LAYOUTS[layout]("replies", REPLY)
    (one,) = read(body)
    assert isinstance(one, ItemSeen)
    assert (one.key, one.parent, one.thread, one.body.text) == (key("41"), key("30"), key("30"), REPLY["text"])
    assert one.thread_author == OWN_ACCOUNT
    assert one.initial, "it may come again after the answer was edited"
    assert one.author is not None
    assert one.author.handle == ANN
    assert _at(json.loads(json.dumps(body)), one.pointer) == REPLY
    assert calls_for(body) == (FollowUp(TaskKind.THREAD, key("30")),)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_removal_is_evidence_of_its_own(layout: str) -> None:
    """Of the account's own posts only. Who removed it, is not told. ``target_id`` may be the account's."""
    body = LAYOUTS[layout]("delete", DELETED)
    assert read(body) == [GoneSeen(key("30"), "webhook delete, deleted_at 2026-11-04T10:00:00+0000")]
    assert calls_for(body) == ()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_mention_is_fetched_with_the_others(layout: str) -> None:
    """Where it stands is not told, and by its id it may not be shown."""
    body = LAYOUTS[layout]("mentions", MENTION)
    (one,) = read(body)
    assert isinstance(one, ItemSeen)
    assert one.mentions == {OWN_ACCOUNT}
    assert calls_for(body) == (FollowUp(TaskKind.MENTIONS, ""),)


def test_a_new_post_is_only_named() -> None:
    """Its words are fetched now; whether it is an answer is not told, so it is none yet."""
    assert read(flat("publish", PUBLISHED)) == []
    assert calls_for(flat("publish", PUBLISHED)) == (FollowUp(TaskKind.CONFIRM, key("60")),)


def test_what_is_another_account_s_is_not_read_for_this_one() -> None:
    """An app may have several accounts; the owner in the value says whose it is, ``target_id`` does not."""
    theirs = REPLY | {"root_post": {"id": "30", "owner_id": "999", "username": "other"}}
    assert read(flat("replies", theirs)) == []
    assert read(flat("replies", REPLY, target=CITY), subject="999") == []
    assert len(read(flat("replies", theirs), subject=None)) == 1


def test_nothing_is_taken_from_what_a_later_look_shows() -> None:
    """An event has no files and no long text, and says so."""
    (one,) = read(flat("replies", REPLY | {"media_type": "IMAGE"}))
    assert isinstance(one, ItemSeen)
    assert (one.body.attachments, one.state) == (None, None)
    assert "text" in one.body.partial


def test_fields_of_tomorrow_and_other_topics_say_nothing() -> None:
    """They are in the WARC."""
    assert read(flat("reactions", {"id": "1"})) == read(flat("replies", {"text": "no id"})) == []
    assert calls_for(flat("reactions", {"id": "1"})) == ()


@pytest.mark.parametrize("body", [b"", b"no JSON", b"[]", b"\xff"])
def test_what_is_no_delivery_is_a_changed_shape(body: bytes) -> None:
    """It is kept, and read by nobody."""
    with pytest.raises(ShapeChanged):
        read(body)


@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["id", "values", "value", "field", "entry", "changes", "root_post", "owner", "owner_id"]), inner), max_leaves=9))  # fmt: skip
def test_no_delivery_stops_anything(value: Any) -> None:
    """Whatever stands in an event."""
    body = flat("replies", value)
    assert all(isinstance(one, ItemSeen) and one.state in {None, State.LIVE} for one in read(body))
    assert len(calls_for(body)) <= 1


def _at(document: Any, pointer: str) -> Any:
    for token in pointer.split("/")[1:]:
        document = document[int(token)] if isinstance(document, list) else document[token]
    return document

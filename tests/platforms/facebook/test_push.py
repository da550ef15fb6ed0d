"""Pushed events: evidence of their own, and what they call for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from archiver.domain.item import Cause, Form, State
from archiver.domain.observation import AccountSeen, GoneSeen, ItemSeen, Observation, StateSeen
from archiver.domain.task import FollowUp, TaskKind
from archiver.errors import ShapeChanged
from archiver.platforms.facebook import push
from archiver.platforms.facebook.reading import read
from tests.platforms.facebook.answers import (
    COMMENT,
    NAMES,
    PAGE,
    PAT,
    POST,
    REPLY,
    WHOLE,
    comment,
    feed,
    listing,
    picture,
    pushed,
    records,
)
from tests.services.house import House, built

KEY, ROOT = f"facebook:{POST}_{COMMENT}", f"facebook:{WHOLE}"
PICTURE = "https://scontent.xx.fbcdn.net/v/a_n.jpg?oh=1&oe=2"


def told(*changes: dict[str, Any]) -> list[Observation]:
    """What a delivery shows."""
    return list(read(NAMES, pushed(*changes)))


def on_comment(verb: str, **value: Any) -> dict[str, Any]:
    """A change of the comment."""
    whole = {"comment_id": f"{POST}_{COMMENT}", "parent_id": WHOLE, "from": PAT, "created_time": 1793719999}
    return feed("comment", verb, **whole | value)


@pytest.fixture
def city() -> Iterator[House]:
    """A store that knows whose page it is."""
    with TemporaryDirectory() as folder, built(Path(folder) / "house.sqlite") as house:
        house.show(AccountSeen(PAGE, "ElmbrookCity"))
        yield house


def test_an_added_comment_is_a_record_with_all_that_is_told() -> None:
    """It may be the only copy of it."""
    (seen,) = told(on_comment("add", message="What about Oak Street?", photo=PICTURE))
    assert isinstance(seen, ItemSeen)
    assert (seen.key, seen.parent, seen.thread, seen.body.text) == (KEY, ROOT, ROOT, "What about Oak Street?")
    assert (seen.author.native_id if seen.author else None) == PAT["id"]
    assert seen.created_at is not None
    assert seen.created_at.timestamp() == 1793719999
    assert [one.url for one in seen.body.attachments or ()] == [PICTURE]
    assert seen.pointer == "/entry/0/changes/0/value"


@pytest.mark.parametrize("parent", [f"{POST}_{COMMENT}", f"{PAGE}_{COMMENT}", f"{WHOLE}_{COMMENT}"])
def test_a_reply_names_the_comment_that_it_answers(parent: str) -> None:
    """In any of the ways in which deliveries write it."""
    (seen,) = told(on_comment("add", comment_id=f"{POST}_{REPLY}", parent_id=parent, message="Me too"))
    assert isinstance(seen, ItemSeen)
    assert (seen.key, seen.parent, seen.thread) == (f"facebook:{POST}_{REPLY}", KEY, ROOT)


def test_the_time_of_an_edit_is_not_that_of_the_writing() -> None:
    """``created_time`` is the event's."""
    (seen,) = told(on_comment("edited", message="Other", edited_time=1793720005))
    assert isinstance(seen, ItemSeen)
    assert seen.created_at is None
    assert seen.body.edited_at is not None
    assert seen.body.edited_at.timestamp() == 1793720005


@pytest.mark.parametrize("verb", ["remove", "delete"])
def test_a_removal_is_evidence_but_not_of_who_removed(verb: str) -> None:
    """``from`` says whose words they were."""
    assert told(on_comment(verb)) == [GoneSeen(NAMES.thing(f"{POST}_{COMMENT}"), f"webhook {verb}")]


@pytest.mark.parametrize(("verb", "state"), [("hide", State.HIDDEN), ("unhide", State.LIVE)])
def test_hiding_is_stated_and_the_words_are_kept(verb: str, state: State) -> None:
    """With the words as they came, for a comment that nobody had seen before."""
    stated, seen = told(on_comment(verb, message="What about Oak Street?"))
    assert stated == StateSeen(NAMES.thing(f"{POST}_{COMMENT}"), state, f"webhook {verb}")
    assert isinstance(seen, ItemSeen)
    assert (seen.state, seen.cause, seen.body.text) == (state, None, "What about Oak Street?")
    assert len(told(on_comment(verb))) == 1


def test_facebook_blocks_videos_itself() -> None:
    """For the rights of others; then it is known who hid it."""
    value = {"video_id": 900767076685784, "post_id": None}
    (blocked,) = told(feed("video", "block", **value))
    assert blocked == StateSeen(NAMES.thing("900767076685784"), State.HIDDEN, "webhook block", Cause.BY_PLATFORM)
    (free,) = told(feed("video", "unblock", **value))
    assert free == StateSeen(NAMES.thing("900767076685784"), State.LIVE, "webhook unblock")
    assert told(feed("video", "mute", **value)) == []


@pytest.mark.parametrize(
    "change",
    [
        feed("reaction", "add", reaction_type="love"),
        feed("like", "remove"),
        feed("event", "add", event_id="1944041199140689"),
        feed("rating", "add"),
        {"field": "feed"},
        {"field": "something_new", "value": {"item": "post", "verb": "add", "post_id": WHOLE}},
        {"field": "feed", "value": ["unexpected"]},
        feed("comment", "add"),
    ],
)
def test_what_shows_no_words_is_no_record(change: dict[str, Any]) -> None:
    """Counts, hints without values, and what nobody knows yet."""
    assert told(change) == []


def test_only_the_entries_of_the_page_are_read() -> None:
    """One delivery may hold several pages; without a subject all are read."""
    exchange = pushed(on_comment("add", message="a"))
    assert list(read(NAMES, replace(exchange, subject="1"))) == []
    assert len(list(read(NAMES, replace(exchange, subject=None)))) == 1


def test_a_delivery_that_is_none_is_an_error_of_its_own() -> None:
    """It is kept, and reported."""
    with pytest.raises(ShapeChanged):
        list(read(NAMES, replace(pushed(), request_body=b"<html>")))


def test_a_pushed_comment_and_its_list_make_one_version(city: House) -> None:
    """Whichever comes first; the picture, known by its address first, gets its name without an edit."""
    listed = records(f"{WHOLE}/comments", listing(comment(attachment=picture("910000000000400"))))
    news = told(on_comment("add", message="What about Oak Street?", photo=PICTURE))
    for order in ((news, listed, news), (listed, news, listed)):
        for shown in order:
            city.show(*shown)
        assert {basis for (basis,) in city.rows("SELECT basis FROM versions")} <= {"first", "detail"}
    assert city.rows("SELECT count(*) FROM items") == [(1,)]


def test_an_event_that_comes_late_brings_back_no_older_words(city: House) -> None:
    """Deliveries come twice and in any order: an "add" after an edit, or after a removal, is no news."""
    news = told(on_comment("add", message="What about Oak Street?"))
    for change in (news, told(on_comment("edited", message="What about Elm Street?")), news):
        city.show(*change)
    assert city.rows("SELECT text FROM versions ORDER BY ordinal")[-1] == ("What about Elm Street?",)
    city.show(*told(on_comment("remove")))
    city.show(*news)
    assert city.rows("SELECT state FROM items") == [("gone",)]


def test_hide_unhide_remove_make_events(city: House) -> None:
    """Each with the delivery as its basis."""
    for change in (on_comment("add", message="a"), on_comment("hide", message="a"), on_comment("unhide"),
                   on_comment("remove")):  # fmt: skip
        city.show(*told(change))
    assert city.rows("SELECT event, basis FROM events ORDER BY id") == [
        ("seen", "first sight"), ("hidden", "webhook hide"), ("unhidden", "webhook unhide"), ("gone", "webhook remove"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "calls"),
    [
        (on_comment("add", message="a"), [(TaskKind.THREAD, ROOT)]),
        (on_comment("remove"), [(TaskKind.CONFIRM, KEY), (TaskKind.THREAD, ROOT)]),
        (feed("post", "remove"), [(TaskKind.CONFIRM, ROOT)]),
        (feed("status", "edited", message="a"), [(TaskKind.THREAD, ROOT)]),
        (feed("reaction", "add", reaction_type="love"), []),
        ({"field": "feed"}, []),
    ],
)
def test_what_an_event_names_is_fetched(change: dict[str, Any], calls: list[tuple[TaskKind, str]]) -> None:
    """The thread as it is now, and whether what is said to be gone is; each once."""
    assert push.pushed(NAMES, pushed(change, change)) == tuple(FollowUp(kind, subject) for kind, subject in calls)


def test_a_mention_is_one() -> None:
    """In a post or comment of somebody else's, who may be left out."""
    value = {
        "message": "Thanks",
        "post_id": "44_444444444444444",
        "created_time": 1614340562,
        "item": "post",
        "verb": "add",
    }
    (seen,) = told({"field": "mention", "value": value})
    assert isinstance(seen, ItemSeen)
    assert (seen.key, seen.author) == ("facebook:44_444444444444444", None)
    assert seen.mentions == {PAGE}


def message(**value: Any) -> list[Observation]:
    """What a pushed message shows."""
    whole = {"sender": {"id": "9876"}, "recipient": {"id": PAGE}, "timestamp": 1793719999000} | value
    body = {"object": "page", "entry": [{"id": PAGE, "time": 1793720000000, "messaging": [whole]}]}
    return list(read(NAMES, replace(pushed(), request_body=json.dumps(body).encode())))


def test_a_pushed_message_is_private_and_has_the_id_of_the_lists() -> None:
    """Former deliveries leave out the beginning of it."""
    (seen,) = message(message={"mid": "mid.1:a", "text": "Hello", "reply_to": {"mid": "m_0"}})
    assert isinstance(seen, ItemSeen)
    assert (seen.form, seen.key, seen.parent) == (Form.MESSAGE, "facebook:m_mid.1:a", "facebook:m_0")
    assert (seen.body.text, seen.body.visibility) == ("Hello", "private")
    assert seen.created_at is not None
    assert seen.created_at.timestamp() == 1793719999


@pytest.mark.parametrize(("sender", "cause"), [("9876", Cause.BY_AUTHOR), (PAGE, Cause.BY_CITY)])
def test_only_who_sent_a_message_can_take_it_back(sender: str, cause: Cause) -> None:
    """So it is known who did."""
    (gone,) = message(sender={"id": sender}, message={"mid": "m_1", "is_deleted": True})
    assert gone == GoneSeen(NAMES.thing("m_1"), "webhook is_deleted", cause)


def test_receipts_and_reactions_are_no_messages() -> None:
    """Read, delivered, reacted."""
    assert message(read={"watermark": 1}) == []
    assert message(delivery={"mids": ["m_1"]}) == []
    assert message(reaction={"mid": "m_1", "action": "react"}) == []


def test_an_edited_message_has_its_new_words() -> None:
    """And the time of the edit."""
    (seen,) = message(message_edit={"mid": "m_1", "text": "Bye", "num_edit": 1})
    assert isinstance(seen, ItemSeen)
    assert (seen.body.text, seen.created_at) == ("Bye", None)
    assert seen.body.edited_at is not None

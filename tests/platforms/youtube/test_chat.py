"""Live chat: what is said, what is paid, what is taken back, and how to go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from archiver.domain.item import Cause, Form, PollOption, State
from archiver.domain.observation import GoneSeen, ItemSeen, Observation
from archiver.errors import ShapeChanged
from archiver.platforms.youtube.chat import ChatPage, page_of
from tests.platforms.youtube.answers import VIDEO, answer, items, observed
from tests.platforms.youtube.recorded import CITY

CHAT = "liveChat/messages?part=id,snippet,authorDetails&liveChatId=Cg0KC3Zp"
ROWAN = {"channelId": "UCrowan0000000000000000a", "displayName": "rowan"}


def message(kind: str, native_id: str | None = "LCC.1", author: Any = None, **snippet: Any) -> dict[str, Any]:
    """One message."""
    told = {"type": kind, "publishedAt": "2026-11-17T00:05:21.208241+00:00", **snippet}
    return {"id": native_id, "snippet": told, "authorDetails": author or ROWAN}


def shown(*messages: dict[str, Any], **more: Any) -> list[Observation]:
    """What a page of the chat of a stream shows."""
    return observed(CHAT, items(*messages, **more), task_kind="chat", subject=f"youtube:{VIDEO}")


def said(one: dict[str, Any]) -> ItemSeen:
    """The record that a message is."""
    (seen,) = shown(one)
    assert isinstance(seen, ItemSeen)
    return seen


def test_a_message_hangs_below_the_video_of_the_task() -> None:
    """The chat's own id is not the video's."""
    seen = said(message("textMessageEvent", displayMessage="Sound! https://a.example"))
    assert (seen.form, seen.state) == (Form.CHAT, State.LIVE)
    assert (seen.key, seen.parent, seen.thread) == ("youtube:LCC.1", f"youtube:{VIDEO}", f"youtube:{VIDEO}")
    assert (seen.body.text, seen.body.labels) == ("Sound! https://a.example", None)
    assert [link.url for link in seen.body.links or ()] == ["https://a.example"]
    assert seen.created_at == datetime(2026, 11, 17, 0, 5, 21, 208_241, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "snippet", "text", "labels"),
    [
        ("textMessageEvent", {"textMessageDetails": {"messageText": "words"}}, "words", None),
        (
            "superChatEvent",
            {"superChatDetails": {"userComment": "thanks", "amountDisplayString": "$5.00"}},
            "thanks",
            ("chat:superChatEvent", "amount:$5.00"),
        ),
        (
            "superStickerEvent",
            {"superStickerDetails": {"superStickerMetadata": {"altText": "a fox"}, "amountDisplayString": "$1.00"}},
            "a fox",
            ("chat:superStickerEvent", "amount:$1.00"),
        ),
        ("newSponsorEvent", {"displayMessage": "Welcome!"}, "Welcome!", ("chat:newSponsorEvent",)),
        ("novelEvent", {}, None, ("chat:novelEvent",)),
    ],
)
def test_kinds_of_messages(kind: str, snippet: dict[str, Any], text: str | None, labels: Any) -> None:
    """The words as displayed, else from the kind's own place; kinds that nobody knows yet are kept."""
    seen = said(message(kind, **snippet))
    assert (seen.body.text, seen.body.labels) == (text, labels)


def test_the_writer_s_part_in_the_chat() -> None:
    """Owner and moderators are named as such."""
    seen = said(message("textMessageEvent", author={**ROWAN, "isChatOwner": True, "isChatModerator": True}))
    assert seen.body.labels == ("by:owner", "by:moderator")


def test_a_poll_has_its_question_and_votes() -> None:
    """Votes are text or numbers; the poll that is open is read where it is not among the messages."""
    details = {"metadata": {"questionText": "Which park?", "options": [{"optionText": "Elm", "tally": "3"},
                                                                       {"optionText": "Oak"}]}}  # fmt: skip
    poll = message("pollEvent", "LCC.2", pollDetails=details)
    seen = said(poll)
    assert seen.body.text == "Which park?"
    assert seen.body.poll is not None
    assert seen.body.poll.options == (PollOption("Elm", 3), PollOption("Oak"))
    (active,) = shown(activePollItem=poll)
    assert isinstance(active, ItemSeen)
    assert active.pointer == "/activePollItem"
    assert len(shown(poll, activePollItem=poll)) == 1


@pytest.mark.parametrize(
    ("kind", "details", "author", "cause"),
    [
        ("messageRetractedEvent", {"messageRetractedDetails": {"retractedMessageId": "LCC.9"}}, ROWAN, Cause.BY_AUTHOR),
        (
            "messageDeletedEvent",
            {"messageDeletedDetails": {"deletedMessageId": "LCC.9"}},
            {"channelId": CITY, "isChatOwner": True},
            Cause.BY_CITY,
        ),
        (
            "messageDeletedEvent",
            {"messageDeletedDetails": {"deletedMessageId": "LCC.9"}},
            {**ROWAN, "isChatModerator": True},
            None,
        ),
    ],
)
def test_a_removal_has_a_cause_where_the_event_proves_it(
    kind: str, details: dict[str, Any], author: dict[str, Any], cause: Cause | None
) -> None:
    """Its author, or the channel itself; nothing tells for whom a moderator acts."""
    assert shown(message(kind, author=author, **details)) == [
        GoneSeen("youtube:LCC.9", f"{kind} by {author['channelId']}", cause)  # type: ignore[arg-type]
    ]


def test_a_tombstone_is_a_record_without_words() -> None:
    """That there was a message, and when; who took it away is not told."""
    seen = said({**message("tombstone"), "authorDetails": None})
    assert (seen.state, seen.cause, seen.author, seen.body.text) == (State.GONE, None, None, None)


@pytest.mark.parametrize(
    "one",
    [
        message("chatEndedEvent"),
        message("sponsorOnlyModeStartedEvent"),
        message("userBannedEvent", userBannedDetails={"banType": "permanent"}),
        message("messageDeletedEvent"),
        message("textMessageEvent", native_id=None),
        {"id": "LCC.1"},
    ],
)
def test_events_of_the_room_are_no_records(one: dict[str, Any]) -> None:
    """Nor are messages without an id or a kind."""
    assert shown(one) == []


@pytest.mark.parametrize(
    ("sentence", "body", "expected"),
    [
        (
            "open",
            items(pollingIntervalMillis=4966, nextPageToken="GI"),
            ChatPage(timedelta(milliseconds=4966), "GI", None, ended=False),
        ),
        (
            "the stream is over",
            items(offlineAt="2026-11-17T02:14:17Z", nextPageToken="GI"),
            ChatPage(timedelta(seconds=1), "GI", datetime(2026, 11, 17, 2, 14, 17, tzinfo=UTC), ended=False),
        ),
        ("the chat is over", items(message("chatEndedEvent")), ChatPage(timedelta(seconds=1), None, None, ended=True)),
        (
            "an absurd wait",
            items(pollingIntervalMillis=10**12),
            ChatPage(timedelta(hours=1), None, None, ended=False),
        ),
    ],
)  # fmt: skip
def test_how_to_go_on(sentence: str, body: Any, expected: ChatPage) -> None:
    """Not before the wait that is named, a second at least and an hour at most."""
    assert page_of(answer(CHAT, body)) == expected, sentence


def test_what_is_no_chat_is_of_an_unknown_shape() -> None:
    """A list of nothing known."""
    with pytest.raises(ShapeChanged):
        page_of(answer(CHAT, {"messages": []}))

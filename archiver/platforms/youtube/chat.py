"""The live chat of a stream: what was said, what was taken back, and by whom where an answer proves it.

It can be read only while it is open; afterwards YouTube gives nothing of it. The chat's id is not the video's, so it
hangs below the video that the task is about. (liveChatMessages.list)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from archiver.domain.exchange import Exchange
from archiver.domain.item import Body, Cause, Form, Person, Poll, PollOption, State
from archiver.domain.keys import Key
from archiver.domain.observation import GoneSeen, ItemSeen, Observation
from archiver.platforms.fields import count, document, flag, mapping, objects, text
from archiver.platforms.links import links_in
from archiver.platforms.youtube.fields import counter, entries, following, identifier, moment
from archiver.platforms.youtube.ids import Names
from archiver.platforms.youtube.people import person

Message = Mapping[str, Any]

TOMBSTONE, DELETED, RETRACTED = "tombstone", "messageDeletedEvent", "messageRetractedEvent"
_SILENT = frozenset({"chatEndedEvent", "sponsorOnlyModeStartedEvent", "sponsorOnlyModeEndedEvent", "userBannedEvent"})
"""Events of the room, in which nobody says anything; they stay in the kept answer."""
_SOONEST = timedelta(seconds=1)
_WORDS = (
    ("textMessageDetails", "messageText"),
    ("superChatDetails", "userComment"),
    ("superStickerDetails", "superStickerMetadata", "altText"),
    ("fanFundingEventDetails", "userComment"),
    ("memberMilestoneChatDetails", "userComment"),
    ("giftDetails", "altText"),
)
"""Where the words are, should the message not have them as it is displayed."""


@dataclass(frozen=True, slots=True)
class ChatPage:
    """What an answer says of the chat as a whole.

    ``wait`` is how long not to ask again. ``following`` is where to go on, which there is on every page. ``offline_at``
    is when the stream ended. ``ended``: a message says that the chat has, too.
    """

    wait: timedelta
    following: str | None
    offline_at: datetime | None
    ended: bool


def page_of(exchange: Exchange) -> ChatPage:
    """How to go on after a page of a chat; raises ShapeChanged when it is none."""
    answer = document(exchange)
    kinds = {text(mapping(message.get("snippet")).get("type")) for _, message in entries(exchange)}
    wait = timedelta(milliseconds=min(count(answer.get("pollingIntervalMillis")) or 0, 3_600_000))
    return ChatPage(
        wait=max(wait, _SOONEST),
        following=following(exchange),
        offline_at=moment(answer.get("offlineAt")),
        ended="chatEndedEvent" in kinds,
    )


def chat_seen(names: Names, exchange: Exchange, thread: Key | None) -> Iterator[Observation]:
    """The messages of a page in their order; the poll that is open, should it not be among them."""
    active = mapping(document(exchange).get("activePollItem"))
    messages = entries(exchange)
    listed = {identifier(message.get("id")) for _, message in messages}
    if active and identifier(active.get("id")) not in listed:
        messages.append(("/activePollItem", active))
    for pointer, message in messages:
        yield from _message(names, message, pointer, thread)


def _message(names: Names, message: Message, pointer: str, thread: Key | None) -> Iterator[Observation]:
    native_id, snippet = identifier(message.get("id")), mapping(message.get("snippet"))
    kind = text(snippet.get("type"))
    if kind in {DELETED, RETRACTED}:
        yield from _taken_back(names, message, kind)
    elif native_id is not None and kind == TOMBSTONE:
        yield _removed(names, native_id, snippet, pointer, thread)
    elif native_id is not None and kind is not None and kind not in _SILENT:
        yield _said(names, native_id, message, pointer, thread)


def _said(names: Names, native_id: str, message: Message, pointer: str, thread: Key | None) -> ItemSeen:
    snippet = mapping(message.get("snippet"))
    poll = _poll(snippet)
    words = _displayed(snippet)
    if words is None and poll is not None:
        words = text(mapping(mapping(snippet.get("pollDetails")).get("metadata")).get("questionText"))
    return ItemSeen(
        key=names.thing(native_id),
        form=Form.CHAT,
        author=_author(names, message),
        body=Body(
            text=words,
            links=links_in(words) if words is not None else None,
            poll=poll,
            labels=tuple(_labels(message)) or None,
        ),
        created_at=moment(snippet.get("publishedAt")),
        parent=thread,
        thread=thread,
        state=State.LIVE,
        pointer=pointer,
    )


def _removed(names: Names, native_id: str, snippet: Message, pointer: str, thread: Key | None) -> ItemSeen:
    """What is left of a message that was taken away: that it was there, and when. Who did it is not told."""
    return ItemSeen(
        key=names.thing(native_id),
        form=Form.CHAT,
        author=None,
        body=Body(),
        created_at=moment(snippet.get("publishedAt")),
        parent=thread,
        thread=thread,
        state=State.GONE,
        pointer=pointer,
    )


def _taken_back(names: Names, message: Message, kind: str) -> Iterator[GoneSeen]:
    """A removal that is told as an event: by its author, or by the channel's owner or a moderator.

    Of a moderator nothing proves that the city is behind it; the owner of the chat is the channel itself.
    """
    snippet, author = mapping(message.get("snippet")), mapping(message.get("authorDetails"))
    if kind == RETRACTED:
        removed = identifier(mapping(snippet.get("messageRetractedDetails")).get("retractedMessageId"))
        cause: Cause | None = Cause.BY_AUTHOR
    else:
        removed = identifier(mapping(snippet.get("messageDeletedDetails")).get("deletedMessageId"))
        cause = Cause.BY_CITY if flag(author.get("isChatOwner")) else None
    if removed is None:
        return
    by = identifier(snippet.get("authorChannelId")) or identifier(author.get("channelId"))
    yield GoneSeen(names.thing(removed), f"{kind} by {by}" if by else kind, cause)


def _author(names: Names, message: Message) -> Person | None:
    told, snippet = mapping(message.get("authorDetails")), mapping(message.get("snippet"))
    channel = identifier(told.get("channelId")) or identifier(snippet.get("authorChannelId"))
    return person(names, channel, text(told.get("displayName")) or None, text(told.get("profileImageUrl")))


def _displayed(snippet: Message) -> str | None:
    shown = text(snippet.get("displayMessage"))
    if shown is not None:
        return shown
    for path in _WORDS:
        value: Any = snippet
        for name in path:
            value = mapping(value).get(name)
        if isinstance(value, str):
            return value
    return None


def _poll(snippet: Message) -> Poll | None:
    metadata = mapping(mapping(snippet.get("pollDetails")).get("metadata"))
    options = tuple(
        PollOption(text(option.get("optionText")) or "", counter(option.get("tally")))
        for _, option in objects(metadata.get("options"))
    )
    return Poll(options) if options else None


def _labels(message: Message) -> Iterator[str]:
    """The kind of a message that is not only text, what was paid with it, and the writer's part in the chat."""
    snippet, author = mapping(message.get("snippet")), mapping(message.get("authorDetails"))
    kind = text(snippet.get("type"))
    if kind != "textMessageEvent":
        yield f"chat:{kind}"
    for name in ("superChatDetails", "superStickerDetails", "fanFundingEventDetails"):
        amount = text(mapping(snippet.get(name)).get("amountDisplayString"))
        if amount:
            yield f"amount:{amount}"
    for name, label in (("isChatOwner", "owner"), ("isChatModerator", "moderator")):
        if flag(author.get(name)):
            yield f"by:{label}"

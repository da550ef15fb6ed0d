"""What Instagram's webhooks tell: comments, comments of a broadcast, mentions elsewhere, messages.

There is no event for an edit, a removal or a hiding. So an event is a copy of words that may be gone a minute later,
and a hint to look now. With an Instagram login, mentions elsewhere come as comments.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from archiver.domain.exchange import Exchange
from archiver.domain.item import Form
from archiver.domain.observation import ItemSeen, Observation
from archiver.domain.task import FollowUp, TaskKind
from archiver.platforms.instagram.comments import comment_id, comment_seen, form_of, medium_of
from archiver.platforms.instagram.ids import Names
from archiver.platforms.instagram.messages import pushed_message
from archiver.platforms.meta.fields import identifier, mapping, text
from archiver.platforms.meta.push import MESSAGING, Event, events_of

COMMENTS, LIVE, MENTIONS = "comments", "live_comments", "mentions"


def read_push(names: Names, exchange: Exchange, *, messages: bool) -> Iterator[Observation]:
    """The observations of a delivery, in its order; ``messages``: private ones are wanted, too."""
    for event in events_of(exchange):
        if event.field in {COMMENTS, LIVE} and comment_id(event.value) and _has_place(event):
            yield replace(_comment(names, event), initial=True)
        elif event.field == MESSAGING and messages:
            yield from pushed_message(names, event.value, event.pointer, event.account)


def hints(names: Names, exchange: Exchange) -> tuple[FollowUp, ...]:
    """What to look at because of a delivery, each once."""
    found = [follow_up for event in events_of(exchange) if (follow_up := _hint(names, event)) is not None]
    return tuple(dict.fromkeys(found))


def _has_place(event: Event) -> bool:
    """Whether it tells where the comment stands. Below nothing it would be a post.

    Without a place the words stay in the kept delivery; a record is made when the platform itself shows the comment.
    What is said during a broadcast is chat, wherever it stands.
    """
    value = event.value
    chat = event.field == LIVE or form_of(value) is Form.CHAT
    return chat or bool(medium_of(value) or identifier(value.get("parent_id")))


def _comment(names: Names, event: Event) -> ItemSeen:
    """When it was written is not told, only when the event was sent. Below an advertisement the medium is the ad's."""
    value = event.value
    medium, parent = medium_of(value), identifier(value.get("parent_id"))
    thread = names.thing(medium) if medium else None
    advert = identifier(mapping(value.get("media")).get("ad_id"))
    return comment_seen(
        names,
        value,
        event.pointer,
        thread=thread,
        parent=names.thing(parent) if parent else thread,
        form=Form.CHAT if event.field == LIVE else form_of(value),
        mentions=_mentions(names, event),
        labels=(f"advertisement:{advert}",) if advert else None,
    )


def _mentions(names: Names, event: Event) -> frozenset[str]:
    """The account, where its name is in the words."""
    words = (text(event.value.get("text")) or "").lower()
    named = f"@{names.handle.lower()}" in words and event.account is not None
    return frozenset({names.person(event.account)}) if named and event.account else frozenset()


def _hint(names: Names, event: Event) -> FollowUp | None:
    """A comment's whole thread; a mention elsewhere; the comment by itself where the event does not tell its place.

    Comments below advertisements can't be listed. A record that only an event made is not asked about by itself: the
    token never saw it, so "not there" would say nothing. Of one without a place there is no record, unless the platform
    has shown it.
    """
    native_id, medium = comment_id(event.value), medium_of(event.value)
    if event.field in {COMMENTS, LIVE}:
        if identifier(mapping(event.value.get("media")).get("ad_id")):
            return None
        if medium:
            return FollowUp(TaskKind.THREAD, names.thing(medium))
        return FollowUp(TaskKind.CONFIRM, names.thing(native_id)) if native_id and not _has_place(event) else None
    if event.field == MENTIONS:
        medium = identifier(event.value.get("media_id"))
        comment = identifier(event.value.get("comment_id"))
        return FollowUp(TaskKind.CONFIRM, names.mention(medium, comment)) if medium else None
    return None

"""Pushed events of a page: what happened to posts, comments, reviews and messages (facebook.md, section 14).

A delivery may be the only copy of a text that was deleted a minute later, so what it says becomes an observation. It is
no list of what is there: events come late, twice and in any order, and what the archive saw with its own eyes since
then counts more (`archiver.services.ingest`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from archiver.domain.exchange import Exchange
from archiver.domain.item import Attachment, Body, Cause, Form, Person, State
from archiver.domain.keys import Key
from archiver.domain.observation import GoneSeen, ItemSeen, Observation, StateSeen
from archiver.domain.task import FollowUp, TaskKind
from archiver.platforms.facebook.addresses import absolute
from archiver.platforms.facebook.ids import Names, last_part
from archiver.platforms.facebook.messages import PRIVATE, kind_of_file, message_id
from archiver.platforms.facebook.people import person_of
from archiver.platforms.facebook.reviews import review_key, review_of
from archiver.platforms.meta.fields import flag, identifier, mapping, moment, objects, text
from archiver.platforms.meta.links import links_in
from archiver.platforms.meta.push import MESSAGING, Event, events_of

_ADDED = frozenset({"add"})
_EDITED = frozenset({"edit", "edited", "update"})
_REMOVED = frozenset({"remove", "delete"})
_HIDDEN = {"hide": State.HIDDEN, "unhide": State.LIVE}
_BLOCKED = {"block": State.HIDDEN, "unblock": State.LIVE}
"""Facebook stops a video from being shown, for the rights of others, and lets it go again."""
_COUNTED = frozenset({"like", "reaction"})
"""Items that are no words: the next look at the post or comment shows their number."""
_NO_POSTS = frozenset({*_COUNTED, "comment", "rating", "tag"})


def pushed_seen(names: Names, exchange: Exchange) -> Iterator[Observation]:
    """What a delivery shows."""
    for event in events_of(exchange):
        reader = _READERS.get(event.field)
        if reader is not None and event.topic in {None, "page"}:
            yield from reader(names, event)


def pushed(names: Names, exchange: Exchange) -> tuple[FollowUp, ...]:
    """What is to be fetched now, each once: the thread of what was named, and what is said to be gone.

    Events without values ("something changed") name nothing; the next poll finds out. Likes and reactions call for
    nothing: a post that many like would use up the allowance, and the next visit shows how many they were.
    """
    found: dict[FollowUp, None] = {}
    for event in events_of(exchange):
        if event.field in {"feed", "mention"} and event.topic in {None, "page"}:
            for follow_up in _follow_ups(names, event):
                found.setdefault(follow_up)
    return tuple(found)


def _follow_ups(names: Names, event: Event) -> Iterator[FollowUp]:
    value = event.value
    post, comment = _post_id(value), identifier(value.get("comment_id"))
    if post is None or text(value.get("item")) in _COUNTED:
        return
    verb = text(value.get("verb")) or ""
    key = names.post(post, event.account)
    if verb in _REMOVED:
        gone = names.comment(comment, post, event.account) if comment else key
        yield FollowUp(TaskKind.CONFIRM, gone)
        if not comment:
            return
    yield FollowUp(TaskKind.THREAD, key)


def _feed(names: Names, event: Event) -> Iterator[Observation]:
    """A change on the page: ``item`` says of what, ``verb`` what happened."""
    value = event.value
    item, verb = text(value.get("item")) or "", text(value.get("verb")) or ""
    if item in _COUNTED:
        return
    if item == "comment":
        yield from _comment(names, event, verb, _post_id(value))
    elif item not in _NO_POSTS:
        yield from _post(names, event, item, verb)


def _mention(names: Names, event: Event) -> Iterator[Observation]:
    """Somebody named the page in a post or comment of theirs."""
    value = event.value
    named = frozenset({names.person(event.account)}) if event.account else frozenset()
    verb = text(value.get("verb")) or ""
    if identifier(value.get("comment_id")):
        yield from _comment(names, event, verb, _post_id(value), named)
    else:
        yield from _post(names, event, text(value.get("item")) or "post", verb, named)


def _comment(
    names: Names,
    event: Event,
    verb: str,
    post: str | None,
    mentions: frozenset[str] = frozenset(),
    below: Key | None = None,
) -> Iterator[Observation]:
    """A comment. ``below`` is the root of its thread where that is not named by the post's whole id."""
    value, page = event.value, event.account
    native_id = identifier(value.get("comment_id"))
    if native_id is None:
        return
    key = names.comment(native_id, post, page)
    root = below or (names.post(post, page) if post else None)
    parent = _parent(names, value, post, page, root)
    seen = ItemSeen(
        key=key,
        form=Form.POST,
        author=_sender(names, value),
        body=_body(value, _files(value, "comment"), edited_at=_edited_at(value, verb)),
        created_at=_created_at(value, verb),
        parent=parent,
        thread=root,
        mentions=mentions,
        pointer=event.pointer,
        aliases=names.comment_aliases(names.native(key)),
        united=True,
    )
    yield from _told(verb, seen)


def _post(
    names: Names, event: Event, item: str, verb: str, mentions: frozenset[str] = frozenset()
) -> Iterator[Observation]:
    value = event.value
    native_id = _post_id(value)
    medium = identifier(value.get("video_id")) or identifier(value.get("photo_id"))
    native_id = native_id or medium or identifier(value.get("album_id")) or identifier(value.get("event_id"))
    if native_id is None or item == "event":  # that there is an event says nothing of what it is
        return
    alone = "_" not in native_id
    key = names.thing(native_id) if alone else names.post(native_id, event.account)
    seen = ItemSeen(
        key=key,
        form=Form.POST,
        author=_sender(names, value),
        body=_body(value, _files(value, item), edited_at=_edited_at(value, verb)),
        created_at=_created_at(value, verb),
        thread=key,
        mentions=mentions,
        permalink=absolute(text(mapping(value.get("post")).get("permalink_url"))),
        state=State.HIDDEN if flag(value.get("is_hidden")) else None,
        pointer=event.pointer,
        aliases=() if alone else names.post_aliases(native_id),
        united=True,
    )
    yield from _told(verb, seen, item)


def _told(verb: str, seen: ItemSeen, item: str = "") -> Iterator[Observation]:
    """The observations that a verb stands for. Who removed or hid something, events don't say.

    One that hides is also a sight of the words, where it has them: perhaps the only one. One that removes is not:
    what it repeats need not be the last text.
    """
    basis = f"webhook {verb}"
    said = seen.body.text is not None or bool(seen.body.attachments)
    if verb in _REMOVED:
        yield GoneSeen(seen.key, basis)
    elif verb in _HIDDEN:
        yield StateSeen(seen.key, _HIDDEN[verb], basis)
        if said:
            yield replace(seen, state=_HIDDEN[verb])
    elif verb in _BLOCKED and item == "video":
        state = _BLOCKED[verb]
        yield StateSeen(seen.key, state, basis, Cause.BY_PLATFORM if state is State.HIDDEN else None)
    elif verb in _ADDED:
        yield replace(seen, initial=True)
    elif verb in _EDITED and said:
        yield seen


def _ratings(names: Names, event: Event) -> Iterator[Observation]:
    """A review, or a comment below one. The review's id is that of its story: the second half of the ``post_id``."""
    value = event.value
    item, verb = text(value.get("item")) or "", text(value.get("verb")) or ""
    post = _post_id(value)
    if item == "comment":
        yield from _comment(names, event, verb, post, below=names.thing(last_part(post)) if post else None)
    if item != "rating":
        return
    reviewer = _reviewer(names, value)
    key = review_key(names, identifier(value.get("open_graph_story_id")), reviewer, event.account)
    if key is None:
        return
    if verb in _REMOVED:
        yield GoneSeen(key, f"webhook {verb}")
    elif verb in _ADDED | _EDITED:
        created_at = moment(value.get("created_time")) if verb in _ADDED else None
        yield review_of(value, key, reviewer, created_at, event.pointer)


def _messaging(names: Names, event: Event) -> Iterator[Observation]:
    """A private message, one that was edited, or one that its sender took back."""
    value = event.value
    sender, message = _party(names, value.get("sender")), mapping(value.get("message"))
    edit = mapping(value.get("message_edit"))
    mid = identifier(message.get("mid")) or identifier(edit.get("mid"))
    if mid is None:
        return
    key, at = names.thing(message_id(mid)), moment(value.get("timestamp"))
    if flag(message.get("is_deleted")):
        own = sender is not None and event.account is not None and sender.native_id == names.person(event.account)
        yield GoneSeen(key, "webhook is_deleted", Cause.BY_CITY if own else Cause.BY_AUTHOR)
        return
    words = text(message.get("text")) if message else text(edit.get("text"))
    answered = identifier(mapping(message.get("reply_to")).get("mid"))
    yield ItemSeen(
        key=key,
        form=Form.MESSAGE,
        author=sender,
        body=Body(
            text=words,
            visibility=PRIVATE,
            edited_at=at if edit else None,
            attachments=_sent_files(message),
            links=links_in(words) or None,
            labels=("unsupported",) if flag(message.get("is_unsupported")) else (),
            partial=frozenset({"attachments", "links"}),
        ),
        created_at=at if message else None,
        parent=names.thing(message_id(answered)) if answered else None,
        pointer=event.pointer,
    )


_READERS: Mapping[str, Callable[[Names, Event], Iterator[Observation]]] = {
    "feed": _feed,
    "mention": _mention,
    "ratings": _ratings,
    MESSAGING: _messaging,
}


def _post_id(value: Mapping[str, Any]) -> str | None:
    return identifier(value.get("post_id")) or identifier(mapping(value.get("post")).get("id"))


def _parent(names: Names, value: Mapping[str, Any], post: str | None, page: str | None, root: Key | None) -> Key | None:
    """``parent_id`` is the post's for a comment right below it, else that of the comment that it answers."""
    parent = identifier(value.get("parent_id"))
    if parent is None or post is None or last_part(parent) == last_part(post):
        return root
    return names.comment(parent, post, page)


def _sender(names: Names, value: Mapping[str, Any]) -> Person | None:
    """Who wrote it: ``from``, in older deliveries ``sender_id``; left out sometimes, for privacy."""
    stated = person_of(names, value.get("from"))
    if stated is not None:
        return stated
    native_id = identifier(value.get("sender_id"))
    return Person(names.person(native_id), display_name=text(value.get("sender_name"))) if native_id else None


def _reviewer(names: Names, value: Mapping[str, Any]) -> Person | None:
    native_id = identifier(value.get("reviewer_id"))
    if native_id is None:
        return _sender(names, value)
    return Person(names.person(native_id), display_name=text(value.get("reviewer_name")))


def _party(names: Names, value: Any) -> Person | None:
    native_id = identifier(mapping(value).get("id"))
    return Person(names.person(native_id)) if native_id else None


def _created_at(value: Mapping[str, Any], verb: str) -> datetime | None:
    """``created_time`` is the event's: that of what was written only where it was added."""
    return moment(value.get("created_time")) if verb in _ADDED else None


def _edited_at(value: Mapping[str, Any], verb: str) -> datetime | None:
    """The platform's time of an edit, which no list has."""
    if verb not in _EDITED:
        return None
    return moment(value.get("edited_time"))


def _body(value: Mapping[str, Any], files: tuple[Attachment, ...] | None, *, edited_at: datetime | None) -> Body:
    """The words of an event. It shows less of what hangs on it than a list does."""
    words = text(value.get("message"))
    return Body(
        text=words,
        edited_at=edited_at,
        attachments=files,
        links=links_in(words) or None,
        partial=frozenset({"attachments", "links"}),
    )


def _files(value: Mapping[str, Any], item: str) -> tuple[Attachment, ...] | None:
    """Pictures and videos by their addresses alone; the next look at the post or comment gives them names."""
    photos = value.get("photos")
    found = [("image", text(value.get("photo"))), ("video", text(value.get("video")))]
    found += [("image", text(url)) for url in (photos if isinstance(photos, list) else ())]
    if item in {"photo", "video"}:
        found.append(("video" if item == "video" else "image", text(value.get("link"))))
    return tuple(Attachment(kind, url) for kind, url in found if url) or None


def _sent_files(message: Mapping[str, Any]) -> tuple[Attachment, ...] | None:
    """What came with a message: pictures, videos, sounds and files by their addresses; places and cards have none."""
    if "attachments" not in message:
        return None
    found = []
    for _, one in objects(message.get("attachments")):
        url, kind = text(mapping(one.get("payload")).get("url")), text(one.get("type")) or ""
        if url and kind in {"image", "video", "audio", "file"}:
            found.append(Attachment(kind_of_file(f"{kind}/"), url))
    return tuple(found)

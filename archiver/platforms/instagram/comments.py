"""A comment or an answer to one, as the archive's values. One level of answers; no edit mark, no address of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.domain.item import Body, Form, Metrics, Person, State
from archiver.domain.keys import Key
from archiver.domain.observation import ItemSeen
from archiver.platforms.instagram.ids import Names
from archiver.platforms.meta.fields import connection, count, flag, identifier, mapping, moment, text

Comment = Mapping[str, Any]


def comment_id(comment: Comment) -> str | None:
    """The id of a comment."""
    return identifier(comment.get("id"))


def medium_of(comment: Comment) -> str | None:
    """The id of the medium that it was written below, where it is told."""
    return identifier(mapping(comment.get("media")).get("id"))


def sightings(
    names: Names, comment: Comment, pointer: str, *, thread: Key | None, parent: Key | None = None
) -> Iterator[ItemSeen]:
    """A comment, then the answers that came along with it.

    ``thread`` is the medium's key; ``parent`` what it answers where its place in the answer tells.
    """
    native_id = comment_id(comment)
    if native_id is None:
        return
    key = names.thing(native_id)
    named = identifier(comment.get("parent_id"))
    above = names.thing(named) if named else parent or thread
    yield comment_seen(names, comment, pointer, thread=thread, parent=above)
    for place, answer in connection(comment.get("replies"), f"{pointer}/replies"):
        yield from sightings(names, answer, place, thread=thread, parent=key)


def comment_seen(
    names: Names,
    comment: Comment,
    pointer: str,
    *,
    thread: Key | None,
    parent: Key | None,
    form: Form | None = None,
    mentions: frozenset[str] = frozenset(),
    labels: tuple[str, ...] | None = None,
) -> ItemSeen:
    """The record that one comment is. ``form`` None: as the medium's kind tells."""
    hidden = flag(comment.get("hidden"))
    likes = count(comment.get("like_count"))
    return ItemSeen(
        key=names.thing(comment_id(comment) or ""),
        form=form or form_of(comment),
        author=author_of(names, comment),
        body=Body(text=text(comment.get("text")), labels=labels),
        created_at=moment(comment.get("timestamp")),
        parent=parent,
        thread=thread,
        mentions=mentions,
        metrics=Metrics(likes=likes) if likes is not None else None,
        state=None if hidden is None else State.HIDDEN if hidden else State.LIVE,
        pointer=pointer,
    )


def form_of(comment: Comment) -> Form:
    """What is said during a broadcast is chat: it can't be read afterwards."""
    live = mapping(comment.get("media")).get("media_product_type") == "LIVE"
    return Form.CHAT if live else Form.POST


def author_of(names: Names, comment: Comment) -> Person | None:
    """Who wrote it. ``user`` is there only where the account itself did, and then has its own id.

    ``from`` has an id that is made for the account that reads; where neither is told, the name stands for the id.
    """
    said = mapping(comment.get("from"))
    username = text(said.get("username")) or text(comment.get("username")) or None
    native_id = identifier(mapping(comment.get("user")).get("id")) or identifier(said.get("id"))
    if native_id is not None:
        return Person(names.person(native_id), handle=username)
    return Person(names.nameless(username), handle=username) if username else None

"""Comments and replies, on whatever they stand below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from archiver.domain.item import Body, Form, State
from archiver.domain.keys import Key
from archiver.domain.observation import ItemSeen
from archiver.platforms.facebook.addresses import absolute, answered_comment, comment_in
from archiver.platforms.facebook.attachments import attached
from archiver.platforms.facebook.counts import counts_of
from archiver.platforms.facebook.ids import Names, comment_id, first_part, last_part
from archiver.platforms.facebook.people import person_of, tagged
from archiver.platforms.facebook.setting import Setting
from archiver.platforms.meta.fields import connection, flag, identifier, mapping, moment, text
from archiver.platforms.meta.links import links_in

Comment = Mapping[str, Any]
_DEEPEST = 8
"""Facebook shows three levels; an answer nested deeper than this was not made by it."""


@dataclass(frozen=True, slots=True)
class Above:
    """What comments stand below: the root of their thread, or one of its comments.

    ``key`` and ``native_id`` are the root's, the author its native person id where known. ``comment`` is the comment
    that these answer, where they are its replies.
    """

    key: Key | None = None
    native_id: str | None = None
    author: str | None = None
    comment: str | None = None
    comment_author: str | None = None


_NESTED = Setting()
"""Comments inside another object: which of their fields were asked for is not told."""


def comments_in(names: Names, edge: Any, pointer: str, above: Above, depth: int = _DEEPEST) -> Iterator[ItemSeen]:
    """The comments of an edge ``comments``, each followed by the replies that were expanded inside it."""
    for place, comment in connection(edge, pointer):
        yield from comment_seen(names, comment, place, above, _NESTED, depth)


def comment_seen(
    names: Names, comment: Comment, pointer: str, above: Above, setting: Setting, depth: int = _DEEPEST
) -> Iterator[ItemSeen]:
    """A comment, then the replies that were expanded inside it."""
    native_id = id_of(comment, above.native_id)
    if native_id is None:
        return
    key = names.thing(native_id)
    author = person_of(names, comment.get("from"))
    root = above.key or _root(names, native_id, comment)
    parent, parent_author = _parent(names, comment, native_id, above, root, setting)
    yield ItemSeen(
        key=key,
        form=Form.POST,
        author=author,
        body=_body(comment),
        created_at=moment(comment.get("created_time")),
        parent=parent,
        thread=root,
        thread_author=above.author,
        parent_author=parent_author,
        mentions=tagged(names, comment.get("message_tags")),
        permalink=absolute(text(comment.get("permalink_url"))),
        metrics=counts_of(comment),
        state=_state(comment),
        pointer=pointer,
        aliases=names.comment_aliases(native_id),
        united=True,
    )
    if depth:
        below = replace(
            above, key=root, comment=native_id, comment_author=author.native_id if author else None,
            native_id=above.native_id or first_part(native_id),
        )  # fmt: skip
        yield from comments_in(names, comment.get("comments"), f"{pointer}/comments", below, depth - 1)


def id_of(comment: Comment, post: str | None) -> str | None:
    """A comment's canonical id; from its permanent link where the answer leaves it out."""
    stated = identifier(comment.get("id"))
    if stated:
        return comment_id(stated, post)
    found = comment_in(text(comment.get("permalink_url")))
    return f"{found[0]}_{found[1]}" if found else None


def _root(names: Names, native_id: str, comment: Comment) -> Key | None:
    """The root of the thread, as far as the comment tells: ``object``, else the first half of its id."""
    below = identifier(mapping(comment.get("object")).get("id")) or first_part(native_id)
    return names.post(below) if below else None


def _parent(
    names: Names, comment: Comment, native_id: str, above: Above, root: Key | None, setting: Setting
) -> tuple[Key | None, str | None]:
    """What a comment answers, and who wrote that.

    ``parent`` is returned for replies only, and not where the token may not see what they answer; then the permanent
    link names the comment at the top of them.
    """
    stated = mapping(comment.get("parent"))
    post = above.native_id or first_part(native_id)
    parent_id = identifier(stated.get("id"))
    if parent_id and last_part(parent_id) != last_part(native_id):
        author = person_of(names, stated.get("from"))
        return names.comment(parent_id, post), author.native_id if author else None
    if above.comment:
        return names.thing(above.comment), above.comment_author
    top = answered_comment(text(comment.get("permalink_url")))
    if top and top != last_part(native_id):
        return names.comment(top, post), None
    untold = bool(setting.asked) and "parent" not in setting.asked and "permalink_url" not in setting.asked
    return (None, None) if untold else (root, above.author)


def _body(comment: Comment) -> Body:
    """What of a comment an edit can change. One without words (a sticker, a picture) has an empty text, not none."""
    message = text(comment.get("message"))
    held = attached(comment.get("attachment"))
    private = flag(comment.get("is_private"))
    links = {link.url: link for link in (*links_in(message), *(held.links if held else ()))}
    return Body(
        text=message,
        visibility=None if private is None else "private" if private else "public",
        attachments=held.media if held else None,
        links=tuple(links.values()) if message is not None or held else None,
        partial=frozenset() if held else frozenset({"links"}),
    )


def _state(comment: Comment) -> State | None:
    """Whether the public can see it. Who hid it, the city or Facebook's own filter, the platform does not say."""
    hidden = flag(comment.get("is_hidden"))
    return None if hidden is None else State.HIDDEN if hidden else State.LIVE

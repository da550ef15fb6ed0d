"""What the channel wrote: comments anywhere on YouTube, messages in live chats, posts of its community tab.

Comments have the ids that the API gives. Messages have others, so they are found by time and words. Posts are in no
API at all.
"""

from __future__ import annotations

from datetime import datetime

from archiver.domain.account import Account
from archiver.domain.item import Body, Form, Person
from archiver.domain.observation import ItemSeen
from archiver.platforms.youtube.ids import Names, comment_page, is_channel, is_post, is_video, top_comment_of
from archiver.platforms.youtube.routes import SITE
from archiver.takeouts.google.shapes import Row, comment_in, first, is_time, moment, text_in
from archiver.takeouts.google.tables import Line
from archiver.takeouts.google.texts import Words, words_of
from archiver.takeouts.keys import made_key
from archiver.takeouts.protocol import Entry, NotUnderstood
from archiver.takeouts.streams import Unreadable


def comment(account: Account, path: str, line: Line) -> Entry | NotUnderstood:
    """A comment below a video or a post, or an answer to one."""
    row, names = line.row, Names.of(account)
    native_id, root = comment_in(row), first(row, is_video) or first(row, is_post)
    words = _words(row)
    if native_id is None or isinstance(words, str):
        return NotUnderstood(path, words if isinstance(words, str) else "a comment without an id", line.pointer)
    above = top_comment_of(native_id) or root
    video = first(row, is_video)
    seen = ItemSeen(
        key=names.thing(native_id),
        form=Form.POST,
        author=_author(names, row),
        body=Body(text=words.text, links=words.links),
        created_at=_written_at(row),
        parent=names.thing(above) if above else None,
        thread=names.thing(root) if root else None,
        mentions=_mentions(names, words),
        permalink=comment_page(video, native_id) if video else None,
    )
    if above is None:
        return NotUnderstood(path, "a comment that does not say where it stands", line.pointer)
    return Entry(seen, path, line.pointer)


def message(account: Account, path: str, line: Line) -> Entry | NotUnderstood:
    """A message in the chat of a stream."""
    row, names = line.row, Names.of(account)
    video, words, at = first(row, is_video), _words(row), _written_at(row)
    if video is None or at is None or isinstance(words, str):
        why = words if isinstance(words, str) else "a message without a video or a time"
        return NotUnderstood(path, why, line.pointer)
    thread = names.thing(video)
    seen = ItemSeen(
        key=made_key(account, "chat", at, words.text, video),
        form=Form.CHAT,
        author=_author(names, row),
        body=Body(text=words.text, links=words.links),
        created_at=at,
        parent=thread,
        thread=thread,
        mentions=_mentions(names, words),
    )
    return Entry(seen, path, line.pointer, sure=False)


def post(account: Account, path: str, line: Line) -> Entry | NotUnderstood:
    """A post of the community tab."""
    row, names = line.row, Names.of(account)
    native_id, words = first(row, is_post), _words(row)
    if native_id is None or isinstance(words, str):
        return NotUnderstood(path, words if isinstance(words, str) else "a post without an id", line.pointer)
    key, author = names.thing(native_id), _author(names, row)
    seen = ItemSeen(
        key=key,
        form=Form.POST,
        author=author,
        body=Body(text=words.text, links=words.links),
        created_at=_written_at(row),
        thread=key,
        thread_author=author.native_id if author else None,
        mentions=_mentions(names, words),
        permalink=f"{SITE}/post/{native_id}",
    )
    return Entry(seen, path, line.pointer)


def _words(row: Row) -> Words | str:
    """The text of a row, or why it can't be read."""
    try:
        return words_of(text_in(row))
    except Unreadable as error:
        return str(error)


def _written_at(row: Row) -> datetime | None:
    value = first(row, is_time)
    return moment(value) if value is not None else None


def _author(names: Names, row: Row) -> Person | None:
    channel = first(row, is_channel)
    return Person(names.person(channel)) if channel else None


def _mentions(names: Names, words: Words) -> frozenset[str]:
    return frozenset(names.person(channel) for channel in words.mentions)

"""The reader of Google Takeout for YouTube."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import ClassVar

from archiver.domain.account import Account
from archiver.domain.item import Body, Form, Person
from archiver.domain.observation import ItemSeen
from archiver.platforms.youtube.ids import Names, channel_page, is_channel
from archiver.takeouts.google import said
from archiver.takeouts.google.films import film_files, films_of
from archiver.takeouts.google.shapes import Table, first
from archiver.takeouts.google.tables import csv_files, is_empty, kind_of, lines, titles
from archiver.takeouts.google.videos import TITLE, Video, under, video_seen, videos_in
from archiver.takeouts.protocol import About, Entry, Files, NotUnderstood
from archiver.takeouts.streams import Unreadable

_ROWS = {Table.COMMENTS: said.comment, Table.MESSAGES: said.message, Table.POSTS: said.post}
_LOOKED_AT = 200
"""So many tables at most are looked into, to recognize a download."""
_ANOTHER_KIND = "a table of another kind, such as playlists, subscriptions or what was watched; it is not read"
_OPEN = "a film of which it is not certain whose it is: no video, or several, have its title and length"


class GoogleTakeout:
    """Reads "YouTube and YouTube Music" of any language and of any time since 2018."""

    name: ClassVar[str] = "Google Takeout"
    platform: ClassVar[str] = "youtube"

    def recognizes(self, files: Files) -> bool:
        """By a table of the channel's comments, messages, posts or videos, or of the channel itself."""
        return any(kind_of(files, path) is not None for path in csv_files(files)[:_LOOKED_AT])

    def about(self, files: Files) -> About:
        """The channel by its id: that of the channel's table, else the one that wrote the comments. No date is told."""
        return About(native_id=_whose(files, _tables(files)))

    def read(self, files: Files, account: Account) -> Iterator[Entry | NotUnderstood]:
        """The channel, its videos with their films, and what it wrote."""
        tables = _tables(files)
        for path in tables.get(Table.CHANNEL, ()):
            yield from _guarded(path, _channel(files, account, path))
        videos: list[tuple[str, Video]] = []
        for path in tables.get(Table.VIDEOS, ()):
            yield from _guarded(path, _collected(files, path, videos))
        yield from _videos(files, account, videos)
        for table in (Table.COMMENTS, Table.MESSAGES, Table.POSTS):
            for path in tables.get(table, ()):
                read = _ROWS[table]
                yield from _guarded(path, (read(account, path, line) for line in lines(files, path)))
        for path in tables.get(None, ()):
            if not is_empty(files, path):
                yield NotUnderstood(path, _ANOTHER_KIND)


def _tables(files: Files) -> dict[Table | None, list[str]]:
    found: dict[Table | None, list[str]] = {}
    for path in csv_files(files):
        found.setdefault(kind_of(files, path), []).append(path)
    return found


def _whose(files: Files, tables: dict[Table | None, list[str]]) -> str | None:
    """The channel that the download is of."""
    for table in (Table.CHANNEL, Table.VIDEOS, Table.COMMENTS, Table.MESSAGES, Table.POSTS):
        counted: Counter[str] = Counter()
        for path in tables.get(table, ()):
            try:
                rows = (line.row for line in islice(lines(files, path), _LOOKED_AT))
                counted.update(channel for row in rows if (channel := first(row, is_channel)) is not None)
            except (Unreadable, OSError, ValueError):
                continue
        if counted:
            return counted.most_common(1)[0][0]
    return None


def _guarded(path: str, entries: Iterator[Entry | NotUnderstood]) -> Iterator[Entry | NotUnderstood]:
    """What stands before the place where a table breaks off."""
    try:
        yield from entries
    except Unreadable as error:
        yield NotUnderstood(path, str(error))


def _channel(files: Files, account: Account, path: str) -> Iterator[Entry | NotUnderstood]:
    """The channel's page, of which its table has the title."""
    head = titles(files, path)
    for line in lines(files, path):
        native_id, title = first(line.row, is_channel), under(head, line.row, TITLE)
        if native_id is None:
            continue
        names = Names.of(account)
        key, owner = names.thing(native_id), names.person(native_id)
        seen = ItemSeen(
            key=key,
            form=Form.PROFILE,
            author=Person(owner, display_name=title),
            body=Body(title=title),
            thread=key,
            thread_author=owner,
            permalink=channel_page(native_id),
        )
        yield Entry(seen, path, line.pointer)


def _collected(files: Files, path: str, videos: list[tuple[str, Video]]) -> Iterator[NotUnderstood]:
    """Remember the videos of a table; there is one row for each, so they fit into memory."""
    videos.extend((path, video) for video in videos_in(files, path))
    yield from ()


def _videos(files: Files, account: Account, videos: list[tuple[str, Video]]) -> Iterator[Entry | NotUnderstood]:
    """The videos, each with its film where that is certain; then the films that are nobody's."""
    names, films = Names.of(account), films_of(files, [video for _path, video in videos])
    for path, video in videos:
        film = films.get(video.id)
        held = ((names.film(video.id), film),) if film is not None else ()
        yield Entry(video_seen(account, video), path, video.line.pointer, held)
    known = set(films.values())
    for path in film_files(files):
        if path not in known:
            yield NotUnderstood(path, _OPEN)

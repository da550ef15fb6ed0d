"""The files of an X archive, told by what stands at their beginning, whatever they are called and wherever they lie.

Each is a script: a name, ``=``, and JSON. Names have changed (``tweet`` in 2019, ``tweets`` since 2022; large accounts
have several parts), and before 2019 each month had a file of its own. Nothing but the first bytes is looked at here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from archiver.takeouts.protocol import Files
from archiver.takeouts.streams import Unreadable, assignment


class Content(StrEnum):
    """What a file holds, as far as it is read."""

    POSTS = "posts"
    DELETED = "deleted posts"
    DELETIONS = "times of deletion"
    LONG = "long texts"
    MESSAGES = "private messages"
    ARTICLES = "articles"
    ACCOUNT = "account"
    MANIFEST = "manifest"


@dataclass(frozen=True, slots=True)
class Script:
    """A file of the archive and what it holds; ``folder`` is where it lies, with a slash at its end if any."""

    path: str
    content: Content

    @property
    def folder(self) -> str:
        """The folder of the file."""
        head, slash, _ = self.path.rpartition("/")
        return head + slash


_BY_NAME = {
    "tweet": Content.POSTS,
    "tweets": Content.POSTS,
    "community_tweet": Content.POSTS,
    "community_tweets": Content.POSTS,
    "deleted_tweet": Content.DELETED,
    "deleted_tweets": Content.DELETED,
    "deleted_tweet_headers": Content.DELETIONS,
    "note_tweet": Content.LONG,
    "direct_message": Content.MESSAGES,
    "direct_messages": Content.MESSAGES,
    "direct_message_group": Content.MESSAGES,
    "direct_messages_group": Content.MESSAGES,
    "article": Content.ARTICLES,
    "account": Content.ACCOUNT,
}
_NAMED = re.compile(r"window\.YTD\.(\w+)\.part[0-9]+", re.ASCII)
_MONTH = re.compile(r"Grailbird\.data\.tweets_[0-9]{4}_[0-9]{2}", re.ASCII)
_MANIFEST = "window.__THAR_CONFIG"
_HINTS = ("account", "article", "community", "deleted", "direct", "manifest", "note", "tweet")
_OLD_MONTH = re.compile(r"(?:^|/)[0-9]{4}_[0-9]{2}\.js$", re.ASCII)


def scripts(files: Files) -> Iterator[Script]:
    """The files that are read, by path. Only those are opened whose names promise something."""
    for path in files.paths:
        name = path.rpartition("/")[2].lower()
        if name.endswith(".js") and (name.startswith(_HINTS) or _OLD_MONTH.search(path)):
            content = content_of(head(files, path))
            if content is not None:
                yield Script(path, content)


def head(files: Files, path: str) -> str:
    """What stands before the first ``=`` of a file; empty where there is none, or it can't be read."""
    try:
        with files.open(path) as stream:
            return assignment(stream) or ""
    except (Unreadable, OSError, KeyError):
        return ""


def content_of(name: str) -> Content | None:
    """What is assigned to a name; None for what is not read."""
    if name == _MANIFEST:
        return Content.MANIFEST
    if _MONTH.fullmatch(name):
        return Content.POSTS
    match = _NAMED.fullmatch(name)
    return _BY_NAME.get(match.group(1)) if match else None

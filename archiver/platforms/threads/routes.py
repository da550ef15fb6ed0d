"""The calls that are made, and which call an address is.

Answers are read by the path of their request, wherever the server stands, and where one path serves two purposes
(``/ID/replies`` of a person and of a post, ``/ID`` of anything) by the stream it was asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

from archiver.platforms.meta.requests import path_of


class Call(StrEnum):
    """The calls of the Threads API that an archive needs, by the last part of their path."""

    THREADS = "threads"  # the account's own posts, quotes and reposts
    REPLIES = "replies"  # the account's answers anywhere; or the direct answers to a post
    GHOSTS = "ghost_posts"  # the account's own posts for a day
    MENTIONS = "mentions"
    CONVERSATION = "conversation"  # all answers below a root
    PENDING = "pending_replies"
    DEBUG = "debug_token"
    REFRESH = "refresh_access_token"
    OBJECT = "object"  # a post, a profile, a place


_WITH_ID = re.compile(r"/([^/]+)/(threads|replies|ghost_posts|mentions|conversation|pending_replies)/?$")
_ALONE = re.compile(r"/(debug_token|refresh_access_token)/?$")
_OBJECT = re.compile(r"/(me|[0-9]{1,40})/?$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Route:
    """A call, with the id that it asks about (``me``: whose token it is; empty where it asks about none)."""

    call: Call
    id: str = ""


def route_of(url: str) -> Route | None:
    """The call that an address makes; None when it is none of ours."""
    path = path_of(url)
    if match := _ALONE.search(path):
        return Route(Call(match.group(1)))
    if match := _WITH_ID.search(path):
        return Route(Call(match.group(2)), unquote(match.group(1)))
    match = _OBJECT.search(path)
    return Route(Call.OBJECT, match.group(1)) if match else None

"""The calls that are made: their addresses, and which call an address is.

Answers are read by the path of their request, wherever the server stands and whatever its version. An address of one
object, ``/ID``, does not tell what kind of object it is: the fields that were asked for do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

from archiver.platforms.facebook.asked import LISTS
from archiver.platforms.meta.fieldlists import asked_fields, closest
from archiver.platforms.meta.requests import path_of


class Call(StrEnum):
    """The calls of the Graph API that an archive needs. The value of an edge is its name in the path."""

    # edges of the page
    PUBLISHED_POSTS = "published_posts"
    POSTS = "posts"
    FEED = "feed"
    VISITOR_POSTS = "visitor_posts"
    TAGGED = "tagged"
    VIDEOS = "videos"
    VIDEO_REELS = "video_reels"
    LIVE_VIDEOS = "live_videos"
    EVENTS = "events"
    STORIES = "stories"
    ALBUMS = "albums"
    RATINGS = "ratings"
    CONVERSATIONS = "conversations"
    # edges of other things
    PHOTOS = "photos"  # of an album, or of the page
    COMMENTS = "comments"
    ATTACHMENTS = "attachments"
    MESSAGES = "messages"
    # one object, by the list of fields that was asked for
    PAGE = "page"
    PROBE = "probe"
    POST = "post"
    COMMENT = "comment"
    PHOTO = "photo"
    VIDEO = "video"
    ALBUM = "album"
    LIVE_VIDEO = "live_video"
    EVENT = "event"
    CONVERSATION = "conversation"
    MESSAGE = "message"
    OBJECT = "object"  # of a kind that the call does not tell
    # neither
    ME = "me"
    DEBUG_TOKEN = "debug_token"  # noqa: S105 - a path


_EDGES = frozenset({
    Call.PUBLISHED_POSTS, Call.POSTS, Call.FEED, Call.VISITOR_POSTS, Call.TAGGED, Call.VIDEOS, Call.VIDEO_REELS,
    Call.LIVE_VIDEOS, Call.EVENTS, Call.STORIES, Call.ALBUMS, Call.RATINGS, Call.CONVERSATIONS, Call.PHOTOS,
    Call.COMMENTS, Call.ATTACHMENTS, Call.MESSAGES,
})  # fmt: skip
_ALONE = frozenset({Call.ME, Call.DEBUG_TOKEN})
_NODES = {
    "page": Call.PAGE, "probe": Call.PROBE, "post": Call.POST, "tagged": Call.POST, "comment": Call.COMMENT,
    "photo": Call.PHOTO, "video": Call.VIDEO, "album": Call.ALBUM, "live_video": Call.LIVE_VIDEO, "event": Call.EVENT,
    "conversation": Call.CONVERSATION, "message": Call.MESSAGE,
}  # fmt: skip
_VERSION = re.compile(r"v[0-9]+\.[0-9]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Route:
    """A call with the id that is in its path (empty where there is none)."""

    call: Call
    id: str = ""


def route_of(url: str) -> Route | None:
    """Which call an address is; None for any other."""
    words = [unquote(word) for word in path_of(url).split("/") if word]
    if not words or _VERSION.fullmatch(words[-1]):
        return None
    last = words[-1]
    if last in _ALONE:
        return Route(Call(last))
    if last in _EDGES and len(words) > 1:
        return Route(Call(last), words[-2])
    asked = closest(LISTS, asked_fields(url) or "")
    return Route(_NODES.get(asked.name, Call.OBJECT) if asked else Call.OBJECT, last)


def edge(native_id: str, call: Call) -> str:
    """The path of an edge."""
    return f"{native_id}/{call}"

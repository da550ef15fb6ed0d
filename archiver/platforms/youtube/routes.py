"""The calls that are made: their addresses, and which call an address is.

Answers are read by the path and the parameters of their request alone, wherever the server stands.
(Data API v3: https://developers.google.com/youtube/v3/docs; feeds: .../guides/push_notifications)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

Query = Sequence[tuple[str, str]]

API = "https://youtube.googleapis.com"
"""What stands before ``/youtube/v3/…``, unless the account has a ``base_url``."""
SITE = "https://www.youtube.com"
"""What stands before ``/feeds/videos.xml``, unless the account has a ``base_url``; and before permalinks."""


class Call(StrEnum):
    """The calls that an archive needs."""

    CHANNELS = "channels"
    PLAYLISTS = "playlists"
    PLAYLIST_ITEMS = "playlistItems"
    VIDEOS = "videos"
    THREADS = "commentThreads"
    COMMENTS = "comments"
    CAPTIONS = "captions"
    CAPTION_FILE = "caption file"  # the text of one track
    CHAT = "liveChat/messages"
    SEARCH = "search"
    FEED = "feed"  # Atom, of a channel or a playlist: no key, no quota


_PATHS: tuple[tuple[Call, str], ...] = (
    (Call.CHANNELS, "/youtube/v3/channels"),
    (Call.PLAYLISTS, "/youtube/v3/playlists"),
    (Call.PLAYLIST_ITEMS, "/youtube/v3/playlistItems"),
    (Call.VIDEOS, "/youtube/v3/videos"),
    (Call.THREADS, "/youtube/v3/commentThreads"),
    (Call.COMMENTS, "/youtube/v3/comments"),
    (Call.CAPTIONS, "/youtube/v3/captions"),
    (Call.CAPTION_FILE, "/youtube/v3/captions/{id}"),
    (Call.CHAT, "/youtube/v3/liveChat/messages"),
    (Call.SEARCH, "/youtube/v3/search"),
    (Call.FEED, "/feeds/videos.xml"),
)
_PATTERNS = tuple((call, re.compile(re.escape(path).replace(r"\{id\}", "([^/]+)") + "/?$")) for call, path in _PATHS)
_TEMPLATES = dict(_PATHS)

PARTS: dict[Call, tuple[str, ...]] = {
    Call.CHANNELS: (
        "snippet", "contentDetails", "statistics", "status", "brandingSettings", "localizations", "topicDetails",
    ),
    Call.PLAYLISTS: ("snippet", "contentDetails", "status", "localizations"),
    Call.PLAYLIST_ITEMS: ("snippet", "contentDetails", "status"),
    Call.VIDEOS: (
        "snippet", "contentDetails", "status", "statistics", "liveStreamingDetails", "recordingDetails",
        "topicDetails", "localizations", "player",
    ),
    Call.THREADS: ("snippet", "replies"),
    Call.COMMENTS: ("snippet",),
    Call.CAPTIONS: ("snippet",),
    Call.CHAT: ("id", "snippet", "authorDetails"),
}  # fmt: skip
"""The parts that are asked for: all that anybody may see. They cost the same as one. (Owner-only parts fail a call.)"""

LAST_LOOK = "id"
"""The part by which the second look-up of the same ids is told from the first: only its silence counts.

Every answer holds ids, asked for or not, so it changes nothing else. What both look-ups leave out is gone.
"""


@dataclass(frozen=True, slots=True)
class Route:
    """A call with the id that is in its path (empty where there is none) and the parameters of its address."""

    call: Call
    id: str = ""
    query: tuple[tuple[str, str], ...] = ()

    def value(self, name: str) -> str | None:
        """The first value of a parameter; None where it is absent or empty."""
        return next((value for key, value in self.query if key == name and value), None)

    def values(self, name: str) -> tuple[str, ...]:
        """The values of a parameter that takes a list: separated by commas, or repeated; each once."""
        parts = (part.strip() for key, value in self.query if key == name for part in value.split(","))
        return tuple(dict.fromkeys(part for part in parts if part))

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of a look-up by ids."""
        return self.values("id")

    @property
    def parts(self) -> frozenset[str]:
        """The parts that were asked for."""
        return frozenset(self.values("part"))

    @property
    def last_look(self) -> bool:
        """Whether it is the look-up whose silence about an id counts (`LAST_LOOK`)."""
        return bool(self.ids) and LAST_LOOK in self.parts

    @property
    def first_page(self) -> bool:
        """Whether it asks for the beginning of a listing."""
        return self.value("pageToken") is None


def route_of(url: str) -> Route | None:
    """Which call an address is; None for any other."""
    parts = _parts(url)
    for call, pattern in _PATTERNS:
        match = pattern.search(parts.path)
        if match:
            query = tuple(parse_qsl(parts.query, keep_blank_values=True))
            return Route(call, unquote(match.group(1)) if pattern.groups else "", query)
    return None


def address(base: str, call: Call, query: Query = (), *, native_id: str = "") -> str:
    """The address of a call. ``base`` is all that stands before the paths of the API or of the feeds."""
    path = _TEMPLATES[call].replace("{id}", quote(native_id, safe=""))
    return f"{base}{path}?{urlencode(query, safe=',')}" if query else f"{base}{path}"


def parts_of(call: Call, *, last_look: bool = False) -> tuple[str, str]:
    """The parameter ``part`` of a call, all parts that are usually asked for."""
    return "part", ",".join((LAST_LOOK, *PARTS[call]) if last_look else PARTS[call])


def _parts(url: str) -> SplitResult:
    """An address in parts. Those in answers are strangers' words, and may be none at all."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")

"""The calls that are made: their addresses, and which call an address is.

Answers are read by the path and query of their request alone, wherever the server stands. Calls that an archive does
not make but whose answers hold posts (the home timeline, liked posts, reposts) are told apart, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from archiver.platforms.x.vocabulary import old_name

Query = Sequence[tuple[str, str]]
DEFAULT_BASE = "https://api.x.com"


class Call(StrEnum):
    """The calls of version 2 of X's API that an archive needs, or may be shown an answer of."""

    ME = "me"
    USER = "user"
    USERS = "users"  # up to 100 by their ids
    USER_BY_NAME = "user_by_name"
    USERS_BY_NAME = "users_by_name"
    TIMELINE = "timeline"  # an account's own posts, the newest 3,200
    MENTIONS = "mentions"  # the newest 800 posts that name an account
    POST = "post"
    POSTS = "posts"  # up to 100 by their ids
    QUOTES = "quotes"
    REPOSTS = "reposts"  # the reposts of one post, as posts
    REPOSTS_OF_ME = "reposts_of_me"
    REPOSTERS = "reposters"  # the same as users
    LIKERS = "likers"
    LIKED = "liked"
    HOME = "home"
    RECENT_SEARCH = "recent_search"
    FULL_SEARCH = "full_search"
    RECENT_COUNTS = "recent_counts"
    FULL_COUNTS = "full_counts"
    USAGE = "usage"
    TOKEN = "token"  # noqa: S105 - a word, not a secret
    EVENTS = "events"  # private messages of the last 30 days, all conversations
    EVENTS_WITH = "events_with"  # with one person
    EVENTS_IN = "events_in"  # in one conversation


_PATHS: tuple[tuple[Call, str], ...] = (
    (Call.ME, "/2/users/me"),
    (Call.REPOSTS_OF_ME, "/2/users/reposts_of_me"),
    (Call.USER_BY_NAME, "/2/users/by/username/{id}"),
    (Call.USERS_BY_NAME, "/2/users/by"),
    (Call.TIMELINE, "/2/users/{id}/tweets"),
    (Call.MENTIONS, "/2/users/{id}/mentions"),
    (Call.LIKED, "/2/users/{id}/liked_tweets"),
    (Call.HOME, "/2/users/{id}/timelines/reverse_chronological"),
    (Call.USER, "/2/users/{id}"),
    (Call.USERS, "/2/users"),
    (Call.RECENT_SEARCH, "/2/tweets/search/recent"),
    (Call.FULL_SEARCH, "/2/tweets/search/all"),
    (Call.RECENT_COUNTS, "/2/tweets/counts/recent"),
    (Call.FULL_COUNTS, "/2/tweets/counts/all"),
    (Call.QUOTES, "/2/tweets/{id}/quote_tweets"),
    (Call.REPOSTS, "/2/tweets/{id}/retweets"),
    (Call.REPOSTERS, "/2/tweets/{id}/retweeted_by"),
    (Call.LIKERS, "/2/tweets/{id}/liking_users"),
    (Call.POST, "/2/tweets/{id}"),
    (Call.POSTS, "/2/tweets"),
    (Call.USAGE, "/2/usage/tweets"),
    (Call.TOKEN, "/2/oauth2/token"),
    (Call.EVENTS_WITH, "/2/dm_conversations/with/{id}/dm_events"),
    (Call.EVENTS_IN, "/2/dm_conversations/{id}/dm_events"),
    (Call.EVENTS, "/2/dm_events"),
)
_PATTERNS = tuple((call, re.compile(re.escape(path).replace(r"\{id\}", "([^/]+)") + "/?$")) for call, path in _PATHS)
_TEMPLATES = dict(_PATHS)

POST_LISTS = frozenset(
    {
        Call.TIMELINE, Call.MENTIONS, Call.POSTS, Call.QUOTES, Call.REPOSTS, Call.REPOSTS_OF_ME, Call.LIKED, Call.HOME,
        Call.RECENT_SEARCH, Call.FULL_SEARCH,
    }
)  # fmt: skip
"""Calls whose ``data`` is a list of posts."""
MESSAGE_LISTS = frozenset({Call.EVENTS, Call.EVENTS_WITH, Call.EVENTS_IN})
"""Calls whose ``data`` is a list of events of private conversations."""


@dataclass(frozen=True, slots=True)
class Route:
    """A call, the id or name in its path (empty where there is none), and its parameters in order."""

    call: Call
    id: str = ""
    query: tuple[tuple[str, str], ...] = ()

    def value(self, name: str) -> str | None:
        """The first parameter of a name."""
        return next((value for key, value in self.query if key == name), None)

    def values(self, name: str) -> tuple[str, ...]:
        """The parts of a parameter that is a list with commas."""
        return tuple(part for part in (self.value(name) or "").split(",") if part)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids that were asked about: that in the path, or those in ``ids``."""
        return (self.id,) if self.id else self.values("ids")

    @property
    def fields(self) -> frozenset[str]:
        """The fields of posts or messages that were asked for, under the old names, with those that always come."""
        asked = {one for name in _FIELD_LISTS for one in self.values(name)}
        return frozenset({old_name(name) for name in asked} | _ALWAYS)

    @property
    def user_fields(self) -> frozenset[str]:
        """The fields of users that were asked for, with those that always come."""
        return frozenset({*self.values("user.fields"), "id", "name", "username"})


_FIELD_LISTS = ("tweet.fields", "post.fields", "dm_event.fields")
_ALWAYS = frozenset({"id", "text", "edit_history_tweet_ids"})


def route_of(url: str) -> Route | None:
    """Which call an address is; None for any other."""
    parts = _parts(url)
    for call, pattern in _PATTERNS:
        match = pattern.search(parts.path)
        if match:
            found = unquote(match.group(1)) if pattern.groups else ""
            return Route(call, found, tuple(parse_qsl(parts.query, keep_blank_values=True)))
    return None


def address(base: str, call: Call, native_id: str = "", query: Query = ()) -> str:
    """The address of a call."""
    path = _TEMPLATES[call].replace("{id}", quote(native_id, safe=""))
    return f"{base}{path}?{urlencode(query)}" if query else f"{base}{path}"


def _parts(url: str) -> SplitResult:
    """An address in parts. Those in answers are strangers' words, and may be none at all."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")

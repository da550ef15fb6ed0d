"""The endpoints of X API v2 that an archive reads: what each takes, who may call it, how often, and what it charges.

Limits are those of a quarter of an hour: for the application's token, and for a user's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from archiver.sandbox.x import parameters as shapes
from archiver.sandbox.x.parameters import Shape

APP_ONLY = "OAuth 2.0 Application-Only"
USER = "OAuth 1.0a User Context, OAuth 2.0 User Context"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``app``, ``user``: calls in a window; None: such a token is refused. ``owned``: it has a price for own reads."""

    name: str
    pattern: re.Pattern[str]
    shape: Shape
    app: int | None
    user: int | None
    owned: bool = False

    def limit(self, kind: str) -> int | None:
        """How often a sort of token may call it."""
        return self.app if kind == "app" else self.user


def _endpoint(
    path: str, name: str, shape: Shape, app: int | None, user: int | None, *, owned: bool = False
) -> Endpoint:
    pattern = re.escape(path).replace(":id", r"(?P<id>[0-9]{1,19})").replace(":name", r"(?P<name>[^/]+)")
    return Endpoint(name, re.compile(pattern), shape, app, user, owned)


ENDPOINTS = (
    _endpoint("/2/tweets", "posts", shapes.POSTS, 3500, 5000),
    _endpoint("/2/tweets/:id", "post", shapes.POST, 450, 900),
    _endpoint("/2/tweets/:id/quote_tweets", "quotes", shapes.QUOTES, 75, 75),
    _endpoint("/2/tweets/:id/retweets", "reposts", shapes.REPOSTS, 75, 75),
    _endpoint("/2/tweets/:id/retweeted_by", "reposted_by", shapes.REPOSTED_BY, 75, 75),
    _endpoint("/2/tweets/search/recent", "search_recent", shapes.RECENT, 450, 300),
    _endpoint("/2/tweets/search/all", "search_all", shapes.ALL, 300, None),
    _endpoint("/2/tweets/counts/recent", "counts_recent", shapes.COUNTS, 300, None),
    _endpoint("/2/tweets/counts/all", "counts_all", shapes.COUNTS, 300, None),
    _endpoint("/2/users", "users", shapes.USERS, 300, 900),
    _endpoint("/2/users/me", "me", shapes.USER, None, 75),
    _endpoint("/2/users/by", "users_by", shapes.USERS_BY, 300, 900),
    _endpoint("/2/users/by/username/:name", "user_by", shapes.USER, 300, 900),
    _endpoint("/2/users/:id", "user", shapes.USER, 300, 900),
    _endpoint("/2/users/:id/tweets", "timeline", shapes.TIMELINE, 10_000, 900, owned=True),
    _endpoint("/2/users/:id/mentions", "mentions", shapes.MENTIONS, 450, 300, owned=True),
    _endpoint("/2/usage/tweets", "usage", shapes.USAGE, 50, None),
)


def endpoint_of(path: str) -> tuple[Endpoint, dict[str, str]] | None:
    """Which endpoint a path is, and what stands in it."""
    for endpoint in ENDPOINTS:
        found = endpoint.pattern.fullmatch(path)
        if found is not None:
            return endpoint, found.groupdict()
    return None

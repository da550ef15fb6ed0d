"""An answer of X taken apart: what was asked for, what it refers to, what is not shown, and where the next page is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archiver.domain.exchange import Exchange
from archiver.errors import ShapeChanged
from archiver.platforms.x.fields import Placed, document, identifier, identifiers, mapping, objects, text
from archiver.platforms.x.problems import Problem, problems_in
from archiver.platforms.x.vocabulary import named

Object = Mapping[str, Any]

REPOSTED, QUOTED, ANSWERED = "retweeted", "quoted", "replied_to"
"""How a post refers to another."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``data`` and ``posts`` in order, each with its pointer: what was asked for, and posts that it refers to.

    ``users``, ``media``, ``polls`` and ``places`` are found by their ids. ``next_token`` None is the end of a listing,
    and nothing else is: a page may be short, or empty. ``single``: ``data`` is one object and no list.
    """

    data: tuple[Placed, ...]
    posts: tuple[Placed, ...]
    users: Mapping[str, Object]
    media: Mapping[str, Object]
    polls: Mapping[str, Object]
    places: Mapping[str, Object]
    problems: tuple[Problem, ...]
    meta: Object
    single: bool = False

    @classmethod
    def of(cls, exchange: Exchange) -> Answer:
        """An exchange's answer; raises ShapeChanged when it is none of X's."""
        return cls.taken_apart(document(exchange), exchange.url)

    @classmethod
    def taken_apart(cls, answer: Object, where: str) -> Answer:
        """A JSON answer. ``where`` is its address, for the complaint."""
        data = answer.get("data")
        if not {"data", "meta", "errors", "includes"} & answer.keys():
            raise ShapeChanged(f"{where} answered with neither data nor errors.")
        if data is not None and not isinstance(data, list | dict):
            raise ShapeChanged(f"{where} answered with data that is neither a list nor an object.")
        return cls(
            data=(("/data", data),) if isinstance(data, dict) else tuple(objects(data, "/data")),
            problems=tuple(problems_in(answer)),
            meta=mapping(answer.get("meta")),
            single=isinstance(data, dict),
            **_included(mapping(answer.get("includes"))),
        )

    @property
    def next_token(self) -> str | None:
        """Where the next page is; None at the end."""
        return text(self.meta.get("next_token")) or None

    @property
    def newest_id(self) -> str | None:
        """The highest id on the page."""
        return identifier(self.meta.get("newest_id"))

    @property
    def all_posts(self) -> tuple[Placed, ...]:
        """Posts that were asked for, then those that they refer to."""
        return (*self.data, *self.posts)


def chain_of(post: Object) -> tuple[str, ...]:
    """The ids of a post's versions, oldest first; its own where X tells of no others (before September 2022)."""
    native_id = identifier(post.get("id"))
    listed = identifiers(named(post, "edit_history_tweet_ids"))
    if native_id is None:
        return ()
    return listed if native_id in listed else (native_id,)


def referenced(post: Object, how: str) -> str | None:
    """The id of the post that one refers to in a way."""
    for _, one in objects(named(post, "referenced_tweets")):
        if text(one.get("type")) in {how, _NEW_WAYS.get(how, how)}:
            return identifier(one.get("id"))
    return identifier(named(post, "in_reply_to_tweet_id")) if how == ANSWERED else None


_NEW_WAYS = {REPOSTED: "reposted"}


def _included(includes: Object) -> dict[str, Any]:
    """What the answer refers to. Events wrap each user once more."""
    name = "tweets" if "tweets" in includes else "posts"
    users = [_unwrapped(user) for _, user in objects(includes.get("users"))]
    return {
        "posts": tuple(objects(includes.get(name), f"/includes/{name}")),
        "users": _by(users, "id"),
        "media": _by([one for _, one in objects(includes.get("media"))], "media_key"),
        "polls": _by([one for _, one in objects(includes.get("polls"))], "id"),
        "places": _by([one for _, one in objects(includes.get("places"))], "id"),
    }


def _unwrapped(user: Object) -> Object:
    return mapping(user.get("data")) or user


def _by(found: list[Object], name: str) -> Mapping[str, Object]:
    return {key: one for one in found if (key := identifier(one.get(name))) is not None}

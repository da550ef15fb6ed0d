"""Two sets of names for the same fields: X is renaming "tweet" to "post", and answers may have either.

The old names are those of all answers until 2026; the new ones stand in version 2.167 of X's own description.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

NEW_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "edit_history_tweet_ids": "edit_history_post_ids",
        "referenced_tweets": "referenced_posts",
        "note_tweet": "note_post",
        "retweet_count": "repost_count",
        "tweets": "posts",
        "pinned_tweet_id": "pinned_post_id",
        "tweet_count": "post_count",
        "in_reply_to_tweet_id": "in_reply_to_post_id",
    }
)
_OLD_NAMES = {new: old for old, new in NEW_NAMES.items()}
_OLD_WORDS = (
    (re.compile(r"\breferenced_posts\b"), "referenced_tweets"),
    (re.compile(r"\bedit_history_post_ids\b"), "edit_history_tweet_ids"),
)


def named(value: Mapping[str, Any], name: str) -> Any:
    """A field by its old name, or by its new one; None where neither is there."""
    found = value.get(name)
    return value.get(NEW_NAMES[name]) if found is None else found


def old_name(name: str) -> str:
    """A field's old name, whichever it is given by."""
    return _OLD_NAMES.get(name, name)


def problem_type(uri: str) -> str:
    """What kind of problem a type names, wherever X keeps its pages: ``resource-not-found``."""
    return uri.rpartition("/problems/")[2]


def parameter(name: str) -> str:
    """The parameter that a problem is about, in old names: ``referenced_tweets.id``."""
    for pattern, old in _OLD_WORDS:
        name = pattern.sub(old, name)
    return "referenced_tweets.id" if name == "referenced_tweets" else name

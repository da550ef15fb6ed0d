"""Two sets of names: ``tweet`` (to document 2.166) and ``post`` (2.167). Objects are made with the old ones."""

from __future__ import annotations

from typing import Any

NEW_PARAMETERS = {"tweet.fields": "post.fields"}
NEW_FIELDS = {
    "edit_history_tweet_ids": "edit_history_post_ids",
    "note_tweet": "note_post",
    "referenced_tweets": "referenced_posts",
    "pinned_tweet_id": "pinned_post_id",
    "most_recent_tweet_id": "most_recent_post_id",
}
NEW_EXPANSIONS = {
    "edit_history_tweet_ids": "edit_history_post_ids",
    "referenced_tweets.id": "referenced_posts",
    "pinned_tweet_id": "pinned_post_id",
    "most_recent_tweet_id": "most_recent_post_id",
    "affiliation.user_id": "affiliation",
}
_NEW_MEMBERS = {
    "edit_history_tweet_ids": "edit_history_post_ids",
    "referenced_tweets": "referenced_posts",
    "note_tweet": "note_post",
    "retweet_count": "repost_count",
    "tweets": "posts",
    "pinned_tweet_id": "pinned_post_id",
    "most_recent_tweet_id": "most_recent_post_id",
    "tweet_count": "post_count",
}


def renamed(value: Any) -> Any:
    """An answer with the new names."""
    if isinstance(value, dict):
        told = {_NEW_MEMBERS.get(name, name): renamed(part) for name, part in value.items()}
        if told.get("resource_type") == "tweet":
            told["resource_type"] = "post"
        if isinstance(told.get("parameter"), str):
            told["parameter"] = NEW_EXPANSIONS.get(told["parameter"], told["parameter"])
        return told
    if isinstance(value, list):
        return [renamed(part) for part in value]
    return value

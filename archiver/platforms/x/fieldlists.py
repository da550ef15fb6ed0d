"""What is asked for: only what is stored, because what comes in ``includes`` may be charged.

The old names ("tweet") are sent; answers may have either (`archiver.platforms.x.vocabulary`). An unknown name in one of
these parameters is refused with the whole request. Left out: private counts (they empty pages), machine guesses
(``context_annotations``), suggestions, and ``source``, which X no longer tells.
"""

from __future__ import annotations

from typing import Final

TWEET_FIELDS: Final = (
    "article", "attachments", "author_id", "card_uri", "community_id", "conversation_id", "created_at",
    "display_text_range", "edit_controls", "edit_history_tweet_ids", "entities", "geo", "id", "in_reply_to_user_id",
    "lang", "note_tweet", "possibly_sensitive", "public_metrics", "referenced_tweets", "reply_settings", "text",
    "withheld",
)  # fmt: skip
EXPANSIONS: Final = (
    "article.cover_media", "article.media_entities", "attachments.media_keys", "attachments.poll_ids", "author_id",
    "geo.place_id", "referenced_tweets.id", "referenced_tweets.id.attachments.media_keys",
    "referenced_tweets.id.author_id",
)  # fmt: skip
"""``referenced_tweets.id`` brings the whole text of what was reposted, and whose post was answered."""
VERSIONS: Final = "edit_history_tweet_ids"
"""The expansion that brings all versions of an edited post, of others nothing: for look-ups by id."""
MEDIA_FIELDS: Final = (
    "alt_text", "duration_ms", "height", "media_key", "preview_image_url", "type", "url", "variants", "width",
)  # fmt: skip
POLL_FIELDS: Final = ("duration_minutes", "end_datetime", "id", "options", "voting_status")
PLACE_FIELDS: Final = ("country", "country_code", "full_name", "id", "name", "place_type")
AUTHOR_FIELDS: Final = ("id", "name", "profile_image_url", "protected", "username")
"""What is stored of those who wrote posts."""
PROFILE_FIELDS: Final = (
    "created_at", "description", "entities", "id", "location", "name", "parody", "pinned_tweet_id",
    "profile_banner_url", "profile_image_url", "protected", "public_metrics", "url", "username", "verified",
    "verified_type", "withheld",
)  # fmt: skip
"""What is stored of the account itself. Its pinned post is only named, not expanded."""

POSTS: Final[tuple[tuple[str, str], ...]] = (
    ("tweet.fields", ",".join(TWEET_FIELDS)),
    ("expansions", ",".join(EXPANSIONS)),
    ("media.fields", ",".join(MEDIA_FIELDS)),
    ("poll.fields", ",".join(POLL_FIELDS)),
    ("place.fields", ",".join(PLACE_FIELDS)),
    ("user.fields", ",".join(AUTHOR_FIELDS)),
)
"""The parameters of every listing of posts."""
PROFILE: Final[tuple[tuple[str, str], ...]] = (("user.fields", ",".join(PROFILE_FIELDS)),)
"""The parameters of a look-up of the account."""

"""What may be asked for, and the strictness of X about it: an unknown name or value is a 400.

Field names are the old ones; with `Quirks.names` set to ``post`` the new ones are taken, and the old ones refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from archiver.sandbox.wire import Asked
from archiver.sandbox.x.names import NEW_EXPANSIONS, NEW_FIELDS, NEW_PARAMETERS
from archiver.sandbox.x.problems import invalid
from archiver.sandbox.x.quirks import Quirks


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


POST_FIELDS = _words(
    "article attachments author_id card_uri community_id context_annotations conversation_id created_at "
    "display_text_range edit_controls edit_history_tweet_ids entities geo id in_reply_to_user_id lang "
    "matched_media_notes media_metadata non_public_metrics note_request_suggestions note_tweet organic_metrics "
    "paid_partnership possibly_sensitive promoted_metrics public_metrics referenced_tweets reply_settings scopes "
    "source suggested_source_links suggested_source_links_with_counts text withheld"
)
USER_FIELDS = _words(
    "affiliation confirmed_email connection_status created_at description entities id is_identity_verified location "
    "most_recent_tweet_id name parody pinned_tweet_id profile_banner_url profile_image_url protected public_metrics "
    "receives_your_dm subscription subscription_type url username verified verified_followers_count verified_type "
    "withheld"
)
MEDIA_FIELDS = _words(
    "alt_text duration_ms height media_key non_public_metrics organic_metrics preview_image_url promoted_metrics "
    "public_metrics type url variants width"
)
POLL_FIELDS = _words("duration_minutes end_datetime id options voting_status")
PLACE_FIELDS = _words("contained_within country country_code full_name geo id name place_type")
POST_EXPANSIONS = _words(
    "article.cover_media article.media_entities attachments.media_keys attachments.media_source_tweet "
    "attachments.poll_ids author_id edit_history_tweet_ids entities.mentions.username entities.note.mentions.username "
    "geo.place_id in_reply_to_user_id referenced_tweets.id referenced_tweets.id.attachments.media_keys "
    "referenced_tweets.id.author_id"
)
USER_EXPANSIONS = _words("affiliation.user_id most_recent_tweet_id pinned_tweet_id")
PRIVATE_METRICS = _words("non_public_metrics organic_metrics promoted_metrics")

_OF_POSTS = {
    "tweet.fields": POST_FIELDS,
    "user.fields": USER_FIELDS,
    "media.fields": MEDIA_FIELDS,
    "poll.fields": POLL_FIELDS,
    "place.fields": PLACE_FIELDS,
    "expansions": POST_EXPANSIONS,
}
_OF_USERS = {"tweet.fields": POST_FIELDS, "user.fields": USER_FIELDS, "expansions": USER_EXPANSIONS}
_TIMES = ("start_time", "end_time")
_NUMBERS = ("since_id", "until_id")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@dataclass(frozen=True, slots=True)
class Shape:
    """What an endpoint takes: lists of names by parameter, other parameters, the bounds and default of a page."""

    lists: Mapping[str, frozenset[str]] = field(default_factory=lambda: _OF_POSTS)
    others: frozenset[str] = frozenset()
    page: tuple[int, int, int] | None = None
    needs: str | None = None


_PAGED = frozenset({"pagination_token"})
_SPAN = frozenset({*_TIMES, *_NUMBERS})
_SEARCH = _SPAN | {"query", "next_token", "pagination_token", "sort_order"}

POSTS = Shape(others=frozenset({"ids"}), needs="ids")
POST = Shape()
TIMELINE = Shape(others=_PAGED | _SPAN | {"exclude"}, page=(5, 100, 10))
MENTIONS = Shape(others=_PAGED | _SPAN, page=(5, 100, 10))
QUOTES = Shape(others=_PAGED | {"exclude"}, page=(10, 100, 10))
REPOSTS = Shape(others=_PAGED, page=(1, 100, 100))
REPOSTED_BY = Shape(_OF_USERS, _PAGED, (1, 100, 100))
RECENT = Shape(others=_SEARCH, page=(10, 100, 10), needs="query")
ALL = Shape(others=_SEARCH, page=(10, 500, 10), needs="query")
COUNTS = Shape({"search_count.fields": _words("end start tweet_count")},
               _SPAN | {"query", "next_token", "pagination_token", "granularity"}, needs="query")  # fmt: skip
USER = Shape(_OF_USERS)
USERS = Shape(_OF_USERS, frozenset({"ids"}), needs="ids")
USERS_BY = Shape(_OF_USERS, frozenset({"usernames"}), needs="usernames")
USAGE = Shape({"usage.fields": _words("cap_reset_day daily_client_app_usage daily_project_usage project_cap project_id "
                                      "project_usage")}, frozenset({"days"}))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """A call's parameters, checked. Lists of names are in the old names; ``size`` is how many a page may hold."""

    post_fields: frozenset[str]
    user_fields: frozenset[str]
    media_fields: frozenset[str]
    poll_fields: frozenset[str]
    place_fields: frozenset[str]
    expansions: frozenset[str]
    size: int = 10
    since: int | None = None
    until: int | None = None
    start: datetime | None = None
    end: datetime | None = None
    token: str | None = None
    exclude: frozenset[str] = frozenset()
    others: Mapping[str, str] = field(default_factory=dict)

    @property
    def private(self) -> bool:
        """Whether it asks for figures that only the author may see."""
        return bool(PRIVATE_METRICS & self.post_fields)


def checked(asked: Asked, shape: Shape, quirks: Quirks) -> Wanted:
    """The parameters of a call; raises the `Refusal` that X would give."""
    given = {name: ",".join(values) for name, values in asked.params.items()}
    lists = {name: _names(given, name, known, quirks) for name, known in shape.lists.items()}
    known = (
        {_given_as(name, quirks) for name in shape.lists} | shape.others | ({"max_results"} if shape.page else set())
    )
    for name, value in given.items():
        if name not in known:
            listed = ",".join(sorted(known))
            raise invalid((name, value, f"The query parameter [{name}] is not one of [{listed}]"))
    if shape.needs is not None and not given.get(shape.needs):
        raise invalid((shape.needs, "", f"The `{shape.needs}` query parameter can not be empty"))
    token = given.get("next_token") or given.get("pagination_token")
    return Wanted(
        post_fields=lists.get("tweet.fields", frozenset()),
        user_fields=lists.get("user.fields", frozenset()),
        media_fields=lists.get("media.fields", frozenset()),
        poll_fields=lists.get("poll.fields", frozenset()),
        place_fields=lists.get("place.fields", frozenset()),
        expansions=lists.get("expansions", frozenset()),
        size=_size(given, shape),
        since=_number(given, "since_id"),
        until=_number(given, "until_id"),
        start=_moment(given, "start_time"),
        end=_moment(given, "end_time"),
        token=token,
        exclude=_excluded(given),
        others=given,
    )


def _given_as(name: str, quirks: Quirks) -> str:
    return NEW_PARAMETERS.get(name, name) if quirks.names == "post" else name


def _names(given: Mapping[str, str], name: str, known: frozenset[str], quirks: Quirks) -> frozenset[str]:
    called = _given_as(name, quirks)
    if called not in given:
        return frozenset()
    old_names = {one: one for one in known - quirks.refused_fields}
    if quirks.names == "post":
        new = NEW_EXPANSIONS if name == "expansions" else NEW_FIELDS
        old_names = {new.get(one, one): one for one in old_names}
    names = given[called].split(",")
    wrong = [one for one in names if one not in old_names]
    if wrong:
        listed = ",".join(sorted(old_names))
        message = f"The `{called}` query parameter value [{wrong[0]}] is not one of [{listed}]"
        raise invalid((called, given[called], message))
    return frozenset(old_names[one] for one in names)


def _size(given: Mapping[str, str], shape: Shape) -> int:
    if shape.page is None:
        return 0
    least, most, default = shape.page
    value = given.get("max_results")
    if value is None:
        return default
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        message = f"The `max_results` query parameter value [{value}] is not between {least} and {most}"
        raise invalid(("max_results", value, message))
    return int(value)


def _number(given: Mapping[str, str], name: str) -> int | None:
    value = given.get(name)
    if value is None:
        return None
    if not re.fullmatch(r"[0-9]{1,19}", value):
        raise invalid((name, value, f"The `{name}` query parameter value [{value}] is not valid"))
    return int(value)


def _moment(given: Mapping[str, str], name: str) -> datetime | None:
    value = given.get(name)
    if value is None:
        return None
    if not _TIME.fullmatch(value):
        raise invalid((name, value, f"The `{name}` query parameter value [{value}] is not a valid RFC3339 time"))
    return datetime.fromisoformat(value).astimezone(UTC)


def _excluded(given: Mapping[str, str]) -> frozenset[str]:
    if "exclude" not in given:
        return frozenset()
    names = frozenset(given["exclude"].split(","))
    if names - {"replies", "retweets"}:
        message = f"The `exclude` query parameter value [{given['exclude']}] is not one of [replies,retweets]"
        raise invalid(("exclude", given["exclude"], message))
    return names

"""Recorded answers, outside the repository: found by ``ARCHIVER_SHARED``, else beside it.

Some hold the whole exchange, some only its answer, which is then given the address that it answers, or only a part of
one. Fields that were asked for are taken from the address, else from the posts of the answer: all that any has.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange
from archiver.platforms.x.fieldlists import AUTHOR_FIELDS, POSTS, PROFILE_FIELDS
from archiver.platforms.x.ids import Names
from archiver.platforms.x.vocabulary import old_name

ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("ARCHIVER_SHARED", str(ROOT.parent / "shared"))) / "recorded" / "x"
FOLDERS = ("decoded", "handwritten", "python-twitter", "twitter-dart", "twittered")
BASE = "https://api.x.com"
OWN = "1200000000000000001"
PUSH = "push"

needs_recordings = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no recorded answers in {SHARED}")

HANDLES = {
    "handwritten": "ExampletonCity", "python-twitter": "TwitterDev", "twittered": "RedouaneBali",
    "twitter-dart": "TwitterDev", "decoded": "gelmanlibrary",
}  # fmt: skip
"""Whose account it would be."""

_TIMELINE, _MENTIONS = f"users/{OWN}/tweets", "users/2244994945/mentions"
CALLS: dict[str, str] = {
    # answers without their question
    "handwritten/empty_result": "tweets/search/recent?query=nobody",
    "handwritten/error_400_invalid_field": _TIMELINE,
    "handwritten/error_400_since_id_too_old": "tweets/search/recent?query=city&since_id=12",
    "handwritten/error_401_bad_token": _TIMELINE,
    "handwritten/error_402_credits": _TIMELINE,
    "handwritten/error_403_not_enrolled": _TIMELINE,
    "handwritten/error_403_unsupported_auth": "users/me",
    "handwritten/error_429_rate_limit": _TIMELINE,
    "handwritten/error_429_rate_limit_code88": _TIMELINE,
    "handwritten/error_429_usage_cap": _TIMELINE,
    "handwritten/error_503": _TIMELINE,
    "handwritten/stream_disconnect": "tweets/search/stream",
    "handwritten/stream_too_many_connections": "tweets/search/stream",
    "handwritten/timeline_page1_post_names": _TIMELINE,
    "handwritten/webhook_crc": "webhooks",
    "handwritten/withheld_post": "tweets/2105568396702646332",
    "python-twitter/apis/compliance_jobs/create_job_resp": "compliance/jobs",
    "python-twitter/apis/compliance_jobs/job_resp": "compliance/jobs/1",
    "python-twitter/apis/compliance_jobs/jobs_resp": "compliance/jobs?type=tweets",
    "python-twitter/apis/dm_events/events": "dm_events",
    "python-twitter/apis/dm_events/events_by_conversation": "dm_conversations/1585094756761149440/dm_events",
    "python-twitter/apis/dm_events/events_by_participant": "dm_conversations/with/906948460078698496/dm_events",
    "python-twitter/apis/searches/search_tweets_for_nyc": "tweets/search/recent?query=nyc",
    "python-twitter/apis/searches/search_tweets_query": "tweets/search/all?query=python",
    "python-twitter/apis/timeline/timeline_mentions": _MENTIONS,
    "python-twitter/apis/timeline/timeline_reverse_chronological": "users/2244994945/timelines/reverse_chronological",
    "python-twitter/apis/timeline/timeline_tweets": "users/2244994945/tweets",
    "python-twitter/apis/tweet/tweet_liking_users_resp": "tweets/1/liking_users",
    "python-twitter/apis/tweet/tweet_quote_tweets_resp": "tweets/1409931481552543749/quote_tweets",
    "python-twitter/apis/tweet/tweet_resp": "tweets/1067094924124872705",
    "python-twitter/apis/tweet/tweet_retweed_users_resp": "tweets/1/retweeted_by",
    "python-twitter/apis/tweet/tweet_retweet_tweets_resp": "tweets/1415348607813832708/retweets",
    "python-twitter/apis/tweet/tweets_counts_all_resp": "tweets/counts/all?query=lakers",
    "python-twitter/apis/tweet/tweets_counts_recent_resp": "tweets/counts/recent?query=lakers",
    "python-twitter/apis/tweet/tweets_resp": "tweets?ids=1261326399320715264,1278347468690915330",
    "python-twitter/apis/usage/usage_tweets_resp": "usage/tweets",
    "python-twitter/apis/user/me_resp": "users/me",
    "python-twitter/apis/user/user_liked_tweets_resp": "users/2244994945/liked_tweets",
    "python-twitter/apis/user/user_resp": "users/2244994945",
    "python-twitter/apis/user/users_resp": "users?ids=2244994945,783214",
    "python-twitter/models/expansions": "tweets?ids=1#includes",
    "python-twitter/models/media": "tweets?ids=1#media",
    "python-twitter/models/meta": "tweets?ids=1#meta",
    "python-twitter/models/place": "tweets?ids=1#places",
    "python-twitter/models/poll": "tweets?ids=1#polls",
    "python-twitter/models/tweet": "tweets/1212092628029698048#data",
    "python-twitter/models/user": "users/2244994945#data",
    "python-twitter/streams/delete_error": "tweets/search/stream/rules",
    "python-twitter/streams/delete_rules": "tweets/search/stream/rules",
    "python-twitter/streams/get_rules": "tweets/search/stream/rules",
    "python-twitter/streams/post_rules": "tweets/search/stream/rules",
    "twitter-dart/compliance/create_job": "compliance/jobs",
    "twitter-dart/compliance/lookup_jobs": "compliance/jobs?type=tweets",
    "twitter-dart/dms/lookup_events": "dm_events",
    "twitter-dart/pagination/tweets/dataset_1": _MENTIONS,
    "twitter-dart/pagination/tweets/dataset_2": _MENTIONS + "?pagination_token=2",
    "twitter-dart/pagination/tweets/dataset_3": _MENTIONS + "?pagination_token=3",
    "twitter-dart/pagination/tweets/dataset_4": _MENTIONS + "?pagination_token=4",
    "twitter-dart/tweets/connect_filtered_stream": "tweets/search/stream",
    "twitter-dart/tweets/connect_sample_stream_with_error": "tweets/sample/stream",
    "twitter-dart/tweets/create_hidden_reply": "tweets/1/hidden",
    "twitter-dart/tweets/destroy_hidden_reply": "tweets/1/hidden",
    "twitter-dart/tweets/lookup_by_id_with_media": "tweets/1263145271946551300",
    "twitter-dart/tweets/lookup_by_id_with_places": "tweets/1136048014974423040",
    "twitter-dart/tweets/lookup_by_id_with_polls": "tweets/1199786642791452673",
    "twitter-dart/tweets/lookup_by_ids": "tweets?ids=1261326399320715264,1278347468690915330",
    "twitter-dart/tweets/lookup_mentions": _MENTIONS,
    "twitter-dart/tweets/lookup_quote_tweets": "tweets/1/quote_tweets",
    "twitter-dart/tweets/lookup_tweets": "users/2244994945/tweets",
    "twitter-dart/tweets/rate_limit_exceeded_error": _TIMELINE,
    "twitter-dart/tweets/search_recent_with_various_fields": "tweets/search/recent?query=twitter",
    "twitter-dart/users/lookup_by_names_with_various_fields": "users/by?usernames=TwitterDev",
    "twitter-dart/users/lookup_me": "users/me",
    "twittered/dm_simple_example_v2": "dm_events",
    "twittered/rate_limit_status_example": "application/rate_limit_status",
    "twittered/tweet_example_v2": "tweets/1224044675406925824",
    "twittered/tweet_list_v2_example": "tweets/search/all?query=france",
    "twittered/tweet_stream_example": "tweets/1359517868925280258",
    "twittered/user_example_v2": "users/by/username/RedouaneBali",
    "twittered/user_timeline_example_v2": "users/1120050519182016513/tweets",
}
"""All after the version of the address that a recording answers. After ``#``: it is only that part of an answer."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One exchange of a recording. ``path`` is all after the version of the address, or ``push``."""

    name: str
    method: str
    path: str
    status: int
    headers: tuple[tuple[str, str], ...]
    answer: Any

    @property
    def names(self) -> Names:
        """How the account whose it would be names things."""
        return Names.of(Account("city", "x", HANDLES[self.name.partition("/")[0]]))

    @property
    def url(self) -> str:
        """The address, with the fields that were asked for."""
        if "fields=" in self.path:
            return f"{BASE}/2/{self.path}"
        return f"{BASE}/2/{self.path}{'&' if '?' in self.path else '?'}{urlencode(_asked(self.answer, self.path))}"

    def exchange(self, **more: Any) -> Exchange:
        """As the adapter sees it: asked by a confirmation where it is a look-up by id, else by a poll."""
        body, pushed = json.dumps(self.answer).encode(), self.path == PUSH
        by_id = self.path.startswith(("tweets?ids", "tweets/1", "tweets/2", "users?ids"))
        words: dict[str, Any] = {
            "method": self.method,
            "request_body": body if pushed else None,
            "status": self.status,
            "headers": self.headers,
            "body": b"" if pushed else body,
            "task_kind": PUSH if pushed else "confirm" if by_id else "profile" if "users/2244" in self.path else "poll",
        } | more
        stream = PUSH if pushed else "posts"
        return Exchange("0", 0, "city", self.url, stream, datetime(2026, 11, 16, 15, 2, tzinfo=UTC), **words)


def recordings(folder: str) -> Iterator[Recorded]:
    """All exchanges of a folder."""
    for path in sorted((SHARED / folder).rglob("*.json")):
        name = str(path.relative_to(SHARED).with_suffix(""))
        content = json.loads(path.read_bytes())
        if folder == "decoded":
            yield from _decoded(name, content)
        elif folder == "handwritten":
            yield _handwritten(name, content)
        else:
            path_, _, part = CALLS[name].partition("#")
            yield Recorded(name, "GET", path_, 200, (), _whole(part, content))


def _decoded(name: str, content: list[dict[str, Any]]) -> Iterator[Recorded]:
    """Recordings of clients, request and response."""
    for number, one in enumerate(content):
        request, response = one["request"], one["response"]
        status = response["status"]  # "200 OK", or an object
        answer = response.get("json", response.get("body"))
        yield Recorded(
            f"{name}#{number}" if number else name, request["method"], request["uri"].partition("/2/")[2],
            int(status["code"] if isinstance(status, dict) else str(status).partition(" ")[0]), _headers(response["headers"]), answer,
        )  # fmt: skip


def _handwritten(name: str, content: dict[str, Any]) -> Recorded:
    """An event, or an answer with its request in words; what is left out there (``…``) stays left out."""
    if "/activity" in name:
        return Recorded(name, "POST", PUSH, 200, (), content)
    method, _, address = str(content.get("request", "")).partition(" ")
    if name in CALLS:
        method, address = "GET", f"/2/{CALLS[name]}"
    address = address.partition(" ")[0].partition("/2/")[2]
    kept = [
        one for one in address.partition("?")[2].split("&") if one and "fields" not in one and "expansions" not in one
    ]
    path = "?".join(filter(None, (address.partition("?")[0], "&".join(kept))))
    return Recorded(
        name,
        method,
        path,
        content.get("status", 200),
        _headers(content.get("headers", {})),
        content.get("body", content),
    )


def _headers(headers: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in dict(headers).items())


def _whole(part: str, content: Any) -> Any:
    """An answer of which the recording is a part."""
    if part in {"", "includes", "data", "meta"}:
        return {part: content} if part else content
    return {"includes": {part: [content]}}


def _asked(answer: Any, path: str) -> list[tuple[str, str]]:
    """The fields that any post or user of an answer has."""
    found = {old_name(name) for thing in _things(answer) for name in thing}
    if path.startswith("users") and not path.endswith(("tweets", "mentions", "timelines/reverse_chronological")):
        return [("user.fields", ",".join(name for name in PROFILE_FIELDS if name in found))]
    fields = dict(POSTS)["tweet.fields"].split(",")
    if path.startswith(("dm_", "tweets?", "tweets/", "users/", "push")):
        return [
            ("tweet.fields", ",".join(name for name in fields if name in found)), ("user.fields", ",".join(AUTHOR_FIELDS)),
        ]  # fmt: skip
    return []


def _things(value: Any) -> Iterator[dict[str, Any]]:
    """Every object that has an id."""
    if isinstance(value, dict):
        if "id" in value:
            yield value
        for one in value.values():
            yield from _things(one)
    elif isinstance(value, list):
        for one in value:
            yield from _things(one)

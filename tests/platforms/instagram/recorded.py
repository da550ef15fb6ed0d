"""Recorded answers, outside the repository: found by ``ARCHIVER_SHARED``, else beside it.

They are bodies alone, so each is given the address that it answers, or is a delivery.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange

ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("ARCHIVER_SHARED", str(ROOT.parent / "shared"))) / "recorded" / "instagram"
ACCOUNT = Account("city", "instagram", "testuser_one", messages=True)
OWN = "17841406338772941"

needs_recordings = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no recorded answers in {SHARED}")

MEDIA = "fields=id,caption,comments_count,like_count,media_type,media_url,permalink,timestamp"
COMMENT = "fields=id,like_count,text,timestamp,username"
STORY = "fields=id,caption,media_type,media_url,owner,permalink,shortcode,timestamp,username,ig_id"
MESSAGE = "fields=id,created_time,from,to,message"
USER = "fields=id,biography,name,username,followers_count,media_count"
DISCOVERY = "fields=business_discovery.username(facebookfordevelopers){media{id,caption,comments_count,media_url}}"
PUSH = "push"


@dataclass(frozen=True, slots=True)
class Call:
    """The call that a recording answers: all after the version, the stream, the HTTP status."""

    path: str = ""
    stream: str = "posts"
    status: int = 200


_FACEBOOK, _RESTFB = "python-facebook/apidata", "restfb/instagram"
CALLS = {
    f"{_FACEBOOK}/comments/comment_fields": Call(f"17892250648466172?{COMMENT}"),
    f"{_FACEBOOK}/comments/comments_fields": Call(f"?ids=17892250648466172,17858154961981086&{COMMENT}"),
    f"{_FACEBOOK}/comments/replies": Call("17892250648466172/replies"),
    f"{_FACEBOOK}/discovery/medias_p1": Call(f"{OWN}?{DISCOVERY}"),
    f"{_FACEBOOK}/discovery/medias_p2": Call(f"{OWN}?{DISCOVERY}"),
    f"{_FACEBOOK}/discovery/user_fields": Call(f"{OWN}?{DISCOVERY}"),
    f"{_FACEBOOK}/medias/children": Call("17896129349106152/children?fields=id,media_type,media_url"),
    f"{_FACEBOOK}/medias/comments_p1": Call("17846368219941692/comments?limit=2"),
    f"{_FACEBOOK}/medias/comments_p2": Call("17846368219941692/comments?limit=2&after=after"),
    f"{_FACEBOOK}/medias/insights": Call("17896129349106152/insights?metric=reach"),
    f"{_FACEBOOK}/medias/insights_new": Call("17896129349106152/insights?metric=views"),
    f"{_FACEBOOK}/medias/media_default": Call(f"17896129349106152?{MEDIA},children{{id,media_type}}"),
    f"{_FACEBOOK}/medias/medias_fields": Call(f"?ids=17893085207160254,17896129349106152&{MEDIA}"),
    f"{_FACEBOOK}/publish/container_info": Call("17889615691921648?fields=id,status,status_code"),
    f"{_FACEBOOK}/publish/containers_info": Call("?ids=17883019676403955,17966279578433554&fields=id,status"),
    f"{_FACEBOOK}/publish/create_photo": Call(f"{OWN}/media_publish"),
    f"{_FACEBOOK}/publish/create_video": Call(f"{OWN}/media_publish"),
    f"{_FACEBOOK}/publish/publish_container": Call(f"{OWN}/media_publish"),
    f"{_FACEBOOK}/publish/publish_limit_resp": Call(f"{OWN}/content_publishing_limit"),
    f"{_FACEBOOK}/stories/stories_default": Call(f"{OWN}/stories?{STORY}", "stories"),
    f"{_FACEBOOK}/stories/stories_fields_p1": Call(f"{OWN}/stories?fields=id,media_type,media_url,username", "stories"),
    f"{_FACEBOOK}/stories/stories_fields_p2": Call(f"{OWN}/stories?fields=id,media_type,media_url,username", "stories"),
    f"{_FACEBOOK}/stories/stories_info": Call(f"?ids=17876166859931045,18168273289049440&{STORY}", "stories"),
    f"{_FACEBOOK}/stories/story_info": Call(f"17876166859931045?{STORY}", "stories"),
    f"{_FACEBOOK}/users/content_publish_limit": Call(f"{OWN}/content_publishing_limit"),
    f"{_FACEBOOK}/users/live_medias": Call("17841405822304914/live_media", "stories"),
    f"{_FACEBOOK}/users/medias_p1": Call(f"{OWN}/media?{MEDIA}&limit=2"),
    f"{_FACEBOOK}/users/medias_p2": Call(f"{OWN}/media?{MEDIA}&limit=2&after=after"),
    f"{_FACEBOOK}/users/mentioned_comment": Call(f"{OWN}?fields=mentioned_comment.comment_id(17967008497439572){{id}}"),
    f"{_FACEBOOK}/users/mentioned_media": Call(f"{OWN}?fields=mentioned_media.media_id(17889114512354744){{id}}"),
    f"{_FACEBOOK}/users/stories": Call(f"{OWN}/stories?{STORY}", "stories"),
    f"{_FACEBOOK}/users/tagged_medias": Call(f"{OWN}/tags?{MEDIA}", "mentions"),
    f"{_FACEBOOK}/users/user_fields": Call(f"17841407673135339?{USER}", "profile"),
    f"{_FACEBOOK}/users/user_insights": Call(f"{OWN}/insights?metric=impressions"),
    f"{_FACEBOOK}/users/user_insights_new": Call(f"{OWN}/insights?metric=views"),
    "python-facebook/base/discovery_medias_p1": Call(f"{OWN}?{DISCOVERY}"),
    "python-facebook/base/discovery_medias_p2": Call(f"{OWN}?{DISCOVERY}"),
    "python-facebook/models/ig_comment": Call(f"17892250648466172?{COMMENT},media,user,hidden,replies", "comments"),
    "python-facebook/models/ig_container": Call("17889615691921648?fields=id,status_code"),
    "python-facebook/models/ig_insight": Call("17896129349106152/insights?metric=reach"),
    "python-facebook/models/ig_media": Call(f"17896129349106152?{MEDIA},owner,username,shortcode,ig_id,children"),
    "python-facebook/models/ig_publish_limit": Call(f"{OWN}/content_publishing_limit"),
    "python-facebook/models/ig_reply": Call(f"18107567341036926?{COMMENT},media,user,hidden", "comments"),
    "python-facebook/models/ig_story": Call(f"17908009870517752?{STORY}", "stories"),
    "python-facebook/models/ig_user": Call(f"17841407673135339?{USER},ig_id", "profile"),
    f"{_RESTFB}/accesstoken": Call("access_token?grant_type=ig_exchange_token", "access"),
    f"{_RESTFB}/audio-metadata": Call("587784541076604?fields=audio_id,title"),
    f"{_RESTFB}/audio-response": Call("ig_audio/search?q=birthday"),
    f"{_RESTFB}/comment": Call(f"123456789?{COMMENT},media,user,hidden,replies", "comments"),
    f"{_RESTFB}/comment_missing_user": Call(f"17916477187142401?{COMMENT},media,user,hidden", "comments"),
    f"{_RESTFB}/container": Call("17889615691921648?fields=id,status,status_code"),
    f"{_RESTFB}/container_no_copyright": Call("17889615691921648?fields=id,status,status_code"),
    f"{_RESTFB}/content_publishing_limit": Call(f"{OWN}/content_publishing_limit"),
    f"{_RESTFB}/ig_login_exception": Call(f"{OWN}/impressions/day", status=400),
    f"{_RESTFB}/igmedia-cci": Call("17937996524605082?fields=id,copyright_check_information"),
    f"{_RESTFB}/media-carousel": Call(f"123456789?{MEDIA},children,owner,username,shortcode,ig_id"),
    f"{_RESTFB}/media-image": Call(f"123456789?{MEDIA},owner,username,shortcode,ig_id"),
    f"{_RESTFB}/media-with-boost-ads": Call("1234567898765?fields=id,boost_ads_list"),
    f"{_RESTFB}/mentioned-media": Call("17841405309211844?fields=mentioned_media.media_id(17873440459141021){id}"),
    f"{_RESTFB}/messaging-attachment-unsupported": Call(stream=PUSH),
    f"{_RESTFB}/messaging-seen": Call(stream=PUSH),
    f"{_RESTFB}/user": Call(f"173435464534?{USER}", "profile"),
    f"{_RESTFB}/wh-comments": Call(stream=PUSH),
    f"{_RESTFB}/wh-comments-2021": Call(stream=PUSH),
    f"{_RESTFB}/wh-livecomments": Call(stream=PUSH),
    f"{_RESTFB}/wh-mentions": Call(stream=PUSH),
    f"{_RESTFB}/wh-story_insights": Call(stream=PUSH),
    "restfb/issue1169": Call("6119198718152259?fields=name,profile_pic", "messages"),
    "restfb/v10_0/instagram-conversation": Call("THREAD?fields=id,participants", "messages"),
    "restfb/v10_0/instagram-message": Call(f"MESSAGE?{MESSAGE},attachments,shares,story", "messages"),
    "restfb/v10_0/instagram-message-story": Call(f"MESSAGE?{MESSAGE},story", "messages"),
    "restfb/v16_0/ig-breakdown-insight": Call("17896129349106152/insights?metric=navigation"),
    "restfb/v2_8/instagram-user": Call("123123?fields=id,username,media_count,profile_pic", "profile"),
}
"""Every recording, with the call that it answers."""


def recordings() -> Iterator[str]:
    """The names of all recordings that are there."""
    for path in sorted(SHARED.rglob("*.json")):
        yield str(path.relative_to(SHARED).with_suffix(""))


def exchange(name: str) -> Exchange:
    """A recording as the adapter sees it."""
    call, body = CALLS[name], (SHARED / f"{name}.json").read_bytes()
    pushed = call.stream == PUSH
    return Exchange(
        "0", 0, "city", "https://graph.facebook.com/v26.0/" + call.path, call.stream,
        datetime(2026, 11, 22, 15, tzinfo=UTC), method="POST" if pushed else "GET", request_body=body if pushed else None,
        status=call.status, body=b"" if pushed else body, task_kind=PUSH if pushed else "poll",
    )  # fmt: skip


def answer(name: str) -> Any:
    """A recording's JSON."""
    return json.loads((SHARED / f"{name}.json").read_bytes())

"""What kind of object an answer is, where the call does not tell: by the fields that only one kind has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archiver.platforms.facebook.addresses import is_of_comment
from archiver.platforms.facebook.routes import Call
from archiver.platforms.meta.fields import identifier, mapping, text

_OWN_FIELDS: tuple[tuple[Call, frozenset[str]], ...] = (
    (Call.RATINGS, frozenset({"open_graph_story", "reviewer", "has_review", "recommendation_type"})),
    (Call.STORIES, frozenset({"media_id"})),
    (Call.PAGE, frozenset({
        "username", "fan_count", "category_list", "about", "followers_count", "is_owned", "hours",
        "verification_status", "overall_star_rating", "engagement",
    })),
    (Call.PHOTO, frozenset({"images", "webp_images", "alt_text", "album", "page_story_id", "name_tags"})),
    (Call.POST, frozenset({
        "status_type", "is_published", "timeline_visibility", "is_expired", "is_eligible_for_promotion", "story",
        "promotion_status", "child_attachments", "parent_id",
    })),
    (Call.COMMENT, frozenset({
        "comment_count", "can_remove", "can_hide", "can_reply_privately", "is_private", "user_likes",
        "live_broadcast_timestamp", "private_reply_conversation", "attachment", "object",
    })),
    (Call.LIVE_VIDEO, frozenset({
        "live_views", "broadcast_start_time", "planned_start_time", "dash_preview_url", "stream_url", "seconds_left",
    })),
    (Call.EVENT, frozenset({"start_time", "event_times", "attending_count", "is_page_owned", "guest_list_enabled"})),
    (Call.VIDEO, frozenset({
        "length", "embeddable", "content_category", "live_status", "format", "captions", "thumbnails", "post_views",
    })),
    (Call.ALBUM, frozenset({"cover_photo", "can_upload", "photo_count", "video_count", "is_user_facing"})),
)  # fmt: skip
_BY_TYPE = {
    "comment": Call.COMMENT, "photo": Call.PHOTO, "video": Call.VIDEO, "album": Call.ALBUM, "event": Call.EVENT,
    "page": Call.PAGE, "post": Call.POST, "pagepost": Call.POST, "status": Call.POST, "link": Call.POST,
    "livevideo": Call.LIVE_VIDEO, "message": Call.MESSAGE, "unifiedthread": Call.CONVERSATION,
}  # fmt: skip


def kind_of(thing: Mapping[str, Any]) -> Call:
    """The call that such an object would be the answer to; `Call.OBJECT` where nothing tells."""
    stated = text(mapping(thing.get("metadata")).get("type"))
    if stated and stated.lower() in _BY_TYPE:
        return _BY_TYPE[stated.lower()]
    native_id = identifier(thing.get("id")) or ""
    if native_id.startswith("t_"):
        return Call.CONVERSATION
    if native_id.startswith("m_"):
        return Call.MESSAGE
    if is_of_comment(text(thing.get("permalink_url"))) or "parent" in thing or native_id.count("_") == 2:
        return Call.COMMENT
    return next((call for call, fields in _OWN_FIELDS if fields & thing.keys()), _by_link(thing, native_id))


def _by_link(thing: Mapping[str, Any], native_id: str) -> Call:
    """By where its page is; and what has an id of two parts and a message is a post, as far as can be told."""
    link = f"{text(thing.get('link')) or ''} {text(thing.get('permalink_url')) or ''}"
    for mark, call in ((("/photos/", "photo.php"), Call.PHOTO), (("/videos/", "/reel/"), Call.VIDEO),
                       (("album.php",), Call.ALBUM)):  # fmt: skip
        if any(one in link for one in mark):
            return call
    return Call.POST if "_" in native_id and "message" in thing else Call.OBJECT

"""Which fields are asked for (threads.md, section 4).

One node type stands behind posts and answers, so all its fields are asked for everywhere: a record that is seen through
several calls must look the same in each. What a call refuses is left out of it from then on; the plain lists are what
Meta's documentation names for it, for a token that lacks the scope for the others.
"""

from __future__ import annotations

from archiver.platforms.meta.fieldlists import FieldList

_MEDIA = (
    "media_product_type,media_type,media_url,gif_url,thumbnail_url,alt_text,"
    "children{id,media_type,media_url,thumbnail_url,alt_text}"
)
_WORDS = (
    "id,text,timestamp,permalink,shortcode,username,is_quote_post,quoted_post,reposted_post,link_attachment_url,"
    "poll_attachment,topic_tag,is_spoiler_media,text_entities,text_attachment,location_id,location,reply_audience,"
    "profile_picture_url,is_verified"
)
_PLACE_IN_THREAD = "has_replies,is_reply,is_reply_owned_by_me,root_post,replied_to,hide_status"

POST = FieldList.of(
    "post",
    f"{_WORDS},owner,allowlisted_country_codes,ghost_post_status,ghost_post_expiration_timestamp,"
    f"{_PLACE_IN_THREAD},{_MEDIA}",
)
"""Of what the account wrote."""
REPLY = FieldList.of("reply", f"{_WORDS},{_PLACE_IN_THREAD},{_MEDIA}")
"""Of what anybody wrote."""
PENDING = FieldList.of(
    "pending",
    "id,text,timestamp,permalink,shortcode,username,is_quote_post,quoted_post,reposted_post,topic_tag,reply_audience,"
    "profile_picture_url,is_verified,has_replies,is_reply,is_reply_owned_by_me,root_post,replied_to,hide_status,"
    "reply_approval_status,media_product_type,media_type,media_url,gif_url,thumbnail_url,"
    "children{id,media_type,media_url,thumbnail_url,alt_text}",
)
"""Of answers that wait for approval."""
PLAIN = FieldList.of(
    "plain",
    "id,media_product_type,media_type,media_url,gif_url,permalink,owner,username,text,timestamp,shortcode,thumbnail_url,"
    "is_quote_post,quoted_post,reposted_post,alt_text,link_attachment_url,poll_attachment,topic_tag,"
    "children{id,media_type,media_url,thumbnail_url,alt_text}",
)
"""Of the account's posts, for a token that may not see answers."""
PROFILE = FieldList.of(
    "profile", "id,username,name,threads_profile_picture_url,threads_biography,is_verified,is_eligible_for_geo_gating"
)
IDENTITY = FieldList.of("identity", "id,username")
"""Whose token it is."""
FILE = FieldList.of("file", "id,media_type,media_url,thumbnail_url,gif_url")
"""Where a file lies now."""
PLACE = FieldList.of("place", "id,name,address,city,country,latitude,longitude,postal_code")
LISTED = FieldList.of("listed", "id,has_replies")
"""Of posts that may serve as known-good ones."""
STRANGERS = FieldList.of("strangers", "id,is_reply_owned_by_me")
"""Of answers, to find one of somebody else's."""
SIGN = FieldList.of("sign", "id")
"""Whether it is there."""

A_POST = "a listed post"
"""The fact that keeps the id of a post that was listed lately: a known-good one, when a list is empty."""
WAITED = "answers waited"
"""The fact that says that this account has had answers wait for its approval."""
BY_ID = "mentions by id"
"""The fact that says that the token could read a post of others, elsewhere, by its id."""

LISTS = (POST, REPLY, PENDING, PLAIN, PROFILE, FILE, PLACE)
"""The lists that are long enough to remember refusals for."""

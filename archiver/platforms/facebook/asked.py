"""Which fields are asked for of each kind of object, dearest expansions last (facebook.md, sections 5 to 15).

Never asked for: ``access_token``, and the stream keys of live videos. A list's name is what refusals of its fields are
remembered under; ``types`` are the platform's words for its kind of object, by which a refusal is told from a call
that asked about an object of another kind.
"""

from __future__ import annotations

from archiver.platforms.meta.fieldlists import FieldList

_COUNTS = "comments.filter(stream).summary(true).limit(0),reactions.summary(total_count).limit(0)"

PAGE = FieldList.of(
    "page",
    """id,name,username,link,about,description,bio,general_info,mission,founded,impressum,company_overview,public_transit,
    category,category_list{id,name},emails,phone,website,single_line_address,location,hours,fan_count,followers_count,
    overall_star_rating,rating_count,is_published,is_permanently_closed,verification_status,parent_page{id,name},
    cover,picture{url,is_silhouette,width,height}""",
    "Page",
)
PROBE = FieldList.of("probe", "id,username,is_published", "Page")
"""Whether the page can be read at all: asked before anything is taken for gone."""
BARE = FieldList.of("bare", "id,created_time")
"""What every kind of object has, for ids that do not tell their kind."""
POST = FieldList.of(
    "post",
    f"""id,created_time,updated_time,from{{id,name}},message,message_tags,story,story_tags,status_type,permalink_url,
    is_published,is_hidden,is_expired,timeline_visibility,privacy,parent_id,place,backdated_time,scheduled_publish_time,
    full_picture,shares,event,to,via,attachments{{description,description_tags,media,media_type,target,title,type,
    unshimmed_url,url,subattachments}},{_COUNTS}""",
    "Post", "PagePost", "Status", "Link",
)  # fmt: skip
KINDS_OF_REACTION = ("LIKE", "LOVE", "CARE", "HAHA", "WOW", "SAD", "ANGRY")
ROOT = FieldList.of(
    "post",
    ",".join(
        (
            POST.text,
            *(f"reactions.type({kind}).limit(0).summary(total_count).as({kind.lower()})" for kind in KINDS_OF_REACTION),
        )
    ),
    *POST.types,
)
"""A post by itself: with reactions by kind, which would make a list too heavy."""
TAGGED = FieldList.of("tagged", f"tagged_time,{POST.text}", "Post", "PagePost", "Status", "Link")
COMMENT = FieldList.of(
    "comment",
    """id,created_time,from{id,name},message,message_tags,attachment,comment_count,like_count,is_hidden,is_private,
    parent{id,created_time,from,message},permalink_url,object{id},live_broadcast_timestamp""",
    "Comment",
)
SIGHT = FieldList.of(
    "sight",
    """id,created_time,comments.filter(stream).summary(true).limit(1){id,created_time,from{id,name},message,is_hidden,
    is_private,parent{id,created_time,from,message},permalink_url}""",
)
"""Whether the token sees any comment at all: only what is hardly ever refused, for an expansion can't be mended."""
PHOTO = FieldList.of(
    "photo",
    f"""id,name,name_tags,alt_text,alt_text_custom,album{{id,name}},created_time,updated_time,backdated_time,
    from{{id,name}},link,images,width,height,page_story_id,place,{_COUNTS}""",
    "Photo",
)
VIDEO = FieldList.of(
    "video",
    f"""id,title,description,created_time,updated_time,length,permalink_url,source,picture,from{{id,name}},post_id,published,
    backdated_time,scheduled_publish_time,content_tags,place,event,status,live_status,views,{_COUNTS}""",
    "Video",
)
ALBUM = FieldList.of(
    "album",
    """id,name,description,created_time,updated_time,count,photo_count,video_count,cover_photo{id},from{id,name},link,
    location,place,privacy,type,event,backdated_time,comments.filter(stream).summary(true).limit(0)""",
    "Album",
)
LIVE_VIDEO = FieldList.of(
    "live_video",
    """id,title,description,status,creation_time,broadcast_start_time,planned_start_time,live_views,total_views,
    permalink_url,from{id,name},video{id}""",
    "LiveVideo",
)
EVENT = FieldList.of(
    "event",
    """id,name,description,start_time,end_time,event_times,timezone,place,owner{id,name},cover,category,type,is_online,
    online_event_format,online_event_third_party_url,is_canceled,is_draft,created_time,updated_time,attending_count,
    interested_count,ticket_uri,scheduled_publish_time""",
    "Event",
)
STORY = FieldList.of("story", "post_id,status,creation_time,media_type,media_id,url", "Stories", "Story")
REVIEW = FieldList.of(
    "review",
    """created_time,reviewer{id,name},rating,has_rating,has_review,review_text,recommendation_type,
    open_graph_story{id}""",
    "Recommendation",
)
CONVERSATION = FieldList.of(
    "conversation",
    "id,link,updated_time,message_count,unread_count,name,participants,former_participants,can_reply",
    "UnifiedThread", "Conversation",
)  # fmt: skip
MESSAGE = FieldList.of(
    "message",
    """id,created_time,from,to,message,sticker,tags,is_unsupported,reactions,shares,
    attachments{id,mime_type,name,size,image_data,video_data,file_url}""",
    "Message",
)

LISTS = (
    PAGE, BARE, PROBE, POST, TAGGED, COMMENT, PHOTO, VIDEO, ALBUM, LIVE_VIDEO, EVENT, STORY, REVIEW, CONVERSATION,
    MESSAGE, SIGHT,
)  # fmt: skip

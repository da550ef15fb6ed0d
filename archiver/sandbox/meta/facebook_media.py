"""Photos, albums, videos, reels, broadcasts, events and stories as the Graph API shows them."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

from archiver.sandbox.meta.call import Call
from archiver.sandbox.meta.facebook_comments import PERSON, SITE, conversational, tags, without_value
from archiver.sandbox.meta.model import Thing
from archiver.sandbox.meta.schema import LEFT_OUT, Arguments, Edge, Getter, Listing, Node, NodeType
from archiver.sandbox.meta.wire import moment, unix

LOCAL = timezone(timedelta(hours=-6))
"""Where the city lies; events are told in local time."""


def created(thing: Thing) -> Any:
    """By what lists are chosen with ``since`` and ``until``."""
    return thing.created_at


def shown(things: list[Thing], call: Call, kind: NodeType) -> Listing:
    """What can be seen of these, the newest first."""
    found = [one for one in things if one.available(call.now) and one.published]
    found.sort(key=lambda one: (one.created_at, one.number), reverse=True)
    return Listing([Node(kind, one) for one in found])


def file_name(thing: Thing) -> str:
    """The same at each call, as the platform's are."""
    return f"47_{thing.number_of}_{int(thing.number_of) * 7919 % 10**9}"


def _src(thing: Thing, call: Call, size: str = "") -> Any:
    return call.link(thing.picture, file_name(thing), size) if thing.picture is not None else LEFT_OUT


def _own(thing: Thing, _call: Call) -> Node:
    return Node(PERSON, thing.author)


def _times() -> dict[str, Getter]:
    return {
        "created_time": lambda thing, _: moment(thing.created_at),
        "updated_time": lambda thing, _: moment(thing.touched_at),
        "from": _own,
        "id": lambda thing, _: thing.id,
        "backdated_time": lambda _thing, _call: LEFT_OUT,
    }


# --- photos and albums


def _images(thing: Thing, call: Call) -> object:
    picture = thing.picture
    if picture is None:
        return LEFT_OUT
    full = {"height": picture.height, "source": _src(thing, call), "width": picture.width}
    half = {"height": picture.height // 2, "source": _src(thing, call, "p130x130"), "width": picture.width // 2}
    return [full, half]


def _album(thing: Thing, _call: Call) -> object:
    album = thing.facts.get("album")
    return Node(ALBUM, album) if album is not None else LEFT_OUT


def _page_story(thing: Thing, _call: Call) -> object:
    return thing.whole.id if thing.whole is not None and thing.whole.form == "post" else LEFT_OUT


def photo_link(thing: Thing) -> str:
    """Where people see a photo."""
    album = thing.facts.get("album")
    return f"{SITE}/{thing.owner.handle}/photos/a.{album.id if album else thing.id}/{thing.id}/?type=3"


PHOTO = NodeType(
    "Photo",
    {
        **_times(),
        "name": lambda thing, _: thing.text or LEFT_OUT,
        "name_tags": tags,
        "alt_text": lambda thing, _: "May be an image of one or more people" if thing.picture else LEFT_OUT,
        "alt_text_custom": lambda thing, _: thing.picture.alt or LEFT_OUT,
        "album": _album,
        "link": lambda thing, _: photo_link(thing),
        "images": _images,
        "picture": lambda thing, call: _src(thing, call, "s130x130"),
        "width": lambda thing, _: thing.picture.width,
        "height": lambda thing, _: thing.picture.height,
        "page_story_id": _page_story,
        "position": lambda thing, _: thing.number,
        "can_delete": lambda _thing, _call: True,
        **without_value("webp_images", "icon", "place", "target", "event"),
    },
    conversational(),
    default=("created_time", "name", "id"),
)


def _photos_of(album: Thing, _arguments: Arguments, call: Call) -> Listing:
    every = call.meta.of(album.owner, "photo")
    return shown([one for one in every if one.facts.get("album") is album], call, PHOTO)


def _count(album: Thing, call: Call) -> int:
    return len(_photos_of(album, Arguments({}), call).nodes)


PHOTOS = Edge(_photos_of)
ALBUM = NodeType(
    "Album",
    {
        **_times(),
        "name": lambda thing, _: thing.facts["name"],
        "description": lambda thing, _: thing.text or LEFT_OUT,
        "count": _count,
        "photo_count": _count,
        "video_count": lambda _thing, _call: 0,
        "type": lambda thing, _: thing.facts["type"],
        "link": lambda thing, _: f"{SITE}/media/set/?set=a.{thing.id}&type=3",
        "privacy": lambda _thing, _call: "everyone",
        "is_user_facing": lambda _thing, _call: True,
        "can_upload": lambda _thing, _call: True,
        **without_value("cover_photo", "location", "place", "event"),
    },
    {**conversational(), "photos": PHOTOS},
    default=("created_time", "name", "id"),
)


# --- videos, reels and broadcasts


def _post_id(thing: Thing, _call: Call) -> object:
    return thing.whole.number_of if thing.whole is not None else LEFT_OUT


def _status(_thing: Thing, _call: Call) -> object:
    done = {"status": "complete"}
    return {"video_status": "ready", "uploading_phase": done, "processing_phase": done, "publishing_phase": done}


def video_link(thing: Thing) -> str:
    """Relative, as the platform gives it."""
    return f"/reel/{thing.id}/" if thing.form == "reel" else f"/{thing.owner.handle}/videos/{thing.id}/"


def _nothing(_thing: Thing, _arguments: Arguments, _call: Call) -> Listing:
    return Listing(())


VIDEO = NodeType(
    "Video",
    {
        **_times(),
        "description": lambda thing, _: thing.text or LEFT_OUT,
        "length": lambda thing, _: thing.facts.get("length", 2.0),
        "permalink_url": lambda thing, _: video_link(thing),
        "source": _src,
        "picture": lambda thing, call: _src(thing, call, "p160x160"),
        "post_id": _post_id,
        "published": lambda thing, _: thing.published,
        "status": _status,
        "views": lambda thing, _: 7 * thing.number % 900,
        "embeddable": lambda _thing, _call: True,
        "format": lambda thing, call: [
            {"filter": "native", "height": 180, "picture": _src(thing, call, "n"), "width": 320, "embed_html": ""}
        ],
        "privacy": lambda _thing, _call: {
            "allow": "", "deny": "", "description": "Public", "friends": "", "networks": "", "value": "EVERYONE"
        },
        **without_value(
            "title", "icon", "embed_html", "scheduled_publish_time", "content_category", "content_tags",
            "custom_labels", "place", "event", "live_status", "post_views", "is_crosspost_video", "is_episode",
            "universal_video_id", "copyright_check_information", "admin_creator",
        ),
    },
    {**conversational(), "captions": Edge(_nothing, weight=1), "thumbnails": Edge(_nothing, weight=1)},
    default=("description", "updated_time", "created_time", "id"),
)  # fmt: skip

VIDEO_ID = NodeType("Video", VIDEO.fields, default=("id",))

LIVE = NodeType(
    "LiveVideo",
    {
        "id": lambda thing, _: thing.id,
        "title": lambda thing, _: thing.facts["title"],
        "description": lambda thing, _: thing.text or LEFT_OUT,
        "status": lambda thing, _: thing.facts["status"],
        "creation_time": lambda thing, _: moment(thing.created_at),
        "broadcast_start_time": lambda thing, _: moment(thing.created_at),
        "permalink_url": lambda thing, _: video_link(thing.twin or thing),
        "from": _own,
        "video": lambda thing, _: Node(VIDEO_ID, thing.twin) if thing.twin is not None else LEFT_OUT,
        "live_views": lambda _thing, _call: 0,
        "embed_html": lambda thing, _: f'<iframe src="https://www.facebook.com/plugins/video.php?href={thing.id}">',
        "stream_url": lambda _thing, _call: "rtmps://live-api-s.facebook.com:443/rtmp/FB-1-SECRET",
        "secure_stream_url": lambda _thing, _call: "rtmps://live-api-s.facebook.com:443/rtmp/FB-1-SECRET",
        **without_value("planned_start_time", "total_views", "dash_preview_url", "seconds_left", "dash_ingest_url",
                        "ingest_streams"),
    },
    conversational(),
    default=("status", "embed_html", "id"),
)  # fmt: skip


# --- events


def _local(thing: Thing, name: str) -> object:
    at = thing.facts.get(name)
    return at.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M:%S%z") if at is not None else LEFT_OUT


EVENT = NodeType(
    "Event",
    {
        **_times(),
        "name": lambda thing, _: thing.facts["name"],
        "description": lambda thing, _: thing.text,
        "start_time": lambda thing, _: _local(thing, "starts_at"),
        "end_time": lambda thing, _: _local(thing, "ends_at"),
        "timezone": lambda _thing, _call: "America/Chicago",
        "place": lambda _thing, _call: {"name": "City Hall", "id": "990000000000001"},
        "owner": _own,
        "is_canceled": lambda thing, _: thing.facts["canceled"],
        "is_online": lambda _thing, _call: False,
        "is_draft": lambda _thing, _call: False,
        "is_page_owned": lambda _thing, _call: True,
        "attending_count": lambda _thing, _call: 12,
        "interested_count": lambda _thing, _call: 40,
        "type": lambda _thing, _call: "public",
        "cover": lambda thing, call: (
            {"source": _src(thing, call), "id": thing.id, "offset_x": 50, "offset_y": 50}
            if thing.picture
            else LEFT_OUT
        ),
        **without_value(
            "event_times", "category", "online_event_format", "online_event_third_party_url", "maybe_count",
            "declined_count", "noreply_count", "ticket_uri", "discount_code_enabled", "guest_list_enabled",
            "can_guests_invite", "scheduled_publish_time",
        ),
    },
    dict.fromkeys(("comments", "feed", "photos", "videos", "posts", "live_videos"), Edge(_nothing, weight=1)),
    default=("description", "name", "place", "start_time", "id"),
)  # fmt: skip


# --- stories

STORY = NodeType(
    "Story",
    {
        "post_id": lambda thing, _: thing.number_of,
        "status": lambda thing, call: "PUBLISHED" if thing.available(call.now) else "ARCHIVED",
        "creation_time": lambda thing, _: str(unix(thing.created_at)),
        "media_type": lambda thing, _: "video" if thing.picture.kind == "video" else "photo",
        "media_id": lambda thing, _: thing.facts["media"].id,
        "url": lambda thing, _: f"https://facebook.com/stories/{thing.owner.id}/UzpfSVND{thing.number_of}/",
    },
    default=("post_id", "status", "creation_time", "media_type", "media_id", "url"),
)

"""``commentThreads.list`` and ``comments.list``."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

from archiver.sandbox.model import Person
from archiver.sandbox.youtube import seen
from archiver.sandbox.youtube.call import Call
from archiver.sandbox.youtube.files import Files
from archiver.sandbox.youtube.model import Comment, Moderation, Video
from archiver.sandbox.youtube.paging import Place
from archiver.sandbox.youtube.problems import NO_VIDEO, Problem, bad, comments_disabled, forbidden, not_found
from archiver.sandbox.youtube.wire import resource

INLINED = 5
"""So many answers a thread brings along, the newest."""
LONGEST_LINK = 40
"""A longer address is cut where it is shown."""
_LINK = re.compile(r"https?://\S+")


# --- threads


def list_threads(call: Call, files: Files) -> dict[str, Any]:
    """Of a video, of all videos of a channel, or by id."""
    if call.given.has("id"):
        named = [call.youtube.comments.get(native) for native in call.given.values["id"]]
        found = [one for one in named if one is not None and one.parent is None and _given_out(call, one)]
        return call.listed("commentThreadListResponse", [_thread(call, one, files) for one in found])
    if call.given.text("order") == "orderUnspecified":
        raise bad("order", "invalidParameter", "Invalid value 'orderUnspecified'.")
    tops, cut = _tops(call)
    page = call.by_last(tops, _newest_first)
    value = call.listed("commentThreadListResponse", [_thread(call, one, files) for one in page.things], page)
    value["pageInfo"]["totalResults"] = len(page.things)
    if cut and len(page.things) == len(tops):
        value.pop("nextPageToken", None)
    return value


def _tops(call: Call) -> tuple[Sequence[Comment], bool]:
    """What the list has, and whether the platform ends it too early."""
    given = call.given
    words = given.one("searchTerms")
    moderation = Moderation(given.one("moderationStatus") or Moderation.PUBLISHED)
    if moderation is Moderation.REJECTED:
        raise bad("moderationStatus", "invalidParameter", "Comments that were rejected cannot be listed.")
    if given.has("videoId"):
        video = _video(call)
        _check_rights(call, video.channel, moderation)
        most = call.quirks.early_end.get(video.id)
        found = seen.threads(video, moderation)
        return [one for one in found if words is None or words.lower() in one.text.lower()][:most], most is not None
    channel = call.youtube.channel(given.text("allThreadsRelatedToChannelId"))
    if channel is None or not channel.active:
        message = "The channel could not be found."
        raise not_found("youtube.commentThread", "channelNotFound", message, "allThreadsRelatedToChannelId")
    _check_rights(call, channel, moderation)
    shown = [one for one in seen.uploads(call.youtube, channel, call.viewer) if not one.comments_off]
    newest = sorted((one for video in shown for one in seen.threads(video, moderation)), key=_newest_first)
    return newest, False


def _video(call: Call) -> Video:
    video = call.youtube.videos.get(call.given.text("videoId"))
    if video is None or not seen.video_there(video, call.viewer):
        raise not_found("youtube.commentThread", "videoNotFound", NO_VIDEO, "videoId")
    if video.comments_off:
        raise comments_disabled()
    return video


def _check_rights(call: Call, channel: Person, moderation: Moderation) -> None:
    if moderation is not Moderation.PUBLISHED and not call.caller.owns(channel):
        raise forbidden()


def _newest_first(one: Comment) -> Place:
    return -int(one.published_at.timestamp()), -one.number


def _thread(call: Call, top: Comment, files: Files) -> dict[str, Any]:
    listed = seen.answers(top)
    status = _asked_status(call)

    def snippet() -> dict[str, Any]:
        return {
            "channelId": top.video.channel.id,
            "videoId": top.video.id,
            "topLevelComment": _comment(call, top, files, status),
            "canReply": call.viewer is not None,
            "totalReplyCount": seen.counted_answers(top),
            "isPublic": top.moderation is Moderation.PUBLISHED,
        }

    def replies() -> dict[str, Any] | None:
        newest = listed[: -INLINED - 1 : -1]
        return {"comments": [_comment(call, one, files, None) for one in newest]} if newest else None

    return resource("commentThread", top.id, call.chosen({"snippet": snippet, "replies": replies}))


def _asked_status(call: Call) -> Moderation | None:
    """The word of moderation that a listing was asked for; it is told with each comment of it."""
    word = call.given.one("moderationStatus")
    return Moderation(word) if word is not None and call.viewer is not None else None


# --- comments


def list_comments(call: Call, files: Files) -> dict[str, Any]:
    """The answers to a comment, the oldest first, or comments by id."""
    if call.given.has("id"):
        named = [call.youtube.comments.get(native) for native in call.given.values["id"]]
        found = [one for one in named if one is not None and _given_out(call, one)]
        return call.listed("commentListResponse", [_comment(call, one, files, None) for one in found])
    parent = call.youtube.comments.get(call.given.text("parentId"))
    if parent is None or not seen.comment_there(parent, call.viewer):
        raise _no_parent(parent)
    listed = seen.answers(parent) if parent.parent is None else []
    if call.quirks.looping_answers:
        shown = listed[: call.given.number("maxResults")]
        page = call.by_last(listed, _oldest_first) if not call.given.has("pageToken") else None
        value = call.listed("commentListResponse", [_comment(call, one, files, None) for one in shown])
        token = page.next if page is not None else call.given.one("pageToken")
        return value | ({"nextPageToken": token} if token else {})
    page = call.by_last(listed, _oldest_first)
    value = call.listed("commentListResponse", [_comment(call, one, files, None) for one in page.things], page)
    value["pageInfo"].pop("totalResults")
    return value


def _no_parent(parent: Comment | None) -> Problem:
    if parent is not None and parent.video.comments_off and seen.exists(parent):
        return comments_disabled()
    message = "The specified comment could not be found."
    return not_found("youtube.comment", "commentNotFound", message, "parentId")


def _given_out(call: Call, one: Comment) -> bool:
    return seen.comment_there(one, call.viewer) and one.id not in call.quirks.glitch


def _oldest_first(one: Comment) -> Place:
    return int(one.published_at.timestamp()), one.number


def _comment(call: Call, one: Comment, files: Files, status: Moderation | None) -> dict[str, Any]:
    # Inside a thread all of a comment is told, whatever parts of the thread were asked for.
    if call.path == "commentThreads":
        return resource("comment", one.id, {"snippet": _snippet(call, one, files, status)})
    return resource("comment", one.id, call.chosen({"snippet": lambda: _snippet(call, one, files, status)}))


def _snippet(call: Call, one: Comment, files: Files, status: Moderation | None) -> dict[str, Any]:
    value: dict[str, Any] = {"channelId": one.video.channel.id, "videoId": one.video.id}
    value["textDisplay"] = _displayed(one.text, plain=call.given.text("textFormat") == "plainText")
    if not call.quirks.own_original_only or call.viewer is one.author:
        value["textOriginal"] = one.text
    if one.parent is not None:
        value["parentId"] = one.parent.id
    value |= _author(call, one.author, files)
    value |= {"canRate": True, "viewerRating": "none", "likeCount": one.likes}
    if status is not None:
        value["moderationStatus"] = status.value
    value |= {"publishedAt": call.time(one.published_at), "updatedAt": call.time(one.updated_at)}
    if one.picture is not None:
        value["imageUrl"] = files.address(one.picture, 512)
    return value


def _author(call: Call, author: Person, files: Files) -> dict[str, Any]:
    value: dict[str, Any] = {
        "authorDisplayName": f"@{author.handle}",
        "authorProfileImageUrl": files.face(author, 48),
    }
    if author.id in call.quirks.nameless_authors:
        return value | {"authorChannelUrl": ""}
    value["authorChannelUrl"] = f"http://www.youtube.com/@{author.handle}"
    value["authorChannelId"] = {"value": author.id}
    return value


def _displayed(text: str, *, plain: bool) -> str:
    """As a reader sees it: long addresses cut; in HTML they lead somewhere, and lines end with ``<br>``."""
    if plain:
        return _LINK.sub(lambda found: _cut(found.group()), text)
    pieces: list[str] = []
    end = 0
    for found in _LINK.finditer(text):
        address = _escaped(found.group())
        pieces += [_escaped(text[end : found.start()]), f'<a href="{address}">{_cut(address)}</a>']
        end = found.end()
    return "".join([*pieces, _escaped(text[end:])]).replace("\n", "<br>")


def _escaped(text: str) -> str:
    return html.escape(text).replace("&#x27;", "&#39;")


def _cut(address: str) -> str:
    return address if len(address) <= LONGEST_LINK else address[: LONGEST_LINK - 3] + "..."

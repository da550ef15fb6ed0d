"""``liveChatMessages.list``: the chat of a stream while it lasts, and never again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from archiver.sandbox.model import Person
from archiver.sandbox.youtube import paging, seen
from archiver.sandbox.youtube.call import Call
from archiver.sandbox.youtube.files import Files
from archiver.sandbox.youtube.model import Broadcast, ChatMessage
from archiver.sandbox.youtube.problems import Problem
from archiver.sandbox.youtube.wire import moment, offset, resource

RECENT = 75
"""So much of what was said before a caller is given at its first call."""
_DETAILS = {
    "textMessageEvent": "textMessageDetails",
    "superChatEvent": "superChatDetails",
    "superStickerEvent": "superStickerDetails",
    "messageDeletedEvent": "messageDeletedDetails",
    "messageRetractedEvent": "messageRetractedDetails",
    "userBannedEvent": "userBannedDetails",
    "newSponsorEvent": "newSponsorDetails",
    "pollEvent": "pollDetails",
}


class Chats:
    """The pace of all chats. ``interval`` is how long a caller must wait between two calls for one chat.

    ``tolerance``: so much earlier does no harm. ``hasty`` counts the calls that came too soon.
    """

    def __init__(self) -> None:
        self.interval = timedelta(milliseconds=4966)
        self.tolerance = timedelta(milliseconds=250)
        self.hasty = 0
        self._asked_at: dict[str, datetime] = {}

    def list_messages(self, call: Call, files: Files) -> dict[str, Any]:
        """What was said since the token's place; the first call brings the recent past. Raises Problem."""
        live = self._open(call)
        self._pace(call)
        entries = live.messages
        token = call.given.one("pageToken")
        size = call.given.number("maxResults")
        start = max(len(entries) - RECENT, 0) if token is None else int(paging.opened(token, live.chat_id))
        shown = entries[start : start + size]
        end = start + len(shown)
        value = call.listed("liveChatMessageListResponse", [_message(call, live, one, files) for one in shown])
        value["pollingIntervalMillis"] = int(self.interval / timedelta(milliseconds=1))
        value["pageInfo"] = {"totalResults": len(shown), "resultsPerPage": len(shown)}
        value["nextPageToken"] = paging.sealed(str(end), live.chat_id)
        if live.ended_at is not None and end == len(entries):
            live.drained = True
            value["offlineAt"] = moment(live.ended_at)
        return value

    def _open(self, call: Call) -> Broadcast:
        native = call.given.text("liveChatId")
        video = call.youtube.chats.get(native)
        if video is None or video.live is None or not seen.video_there(video, call.viewer):
            words = "The live chat that you are trying to retrieve cannot be found."
            raise Problem(404, "liveChatNotFound", words, domain="youtube.liveChat")
        live = video.live
        if not live.chat_open:
            words = "Live chat is not enabled for the specified broadcast."
            raise Problem(403, "liveChatDisabled", words, domain="youtube.liveChat")
        if live.ended_at is not None and (live.drained or call.quirks.sudden_end or not call.given.has("pageToken")):
            words = "The specified live chat is no longer live."
            raise Problem(403, "liveChatEnded", words, domain="youtube.liveChat")
        return live

    def _pace(self, call: Call) -> None:
        native = call.given.text("liveChatId")
        before, self._asked_at[native] = self._asked_at.get(native), call.now
        if before is not None and call.now < before + self.interval - self.tolerance:
            self.hasty += 1
            words = "The request was sent too soon after the previous request."
            raise Problem(403, "rateLimitExceeded", words, domain="youtube.liveChat")


def _message(call: Call, live: Broadcast, one: ChatMessage, files: Files) -> dict[str, Any]:
    gone = one.removed_at is not None
    parts = {
        "snippet": lambda: _snippet(live, one, gone=gone),
        "authorDetails": lambda: None if gone or one.author is None else _author(call, live, one.author, files),
    }
    return resource("liveChatMessage", one.id, call.chosen(parts))


def _snippet(live: Broadcast, one: ChatMessage, *, gone: bool) -> dict[str, Any]:
    value: dict[str, Any] = {"type": "tombstone" if gone else one.kind, "liveChatId": live.chat_id}
    if one.author is not None and not gone:
        value["authorChannelId"] = one.author.id
    value["publishedAt"] = offset(one.at)
    value["hasDisplayContent"] = bool(one.text) and not gone
    if gone:
        return value
    if one.text:
        value["displayMessage"] = one.text
    details = dict(one.facts)
    if one.kind == "textMessageEvent":
        details["messageText"] = one.text
    return value | ({_DETAILS[one.kind]: details} if one.kind in _DETAILS and details else {})


def _author(call: Call, live: Broadcast, author: Person, files: Files) -> dict[str, Any]:
    owner = call.youtube.chats[live.chat_id].channel
    return {
        "channelId": author.id,
        "channelUrl": f"http://www.youtube.com/channel/{author.id}",
        "displayName": author.profile.display_name,
        "profileImageUrl": files.face(author, 88),
        "isVerified": author.official,
        "isChatOwner": author is owner,
        "isChatSponsor": False,
        "isChatModerator": False,
    }

"""A small YouTube in memory: what the adapter's tests ask instead of a real one. Strict, as the Data API is.

Unknown parameters and sizes out of bounds fail a call, lists are paged by tokens, every call is counted in quota units.
What is shown depends on the credential: everybody's for a key, all of it for a token of the channel's owner.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, Purpose, RequestSpec
from archiver.domain.keys import Key
from archiver.domain.observation import Observation
from archiver.domain.task import Finding, FollowUp, Meaning, Step, Task, TaskKind, Verdict
from archiver.platforms.youtube import YouTubeAdapter
from archiver.platforms.youtube.costs import cost_of
from archiver.platforms.youtube.office import WHOSE

CITY, UPLOADS, HANDLE = "UCexampletonCity00000000", "UUexampletonCity00000000", "exampletoncity"
PLAYLIST = "PLcouncilMeetings000000001"
ANN, BOB = "UCannResident00000000000", "UCbobResident00000000000"
NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
BASE = "https://gateway.example.gov"
OWNER, SOMEBODY, KEY, ODD = "ya29.owner", "ya29.somebody", "AIza-key", "1//odd-token"
"""Credentials: the owner's token, a stranger's, an API key, and an owner's token that does not look like one."""

Answer = tuple[int, list[tuple[str, str]], bytes]
Node = dict[str, Any]

_JSON = [("Content-Type", "application/json; charset=UTF-8")]
_KNOWN = {
    "channels": "part id forHandle forUsername mine maxResults pageToken",
    "playlists": "part id channelId mine maxResults pageToken",
    "playlistItems": "part id playlistId videoId maxResults pageToken",
    "videos": "part id",
    "commentThreads": "part id videoId allThreadsRelatedToChannelId moderationStatus order textFormat maxResults pageToken",
    "comments": "part id parentId textFormat maxResults pageToken",
    "captions": "part videoId id",
    "liveChat/messages": "part liveChatId maxResults pageToken",
}
_MOST = {
    "playlists": 50,
    "playlistItems": 50,
    "channels": 50,
    "commentThreads": 100,
    "comments": 100,
    "liveChat/messages": 2000,
}


def stamp(moment: datetime) -> str:
    """A time as the Data API writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def failed(status: int, reason: str, message: str = "No.") -> Answer:
    """An answer with an error object."""
    error = {
        "code": status,
        "message": message,
        "errors": [{"message": message, "domain": "youtube", "reason": reason}],
    }
    return status, list(_JSON), json.dumps({"error": error}).encode()


@dataclass(slots=True)
class Comment:
    """A comment, or an answer to one (``to``). ``status`` is the API's word for its moderation."""

    id: str
    video: str
    author: str = ANN
    text: str = "words"
    to: str | None = None
    at: datetime = NOW - timedelta(days=1)
    edited_at: datetime | None = None
    status: str = "published"

    def resource(self) -> Node:
        """As the API gives it."""
        snippet: Node = {
            "channelId": CITY, "videoId": self.video, "textDisplay": self.text, "textOriginal": self.text,
            "authorDisplayName": f"@{self.author[2:5]}", "authorChannelId": {"value": self.author}, "likeCount": 0,
            "publishedAt": stamp(self.at), "updatedAt": stamp(self.edited_at or self.at),
        }  # fmt: skip
        if self.to is not None:
            snippet["parentId"] = self.to
        return {"kind": "youtube#comment", "id": self.id, "snippet": snippet}


@dataclass(slots=True)
class Server:
    """The channel and its switches.

    ``page_most`` bounds pages further than asked for. ``hidden`` videos are private, ``off`` have no comments, ``gone``
    is not there any more. ``glitches`` are ids that look-ups leave out once. ``instead`` may answer in the server's place.
    """

    credential: str | None = KEY
    page_most: int = 2000
    uploads: list[str] = field(default_factory=list)
    videos: dict[str, Node] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    playlists: dict[str, list[str]] = field(default_factory=dict)
    tracks: dict[str, list[Node]] = field(default_factory=dict)
    chat: list[Node] = field(default_factory=list)
    chat_over: bool = False
    hidden: set[str] = field(default_factory=set)
    off: set[str] = field(default_factory=set)
    glitches: set[str] = field(default_factory=set)
    feed_status: int = 200
    asked: list[RequestSpec] = field(default_factory=list)
    units: int = 0
    instead: Callable[[RequestSpec], Answer | None] | None = None

    # what happens there

    def upload(self, video: str, *, at: datetime = NOW - timedelta(days=2), front: bool = True, **parts: Any) -> Node:
        """A video; ``front`` False: it was uploaded before all others."""
        snippet = {
            "publishedAt": stamp(at), "channelId": CITY, "title": f"Meeting {video}", "description": "Agenda",
            "channelTitle": "City of Exampleton", "liveBroadcastContent": "none",
            "thumbnails": {"high": {"url": f"https://i.ytimg.com/vi/{video}/hqdefault.jpg", "width": 480, "height": 360}},
        }  # fmt: skip
        made = {"kind": "youtube#video", "id": video, "snippet": snippet | parts.pop("snippet", {}), **parts}
        self.videos[video] = made
        self.uploads.insert(0 if front else len(self.uploads), video)
        return made

    def comment(self, native_id: str, video: str, **facts: Any) -> Comment:
        """Somebody writes below a video."""
        self.comments[native_id] = Comment(native_id, video, **facts)
        return self.comments[native_id]

    def thread(self, number: int, video: str, replies: int = 0) -> list[str]:
        """A comment with answers; their ids."""
        top = f"Ugthread{number:012}AaABAg"
        self.comment(top, video, at=NOW - timedelta(days=1) + timedelta(minutes=number))
        ids = [f"{top}.9answer{n:04}" for n in range(1, replies + 1)]
        for n, one in enumerate(ids):
            self.comment(one, video, author=BOB, to=top, at=NOW - timedelta(hours=12) + timedelta(minutes=n))
        return [top, *ids]

    def remove(self, *ids: str) -> None:
        """Videos or comments are deleted."""
        for one in ids:
            self.videos.pop(one, None)
            self.uploads = [video for video in self.uploads if video != one]
            self.comments = {name: comment for name, comment in self.comments.items() if one not in {name, comment.to}}

    # what is asked

    def answer(self, spec: RequestSpec) -> Answer:
        """The answer to a request."""
        self.asked.append(spec)
        self.units += cost_of(spec.url)
        made = self.instead(spec) if self.instead is not None else None
        if made is not None:
            return made
        if spec.purpose is Purpose.MEDIA:
            return 200, [("Content-Type", "image/jpeg")], b""
        parts = urlsplit(spec.url)
        if parts.path.endswith("/subscribe") and spec.method == "POST":
            return 202, [("Content-Type", "text/html")], b""
        if parts.path.endswith("/feeds/videos.xml"):
            return self._feed()
        call, query = parts.path.partition("/youtube/v3/")[2], parse_qsl(parts.query)
        refused = self._refused(spec, call, query)
        return refused or self._called(call, dict(query))

    def _refused(self, spec: RequestSpec, call: str, query: Sequence[tuple[str, str]]) -> Answer | None:
        if call not in _KNOWN:
            return failed(404, "notFound")
        wrong = next((name for name, value in query if not self._takes(call, name, value)), None)
        if wrong is not None:
            return failed(400, "unexpectedParameter", wrong)
        return self._stranger(spec)

    def _takes(self, call: str, name: str, value: str) -> bool:
        sized = name != "maxResults" or 1 <= int(value) <= _MOST[call]
        return name in _KNOWN[call].split() and sized

    def _stranger(self, spec: RequestSpec) -> Answer | None:
        """What is said to a credential that is none, or that is not shown as what it is."""
        if self.credential is None or spec.credential is None:
            return failed(403, "forbidden", "Method doesn't allow unregistered callers.")
        if self.credential == ODD and spec.key_header is not None:
            return failed(400, "keyInvalid", "API key not valid. Please pass a valid API key.")
        if self.credential == KEY and spec.key_header is None:
            return failed(401, "authError", "Invalid Credentials")
        return None

    @property
    def _owner(self) -> bool:
        return self.credential in {OWNER, ODD}

    def _called(self, call: str, query: dict[str, str]) -> Answer:
        answering: dict[str, Callable[[dict[str, str]], Answer]] = {
            "channels": self._channels, "playlists": self._lists, "playlistItems": self._members, "videos": self._films,
            "commentThreads": self._threads, "comments": self._comments, "captions": self._captions,
            "liveChat/messages": self._chat,
        }  # fmt: skip
        return answering[call](query)

    def _lists(self, query: dict[str, str]) -> Answer:
        found = [one for one in self.playlists if one in query.get("id", one).split(",")]
        return self._page([self._playlist(one) for one in found], query)

    def _films(self, query: dict[str, str]) -> Answer:
        return self._page([self._video(one) for one in query["id"].split(",") if self._shows(one)], query)

    def _captions(self, query: dict[str, str]) -> Answer:
        return self._page(self.tracks.get(query["videoId"], []), query) if self._owner else failed(403, "forbidden")

    def _channels(self, query: dict[str, str]) -> Answer:
        if "mine" in query:
            if self.credential == KEY:
                return failed(
                    401, "authorizationRequired", "The request uses the mine parameter but is not authorized."
                )
            whose = CITY if self._owner else ANN
            return self._page([{"kind": "youtube#channel", "id": whose, "snippet": {"title": whose}}], query)
        if query.get("id", CITY) != CITY or query.get("forHandle", f"@{HANDLE}").lower() != f"@{HANDLE}":
            return self._page([], query)
        channel = {
            "kind": "youtube#channel", "id": CITY,
            "snippet": {"title": "City of Exampleton", "description": "Meetings", "customUrl": f"@{HANDLE}", "publishedAt": stamp(NOW)},
            "contentDetails": {"relatedPlaylists": {"uploads": UPLOADS}},
            "statistics": {"videoCount": str(len(self.uploads) - len(self.hidden))},
        }  # fmt: skip
        return self._page([channel], query)

    def _playlist(self, native_id: str) -> Node:
        return {
            "contentDetails": {"itemCount": len(self.playlists[native_id])},
            "kind": "youtube#playlist",
            "id": native_id,
            "snippet": {"channelId": CITY, "title": "Council", "description": ""},
        }

    def _members(self, query: dict[str, str]) -> Answer:
        of = query["playlistId"]
        if of == UPLOADS and not self.uploads:
            return failed(404, "playlistNotFound")
        listed = self.uploads if of == UPLOADS else self.playlists.get(of)
        if listed is None:
            return failed(404, "playlistNotFound")
        items = [self._member(of, one) for one in listed if self._shows(one)]
        return self._page(items, query, total=len(items))

    def _member(self, of: str, video: str) -> Node:
        details = {"videoId": video}
        if video not in self.hidden:
            details["videoPublishedAt"] = self.videos[video]["snippet"]["publishedAt"]
        snippet = {"channelId": CITY, "playlistId": of, "title": self.videos[video]["snippet"]["title"]}
        return {
            "kind": "youtube#playlistItem",
            "id": f"VVU{of[:4]}{video}",
            "snippet": snippet,
            "contentDetails": details,
        }

    def _shows(self, video: str) -> bool:
        return video in self.videos and (self._owner or video not in self.hidden) and not self._glitch(video)

    def _glitch(self, native_id: str) -> bool:
        glitch = native_id in self.glitches
        self.glitches.discard(native_id)
        return glitch

    def _video(self, video: str) -> Node:
        privacy = "private" if video in self.hidden else "public"
        statistics = {"viewCount": "7", "likeCount": "1"}
        if video not in self.off:
            statistics["commentCount"] = str(sum(1 for one in self.comments.values() if one.video == video))
        return self.videos[video] | {
            "status": {"uploadStatus": "processed", "privacyStatus": privacy},
            "statistics": statistics,
        }

    def _threads(self, query: dict[str, str]) -> Answer:
        status, video = query.get("moderationStatus", "published"), query.get("videoId")
        if "moderationStatus" in query and not self._owner:
            return failed(403, "forbidden")
        if video is not None and not self._shows(video):
            return failed(404, "videoNotFound")
        if video in self.off:
            return failed(403, "commentsDisabled")
        tops = [one for one in self.comments.values() if one.to is None and one.status == status]
        tops = [one for one in tops if one.video not in self.off and video in {None, one.video}]
        tops.sort(key=lambda one: one.at, reverse=True)
        return self._page([self._thread(one) for one in tops], query)

    def _thread(self, top: Comment) -> Node:
        below = self._below(top.id)
        snippet = {"channelId": CITY, "videoId": top.video, "topLevelComment": top.resource(),
                   "totalReplyCount": len(below), "isPublic": True}  # fmt: skip
        made: Node = {"kind": "youtube#commentThread", "id": top.id, "snippet": snippet}
        if below:
            made["replies"] = {"comments": [one.resource() for one in below[-5:]]}
        return made

    def _below(self, top: str) -> list[Comment]:
        return [one for one in self.comments.values() if one.to == top and one.status == "published"]

    def _comments(self, query: dict[str, str]) -> Answer:
        if "parentId" in query:
            if query["parentId"] not in self.comments:
                return failed(404, "commentNotFound")
            return self._page([one.resource() for one in self._below(query["parentId"])], query)
        asked = [self.comments[one] for one in query["id"].split(",") if one in self.comments and not self._glitch(one)]
        shown = [one for one in asked if one.status == "published" and one.video not in self.off]
        return self._page([one.resource() for one in shown], query)

    def _chat(self, query: dict[str, str]) -> Answer:
        if self.chat_over:
            return failed(403, "liveChatEnded")
        begin = int(query.get("pageToken", "0"))
        body = {"kind": "youtube#liveChatMessageListResponse", "pollingIntervalMillis": 5000,
                "nextPageToken": str(len(self.chat)), "items": self.chat[begin:]}  # fmt: skip
        return 200, list(_JSON), json.dumps(body).encode()

    def _feed(self) -> Answer:
        if self.feed_status != 200:
            return self.feed_status, [("Content-Type", "text/html")], b"<html>"
        shown = sorted(
            (one for one in self.uploads if one not in self.hidden),
            key=lambda one: self.videos[one]["snippet"]["publishedAt"],
            reverse=True,
        )
        entries = "".join(self._entry(one) for one in shown[:15])
        spaces = 'xmlns="http://www.w3.org/2005/Atom" xmlns:yt="http://www.youtube.com/xml/schemas/2015"'
        feed = f'<?xml version="1.0" encoding="UTF-8"?>\n<feed {spaces}>{entries}</feed>'
        return 200, [("Content-Type", "text/xml; charset=UTF-8")], feed.encode()

    def _entry(self, video: str) -> str:
        snippet = self.videos[video]["snippet"]
        return (
            f"<entry><id>yt:video:{video}</id><yt:videoId>{video}</yt:videoId><yt:channelId>{CITY}</yt:channelId>"
            f"<title>{snippet['title']}</title><published>{snippet['publishedAt']}</published></entry>"
        )

    def _page(self, items: Sequence[Node], query: dict[str, str], *, total: int | None = None) -> Answer:
        """A page of a list; tokens are places."""
        most = len(items) if "id" in query else min(int(query.get("maxResults", "5")), self.page_most)
        begin = int(query.get("pageToken", "0"))
        shown = list(items[begin : begin + most])
        body: Node = {"kind": "youtube#listResponse", "etag": "e", "items": shown,
                      "pageInfo": {"totalResults": len(shown) if total is None else total, "resultsPerPage": most}}  # fmt: skip
        if begin + most < len(items):
            body["nextPageToken"] = str(begin + most)
        return 200, list(_JSON), json.dumps(body).encode()


def city(**more: Any) -> Account:
    """The account, with a key; ``owner=True``: with the owner's token, as it was learned."""
    facts = {"uploads": UPLOADS} | ({WHOSE: CITY} if more.pop("owner", False) else {})
    words: dict[str, Any] = {"authenticated": True, "native_id": CITY, "facts": facts, "secrets": frozenset({"token"})}
    return Account("city-youtube", "youtube", HANDLE, **words | more)


def key(native_id: str) -> Key:
    """The key of a record."""
    return Key(f"youtube:{native_id}")


def task(kind: TaskKind, *subjects: str, account: Account | None = None, **more: Any) -> Task:
    """A task of the account, beginning now."""
    words: dict[str, Any] = {"started_at": NOW, **more}
    return Task(account or city(), kind, subjects=subjects, **words)


@dataclass(slots=True)
class Run:
    """One carrying-out: what was asked, observed and found, and the last step."""

    specs: list[RequestSpec] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    follow_ups: list[FollowUp] = field(default_factory=list)
    verdict: Verdict | None = None
    last: Step = field(default_factory=Step)

    @property
    def calls(self) -> list[str]:
        """What was asked, without the server: the calls, and what tells one from another."""
        return [_short(spec.url) for spec in self.specs]


def carry_out(server: Server, asked: Task, *, at: datetime | None = None, most: int = 500) -> Run:
    """A task until it is done, suspended or stopped by a verdict. ``at`` is the time of its answers."""
    adapter, run = YouTubeAdapter(asked.account), Run()
    step = adapter.start(asked)
    run.findings += step.findings
    while not step.done:
        assert len(run.specs) < most, f"it never ends: {step.requests[0].url}"
        spec = step.requests[0]
        status, headers, body = server.answer(spec)
        exchange = Exchange(
            f"{len(run.specs):036}", len(run.specs), asked.account.id, spec.url, spec.stream, at or asked.started_at,
            status=status, headers=tuple(headers), body=body if spec.purpose is Purpose.API else b"",
            purpose=spec.purpose, task_kind=str(asked.kind), subject=asked.subject, note=spec.note,
        )  # fmt: skip
        run.specs.append(spec)
        run.verdict = adapter.judge(exchange)
        if run.verdict.meaning is not Meaning.PROCEED:
            break
        run.observations += adapter.read(exchange)
        step = adapter.proceed(asked, step, exchange)
        run.findings += step.findings
        run.follow_ups += step.follow_ups
    run.last = step
    return run


def again(asked: Task, run: Run, **more: Any) -> Task:
    """The same task, carried out anew with what the last time left."""
    words: dict[str, Any] = {"cursor": json.loads(json.dumps(run.last.cursor)), "account": asked.account, **more}
    return task(asked.kind, *asked.subjects, **words)


_TELLING = ("videoId", "parentId", "moderationStatus", "mine", "forHandle", "id", "playlistId", "pageToken")


def _short(url: str) -> str:
    parts = urlsplit(url)
    told: Iterable[str] = (f"{name}={value}" for name, value in parse_qsl(parts.query) if name in _TELLING)
    return " ".join([parts.path.rpartition("/v3/")[2], *told])

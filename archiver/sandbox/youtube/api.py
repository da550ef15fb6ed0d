"""The YouTube Data API v3 of the city, with its feeds, files and Google's token endpoint on one port.

A call passes, in this order: who is it (401, 403, wrong key), what does it cost (quota), is it well formed (400), may
it (403), is it there (404). Everything after the first is charged.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from archiver.sandbox.limits import Counter, Limit
from archiver.sandbox.wire import Answer, Asked, dumps
from archiver.sandbox.youtube import captions, channels, comments, feeds, ids, playlists, search, videos
from archiver.sandbox.youtube.call import Call
from archiver.sandbox.youtube.chat import Chats
from archiver.sandbox.youtube.credentials import Caller, Credentials
from archiver.sandbox.youtube.files import Files
from archiver.sandbox.youtube.hub import Hub
from archiver.sandbox.youtube.parameters import METHODS, Method, check
from archiver.sandbox.youtube.problems import (
    Problem,
    lacking_scope,
    no_path,
    quota_exceeded,
    too_fast,
)
from archiver.sandbox.youtube.quirks import Quirks
from archiver.sandbox.youtube.quota import Quota
from archiver.sandbox.youtube.wire import JSON, answered
from archiver.sandbox.youtube.world import YouTubeWorld

ROOT = "/youtube/v3/"
FEEDS = frozenset({"/feeds/videos.xml", "/xml/feeds/videos.xml"})
_NEEDS_COMMENT_SCOPE = frozenset({"commentThreads", "comments", "captions", "captions/:id"})
_CAPTION = re.compile(r"captions/[^/]+")
_OLD_ETAG = '"XI7nbFXulYBIpL0ayR_gDh3eu1k/'


@dataclass(slots=True)
class Noted:
    """What a careful client would not have done: for tests to look at.

    ``keys_in_url``: keys and tokens sent as parameter. ``methods``: other verbs than GET. ``refused``: reasons of 400.
    """

    keys_in_url: int = 0
    methods: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)


class YouTubeApi:
    """Answers calls about one world. ``per_minute``: so many calls of the project in a minute; None: no bound."""

    def __init__(self, youtube: YouTubeWorld, base_url: str) -> None:
        self.youtube = youtube
        self.base_url = base_url
        self.credentials = Credentials(youtube.world.clock, youtube.world.seed)
        self.quota = Quota(youtube.now)
        self.files = Files(youtube, base_url)
        self.chats = Chats()
        self.hub = Hub(youtube)
        self.quirks = Quirks()
        self.noted = Noted()
        self.per_minute: int | None = None
        self._counter = Counter(youtube.now, aligned=False)
        self._lists: dict[str, Callable[[Call], dict[str, Any]]] = {
            "channels": lambda call: channels.list_channels(call, self.files),
            "playlists": lambda call: playlists.list_playlists(call, self.files),
            "playlistItems": lambda call: playlists.list_items(call, self.files),
            "videos": lambda call: videos.list_videos(call, self.files),
            "commentThreads": lambda call: comments.list_threads(call, self.files),
            "comments": lambda call: comments.list_comments(call, self.files),
            "captions": captions.list_captions,
            "liveChat/messages": lambda call: self.chats.list_messages(call, self.files),
            "search": lambda call: search.search(call, self.files),
        }

    # --- what a server asks of its API

    def limited(self, asked: Asked) -> tuple[list[tuple[str, str]], Answer | None]:
        """Charge the call, and refuse the one too many; nothing in the headers tells what is left."""
        method = METHODS.get(_path(asked))
        if method is None or asked.method != "GET":
            return [], None
        try:
            caller = self.credentials.caller(asked)
        except Problem:
            return [], None  # `answer` says why; nobody is charged
        if self.per_minute is not None:
            limit = Limit(self.per_minute, 60)
            if self._counter.take("minute", caller.project, limit).over:
                return [], too_fast().answer()
        if not self.quota.charge(caller.project, method.cost, method.bucket):
            return [], quota_exceeded().answer()
        return [], None

    def cache_key(self, asked: Asked) -> str | None:  # noqa: ARG002 - the server asks for it
        """Answers depend on who asks and when, so none is kept."""
        return None

    def answer(self, asked: Asked) -> Answer:
        """Answer one call. Raises nothing: errors are answers."""
        if self.files.serves(asked):
            return self.files.answer(asked)
        if asked.path in FEEDS:
            return self._feed(asked)
        if asked.path == "/subscribe":
            return self.hub.subscribe(asked)
        if asked.path == "/token" and asked.method == "POST":
            return self.credentials.endpoint(asked)
        try:
            return self._listed(asked)
        except Problem as problem:
            if problem.code == 400:
                self.noted.refused.append(problem.reason)
            return problem.answer()

    def _feed(self, asked: Asked) -> Answer:
        if self.quirks.feed_down is not None:
            return Answer(self.quirks.feed_down, b"", "text/html", cacheable=False)
        return feeds.feed(self.youtube, asked, self.base_url)

    # --- the methods

    def _listed(self, asked: Asked) -> Answer:
        path = _path(asked)
        method = METHODS.get(path)
        if method is None or asked.method != "GET":
            self.noted.methods.add(asked.method)
            raise no_path()
        self.noted.keys_in_url += len({"key", "access_token", "oauth_token"} & asked.params.keys())
        caller = self.credentials.caller(asked)
        call = self._call(path, method, asked, caller)
        if caller.person is not None and path in _NEEDS_COMMENT_SCOPE and not caller.may_comment():
            raise lacking_scope()
        if path == "captions/:id":
            return captions.download(call, asked.path.rsplit("/", 1)[1])
        return self._marked(self._lists[path](call), asked)

    def _call(self, path: str, method: Method, asked: Asked, caller: Caller) -> Call:
        given = check(method, asked)
        return Call(path, given, caller, self.youtube, self.quirks, self.base_url, self.youtube.now())

    def _marked(self, value: dict[str, Any], asked: Asked) -> Answer:
        """Put in the mark of the whole answer; 304 where the caller has it already."""
        mark = ids.etag(dumps(value))
        if self.quirks.old_forms:
            mark = f'{_OLD_ETAG}{mark}"'
        known = {one.strip().removeprefix("W/") for one in asked.headers.get("if-none-match", "").split(",")}
        if {mark, f'"{mark}"'} & known:
            return Answer(304, b"", JSON, [("ETag", mark)], cacheable=False)
        kind = value.pop("kind")
        answer = answered({"kind": kind, "etag": mark, **value})
        if self.quirks.etag_header:
            answer.headers.append(("ETag", mark))
        return answer


def _path(asked: Asked) -> str:
    """What stands below the root, ids of captions as ``:id``; empty for another path."""
    if not asked.path.startswith(ROOT):
        return ""
    path = asked.path.removeprefix(ROOT)
    return "captions/:id" if _CAPTION.fullmatch(path) else path

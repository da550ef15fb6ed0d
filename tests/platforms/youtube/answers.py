"""Answers made for a test: a body, and the call that it answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from archiver.domain.exchange import Exchange
from archiver.domain.observation import ItemSeen, Observation
from archiver.platforms.youtube.reading import read
from tests.platforms.youtube.recorded import CITY, NAMES

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
API = "https://youtube.googleapis.com/youtube/v3/"
VIDEO = "vidMeeting1"


def answer(path: str, body: Any = None, *, status: int = 200, **more: Any) -> Exchange:
    """An answer of the API to all after the version; of another server where ``path`` is a whole address."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    url = path if path.startswith("https:") else API + path
    facts = {"task_kind": "poll", "captured_at": NOON, **more}
    return Exchange("0", 0, "city", url, "posts", status=status, body=content, **facts)


def items(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The envelope of a list."""
    return {"kind": "youtube#someListResponse", "items": list(entries), **more}


def error(code: int, reason: str, **more: Any) -> dict[str, Any]:
    """An error object."""
    return {"error": {"code": code, "message": "No.", "errors": [{"reason": reason, "message": "No."}], **more}}


def observed(path: str, body: Any, **more: Any) -> list[Observation]:
    """What an answer shows."""
    return list(read(NAMES, answer(path, body, **more)))


def sightings(path: str, body: Any, **more: Any) -> list[ItemSeen]:
    """The records that an answer shows."""
    return [seen for seen in observed(path, body, **more) if isinstance(seen, ItemSeen)]


def comment(native_id: str, words: str = "words", **snippet: Any) -> dict[str, Any]:
    """A comment's resource."""
    told = {
        "textOriginal": words,
        "textDisplay": words,
        "authorDisplayName": "@rowan",
        "authorChannelId": {"value": "UCrowan0000000000000000a"},
        "likeCount": 0,
        "publishedAt": "2026-11-10T04:00:00Z",
        "updatedAt": "2026-11-10T04:00:00Z",
        **snippet,
    }
    return {"kind": "youtube#comment", "id": native_id, "snippet": told}


def thread(native_id: str, *inlined: dict[str, Any], replies: int = 0, **snippet: Any) -> dict[str, Any]:
    """A thread's resource; ``snippet`` is its top comment's."""
    whole: dict[str, Any] = {
        "kind": "youtube#commentThread",
        "id": native_id,
        "snippet": {
            "channelId": CITY,
            "videoId": VIDEO,
            "topLevelComment": comment(native_id, **{"videoId": VIDEO, "channelId": CITY, **snippet}),
            "totalReplyCount": replies,
            "isPublic": True,
        },
    }
    if inlined:
        whole["replies"] = {"comments": list(inlined)}
    return whole


def video(native_id: str = VIDEO, **parts: Any) -> dict[str, Any]:
    """A video's resource."""
    snippet = {
        "publishedAt": "2026-11-10T03:00:00Z",
        "channelId": CITY,
        "title": "Council meeting",
        "description": "Agenda: https://exampleton.example/agenda.",
        "thumbnails": {},
        "channelTitle": "City of Exampleton",
        **parts.pop("snippet", {}),
    }
    return {"kind": "youtube#video", "id": native_id, "snippet": snippet, **parts}

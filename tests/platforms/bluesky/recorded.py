"""Recorded answers of real servers, outside the repository: found by ``ARCHIVER_SHARED``, else beside it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, Purpose

ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("ARCHIVER_SHARED", str(ROOT.parent / "shared"))) / "recorded" / "bluesky"
SERVERS = {
    "v0.6.7-node22": "did:plc:khfeq2q7kbvqo4bybai36xrd",
    "v0.6.7-node22-extra": "did:plc:idkblupuivnze3h6zh5yognk",
    "v0.3.215-node20": "",
}
"""The folders of the real servers' answers, each with the city's DID."""

needs_recordings = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no recorded answers in {SHARED}")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One exchange of a recording."""

    name: str
    method: str
    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def call(self) -> str:
        """The XRPC method, ``""`` for other addresses."""
        return urlsplit(self.url).path.rpartition("/xrpc/")[2] if "/xrpc/" in self.url else ""

    def param(self, name: str) -> str:
        """A parameter of the request, ``""`` when it was not given."""
        return parse_qs(urlsplit(self.url).query).get(name, [""])[0]

    @property
    def answer(self) -> Any:
        """The JSON of the answer; None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def exchange(self, city: str) -> Exchange:
        """As the adapter sees it: asked in the stream and for the subject that a task would have asked for."""
        asked = {self.param(name) for name in ("actor", "repo", "did", "handle")}
        about_city = bool(asked & {city, "millbrook.test"}) or self.url.partition("/did:plc:")[2].startswith(city[8:])
        subject = self.param("uri")
        return Exchange(
            id=self.name,
            sequence=1,
            account="city",
            url=self.url,
            stream=_stream(self.call, about_city=about_city),
            captured_at=datetime(2026, 11, 22, 16, 5, tzinfo=UTC),
            method=self.method,
            status=self.status,
            headers=self.headers,
            body=b"" if self.call.endswith("getBlob") else self.body,
            purpose=Purpose.MEDIA if self.call.endswith("getBlob") else Purpose.API,
            task_kind="thread",
            subject=f"bluesky:{subject}" if subject else None,
        )


def _stream(call: str, *, about_city: bool) -> str:
    if call.endswith(("getProfile", "describeRepo", "resolveHandle", "getRepoStatus")) or not call:
        return "profile" if about_city else "comments"
    if call.endswith(("getAuthorFeed", "listRecords", "getRecord", "getLatestCommit")):
        return "posts" if about_city else "comments"
    return {"getQuotes": "quotes", "listNotifications": "mentions"}.get(call.rpartition(".")[2], "comments")


def city_of(folder: str) -> str:
    """The DID of the city in a recording of the real servers."""
    if SERVERS.get(folder):
        return SERVERS[folder]
    first = json.loads((SHARED / "devenv" / folder / "001-createAccount.json").read_text())
    return str(first["did"])


def account_of(folder: str) -> Account:
    """The city's account on those servers."""
    did = city_of(folder)
    return Account(
        "city", "bluesky", "millbrook.test", base_url="http://localhost:2583", native_id=did, authenticated=True
    )


def recordings(folder: str) -> Iterator[Recorded]:
    """All exchanges of a folder of the real servers, in the order of the recording."""
    place = SHARED / "devenv" / folder
    for line in (place / "exchanges-with-headers.jsonl").read_text().splitlines():
        one = json.loads(line)
        answer = one["response"]
        file = place / (answer.get("body_file") or "-")
        headers = tuple((key, value) for key, value in answer["headers"])
        body = file.read_bytes() if file.is_file() else b""
        yield Recorded(one["name"], one["request"]["method"], one["request"]["url"], answer["status"], headers, body)


def fragments() -> Iterator[Recorded]:
    """Hand-written and production-shaped pieces of other projects, each inside the answer that would hold it."""
    for folder in ("granary", "marshalx-atproto"):
        for path in sorted((SHARED / folder).glob("*.json")):
            content = json.loads(path.read_text())
            pieces = content.items() if path.name.startswith("constants") else [("", content)]
            for title, piece in pieces:
                call, body = _answer_around(piece)
                if call:
                    name = f"{folder}/{path.stem}{':' + title if title else ''}"
                    url = f"https://public.api.bsky.app/xrpc/{call}"
                    yield Recorded(name, "GET", url, 200, (), json.dumps(body).encode())


def _answer_around(piece: Any) -> tuple[str, Any]:  # noqa: PLR0911 - a table
    """The call whose answer a piece would be part of, by its shape."""
    if not isinstance(piece, dict):
        return "", None
    kind = str(piece.get("$type", ""))
    if "thread" in piece:
        return "app.bsky.feed.getPostThread?uri=x", piece
    if kind.endswith("#threadViewPost"):
        return "app.bsky.feed.getPostThread?uri=x", {"thread": _named(piece)}
    if kind.endswith("#feedViewPost") or ("post" in piece and "post" not in kind):
        item = _named(piece)
        return f"app.bsky.feed.getAuthorFeed?actor={item['post']['author']['did']}", {"feed": [item]}
    if kind.endswith("#postView"):
        return "app.bsky.feed.getPosts?uris=x", {"posts": [_named({"post": piece})["post"]]}
    if kind.startswith("app.bsky.") and "#" not in kind:
        record = {"uri": f"at://did:plc:author/{kind}/3jwofvxkaxk2z", "cid": "bafyreiexample", "value": piece}
        return "com.atproto.repo.listRecords?repo=x", {"records": [record]}
    if "value" in piece and "uri" in piece:
        return "com.atproto.repo.getRecord?repo=x&collection=y&rkey=z", piece
    return "", None


def _named(piece: dict[str, Any]) -> dict[str, Any]:
    """Hand-written pieces leave out addresses and authors that a server always gives."""
    if "post" not in piece:
        return piece
    post = dict(piece["post"])
    post["uri"] = post.get("uri") or "at://did:plc:author/app.bsky.feed.post/3jwofvxkaxk2z"
    author = post.get("author") or {"handle": "author.example"}
    post["author"] = author | {"did": author.get("did") or post["uri"].split("/")[2]}
    named = piece | {"post": post}
    if "replies" in piece:
        named["replies"] = [_named(reply) for reply in piece["replies"]]
    reason = piece.get("reason")
    if isinstance(reason, dict) and "uri" not in reason and "by" in reason:
        named["reason"] = reason | {"uri": f"at://{reason['by']['did']}/app.bsky.feed.repost/3jwofvxkaxk2z"}
    return named

"""A small city whose present stands still, and the simplest way to ask its servers."""

from __future__ import annotations

import gzip
import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from archiver.sandbox import SandboxCity

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Reply:
    """An answer as a client sees it; ``raw`` is the body before decoding."""

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> bytes:
        """The body without its content coding."""
        return gzip.decompress(self.raw) if self.headers.get("content-encoding") == "gzip" else self.raw

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def links(self) -> dict[str, str]:
        """The addresses of the ``Link`` header by their relation."""
        parts = [part for part in self.headers.get("link", "").split(", ") if part]
        return {part.split('rel="')[1].rstrip('"'): part[1 : part.index(">")] for part in parts}


def ask(
    url: str,
    params: Mapping[str, Any] | None = None,
    *,
    token: str | None = None,
    post: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """One request on a connection of its own. Lists repeat their name."""
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(params or {}, doseq=True)) if part)
    target = parts.path + (f"?{query}" if query else "")
    sent = dict(headers or {}) | ({"Authorization": f"Bearer {token}"} if token else {})
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    try:
        body = json.dumps(post).encode() if post is not None else None
        connection.request("GET" if post is None else "POST", target, body, sent)
        answer = connection.getresponse()
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


@dataclass(frozen=True)
class Caller:
    """Calls the two servers of a city."""

    city: SandboxCity

    def xrpc(self, method: str, *, token: str | None = None, **params: Any) -> Reply:
        """A Bluesky query."""
        return ask(f"{self.city.bluesky_url}/xrpc/{method}", params, token=token)

    def login(self, account: str) -> Reply:
        """A Bluesky session by app password."""
        who = self.city.world.accounts[account]
        post = {"identifier": who.handle, "password": who.secret}
        return ask(f"{self.city.bluesky_url}/xrpc/com.atproto.server.createSession", post=post)

    def mastodon(self, path: str, *, token: str | None = None, **params: Any) -> Reply:
        """A Mastodon read."""
        return ask(f"{self.city.mastodon_url}{path}", params, token=token)

    def pages(self, method: str, member: str, **params: Any) -> list[list[Any]]:
        """All pages of a Bluesky listing."""
        pages: list[list[Any]] = []
        cursor: dict[str, str] = {}
        while True:
            answer = self.xrpc(method, **params, **cursor).json
            pages.append(answer[member])
            if "cursor" not in answer:
                return pages
            cursor = {"cursor": answer["cursor"]}

    def statuses(self, path: str, *, token: str | None = None, **params: Any) -> list[Any]:
        """All entries of a Mastodon listing, by its links."""
        found: list[Any] = []
        answer = self.mastodon(path, token=token, **params)
        while True:
            found += answer.json
            if "next" not in answer.links:
                return found
            answer = ask(answer.links["next"], token=token)


@pytest.fixture(scope="module")
def small() -> Iterator[SandboxCity]:
    """A small city that no test changes."""
    with SandboxCity(seed=7, size="small", now=NOW) as city:
        yield city


@pytest.fixture
def city() -> Iterator[SandboxCity]:
    """A city with people and accounts and no posts yet, for one test."""
    with SandboxCity(seed=7, size="empty", now=NOW) as made:
        yield made


@pytest.fixture
def call(city: SandboxCity) -> Caller:
    """Calls to the test's own city."""
    return Caller(city)

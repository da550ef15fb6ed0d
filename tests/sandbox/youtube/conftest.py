"""A city with a YouTube channel, and a caller of its API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from archiver.sandbox import SandboxCity
from archiver.sandbox.city import Size
from archiver.sandbox.model import Person
from archiver.sandbox.youtube.hosts import YouTubeHosts
from archiver.sandbox.youtube.model import YOUTUBE
from archiver.sandbox.youtube.quirks import Quirks
from archiver.sandbox.youtube.world import YouTubeWorld
from tests.sandbox.conftest import Reply, ask

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
ACCOUNT = "city-youtube"
BARE = Size((ACCOUNT,), 0, 0, 0, 3, 1.0, oddities=False)


@dataclass(frozen=True)
class Tube:
    """Calls the API of a city, as the channel's owner or with a key."""

    city: SandboxCity

    @property
    def host(self) -> YouTubeHosts:
        """The quarter of the city."""
        return self.city.youtube

    @property
    def world(self) -> YouTubeWorld:
        """What can be done there."""
        return self.city.youtube.world

    @property
    def quirks(self) -> Quirks:
        """What the platform does wrong."""
        return self.city.youtube.api.quirks

    @property
    def channel(self) -> Person:
        """The city's channel."""
        return self.city.world.person(ACCOUNT)

    @property
    def uploads(self) -> str:
        """Its playlist of uploads."""
        return f"UU{self.channel.id[2:]}"

    def resident(self, number: int = 0) -> Person:
        """Somebody who comments."""
        people = self.city.world.people.items()
        return [one for (platform, _), one in people if platform == YOUTUBE and not one.official][number]

    def get(self, path: str, *, owner: bool = True, headers: dict[str, str] | None = None, **params: Any) -> Reply:
        """One call."""
        base = self.city.base_url(ACCOUNT)
        url = f"{base}{path}" if path.startswith("/") else f"{base}/youtube/v3/{path}"
        sent = dict(headers or {})
        if owner:
            return ask(url, params, token=self.city.secrets(ACCOUNT)["token"], headers=sent)
        return ask(url, params, headers=sent | {"X-Goog-Api-Key": self.host.credentials.key})

    def ok(self, path: str, **params: Any) -> Any:
        """The JSON of a call that must go well."""
        answer = self.get(path, **params)
        assert answer.status == 200, answer.body
        return answer.json

    def refused(self, path: str, **params: Any) -> tuple[int, str]:
        """Status and reason of a call that must not."""
        answer = self.get(path, **params)
        return answer.status, answer.json["error"]["errors"][0]["reason"]

    def pages(self, path: str, **params: Any) -> list[list[dict[str, Any]]]:
        """All pages of a list, while there is a token."""
        pages: list[list[dict[str, Any]]] = []
        answer = self.ok(path, **params)
        while True:
            pages.append(answer.get("items", []))
            if "nextPageToken" not in answer:
                return pages
            assert len(pages) < 500, "it does not end"
            answer = self.ok(path, **params, pageToken=answer["nextPageToken"])

    def ids(self, path: str, **params: Any) -> list[str]:
        """The ids of everything that a list has."""
        return [one["id"] for page in self.pages(path, **params) for one in page]


@pytest.fixture(scope="module")
def town() -> Iterator[Tube]:
    """A channel with a year behind it, that no test changes."""
    with SandboxCity(seed=7, size="youtube", now=NOW) as city:
        yield Tube(city)


@pytest.fixture
def tube() -> Iterator[Tube]:
    """A channel without videos, for one test."""
    with SandboxCity(seed=7, size=BARE, now=NOW) as city:
        yield Tube(city)

"""A city with a Facebook page, and a caller of its Graph API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from archiver.sandbox import SandboxCity
from archiver.sandbox.city import Size
from archiver.sandbox.meta.facebook_pages import FacebookPages
from archiver.sandbox.meta.model import FACEBOOK
from archiver.sandbox.meta.tokens import Tokens
from archiver.sandbox.model import Person
from tests.sandbox.conftest import Reply, ask

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
ACCOUNT = "city-facebook"
BARE = Size((ACCOUNT,), 0, 0, 0, 3, 1.0, oddities=False)


@dataclass(frozen=True)
class Graph:
    """Calls ``graph.facebook.com`` of a city as the page's token."""

    city: SandboxCity

    @property
    def page(self) -> Person:
        """The page."""
        return self.city.world.person(ACCOUNT)

    @property
    def token(self) -> str:
        """Its token."""
        return self.city.world.accounts[ACCOUNT].secret

    @property
    def pages(self) -> FacebookPages:
        """What can be done on it."""
        return self.city.hosts.pages

    @property
    def tokens(self) -> Tokens:
        """All tokens of the host."""
        return self.city.facebook.api.tokens

    def get(self, path: str, *, token: str | None = None, **params: Any) -> Reply:
        """One call, by header."""
        return ask(f"{self.city.facebook.base_url}/v26.0/{path}", params, token=token or self.token)

    def ok(self, path: str, **params: Any) -> Any:
        """The JSON of a call that must go well."""
        answer = self.get(path, **params)
        assert answer.status == 200, answer.body
        return answer.json

    def error(self, path: str, **params: Any) -> dict[str, Any]:
        """The error of a call that must not."""
        answer = self.get(path, **params)
        assert "error" in answer.json, answer.body
        error: dict[str, Any] = answer.json["error"]
        return error | {"status": answer.status}

    def listed(self, path: str, **params: Any) -> list[list[dict[str, Any]]]:
        """All pages of a connection, by its cursors while there is ``next``."""
        pages: list[list[dict[str, Any]]] = []
        answer = self.ok(path, **params)
        while True:
            pages.append(answer["data"])
            if "next" not in answer.get("paging", {}):
                return pages
            assert len(pages) < 500, "it does not end"
            answer = self.ok(path, **params, after=answer["paging"]["cursors"]["after"])

    def resident(self, number: int = 0) -> Person:
        """Somebody who writes there."""
        people = self.city.world.people.items()
        return [one for (platform, _), one in people if platform == FACEBOOK and not one.official][number]


@pytest.fixture(scope="module")
def town() -> Iterator[Graph]:
    """A page with a year behind it, that no test changes."""
    with SandboxCity(seed=7, size="facebook", now=NOW) as city:
        yield Graph(city)


@pytest.fixture
def graph() -> Iterator[Graph]:
    """A page without posts, for one test."""
    with SandboxCity(seed=7, size=BARE, now=NOW) as city:
        yield Graph(city)

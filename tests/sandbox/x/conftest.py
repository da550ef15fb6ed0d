"""A city with an account on X, and a caller of its API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from archiver.sandbox import SandboxCity
from archiver.sandbox.city import Size
from archiver.sandbox.model import Person
from archiver.sandbox.x.api import XApi
from archiver.sandbox.x.world import XWorld
from tests.sandbox.conftest import Reply, ask

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
ACCOUNT = "city-x"
BARE = Size((ACCOUNT,), 0, 0, 0, 3, 1.0, oddities=False)


@dataclass(frozen=True)
class Caller:
    """Calls X as the account's user, or as the city's application."""

    city: SandboxCity

    @property
    def x(self) -> XWorld:
        """What can be done there."""
        return self.city.x.x

    @property
    def api(self) -> XApi:
        """The server's inside."""
        return self.city.x.served.api

    @property
    def account(self) -> Person:
        """The city's account."""
        return self.city.world.person(ACCOUNT)

    @property
    def people(self) -> list[Person]:
        """Residents."""
        return [one for (platform, _), one in self.city.world.people.items() if platform == "x" and not one.official]

    def token(self, kind: str = "user") -> str:
        """The user's token, or the application's."""
        return self.city.world.accounts[ACCOUNT].secret if kind == "user" else self.api.tokens.app.bearer

    def get(self, path: str, /, *, kind: str = "user", token: str | None = None, **params: Any) -> Reply:
        """One call below ``/2/``; ``_`` in a parameter's name stands for a dot where X has one."""
        query = {_spelled(name): value for name, value in params.items()}
        return ask(f"{self.city.x.served.base_url}/2/{path}", query, token=token or self.token(kind))

    def ok(self, path: str, /, *, kind: str = "user", **params: Any) -> Any:
        """The JSON of a call that must go well."""
        answer = self.get(path, kind=kind, **params)
        assert answer.status == 200, answer.body
        return answer.json

    def every(self, path: str, /, *, kind: str = "user", **params: Any) -> list[dict[str, Any]]:
        """All pages of a list, followed by their tokens alone."""
        name = "next_token" if "search" in path else "pagination_token"
        found: list[dict[str, Any]] = []
        token: dict[str, str] = {}
        while True:
            answer = self.ok(path, kind=kind, **params, **token)
            found += answer.get("data", [])
            if "next_token" not in answer["meta"]:
                return found
            token = {name: answer["meta"]["next_token"]}


def _spelled(name: str) -> str:
    return name.replace("_fields", ".fields")


@pytest.fixture
def call() -> Iterator[Caller]:
    """Calls to an account that has said nothing yet; the city's present stands still."""
    with SandboxCity(seed=7, size=BARE, now=NOW) as city:
        yield Caller(city)


@pytest.fixture(scope="module")
def lively() -> Iterator[Caller]:
    """Calls to an account with a year behind it, which no test changes."""
    with SandboxCity(seed=7, size="x", now=NOW) as city:
        yield Caller(city)

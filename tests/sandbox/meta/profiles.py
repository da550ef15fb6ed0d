"""A city with one account on Instagram or Threads, and a caller of its API."""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from archiver.sandbox import SandboxCity
from archiver.sandbox.city import Size
from archiver.sandbox.meta.tokens import Tokens
from archiver.sandbox.model import Person
from tests.sandbox.conftest import Reply, ask

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def bare(account: str) -> Size:
    """An account without posts, among three residents."""
    return Size((account,), 0, 0, 0, 3, 1.0, oddities=False)


@dataclass(frozen=True)
class Host:
    """Calls the server of an account with its token. ``version`` begins the paths."""

    city: SandboxCity
    account: str
    version: str

    @property
    def base(self) -> str:
        """Where the server is."""
        return self.city.base_url(self.account)

    @property
    def person(self) -> Person:
        """Whose account it is."""
        return self.city.world.person(self.account)

    @property
    def token(self) -> str:
        """Its token."""
        return self.city.world.accounts[self.account].secret

    @property
    def tokens(self) -> Tokens:
        """All tokens of the server."""
        tokens: Tokens = self.city.hosts.server(self.account).api.tokens
        return tokens

    @property
    def quirks(self) -> Any:
        """What it does wrong today."""
        return self.city.hosts.server(self.account).api.quirks

    def get(self, path: str, *, token: str | None = None, **params: Any) -> Reply:
        """One call, by header."""
        return ask(f"{self.base}/{self.version}/{path}", params, token=token or self.token)

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

    def all(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """All entries of a list, by ``cursors.after`` until nothing comes any more."""
        found: list[dict[str, Any]] = []
        answer = self.ok(path, **params)
        while answer["data"]:
            found += answer["data"]
            after = answer.get("paging", {}).get("cursors", {}).get("after")
            if after is None:
                break
            answer = self.ok(path, **params, after=after)
        return found

    def resident(self, number: int = 0) -> Person:
        """Somebody who writes there."""
        platform = self.person.platform
        people = self.city.world.people.items()
        return [one for (where, _), one in people if where == platform and not one.official][number]

    def form(self, path: str, **fields: str) -> Reply:
        """Post a form, as the token endpoints want it."""
        parts = urlsplit(self.base)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        try:
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", f"/{path}", urlencode(fields), headers)
            answer = connection.getresponse()
            return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

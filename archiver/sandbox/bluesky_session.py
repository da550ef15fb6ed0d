"""Sessions at the PDS: an app password becomes two tokens, and the refresh token rotates.

Tokens have the form of a JWT (three parts), are worth what is remembered of them here, and last 2 hours and 90 days.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from archiver.sandbox.limits import Counter, Limit
from archiver.sandbox.model import BLUESKY, Person, Standing
from archiver.sandbox.wire import Asked
from archiver.sandbox.world import World
from archiver.sandbox.xrpc import Refused

ACCESS_LIFE = timedelta(hours=2)
REFRESH_LIFE = timedelta(days=90)
LOGINS = Limit(30, 300)
LOGINS_A_DAY = Limit(300, 86_400)


@dataclass(frozen=True, slots=True)
class _Token:
    person: Person
    ends_at: datetime
    refreshes: bool


class Sessions:
    """Who is logged in. ``factor`` times as many logins as the real limits allow are accepted."""

    def __init__(self, world: World, counter: Counter, factor: int = 1) -> None:
        self._world = world
        self._counter = counter
        self._logins = Limit(LOGINS.calls * factor, LOGINS.window_s)
        self._logins_a_day = Limit(LOGINS_A_DAY.calls * factor, LOGINS_A_DAY.window_s)
        self._tokens: dict[str, _Token] = {}
        self._spent: set[str] = set()
        self._serial = 0
        self.revoked_passwords: set[str] = set()
        self.created = 0

    def create(self, asked: Asked) -> tuple[Person, dict[str, str], list[tuple[str, str]]]:
        """``createSession``: the person, the two tokens, the rate headers."""
        given = asked.json()
        name, password = str(given.get("identifier", "")), str(given.get("password", ""))
        headers = self._count_login(name)
        person = self._world.find_person(BLUESKY, name.removeprefix("@"))
        account = next((a for a in self._world.accounts.values() if a.person is person), None)
        if account is None or account.secret != password or account.name in self.revoked_passwords:
            raise Refused(401, "AuthenticationRequired", "Invalid identifier or password", headers)
        if account.person.standing is Standing.TAKEN_DOWN:
            raise Refused(401, "AccountTakedown", "Account has been taken down", headers)
        self.created += 1
        return account.person, self._issue(account.person), headers

    def refresh(self, asked: Asked) -> tuple[Person, dict[str, str]]:
        """``refreshSession``: a new pair; the old refresh token is spent."""
        token = self._token(asked)
        if not token.refreshes:
            raise Refused(400, "InvalidToken", "Invalid token type")
        bearer = asked.bearer or ""
        if bearer in self._spent:
            raise Refused(400, "ExpiredToken", "Token has been revoked")
        self._spent.add(bearer)
        return token.person, self._issue(token.person)

    def viewer(self, asked: Asked) -> Person | None:
        """Whose access token the request carries; None for an anonymous one."""
        if "authorization" not in asked.headers:
            return None
        token = self._token(asked)
        if token.refreshes:
            raise Refused(400, "InvalidToken", "Invalid token type")
        return token.person

    def revoke(self, account: str) -> None:
        """End all sessions of an account and refuse its app password from now on."""
        person = self._world.accounts[account].person
        self.revoked_passwords.add(account)
        self._tokens = {key: token for key, token in self._tokens.items() if token.person is not person}

    def accept(self, account: str) -> None:
        """The app password is good again."""
        self.revoked_passwords.discard(account)

    def expire(self) -> None:
        """Let all access tokens run out now."""
        now = self._world.now()
        self._tokens = {
            key: _Token(token.person, token.ends_at if token.refreshes else now, token.refreshes)
            for key, token in self._tokens.items()
        }

    def _token(self, asked: Asked) -> _Token:
        token = self._tokens.get(asked.bearer or "")
        if token is None:
            raise Refused(400, "InvalidToken", "Token could not be verified")
        if token.ends_at <= self._world.now():
            raise Refused(400, "ExpiredToken", "Token has expired")
        return token

    def _issue(self, person: Person) -> dict[str, str]:
        now = self._world.now()
        pair = {}
        for name, scope, life in (
            ("accessJwt", "com.atproto.appPass", ACCESS_LIFE),
            ("refreshJwt", "com.atproto.refresh", REFRESH_LIFE),
        ):
            self._serial += 1
            claims = {"scope": scope, "sub": person.id, "exp": int((now + life).timestamp()), "jti": self._serial}
            text = ".".join((_part({"typ": "at+jwt", "alg": "HS256"}), _part(claims), f"sandbox{self._serial}"))
            self._tokens[text] = _Token(person, now + life, scope.endswith("refresh"))
            pair[name] = text
        return pair

    def _count_login(self, name: str) -> list[tuple[str, str]]:
        count = self._counter.take("createSession", name, self._logins)
        day = self._counter.take("createSession a day", name, self._logins_a_day)
        nearest = day if day.over else count
        headers = rate_headers(nearest.limit, nearest.remaining, nearest.resets_at)
        if nearest.over:
            raise Refused(429, "RateLimitExceeded", "Rate Limit Exceeded", headers)
        return headers


def rate_headers(limit: Limit, remaining: int, resets_at: datetime) -> list[tuple[str, str]]:
    """The PDS's headers; the reset is in unix seconds."""
    return [
        ("RateLimit-Limit", str(limit.calls)),
        ("RateLimit-Reset", str(int(resets_at.timestamp()))),
        ("RateLimit-Remaining", str(remaining)),
        ("RateLimit-Policy", f"{limit.calls};w={limit.window_s}"),
    ]


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

"""The token endpoints of Instagram's and Threads' own logins: a code, a token for an hour, one for sixty days, renewal.

The rules run on the city's clock: a code is good for an hour and once; only a token of an hour is exchanged; only one
of sixty days that is a day old, and has not ended, is renewed; the permission of the person ends after ninety days
without renewal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from archiver.sandbox.clock import CityClock
from archiver.sandbox.meta.problems import Problem, bad_parameter
from archiver.sandbox.meta.tokens import LONG, SHORT, Operator, Token, Tokens
from archiver.sandbox.meta.wire import answered, unix
from archiver.sandbox.model import Person
from archiver.sandbox.wire import Answer, Asked

YOUNGEST = timedelta(hours=24)
PERMISSION = timedelta(days=90)
CODE_LIFE = timedelta(hours=1)
EXPIRES_IN = 5_183_944
"""What the platforms say of sixty days."""

Letters = Literal["ig", "th"]
Path = Callable[[Asked, dict[str, str]], Answer]


@dataclass(slots=True)
class _Code:
    person: Person
    scopes: frozenset[str]
    made_at: datetime
    used: bool = False


class Login:
    """The paths of one login. ``letters`` begin its grant types; ``enveloped``: the code's answer is a list in `data`.

    ``numbers``: ``user_id`` of the code's answer is a JSON number, beyond 2^53.
    """

    def __init__(self, tokens: Tokens, clock: CityClock, letters: Letters) -> None:
        self.tokens = tokens
        self._clock = clock
        self._letters = letters
        self.enveloped = letters == "ig"
        self.numbers = letters == "th"
        self._codes: dict[str, _Code] = {}

    def paths(self) -> dict[tuple[str, str], Path]:
        """For `graph.GraphApi.paths`."""
        return {
            ("POST", "oauth/access_token"): self._redeem,
            ("GET", "oauth/access_token"): self._of_app,
            ("GET", "access_token"): self._exchange,
            ("GET", "refresh_access_token"): self._renew,
        }

    # --- what a person does in the browser, and shortcuts for tests

    def approve(self, person: Person, scopes: set[str] | frozenset[str]) -> str:
        """The person says yes: the code that the redirect brings (without ``#_``)."""
        digest = hashlib.sha256(f"{person.id} {len(self._codes)}".encode()).hexdigest()
        code = f"AQ{digest}"
        self._codes[code] = _Code(person, frozenset(scopes), self._clock.now())
        return code

    def issue(
        self, person: Person, scopes: set[str] | frozenset[str], *, life: timedelta = LONG, value: str | None = None
    ) -> Token:
        """A token without the detour."""
        operator = Operator(person.id, person.handle, [person])
        token = self.tokens.issue("USER", scopes, page=person, operator=operator, life=life, value=value)
        token.data_access_expires_at = self._clock.now() + PERMISSION
        return token

    # --- the paths

    def _redeem(self, _asked: Asked, form: dict[str, str]) -> Answer:
        if form.get("client_id") != self.tokens.app.id or form.get("client_secret") != self.tokens.app.secret:
            return flat_error("Error validating client secret.")
        if form.get("grant_type") != "authorization_code" or not form.get("redirect_uri"):
            return flat_error("Invalid grant_type or redirect_uri")
        code = self._codes.get(form.get("code", ""))
        if code is None:
            return flat_error("Invalid authorization code")
        if code.used:
            return flat_error("This authorization code has been used")
        if code.made_at + CODE_LIFE <= self._clock.now():
            return flat_error("This authorization code has expired")
        code.used = True
        token = self.issue(code.person, code.scopes, life=SHORT)
        value: dict[str, Any] = {"access_token": token.value, "user_id": code.person.id}
        if self.numbers:
            value["user_id"] = int(code.person.id)
        if self._letters == "ig":
            value["permissions"] = ",".join(sorted(code.scopes)) if self.enveloped else sorted(code.scopes)
        return answered({"data": [value]} if self.enveloped else value)

    def _of_app(self, asked: Asked, _form: dict[str, str]) -> Answer:
        app = self.tokens.app
        if asked.one("grant_type") != "client_credentials":
            raise bad_parameter("Param grant_type must be client_credentials")
        if asked.one("client_id") != app.id or asked.one("client_secret") != app.secret:
            raise Problem(1, "Error validating client secret.")
        head = "TH|" if self._letters == "th" else ""
        return answered({"access_token": head + app.token, "token_type": "bearer"})

    def _exchange(self, asked: Asked, form: dict[str, str]) -> Answer:
        if asked.one("grant_type") != f"{self._letters}_exchange_token":
            raise bad_parameter("Param grant_type is not supported")
        if asked.one("client_secret") != self.tokens.app.secret:
            raise Problem(1, "Error validating client secret.")
        token = self.tokens.of(asked, form=form)
        if is_long(token):
            message = "(#452) Session key invalid. This could be because the session key has an incorrect format, or "
            raise Problem(452, message + "because the user has revoked this session")
        return self._long(token)

    def _renew(self, asked: Asked, form: dict[str, str]) -> Answer:
        if asked.one("grant_type") != f"{self._letters}_refresh_token":
            raise bad_parameter("Param grant_type is not supported")
        token = self.tokens.of(asked, form=form)
        if not is_long(token):
            raise bad_parameter("Only long-lived access tokens can be refreshed")
        if token.issued_at + YOUNGEST > self._clock.now():
            raise bad_parameter("The access token must be at least 24 hours old to be refreshed")
        return self._long(token, permissions=True)

    def _long(self, old: Token, *, permissions: bool = False) -> Answer:
        if old.page is None:
            raise bad_parameter("This access token belongs to nobody")
        token = self.issue(old.page, old.scopes)
        value: dict[str, Any] = {"access_token": token.value, "token_type": "bearer", "expires_in": EXPIRES_IN}
        if permissions and self._letters == "ig":
            value["permissions"] = ",".join(sorted(token.scopes))
        return answered(value)


def is_long(token: Token) -> bool:
    """Whether a token was made for sixty days."""
    return token.expires_at is not None and token.expires_at - token.issued_at > timedelta(days=1)


def looked_into(data: dict[str, Any], token: Token | None) -> dict[str, Any]:
    """``debug_token``'s ``data`` as a host without pages tells it."""
    value = {name: part for name, part in data.items() if name not in {"granular_scopes", "profile_id"}}
    if token is not None and token.data_access_expires_at is None:
        value.pop("data_access_expires_at", None)
    if token is not None:
        value["issued_at"] = unix(token.issued_at)
    return value


def flat_error(message: str) -> Answer:
    """An error in the form that the token endpoint for codes has."""
    return answered({"error_type": "OAuthException", "code": 400, "error_message": message}, 400)


__all__ = ["CODE_LIFE", "EXPIRES_IN", "PERMISSION", "YOUNGEST", "Login", "flat_error", "is_long", "looked_into"]

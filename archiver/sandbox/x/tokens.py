"""Who may ask: the application's bearer token, and tokens of users by OAuth 2.0 with PKCE (RFC 6749, RFC 7636).

The rules run on the city's clock: a code is good for 30 seconds and once, an access token for two hours; a refresh
token comes with the scope ``offline.access`` alone, and is used up by a refresh.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import parse_qs

from archiver.sandbox.clock import CityClock
from archiver.sandbox.model import Person
from archiver.sandbox.wire import Answer, Asked, json_answer
from archiver.sandbox.x.ids import opaque
from archiver.sandbox.x.problems import unauthorized

READING = frozenset({"tweet.read", "users.read", "offline.access"})
CODE_LIFE = timedelta(seconds=30)
LIFE = timedelta(hours=2)
Kind = Literal["app", "user"]


@dataclass(frozen=True, slots=True)
class XApp:
    """The city's application at X."""

    client_id: str
    client_secret: str
    key: str
    secret: str
    bearer: str
    redirect_uri: str = "http://127.0.0.1:8721/callback"


@dataclass(slots=True, eq=False)
class Token:
    """A token. ``person``: in whose name it reads; ``ends_at`` None: when it is ended."""

    value: str
    kind: Kind
    person: Person | None = None
    scopes: frozenset[str] = frozenset()
    ends_at: datetime | None = None
    refresh: str | None = None
    ended: bool = False


@dataclass(slots=True)
class _Code:
    person: Person
    scopes: frozenset[str]
    challenge: str
    method: str
    redirect_uri: str
    made_at: datetime
    used: bool = False


@dataclass(slots=True)
class Tokens:
    """All tokens of the application.

    ``owner``: who owns it, and reads their own posts at a lower price. ``renewals`` counts what refresh tokens were
    taken for.
    """

    clock: CityClock
    app: XApp
    seed: int
    owner: Person | None = None
    renewals: int = 0
    life: timedelta = LIFE
    _tokens: dict[str, Token] = field(default_factory=dict)
    _refresh: dict[str, Token] = field(default_factory=dict)
    _codes: dict[str, _Code] = field(default_factory=dict)
    _made: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """The application's own token is good from the beginning."""
        self._tokens[self.app.bearer] = Token(self.app.bearer, "app")

    # --- what tests and the city do

    def accept(
        self, person: Person, value: str, *, scopes: frozenset[str] = READING, life: timedelta | None = None
    ) -> Token:
        """Let a value be a user's token; for ever, where no ``life`` is given."""
        ends_at = None if life is None else self.clock.now() + life
        return self._keep(Token(value, "user", person, scopes, ends_at))

    def grant(self, person: Person, scopes: frozenset[str] = READING) -> Token:
        """A session without the detour through a browser: an access token and what renews it."""
        return self._session(person, scopes)

    def approve(
        self,
        person: Person,
        *,
        challenge: str,
        method: str = "S256",
        redirect_uri: str,
        scopes: frozenset[str] = READING,
    ) -> str:
        """A person says yes in the browser: the code that the redirect brings."""
        code = opaque("code", self.seed, self._next(), length=60)
        self._codes[code] = _Code(person, scopes, challenge, method, redirect_uri, self.clock.now())
        return code

    def known(self, value: str) -> Token | None:
        """A token by its value, an ended one too."""
        return self._tokens.get(value) or self._refresh.get(value)

    def end(self, person: Person) -> None:
        """All tokens of somebody end; also their sessions can't be renewed."""
        self._mark(person, ended=True)

    def revive(self, person: Person) -> None:
        """They are good again."""
        self._mark(person, ended=False)

    # --- what calls do

    def of(self, asked: Asked) -> Token:
        """The token of a call; raises `Refusal` where there is none that is good."""
        token = self._tokens.get(asked.bearer or "")
        if token is None or token.ended or (token.ends_at is not None and token.ends_at <= self.clock.now()):
            raise unauthorized()
        return token

    def answer(self, asked: Asked) -> Answer:
        """The endpoints ``/2/oauth2/token``, ``/2/oauth2/revoke`` and ``/oauth2/token``."""
        if asked.method != "POST":
            return _wrong("invalid_request", "Only POST is allowed", 405)
        form = {name: values[0] for name, values in parse_qs(asked.body.decode("latin-1")).items()}
        if asked.path == "/oauth2/token":
            return self._of_app(asked, form)
        if not self._is_client(asked, form):
            return _wrong("unauthorized_client", "Missing valid authorization header", 401)
        if asked.path == "/2/oauth2/revoke":
            return self._revoke(form.get("token", ""))
        kinds = {"authorization_code": self._redeem, "refresh_token": self._renew}
        grant = kinds.get(form.get("grant_type", ""))
        if grant is None:
            return _wrong("unsupported_grant_type", "Value passed for the grant type is not supported.")
        return grant(form)

    def _is_client(self, asked: Asked, form: dict[str, str]) -> bool:
        """A confidential client by its secret, a public one by its name alone."""
        basic = asked.headers.get("authorization", "")
        if basic:
            return basic == _basic(self.app.client_id, self.app.client_secret)
        return form.get("client_id") == self.app.client_id

    def _of_app(self, asked: Asked, form: dict[str, str]) -> Answer:
        if asked.headers.get("authorization") != _basic(self.app.key, self.app.secret):
            return json_answer({"errors": [{"code": 99, "message": "Unable to verify your credentials"}]}, 403)
        if form.get("grant_type") != "client_credentials":
            return json_answer({"errors": [{"code": 170, "message": "Missing required parameter: grant_type"}]}, 403)
        return _told({"token_type": "bearer", "access_token": self.app.bearer})

    def _redeem(self, form: dict[str, str]) -> Answer:
        code = self._codes.get(form.get("code", ""))
        now = self.clock.now()
        if code is None or code.used or now - code.made_at > CODE_LIFE:
            return _wrong("invalid_request", "Value passed for the authorization code was invalid.")
        code.used = True
        if form.get("redirect_uri") != code.redirect_uri:
            return _wrong("invalid_request", "Value passed for the redirect uri did not match the uri of the authorization code.")  # fmt: skip  # noqa: E501
        verifier = form.get("code_verifier", "")
        if (verifier if code.method == "plain" else _hashed(verifier)) != code.challenge:
            return _wrong("invalid_request", "Value passed for the code verifier did not match the code challenge.")
        return _session_told(self._session(code.person, code.scopes), self.life)

    def _renew(self, form: dict[str, str]) -> Answer:
        with self._lock:
            old = self._refresh.pop(form.get("refresh_token", ""), None)
        if old is None or old.ended or old.person is None:
            return _wrong("invalid_request", "Value passed for the token was invalid.")
        old.ended = True
        self.renewals += 1
        return _session_told(self._session(old.person, old.scopes), self.life)

    def _revoke(self, value: str) -> Answer:
        found = self.known(value)
        if found is not None:
            found.ended = True
        return _told({"revoked": True})

    # --- inside

    def _session(self, person: Person, scopes: frozenset[str]) -> Token:
        number = self._next()
        refresh = opaque("refresh", self.seed, number, length=91) if "offline.access" in scopes else None
        value = opaque("access", self.seed, number, length=91)
        token = self._keep(Token(value, "user", person, scopes, self.clock.now() + self.life, refresh))
        if refresh is not None:
            self._refresh[refresh] = token
        return token

    def _keep(self, token: Token) -> Token:
        self._tokens[token.value] = token
        return token

    def _next(self) -> int:
        with self._lock:
            self._made += 1
            return self._made

    def _mark(self, person: Person, *, ended: bool) -> None:
        for token in (*self._tokens.values(), *self._refresh.values()):
            if token.person is person:
                token.ended = ended


def _basic(name: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def _hashed(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _session_told(token: Token, life: timedelta) -> Answer:
    value = {
        "token_type": "bearer",
        "expires_in": int(life.total_seconds()),
        "access_token": token.value,
        "scope": " ".join(sorted(token.scopes)),
    }
    if token.refresh is not None:
        value["refresh_token"] = token.refresh
    return _told(value)


def _told(value: dict[str, object]) -> Answer:
    return json_answer(value, cacheable=False)


def _wrong(error: str, description: str, status: int = 400) -> Answer:
    return json_answer({"error": error, "error_description": description}, status, cacheable=False)

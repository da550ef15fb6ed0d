"""Who calls: API keys, access tokens with scopes, and Google's token endpoint (youtube.md section 2).

Tokens run on the city's clock: an access token made by the endpoint is good for an hour, a refresh token until it is
revoked, a code for ten minutes and once, with the verifier of its challenge (RFC 7636, S256).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs

from archiver.sandbox.clock import CityClock
from archiver.sandbox.model import Person
from archiver.sandbox.wire import Answer, Asked
from archiver.sandbox.youtube.ids import letters
from archiver.sandbox.youtube.problems import not_registered, wrong_key, wrong_token
from archiver.sandbox.youtube.wire import answered

_SCOPE = "https://www.googleapis.com/auth/"
READONLY = _SCOPE + "youtube.readonly"
FORCE_SSL = _SCOPE + "youtube.force-ssl"
SCOPES = frozenset({READONLY, FORCE_SSL})
LIFE = timedelta(seconds=3599)
CODE_LIFE = timedelta(minutes=10)
PROJECT = "maple-ford-records"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose call it is. ``person`` None: an API key, which sees what everybody sees."""

    project: str
    person: Person | None = None
    scopes: frozenset[str] = frozenset()

    def owns(self, channel: Person) -> bool:
        """Whether it is the channel's own token."""
        return self.person is channel

    def may_comment(self) -> bool:
        """Whether comments may be read as the channel sees them."""
        return FORCE_SSL in self.scopes


@dataclass(slots=True)
class _Token:
    caller: Caller
    ends_at: datetime | None = None
    ended: bool = False


@dataclass(slots=True)
class _Code:
    caller: Caller
    redirect_uri: str
    challenge: str
    made_at: datetime
    used: bool = False


class Credentials:
    """All keys and tokens of one project. ``client_id`` and ``client_secret`` are its OAuth client's."""

    def __init__(self, clock: CityClock, seed: int, project: str = PROJECT) -> None:
        self._clock = clock
        self._seed = seed
        self.project = project
        self.key = "AIzaSy" + letters(33, "key", seed)
        self.client_id = f"{700_000_000_000 + seed}-{letters(16, 'client', seed).lower()}.apps.googleusercontent.com"
        self.client_secret = "GOCSPX-" + letters(28, "client", seed)
        self.keys: set[str] = {self.key}
        self._tokens: dict[str, _Token] = {}
        self._refreshes: dict[str, _Token] = {}
        self._codes: dict[str, _Code] = {}
        self._lock = threading.Lock()
        self._made = 0

    # --- making and ending

    def accept(self, person: Person, secret: str, *, scopes: Iterable[str] = SCOPES) -> None:
        """Let an account's access token be good until it is revoked, as if it were renewed all the time."""
        self._tokens[secret] = _Token(Caller(self.project, person, frozenset(scopes)))

    def known(self, secret: str) -> bool:
        """Whether a token was ever good."""
        return secret in self._tokens

    def refresh_token(self, person: Person, *, scopes: Iterable[str] = SCOPES) -> str:
        """What an owner's consent leaves behind: it makes access tokens."""
        value = "1//0" + self._word("refresh", 60)
        self._refreshes[value] = _Token(Caller(self.project, person, frozenset(scopes)))
        return value

    def approve(self, person: Person, redirect_uri: str, challenge: str, *, scopes: Iterable[str] = SCOPES) -> str:
        """The owner says yes in the browser: the code of the redirect."""
        code = "4/0A" + self._word("code", 50)
        caller = Caller(self.project, person, frozenset(scopes))
        self._codes[code] = _Code(caller, redirect_uri, challenge, self._clock.now())
        return code

    def revoke(self, person: Person) -> None:
        """End every token of a channel."""
        for token in (*self._tokens.values(), *self._refreshes.values()):
            if token.caller.person is person:
                token.ended = True

    def revive(self, person: Person) -> None:
        """The same tokens are good again."""
        for token in (*self._tokens.values(), *self._refreshes.values()):
            if token.caller.person is person:
                token.ended = False

    # --- at each call

    def caller(self, asked: Asked) -> Caller:
        """Whose call it is, by header or parameter. Raises Problem."""
        bearer = asked.bearer or asked.one("access_token") or asked.one("oauth_token")
        if bearer is not None:
            token = self._tokens.get(bearer)
            if token is None or token.ended or (token.ends_at is not None and token.ends_at <= self._clock.now()):
                raise wrong_token()
            return token.caller
        key = asked.headers.get("x-goog-api-key") or asked.one("key")
        if key is None:
            raise not_registered()
        if key not in self.keys:
            raise wrong_key()
        return Caller(self.project)

    # --- the token endpoint

    def endpoint(self, asked: Asked) -> Answer:
        """``POST /token``: a code or a refresh token becomes an access token."""
        form = {name: values[0] for name, values in parse_qs(asked.body.decode("utf-8", "replace")).items()}
        if form.get("client_id") != self.client_id:
            return _refused("invalid_client", "The OAuth client was not found.", 401)
        if form.get("client_secret", self.client_secret) != self.client_secret:
            return _refused("invalid_client", "Unauthorized", 401)
        if form.get("grant_type") == "refresh_token":
            return self._renewed(form)
        if form.get("grant_type") == "authorization_code":
            return self._redeemed(form)
        return _refused("unsupported_grant_type", "Invalid grant_type: " + form.get("grant_type", ""))

    def _renewed(self, form: dict[str, str]) -> Answer:
        refresh = self._refreshes.get(form.get("refresh_token", ""))
        if refresh is None or refresh.ended:
            return _refused("invalid_grant", "Token has been expired or revoked.")
        return answered(self._issued(refresh.caller))

    def _redeemed(self, form: dict[str, str]) -> Answer:
        code = self._codes.get(form.get("code", ""))
        if code is None or code.used or code.made_at + CODE_LIFE <= self._clock.now():
            return _refused("invalid_grant", "Malformed auth code.")
        code.used = True
        if form.get("redirect_uri") != code.redirect_uri:
            return _refused("redirect_uri_mismatch", "Bad Request")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if not hmac.compare_digest(base64.urlsafe_b64encode(digest).decode().rstrip("="), code.challenge):
            return _refused("invalid_grant", "Invalid code verifier.")
        person = code.caller.person
        kept = self.refresh_token(person, scopes=code.caller.scopes) if person is not None else ""
        return answered(self._issued(code.caller) | {"refresh_token": kept})

    def _issued(self, caller: Caller) -> dict[str, object]:
        value = "ya29." + self._word("access", 80)
        self._tokens[value] = _Token(caller, self._clock.now() + LIFE)
        return {
            "access_token": value,
            "expires_in": int(LIFE.total_seconds()),
            "scope": " ".join(sorted(caller.scopes)),
            "token_type": "Bearer",
        }

    def _word(self, what: str, count: int) -> str:
        with self._lock:
            self._made += 1
            return letters(count, what, self._seed, self._made)


def _refused(error: str, description: str, status: int = 400) -> Answer:
    return answered({"error": error, "error_description": description}, status)

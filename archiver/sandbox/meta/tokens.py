"""Apps, the people behind them, and tokens: issuing, ending, proving, exchanging, looking into.

One `Tokens` serves one API (a Graph host). A token may end at a moment of the city's clock: ``expires_at`` (190/463),
or by ``end`` (190 with the subcode of the reason). A page token made from a user token ends with it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from archiver.sandbox.clock import CityClock
from archiver.sandbox.meta.problems import Problem
from archiver.sandbox.meta.wire import unix
from archiver.sandbox.model import Person
from archiver.sandbox.wire import Asked

SHORT = timedelta(hours=1)
LONG = timedelta(days=60)

ENDINGS: dict[int, str] = {
    458: "Error validating access token: The user has not authorized application {app}.",
    459: "Error validating access token: You cannot access the app till you log in to www.facebook.com and follow the "
    "instructions given.",
    460: "Error validating access token: The session has been invalidated because the user changed their password or "
    "Facebook has changed the session for security reasons.",
    463: "Error validating access token: Session has expired on {when}. The current time is {now}.",
    464: "Error validating access token: Sessions for the user are not allowed because the user is not a confirmed "
    "user.",
    467: "Error validating access token: This may be because the user logged out or may be due to a system error.",
    492: "Error validating access token: Session does not match current stored session. This may be because the user "
    "does not have a role on the page.",
}
"""The words of 190, by subcode."""


@dataclass(slots=True, eq=False)
class App:
    """A Meta app. ``proof_required``: calls without ``appsecret_proof`` are refused."""

    id: str
    secret: str
    name: str
    proof_required: bool = False

    @property
    def token(self) -> str:
        """The app token, which is nothing but id and secret."""
        return f"{self.id}|{self.secret}"


@dataclass(slots=True, eq=False)
class Operator:
    """A person or system user who has tasks on pages of the city."""

    id: str
    name: str
    pages: list[Person] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Token:
    """A token. ``kind`` is ``debug_token``'s word (``PAGE USER SYSTEM_USER APP``); ``page`` whose page it opens.

    ``ended``: the subcode with which it was ended, and when.
    """

    value: str
    kind: str
    app: App
    scopes: set[str]
    issued_at: datetime
    page: Person | None = None
    operator: Operator | None = None
    expires_at: datetime | None = None
    data_access_expires_at: datetime | None = None
    parent: Token | None = None
    ended: tuple[int, datetime] | None = None


class Tokens:
    """All tokens of one host. ``prefix`` is what they begin with (``EAA``, ``IGAA``, ``THAA``)."""

    def __init__(self, clock: CityClock, app: App, *, prefix: str = "EAA", seed: int = 1) -> None:
        self._clock = clock
        self.app = app
        self.prefix = prefix
        self._seed = seed
        self._tokens: dict[str, Token] = {}
        self._lock = threading.Lock()
        self.operators: dict[str, Operator] = {}
        self.add(Token(app.token, "APP", app, set(), clock.now()))

    # --- making and ending

    def add(self, token: Token) -> Token:
        """Let a token be good from now on."""
        with self._lock:
            self._tokens[token.value] = token
        return token

    def issue(
        self,
        kind: str,
        scopes: set[str] | frozenset[str],
        *,
        page: Person | None = None,
        operator: Operator | None = None,
        life: timedelta | None = None,
        parent: Token | None = None,
        value: str | None = None,
    ) -> Token:
        """Make a token; ``life`` None: no date of expiry."""
        now = self._clock.now()
        token = Token(
            value or self._new_value(),
            kind,
            self.app,
            set(scopes),
            now,
            page=page,
            operator=operator,
            expires_at=now + life if life is not None else None,
            parent=parent,
        )
        return self.add(token)

    def _new_value(self) -> str:
        with self._lock:
            count = len(self._tokens)
        digest = hashlib.sha512(f"{self._seed} {self.prefix} {count}".encode()).digest()
        return self.prefix + base64.b64encode(digest * 2, altchars=b"Zx").decode().rstrip("=")

    def end(self, value: str, subcode: int = 460, *, at: datetime | None = None) -> None:
        """End a token, now or at a later moment of the city's clock."""
        self._tokens[value].ended = (subcode, at or self._clock.now())

    def revive(self, value: str) -> None:
        """The same token is good again, as if it had been renewed under its old name."""
        token = self._tokens[value]
        token.ended = None
        if token.expires_at is not None and token.expires_at <= self._clock.now():
            token.expires_at = self._clock.now() + LONG

    def all(self) -> list[Token]:
        """Every token that was ever good, in the order of making."""
        with self._lock:
            return list(self._tokens.values())

    def known(self, value: str) -> Token | None:
        """A token, good or not."""
        return self._tokens.get(value)

    # --- at each call

    def of(self, asked: Asked, *, form: dict[str, str] | None = None) -> Token:
        """The good token of a call, by header or parameter, its proof checked. Raises Problem."""
        value = self.value_of(asked, form)
        if value is None:
            raise Problem(104, "An access token is required to request this resource.")
        token = self._tokens.get(value)
        if token is None:
            raise _refused("Invalid OAuth access token - Cannot parse access token")
        self.check(token)
        self._prove(token, asked, form or {})
        return token

    @staticmethod
    def value_of(asked: Asked, form: dict[str, str] | None = None) -> str | None:
        """What a caller sent as its token, by whatever way. Raises Problem 210 for two different ones."""
        kind, _, header = asked.headers.get("authorization", "").partition(" ")
        sent = [*asked.params.get("access_token", ())]
        if form and "access_token" in form:
            sent.append(form["access_token"])
        if kind.lower() in {"bearer", "oauth"} and header.strip():
            sent.append(header.strip())
        if len(sent) > len(set(sent)) or len(set(sent)) > 1:
            raise Problem(210, "(#210) A page access token is required to request this resource.")
        return sent[0] if sent and sent[0] else None

    def check(self, token: Token) -> None:
        """Raises Problem 190 when it has ended, or the one that it was made from."""
        now = self._clock.now()
        link: Token | None = token
        while link is not None:
            if link.ended is not None and link.ended[1] <= now:
                raise self._ended(link, link.ended[0], link.ended[1])
            if link.expires_at is not None and link.expires_at <= now:
                raise self._ended(link, 463, link.expires_at)
            # From a short user token comes a page token that dies with it; see `Tokens.issue`.
            link = link.parent

    def _ended(self, token: Token, subcode: int, when: datetime) -> Problem:
        words = ENDINGS.get(subcode, ENDINGS[467])
        shown = {"when": _spoken(when), "now": _spoken(self._clock.now()), "app": token.app.id}
        return _refused(words.format(**shown), subcode)

    @staticmethod
    def proof(token: Token) -> str:
        """``appsecret_proof``: HMAC-SHA256 of the token under the app's secret, hex."""
        return hmac.new(token.app.secret.encode(), token.value.encode(), hashlib.sha256).hexdigest()

    def _prove(self, token: Token, asked: Asked, form: dict[str, str]) -> None:
        sent = asked.one("appsecret_proof") or form.get("appsecret_proof")
        if sent is None:
            if token.app.proof_required and token.kind != "APP":
                message = "API calls from the server require an appsecret_proof argument"
                raise Problem(100, message, kind="GraphMethodException")
            return
        if not hmac.compare_digest(sent, self.proof(token)):
            message = "Invalid appsecret_proof provided in the API argument"
            raise Problem(100, message, kind="GraphMethodException")

    # --- looking into one

    def inspect(self, value: str | None, caller: Token) -> dict[str, Any]:
        """``debug_token``'s ``data``. Raises Problem when the caller may not ask, or asks for nothing."""
        if not value:
            raise Problem(100, "(#100) The parameter input_token is required")
        if caller.kind == "PAGE" and caller.value != value:
            raise Problem(100, "(#100) You must provide an app access token, or a user access token that is an owner "
                          "or developer of the app")  # fmt: skip
        token = self._tokens.get(value)
        if token is None:
            error = {"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"}
            return {"error": error, "is_valid": False, "scopes": []}
        data: dict[str, Any] = {"app_id": token.app.id, "type": token.kind, "application": token.app.name}
        if token.kind != "APP":
            data["data_access_expires_at"] = unix(token.data_access_expires_at)
            data["expires_at"] = unix(token.expires_at)
        try:
            self.check(token)
            data["is_valid"] = True
        except Problem as problem:
            data["error"] = {"code": problem.code, "message": problem.message, "subcode": problem.subcode}
            data["is_valid"] = False
        data["issued_at"] = unix(token.issued_at)
        data["scopes"] = sorted(token.scopes)
        if token.page is not None:
            granted = [{"scope": scope, "target_ids": [token.page.id]} for scope in sorted(token.scopes)]
            data |= {"granular_scopes": granted, "profile_id": token.page.id}
        if token.operator is not None:
            data["user_id"] = token.operator.id
        return data


def _refused(message: str, subcode: int | None = None) -> Problem:
    challenge = f'OAuth "Facebook Platform" "invalid_token" "{message}"'
    return Problem(190, message, subcode=subcode, status=401 if subcode is None else 400,
                   headers=[("WWW-Authenticate", challenge)])  # fmt: skip


def _spoken(at: datetime) -> str:
    """``Thursday, 29-Jul-21 10:00:00 PST``, as the platform writes it, eight hours behind."""
    return (at - timedelta(hours=8)).strftime("%A, %d-%b-%y %H:%M:%S PST")

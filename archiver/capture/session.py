"""Sessions: what a login's answer brought, in memory only."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

from archiver.domain.exchange import RequestSpec

PLACEHOLDER = b"{secret}"
_TOKEN_NAMES = re.compile(r"jwt|token|secret|password|assertion", re.IGNORECASE)


class Login(Protocol):
    """How a platform logs in: an adapter's ``Login`` (this layer does not know the adapters)."""

    @property
    def request(self) -> RequestSpec:
        """The login; ``{secret}`` in its body stands for the secret; its grant says which new secrets it brings."""
        ...

    @property
    def access_member(self) -> str:
        """The answer's member with the access token."""
        ...

    @property
    def refresh(self) -> RequestSpec | None:
        """What renews a session, sent with the refresh token as bearer."""
        ...

    @property
    def refresh_member(self) -> str | None:
        """The answer's member with the refresh token."""
        ...

    @property
    def secret(self) -> str:
        """The name of the secret that a session is made of."""
        ...

    @property
    def kept(self) -> str | None:
        """The name of the secret in which the access token is kept."""
        ...


@dataclass(frozen=True, slots=True)
class Session:
    """An account's tokens; None: not, or no longer, there."""

    access: str | None = None
    refresh: str | None = None

    def __repr__(self) -> str:
        return f"Session(access={'***' if self.access else None}, refresh={'***' if self.refresh else None})"


class Sessions:
    """The sessions of all accounts, by account id. Thread-safe."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def has(self, account: str) -> bool:
        """Whether this account is one that logs in, logged in at present or not."""
        with self._lock:
            return account in self._sessions

    def of(self, account: str) -> Session:
        """The account's session; from now on it counts as one that logs in."""
        with self._lock:
            return self._sessions.setdefault(account, Session())

    def adopt(self, account: str, access: str) -> None:
        """Go on with an access token that was kept, unless this process has opened a session already."""
        with self._lock:
            self._sessions.setdefault(account, Session(access))

    def opened(self, account: str, login: Login, document: dict[str, Any]) -> None:
        """Keep the tokens of an answer; a renewal that brings no new refresh token keeps the old one."""
        access = _text(document.get(login.access_member))
        refresh = _text(document.get(login.refresh_member)) if login.refresh_member else None
        with self._lock:
            before = self._sessions.get(account, Session())
            self._sessions[account] = Session(access, refresh or before.refresh)

    def expired(self, account: str) -> None:
        """The access token is of no use any more."""
        with self._lock:
            self._sessions[account] = replace(self._sessions.get(account, Session()), access=None)

    def refused(self, account: str) -> None:
        """Neither token is of any use any more."""
        with self._lock:
            self._sessions[account] = Session()


def filled(body: bytes, secret: str) -> bytes:
    """A login's body with the secret in its place, escaped for JSON."""
    return body.replace(PLACEHOLDER, json.dumps(secret)[1:-1].encode())


def document_of(content: bytes) -> dict[str, Any] | None:
    """A login's answer; None when it is no (whole) JSON object."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def tokens_in(document: object, *names: str | None) -> Iterator[str]:
    """All texts in a login's answer under the given names, or under names that tokens go by, at any depth."""
    if isinstance(document, dict):
        for name, value in document.items():
            if isinstance(value, str) and (name in names or _TOKEN_NAMES.search(name)):
                yield value
            else:
                yield from tokens_in(value, *names)
    elif isinstance(document, list):
        for value in document:
            yield from tokens_in(value, *names)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None

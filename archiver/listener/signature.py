"""Who may push: a handshake with a word that we chose, and a signature under every delivery.

Meta signs with the secret of the application that owns the subscription. Which of the configured ones that is, the
request does not say, so each is tried. Only SHA-256 counts (``docs/decisions`` says why).
"""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from urllib.parse import parse_qsl

import structlog

from archiver.errors import ArchiverError

log = structlog.get_logger()

HEADER = "x-hub-signature-256"
SIGNING = ("app_secret", "client_secret")
"""What deliveries are signed with. Instagram's may come with the secret of either of two applications."""
_SCHEME = "sha256="
_CHALLENGE_BYTES = 4096

SecretsOf = Callable[[], Mapping[str, frozenset[str]]]
"""The secrets that may sign, each with the ids of the accounts that have it."""


def signature(secret: str, body: bytes) -> str:
    """The value of the header for a body."""
    return _SCHEME + hmac.new(secret.encode(), body, sha256).hexdigest()


class Signers:
    """The secrets that deliveries may be signed with, read anew now and then and when none of them fits.

    ``read`` fetches them; it is asked at most every ``again_s`` seconds, so that a flood of wrong signatures costs
    nothing but arithmetic.
    """

    def __init__(self, read: SecretsOf, *, again_s: float = 5.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._again_s = again_s
        self._clock = clock
        self._lock = threading.Lock()
        self._known = dict(read())
        self._read_at = clock()

    def accounts(self, body: bytes, header: str) -> frozenset[str]:
        """The accounts whose application signed these very bytes; empty where nobody did.

        All secrets are tried, in constant time each, so that neither the content nor the place of the fitting one
        shows in how long it takes.
        """
        return self._fitting(body, header) or (self._fitting(body, header) if self._renew() else frozenset())

    def _fitting(self, body: bytes, header: str) -> frozenset[str]:
        given = header.strip().lower().encode("utf-8", "replace")
        with self._lock:
            known = list(self._known.items())
        fitting = [hmac.compare_digest(signature(secret, body).encode(), given) for secret, _ in known]
        return frozenset().union(*(who for (_, who), fits in zip(known, fitting, strict=True) if fits))

    def _renew(self) -> bool:
        """Read the secrets again, unless that was just done. Whether they are others now."""
        with self._lock:
            if self._clock() - self._read_at < self._again_s:
                return False
            self._read_at = self._clock()
        try:
            known = dict(self._read())
        except ArchiverError as error:
            log.warning("the secrets of deliveries can't be read", why=str(error))
            return False
        with self._lock:
            changed, self._known = known != self._known, known
        return changed


def has_signed(secret: str, request: bytes) -> bool:
    """Whether a delivery as it came, with its head, is signed with the secret."""
    head, _, body = request.partition(b"\r\n\r\n")
    fields = (line.partition(b":") for line in head.split(b"\r\n")[1:])
    given = [value.strip().lower() for name, _, value in fields if name.strip().lower() == HEADER.encode()]
    return len(given) == 1 and hmac.compare_digest(signature(secret, body).encode(), given[0])


def challenge(query: str, token: str) -> bytes | None:
    """What to answer to a handshake, exactly; None where it is none, or the word is wrong."""
    fields: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True, max_num_fields=16):
        fields.setdefault(name, []).append(value)
    if any(len(values) > 1 for values in fields.values()) or fields.get("hub.mode") != ["subscribe"]:
        return None
    given, asked = fields.get("hub.verify_token", [""])[0], fields.get("hub.challenge", [""])[0].encode()
    fits = hmac.compare_digest(given.encode(), token.encode())
    return asked if fits and token and 0 < len(asked) <= _CHALLENGE_BYTES else None

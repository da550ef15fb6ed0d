"""The callbacks of WebSub subscriptions: one address for each account and topic, ``/websub/<account>/<seal>``.

The seal is made of the receiver's own word, the account and the topic, so a hub's question is answered for that topic
alone, and nothing need be looked up: the receiver has no store. What is not signed with the subscription's secret is
answered as if it were, and not kept (WebSub, section 7.1): whoever forges learns nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from urllib.parse import parse_qsl

HEADER = "x-hub-signature"
_PATH = re.compile(r"/websub/([a-z0-9][a-z0-9-]*)/([0-9a-f]{32})")
_METHODS = frozenset({"sha1", "sha256", "sha384", "sha512"})
_CHALLENGE_BYTES = 4096


def path_of(word: str, account: str, topic: str) -> str:
    """The path of an account's callback for a topic; ``word`` is the receiver's."""
    return f"/websub/{account}/{_made_of(word, 'topic', account, topic)[:32]}"


def secret_of(word: str, path: str) -> str:
    """What the hub signs pushes to a callback with: nothing more to configure or to lose."""
    return _made_of(word, "secret", path)


def account_of(path: str) -> str | None:
    """The account whose callback a path looks like; None for any other path."""
    found = _PATH.fullmatch(path)
    return found[1] if found else None


class Subscriptions:
    """What hubs are answered. ``word`` gives the receiver's word, which is read anew each time."""

    def __init__(self, word: Callable[[], str]) -> None:
        self._word = word

    def confirmed(self, path: str, query: str) -> bytes | None:
        """What to answer to a hub that asks whether a subscription is meant; None where it is not (section 5.3)."""
        fields: dict[str, list[str]] = {}
        for name, value in parse_qsl(query, keep_blank_values=True, max_num_fields=16):
            fields.setdefault(name, []).append(value)
        if any(len(values) > 1 for values in fields.values()) or fields.get("hub.mode") != ["subscribe"]:
            return None
        meant = path_of(self._word(), account_of(path) or "", fields.get("hub.topic", [""])[0])
        asked = fields.get("hub.challenge", [""])[0].encode()
        fits = hmac.compare_digest(meant.encode(), path.encode())
        return asked if fits and 0 < len(asked) <= _CHALLENGE_BYTES else None

    def has_signed(self, path: str, body: bytes, header: str) -> bool:
        """Whether the hub signed these very bytes with the secret of the callback."""
        method, _, given = header.strip().partition("=")
        if method.lower() not in _METHODS:
            return False
        right = hmac.new(secret_of(self._word(), path).encode(), body, method.lower()).hexdigest()
        return hmac.compare_digest(right.encode(), given.strip().lower().encode("utf-8", "replace"))


def _made_of(word: str, *parts: str) -> str:
    return hmac.new(word.encode(), "\n".join(("websub", *parts)).encode(), hashlib.sha256).hexdigest()

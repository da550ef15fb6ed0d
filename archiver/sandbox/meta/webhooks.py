"""The sender of pushed events: the handshake, and signed deliveries in every order that a network allows.

``Sender`` takes the world's events from where it last stopped, makes one platform's changes of them, packs them into
deliveries (several pages in one, up to a thousand changes), signs the very bytes and posts them. What a test wants
wrong it says: duplicates, disorder, wrong or missing signatures, values left out.
"""

from __future__ import annotations

import hashlib
import hmac
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal
from urllib.parse import urlencode

from archiver.sandbox.meta.model import Event
from archiver.sandbox.meta.wire import encoded, unix
from archiver.sandbox.meta.world import MetaWorld
from archiver.sandbox.posting import Delivered, send, sign_legacy

Change = Callable[[Event], tuple[str, dict[str, Any]] | None]
Signature = Literal["right", "wrong", "missing", "legacy"]
MOST_CHANGES = 1000


def sign(body: bytes, secret: str) -> str:
    """``X-Hub-Signature-256`` of these bytes."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@dataclass(slots=True)
class Sender:
    """Sends one platform's events to one callback. ``object`` is ``page``, ``instagram`` or ``threads``.

    ``changes`` makes an entry of ``changes`` of an event, ``messages`` one of ``messaging``.
    """

    meta: MetaWorld
    callback: str
    app_secret: str
    verify_token: str
    object: str
    changes: Change
    messages: Change | None = None
    context: ssl.SSLContext | None = None
    timeout_s: float = 10.0
    sent: list[Delivered] = field(default_factory=list)
    _next: int = 0

    # --- the handshake

    def handshake(
        self, *, challenge: str = "1158201444", token: str | None = None, mode: str = "subscribe"
    ) -> Delivered:
        """``GET callback?hub.mode=…``: well answered with 200 and the challenge alone."""
        query = {"hub.mode": mode, "hub.challenge": challenge, "hub.verify_token": token or self.verify_token}
        return self._ask("GET", b"", {}, urlencode(query))

    # --- deliveries

    def skip(self) -> None:
        """Forget what has happened so far, as a subscription made now does."""
        self._next = len(self.meta.events)

    def waiting(self) -> list[dict[str, Any]]:
        """Entries for all that happened since the last time, one for each event."""
        events, self._next = self.meta.events[self._next :], len(self.meta.events)
        return [entry for entry in (self.entry(event) for event in events) if entry is not None]

    def entry(self, event: Event) -> dict[str, Any] | None:
        """One entry of a delivery: a page's id, the time of sending, one change."""
        told = self.changes(event)
        if told is not None:
            return {"id": told[0], "time": unix(self.meta.now()), "changes": [told[1]]}
        sent = self.messages(event) if self.messages is not None else None
        if sent is not None:
            return {"id": sent[0], "time": unix(self.meta.now()) * 1000, "messaging": [sent[1]]}
        return None

    def flush(
        self,
        *,
        together: int = 1,
        shuffle: Random | None = None,
        twice: bool = False,
        signature: Signature = "right",
        values: bool = True,
    ) -> list[Delivered]:
        """Send all that happened since the last time.

        ``together``: so many events in one delivery; ``shuffle``: in another order; ``twice``: each delivery again;
        ``values`` False: only the names of the changed fields, as without "include values".
        """
        entries = self.waiting()
        if shuffle is not None:
            shuffle.shuffle(entries)
        if not values:
            entries = [_without_values(entry) for entry in entries]
        bodies = [self.body(merged(entries[at : at + together])) for at in range(0, len(entries), together)]
        return [self.deliver(body, signature=signature) for body in bodies for _ in range(1 + twice)]

    def body(self, entries: Sequence[Mapping[str, Any]]) -> bytes:
        """The bytes of a delivery."""
        return encoded({"object": self.object, "entry": list(entries)})

    def deliver(self, body: bytes, *, signature: Signature = "right") -> Delivered:
        """Post these bytes."""
        headers = {"Content-Type": "application/json", "User-Agent": "facebookexternalua"}
        if signature == "right":
            headers["X-Hub-Signature"] = sign_legacy(body, self.app_secret)
            headers["X-Hub-Signature-256"] = sign(body, self.app_secret)
        elif signature == "legacy":
            headers["X-Hub-Signature"] = sign_legacy(body, self.app_secret)
        elif signature == "wrong":
            headers["X-Hub-Signature-256"] = sign(body, self.app_secret + "x")
        return self._ask("POST", body, headers)

    def _ask(self, method: str, body: bytes, headers: dict[str, str], query: str = "") -> Delivered:
        done = send(method, self.callback, body, headers, query, context=self.context, timeout_s=self.timeout_s)
        self.sent.append(done)
        return done


def merged(entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Entries of the same page and layout that follow one another become one with several changes."""
    found: list[dict[str, Any]] = []
    for entry in entries:
        name = "changes" if "changes" in entry else "messaging"
        last = found[-1] if found else None
        if last is not None and last["id"] == entry["id"] and name in last and len(last[name]) < MOST_CHANGES:
            last[name] = [*last[name], *entry.get(name, ())]
        else:
            found.append(dict(entry))
    return found


def _without_values(entry: Mapping[str, Any]) -> dict[str, Any]:
    if "changes" not in entry:
        return dict(entry)
    kept = {name: value for name, value in entry.items() if name != "changes"}
    return kept | {"changed_fields": sorted({change["field"] for change in entry["changes"]})}

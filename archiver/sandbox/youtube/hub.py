"""The WebSub hub: subscriptions with a lease, their verification, and signed pushes (youtube.md section 10).

A subscription counts once its callback has answered the hub's question with the challenge. The hub asks when ``verify``
is called or, ``asynchronous``, by itself a moment after the subscription, as the real one does.
"""

from __future__ import annotations

import hashlib
import ssl
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Literal
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from archiver.sandbox.posting import Delivered, send, sign_legacy
from archiver.sandbox.wire import Answer, Asked
from archiver.sandbox.youtube.feeds import PUSHED, pushed, tombstone
from archiver.sandbox.youtube.model import Event
from archiver.sandbox.youtube.world import YouTubeWorld

LEASE = timedelta(days=5)
"""The longest; what is asked for beyond it is cut."""
TOPIC = "https://www.youtube.com/xml/feeds/videos.xml?channel_id="
_TOPIC_PATHS = frozenset({"/xml/feeds/videos.xml", "/feeds/videos.xml"})
Signature = Literal["right", "wrong", "missing"]


@dataclass(slots=True)
class Subscription:
    """One callback for one topic. ``ends_at`` None: not verified yet."""

    topic: str
    callback: str
    secret: str
    lease: timedelta
    mode: str = "subscribe"
    ends_at: datetime | None = None

    @property
    def channel(self) -> str:
        """The channel's id in the topic."""
        return dict(parse_qsl(urlsplit(self.topic).query)).get("channel_id", "")


@dataclass(slots=True)
class Hub:
    """``asked`` are the forms of all subscription requests; ``sent`` all that went to callbacks."""

    youtube: YouTubeWorld
    asynchronous: bool = True
    context: ssl.SSLContext | None = None
    subscriptions: dict[tuple[str, str], Subscription] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    sent: list[Delivered] = field(default_factory=list)
    _pending: list[Subscription] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)
    _next: int = 0

    # --- subscribing

    def subscribe(self, asked: Asked) -> Answer:
        """``POST /subscribe``: 202, and the question to the callback comes later."""
        if asked.method != "POST":
            return _word(405, "Method not allowed")
        form = {name: values[0] for name, values in parse_qs(asked.body.decode("utf-8", "replace")).items()}
        self.asked.append(form)
        if form.get("hub.mode") not in {"subscribe", "unsubscribe"}:
            return _word(400, "Invalid value for hub.mode")
        if urlsplit(form.get("hub.callback", "")).scheme not in {"http", "https"}:
            return _word(400, "Invalid parameter: hub.callback; Invalid URI scheme")
        topic = urlsplit(form.get("hub.topic", ""))
        if topic.path not in _TOPIC_PATHS or not topic.query.startswith("channel_id="):
            return _word(400, "Invalid parameter: hub.topic")
        wanted = form.get("hub.lease_seconds", "")
        lease = min(timedelta(seconds=int(wanted)), LEASE) if wanted.isdecimal() else LEASE
        secret = form.get("hub.secret", "")
        new = Subscription(form["hub.topic"], form["hub.callback"], secret, lease, form["hub.mode"])
        self._pending.append(new)
        if self.asynchronous:
            thread = threading.Thread(target=self.verify, daemon=True)
            self._threads.append(thread)
            thread.start()
        return Answer(202, b"", "text/plain", cacheable=False)

    def verify(self) -> list[Delivered]:
        """Ask the callbacks of all requests that were not verified yet."""
        found: list[Delivered] = []
        while self._pending:
            found.append(self._verify(self._pending.pop(0)))
        return found

    def settle(self) -> None:
        """Wait until all questions were asked."""
        while self._threads:
            self._threads.pop().join()

    def _verify(self, one: Subscription) -> Delivered:
        challenge = str(int(hashlib.sha256(f"{one.topic} {len(self.sent)}".encode()).hexdigest()[:15], 16))
        query = {
            "hub.topic": one.topic,
            "hub.challenge": challenge,
            "hub.mode": one.mode,
            "hub.lease_seconds": str(int(one.lease.total_seconds())),
        }
        done = send("GET", one.callback, b"", {}, urlencode(query), context=self.context)
        self.sent.append(done)
        if done.status // 100 == 2 and done.answer == challenge.encode():
            place = (one.topic, one.callback)
            if one.mode == "unsubscribe":
                self.subscriptions.pop(place, None)
            else:
                one.ends_at = self.youtube.now() + one.lease
                self.subscriptions[place] = one
        return done

    # --- pushing

    def skip(self) -> None:
        """Forget what has happened so far."""
        self._next = len(self.youtube.events)

    def flush(
        self, *, signature: Signature = "right", twice: bool = False, shuffle: Random | None = None
    ) -> list[Delivered]:
        """Tell all living subscriptions what has happened since the last time, each event by itself."""
        events, self._next = self.youtube.events[self._next :], len(self.youtube.events)
        if shuffle is not None:
            shuffle.shuffle(events)
        now = self.youtube.now()
        living = [one for one in self.subscriptions.values() if one.ends_at is not None and one.ends_at > now]
        return [
            self.deliver(one, event, signature=signature)
            for event in events
            for one in living
            if one.channel == event.video.channel.id
            for _ in range(1 + twice)
        ]

    def deliver(self, one: Subscription, event: Event, *, signature: Signature = "right") -> Delivered:
        """Push one event to one callback."""
        gone = event.verb == "remove"
        body = tombstone(event.video, event.at) if gone else pushed(event.video, one.topic, event.at)
        headers = {
            "Content-Type": PUSHED,
            "Link": f"<{one.topic}>; rel=self, <https://pubsubhubbub.appspot.com/>; rel=hub",
            "User-Agent": "FeedFetcher-Google; (+http://www.google.com/feedfetcher.html)",
        }
        if signature != "missing" and one.secret:
            headers["X-Hub-Signature"] = sign_legacy(body, one.secret if signature == "right" else one.secret + "x")
        done = send("POST", one.callback, body, headers, context=self.context)
        self.sent.append(done)
        return done


def _word(status: int, text: str) -> Answer:
    return Answer(status, text.encode(), "text/plain", cacheable=False)

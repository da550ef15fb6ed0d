"""Atom feeds, and the hub that tells subscribers of what is new, changed or removed."""

from __future__ import annotations

import http.client
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from random import Random
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from archiver.sandbox.posting import sign_legacy
from archiver.sandbox.youtube.hub import TOPIC, Hub
from archiver.sandbox.youtube.model import Privacy
from tests.sandbox.youtube.conftest import ACCOUNT, NOW, Tube

ATOM = "{http://www.w3.org/2005/Atom}"
YT = "{http://www.youtube.com/xml/schemas/2015}"
SECRET = "said between us"


def test_a_feed_has_the_fifteen_newest(tube: Tube) -> None:
    """Public ones; the feed's own ids lack the letters that those of the entries have."""
    for number in range(17):
        tube.world.upload(ACCOUNT, f"Film & {number}", at=NOW - timedelta(days=30 - number))
    tube.world.upload(ACCOUNT, "Private", privacy=Privacy.PRIVATE)
    answer = tube.get("/feeds/videos.xml", owner=False, channel_id=tube.channel.id)
    feed = ET.fromstring(answer.body)
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == 15
    assert entries[0].findtext(f"{ATOM}title") == "Film & 16"
    assert entries[0].findtext(f"{YT}channelId") == tube.channel.id
    assert feed.findtext(f"{YT}channelId") == tube.channel.id[2:]
    assert tube.host.spent == 0


def test_a_feed_that_is_not_there(tube: Tube) -> None:
    """404 for strangers' names, and now and then for everybody."""
    assert tube.get("/feeds/videos.xml", channel_id="UCnobody").status == 404
    assert tube.get("/feeds/videos.xml", channel_id=tube.channel.id).status == 200
    tube.quirks.feed_down = 500
    assert tube.get("/feeds/videos.xml", channel_id=tube.channel.id).status == 500


# --- the hub


@dataclass
class Receiver:
    """A subscriber. ``agrees``: answers the hub's question; ``pushes`` are body and signature of all that came."""

    url: str = ""
    agrees: bool = True
    questions: list[dict[str, str]] = field(default_factory=list)
    pushes: list[tuple[bytes, str | None]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """On a port of its own."""
    known = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            known.questions.append(asked)
            self._answer(200, asked["hub.challenge"].encode() if known.agrees else b"no")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known.pushes.append((body, self.headers.get("X-Hub-Signature")))
            self._answer(204, b"")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Silence."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    known.url = f"http://127.0.0.1:{server.server_address[1]}/hooks/youtube?account=city"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield known
    server.shutdown()
    thread.join()
    server.server_close()


def _subscribe(tube: Tube, receiver: Receiver, **more: str) -> int:
    form = {
        "hub.mode": "subscribe",
        "hub.topic": TOPIC + tube.channel.id,
        "hub.callback": receiver.url,
        "hub.verify": "async",
        "hub.secret": SECRET,
        "hub.lease_seconds": "432000",
    } | {name.replace("_", ".", 1): value for name, value in more.items()}
    connection = http.client.HTTPConnection(urlsplit(tube.city.base_url(ACCOUNT)).netloc, timeout=10)
    try:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/subscribe", urlencode(form), headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


@pytest.fixture
def hub(tube: Tube) -> Hub:
    """The city's hub."""
    tube.host.api.hub.skip()
    return tube.host.api.hub


def test_a_subscription_counts_when_its_callback_agrees(tube: Tube, receiver: Receiver, hub: Hub) -> None:
    """The hub asks by itself, with all that it was told; its lease is five days at most."""
    assert _subscribe(tube, receiver, hub_lease_seconds="9999999") == 202
    hub.settle()
    (asked,) = receiver.questions
    assert asked["hub.topic"] == TOPIC + tube.channel.id
    assert (asked["hub.mode"], asked["hub.lease_seconds"], asked["account"]) == ("subscribe", "432000", "city")
    assert len(hub.subscriptions) == 1
    receiver.agrees = False
    assert _subscribe(tube, receiver, hub_topic=TOPIC + "UC" + "x" * 22) == 202
    hub.settle()
    assert len(hub.subscriptions) == 1


@pytest.mark.parametrize(
    "wrong", [{"hub_mode": "publish"}, {"hub_topic": "https://example.org/feed"}, {"hub_callback": "ftp://x"}]
)
def test_requests_that_are_refused(tube: Tube, receiver: Receiver, wrong: dict[str, str]) -> None:
    """Another mode, another feed, another kind of address."""
    assert _subscribe(tube, receiver, **wrong) == 400


def test_news_changes_and_removals_are_pushed(tube: Tube, receiver: Receiver, hub: Hub) -> None:
    """Signed over the very bytes; a removal is a tombstone, whatever happened; private uploads are told to nobody."""
    _subscribe(tube, receiver)
    hub.settle()
    video = tube.world.upload(ACCOUNT, "Film <1>")
    tube.world.rewrite(video, title="Film 1")
    tube.world.upload(ACCOUNT, "Secret", privacy=Privacy.PRIVATE)
    tube.world.set_privacy(video, Privacy.PRIVATE)
    assert [one.status for one in hub.flush()] == [204, 204, 204]
    bodies = [body for body, _ in receiver.pushes]
    assert all(signature == sign_legacy(body, SECRET) for body, signature in receiver.pushes)
    roots = [ET.fromstring(body) for body in bodies]
    assert [root.findtext(f"{ATOM}entry/{YT}videoId") for root in roots] == [video.id, video.id, None]
    gone = roots[2].find("{http://purl.org/atompub/tombstones/1.0}deleted-entry")
    assert gone is not None
    assert gone.get("ref") == f"yt:video:{video.id}"
    assert hub.flush() == []


def test_pushes_that_misbehave(tube: Tube, receiver: Receiver, hub: Hub) -> None:
    """Forged, unsigned, twice, in disorder; and none after the lease."""
    _subscribe(tube, receiver)
    hub.settle()
    for signature in ("wrong", "missing"):
        tube.world.upload(ACCOUNT, signature)
        hub.flush(signature=signature)
    assert [given == sign_legacy(body, SECRET) for body, given in receiver.pushes] == [False, False]
    assert receiver.pushes[1][1] is None
    tube.world.upload(ACCOUNT, "Twice")
    assert len(hub.flush(twice=True, shuffle=Random(1))) == 2
    tube.city.world.advance(timedelta(days=5))
    tube.world.upload(ACCOUNT, "Too late")
    assert hub.flush() == []


def test_unsubscribing(tube: Tube, receiver: Receiver, hub: Hub) -> None:
    """The callback is asked about that as well."""
    for mode in ("subscribe", "unsubscribe"):
        _subscribe(tube, receiver, hub_mode=mode)
        hub.settle()
    assert [asked["hub.mode"] for asked in receiver.questions] == ["subscribe", "unsubscribe"]
    assert hub.subscriptions == {}

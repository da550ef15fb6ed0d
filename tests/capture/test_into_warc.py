"""What capture hands over makes valid WARC files, reads back as the same exchange, and holds no secret."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from archiver.domain.exchange import Exchange, Purpose
from archiver.warc import facts as fact
from archiver.warc.event import CaptureEvent
from archiver.warc.reader import events, exchange_of, live_exchange
from archiver.warc.validator import validate
from archiver.warc.writer import SegmentKey, Segments, WarcInfo
from tests.capture.conftest import TOKEN, MakeRig, Rig
from tests.capture.servers import Play, hang_up, peer, silence
from tests.capture.spellings import SPELLINGS, leaks
from tests.support.clock import FakeClock

BODY = json.dumps({"next": f"https://x/?t={TOKEN}", "posts": list(range(200))}).encode()
PACKED = gzip.compress(BODY)
CASES: dict[str, Play | bytes] = {
    "a length": b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY,
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY),
    "gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(PACKED) + PACKED,
    "an interim response": b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "not found": b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}",
    "a redirect with a token": b"HTTP/1.1 302 Found\r\nLocation: /?access_token=abc\r\nContent-Length: 0\r\n\r\n",
    "cut": hang_up(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + TOKEN.encode()),
    "cut within a chunk": hang_up(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n" + TOKEN.encode()),
    "coded and cut": hang_up(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 999\r\n\r\n" + PACKED[:150]
    ),
    "an echo that has to be left out": (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nContent-Length: %d\r\n\r\n" % len(gzip.compress(PACKED))
        + gzip.compress(PACKED)
    ),
    "no answer": hang_up(),
    "silence": silence(),
    "half a head": hang_up(b"HTTP/1.1 200 OK\r\nX-Echo: " + TOKEN.encode()),
    "not HTTP": b"SSH-2.0-" + TOKEN.encode() + b"\r\n\r\n",
    "surplus": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n\r\n",
}


def written(folder: Path, event: CaptureEvent) -> Exchange:
    """Write an event as the journal does; the exchange as the adapter sees it."""
    segments = Segments(folder, info=WarcInfo("City", "City", "archiver-tests/1"), now=FakeClock().now)
    facts = {fact.SEQUENCE: "1", fact.ACCOUNT: "city", fact.STREAM: "posts", fact.TASK: "poll"}
    ref = segments.append(SegmentKey("city", str(event.purpose)), event, lambda *_: facts)
    segments.seal()
    segments.close()
    return live_exchange(event, ref, facts)


def readable(folder: Path) -> bytes:
    """All bytes of all files, unpacked."""
    return b"".join(gzip.decompress(path.read_bytes()) for path in folder.rglob("*.warc.gz"))


@pytest.mark.parametrize("case", CASES)
def test_into_warc_and_back(case: str, make_rig: MakeRig, tmp_path: Path) -> None:
    """A strict validator finds nothing, the record reads back as what the adapter saw, and the token is nowhere."""
    rig = make_rig(read_timeout_s=0.5)
    with peer(CASES[case]) as server:
        event = rig.fetch(server.url, "/api?token=abc-canary&a=b", credential="token")
    seen = written(tmp_path / "warc", event)
    (path,) = (tmp_path / "warc").rglob("*.warc.gz")
    assert list(validate(path)) == []
    assert [exchange_of(one) for one in events(path)] == [seen]
    data = readable(tmp_path / "warc")
    assert leaks(data, TOKEN) == []
    assert b"abc-canary" not in data
    assert (seen.failure, seen.truncated) == (event.failure, event.truncated)
    assert seen.url == event.url


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_in_every_file(spelling: str, rig: Rig, tmp_path: Path) -> None:
    """A canary that a server repeats in head and body can't be found in the file by any decoding."""
    echo = SPELLINGS[spelling](TOKEN)
    body = gzip.compress(b'{"a": "' + echo + b'"}')
    head = b"HTTP/1.1 200 OK\r\nX-Echo: " + SPELLINGS["a URL"](TOKEN) + b"\r\nContent-Encoding: gzip\r\n"
    with peer(head + b"Content-Length: %d\r\n\r\n" % len(body) + body) as server:
        event = rig.fetch(server.url, credential="token")
    written(tmp_path / "warc", event)
    assert leaks(readable(tmp_path / "warc"), TOKEN) == []


def test_media_into_warc(rig: Rig, tmp_path: Path) -> None:
    """A large file goes from the wire through the spool into its WARC record."""
    content = bytes(range(256)) * 10_000
    with peer(
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n" % len(content) + content
    ) as server:
        event = rig.fetch(server.url, "/a.png", purpose=Purpose.MEDIA)
    assert event.response is not None
    with event.response:
        written(tmp_path / "warc", event)
    assert content in readable(tmp_path / "warc")

"""No credential is in what an exchange leaves behind, and what was changed is disclosed (design, idea 6; R62)."""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
import os
import zlib

import pytest

from archiver.capture.masking import fill
from archiver.capture.recording import recompressed
from archiver.domain.exchange import Purpose
from archiver.errors import TokenMissing
from archiver.warc.event import CaptureEvent
from tests.capture.conftest import TOKEN, MakeRig, Rig, stored, taken
from tests.capture.servers import hang_up, peer, say
from tests.capture.spellings import SPELLINGS, leaks


def answer(body: bytes, *fields: bytes) -> bytes:
    """An answer with a length."""
    return (
        b"HTTP/1.1 200 OK\r\n"
        + b"".join(f + b"\r\n" for f in fields)
        + b"Content-Length: %d\r\n\r\n" % len(body)
        + body
    )


def body_of(block: bytes) -> bytes:
    """The body of a block."""
    return block.partition(b"\r\n\r\n")[2]


def everything(event: CaptureEvent) -> bytes:
    """All that the event holds, as bytes."""
    block = stored(event) if event.response is not None else b""
    return repr(event).encode() + event.request + block


def test_the_token_is_sent_last_and_stored_nowhere(rig: Rig) -> None:
    """The credential is the last header on the wire; the stored request has a marker, and says so."""
    with peer(answer(b"{}")) as server:
        event = rig.fetch(
            server.url, credential="token", headers=(("Accept", "application/json"), ("Authorization", "mine"))
        )
        sent = server.requests[0]
    assert sent.endswith(f"\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
    assert event.request == sent.replace(f"Bearer {TOKEN}".encode(), b"[removed]")
    assert taken(event) == {"request-header authorization": 1}
    assert leaks(everything(event), TOKEN) == []


def test_without_a_credential(rig: Rig) -> None:
    """A request that names no credential carries none."""
    with peer(answer(b"{}")) as server:
        rig.fetch(server.url)
        assert b"uthorization" not in server.requests[0]


def test_no_token_is_configured(make_rig: MakeRig) -> None:
    """A credential that is not configured is left out; the platform says what it thinks of that."""
    rig = make_rig(token=None)
    with peer(answer(b"{}")) as server:
        rig.fetch(server.url, credential="token")
        assert b"uthorization" not in server.requests[0]


def test_a_token_that_can_not_be_read(make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A configured token that is not there is the operator's trouble."""
    rig = make_rig(token=" ")
    with pytest.raises(TokenMissing):
        rig.fetch("http://127.0.0.1:9", credential="token")


def test_a_token_that_no_header_can_carry(make_rig: MakeRig) -> None:
    """A token with characters that a header can't have is a failure without the token in it."""
    event = make_rig(token="пароль-и-ещё").fetch("http://127.0.0.1:9", credential="token")
    assert (event.failure, event.request) == ("protocol", b"")
    assert "пароль" not in repr(event)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_echo_in_any_spelling(spelling: str, rig: Rig) -> None:
    """A token that the answer repeats is masked at the same length, whatever it is written in; the rest stays."""
    echo = SPELLINGS[spelling](TOKEN)
    body = b'{"paging": {"next": "https://x/?t=' + echo + b'&n=2"}}'
    with peer(answer(body, b"X-Echo: " + SPELLINGS["a URL"](TOKEN))) as server:
        event = rig.fetch(server.url, credential="token")
    block = stored(event)
    assert leaks(everything(event), TOKEN) == []
    assert len(body_of(block)) == len(body)
    assert body_of(block).startswith(b'{"paging": {"next": "https://x/?t=')
    assert body_of(block).endswith(b'&n=2"}}')
    assert taken(event) == {"request-header authorization": 1, "response-body": 1, "response-header x-echo": 1}
    digest = next(one.received_digest for one in event.redactions if one.place == "response-body")
    assert digest == f"sha256:{hashlib.sha256(body).hexdigest()}"
    assert event.payload_sha256 == hashlib.sha256(body_of(block)).hexdigest()


@pytest.mark.parametrize("size", [1, 3, 7, 64])
def test_an_echo_cut_by_chunks(size: int, rig: Rig) -> None:
    """A token that is cut by the ends of chunks is masked in all its parts; the framing stays."""
    body = b"--" + TOKEN.encode() * 3 + b"--"
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with peer(say(head + chunks, pieces=9)) as server:
        event = rig.fetch(server.url, credential="token")
    block = stored(event)
    assert len(block) == len(head + chunks)
    assert [len(line) for line in block.split(b"\r\n")] == [len(line) for line in (head + chunks).split(b"\r\n")]
    assert leaks(block.replace(b"\r\n%x\r\n" % size, b""), TOKEN) == []
    assert taken(event)["response-body"] == 3


@pytest.mark.parametrize("level", [1, 6, 9])
@pytest.mark.parametrize("chunk", [None, 5, 1000])
def test_an_echo_beneath_gzip(level: int, chunk: int | None, rig: Rig) -> None:
    """A token beneath gzip is masked there; head, framing and lengths stay, and the server is not asked for gzip again."""
    document = json.dumps({"next": f"https://x/?access_token={TOKEN}", "posts": ["lorem ipsum"] * 40}).encode()
    packed = gzip.compress(document, level)
    if chunk is None:
        whole = answer(packed, b"Content-Encoding: gzip")
    else:
        parts = [packed[at : at + chunk] for at in range(0, len(packed), chunk)]
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
        whole = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
    with peer(whole, answer(b"{}")) as server:
        event = rig.fetch(server.url, credential="token")
        rig.fetch(server.url, credential="token")
        assert b"Accept-Encoding: gzip\r\n" in server.requests[0]
        assert b"Accept-Encoding: identity\r\n" in server.requests[1]
    block = stored(event)
    assert (len(block), event.truncated, event.failure) == (len(whole), None, None)
    payload = body_of(block)
    if chunk is not None:
        payload = b"".join(payload[at + len(b"%x" % size) + 2 :][:size] for at, size in _chunks(payload))
    masked = gzip.decompress(payload)
    assert json.loads(masked)["next"] == f"https://x/?access_token={fill(len(TOKEN)).decode()}"
    assert len(masked) == len(document)
    assert leaks(everything(event), TOKEN) == []
    assert taken(event)["response-body"] == 1
    received = next(one.received_digest for one in event.redactions if one.place == "response-body")
    assert received == f"sha256:{hashlib.sha256(packed).hexdigest()}"
    assert event.payload_sha256 == hashlib.sha256(payload).hexdigest()


def _chunks(body: bytes) -> list[tuple[int, int]]:
    places, at = [], 0
    while size := int(body[at : body.index(b"\r\n", at)], 16):
        places.append((at, size))
        at = body.index(b"\r\n", at) + 2 + size + 2
    return places


UNREWRITABLE = {
    "deflate": (zlib.compress(b'{"t": "' + TOKEN.encode() + b'"}'), b"deflate"),
    "gzip that is smaller than we can make it": (None, b"gzip"),
    "gzip in gzip": (gzip.compress(gzip.compress(b'{"t": "' + TOKEN.encode() + b'"}')), b"gzip, gzip"),
}


@pytest.mark.parametrize("case", UNREWRITABLE)
def test_an_echo_that_can_not_be_masked(case: str, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the body can't be rewritten at its length it is left out, marked as cut, disclosed; the next try asks for no coding."""
    body, coding = UNREWRITABLE[case]
    if body is None:
        body = gzip.compress(b'{"t": "' + TOKEN.encode() + b'"}')
        monkeypatch.setattr(
            "archiver.capture.recording.recompressed", lambda content, length: recompressed(content, 20)
        )
    whole = answer(body, b"Content-Encoding: " + coding)
    plain = answer(b'{"t": "' + TOKEN.encode() + b'"}')
    with peer(whole, plain) as server:
        event = rig.fetch(server.url, credential="token")
        again = rig.fetch(server.url, credential="token")
        assert b"Accept-Encoding: identity\r\n" in server.requests[1]
    assert (event.truncated, body_of(stored(event))) == ("unspecified", b"")
    assert taken(event)["response-body"] == 1
    assert event.failure_detail is not None
    assert (again.truncated, leaks(everything(again), TOKEN)) == (None, [])


def test_an_honest_gzip_answer_is_not_touched(rig: Rig) -> None:
    """An answer that was looked through and repeats nothing is stored byte for byte."""
    whole = answer(gzip.compress(b'{"posts": []}') + b"trailing", b"Content-Encoding: gzip", b"X-A:  b")
    with peer(whole) as server:
        event = rig.fetch(server.url, credential="token")
    assert stored(event) == whole
    assert taken(event) == {"request-header authorization": 1}


def test_gzip_that_is_none(rig: Rig) -> None:
    """A body that only says it is gzip is masked as it is."""
    whole = answer(b'{"t": "' + TOKEN.encode() + b'"}', b"Content-Encoding: gzip")
    with peer(whole) as server:
        event = rig.fetch(server.url, credential="token")
    assert leaks(everything(event), TOKEN) == []
    assert len(stored(event)) == len(whole) or event.truncated


def test_a_part_of_an_answer(rig: Rig) -> None:
    """What came of a broken answer is masked too, plain and coded."""
    plain = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + TOKEN.encode() + b" and"
    packed = zlib.compressobj(9, zlib.DEFLATED, 31)
    started = packed.compress(TOKEN.encode() + os.urandom(3000)) + packed.flush(zlib.Z_SYNC_FLUSH)
    coded = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9999\r\n\r\n" + started
    head = b"HTTP/1.1 200 OK\r\nSet-Cookie: abc\r\nX-Echo: " + TOKEN.encode()
    with peer(hang_up(plain), hang_up(coded), hang_up(head)) as server:
        events = [rig.fetch(server.url, credential="token") for _ in range(3)]
    assert [event.truncated for event in events] == ["disconnect", "disconnect", None]
    assert events[2].failure == "disconnect"
    for event in events:
        assert leaks(everything(event), TOKEN) == []


def test_a_token_in_a_url(rig: Rig) -> None:
    """A token that got into a URL is stored neither there nor in the request line, and a failure does not name it."""
    with peer(answer(b"{}")) as server:
        event = rig.fetch(server.url, f"/a?x=1&access_token=abc&t={TOKEN.replace('=', '%3D')}", credential="token")
    assert event.url == f"{server.url}/a?x=1&access_token=%5Bremoved%5D&t={fill(len(TOKEN) + 2).decode()}"
    assert taken(event)["url"] == 2
    unsent = rig.fetch("http://127.0.0.1:1", "/a?access_token=abc")
    assert (unsent.failure, taken(unsent)) == ("connect", {"url": 1})
    refused = rig.get(f"ftp://{TOKEN}/?access_token=abc")
    assert leaks(repr(refused).encode(), TOKEN) == []


def test_a_file_is_not_searched(rig: Rig) -> None:
    """A file that was asked for without a credential is stored as it came."""
    whole = answer(TOKEN.encode(), b"Content-Type: image/png")
    with peer(answer(b"{}"), whole) as server:
        rig.fetch(server.url, credential="token")
        event = rig.fetch(server.url, purpose=Purpose.MEDIA)
    assert stored(event) == whole


def test_logs_show_nothing(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """Even with everything logged, no header and no token is in the log."""
    with caplog.at_level(logging.DEBUG), peer(answer(b"{}", b"Set-Cookie: abc-cookie")) as server:
        rig.fetch(server.url, "/?token=abc-param", credential="token")
    assert leaks(caplog.text.encode(), TOKEN) == []
    assert "abc-" not in caplog.text
    assert caplog.text == ""


@pytest.mark.parametrize("spare", [0, 1, 2, 300, 70_000])
def test_recompressed(spare: int) -> None:
    """A gzip member of a given length unfolds to the same content; a length that is too short is refused."""
    content = b'{"a": "b"}' * 50
    shortest = next(length for length in range(1000) if recompressed(content, length))
    packed = recompressed(content, shortest + spare)
    assert packed is not None
    assert (len(packed), gzip.decompress(packed)) == (shortest + spare, content)
    assert recompressed(content, shortest - 1) is None

"""What goes wrong on the wire is told by the event: failure, truncation, never an exception (records rules R59, R67)."""

from __future__ import annotations

import socket
import threading
import time
import zlib
from typing import Any

import pytest

from archiver.capture.media import AnswerLimits, MediaLimits
from archiver.domain.exchange import Purpose
from archiver.errors import OperatorError
from tests.capture.conftest import MakeRig, Rig, stored
from tests.capture.servers import Play, drip, hang_up, peer, say, silence

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
QUICK: dict[str, Any] = {"connect_timeout_s": 0.4, "read_timeout_s": 0.4}

FAILURES: dict[str, tuple[Play, str, bytes | None]] = {
    "no answer in time": (silence(), "timeout", None),
    "a head that stops": (silence(b"HTTP/1.1 200 OK\r\nX-"), "timeout", b"HTTP/1.1 200 OK\r\nX-"),
    "closed without an answer": (hang_up(), "disconnect", None),
    "closed within the head": (hang_up(b"HTTP/1.1 200 OK\r\nX-"), "disconnect", b"HTTP/1.1 200 OK\r\nX-"),
    "reset without an answer": (hang_up(rudely=True), "disconnect", None),
    "closed after an interim response": (
        hang_up(b"HTTP/1.1 100 Continue\r\n\r\n"),
        "disconnect",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ),
    "not HTTP": (say(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"), "protocol", b"SSH-2.0-OpenSSH_9.9\r\n\r\n"),
    "two lengths": (
        say(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        "protocol",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
    ),
    "a coding of the transfer that nobody knows": (
        say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
        "protocol",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    ),
    "a change of protocol": (
        say(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
        "protocol",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    ),
}

TRUNCATIONS: dict[str, tuple[Play, str, bytes]] = {
    "closed before the length is reached": (hang_up(HEAD + b"half"), "disconnect", HEAD + b"half"),
    "reset before the length is reached": (hang_up(HEAD + b"half", rudely=True), "disconnect", HEAD + b"half"),
    "closed within a chunk": (hang_up(CHUNKED + b"5\r\nhel"), "disconnect", CHUNKED + b"5\r\nhel"),
    "closed within a chunk's size": (hang_up(CHUNKED + b"5\r\nhello\r\n1"), "disconnect", CHUNKED + b"5\r\nhello\r\n1"),
    "closed before the last chunk": (hang_up(CHUNKED + b"5\r\nhello\r\n"), "disconnect", CHUNKED + b"5\r\nhello\r\n"),
    "closed within the trailers": (hang_up(CHUNKED + b"0\r\nX-A: b"), "disconnect", CHUNKED + b"0\r\nX-A: b"),
    "nothing more for too long": (silence(HEAD + b"half"), "time", HEAD + b"half"),
    "chunks that are none": (
        say(CHUNKED + b"5\r\nhello\r\nxyz\r\n"),
        "unspecified",
        CHUNKED + b"5\r\nhello\r\nxyz\r\n",
    ),
}


@pytest.mark.parametrize("case", FAILURES)
def test_failures(case: str, make_rig: MakeRig) -> None:
    """No usable answer: the event says why, and holds the bytes that came nevertheless."""
    play, word, block = FAILURES[case]
    with peer(play) as server:
        event = make_rig(**QUICK).fetch(server.url)
    assert (event.failure, event.truncated) == (word, None)
    assert event.failure_detail
    assert event.request.startswith(b"GET / HTTP/1.1\r\n")
    assert (stored(event) if event.response else None) == block
    assert event.payload_sha256 is None


@pytest.mark.parametrize("case", TRUNCATIONS)
def test_truncations(case: str, make_rig: MakeRig) -> None:
    """A part of an answer is stored as it came, and marked by why it is only a part."""
    play, word, block = TRUNCATIONS[case]
    with peer(play) as server:
        event = make_rig(**QUICK).fetch(server.url)
    assert (event.failure, event.truncated) == (None, word)
    assert event.failure_detail
    assert stored(event) == block


def test_truncated_before_a_kept_connection_is_used_again(rig: Rig) -> None:
    """A broken answer ends its connection; the next request has a new one."""
    good = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
    with peer(good, hang_up(HEAD), good) as server:
        events = [rig.fetch(server.url) for _ in range(3)]
        assert server.connections == 2
    assert [event.truncated for event in events] == [None, "disconnect", None]


def test_a_server_that_closed_a_kept_connection(rig: Rig) -> None:
    """A connection that the server closed meanwhile is not used again: no failure for what is no trouble."""
    good = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
    with peer(hang_up(good), hang_up(good)) as server:
        first = rig.fetch(server.url)
        time.sleep(0.2)
        second = rig.fetch(server.url)
    assert (first.failure, second.failure) == (None, None)


def test_nobody_listens(rig: Rig) -> None:
    """A closed port is a failure to connect, with nothing sent."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    event = rig.fetch(f"http://127.0.0.1:{port}")
    assert (event.failure, event.request, event.response, event.peer, event.protocols) == (
        "connect",
        b"",
        None,
        None,
        (),
    )
    assert "Connection refused" in str(event.failure_detail)


def test_nobody_accepts(make_rig: MakeRig) -> None:
    """A connection that is never accepted ends by the timeout."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf:
        crowd = [socket.socket() for _ in range(4)]
        for sock in crowd:
            sock.setblocking(False)
            sock.connect_ex(deaf.getsockname())
        began = time.monotonic()
        event = make_rig(**QUICK).fetch(f"http://127.0.0.1:{deaf.getsockname()[1]}")
        for sock in crowd:
            sock.close()
    assert (event.failure, event.request) == ("timeout", b"")
    assert time.monotonic() - began < 2


def test_a_name_that_is_not_there(make_rig: MakeRig) -> None:
    """A name without an address is a failure of its own."""

    def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    event = make_rig(resolve=resolve).fetch("http://social.example")
    assert (event.failure, event.failure_detail) == ("dns", "social.example: Name or service not known.")


def test_a_name_server_that_hangs(make_rig: MakeRig) -> None:
    """Looking up a name counts against the time to connect."""
    hanging = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        hanging.wait(10)
        return []

    began = time.monotonic()
    event = make_rig(resolve=resolve, **QUICK).fetch("http://social.example")
    hanging.set()
    assert event.failure == "timeout"
    assert time.monotonic() - began < 2


def test_the_second_address_answers(make_rig: MakeRig) -> None:
    """Where one address of a name does not answer, the next is tried."""
    with peer(b"HTTP/1.1 204 No Content\r\n\r\n", host="127.0.0.1") as server:
        rig = make_rig(resolve=lambda host, port: ["::1", "127.0.0.9", "127.0.0.1"])
        event = rig.fetch(f"http://social.example:{server.port}")
    assert (event.failure, event.peer) == (None, "127.0.0.1")


def test_ipv6(rig: Rig) -> None:
    """An IPv6 server is asked like any other."""
    with peer(b"HTTP/1.1 204 No Content\r\n\r\n", host="::1") as server:
        event = rig.fetch(server.url)
        assert f"Host: [::1]:{server.port}\r\n".encode() in event.request
    assert (event.failure, event.peer) == (None, "::1")


ODD_ADDRESSES = ["", "ftp://example.org/", "file:///etc/passwd", "http://", "http:///path", "http://a b/", "//example.org/",
                 "http://user:pass@127.0.0.1/", "http://user@127.0.0.1/", "http://@127.0.0.1/", "http://[::1", "http://127.0.0.1:0/",
                 "http://127.0.0.1:99999/", "http://127.0.0.1:http/", "javascript:alert(1)", "http://\x00/", "http://xn--/",
                 "gopher://127.0.0.1:70/_GET", "HTTP//127.0.0.1/"]  # fmt: skip


@pytest.mark.parametrize("url", ODD_ADDRESSES)
def test_addresses_that_are_not_asked(url: str, make_rig: MakeRig) -> None:
    """An address that can't or may not be asked is a failure, whatever a stranger wrote into it."""
    event = make_rig(resolve=lambda host, port: ["127.0.0.1"]).get(url, purpose=Purpose.MEDIA)
    assert (event.failure, event.request, event.response) == ("refused", b"", None)


def test_a_name_that_no_name_server_can_have(rig: Rig) -> None:
    """A host name with a label that is too long has no address."""
    event = rig.get(f"http://{'a' * 70}.localhost/")
    assert (event.failure, event.request) in {("dns", b""), ("refused", b"")}


def test_too_large_for_an_api(make_rig: MakeRig) -> None:
    """An answer is cut exactly at the limit and marked."""
    answer = CHUNKED + b"8000\r\n" + b"x" * 0x8000 + b"\r\n0\r\n\r\n"
    with peer(answer, answer) as server:
        cut = make_rig(api=AnswerLimits(max_bytes=5000)).fetch(server.url)
        whole = make_rig(api=AnswerLimits(max_bytes=len(answer))).fetch(server.url)
    assert (cut.truncated, stored(cut)) == ("length", answer[:5000])
    assert (whole.truncated, stored(whole)) == (None, answer)


def test_a_server_that_drips(make_rig: MakeRig) -> None:
    """A server that always sends a little more in time is cut when the whole takes too long, in body and head."""
    limits = AnswerLimits(max_seconds=0.8)
    with peer(drip(b"HTTP/1.1 200 OK\r\n\r\n", 0.1), drip(b"HTTP/1.1 200 OK\r\nX: ", 0.1)) as server:
        rig = make_rig(api=limits)
        began = time.monotonic()
        body, head = rig.fetch(server.url), rig.fetch(server.url)
    assert time.monotonic() - began < 3
    assert (body.truncated, body.failure) == ("time", None)
    assert (head.truncated, head.failure) == (None, "timeout")


MEDIA: dict[str, tuple[bytes, int, str | None, bool]] = {
    "within the limits": (b"Content-Type: image/png\r\nContent-Length: 3000\r\n\r\n", 3000, None, True),
    "with parameters and odd letters": (b"Content-Type: IMAGE/PNG; a=b\r\nContent-Length: 9\r\n\r\n", 9, None, True),
    "without a type": (b"Content-Length: 9\r\n\r\n", 9, None, True),
    "announced too large": (b"Content-Type: image/png\r\nContent-Length: 9000\r\n\r\n", 9000, "length", False),
    "too large without saying so": (b"Content-Type: video/mp4\r\n\r\n", 9000, "length", True),
    "of another type": (b"Content-Type: text/html\r\nContent-Length: 9\r\n\r\n", 9, "unspecified", False),
}


@pytest.mark.parametrize("case", MEDIA)
def test_media_limits(case: str, make_rig: MakeRig) -> None:
    """A file is cut at the size limit; one that says it is too large, or is of another type, is not begun."""
    fields, size, word, begun = MEDIA[case]
    types = ("image/*", "video/mp4", "application/octet-stream")
    answer = b"HTTP/1.1 200 OK\r\n" + fields + b"m" * size
    with peer(hang_up(answer)) as server:
        rig = make_rig(media=MediaLimits(max_bytes=4000, max_seconds=5, types=types))
        event = rig.fetch(server.url, purpose=Purpose.MEDIA)
    assert (event.failure, event.truncated) == (None, word)
    if word is None:
        assert stored(event) == answer
    elif begun:
        assert stored(event) == answer[:4000]
    assert stored(event).startswith(b"HTTP/1.1 200 OK\r\n" + fields)


def test_an_error_page_for_media(make_rig: MakeRig) -> None:
    """An error page is evidence of the file's absence, whatever its type."""
    answer = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\ngone"
    with peer(answer) as server:
        event = make_rig(media=MediaLimits(types=("image/*",))).fetch(server.url, purpose=Purpose.MEDIA)
    assert (event.truncated, stored(event)) == (None, answer)


@pytest.mark.parametrize(
    "play", [silence(), silence(HEAD), drip(HEAD, 0.05)], ids=["waiting for a head", "waiting for a body", "in a body"]
)
def test_a_stop_ends_a_request(play: Play, rig: Rig) -> None:
    """Asked to stop, a request ends within a second, and what came is nothing to store."""
    with peer(play) as server:
        threading.Timer(0.3, rig.stop.set).start()
        began = time.monotonic()
        event = rig.fetch(server.url)
    assert time.monotonic() - began < 1.3
    assert (event.failure, event.truncated, event.response) == ("stopped", None, None)


def test_after_a_stop_nothing_is_sent(rig: Rig) -> None:
    """Once stopped, no request goes out."""
    rig.stop.set()
    with peer() as server:
        event = rig.fetch(server.url)
        assert (event.failure, server.connections) == ("stopped", 0)


def test_a_spool_that_can_not_be_written(rig: Rig) -> None:
    """A disk that takes nothing is the operator's trouble, not the platform's."""
    rig.spool.write_text("a file where the folder should be")
    answer = CHUNKED + b"200000\r\n" + b"x" * 0x200000 + b"\r\n0\r\n\r\n"
    with peer(answer) as server, pytest.raises(OperatorError, match="spool"):
        rig.fetch(server.url)


def test_a_bomb_is_not_unfolded_in_memory(rig: Rig) -> None:
    """A small answer that unfolds to gigabytes is left out when it can't be looked through for the credential."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(80)) + squeeze.flush()
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    with peer(head + packed) as server:
        event = rig.fetch(server.url, credential="token")
    assert (event.truncated, stored(event)) == ("length", head)

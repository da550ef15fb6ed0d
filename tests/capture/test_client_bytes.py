"""The stored block is what went over the wire (records rule R60)."""

from __future__ import annotations

import gzip
import hashlib

import pytest

from archiver.domain.exchange import Purpose
from tests.capture.conftest import MakeRig, Rig, stored, taken
from tests.capture.servers import hang_up, peer, say

JSON = b'{"posts": [' + b'{"id": 1},' * 40 + b"{}]}"
PACKED = gzip.compress(JSON, 6, mtime=0)


def chunked(payload: bytes, size: int, *, extension: bytes = b"", trailers: bytes = b"") -> bytes:
    """A payload in chunks."""
    parts = [payload[at : at + size] for at in range(0, len(payload), size)]
    body = b"".join(b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in parts)
    return body + b"0\r\n" + trailers + b"\r\n"


OK = b"HTTP/1.1 200 OK\r\n"
ANSWERS: dict[str, tuple[bytes, bytes]] = {
    "odd spacing, odd spelling and repeated fields": (
        OK + b"conTENT-length:   5   \r\nX-Odd:a\r\nX-Odd:  b\t\r\nx-odd:\r\n\r\nhello",
        b"hello",
    ),
    "no reason phrase": (b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nhi", b"hi"),
    "a head in Latin-1": (OK + b"X-Name: M\xfcller\r\nContent-Length: 2\r\n\r\nhi", b"hi"),
    "line feeds without carriage returns": (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", b"hi"),
    "a folded field": (OK + b"X-Long: one\r\n  two\r\nContent-Length: 2\r\n\r\nhi", b"hi"),
    "chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(JSON, 100), JSON),
    "chunks with extensions and trailers": (
        OK + b"Transfer-Encoding: Chunked\r\n\r\n" + chunked(JSON, 7, extension=b';a="b"', trailers=b"X-Sum: 1\r\n"),
        JSON,
    ),
    "gzip in chunks": (
        OK + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(PACKED, 10),
        PACKED,
    ),
    "gzip with a length": (OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(PACKED) + PACKED, PACKED),
    "an interim response before it": (
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nhi",
        b"hi",
    ),
    "no content": (b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n", b""),
    "not modified, with the length of what is not sent": (
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 50\r\n\r\n",
        b"",
    ),
    "an error page": (b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone", b"gone"),
}


@pytest.mark.parametrize("pieces", [1, 5, 400], ids=["at once", "in pieces", "byte by byte"])
@pytest.mark.parametrize("case", ANSWERS)
def test_the_block_is_the_answer(case: str, pieces: int, rig: Rig) -> None:
    """Head, framing and coding are stored as they came, however the network cut them; the payload digest is right."""
    answer, payload = ANSWERS[case]
    with peer(say(answer, pieces=pieces)) as server:
        event = rig.fetch(server.url)
    assert (event.failure, event.truncated, event.failure_detail, taken(event)) == (None, None, None, {})
    assert stored(event) == answer
    assert event.payload_sha256 == hashlib.sha256(payload).hexdigest()
    assert event.response is not None
    assert event.response.sha256 == hashlib.sha256(answer).hexdigest()


def test_a_body_that_ends_with_the_connection(rig: Rig) -> None:
    """An answer without a length is whole when the server closes."""
    answer = b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\n" + JSON
    with peer(hang_up(answer)) as server:
        event = rig.fetch(server.url)
    assert stored(event) == answer
    assert (event.truncated, event.protocols) == (None, ("http/1.0",))


def test_an_answer_to_head(rig: Rig) -> None:
    """An answer to HEAD has no body, whatever its head says."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
    with peer(answer, answer) as server:
        events = [rig.fetch(server.url, method="HEAD") for _ in range(2)]
        assert server.connections == 1
    assert [stored(event) for event in events] == [answer, answer]


def test_kept_connections(rig: Rig) -> None:
    """On one connection each exchange gets its own bytes, sent and received."""
    answers = [answer for answer, _ in ANSWERS.values()] * 2
    with peer(*answers) as server:
        events = [rig.fetch(server.url, f"/{number}") for number in range(len(answers))]
        assert server.connections == 1
        assert [stored(event) for event in events] == answers
        assert [event.request for event in events] == server.requests
        assert server.requests[3].startswith(b"GET /3 HTTP/1.1\r\nHost: ")


def test_two_accounts_share_a_client(make_rig: MakeRig) -> None:
    """Threads that ask at the same time never get each other's bytes."""
    import threading

    rig = make_rig(token=None)
    answers = [
        [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n%04d-%04d" % (who, n) for n in range(50)] for who in range(4)
    ]
    wrong: list[object] = []

    def ask(who: int) -> None:
        with peer(*(say(one, pieces=3) for one in answers[who])) as server:
            for number in range(50):
                event = rig.fetch(server.url, f"/{number}")
                if stored(event) != answers[who][number] or event.request != server.requests[number]:
                    wrong.append((who, number, event))

    threads = [threading.Thread(target=ask, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_what_is_sent(rig: Rig) -> None:
    """The request says who we are, offers gzip, and is stored as sent; the target keeps its spelling."""
    with peer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as server:
        path = "/xrpc/a.b?uris=at://did:plc:x/app/1&q='a'%7e%7E;b|c[]"
        event = rig.fetch(server.url, path, headers=(("Accept", "application/json"), ("X-Thing", "1")))
        assert server.requests == [event.request]
    head = event.request.decode().split("\r\n")
    assert head[0] == f"GET {path} HTTP/1.1"
    assert head[1:-2] == [
        f"Host: 127.0.0.1:{server.port}",
        "User-Agent: archiver-tests/1",
        "Accept-Encoding: gzip",
        "Connection: keep-alive",
        "Accept: application/json",
        "X-Thing: 1",
    ]
    assert event.url == server.url + path
    assert (event.peer, event.protocols, event.method) == ("127.0.0.1", ("http/1.1",), "GET")


def test_characters_that_can_not_be_sent(rig: Rig) -> None:
    """A URL with other characters is asked, and named, as it was sent; a fragment is nobody's business."""
    with peer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as server:
        event = rig.fetch(server.url, "/bild größe.png?a=ü#oben")
        assert event.request.startswith(b"GET /bild%20gr%C3%B6%C3%9Fe.png?a=%C3%BC HTTP/1.1\r\n")
    assert event.url == f"{server.url}/bild%20gr%C3%B6%C3%9Fe.png?a=%C3%BC"


def test_a_body_is_sent(rig: Rig) -> None:
    """A request's body is sent with its length and stored with it."""
    with peer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as server:
        event = rig.fetch(server.url, method="POST", body=b'{"a": 1}', headers=(("Content-Type", "application/json"),))
        assert server.requests == [event.request]
    assert b"Content-Length: 8\r\n" in event.request
    assert event.request.endswith(b'\r\n\r\n{"a": 1}')


def test_surplus_never_becomes_the_next_answer(rig: Rig) -> None:
    """Bytes after an answer's end are left out, said so, and the connection is not used again."""
    first = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
    smuggled = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
    second = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nyo\r\n0\r\n\r\n"
    with peer(first + smuggled, second + b"HTTP/1.1", first) as server:
        events = [rig.fetch(server.url) for _ in range(3)]
        assert server.connections == 3
    assert [stored(event) for event in events] == [first, second, first]
    assert events[0].failure_detail == f"{len(smuggled)} bytes after the end of the answer were left out."
    assert events[2].failure_detail is None


def test_large_answers_go_to_disk(make_rig: MakeRig) -> None:
    """A media file is streamed through a nameless file; nothing stays in the spool folder."""
    rig = make_rig()
    payload = bytes(range(256)) * 20_000
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(
        payload, 50_000
    )
    with peer(answer) as server:
        event = rig.fetch(server.url, purpose=Purpose.MEDIA)
        assert b"Accept-Encoding: identity\r\n" in event.request
    assert event.response is not None
    assert event.response.data is None
    assert stored(event) == answer
    assert event.payload_sha256 == hashlib.sha256(payload).hexdigest()
    assert list(rig.spool.iterdir()) == []
    event.response.close()


def test_cookies_are_neither_kept_nor_sent(rig: Rig) -> None:
    """A cookie's value is not stored, and the next request has no cookie."""
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie:  sid=abc; Path=/\r\nSET-COOKIE: b=1\r\nContent-Length: 0\r\n\r\n"
    with peer(answer, answer) as server:
        events = [rig.fetch(server.url, headers=(("Cookie", "mine=1"),)) for _ in range(2)]
        assert all(b"ookie" not in request for request in server.requests)
    assert (
        stored(events[0])
        == b"HTTP/1.1 200 OK\r\nSet-Cookie:  [removed]\r\nSET-COOKIE: [removed]\r\nContent-Length: 0\r\n\r\n"
    )
    assert taken(events[1]) == {"response-header set-cookie": 2}

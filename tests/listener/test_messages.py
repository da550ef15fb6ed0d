"""Requests out of bytes, however they are cut, and kept as they came."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.listener import messages
from archiver.listener.messages import Head, Message, Reader, Refused, Reply
from tests.listener.receiving import request

CHUNKED = (
    b"POST /meta HTTP/1.1\r\nHost: a\r\nX-Odd:   spaced \r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: 1\r\n\r\n"
)
PLAIN = request(b'{"object":"page"}')
BARE = b"GET /meta?hub.mode=subscribe HTTP/1.1\r\nHost: a\r\n\r\n"


def read(reader: Reader, *pieces: bytes) -> list[Head | Message]:
    """What comes out, piece by piece."""
    found: list[Head | Message] = []
    for piece in pieces:
        reader.feed(piece)
        found += reader.events()
    return found


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """The data in pieces."""
    ends = sorted({1 + place % len(data) for place in places} | {len(data)})
    return [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]


@given(st.sampled_from([PLAIN, CHUNKED, BARE]), st.lists(st.integers(0, 10_000), max_size=12))
def test_any_split_gives_the_same_request(data: bytes, places: list[int]) -> None:
    """Bytes come as networks like; what was received is kept to the last byte."""
    head, message = read(Reader(), *cut(data, places))
    assert isinstance(head, Head)
    assert isinstance(message, Message)
    assert message.raw == data
    assert message.body == {PLAIN: b'{"object":"page"}', CHUNKED: b"hello world", BARE: b""}[data]


@settings(max_examples=50)
@given(
    st.lists(st.sampled_from([PLAIN, CHUNKED, BARE]), min_size=2, max_size=4),
    st.lists(st.integers(0, 10_000), max_size=12),
)
def test_requests_behind_each_other_keep_their_own_bytes(several: list[bytes], places: list[int]) -> None:
    """A client may send the next one before the answer to the last."""
    reader, raw = Reader(), list[bytes]()
    for piece in cut(b"".join(several), places):
        reader.feed(piece)
        while message := next((one for one in reader.events() if isinstance(one, Message)), None):
            raw.append(message.raw)
            assert reader.answered(Reply(200))
    assert raw == several


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 50, 400),  # a client that speaks TLS
        (b"nonsense\r\n\r\n", 400),
        (b"POST /meta HTTP/1.1\r\n\r\n", 400),  # no Host
        (b"POST /meta HTTP/1.1\nHost: a\n\n", 400),  # line ends that can't be kept
        (b"POST /meta HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer\r\n secret\r\n\r\n", 400),  # folded
        (b"POST /meta HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400),
        (b"POST /meta HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"POST /meta HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (b"POST /meta HTTP/1.1\r\nHost: a\r\nX: " + b"x" * messages.HEAD_LIMIT_BYTES, 431),
        (b"POST /meta HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"POST /meta HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    ],
)
def test_what_is_no_request_is_refused(data: bytes, status: int) -> None:
    """With the status that says why."""
    reader = Reader()
    reader.feed(data)
    with pytest.raises(Refused) as refused:
        list(reader.events())
    assert refused.value.status == status
    assert not reader.answered(Reply(refused.value.status, close=True))


def test_a_chunked_body_has_a_limit_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no length is told, what comes is counted."""
    monkeypatch.setattr(messages, "BODY_LIMIT_BYTES", 8)
    reader = Reader()
    reader.feed(CHUNKED)
    with pytest.raises(Refused) as refused:
        list(reader.events())
    assert refused.value.status == 413


def test_a_client_that_waits_for_a_word_gets_it() -> None:
    """``Expect: 100-continue``."""
    reader = Reader()
    (head,) = read(reader, b"POST /meta HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert isinstance(head, Head)
    assert reader.expects_word
    assert reader.proceed().startswith(b"HTTP/1.1 100")
    (message,) = read(reader, b"{}")
    assert isinstance(message, Message)
    assert message.body == b"{}"


def test_header_fields_are_found_in_any_spelling_and_repeated_ones_are_joined() -> None:
    """Two signatures are no signature."""
    head, *_ = read(Reader(), b"GET /meta HTTP/1.1\r\nHOST: a\r\nx-Twice: 1\r\nX-TWICE: 2\r\n\r\n")
    assert isinstance(head, Head)
    assert head.headers == {"host": "a", "x-twice": "1,2"}
    assert (head.path, head.query) == ("/meta", "")

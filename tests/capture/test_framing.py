"""Where the parts of an answer lie; held against h11, which reads the same bytes."""

from __future__ import annotations

import itertools

import h11
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.framing import AnswerHead, Framing, Part, Piece
from archiver.capture.masking import Masker
from archiver.capture.sieve import Sieve

TOKEN = "s3cr3t-token-value"


def chunks_of(data: bytes, cuts: list[int]) -> list[bytes]:
    """Bytes cut at some places."""
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    return [data[start:end] for start, end in itertools.pairwise(places)]


def fed(parts: list[bytes], method: str = "GET") -> tuple[Framing, list[Piece]]:
    """An answer, fed in parts."""
    framing = Framing(method)
    pieces = [piece for part in parts for piece in framing.feed(part)]
    return framing, [*pieces, *framing.rest()]


def joined(pieces: list[Piece], *parts: Part) -> bytes:
    """The bytes of some parts."""
    return b"".join(data for part, data in pieces if part in parts or not parts)


def read_by_h11(data: bytes) -> tuple[bytes, bytes, bool]:
    """Payload, what is left over, and whether the answer ended, by h11."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    connection.send(h11.EndOfMessage())
    if data:
        connection.receive_data(data)
    payload = b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            return payload, b"", False
        if isinstance(event, h11.Data):
            payload += event.data
        if isinstance(event, h11.EndOfMessage):
            return payload, connection.trailing_data[0], True


ends = st.sampled_from([b"\r\n", b"\n"])
bodies = st.binary(max_size=300)
extensions = st.sampled_from([b"", b";a=b", b'; name="va;lue"', b"  "])
interims = st.sampled_from([b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"])
surplus = st.sampled_from([b"", b"x", b"HTTP/1.1 200 OK\r\n\r\n", b"\r\n"])


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """Answers with all kinds of framing, line ends and surroundings."""
    end = draw(ends)
    head = draw(interims) + b"HTTP/1.1 200 OK" + end + b"X-A:  b" + end
    payload = draw(bodies)
    if draw(st.booleans()):
        return head + b"content-length: %d" % len(payload) + end + end + payload + draw(surplus)
    parts = chunks_of(payload, draw(st.lists(st.integers(0, 300), max_size=6)))
    sizes = draw(st.sampled_from([b"%x", b"%X", b"%04x"]))
    chunks = b"".join(sizes % len(part) + draw(extensions) + b"\r\n" + part + b"\r\n" for part in parts if part)
    trailers = draw(st.sampled_from([b"", b"X-Sum: 1\r\n", b"X-Sum: 1\nY: 2\r\n"]))
    return head + b"Transfer-Encoding: chunked" + end + end + chunks + b"0\r\n" + trailers + b"\r\n" + draw(surplus)


cuts = st.lists(st.integers(0, 600), max_size=12)


@given(answers(), cuts)
def test_the_parts_are_those_of_h11(answer: bytes, where: list[int]) -> None:
    """However the bytes are cut on the way: nothing is lost, and payload, end and surplus are what h11 finds."""
    framing, pieces = fed(chunks_of(answer, where))
    payload, left, ended = read_by_h11(answer)
    assert joined(pieces) == answer
    assert joined(pieces, Part.PAYLOAD) == payload
    assert (joined(pieces, Part.SURPLUS), framing.ended) == (left, ended)


@given(answers(), cuts, st.integers(0, 600))
def test_answers_that_break_off(answer: bytes, where: list[int], length: int) -> None:
    """A part of an answer is told apart in the same way, and is no whole one before its end."""
    part = answer[:length]
    framing, pieces = fed(chunks_of(part, where))
    assert joined(pieces) == part
    assert framing.ended == read_by_h11(part)[2]
    assert joined(pieces, Part.PAYLOAD) == read_by_h11(part)[0]


@given(st.binary(max_size=400), cuts)
def test_any_bytes_at_all(data: bytes, where: list[int]) -> None:
    """What is no answer raises nothing and loses nothing."""
    assert joined(fed(chunks_of(data, where))[1]) == data
    started = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + data
    assert joined(fed(chunks_of(started, where))[1]) == started


def test_a_head() -> None:
    """Fields are found in any letter case; lists may be spread over several."""
    head = AnswerHead.of(
        b"HTTP/1.1 200 OK\r\nX-One: a\r\n b\r\nContent-Encoding: GZIP , br\r\ncontent-encoding: x\r\n\r\n"
    )
    assert (head.status, head.value("x-one")) == (200, "a b")
    assert head.words("content-encoding") == ["gzip", "br", "x"]
    assert "X-One" not in repr(head)


@given(st.lists(st.one_of(st.just(TOKEN.encode()), st.binary(max_size=30)), max_size=8), cuts, cuts)
def test_a_secret_cut_by_chunks_is_masked_whole(words: list[bytes], where: list[int], sizes: list[int]) -> None:
    """The sieve gives the same bytes as masking the whole payload at once, wherever chunks and reads cut it."""
    payload = b"".join(words)
    parts = [part for part in chunks_of(payload, sizes) if part]
    body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body
    sieve, framing = Sieve(Masker([TOKEN])), Framing("GET")
    came: list[Piece] = []
    for data in chunks_of(answer, where):
        for piece in framing.feed(data):
            came += sieve.push(piece)
    came += sieve.flush()
    expected = bytearray(payload)
    count = Masker([TOKEN]).mask(expected)
    assert joined(came, Part.PAYLOAD) == expected
    assert (sieve.count, len(joined(came))) == (count, len(answer))
    assert joined(came, Part.FRAMING) == joined(fed([answer])[1], Part.FRAMING)


def test_a_sieve_gives_what_it_can() -> None:
    """A large payload does not gather in memory, and a secret at the seam of two portions is found."""
    masker = Masker([TOKEN])
    sieve = Sieve(masker)
    payload = bytearray(b"." * 400_000)
    for place in range(0, 390_000, 9_973):
        payload[place : place + len(TOKEN)] = TOKEN.encode()
    held, got = 0, bytearray()
    for start in range(0, len(payload), 1000):
        for _, data in sieve.push((Part.PAYLOAD, bytes(payload[start : start + 1000]))):
            got += data
        held = max(held, start + 1000 - len(got))
    for _, data in sieve.flush():
        got += data
    count = masker.mask(payload)
    assert (got, sieve.count) == (payload, count)
    assert held <= masker.reach + 64 * 1024 + 1000

"""What live capture sees and what a rebuild reads are the same exchange."""

from __future__ import annotations

import gzip
import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.exchange import Content, Exchange, Purpose
from archiver.errors import EvidenceDamaged, NotFound, ShapeChanged
from archiver.warc import facts as fact
from archiver.warc.event import Block, BlockWriter, CaptureEvent
from archiver.warc.reader import events, exchange_of, live_exchange, open_content, record_at
from archiver.warc.writer import Original, Segments
from tests.warc.captures import (
    AT,
    FACTS,
    HELLO_CHUNKED,
    INFO,
    KEY,
    MEDIA,
    REQUEST,
    URL,
    Ticking,
    answer,
    chunks,
    coded,
    event,
    put,
)

JSON = b'{"posts": [' + b'{"text": "caf\xc3\xa9"},' * 200 + b'{"text": "end"}]}'


def both(segments: Segments, one: CaptureEvent, **changes: str) -> tuple[Exchange, Exchange]:
    """The exchange as live capture sees it, and as it is read back."""
    ref = put(segments, one, **changes)
    live = live_exchange(one, ref, {**FACTS, **{name.replace("_", "-"): value for name, value in changes.items()}})
    (path,) = segments.folder.rglob("*.open")
    last = list(events(path))[-1]
    assert last.ref == ref
    return live, exchange_of(last)


CASES: dict[str, tuple[CaptureEvent, int | None, bytes, str | None, str | None]] = {
    # an answer: what is read of it: status, body, failure, truncated
    "chunked": (event(), 200, b"hello", None, None),
    "with a length": (event(answer(JSON)), 200, JSON, None, None),
    "gzip": (event(answer(coded(JSON, "gzip"), headers=[("Content-Encoding", "gzip")])), 200, JSON, None, None),
    "gzip in chunks": (
        event(answer(coded(JSON, "gzip"), headers=[("content-encoding", "GZIP")], chunked=True)), 200, JSON, None, None,
    ),
    "gzip of two members": (
        event(answer(gzip.compress(b"one,") + gzip.compress(b"two"), headers=[("Content-Encoding", "gzip")])),
        200, b"one,two", None, None,
    ),
    "deflate": (event(answer(coded(JSON, "deflate"), headers=[("Content-Encoding", "deflate")])), 200, JSON, None, None),
    "deflate without its wrapper": (
        event(answer(coded(JSON, "deflate")[2:-4], headers=[("Content-Encoding", "deflate")])), 200, JSON, None, None,
    ),
    "two codings": (
        event(answer(gzip.compress(coded(JSON, "deflate")), headers=[("Content-Encoding", "deflate, gzip")])),
        200, JSON, None, None,
    ),
    "said to be gzip, and plain": (event(answer(JSON, headers=[("Content-Encoding", "gzip")])), 200, JSON, None, None),
    "until the connection closes": (event(b"HTTP/1.0 200 OK\r\n\r\n" + JSON), 200, JSON, None, None),
    "after interim responses": (
        event(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + answer(JSON)), 200, JSON, None, None,
    ),
    "without a reason phrase": (event(b"HTTP/1.1 404\r\nContent-Length: 2\r\n\r\nno"), 404, b"no", None, None),
    "an error with a body": (event(answer(b"gone", status="410 Gone")), 410, b"gone", None, None),
    "no content": (event(b"HTTP/1.1 204 No Content\r\n\r\n"), 204, b"", None, None),
    "to HEAD": (event(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", method="HEAD", request=b"HEAD / HTTP/1.1\r\n\r\n"), 200, b"", None, None),
    "longer than it says": (event(answer(b"hello") + b"surplus"), 200, b"hello", None, None),
    "cut, and marked so": (event(answer(JSON)[:-100], truncated="length"), 200, JSON[:-100], None, "length"),
    "cut, and not marked": (event(answer(JSON)[:-100]), 200, JSON[:-100], None, "disconnect"),
    "cut within a chunk": (event(HELLO_CHUNKED[:-9], truncated="disconnect"), 200, b"hel", None, "disconnect"),
    "cut within its gzip": (
        event(answer(coded(b"a" * 3000, "gzip"), headers=[("Content-Encoding", "gzip")])[:-8], truncated="time"),
        200, b"a" * 3000, None, "time",
    ),
    "gzip that ends too early": (
        event(answer(coded(JSON, "gzip")[:-10], headers=[("Content-Encoding", "gzip")])), None, b"", "protocol", None,
    ),
    "gzip that is damaged": (
        event(answer(coded(JSON, "gzip")[:20] + b"\x00" * 50, headers=[("Content-Encoding", "gzip")])), None, b"", "protocol", None,
    ),
    "an unknown coding": (event(answer(JSON, headers=[("Content-Encoding", "br")])), None, b"", "protocol", None),
    "no HTTP at all": (event(b"\x16\x03\x01 hello", failure="protocol", payload_sha256=None), None, b"", "protocol", None),
    "no HTTP, and nobody noticed": (event(b"<html>"), None, b"", "protocol", None),
    "cut within its head": (event(b"HTTP/1.1 200 OK\r\nContent-"), None, b"", "protocol", None),
    "wrong chunks": (event(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n"), None, b"", "protocol", None),
    "two lengths": (event(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), None, b"", "protocol", None),
    "no answer: dns": (event(None, failure="dns", failure_detail="no such host\n(api.example.org)"), None, b"", "dns", None),
    "no answer: tls": (event(None, failure="tls", failure_detail="certificate has expired"), None, b"", "tls", None),
    "no byte of an answer": (event(b"", failure="disconnect", payload_sha256=None), None, b"", "disconnect", None),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_an_answer_is_read_alike_from_memory_and_file(name: str, segments: Segments) -> None:
    """Any answer, sound or broken, gives the same exchange live and read back."""
    one, status, body, failure, truncated = CASES[name]
    live, stored = both(segments, one)
    assert stored == live
    assert (live.status, live.body, live.failure, live.truncated) == (status, body, failure, truncated)
    assert (live.sequence, live.account, live.stream, live.task_kind) == (7, "police-bluesky", "posts", "poll")
    assert (live.url, live.captured_at, live.method) == (URL, AT, one.method)
    assert live.subject == FACTS[fact.SUBJECT]


def test_header_spelling_order_and_repetition_are_kept(segments: Segments) -> None:
    """Names are spelled as they came; a field that repeats is there as often."""
    raw = b"HTTP/1.1 200 OK\r\nX-Odd:a\r\nx-oDD:   b  \r\nSet-Cookie: [removed]\r\nContent-Length: 0\r\n\r\n"
    live, stored = both(segments, event(raw))
    assert stored.headers == live.headers == (
        ("X-Odd", "a"), ("x-oDD", "b"), ("Set-Cookie", "[removed]"), ("Content-Length", "0"),
    )  # fmt: skip


def test_a_request_with_a_body_is_read_back(segments: Segments) -> None:
    """Method and body come from the request record."""
    live, stored = both(segments, event(method="POST", request=b'POST /q HTTP/1.1\r\nHost: h\r\n\r\n{"a":"\r\n\r\n"}'))
    assert stored == live
    assert (live.method, live.request_body) == ("POST", b'{"a":"\r\n\r\n"}')


def test_media_content_stays_on_disk(segments: Segments, folder: Path, tmp_path: Path) -> None:
    """A media exchange has no body; its facts say what it is, and the content is streamed from the WARC file."""
    picture = bytes(range(256)) * 12_000
    writer = BlockWriter(tmp_path / "spool", memory_limit=1000)
    for at in range(0, len(picture), 5000):
        writer.write((b"" if at else b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n") + picture[at : at + 5000])
    block = writer.finish()
    one = event(block, purpose=Purpose.MEDIA, url="https://cdn.example.org/a.png")
    sha256 = hashlib.sha256(picture).hexdigest()
    facts = {
        **FACTS, fact.CONTENT_SHA256: sha256, fact.CONTENT_BYTES: str(len(picture)), fact.CONTENT_MIME: "image/png",
        fact.WIDTH: "12", fact.HEIGHT: "34",
    }  # fmt: skip
    ref = segments.append(MEDIA, one, lambda: facts)
    live = live_exchange(one, ref, facts)
    block.close()
    (stored,) = events(next(folder.rglob("*.open")))
    assert exchange_of(stored) == live
    assert live.body == b""
    assert live.content == Content(sha256, len(picture), "image/png", 12, 34)
    for _ in range(2):
        with open_content(folder, ref.file, ref.offset) as content:
            assert content.read() == picture
        segments.seal()


def test_a_bomb_is_not_unfolded(segments: Segments) -> None:
    """An API answer that unfolds beyond the limit is a failed exchange, and nothing raises."""
    bomb = gzip.compress(bytes(50_000_000), 9)
    one = event(answer(bomb, headers=[("Content-Encoding", "gzip")]))
    ref = put(segments, one)
    live = live_exchange(one, ref, FACTS, body_limit=1_000_000)
    (path,) = segments.folder.rglob("*.open")
    (stored,) = events(path)
    assert exchange_of(stored, body_limit=1_000_000) == live
    assert (live.failure, live.status, live.body) == ("protocol", None, b"")


class TestRevisits:
    """A payload that was seen before is not written again."""

    def original(self, ref_of: CaptureEvent, segments: Segments, *, hint: bool = True) -> Original:
        """Write it, and say where it is."""
        ref = put(segments, ref_of)
        place = (ref.file, ref.offset) if hint else (None, None)
        return Original(ref_of.url, ref_of.captured_at, ref.record_id, *place)

    @pytest.mark.parametrize("hint", [True, False], ids=["with its place", "by search"])
    @pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "open"])
    def test_the_same_payload_is_read_from_its_original(
        self, segments: Segments, folder: Path, clock: Ticking, *, hint: bool, sealed: bool
    ) -> None:
        """The payload comes from the original and is decoded by the revisit's own head."""
        gz = coded(JSON, "gzip")
        first = event(answer(gz, headers=[("Content-Encoding", "gzip"), ("Date", "one")], chunked=True))
        original = self.original(first, segments, hint=hint)
        for number in range(3):
            put(segments, event(answer(b"%d" % number)))
        if sealed:
            segments.seal()
        again = event(answer(gz, headers=[("Content-Encoding", "gzip"), ("Date", "two")]), url=URL + "&again=1")
        ref = segments.append(KEY, again, lambda: FACTS, original=original)
        (path,) = folder.rglob("*.open")
        stored = list(events(path))[-1]
        assert stored.response is not None
        assert stored.response.type == "revisit"
        assert stored.response.value("WARC-Truncated") == "length"
        assert exchange_of(stored) == live_exchange(again, ref, FACTS)
        assert exchange_of(stored).header("Date") == "two"
        with open_content(folder, ref.file, ref.offset) as content:
            assert content.read() == JSON

    def test_not_modified_is_a_revisit_of_its_own_kind(self, segments: Segments, folder: Path) -> None:
        """A 304 is written whole, refers to what has not changed, and is read with that body."""
        original = self.original(event(answer(JSON)), segments)
        again = event(b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n')
        ref = segments.append(KEY, again, lambda: FACTS, original=original)
        record = record_at(next(folder.rglob("*.open")), ref.offset)
        assert record.value("WARC-Profile") == "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
        assert record.value("WARC-Truncated") is None
        assert record.value("WARC-Payload-Digest") is None
        assert record.data == b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'
        stored = list(events(record.path))[-1]
        read = exchange_of(stored)
        live = live_exchange(again, ref, FACTS, holds=record_at(record.path, original.offset or 0).open_block)
        assert read == live
        assert (read.status, read.unmodified, read.ok, read.body) == (304, True, True, JSON)
        assert (ref.payload_digest, stored.ref) == (None, ref)
        with open_content(folder, ref.file, ref.offset) as content:
            assert content.read() == JSON

    def test_not_modified_tells_of_the_body_what_it_was_told(self, segments: Segments, folder: Path) -> None:
        """A coded body is decoded by its own head; its type is told again, limits and dates are the new answer's."""
        of_the_body = [("Content-Type", "text/xml; charset=latin1"), ("Content-Encoding", "gzip"), ("ETag", '"a"')]
        first = answer(coded(JSON, "gzip"), headers=[*of_the_body, ("Date", "then"), ("X-Calls-Left", "9")])
        original = self.original(event(first), segments)
        again = event(b'HTTP/1.1 304 Not Modified\r\nETag: W/"a"\r\nDate: now\r\n\r\n')
        ref = segments.append(KEY, again, lambda: FACTS, original=original)
        read = exchange_of(list(events(next(folder.rglob("*.open"))))[-1])
        assert read.body == JSON
        assert [(name, value) for name, value in read.headers if name != "Content-Length"] == [
            ("ETag", 'W/"a"'), ("Date", "now"), ("Content-Type", "text/xml; charset=latin1"),
        ]  # fmt: skip
        with open_content(folder, ref.file, ref.offset) as content:
            assert content.read() == JSON

    def test_an_unasked_304_is_an_answer_of_its_own(self, segments: Segments, folder: Path) -> None:
        """Without an earlier answer it is a response without a body, and no success."""
        put(segments, event(b"HTTP/1.1 304 Not Modified\r\n\r\n"))
        (stored,) = events(next(folder.rglob("*.open")))
        read = exchange_of(stored)
        assert (stored.main.type, read.status, read.unmodified, read.ok) == ("response", 304, False, False)

    @pytest.mark.parametrize(
        "again",
        [
            event(answer(JSON)[:-3], truncated="disconnect"),
            event(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
            event(b"garbage"),
            event(answer(JSON), failure="protocol"),
        ],
        ids=["cut", "without a body", "unreadable", "failed"],
    )
    def test_no_revisit_for(self, again: CaptureEvent, segments: Segments, folder: Path) -> None:
        """A cut, empty or broken answer is written itself."""
        original = self.original(event(answer(JSON)), segments)
        ref = segments.append(KEY, again, lambda: FACTS, original=original)
        assert record_at(next(folder.rglob("*.open")), ref.offset).type == "response"

    def test_never_across_accounts(self, segments: Segments, folder: Path) -> None:
        """Another account's payload is written again: its original may be disposed of by other rules (R32)."""
        original = self.original(event(answer(JSON)), segments)
        other = type(KEY)("mayor", "api")
        ref = segments.append(other, event(answer(JSON)), lambda: FACTS, original=original)
        assert record_at(folder / (ref.file + ".open"), ref.offset).type == "response"

    def test_a_missing_original_is_damage(self, segments: Segments, folder: Path) -> None:
        """Without its original a repeated payload can't be had, and that is said."""
        original = Original(URL, AT, "00000000-0000-4000-8000-000000000000")
        ref = segments.append(KEY, event(answer(JSON)), lambda: FACTS, original=original)
        (stored,) = events(next(folder.rglob("*.open")))
        with pytest.raises(EvidenceDamaged, match="repeats the payload"):
            exchange_of(stored)
        with pytest.raises(EvidenceDamaged, match="repeats the payload"):
            open_content(folder, ref.file, ref.offset)


def test_a_file_that_is_not_there_is_said_so(folder: Path) -> None:
    """Asking for content of a missing file names it."""
    with pytest.raises(NotFound, match=r"a/api/x\.warc\.gz"):
        open_content(folder, "a/api/x.warc.gz", 0)


def test_a_note_is_told_from_a_failed_capture(segments: Segments) -> None:
    """Both are lone metadata records; a note's target is a urn."""
    put(segments, event(None, failure="timeout"))
    segments.note(KEY, "urn:archiver:task:1", {"outcome": "done"}, AT)
    (path,) = segments.folder.rglob("*.open")
    failed, note = events(path)
    assert (failed.is_note, note.is_note) == (False, True)
    assert note.facts == {"outcome": ["done"]}
    assert exchange_of(failed).failure == "timeout"


def test_reading_may_begin_behind_a_response(segments: Segments) -> None:
    """The place where the last known response ends is a good one to go on from; its metadata is passed over."""
    first, second = put(segments, event()), put(segments, event(), subject="second")
    (path,) = segments.folder.rglob("*.open")
    for start in (first.offset + first.length, list(events(path))[1].offset):
        assert [one.facts["subject"] for one in events(path, start=start)] == [["second"]]
    assert list(events(path, start=second.offset + second.length)) == []
    assert list(events(path, start=path.stat().st_size)) == []


@given(
    garbage=st.one_of(
        st.binary(max_size=300),
        st.binary(max_size=300).map(lambda tail: b"HTTP/1.1 200 OK\r\n" + tail),
        st.binary(max_size=300).map(lambda tail: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + tail),
        st.binary(max_size=300).map(lambda tail: answer(tail, headers=[("Content-Encoding", "gzip")])),
        st.binary(max_size=300).map(lambda tail: answer(b"\x1f\x8b" + tail, headers=[("Content-Encoding", "gzip")])),
        st.binary(max_size=300).map(lambda tail: answer(tail, headers=[("Content-Encoding", "deflate")])),
        st.from_regex(rb"HTTP/[0-9]\.[0-9] [0-9]{3}( .*)?\r\n(.*\n){0,3}\r?\n.*"),
    )
)
def test_nothing_that_a_server_sends_raises(garbage: bytes) -> None:
    """Whatever comes over the wire becomes an exchange."""
    one = event(garbage)
    with Scratch() as segments:
        live, stored = both(segments, one)
        assert stored == live
        assert (live.failure is None) == (live.status is not None)


class Scratch:
    """A writer into a folder in memory, for properties."""

    def __enter__(self) -> Segments:
        import tempfile

        self._folder = tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
        self._segments = Segments(Path(self._folder.name), info=INFO, now=Ticking(AT), sync=False)
        return self._segments

    def __exit__(self, *_error: object) -> None:
        self._segments.close()
        self._folder.cleanup()


HEADER_NAME = st.from_regex(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,12}", fullmatch=True).filter(
    lambda name: name.lower() not in {"content-length", "transfer-encoding", "content-encoding"}
)
HEADER_VALUE = st.from_regex(
    rb"[\x21-\x7e\x80-\xff]([\t \x21-\x7e\x80-\xff]{0,20}[\x21-\x7e\x80-\xff])?", fullmatch=True
)


@given(
    body=st.binary(max_size=3000),
    headers=st.lists(st.tuples(HEADER_NAME, HEADER_VALUE), max_size=6),
    gap=st.sampled_from(["", " ", "  ", "\t"]),
    coding=st.sampled_from([None, "gzip", "deflate"]),
    size=st.one_of(st.none(), st.integers(min_value=1, max_value=700)),
    subject=st.text(max_size=40),
    cursor=st.text(max_size=40),
    url=st.text(max_size=30).map(lambda tail: "https://api.example.org/" + tail),
)
def test_what_was_written_is_read(
    body: bytes,
    headers: list[tuple[str, bytes]],
    gap: str,
    coding: str | None,
    size: int | None,
    subject: str,
    cursor: str,
    url: str,
) -> None:
    """Bytes, odd header values, codings, chunk sizes and facts come back as they were."""
    payload = coded(body, coding) if coding else body
    lines = [f"{name}:{gap}".encode() + value for name, value in headers]
    lines += [b"Content-Encoding: " + coding.encode()] if coding else []
    lines += [b"Transfer-Encoding: chunked" if size else b"Content-Length: %d" % len(payload)]
    wire = b"\r\n".join([b"HTTP/1.1 200 OK", *lines, b"", b""]) + (chunks(payload, size) if size else payload)
    one = event(wire, url=url)
    with Scratch() as segments:
        live, stored = both(segments, one, subject=subject, cursor_in=cursor)
        assert stored == live
        assert (live.status, live.body, live.failure) == (200, body, None)
        assert [(name, value.encode("latin-1")) for name, value in live.headers[: len(headers)]] == headers
        assert live.subject == subject
        (path,) = segments.folder.rglob("*.open")
        (kept,) = events(path)
        assert kept.response is not None
        assert kept.request is not None
        assert (kept.response.data, kept.request.data) == (wire, REQUEST)
        assert kept.facts["cursor-in"] == [cursor]
        assert one.payload_sha256 == hashlib.sha256(payload).hexdigest()


def test_payload_digest_of_a_chunked_body_is_without_framing() -> None:
    """``hello`` in one chunk has the digest of ``hello`` (ISO 28500, 5.9)."""
    assert event().payload_sha256 == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    assert Block.of(b"hello").sha256 == event().payload_sha256


def test_a_file_may_be_sealed_while_it_is_read(segments: Segments, folder: Path) -> None:
    """A path that was found open still leads to the file under its final name."""
    ref = put(segments, event(answer(JSON)))
    (path,) = folder.rglob("*.open")
    segments.seal()
    assert record_at(path, ref.offset).record_id == ref.record_id
    assert [one.ref for one in events(path)] == [ref]
    with pytest.raises(FileNotFoundError):
        record_at(path.with_name("other.warc.gz"), 0)


@pytest.mark.parametrize(
    "value", ["", " ", " a", "a\t", "a\r\nb: c", '"', '"a"', "\\", "\x00\x7f\x85", "\u2028", "\ud800", "ä 🚧", "null"]
)
def test_a_fact_of_any_form_comes_back(value: str) -> None:
    """Values that can't stand in a line as they are are quoted."""
    block = fact.to_block({"a": value, "b": [value, value]})
    assert fact.from_block(block) == {"a": [value], "b": [value, value]}
    assert block.count(b"\r\n") == 3


class TestLargeBlocks:
    """Blocks that are not held while reading on are read again when they are wanted."""

    def test_they_are_read_from_the_file(self, segments: Segments, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whole, more than once, and equal to what was held."""
        one = event(answer(JSON * 50))
        ref = put(segments, one)
        (path,) = segments.folder.rglob("*.open")
        (held,) = events(path)
        monkeypatch.setattr("archiver.warc.stored._KEEP_BYTES", 100)
        (stored,) = events(path)
        assert stored.response is not None
        assert held.response is not None
        assert stored.response.data is None
        for _ in range(2):
            with stored.response.open_block() as block:
                assert block.read() == held.response.data
        assert exchange_of(stored) == live_exchange(one, ref, FACTS)
        assert stored.response.block_bytes == len(held.response.data or b"")

    def test_heads_only(self, segments: Segments) -> None:
        """Facts are at hand, blocks are on disk."""
        put(segments, event(answer(JSON)))
        (path,) = segments.folder.rglob("*.open")
        (stored,) = events(path, heads_only=True)
        assert stored.facts["account"] == ["police-bluesky"]
        assert stored.response is not None
        assert stored.response.data is None
        assert exchange_of(stored).body == JSON

    def test_damage_is_found_when_they_are_read(self, segments: Segments, folder: Path) -> None:
        """A file that was changed after it was listed is damage, wherever it is noticed."""
        ref = put(segments, event(answer(os.urandom(300_000))))
        segments.seal()
        (path,) = folder.rglob("*.warc.gz")
        (stored,) = events(path, heads_only=True)
        path.chmod(0o644)
        data = path.read_bytes()
        assert stored.response is not None
        for at in (ref.offset + 150_000, ref.offset + ref.length - 6):
            wrong = bytearray(data)
            wrong[at] ^= 0xFF
            path.write_bytes(bytes(wrong))
            with stored.response.open_block() as block, pytest.raises(EvidenceDamaged, match="can't be read at byte"):
                block.read()
        for end in (ref.offset + ref.length - 1, ref.offset + ref.length - 20, ref.offset + 150_000):
            path.write_bytes(data[:end])
            with stored.response.open_block() as block, pytest.raises(EvidenceDamaged, match="ends within a record"):
                block.read()
        path.write_bytes(bytes(len(data)))
        with pytest.raises(EvidenceDamaged, match="can't be read at byte"):
            stored.response.open_block()
        path.write_bytes(b"")
        with pytest.raises(EvidenceDamaged, match="can't be read at byte"):
            stored.response.open_block()
        with pytest.raises(EvidenceDamaged, match="has no record at byte"):
            record_at(path, 0)


def test_content_that_is_no_http_is_said_so(segments: Segments, folder: Path) -> None:
    """Asking for the content of a broken answer names the fault."""
    ref = put(segments, event(answer(coded(JSON, "gzip")[:-10], headers=[("Content-Encoding", "gzip")])))
    with open_content(folder, ref.file, ref.offset) as content, pytest.raises(ShapeChanged, match="breaks off"):
        content.read()
    ref = put(segments, event(b"garbage"))
    with open_content(folder, ref.file, ref.offset) as content, pytest.raises(ShapeChanged, match="breaks HTTP"):
        content.read()

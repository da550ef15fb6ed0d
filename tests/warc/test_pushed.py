"""Finding deliveries again, and checking what a request record says of its body."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.errors import EvidenceDamaged
from archiver.warc import facts as fact
from archiver.warc.names import SEVERAL, SegmentKey, pushed_key
from archiver.warc.pushed import committed, delivery_at, refers_to
from archiver.warc.reader import events
from archiver.warc.validator import validate
from archiver.warc.writer import CaptureRef, Segments
from tests.warc.captures import AT, INFO, KEY, Ticking, event, record

BODY = b'{"object":"page"}'
HEAD = b"POST /meta HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(BODY)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
DIGEST = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def segments(folder: Path, clock: Ticking) -> Iterator[Segments]:
    """A writer of pushed events."""
    writer = Segments(folder, info=INFO, now=clock, ours=lambda key: key.klass == "push")
    yield writer
    writer.close()


def put(segments: Segments, key: SegmentKey, count: int = 1) -> list[CaptureRef]:
    """Write deliveries."""
    one = event(ANSWER, url="https://a/meta", method="POST", request=HEAD + BODY, request_payload_sha256=DIGEST)
    return segments.append_together(key, [(one, {fact.STREAM: "push"})] * count)


def test_references_are_to_the_requests(segments: Segments, folder: Path) -> None:
    """Each with its own place and the digest of the body; all of them lead to their deliveries."""
    refs = put(segments, pushed_key("11"), 3)
    assert len({ref.offset for ref in refs}) == len({ref.record_id for ref in refs}) == 3
    assert {ref.payload_digest for ref in refs} == {f"sha256:{DIGEST}"}
    for ref in refs:
        found = delivery_at(folder, ref.file, ref.offset, ref.record_id)
        assert found.request.record_id == ref.record_id
        assert found.ref("note").offset == ref.offset
        assert found.ref("note").payload_digest == ref.payload_digest


def test_a_delivery_is_found_wherever_it_is(segments: Segments, folder: Path) -> None:
    """A wrong place, a file that was rewritten or sealed: the id decides."""
    first, last = put(segments, pushed_key("11"))[0], put(segments, SEVERAL)[0]
    segments.seal()
    for ref in (first, last):
        assert delivery_at(folder, ref.file, ref.offset, ref.record_id).file == ref.file
        assert delivery_at(folder, ref.file, 0, ref.record_id).request.record_id == ref.record_id
        assert delivery_at(folder, "_1/push/lost.warc.gz", 7, ref.record_id).request.record_id == ref.record_id
    assert delivery_at(folder, first.file, first.offset, last.record_id).file == last.file
    with pytest.raises(EvidenceDamaged, match="in no file of pushed events"):
        delivery_at(folder, first.file, first.offset, "00000000-0000-4000-8000-000000000000")


def test_a_note_names_the_record_that_it_is_about(folder: Path, clock: Ticking) -> None:
    """In the standard's own field, and validly."""
    writer = Segments(folder, info=INFO, now=clock)
    name = "11111111-1111-4111-8111-111111111112"
    ref = writer.note(KEY, f"urn:uuid:{name}", {fact.SEQUENCE: "1"}, AT, refers_to=name)
    writer.close()
    (path,) = folder.rglob("*.open")
    (note,) = events(path)
    assert note.is_note
    assert note.main.record_id == ref.record_id
    assert refers_to(note.main) == name
    assert list(validate(path)) == []


def test_another_body_than_the_digest_says_is_found(segments: Segments, folder: Path) -> None:
    """The body of a delivery is evidence: the validator makes its digest again."""
    put(segments, pushed_key("11"))
    (path,) = folder.rglob("*.open")
    assert list(validate(path)) == []
    path.write_bytes(path.read_bytes() + record("request", HEAD + b"{}", WARC_Payload_Digest=f"sha256:{DIGEST}"))
    assert any(one.problem == "the payload is not what its digest says" for one in validate(path))


def test_files_of_others_have_no_measure(folder: Path) -> None:
    """Where nothing was pushed there is nothing, and no folder is made for it."""
    assert committed(folder, pushed_key("11")) == []
    assert not folder.exists()


@pytest.mark.parametrize("name", ["", "..", "a/b", "x" * 65, "1 2", "é", "1\n"])
def test_no_id_leads_out_of_the_folder(name: str) -> None:
    """What is no plain id lies with the deliveries about several."""
    assert pushed_key(name) == SEVERAL

"""Files that people hand in lie in WARC as they are, can be read from any place, and are whole or not there at all."""

from __future__ import annotations

import gzip
import hashlib
import io
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from archiver.errors import OperatorError
from archiver.warc import facts as fact
from archiver.warc.event import Block
from archiver.warc.names import locate
from archiver.warc.reader import events, exchange_of, kept_exchange, open_content
from archiver.warc.resources import FileBlock, Resource
from archiver.warc.uncompressed import BLOCK_BYTES, member, open_resource
from archiver.warc.validator import validate
from archiver.warc.writer import CaptureRef, SegmentKey, Segments, WarcInfo

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEY = SegmentKey("city", "import")
FACTS = {fact.SEQUENCE: "7", fact.STREAM: "import", fact.METHOD: "IMPORT"}


@pytest.fixture
def segments(tmp_path: Path) -> Iterator[Segments]:
    """Files to write to."""
    info = WarcInfo(operator="City", archive="City", user_agent="test")
    found = Segments(tmp_path, info=info, now=lambda: AT)
    yield found
    found.close()


def resource(data: bytes) -> Resource:
    """A file with these bytes."""
    return Resource("urn:archiver:download:x", "application/zip", Block.of(data), AT)


@given(st.sampled_from([0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES]), st.integers(1, 200_000))
def test_any_gzip_reader_reads_it(size: int, piece: int) -> None:
    """However many bytes there are and in whatever pieces they come, the member is gzip."""
    data = random.Random(size).randbytes(size)
    pieces = (data[at : at + piece] for at in range(0, size, piece))
    assert gzip.decompress(b"".join(member(pieces, size))) == data


@pytest.mark.parametrize("announced", [0, 9, 11], ids=["none", "fewer", "more"])
def test_bytes_that_were_not_announced(announced: int) -> None:
    """A member is never finished with other bytes than announced."""
    with pytest.raises(ValueError, match="not as many"):
        list(member([b"0123456789"], announced))


@pytest.mark.parametrize("size", [0, 10, BLOCK_BYTES, 500_000])
def test_it_is_read_from_any_place(segments: Segments, tmp_path: Path, size: int) -> None:
    """Every stretch of the file can be read by itself, and the whole is what was handed in."""
    data = random.Random(1).randbytes(size)
    ref = segments.keep(KEY, resource(data), FACTS)
    assert ref.payload_digest == ref.block_digest == f"sha256:{hashlib.sha256(data).hexdigest()}"
    with open_resource(tmp_path, ref.file, ref.offset) as stream:
        assert stream.read() == data
        for at in (0, size // 2, max(size - 3, 0)):
            stream.seek(at)
            assert stream.read(5) == data[at : at + 5]
        assert stream.seek(0, io.SEEK_END) == size
        assert stream.read(1) == b""
    with open_content(tmp_path, ref.file, ref.offset) as stream:
        assert stream.read() == data


def test_the_file_keeps_to_the_standard(segments: Segments, tmp_path: Path) -> None:
    """Our validator and an independent reader take the records, and a sealed file is read like an open one."""
    ref = segments.keep(KEY, resource(b"zip" * 100_000), FACTS)
    segments.note(KEY, "urn:archiver:task:city:import", {fact.ACCOUNT: "city"}, AT)
    segments.seal()
    path = locate(tmp_path, ref.file)
    assert list(validate(path)) == []
    with path.open("rb") as file:
        found = [(one.rec_type, len(one.raw_stream.read())) for one in ArchiveIterator(file, check_digests="raise")]
    assert [kind for kind, _size in found] == ["warcinfo", "resource", "metadata", "metadata"]
    assert found[1][1] == 300_000


def test_it_is_an_exchange_without_an_answer(segments: Segments, tmp_path: Path) -> None:
    """What is read back is what was written, and no failure of anything."""
    kept = resource(b"zip")
    ref = segments.keep(KEY, kept, FACTS)
    (event,) = events(locate(tmp_path, ref.file))
    found = exchange_of(event)
    assert found == kept_exchange(kept, ref, FACTS)
    assert (found.method, found.status, found.failure, found.sequence) == ("IMPORT", None, None, 7)
    assert event.ref == ref


def test_a_file_that_changes_is_not_kept(segments: Segments, tmp_path: Path) -> None:
    """Where the bytes are not those of the digest, nothing of them stays."""
    before = segments.keep(KEY, resource(b"first"), FACTS)
    changed = FileBlock(5, hashlib.sha256(b"12345").hexdigest(), lambda: io.BytesIO(b"54321"))
    longer = FileBlock(5, hashlib.sha256(b"12345").hexdigest(), lambda: io.BytesIO(b"123456"))
    for block in (changed, longer):
        with pytest.raises(OperatorError, match="changed while"):
            segments.keep(KEY, Resource("urn:x:y", "application/zip", block, AT), FACTS)
    (event,) = events(locate(tmp_path, before.file))
    assert event.ref == before


def test_writing_can_be_stopped(segments: Segments, tmp_path: Path) -> None:
    """Who watches can stop it, and the file is as if it had never begun."""

    class Stopped(Exception):
        pass

    def watch(done: int) -> None:
        if done > 300_000:
            raise Stopped

    before = segments.keep(KEY, resource(b"first"), FACTS)
    size = locate(tmp_path, before.file).stat().st_size
    with pytest.raises(Stopped):
        segments.keep(KEY, resource(b"x" * 900_000), FACTS, watch=watch)
    assert locate(tmp_path, before.file).stat().st_size == size


def _cut(segments: Segments, ref: CaptureRef, folder: Path, keep: int) -> None:
    """Let the process end when ``keep`` bytes of the records at ``ref`` were on the disk."""
    segments.close()
    path = locate(folder, ref.file)
    with path.open("r+b") as file:
        file.truncate(ref.offset + keep)
    for mark in path.parent.glob(".*.mark"):
        mark.unlink()


def test_a_torn_one_is_let_go(segments: Segments, tmp_path: Path) -> None:
    """After a kill in the middle of the file the records before it are there, and no half of it fills the disk."""
    first = segments.keep(KEY, resource(b"first"), FACTS)
    torn = segments.keep(KEY, resource(b"x" * 200_000), FACTS)
    _cut(segments, torn, tmp_path, 100_000)
    (told,) = segments.recover()
    assert (told.bytes_set_aside, told.set_aside) == (100_000, None)
    assert list(tmp_path.rglob("*.torn-*")) == []
    assert [event.ref for event in events(locate(tmp_path, first.file))] == [first]


def test_one_without_its_metadata_gets_it(segments: Segments, tmp_path: Path) -> None:
    """After a kill between the two records the file is whole, so it is kept and said what it is."""
    whole = segments.keep(KEY, resource(b"x" * 200_000), FACTS)
    _cut(segments, whole, tmp_path, whole.length + 10)
    segments.recover(lambda _event: {fact.SEQUENCE: "8"})
    path = locate(tmp_path, whole.file)
    (event,) = events(path)
    assert event.ref == whole
    assert exchange_of(event).stream == "import"
    segments.seal()
    assert list(validate(tmp_path / whole.file)) == []


def test_one_that_another_tool_compressed_is_read_all_the_same(segments: Segments, tmp_path: Path) -> None:
    """A WARC file that was written anew by another tool gives the same bytes."""
    data = b"zip" * 100_000
    ref = segments.keep(KEY, resource(data), FACTS)
    segments.close()
    path = locate(tmp_path, ref.file)
    raw = path.read_bytes()[ref.offset : ref.offset + ref.length]
    path.write_bytes(gzip.compress(gzip.decompress(raw)))
    with open_resource(tmp_path, ref.file, 0) as stream:
        stream.seek(3)
        assert stream.read() == data[3:]

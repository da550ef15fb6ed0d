"""Where ISA-L has no wheel, zlib does the same."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from archiver.warc import deflate
from archiver.warc.event import BlockWriter
from archiver.warc.validator import validate
from archiver.warc.writer import Segments
from tests.warc.captures import answer, event, put, sealed_paths


def test_zlib_in_place_of_isal(
    segments: Segments, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file written half by the one and half by the other is whole for both."""
    writer = BlockWriter(tmp_path / "spool", memory_limit=10)
    writer.write(answer(b"spooled " * 500))
    with writer.finish() as block:
        put(segments, event(answer(b"one " * 500)))
        monkeypatch.setattr(deflate, "_isal", None)
        put(segments, event(answer(b"two " * 500)))
        put(segments, event(block))
        segments.seal()
    (path,) = sealed_paths(folder)
    assert list(validate(path)) == []
    monkeypatch.undo()
    assert list(validate(path)) == []
    assert gzip.decompress(path.read_bytes()).count(b"WARC/1.1\r\n") == 10


@pytest.mark.parametrize("library", ["isal", "zlib"])
def test_equal_input_gives_equal_bytes(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No time and no name is in a member."""
    if library == "zlib":
        monkeypatch.setattr(deflate, "_isal", None)
    assert deflate.gzip_member(b"hello") == deflate.gzip_member(b"hello")
    assert deflate.gzip_member(b"hello")[3:8] == bytes(5)

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.filetypes import FileType, recognise
from archiver.sandbox.images import picture

PNG, JPEG, FILM = (picture(1, "", mime=mime) for mime in ("image/png", "image/jpeg", "video/mp4"))


def webp(form: bytes, body: bytes) -> bytes:
    """A WebP file of one chunk."""
    return b"RIFF" + struct.pack("<I", len(body) + 12) + b"WEBP" + form + struct.pack("<I", len(body)) + body


def track(width: int, height: int) -> bytes:
    """A track header box, version 0: its size stands at its end, in 16.16 fixed point."""
    return struct.pack(">I", 92) + b"tkhd" + bytes(76) + struct.pack(">II", width << 16, height << 16)


CASES = {
    "a PNG tells its size": (PNG.data, FileType("image/png", PNG.width, PNG.height)),
    "a JPEG tells its size in its frame header": (JPEG.data, FileType("image/jpeg", JPEG.width, JPEG.height)),
    "a JPEG with a preview in front, and a fill byte": (
        JPEG.data[:2] + b"\xff\xe1\x00\x06\xff\xd8\xff\xc0\xff" + JPEG.data[2:],
        FileType("image/jpeg", JPEG.width, JPEG.height),
    ),
    "a cut JPEG is still a JPEG": (JPEG.data[:30], FileType("image/jpeg")),
    "a GIF": (b"GIF89a" + struct.pack("<HH", 7, 9) + bytes(9), FileType("image/gif", 7, 9)),
    "a lossy WebP": (webp(b"VP8 ", bytes(6) + struct.pack("<HH", 64, 48)), FileType("image/webp", 64, 48)),
    "a lossless WebP": (webp(b"VP8L", b"\x2f" + struct.pack("<I", 63 | 47 << 14)), FileType("image/webp", 64, 48)),
    "an extended WebP": (webp(b"VP8X", bytes(4) + b"\x3f\0\0\x2f\0\0"), FileType("image/webp", 64, 48)),
    "a film whose description is elsewhere": (FILM.data, FileType("video/mp4")),
    "a film: a sound track has no size, the picture has": (
        b"\0\0\0\x10ftypmp42\0\0\0\0" + track(0, 0) + track(640, 360), FileType("video/mp4", 640, 360),
    ),
    "captions": (b"WEBVTT\n\n00:00.000", FileType("text/vtt")),
    "a web page is not told": (b"<!doctype html>", None),
    "nothing is not told": (b"", None),
}  # fmt: skip


@pytest.mark.parametrize(("head", "expected"), CASES.values(), ids=CASES)
def test_a_file_is_told_by_its_first_bytes(head: bytes, expected: FileType | None) -> None:
    """Type and size come from the bytes alone."""
    assert recognise(head) == expected


@given(st.sampled_from([PNG.data[:40], JPEG.data[:40], FILM.data[:40], CASES["an extended WebP"][0]]), st.binary())
def test_no_bytes_are_too_strange(start: bytes, rest: bytes) -> None:
    """Whatever follows a signature, and wherever the file is cut, there is an answer."""
    for cut in range(len(start) + 1):
        recognise(start[:cut] + rest)

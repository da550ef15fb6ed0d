"""Pictures made in code."""

from __future__ import annotations

import struct
import zlib

import pytest

from archiver.sandbox.cid import cid_of_bytes
from archiver.sandbox.images import picture


@pytest.mark.parametrize("seed", range(6))
def test_a_png_holds_its_pixels(seed: int) -> None:
    """Size and checksums are right, and there are as many pixels as the head says."""
    made = picture(seed, "Map")
    assert made.data.startswith(b"\x89PNG\r\n\x1a\n")
    place, chunks = 8, {}
    while place < len(made.data):
        (length,) = struct.unpack(">I", made.data[place : place + 4])
        name, body = made.data[place + 4 : place + 8], made.data[place + 8 : place + 8 + length]
        assert struct.unpack(">I", made.data[place + 8 + length : place + 12 + length]) == (zlib.crc32(name + body),)
        chunks[name] = body
        place += 12 + length
    assert struct.unpack(">II", chunks[b"IHDR"][:8]) == (made.width, made.height)
    assert len(zlib.decompress(chunks[b"IDAT"])) == made.height * (1 + 3 * made.width)


@pytest.mark.parametrize("seed", range(6))
def test_a_jpeg_is_whole(seed: int) -> None:
    """It begins and ends as it must, and its frame states its size."""
    made = picture(seed, None, mime="image/jpeg")
    assert made.data.startswith(b"\xff\xd8\xff\xe0")
    assert made.data.endswith(b"\xff\xd9")
    frame = made.data.index(b"\xff\xc0")
    assert struct.unpack(">HH", made.data[frame + 5 : frame + 9]) == (made.height, made.width)


def test_names_follow_from_the_bytes() -> None:
    """The same seed gives the same bytes, and the CID is theirs."""
    one, again, other = picture(1, "x"), picture(1, "x"), picture(2, "x")
    assert one == again
    assert one.sha256 != other.sha256
    assert one.cid == cid_of_bytes(one.data)

"""Small real pictures and a film, made in code: the same seed gives the same bytes.

PNG is written whole (RFC 2083). JPEG is a baseline grey picture of flat 8x8 blocks (ITU-T T.81): enough for any reader
to open it. The film is an ISO base media file with its first boxes and no frames.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import dataclass, field
from random import Random

from archiver.sandbox.cid import cid_of_bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """A file that is attached to posts. ``alt`` None: no description was given (Mastodon only)."""

    kind: str
    mime: str
    data: bytes = field(repr=False)
    width: int
    height: int
    alt: str | None
    sha256: str
    cid: str

    @property
    def suffix(self) -> str:
        """The file name's ending, without a dot."""
        return {"image/png": "png", "image/jpeg": "jpg", "video/mp4": "mp4"}[self.mime]


def picture(seed: int, alt: str | None, *, mime: str = "image/png") -> Picture:
    """A picture of a few hundred bytes to some kilobytes; each seed gives another one."""
    rng = Random(f"picture {seed}")
    width, height = rng.choice([(64, 48), (48, 64), (96, 54), (80, 80)])
    kind = "image"
    if mime == "image/png":
        data = _png(rng, width, height)
    elif mime == "image/jpeg":
        data = _jpeg(rng, width // 8, height // 8)
        width, height = width // 8 * 8, height // 8 * 8
    else:
        kind, width, height = "video", 320, 180
        data = _film(rng)
    return Picture(kind, mime, data, width, height, alt, hashlib.sha256(data).hexdigest(), cid_of_bytes(data))


def _png(rng: Random, width: int, height: int) -> bytes:
    sky, ground = (rng.randrange(256) for _ in range(2)), (rng.randrange(256) for _ in range(2))
    red, green = tuple(sky), tuple(ground)
    noise = rng.randbytes(width * height)
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            grain = noise[y * width + x] & 15
            shade = (y * 255 // height + grain) & 255
            rows += bytes(((red[0] + shade) & 255, (green[0] + x) & 255, (red[1] ^ green[1]) & 255))

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(rows), 9))
        + chunk(b"IEND", b"")
    )


# Table K.3 of T.81: code lengths of the DC differences of luminance, and the categories in that order.
_DC_COUNTS = bytes((0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0))
_DC_CATEGORIES = bytes(range(12))
# One AC code is enough: "end of block", one bit long.
_AC_COUNTS = bytes((1,) + (0,) * 15)
_AC_SYMBOLS = b"\x00"


def _jpeg(rng: Random, blocks_wide: int, blocks_high: int) -> bytes:
    codes = _dc_codes()
    bits: list[str] = []
    before = 0
    for _ in range(blocks_wide * blocks_high):
        level = rng.randrange(-110, 110)
        difference, before = level - before, level
        size = abs(difference).bit_length()
        bits.append(codes[size])
        if size:
            bits.append(format(difference if difference > 0 else difference + (1 << size) - 1, f"0{size}b"))
        bits.append("0")
    stream = "".join(bits)
    stream += "1" * (-len(stream) % 8)
    scan = int(stream, 2).to_bytes(len(stream) // 8, "big").replace(b"\xff", b"\xff\x00")

    def segment(marker: int, body: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body

    frame = struct.pack(">BHHBBBB", 8, blocks_high * 8, blocks_wide * 8, 1, 1, 0x11, 0)
    return b"".join(
        (
            b"\xff\xd8",
            segment(0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"),
            segment(0xDB, b"\x00" + bytes([8] * 64)),
            segment(0xC0, frame),
            segment(0xC4, b"\x00" + _DC_COUNTS + _DC_CATEGORIES),
            segment(0xC4, b"\x10" + _AC_COUNTS + _AC_SYMBOLS),
            segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"),
            scan,
            b"\xff\xd9",
        )
    )


def _dc_codes() -> dict[int, str]:
    codes: dict[int, str] = {}
    code, index = 0, 0
    for length, count in enumerate(_DC_COUNTS, start=1):
        for _ in range(count):
            codes[_DC_CATEGORIES[index]] = format(code, f"0{length}b")
            code, index = code + 1, index + 1
        code <<= 1
    return codes


def _film(rng: Random) -> bytes:
    def box(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body) + 8) + name + body

    return box(b"ftyp", b"isom\x00\x00\x02\x00isomiso2mp41") + box(b"mdat", rng.randbytes(6000))

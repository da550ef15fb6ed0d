"""What a file is, by its first bytes: what a server says of it is not to be trusted.

Only signatures that can't be mistaken are here; for all other files the server's word has to do. PNG: RFC 2083,
JPEG: ITU-T T.81 (annex B), GIF: GIF89a, WebP: RFC 9649, ISO base media files: ISO 14496-12, Matroska: RFC 9559.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

HEAD_BYTES = 1024 * 1024
"""How much of a file is looked at: enough for a picture's size behind the largest colour profiles and previews."""

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class FileType:
    """A media type, with width and height in pixels where the head of the file tells them."""

    mime: str
    width: int | None = None
    height: int | None = None


def recognise(head: bytes) -> FileType | None:
    """The type of a file that begins with ``head``; None for what is not known here. Never raises."""
    for matches, mime, size_of in _KNOWN:
        if matches(head):
            try:
                size = size_of(head)
            except (struct.error, IndexError):
                size = None
            width, height = size if size and all(size) else (None, None)
            return FileType(mime, width, height)
    return None


def _no_size(_head: bytes) -> Size | None:
    return None


def _png(head: bytes) -> Size | None:
    width, height = struct.unpack_from(">II", head, 16)
    return width, height


def _gif(head: bytes) -> Size | None:
    width, height = struct.unpack_from("<HH", head, 6)
    return width, height


def _jpeg(head: bytes) -> Size | None:
    """The size in the frame header, the first marker from SOF0 to SOF15 that is none of DHT, JPG and DAC."""
    at = 2
    while head[at] == 0xFF:
        marker = head[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack_from(">HH", head, at + 5)
            return width, height
        elif marker == 0x01 or 0xD0 <= marker <= 0xD7:  # stands alone
            at += 2
        else:
            at += 2 + int(struct.unpack_from(">H", head, at + 2)[0])
    return None


def _webp(head: bytes) -> Size | None:
    form = head[12:16]
    if form == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if form == b"VP8L":
        bits = struct.unpack_from("<I", head, 21)[0]
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if form == b"VP8 ":
        width, height = struct.unpack_from("<HH", head, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _track(head: bytes) -> Size | None:
    """The size of the first track that has one, where the movie's description stands before its data."""
    at = head.find(b"tkhd")
    while at >= 0:
        end = at - 4 + int(struct.unpack_from(">I", head, at - 4)[0])
        width, height = struct.unpack_from(">II", head, end - 8)
        if width and height:
            return width >> 16, height >> 16
        at = head.find(b"tkhd", at + 4)
    return None


def _begins(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(signatures)


def _riff(form: bytes) -> Callable[[bytes], bool]:
    return lambda head: head[:4] == b"RIFF" and head[8:12] == form


def _brand(*brands: bytes) -> Callable[[bytes], bool]:
    return lambda head: head[4:8] == b"ftyp" and head[8:12] in brands


_KNOWN: tuple[tuple[Callable[[bytes], bool], str, Callable[[bytes], Size | None]], ...] = (
    (_begins(b"\x89PNG\r\n\x1a\n"), "image/png", _png),
    (_begins(b"\xff\xd8\xff"), "image/jpeg", _jpeg),
    (_begins(b"GIF87a", b"GIF89a"), "image/gif", _gif),
    (_riff(b"WEBP"), "image/webp", _webp),
    (_brand(b"avif", b"avis"), "image/avif", _no_size),
    (_brand(b"heic", b"heix", b"hevc", b"hevx", b"mif1", b"msf1"), "image/heic", _no_size),
    (_brand(b"M4A ", b"M4B "), "audio/mp4", _no_size),
    (_brand(b"qt  "), "video/quicktime", _track),
    (lambda head: head[4:8] == b"ftyp", "video/mp4", _track),
    (lambda head: head.startswith(b"\x1aE\xdf\xa3") and b"webm" in head[:64], "video/webm", _no_size),
    (_begins(b"\x1aE\xdf\xa3"), "video/x-matroska", _no_size),
    (lambda head: head.startswith(b"OggS") and b"theora" in head[:256], "video/ogg", _no_size),
    (_begins(b"OggS"), "audio/ogg", _no_size),
    (_begins(b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"), "audio/mpeg", _no_size),
    (_begins(b"fLaC"), "audio/flac", _no_size),
    (_riff(b"WAVE"), "audio/wav", _no_size),
    (_begins(b"%PDF-"), "application/pdf", _no_size),
    (_begins(b"WEBVTT", b"\xef\xbb\xbfWEBVTT"), "text/vtt", _no_size),
)

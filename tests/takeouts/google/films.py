"""Films made for tests: nothing of one but what tells its length."""

from __future__ import annotations


def film(seconds: float, *, wide: bool = False, late: bool = False, scale: int = 1000) -> bytes:
    """An MP4 file. ``wide``: with numbers of eight bytes; ``late``: its head stands behind the pictures."""
    length = round(seconds * scale)
    if wide:
        told = b"\x01\0\0\0" + bytes(16) + scale.to_bytes(4) + length.to_bytes(8)
    else:
        told = bytes(4) + bytes(8) + scale.to_bytes(4) + length.to_bytes(4)
    head, pictures = box(b"moov", box(b"mvhd", told + bytes(80)) + box(b"trak", b"x")), box(b"mdat", bytes(3000))
    return box(b"ftyp", b"isom") + (pictures + head if late else head + pictures)


def box(kind: bytes, content: bytes, *, wide: bool = False) -> bytes:
    """A box of a film; ``wide``: its size has eight bytes."""
    if wide:
        return (1).to_bytes(4) + kind + (16 + len(content)).to_bytes(8) + content
    return (8 + len(content)).to_bytes(4) + kind + content

"""All that a folder holds as one heap of bytes, unpacked: where planted secrets are looked for."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path


def heap(paths: Iterable[Path]) -> bytes:
    """The files' bytes, and what is packed in them."""
    return b"\n".join(piece for path in paths for piece in pieces(path.read_bytes()))


def pieces(data: bytes) -> Iterator[bytes]:
    """The bytes, and what is packed in them, however deep."""
    yield data
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for name in packed.namelist():
                yield from pieces(packed.read(name))
        return
    for found in re.finditer(rb"\x1f\x8b\x08", data):
        try:
            inner = zlib.decompressobj(31).decompress(data[found.start() :])
        except zlib.error:
            continue
        yield from pieces(inner)

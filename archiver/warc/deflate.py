"""The compression library: ISA-L, three to six times as fast as zlib at about its ratio; zlib where it is missing.

Both read each other's output. Bytes from strangers (content codings in HTTP) are always inflated by zlib itself.
"""

from __future__ import annotations

import importlib
import zlib
from typing import Any, Protocol, cast

_isal: Any
try:
    _isal = importlib.import_module("isal.isal_zlib")
except ImportError:  # no wheel for this machine
    _isal = None

GZIP_WINDOW = 31
"""zlib's ``wbits`` for a 32 KiB window with a gzip wrapper."""

_ISAL_LEVEL = 2  # level 0 lets media grow; 3 halves the speed for 2 %
_ZLIB_LEVEL = 6

InflateError: tuple[type[Exception], ...] = (zlib.error,) if _isal is None else (zlib.error, _isal.error)
"""What inflating damaged bytes raises."""


class Deflater(Protocol):
    """zlib's compression object."""

    def compress(self, data: bytes, /) -> bytes:
        """Add input; some output."""

    def flush(self) -> bytes:
        """No more input; the rest of the output."""


class Inflater(Protocol):
    """zlib's decompression object."""

    @property
    def eof(self) -> bool:
        """Whether the member's end was reached."""

    @property
    def unused_data(self) -> bytes:
        """Input behind that end."""

    def decompress(self, data: bytes, /) -> bytes:
        """Add input; the output there is so far."""


def deflater() -> Deflater:
    """Compresses one gzip member."""
    if _isal is None:
        return zlib.compressobj(_ZLIB_LEVEL, zlib.DEFLATED, GZIP_WINDOW)
    return cast("Deflater", _isal.compressobj(_ISAL_LEVEL, _isal.DEFLATED, GZIP_WINDOW))


def inflater() -> Inflater:
    """Decompresses one gzip member and checks its length and CRC-32."""
    if _isal is None:
        return zlib.decompressobj(GZIP_WINDOW)
    return cast("Inflater", _isal.decompressobj(GZIP_WINDOW))


def gzip_member(data: bytes) -> bytes:
    """One whole gzip member; the header carries no time and no name, so equal input gives equal bytes."""
    if _isal is None:
        return zlib.compress(data, _ZLIB_LEVEL, GZIP_WINDOW)
    return cast("bytes", _isal.compress(data, _ISAL_LEVEL, GZIP_WINDOW))

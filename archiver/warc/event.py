"""What a capture hands over: the bytes that went over the wire, and what is known about them."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from archiver.domain.exchange import Purpose
from archiver.warc.storage import disk, write_all

REMOVED = "[removed]"
"""Stands in a stored request, response head or URL for a credential that was left out (records rule R62)."""

MEMORY_LIMIT_BYTES = 1024 * 1024


class Block:
    """The block of a WARC record: bytes as they came, in memory or, if they are many, in a nameless file.

    ``size`` in bytes; ``sha256`` is lowercase hex. It can be opened any number of times until it is closed.
    """

    __slots__ = ("_data", "_file", "sha256", "size")

    def __init__(self, size: int, sha256: str, *, data: bytes | None = None, file: BinaryIO | None = None) -> None:
        self.size = size
        self.sha256 = sha256
        self._data = data
        self._file = file

    @classmethod
    def of(cls, data: bytes) -> Block:
        """A block in memory."""
        return cls(len(data), hashlib.sha256(data).hexdigest(), data=data)

    @property
    def data(self) -> bytes | None:
        """The bytes, if they are in memory."""
        return self._data

    def open(self) -> BinaryIO:
        """A stream of the bytes from their beginning, independent of any other."""
        if self._data is not None:
            return io.BytesIO(self._data)
        if self._file is None or self._file.closed:
            raise ValueError("This block was closed.")
        return cast("BinaryIO", io.BufferedReader(_Window(self._file.fileno()), 64 * 1024))

    def close(self) -> None:
        """Give the temporary file back; the bytes are gone then. In memory: nothing to do."""
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Block(size={self.size}, sha256={self.sha256!r})"


class _Window(io.RawIOBase):
    """Reads an open file by position, so that any number of readers share one descriptor."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position}.get(whence)
        if start is None:
            start = os.fstat(self._descriptor).st_size
        self._position = max(0, start + offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # typeshed: any buffer
        count = os.preadv(self._descriptor, [buffer], self._position)
        self._position += count
        return count


class BlockWriter:
    """Collects a block as it comes off the wire, digest included, so that no byte is hashed twice.

    Beyond ``memory_limit`` bytes it goes on in a nameless file in ``spool_dir``, which no crash can leave behind.
    Raises StorageFull when that disk is full.
    """

    def __init__(self, spool_dir: Path, memory_limit: int = MEMORY_LIMIT_BYTES) -> None:
        self._spool_dir = spool_dir
        self._memory_limit = memory_limit
        self._parts: list[bytes] = []
        self._file: BinaryIO | None = None
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        """Add bytes at the end."""
        self._hash.update(data)
        self.size += len(data)
        if self._file is None and self.size <= self._memory_limit:
            self._parts.append(data)
            return
        with disk(self._spool_dir):
            if self._file is None:
                self._spool_dir.mkdir(parents=True, exist_ok=True)
                self._file = cast("BinaryIO", tempfile.TemporaryFile(dir=self._spool_dir, buffering=0))  # noqa: SIM115 - the block owns it
                for part in self._parts:
                    write_all(self._file.fileno(), part)
                self._parts = []
            write_all(self._file.fileno(), data)

    def finish(self) -> Block:
        """The block; nothing can be added after that."""
        digest = self._hash.hexdigest()
        if self._file is not None:
            return Block(self.size, digest, file=self._file)
        return Block(self.size, digest, data=b"".join(self._parts))

    def discard(self) -> None:
        """Forget the bytes."""
        self._parts = []
        if self._file is not None:
            self._file.close()


@dataclass(frozen=True, slots=True)
class Redaction:
    """A credential that was left out of the stored bytes (records rule R62), disclosed in the metadata record.

    ``place`` is ``url``, ``request-body``, ``response-body``, ``request-header NAME`` or ``response-header NAME``;
    ``count`` how often it stood there; ``received_digest`` the payload's digest as received (``sha256:…``), where a
    response body was changed.
    """

    place: str
    count: int
    received_digest: str | None = None


@dataclass(frozen=True, slots=True)
class CaptureRef:
    """Where a capture lies: the response's record, or the metadata record when no response came.

    ``file`` is relative to the WARC folder and without ``.open``; ``offset`` and ``length`` are the gzip
    member's, in bytes; digests are labelled (``sha256:…``).
    """

    record_id: str
    file: str
    offset: int
    length: int
    payload_digest: str | None
    block_digest: str | None
    captured_at: datetime


@dataclass(frozen=True, slots=True)
class CaptureEvent:
    """One request and what came of it; one capture event in the words of WARC 1.1.

    ``captured_at`` is when the request began (aware, UTC), ``elapsed_ms`` how long all of it took. ``request`` and
    ``response`` are the bytes on the wire, credentials replaced by `REMOVED`. ``payload_sha256`` (hex) is of the
    entity-body: transfer coding removed, content coding kept (`archiver.warc.http.payload_sha256` computes it); None
    when there is none to tell. ``peer`` is the IP address connected to. ``protocols`` such as ``("http/1.1",
    "tls/1.3")``. ``truncated``: ``length time disconnect unspecified`` when the response is not whole
    (WARC-Truncated). ``failure``: ``dns connect tls timeout disconnect refused protocol`` when no usable response
    came; bytes that did come are in ``response`` nevertheless. ``redactions`` says what was left out.
    ``request_payload_sha256`` (hex) is of the request's own entity-body, where that is the evidence: a delivery.
    """

    url: str
    method: str
    captured_at: datetime
    elapsed_ms: int
    request: bytes
    response: Block | None
    payload_sha256: str | None = None
    peer: str | None = None
    protocols: tuple[str, ...] = ()
    truncated: str | None = None
    failure: str | None = None
    failure_detail: str | None = None
    redactions: tuple[Redaction, ...] = ()
    purpose: Purpose = Purpose.API
    request_payload_sha256: str | None = None

    @property
    def redactions_in_response(self) -> bool:
        """Whether the stored response differs from the one received."""
        return any(redaction.place.startswith("response") for redaction in self.redactions)

    @property
    def answered(self) -> bool:
        """Whether any byte of a response came."""
        return self.response is not None and self.response.size > 0

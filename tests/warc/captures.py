"""Made-up captures, as the capture client hands them over."""

from __future__ import annotations

import gzip
import hashlib
import uuid
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archiver.warc import facts as fact
from archiver.warc.event import Block, CaptureEvent, Redaction
from archiver.warc.http import payload_sha256
from archiver.warc.writer import CaptureRef, SegmentKey, Segments, WarcInfo

URL = "https://api.example.org/v1/posts?limit=50"
AT = datetime(2026, 1, 15, 11, 59, 58, 678901, tzinfo=UTC)
KEY = SegmentKey("police-bluesky", "api")
MEDIA = SegmentKey("police-bluesky", "media")
INFO = WarcInfo(
    operator="City of Example", archive="City of Example", user_agent="archiver/test (records@city.example)"
)
FACTS: dict[str, str | Sequence[str]] = {
    fact.SEQUENCE: "7",
    fact.ACCOUNT: "police-bluesky",
    fact.STREAM: "posts",
    fact.TASK: "poll",
    fact.SUBJECT: "bluesky:at://did:plc:x/app.bsky.feed.post/3k",
}
INFO_ID = "<urn:uuid:11111111-1111-4111-8111-111111111111>"
REQUEST = b"GET /v1/posts?limit=50 HTTP/1.1\r\nHost: api.example.org\r\nAuthorization: [removed]\r\n\r\n"
HELLO_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"


@dataclass
class Ticking:
    """A clock that is set by hand."""

    at: datetime

    def __call__(self) -> datetime:
        """The time."""
        return self.at


def answer(
    body: bytes, *, status: str = "200 OK", headers: Sequence[tuple[str, str]] = (), chunked: bool = False
) -> bytes:
    """The bytes of a response."""
    framing = ("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(body)))
    head = "".join(f"{name}: {value}\r\n" for name, value in [*headers, framing])
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + (chunks(body) if chunked else body)


def chunks(body: bytes, size: int = 1000) -> bytes:
    """A body in chunks of ``size`` bytes."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def coded(body: bytes, coding: str) -> bytes:
    """A body with a content coding."""
    return gzip.compress(body) if coding == "gzip" else zlib.compress(body)


def event(response: bytes | Block | None = HELLO_CHUNKED, **changes: Any) -> CaptureEvent:
    """A capture; ``changes`` are other fields of it."""
    block = Block.of(response) if isinstance(response, bytes) else response
    request: bytes = changes.pop("request", REQUEST)
    values: dict[str, Any] = {
        "url": URL, "method": "GET", "captured_at": AT, "elapsed_ms": 12, "request": request, "response": block,
        "peer": "192.0.2.10", "protocols": ("http/1.1", "tls/1.3"),
        "redactions": (Redaction("request-header authorization", 1),) if b"[removed]" in request else (),
    } | changes  # fmt: skip
    if block is not None and "payload_sha256" not in values:
        with block.open() as stream:
            values["payload_sha256"] = payload_sha256(stream, method=values["method"])
    return CaptureEvent(**values)


def put(segments: Segments, one: CaptureEvent, key: SegmentKey = KEY, /, **facts: str) -> CaptureRef:
    """Write a capture with the usual facts."""
    return segments.append(
        key, one, lambda: {**FACTS, **{name.replace("_", "-"): value for name, value in facts.items()}}
    )


def sealed_paths(folder: Path) -> list[Path]:
    """The sealed files."""
    return sorted(folder.rglob("*.warc.gz"))


def open_paths(folder: Path) -> list[Path]:
    """The open files."""
    return sorted(folder.rglob("*.open"))


def member(head: bytes, block: bytes = b"", *, end: bytes = b"\r\n\r\n") -> bytes:
    """A gzip member with one record, written by nobody's rules."""
    return gzip.compress(head + block + end, mtime=0)


def record(kind: str, block: bytes = b"", **fields: str | list[str] | None) -> bytes:
    """A record that is right, except for ``fields``: other values, more of them, or None for none at all.

    Keyword names are field names with ``_`` for ``-``; lists make repeated fields.
    """
    types = {
        "warcinfo": "application/warc-fields", "metadata": "application/warc-fields", "resource": "text/plain",
        "conversion": "text/plain", "request": "application/http;msgtype=request",
    }  # fmt: skip
    values: dict[str, str | list[str] | None] = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{uuid.uuid4()}>",
        "WARC-Date": "2026-01-15T11:59:58.678901Z",
        "WARC-Block-Digest": f"sha256:{hashlib.sha256(block).hexdigest()}",
        "Content-Type": types.get(kind, "application/http;msgtype=response"),
        "Content-Length": str(len(block)),
    }
    if kind != "warcinfo":
        values |= {"WARC-Target-URI": URL, "WARC-Warcinfo-ID": INFO_ID}
    values |= {name.replace("_", "-"): value for name, value in fields.items()}
    lines = [
        f"{name}: {one}\r\n"
        for name, value in values.items()
        if value is not None
        for one in ([value] if isinstance(value, str) else value)
    ]
    return member("".join(["WARC/1.1\r\n", *lines, "\r\n"]).encode(), block)

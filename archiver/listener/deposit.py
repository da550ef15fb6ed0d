"""How a delivery is put into WARC files: the platform's request as it came, our answer, and what is known of both."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import structlog

from archiver.domain.delivery import address
from archiver.errors import ArchiverError
from archiver.listener.messages import Head, Message
from archiver.listener.tally import Tally
from archiver.warc import facts as fact
from archiver.warc.event import REMOVED, Block, CaptureEvent, Redaction
from archiver.warc.names import PUSHED, SEVERAL, SegmentKey, pushed_key
from archiver.warc.pushed import STREAM, committing, sealing_is_asked, sealing_is_done
from archiver.warc.records import EMPTY_SHA256
from archiver.warc.rules import SECRET_HEADERS
from archiver.warc.writer import Sealed, Segments

log = structlog.get_logger()

_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9a-fA-F:.]+\](:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A signed request that is to be kept. ``answer`` are the bytes that are sent once it is on disk.

    ``received_at`` is when its first byte came (aware, UTC), ``elapsed_ms`` how long it took to come whole.
    """

    message: Message
    received_at: datetime
    elapsed_ms: int
    answer: bytes
    signed_for: frozenset[str]

    @property
    def digest(self) -> str:
        """The hex SHA-256 of its body."""
        return sha256(self.message.body).hexdigest()


class Depositor:
    """Writes deliveries, many with one sync. ``segments`` must be the only writer of push files in its folder."""

    def __init__(self, segments: Segments, tally: Tally) -> None:
        self._segments = segments
        self._tally = tally
        self.folder: Path = segments.folder
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def keep(self, deliveries: Sequence[Delivery]) -> list[bool]:
        """Whether each is on disk now. What did not fit left nothing behind."""
        by_key: dict[SegmentKey, list[int]] = {}
        for index, one in enumerate(deliveries):
            name = address(one.message.body).one
            by_key.setdefault(pushed_key(name) if name else SEVERAL, []).append(index)
        kept = [False] * len(deliveries)
        with committing(self.folder):
            for key, group in by_key.items():
                try:
                    self._segments.append_together(key, [_event(deliveries[index]) for index in group])
                except ArchiverError as error:
                    self._tally.count("deliveries could not be kept", str(error))
                    continue
                for index in group:
                    kept[index] = True
        return kept

    def recover(self) -> None:
        """Mend what an earlier receiver left half written."""
        with committing(self.folder):
            for mended in self._segments.recover():
                if mended.set_aside is not None:
                    log.warning("a torn delivery was set aside", file=mended.file, bytes=mended.bytes_set_aside)

    def look_after(self) -> None:
        """Close the push files for ever where somebody asks for it."""
        if sealing_is_asked(self.folder):
            self.seal()
            sealing_is_done(self.folder)

    def seal(self) -> list[Sealed]:
        """Close all push files, for ever."""
        with committing(self.folder):
            return self._segments.seal()


def _event(one: Delivery) -> tuple[CaptureEvent, fact.Facts]:
    raw, removed = _scrubbed(one.message.raw)
    event = CaptureEvent(
        url=_callback(one.message.head),
        method="POST",
        captured_at=one.received_at,
        elapsed_ms=one.elapsed_ms,
        request=raw,
        response=Block.of(one.answer),
        payload_sha256=EMPTY_SHA256,
        protocols=("http/1.1",),
        redactions=tuple(Redaction(f"request-header {name}", 1) for name in removed),
        request_payload_sha256=one.digest,
    )
    facts = {fact.STREAM: STREAM, fact.TASK: STREAM, fact.PURPOSE: PUSHED, fact.SIGNED_FOR: sorted(one.signed_for)}
    return event, facts


def _scrubbed(raw: bytes) -> tuple[bytes, list[str]]:
    """The request without the values of headers that are credentials (R62), and their names.

    The signature stays: it is evidence, and nobody can sign anything else with it.
    """
    head, separator, body = raw.partition(b"\r\n\r\n")
    removed: list[str] = []
    lines = head.split(b"\r\n")
    for index, line in enumerate(lines):
        name = line.partition(b":")[0].decode("latin-1").strip().lower()
        if index and name in SECRET_HEADERS:
            lines[index] = line.partition(b":")[0] + b": " + REMOVED.encode()
            removed.append(name)
    return b"\r\n".join(lines) + separator + body, removed


def _callback(head: Head) -> str:
    """The address that the platform called, as the proxy tells it."""
    scheme = "https" if head.headers.get("x-forwarded-proto", "").strip().lower() == "https" else "http"
    told = (head.headers.get(name, "").strip() for name in ("x-forwarded-host", "host"))
    host = next((name for name in told if _HOST.fullmatch(name)), "localhost")
    return f"{scheme}://{host}{head.path}"

"""Captures as the exchanges that adapters see.

`live_exchange` makes an exchange from memory and `exchange_of` from a file, by the same code: what live capture reads
and what a rebuild reads is the same.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from archiver.domain.exchange import Content, Exchange, Headers, Purpose
from archiver.errors import ShapeChanged
from archiver.warc import facts as fact
from archiver.warc import fields as f
from archiver.warc.conversions import about_of, open_head, open_message
from archiver.warc.event import CaptureEvent, CaptureRef
from archiver.warc.http import CONTENT_LIMIT_BYTES, Answer, Head, Malformed, decoded, request_parts
from archiver.warc.names import locate
from archiver.warc.originals import original_of
from archiver.warc.resources import Resource
from archiver.warc.stored import StoredEvent, StoredRecord, events, record_at

__all__ = ["StoredEvent", "StoredRecord", "events", "exchange_of", "live_exchange", "open_content", "record_at"]

_REFUSAL_BYTES = 64 * 1024
"""What is said in place of a file is no longer than this."""
_OF_THE_BODY = {"content-type", "content-language", "content-location", "last-modified", "etag", "link"}
"""Header fields that describe a body, and that an answer without one leaves out (RFC 9110, 15.4.5; RFC 9111, 3.2)."""

Opener = Callable[[], BinaryIO]
Facts = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class _Wire:
    """An event's bytes and what is said about them, wherever they are: in memory or in a file.

    ``original`` opens the response whose payload this one repeats without holding it; ``unmodified``: because the
    server said that nothing has changed since.
    """

    record_id: str
    url: str
    captured_at: datetime
    request: bytes | None
    response: Opener | None
    original: Opener | None
    truncated: str | None
    facts: Facts
    unmodified: bool = False


def exchange_of(event: StoredEvent, *, body_limit: int = CONTENT_LIMIT_BYTES) -> Exchange:
    """The exchange that a stored event holds.

    An answer that breaks HTTP, or unfolds to more than ``body_limit`` bytes, is an exchange that failed by
    ``protocol``. Raises EvidenceDamaged when the original of a repeated payload is missing, and nothing else.
    """
    response = event.response
    repeats = response is not None and response.type == "revisit"
    message, original, unmodified = _messages(response)
    wire = _Wire(
        record_id=event.id,
        url=event.main.target,
        captured_at=event.main.at,
        request=_request_block(event),
        response=message,
        original=original,
        truncated=event.main.value("WARC-Truncated") if not repeats else None,
        facts=event.facts,
        unmodified=unmodified,
    )
    return _exchange(wire, body_limit)


def _messages(response: StoredRecord | None) -> tuple[Opener | None, Opener | None, bool]:
    """How to open an event's response, and the earlier one that it repeats; whether because nothing has changed."""
    if response is None or response.type == "resource":
        return None, None, False
    if response.type == "revisit":
        original = partial(open_message, original_of(response))
        return response.open_block, original, response.value("WARC-Profile") == f.NOT_MODIFIED
    if response.type == "conversion" and fact.UNMODIFIED in about_of(response):
        return partial(open_head, response), partial(open_message, response), True
    return partial(open_message, response), None, False


def live_exchange(
    event: CaptureEvent,
    ref: CaptureRef,
    facts: fact.Facts,
    *,
    body_limit: int = CONTENT_LIMIT_BYTES,
    holds: Opener | None = None,
) -> Exchange:
    """The exchange that was just captured, equal to what `exchange_of` will make of its records.

    ``holds`` opens the earlier response that still holds where this one says that nothing has changed.
    """
    wire = _Wire(
        record_id=ref.record_id,
        url=f.uri(event.url),
        captured_at=event.captured_at.astimezone(UTC),
        request=event.request if event.answered else None,
        response=event.response.open if event.response and event.answered else None,
        original=holds,
        truncated=event.truncated if event.answered else None,
        facts=fact.complete(event, facts, account=ref.file.split("/", 1)[0]),
        unmodified=holds is not None,
    )
    return _exchange(wire, body_limit)


def kept_exchange(resource: Resource, ref: CaptureRef, facts: fact.Facts) -> Exchange:
    """A file that was just kept (`Segments.keep`), equal to what `exchange_of` will make of its records."""
    stated = fact.normal({**facts, fact.ACCOUNT: ref.file.split("/", 1)[0]})
    at = resource.at.astimezone(UTC)
    return _exchange(_Wire(ref.record_id, f.uri(resource.target), at, None, None, None, None, stated), 0)


def open_content(folder: Path, file: str, offset: int) -> BinaryIO:
    """The content of the response at ``offset`` as a stream, without transfer and content coding.

    Where the record is a revisit, it is its original's; of a resource record it is the block as it is. ``file`` is
    relative to the WARC folder ``folder``, sealed or still open. Raises NotFound and EvidenceDamaged, and ShapeChanged
    where the answer is no HTTP.
    """
    record = record_at(locate(folder, file), offset)
    if record.type == "resource":
        return record.open_block()
    source = original_of(record) if record.type == "revisit" else record
    return cast("BinaryIO", io.BufferedReader(_ContentStream(source, record), 64 * 1024))


def _request_block(event: StoredEvent) -> bytes | None:
    if event.request is None:
        return None
    with open_message(event.request) as block:
        return block.read()


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of a response: None for ``head`` where it breaks HTTP. ``more`` are fields from an earlier head."""

    head: Head | None
    body: bytes = b""
    complete: bool = True
    more: Headers = ()


def _exchange(wire: _Wire, body_limit: int) -> Exchange:
    facts = wire.facts
    purpose = Purpose.MEDIA if _one(facts, fact.PURPOSE) == Purpose.MEDIA else Purpose.API
    method, request_body = request_parts(wire.request or b"")
    failure = _one(facts, fact.FAILURE)
    read = _Read(None)
    if wire.response is not None and failure is None:
        limit = body_limit if purpose is Purpose.API else None
        if wire.unmodified and wire.original is not None:
            read = _held(wire.response, wire.original, method, limit)
        else:
            read = _read(wire.response, wire.original, method, limit)
        failure = None if read.head else "protocol"
    return Exchange(
        id=wire.record_id,
        sequence=_number(facts, fact.SEQUENCE) or 0,
        account=_one(facts, fact.ACCOUNT) or "",
        url=wire.url,
        stream=_one(facts, fact.STREAM) or "",
        captured_at=wire.captured_at,
        method=method or _one(facts, fact.METHOD) or "GET",
        request_body=request_body or None,
        status=read.head.status if read.head else None,
        headers=(*read.head.headers, *read.more) if read.head else (),
        body=read.body,
        content=_content(facts) if purpose is Purpose.MEDIA else None,
        failure=failure,
        truncated=wire.truncated or (None if read.complete else "disconnect"),
        purpose=purpose,
        task_kind=_one(facts, fact.TASK) or "",
        subject=_one(facts, fact.SUBJECT),
        note=_one(facts, fact.NOTE) or "",
        unmodified=wire.unmodified and read.head is not None,
    )


def _read(response: Opener, original: Opener | None, method: str, limit: int | None) -> _Read:
    """Read a response's head and, with a ``limit`` (None: media, whose content stays where it is), its content.

    Of a file that is refused, what is said of that is read all the same.
    """
    try:
        with response() as stream:
            answer = Answer(stream, method=method)
            if limit is None:
                return _Read(answer.head, _refusal(answer, original))
            if original is None:
                body = b"".join(answer.content(limit=limit))
                return _Read(answer.head, body, answer.complete)
            with original() as repeated:
                pieces = Answer(repeated, method=method).payload()
                return _Read(answer.head, b"".join(decoded(pieces, answer.head, limit=limit)))
    except Malformed:
        return _Read(None)


def _refusal(answer: Answer, original: Opener | None) -> bytes:
    """Why a file is refused, as the answer says instead of it; empty for a file, and for what is too long for that."""
    if answer.head.status < 400:
        return b""
    try:
        if original is None:
            return b"".join(answer.content(limit=_REFUSAL_BYTES))
        with original() as repeated:
            return b"".join(decoded(Answer(repeated).payload(), answer.head, limit=_REFUSAL_BYTES))
    except Malformed:
        return b""


def _held(response: Opener, original: Opener, method: str, limit: int | None) -> _Read:
    """Read a response that says that an earlier one still holds: its own head, and what the other one said."""
    new, old = _read(response, None, method, limit), _read(original, None, method, limit)
    if new.head is None or old.head is None:
        return _Read(None)
    told = {name.lower() for name, _ in new.head.headers}
    more = tuple(
        (name, value) for name, value in old.head.headers if name.lower() in _OF_THE_BODY and name.lower() not in told
    )
    return _Read(new.head, old.body, old.complete, more)


def _content(facts: Facts) -> Content | None:
    sha256, size = _one(facts, fact.CONTENT_SHA256), _number(facts, fact.CONTENT_BYTES)
    if sha256 is None or size is None:
        return None
    mime, width, height = _one(facts, fact.CONTENT_MIME), _number(facts, fact.WIDTH), _number(facts, fact.HEIGHT)
    return Content(sha256, size, mime, width, height)


def _one(facts: Facts, name: str) -> str | None:
    return next(iter(facts.get(name, ())), None)


def _number(facts: Facts, name: str) -> int | None:
    text = _one(facts, name) or ""
    return int(text) if text.isascii() and text.isdigit() else None


class _ContentStream(io.RawIOBase):
    """The content of a stored response, unfolded as it is read."""

    def __init__(self, source: StoredRecord, asked: StoredRecord) -> None:
        super().__init__()
        self._block = open_message(source)
        self._name = asked.path.name
        self._rest = b""
        self._pieces = self._unfold(asked, source)

    def _unfold(self, asked: StoredRecord, source: StoredRecord) -> Iterator[bytes]:
        answer = Answer(self._block)
        head = answer.head
        if asked is not source and asked.value("WARC-Profile") != f.NOT_MODIFIED:
            with open_message(asked) as block:
                head = Answer(block).head
        yield from decoded(answer.payload(), head, whole=lambda: answer.complete)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        try:
            while not self._rest and (piece := next(self._pieces, None)) is not None:
                self._rest = piece
        except Malformed as error:
            raise ShapeChanged(f"The answer kept in {self._name} breaks HTTP: {error}.") from error
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def close(self) -> None:
        self._block.close()
        super().close()

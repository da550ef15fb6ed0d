"""What a captured file is: its digest, size, type and size in pixels, found in its bytes as they came."""

from __future__ import annotations

import hashlib
from typing import BinaryIO

from archiver.domain.exchange import Purpose
from archiver.domain.filetypes import HEAD_BYTES, FileType, recognise
from archiver.warc import facts as names
from archiver.warc.event import CaptureEvent
from archiver.warc.http import Answer, Head, Malformed

_PIECE_BYTES = 256 * 1024


def content_facts(event: CaptureEvent) -> dict[str, str]:
    """The facts of a media answer's content; none where there is no such content, or its coding is damaged.

    Of an answer that a limit cut they are those of the part that came.
    """
    if event.purpose is not Purpose.MEDIA or event.response is None or event.failure is not None:
        return {}
    digest, size, start = hashlib.sha256(), 0, bytearray()
    try:
        with event.response.open() as stream:
            answer = Answer(stream, method=event.method)
            if not 200 <= answer.head.status < 300:
                return {}
            for piece in answer.content():
                digest.update(piece)
                size += len(piece)
                start += piece[: HEAD_BYTES - len(start)]
    except Malformed:
        return {}
    if event.truncated and not size:
        return {}
    found = recognise(bytes(start))
    facts = {names.CONTENT_SHA256: digest.hexdigest(), names.CONTENT_BYTES: str(size)}
    mime = found.mime if found else _stated(answer.head)
    return facts | ({names.CONTENT_MIME: mime} if mime else {}) | _pixels(found)


def file_facts(stream: BinaryIO) -> dict[str, str]:
    """The facts of a file that somebody handed in. What it is called is not to be trusted, so only its bytes count."""
    digest, size, start = hashlib.sha256(), 0, bytearray()
    while piece := stream.read(_PIECE_BYTES):
        digest.update(piece)
        size += len(piece)
        start += piece[: HEAD_BYTES - len(start)]
    found = recognise(bytes(start))
    facts = {names.CONTENT_SHA256: digest.hexdigest(), names.CONTENT_BYTES: str(size)}
    return facts | ({names.CONTENT_MIME: found.mime} if found else {}) | _pixels(found)


def _stated(head: Head) -> str | None:
    """The type as the server says, without its parameters."""
    return next((value.partition(";")[0].strip().lower() for value in head.values("content-type")), None)


def _pixels(found: FileType | None) -> dict[str, str]:
    if found is None or found.width is None or found.height is None:
        return {}
    return {names.WIDTH: str(found.width), names.HEIGHT: str(found.height)}

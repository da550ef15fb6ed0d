"""Limits on what an answer may bring: size, time and, for media, type. What is over is cut and marked (R10, R67)."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from archiver.capture.framing import AnswerHead


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """What a file from a stranger's address may be.

    ``max_bytes`` of the whole answer, its head included; ``max_seconds`` from the first byte sent to the last one
    received; ``types`` are patterns of media types (``image/*``), None for all. An answer without a type counts as
    ``application/octet-stream``.
    """

    max_bytes: int = 500 * 10**6
    max_seconds: float = 900.0
    types: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class AnswerLimits:
    """What an answer of an API may be: so many bytes (head included, as coded) and seconds."""

    max_bytes: int = 64 * 1024 * 1024
    max_seconds: float = 180.0


@dataclass(frozen=True, slots=True)
class Cut:
    """Why the rest of an answer is not taken: WARC-Truncated's word, and a sentence."""

    word: str
    detail: str


def unwanted(head: AnswerHead, limits: MediaLimits) -> Cut | None:
    """Why the body of a media answer is not taken at all, judged by its head; None when it is.

    Only a success is judged by type: an error page is text and short. A file that says that it is too long is not
    begun, because a part of it is of no use and the next attempt would bring the same part.
    """
    if not head.ok:
        return None
    mime = (head.value("content-type") or "application/octet-stream").partition(";")[0].strip().lower()
    if limits.types is not None and not any(fnmatchcase(mime, pattern.lower()) for pattern in limits.types):
        return Cut("unspecified", f"The type {mime} is not among those allowed for media.")
    length = head.value("content-length")
    if length is not None and length.isascii() and length.isdigit() and int(length) > limits.max_bytes:
        return Cut("length", f"{length} bytes are more than the {limits.max_bytes} allowed for media.")
    return None

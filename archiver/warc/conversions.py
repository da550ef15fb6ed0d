"""Captures out of which records were taken: ``conversion`` records (ISO 28500, 6.8; records rules R31, R63).

A conversion holds a body, not an HTTP message. What the message around it said, and what was done to the body, says
the metadata record that follows it. From both the message is put together again, so that whoever reads captures need
not know the difference.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, cast

from archiver import __version__
from archiver.domain.exchange import Headers
from archiver.errors import EvidenceDamaged
from archiver.warc import facts as fact
from archiver.warc import fields as f
from archiver.warc.event import Block
from archiver.warc.records import Record, new_id, record
from archiver.warc.stored import StoredRecord, record_at

_FRAMING = frozenset({"content-length", "transfer-encoding"})
_HELD = "HTTP/1.1 200 OK"


@dataclass(frozen=True, slots=True)
class Converted:
    """A body that takes the place of a message, and what the message said.

    ``body`` is the content, decoded, unless ``coded``: then it still has the content coding that ``headers`` name.
    ``removed`` counts the objects that were taken out of it. ``start_line`` such as ``HTTP/1.1 200 OK``.
    ``unmodified``: the message was a 304, and ``body`` is what it said still holds. ``truncated`` is WARC-Truncated's
    word.
    """

    body: Block
    media_type: str
    start_line: str
    headers: Headers
    removed: int
    coded: bool = False
    unmodified: bool = False
    truncated: str | None = None


@dataclass(frozen=True, slots=True)
class Grounds:
    """Under which disposals something was taken out, by what right, and when this was written (aware, UTC)."""

    disposals: Sequence[str]
    authorities: Sequence[str]
    at: datetime


def conversion(
    of: StoredRecord, converted: Converted, grounds: Grounds, *, warcinfo_id: str, target: str | None = None
) -> tuple[Record, Record]:
    """The conversion that takes the place of a record, and the metadata record about it.

    The conversion has the date of the capture, since that is when its content was seen; when it was made is the date of
    the other. ``target`` stands in the place of the record's own, where that names what was expunged.
    """
    target = of.target if target is None else target
    own_id, digest = new_id(), f.digest(converted.body.sha256)
    fields = [
        ("WARC-Type", "conversion"),
        ("WARC-Target-URI", target),
        ("WARC-Date", f.date(of.at)),
        ("WARC-Refers-To", f.urn(of.stands_for)),
        ("WARC-Warcinfo-ID", f.urn(warcinfo_id)),
        ("WARC-Payload-Digest", digest),
    ]
    if converted.truncated:
        fields.append(("WARC-Truncated", converted.truncated))
    made = record(own_id, of.at, fields, converted.media_type, converted.body)
    told: fact.Facts = {
        fact.DISPOSAL: grounds.disposals,
        fact.AUTHORITY: grounds.authorities,
        fact.RECORDS_REMOVED: str(converted.removed),
        fact.START_LINE: converted.start_line,
        fact.HTTP_FIELD: [f"{name}: {value}" for name, value in converted.headers],
        fact.BODY: "payload" if converted.coded else "content",
        **({fact.UNMODIFIED: "yes"} if converted.unmodified else {}),
        fact.SOFTWARE: f"archiver/{__version__}",
    }
    fields = [
        ("WARC-Type", "metadata"),
        ("WARC-Target-URI", target),
        ("WARC-Date", f.date(grounds.at)),
        ("WARC-Refers-To", f.urn(own_id)),
        ("WARC-Warcinfo-ID", f.urn(warcinfo_id)),
    ]
    about = record(new_id(), grounds.at, fields, f.WARC_FIELDS, Block.of(fact.to_block(told)))
    return made, about


def open_message(record: StoredRecord) -> BinaryIO:
    """The HTTP message that a record holds; of a conversion put together again, as what still holds: a 304 is a 200."""
    if record.type != "conversion":
        return record.open_block()
    about = about_of(record)
    start = _HELD if fact.UNMODIFIED in about else _first(about, fact.START_LINE)
    return _message(start, about, record)


def open_head(record: StoredRecord) -> BinaryIO:
    """The message around a conversion, as it came and without its body."""
    about = about_of(record)
    return io.BytesIO(_head(_first(about, fact.START_LINE), about))


def about_of(conversion: StoredRecord) -> dict[str, list[str]]:
    """What the metadata record says that follows a conversion. Raises EvidenceDamaged where there is none."""
    about = record_at(conversion.path, conversion.end)
    if f.bare_id(about.value("WARC-Refers-To") or "") != conversion.record_id:
        raise EvidenceDamaged(f"{conversion.path} says nothing about the conversion at byte {conversion.offset}.")
    with about.open_block() as block:
        return fact.from_block(block.read())


def headers_in(about: dict[str, list[str]]) -> Headers:
    """The header fields of the message around a conversion."""
    pairs = (value.partition(":") for value in about.get(fact.HTTP_FIELD, []))
    return tuple((name.strip(), value.strip()) for name, _, value in pairs)


def _message(start: str, about: dict[str, list[str]], record: StoredRecord) -> BinaryIO:
    head = _head(start, about, ("Content-Length", str(record.block_bytes)))
    return cast("BinaryIO", io.BufferedReader(_Joined(head, record.open_block())))


def _head(start: str, about: dict[str, list[str]], *more: tuple[str, str]) -> bytes:
    """The head of a message whose body is framed by its length alone."""
    unwanted = _FRAMING if _first(about, fact.BODY) == "payload" else _FRAMING | {"content-encoding"}
    kept = [(name, value) for name, value in headers_in(about) if name.lower() not in unwanted]
    lines = [start, *(f"{name}: {value}" for name, value in (*kept, *more)), ""]
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1", "replace")


def _first(facts: dict[str, list[str]], name: str) -> str:
    return next(iter(facts.get(name, ())), "")


class _Joined(io.RawIOBase):
    """A head and then a block, as one stream."""

    def __init__(self, head: bytes, block: BinaryIO) -> None:
        super().__init__()
        self._head = head
        self._block = block

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self._head[: len(buffer)]
        self._head = self._head[len(data) :]
        data = data or self._block.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._block.close()
        super().close()

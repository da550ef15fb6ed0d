"""The blocks of WARC records, read once and held against what the record says of them."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO, cast

from archiver.warc import facts as fact
from archiver.warc import fields as f
from archiver.warc.http import Answer, Malformed, request_parts
from archiver.warc.members import RECORD_END, Member, split_head
from archiver.warc.rules import WARCINFO_FIELDS, Disclosure, Fault, masked, parse_head

_PIECE_BYTES = 64 * 1024
_HELD_BYTES = 1024 * 1024
_IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")


class Reading:
    """One record on its way through the checks: head first, then block, then the end. ``end`` is known after that."""

    def __init__(self, file: BinaryIO, offset: int) -> None:
        self._member = Member(file, offset)
        self.offset = offset
        self._pieces = self._member.pieces()
        self._rest = b""

    @property
    def end(self) -> int:
        """Where the next member begins."""
        return self._member.end

    def head(self) -> tuple[f.Named, list[Fault]]:
        """The named fields, and what is wrong with their lines."""
        raw, self._rest = split_head(self._pieces, self.offset)
        fields, faults = parse_head(raw)
        return f.Named(fields), faults

    def block(self, length: int) -> Iterator[bytes]:
        """The next ``length`` bytes."""
        for piece in chain((self._rest,), self._pieces):
            self._rest = piece[length:]
            if taken := piece[:length]:
                yield taken
            length -= len(taken)
            if not length:
                return

    def tail(self) -> bytes:
        """The beginning of what follows the block, which is read to the member's end."""
        kept = self._rest
        for piece in self._pieces:
            kept = (kept + piece)[: len(RECORD_END) + 100]
        return kept


class _Digested:
    """A block as a stream, digested as it is read; its first bytes are held."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""
        self._hashes = {name: hashlib.new(name) for name in ("sha256",)}
        self.size = 0
        self.start = b""

    def also(self, algorithm: str) -> None:
        """Make a digest of that algorithm, too."""
        self._hashes.setdefault(algorithm, hashlib.new(algorithm))

    def read(self, size: int = _PIECE_BYTES) -> bytes:
        """Up to ``size`` bytes, none at the end."""
        if not self._rest:
            self._rest = next(self._pieces, b"")
            for one in self._hashes.values():
                one.update(self._rest)
            self.size += len(self._rest)
            self.start += self._rest[: max(0, _HELD_BYTES - len(self.start))]
        data, self._rest = self._rest[:size], self._rest[size:]
        return data

    def drain(self) -> None:
        """Read on to the end."""
        while self.read():
            pass

    def digest(self, algorithm: str) -> bytes:
        """The digest of all that was read."""
        return self._hashes[algorithm].digest()


def block_faults(record: f.Named, reading: Reading, disclosure: Disclosure) -> Iterator[Fault]:
    """What is wrong with a record's block and its end."""
    length = record.value("Content-Length") or ""
    if not length.isascii() or not length.isdigit():
        reading.tail()
        return
    block = _Digested(reading.block(int(length)))
    told = _told(record, "WARC-Block-Digest")
    if told:
        block.also(told[0])
    yield from _payload_faults(record, block)
    block.drain()
    if block.size != int(length):
        yield Fault("the block is shorter than Content-Length", length, str(block.size))
    elif (tail := reading.tail()) != RECORD_END:
        many = tail.startswith(RECORD_END) and b"WARC/" in tail
        problem = "a gzip member holds more than one record" if many else "the block is not followed by two line ends"
        yield Fault(problem, ascii(RECORD_END)[1:], ascii(tail[:40])[1:])
    reading.tail()
    if told and block.digest(told[0]) != told[1]:
        yield Fault(
            "the block is not what its digest says",
            record.value("WARC-Block-Digest") or "",
            block.digest(told[0]).hex(),
        )
    yield from _content_faults(record, block, disclosure)


def _told(record: f.Named, name: str) -> tuple[str, bytes] | None:
    """A digest field's algorithm and value; None where there is none that can be read."""
    try:
        return f.parse_digest(record.value(name) or "")
    except ValueError:
        return None


def _payload_faults(record: f.Named, block: _Digested) -> Iterator[Fault]:
    """Hold the payload of a response, request, resource or conversion against its digest (5.9)."""
    told = _told(record, "WARC-Payload-Digest")
    payload = hashlib.new(told[0] if told else "sha256")
    if record.type == "response":
        try:
            for piece in Answer(cast("BinaryIO", block)).payload():
                payload.update(piece)
        except Malformed as error:
            if told:
                yield Fault("a payload digest of a payload that can't be told", "none", str(error))
            return
        if told is None and record.value("WARC-Payload-Digest") is None:
            yield Fault("the field warc-payload-digest is missing from a response record", payload.hexdigest())
    elif record.type == "request" and told:
        payload.update(request_parts(b"".join(iter(block.read, b"")))[1])
    elif record.type in {"resource", "conversion"} and told:
        while piece := block.read():
            payload.update(piece)
    else:
        return
    if told and payload.digest() != told[1]:
        yield Fault(
            "the payload is not what its digest says", record.value("WARC-Payload-Digest") or "", payload.hexdigest()
        )


def _content_faults(record: f.Named, block: _Digested, disclosure: Disclosure) -> Iterator[Fault]:
    """What is wrong inside the block, for the types whose blocks have a form."""
    if record.type in {"warcinfo", "metadata"}:
        yield from _named_block_faults(record.type, block.start, disclosure)
    elif record.type in {"request", "response", "revisit"}:
        yield from _message_faults(record.type, block.start, disclosure)


def _named_block_faults(kind: str, block: bytes, disclosure: Disclosure) -> Iterator[Fault]:
    lines = block.split(b"\r\n")
    if (lines[-1] and len(block) < _HELD_BYTES) or any(b":" not in line or b"\n" in line for line in lines[:-1]):
        yield Fault(f"the block of a {kind} record is no list of fields", "Name: value in each line")
    told = fact.from_block(block)
    disclosure.told.update(told.get(fact.REMOVED_HEADER, []))
    disclosure.fields = told
    if kind == "warcinfo":
        for name in WARCINFO_FIELDS:
            if name not in told:
                yield Fault(f"the warcinfo does not tell its {name}")
        for text in _IPV4.findall(block.decode("utf-8", "replace")):
            if _is_internal(text):
                yield Fault("the warcinfo tells an internal address", "none", text)


def _message_faults(kind: str, block: bytes, disclosure: Disclosure) -> Iterator[Fault]:
    """What is wrong with the head of a stored message (R60, R62)."""
    head = block.partition(b"\r\n\r\n")[0].decode("latin-1")
    first, *lines = head.split("\r\n")
    if kind == "request" and not re.fullmatch(r"\S+ \S+ HTTP/1\.[01]", first):
        yield Fault(
            "the block of a request record does not begin with a request line", "METHOD target HTTP/1.1", first[:100]
        )
    if kind != "request" and first.startswith("HTTP/") and not first.startswith("HTTP/1."):
        yield Fault("the status line is not in HTTP/1.1 syntax", "HTTP/1.1", first[:100])
    for line in lines:
        name, _, value = line.partition(":")
        if not masked(name.strip(), value.strip()):
            yield Fault(f"the {kind} record holds the value of a credential header", "a marker in its place", name)
        elif value.strip() and not masked(name.strip(), "any other value"):
            disclosure.masked.add(name.strip().lower())


def _is_internal(text: str) -> bool:
    try:
        return not ipaddress.ip_address(text).is_global
    except ValueError:
        return False

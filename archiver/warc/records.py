"""The records of one capture event, and the warcinfo at the head of a file. No file is touched here.

Which field stands on which type: ISO 28500, 5; records rules R56-R64.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from archiver import __version__
from archiver.warc import facts as fact
from archiver.warc import fields as f
from archiver.warc.event import REMOVED, Block, CaptureEvent
from archiver.warc.http import Answer, Malformed, payload_sha256
from archiver.warc.names import SegmentKey

EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
_HEADER_REMOVAL = (
    f"credentials are replaced: in headers by {REMOVED}, in addresses by the same percent-encoded, "
    "in bodies by a word of the same length; each metadata record lists them"
)
_NO_SCHEDULES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class WarcInfo:
    """Who captures, for the ``warcinfo`` record of each file (records rule R57).

    ``archive`` is the archive's name, ``schedules`` maps account ids to their retention schedule or series, ``host``
    stands in file names in place of the machine's own name.
    """

    operator: str
    archive: str
    user_agent: str
    software: str = f"archiver/{__version__}"
    description: str = "Social media records of the city's own accounts, as the platforms' official APIs answered"
    schedules: Mapping[str, str] = field(default_factory=lambda: _NO_SCHEDULES)
    host: str = "archiver"


@dataclass(frozen=True, slots=True)
class Original:
    """An earlier response of the same account that has the payload (records rules R32, R64).

    ``file`` (relative to the WARC folder) and ``offset`` say where it lay when it was referred to.
    """

    url: str
    captured_at: datetime
    record_id: str
    file: str | None = None
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A record ready to be written: its head, and the block that follows."""

    record_id: str
    at: datetime
    head: bytes
    block: Block


def new_id() -> str:
    """A fresh record id, bare."""
    return str(uuid.uuid4())


def warcinfo(info: WarcInfo, key: SegmentKey, filename: str, at: datetime) -> Record:
    """The first record of a file. Names no machine and no address (R57)."""
    block = fact.to_block(
        {
            "software": info.software,
            "format": "WARC File Format 1.1",
            "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            "operator": info.operator,
            "isPartOf": info.archive,
            "description": info.description,
            "robots": "not applicable: official APIs are asked, with the account owner's consent",
            "http-header-user-agent": info.user_agent,
            "account": key.account,
            "capture-class": key.klass,
            "schedule": info.schedules.get(key.account, "undetermined"),
            "digest-encoding": "sha256, lowercase base16",
            "http-rewriting": "none: blocks are the bytes on the wire, transfer and content coding included",
            "header-removal": _HEADER_REMOVAL,
        }
    )
    fields = [("WARC-Type", "warcinfo"), ("WARC-Date", f.date(at)), ("WARC-Filename", filename)]
    return _record(new_id(), at, fields, f.WARC_FIELDS, Block.of(block))


def note(target: str, facts: fact.Facts, at: datetime, *, warcinfo_id: str, refers_to: str | None = None) -> Record:
    """A metadata record that stands alone: the outcome of a task, or what another record (its bare id) came to."""
    fields = [("WARC-Type", "metadata"), ("WARC-Target-URI", f.uri(target)), ("WARC-Date", f.date(at))]
    if refers_to is not None:
        fields.append(("WARC-Refers-To", f.urn(refers_to)))
    fields.append(("WARC-Warcinfo-ID", f.urn(warcinfo_id)))
    return _record(new_id(), at, fields, f.WARC_FIELDS, Block.of(fact.to_block(facts)))


def belated_metadata(
    record_id: str, url: str, at: datetime, concurrent: list[str], facts: fact.Facts, *, warcinfo_id: str
) -> Record:
    """The metadata record that an interrupted event was to have, under the id that its other records already name."""
    fields = [("WARC-Type", "metadata"), ("WARC-Target-URI", url), ("WARC-Date", f.date(at))]
    fields += [("WARC-Concurrent-To", f.urn(other)) for other in concurrent]
    fields.append(("WARC-Warcinfo-ID", f.urn(warcinfo_id)))
    return _record(record_id, at, fields, f.WARC_FIELDS, Block.of(fact.to_block(facts)))


class EventRecords:
    """The records of one event: request and response (or revisit), then metadata; each names the others (R58).

    Without any response there is only the metadata record (R59).
    """

    def __init__(self, event: CaptureEvent, *, warcinfo_id: str, original: Original | None = None) -> None:
        self._event = event
        self._warcinfo_id = warcinfo_id
        self._original = original
        self.metadata_id = new_id()
        self._request_id, self._response_id = (new_id(), new_id()) if event.answered else ("", "")

    @property
    def main_id(self) -> str:
        """The exchange's id: the response's, or the metadata record's when no response came."""
        return self._response_id or self.metadata_id

    @property
    def payload_digest(self) -> str | None:
        """WARC-Payload-Digest; none where the payload can't be told from the rest of a broken answer."""
        event = self._event
        if event.response is None or not event.answered or event.payload_sha256 is None:
            return None
        if event.failure == "protocol":
            with event.response.open() as stream:
                if payload_sha256(stream, method=event.method) is None:
                    return None
        return f.digest(event.payload_sha256)

    def exchange(self) -> list[Record]:
        """Request and response or revisit; nothing when no response came."""
        if self._event.response is None or not self._response_id:
            return []
        request = Block.of(self._event.request)
        wire = [("WARC-Protocol", protocol) for protocol in self._event.protocols]
        if self._event.peer:
            wire.insert(0, ("WARC-IP-Address", self._event.peer))
        told = self._event.request_payload_sha256
        digest = [("WARC-Payload-Digest", f.digest(told))] if told else []
        request_record = _record(
            self._request_id,
            self._event.captured_at,
            [*self._common("request", self._request_id), *wire, *digest],
            f.HTTP_REQUEST,
            request,
        )
        return [request_record, self._answer(self._event.response, wire)]

    def metadata(self, facts: fact.Facts) -> Record:
        """What is said about the event."""
        fields = self._common("metadata", self.metadata_id)
        return _record(self.metadata_id, self._event.captured_at, fields, f.WARC_FIELDS, Block.of(fact.to_block(facts)))

    def _answer(self, block: Block, wire: list[tuple[str, str]]) -> Record:
        event, original = self._event, self._original
        profile, kept = _revisit(event, block) if original else (None, block)
        fields = [*self._common("revisit" if profile else "response", self._response_id), *wire]
        if original and profile:
            fields += _references(original, profile)
        payload_digest = self.payload_digest if profile != f.NOT_MODIFIED else None
        if payload_digest:
            fields.append(("WARC-Payload-Digest", payload_digest))
        truncated = "length" if profile == f.IDENTICAL_PAYLOAD else event.truncated
        if truncated:
            fields.append(("WARC-Truncated", truncated))
        return _record(self._response_id, event.captured_at, fields, f.HTTP_RESPONSE, kept)

    def _common(self, kind: str, own_id: str) -> list[tuple[str, str]]:
        others = [i for i in (self._request_id, self._response_id, self.metadata_id) if i and i != own_id]
        return [
            ("WARC-Type", kind),
            ("WARC-Target-URI", f.uri(self._event.url)),
            ("WARC-Date", f.date(self._event.captured_at)),
            *(("WARC-Concurrent-To", f.urn(other)) for other in others),
            ("WARC-Warcinfo-ID", f.urn(self._warcinfo_id)),
        ]


def _revisit(event: CaptureEvent, block: Block) -> tuple[str | None, Block]:
    """Profile and block of the revisit record; no profile where the response itself must be written.

    A cut or unreadable answer is no repetition of anything, and one without a body saves nothing.
    """
    if event.truncated or event.failure:
        return None, block
    with block.open() as stream:
        try:
            head = Answer(stream, method=event.method).head
        except Malformed:
            return None, block
        if head.status == 304:
            return f.NOT_MODIFIED, block
        if event.payload_sha256 in {None, EMPTY_SHA256}:
            return None, block
        stream.seek(0)
        return f.IDENTICAL_PAYLOAD, Block.of(stream.read(head.size_bytes))


def _references(original: Original, profile: str) -> list[tuple[str, str]]:
    """Where the payload is. The last two fields are outside the standard: a hint that saves a search."""
    fields = [
        ("WARC-Profile", profile),
        ("WARC-Refers-To", f.urn(original.record_id)),
        ("WARC-Refers-To-Target-URI", f.uri(original.url)),
        ("WARC-Refers-To-Date", f.date(original.captured_at)),
    ]
    if original.file is not None and original.offset is not None:
        fields.append(("WARC-Refers-To-Filename", original.file.rsplit("/", 1)[-1]))
        fields.append(("WARC-Refers-To-File-Offset", str(original.offset)))
    return fields


def _record(record_id: str, at: datetime, fields: list[tuple[str, str]], content_type: str, block: Block) -> Record:
    """Put the fields that every record has around those of its type."""
    kind, *rest = fields
    head = f.head(
        [
            kind,
            ("WARC-Record-ID", f.urn(record_id)),
            *rest,
            ("WARC-Block-Digest", f.digest(block.sha256)),
            ("Content-Type", content_type),
            ("Content-Length", str(block.size)),
        ]
    )
    return Record(record_id, at, head, block)

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

NOT_MODIFIED = 304
"""The status that says that an earlier answer still holds (RFC 9110, section 15.4.5)."""

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
    """A record ready to be written: its head, and the block that follows.

    ``as_it_is``: its member is not compressed, so that it can be read from any place (`archiver.warc.uncompressed`).
    """

    record_id: str
    at: datetime
    head: bytes
    block: Block
    as_it_is: bool = False


def new_id() -> str:
    """A fresh record id, bare."""
    return str(uuid.uuid4())


def warcinfo(
    info: WarcInfo, key: SegmentKey, filename: str, at: datetime, *, more: fact.Facts = MappingProxyType({})
) -> Record:
    """The first record of a file, with ``more`` fields. Names no machine and no address (R57)."""
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
            **more,
        }
    )
    fields = [("WARC-Type", "warcinfo"), ("WARC-Date", f.date(at)), ("WARC-Filename", filename)]
    return record(new_id(), at, fields, f.WARC_FIELDS, Block.of(block))


def note(target: str, facts: fact.Facts, at: datetime, *, warcinfo_id: str, refers_to: str | None = None) -> Record:
    """A metadata record that stands alone: the outcome of a task, or what another record (its bare id) came to."""
    fields = [("WARC-Type", "metadata"), ("WARC-Target-URI", f.uri(target)), ("WARC-Date", f.date(at))]
    if refers_to is not None:
        fields.append(("WARC-Refers-To", f.urn(refers_to)))
    fields.append(("WARC-Warcinfo-ID", f.urn(warcinfo_id)))
    return record(new_id(), at, fields, f.WARC_FIELDS, Block.of(fact.to_block(facts)))


def belated_metadata(
    record_id: str, url: str, at: datetime, concurrent: list[str], facts: fact.Facts, *, warcinfo_id: str
) -> Record:
    """The metadata record that an interrupted event was to have, under the id that its other records already name."""
    fields = [("WARC-Type", "metadata"), ("WARC-Target-URI", url), ("WARC-Date", f.date(at))]
    fields += [("WARC-Concurrent-To", f.urn(other)) for other in concurrent]
    fields.append(("WARC-Warcinfo-ID", f.urn(warcinfo_id)))
    return record(record_id, at, fields, f.WARC_FIELDS, Block.of(fact.to_block(facts)))


class EventRecords:
    """The records of one event: request and response (or revisit), then metadata; each names the others (R58).

    Without any response there is only the metadata record (R59).
    """

    def __init__(self, event: CaptureEvent, *, warcinfo_id: str, original: Original | None = None) -> None:
        self._event = event
        self._warcinfo_id = warcinfo_id
        self._original = original
        self._profile = _profile(event) if original is not None else None
        self.metadata_id = new_id()
        self._request_id, self._response_id = (new_id(), new_id()) if event.answered else ("", "")

    @property
    def main_id(self) -> str:
        """The exchange's id: the response's, or the metadata record's when no response came."""
        return self._response_id or self.metadata_id

    @property
    def payload_digest(self) -> str | None:
        """WARC-Payload-Digest; none where the payload can't be told from the rest of a broken answer, or is left out.

        What a server says is unchanged has no payload of its own to digest (ISO 28500, 6.7.3).
        """
        event = self._event
        if event.response is None or not event.answered or event.payload_sha256 is None:
            return None
        if self._profile == f.NOT_MODIFIED:
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
        asked = record(
            self._request_id,
            self._event.captured_at,
            [*self._common("request", self._request_id), *wire, *digest],
            f.HTTP_REQUEST,
            request,
        )
        return [asked, self._answer(self._event.response, wire)]

    def metadata(self, facts: fact.Facts) -> Record:
        """What is said about the event."""
        fields = self._common("metadata", self.metadata_id)
        return record(self.metadata_id, self._event.captured_at, fields, f.WARC_FIELDS, Block.of(fact.to_block(facts)))

    def _answer(self, block: Block, wire: list[tuple[str, str]]) -> Record:
        event, original, profile = self._event, self._original, self._profile
        fields = [*self._common("revisit" if profile else "response", self._response_id), *wire]
        if original and profile:
            fields += _references(original, profile)
        if payload_digest := self.payload_digest:
            fields.append(("WARC-Payload-Digest", payload_digest))
        truncated = "length" if profile == f.IDENTICAL_PAYLOAD else event.truncated
        if truncated:
            fields.append(("WARC-Truncated", truncated))
        kept = _head_of(event, block) if profile == f.IDENTICAL_PAYLOAD else block
        return record(self._response_id, event.captured_at, fields, f.HTTP_RESPONSE, kept)

    def _common(self, kind: str, own_id: str) -> list[tuple[str, str]]:
        others = [i for i in (self._request_id, self._response_id, self.metadata_id) if i and i != own_id]
        return [
            ("WARC-Type", kind),
            ("WARC-Target-URI", f.uri(self._event.url)),
            ("WARC-Date", f.date(self._event.captured_at)),
            *(("WARC-Concurrent-To", f.urn(other)) for other in others),
            ("WARC-Warcinfo-ID", f.urn(self._warcinfo_id)),
        ]


def status_of(event: CaptureEvent) -> int | None:
    """The status of an event's response; None where none came that can be read."""
    if event.response is None or not event.answered:
        return None
    with event.response.open() as stream:
        try:
            return Answer(stream, method=event.method).head.status
        except Malformed:
            return None


def _profile(event: CaptureEvent) -> str | None:
    """The profile of the revisit record; None where the response itself must be written.

    A cut or unreadable answer is no repetition of anything, and one without a body saves nothing.
    """
    if event.truncated or event.failure or (status := status_of(event)) is None:
        return None
    if status == NOT_MODIFIED:
        return f.NOT_MODIFIED
    return f.IDENTICAL_PAYLOAD if event.payload_sha256 not in {None, EMPTY_SHA256} else None


def _head_of(event: CaptureEvent, block: Block) -> Block:
    """A response without its body."""
    with block.open() as stream:
        size = Answer(stream, method=event.method).head.size_bytes
        stream.seek(0)
        return Block.of(stream.read(size))


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


def record(
    record_id: str,
    at: datetime,
    fields: list[tuple[str, str]],
    content_type: str,
    block: Block,
    *,
    as_it_is: bool = False,
) -> Record:
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
    return Record(record_id, at, head, block, as_it_is)

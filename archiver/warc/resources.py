"""Files that came by no HTTP exchange: ``resource`` records, each with a metadata record (records rule R65)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from archiver.warc import facts as fact
from archiver.warc import fields as f
from archiver.warc.event import Block
from archiver.warc.records import Record, new_id, record


class FileBlock(Block):
    """A block whose bytes lie somewhere already: ``opener`` gives them anew each time, from their beginning.

    Their size in bytes and their digest (hex) are known; what is written is held against them.
    """

    __slots__ = ("_opener",)

    def __init__(self, size: int, sha256: str, opener: Callable[[], BinaryIO]) -> None:
        super().__init__(size, sha256)
        self._opener = opener

    def open(self) -> BinaryIO:
        """The bytes."""
        return self._opener()


@dataclass(frozen=True, slots=True)
class Resource:
    """A file to be kept as it is. ``target`` is a ``urn:`` that names it, ``at`` when it was handed in (aware, UTC)."""

    target: str
    content_type: str
    block: Block
    at: datetime


class ResourceRecords:
    """The two records of one file; each names the other."""

    def __init__(self, resource: Resource, *, warcinfo_id: str) -> None:
        self._resource = resource
        self._warcinfo_id = warcinfo_id
        self.resource_id, self.metadata_id = new_id(), new_id()

    def resource(self) -> Record:
        """The file itself. It wraps no payload in anything, so block and payload are the same (ISO 28500, 6.4)."""
        block = self._resource.block
        fields = [*self._common("resource", self.metadata_id), ("WARC-Payload-Digest", f.digest(block.sha256))]
        return record(self.resource_id, self._resource.at, fields, self._resource.content_type, block, as_it_is=True)

    def metadata(self, facts: fact.Facts) -> Record:
        """What is said about it."""
        fields = self._common("metadata", self.resource_id)
        return record(self.metadata_id, self._resource.at, fields, f.WARC_FIELDS, Block.of(fact.to_block(facts)))

    def _common(self, kind: str, other: str) -> list[tuple[str, str]]:
        return [
            ("WARC-Type", kind),
            ("WARC-Target-URI", f.uri(self._resource.target)),
            ("WARC-Date", f.date(self._resource.at)),
            ("WARC-Concurrent-To", f.urn(other)),
            ("WARC-Warcinfo-ID", f.urn(self._warcinfo_id)),
        ]

"""Closing the open WARC files, so that they can be signed, copied and, in time, disposed of as wholes."""

from __future__ import annotations

from datetime import datetime

from archiver.store import captures
from archiver.store.engine import Store
from archiver.warc.writer import Sealed, Segments


def seal_all(store: Store, segments: Segments, at: datetime) -> list[Sealed]:
    """Seal every open file and enter its digest; files that were sealed on the way (by size, by month) too."""
    segments.seal()
    sealed = segments.newly_sealed()
    with store.begin() as conn:
        for one in sealed:
            captures.add_sealed(conn, one.file, sha256=one.sha256, records=one.records, size_bytes=one.size_bytes,
                                first_at=one.first_at, last_at=one.last_at, sealed_at=at)  # fmt: skip
    return sealed

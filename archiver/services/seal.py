"""Closing the open WARC files, so that they can be signed, copied and, in time, disposed of as wholes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import structlog

from archiver.ledger import seals
from archiver.ledger.notes import Signer
from archiver.ledger.seals import Statement
from archiver.store import captures
from archiver.store.engine import Store
from archiver.warc.members import Broken
from archiver.warc.names import OPEN, is_pushed, relative
from archiver.warc.names import segments as segment_paths
from archiver.warc.segment import describe
from archiver.warc.writer import Sealed, Segments

log = structlog.get_logger()


def seal_all(store: Store, segments: Segments, at: datetime, *, signer: Signer | None = None) -> list[Sealed]:
    """Seal every open file, and enter it; files that were sealed on the way (by size, by month) too."""
    segments.seal()
    return enter_sealed(store, segments, at, signer=signer)


def enter_sealed(store: Store, segments: Segments, at: datetime, *, signer: Signer | None = None) -> list[Sealed]:
    """Enter what was sealed since this was done last, with its digest and, given a key, its signed statement."""
    sealed = segments.newly_sealed()
    _enter(store, sealed, at, signer)
    return sealed


def enter_missed(
    store: Store, segments: Segments, at: datetime, *, signer: Signer | None = None, pushed_only: bool = False
) -> list[Sealed]:
    """Enter sealed files that the store has no entry of: the process ended between the two, or the store is another.

    Files of pushed events are always entered here, since the process that seals them knows no store.
    """
    with store.read() as conn:
        known = captures.sealed(conn)
    missed: list[Sealed] = []
    for path in segment_paths(segments.folder):
        if path.name.endswith(OPEN) or relative(path) in known or (pushed_only and not is_pushed(path)):
            continue
        try:
            missed.append(describe(path))
        except Broken as error:
            log.warning("a sealed file is damaged", file=relative(path), why=str(error))
    _enter(store, missed, at, signer)
    return missed


def statement_of(one: Sealed | captures.SealedRow) -> Statement:
    """What is signed of a sealed file."""
    return Statement(one.file, one.sha256, one.records, one.size_bytes, one.first_at, one.last_at)


def _enter(store: Store, sealed: Iterable[Sealed], at: datetime, signer: Signer | None) -> None:
    """One transaction for all; a statement is signed before its row is written, since rows never change."""
    with store.begin() as conn:
        for one in sealed:
            captures.add_sealed(
                conn, one.file, sha256=one.sha256, records=one.records, size_bytes=one.size_bytes,
                first_at=one.first_at, last_at=one.last_at, sealed_at=at,
                statement=seals.seal(statement_of(one), signer) if signer else None,
            )  # fmt: skip

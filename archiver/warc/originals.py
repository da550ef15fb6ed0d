"""Where the payload is that a revisit record leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from archiver.errors import EvidenceDamaged
from archiver.warc import fields as f
from archiver.warc.members import Broken, scan
from archiver.warc.names import OPEN, begun_at, segments
from archiver.warc.stored import StoredRecord, record_at

_EPOCH = datetime.min.replace(tzinfo=UTC)


def original_of(revisit: StoredRecord) -> StoredRecord:
    """The response that a revisit refers to, in the files of the same account (R32). Raises EvidenceDamaged.

    The place noted in the revisit is tried first; a file that was rewritten since is searched.
    """
    wanted = f.bare_id(revisit.value("WARC-Refers-To") or "")
    account = revisit.path.parents[1]
    for path, offset in _hint(revisit, account):
        try:
            record = record_at(path, offset)
        except EvidenceDamaged:
            continue
        if _is(record, wanted):
            return record
    for path in _likely(revisit, account):
        found = _search(path, wanted)
        if found is not None:
            return record_at(path, found)
    raise EvidenceDamaged(
        f"{revisit.path} repeats the payload of the record {wanted}, which is in no file of that account."
    )


def _hint(revisit: StoredRecord, account: Path) -> Iterator[tuple[Path, int]]:
    name = revisit.value("WARC-Refers-To-Filename") or ""
    offset = revisit.value("WARC-Refers-To-File-Offset") or ""
    if name and "/" not in name and offset.isascii() and offset.isdigit():
        for folder in sorted(account.iterdir()):
            yield from ((path, int(offset)) for path in (folder / name, folder / (name + OPEN)) if path.exists())


def _likely(revisit: StoredRecord, account: Path) -> list[Path]:
    """The account's files, most likely first: the latest that was begun before the original was captured."""
    try:
        at = f.parse_date(revisit.value("WARC-Refers-To-Date") or "")
    except ValueError:
        at = _EPOCH

    def distance(path: Path) -> tuple[bool, float]:
        begun = begun_at(path.name) or _EPOCH
        return begun > at, abs((at - begun).total_seconds())

    return sorted(segments(account), key=distance)


def _search(path: Path, record_id: str) -> int | None:
    with path.open("rb") as file:
        try:
            return next((record.offset for record in scan(file) if _is(record, record_id)), None)
        except Broken:
            return None


def _is(record: f.Named, wanted: str) -> bool:
    """Whether it is the response of that id, or the conversion in its place."""
    return record.stands_for == wanted and record.type in {"response", "conversion"}

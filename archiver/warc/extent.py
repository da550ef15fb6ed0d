"""How far the events of a WARC file reach that somebody is still writing, for a copy that ends where one ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from archiver.errors import EvidenceDamaged
from archiver.warc.members import Damage
from archiver.warc.stored import StoredEvent, events, records_in


def end_of_events(
    path: Path, *, start: int = 0, limit: int | None = None, belongs: Callable[[StoredEvent], bool]
) -> int:
    """Where the last whole event ends that belongs to the copy, in bytes; the first that does not ends it.

    ``start`` is a place up to which all belongs: 0, or where a response ends, as the store knows it. What lies behind
    ``limit`` is not looked at. Damage in the middle is passed over, and so becomes part of the copy.
    """
    end = _behind_metadata(path, start)
    for event in events(path, start=end, heads_only=True, on_damage=_passed_over):
        if event.metadata is None or not belongs(event) or (limit is not None and event.end > limit):
            break
        end = event.end
    return end


def _behind_metadata(path: Path, start: int) -> int:
    """The end of the event whose response ends at ``start``."""
    if not start:
        return 0
    try:
        record = next(records_in(path, start=start, heads_only=True), None)
    except EvidenceDamaged:
        return start
    return record.end if record is not None and record.type == "metadata" and record.concurrent else start


def _passed_over(_path: Path, _damage: Damage) -> None:
    """`archiver verify` tells of it."""

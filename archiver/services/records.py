"""Finding records, and showing one with all that belongs to it; answers state the coverage they stand on (R6, R42)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from archiver.services.holds import over
from archiver.store import items, views
from archiver.store.decisions import disposals
from archiver.store.decisions.stops import Stop
from archiver.store.engine import Store
from archiver.store.search import Hit, Query, search
from archiver.store.views import Record, Row


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits. ``total`` counts all pages; ``coverage`` are the spans of the accounts and dates asked about."""

    hits: tuple[Hit, ...]
    more: bool
    coverage: tuple[Row, ...]

    def documents(self) -> list[dict[str, Any]]:
        """The hits in the words of the exports."""
        return [{name: value for name, value in asdict(hit).items() if name != "marks"} for hit in self.hits]

    def shortcomings(self) -> Iterator[Row]:
        """The spans in which something may be missing from the answer."""
        return (span for span in self.coverage if span["state"] == "gap")


@dataclass(frozen=True, slots=True)
class Shown:
    """One record with its thread, the exchanges that its rows cite, and the open holds that it is under.

    ``disposed`` says when and under which series it was disposed of.
    """

    record: Record
    thread: tuple[Row, ...]
    exchanges: tuple[Row, ...]
    holds: tuple[Row, ...] = ()
    disposed: Row | None = None

    def document(self) -> dict[str, Any]:
        """All of it, in the words of the exports."""
        parts = {name: value for name, value in asdict(self.record).items() if name != "row"}
        beside = {"thread": list(self.thread), "exchanges": list(self.exchanges), "holds": list(self.holds)}
        return dict(self.record.row) | parts | beside | {"disposed": self.disposed}


def find(store: Store, query: Query) -> Found:
    """A page of what was found, and how complete the archive is there."""
    limit = query.limit
    with store.read() as conn:
        hits = search(conn, query if limit is None else replace(query, limit=limit + 1))
        spans = tuple(views.coverage_rows(conn, query))
    more = limit is not None and len(hits) > limit
    return Found(tuple(hits[:limit]), more, spans)


def load(store: Store, name: str) -> Shown | None:
    """A record by its key, the platform's id or another name that the platform has for it."""
    with store.read() as conn:
        key = items.resolve(conn, name)
        record = views.record(conn, key) if key is not None else None
        if record is None or key is None:
            return None
        thread = [one.row for one in views.thread(conn, record.row["thread"]) if one.row["record"] != key]
        cited = {row["exchange"] for row in (*record.versions, *record.events, *record.metrics, *record.origins)}
        cited |= {row["exchange"] for row in record.attachments if row.get("exchange")}
        stopped = tuple(_hold(stop) for stop in over(conn, key))
        gone = disposals.gone(conn, [key]).get(key)
        disposed = asdict(gone) if gone is not None else None
        return Shown(record, tuple(thread), tuple(views.exchanges_of(conn, cited)), stopped, disposed)


def _hold(stop: Stop) -> Row:
    return {"hold": stop.name, "type": stop.type.value, "matter": stop.matter, "placed_at": stop.at}

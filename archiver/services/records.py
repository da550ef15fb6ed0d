"""Finding records, and showing one with all that belongs to it; answers state the coverage they stand on (R6, R42).

Both show what a clearance opens and no more; what is not public is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from archiver.domain.classification import UNDECIDED
from archiver.domain.excerpt import excerpt
from archiver.domain.minors import MINOR
from archiver.errors import NotCleared
from archiver.services.blackening import texts_of
from archiver.services.clearance import Access
from archiver.services.granting import author_of
from archiver.services.holds import over
from archiver.services.marking import said_of
from archiver.services.release import FoundBy, Release
from archiver.store import Connection, items, views
from archiver.store.bulk import chunks
from archiver.store.decisions import classes, disposals, minors
from archiver.store.decisions.stops import Stop
from archiver.store.engine import Store
from archiver.store.search import Hit, Query, search
from archiver.store.views import Record, Row


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits. ``coverage`` are the spans of the accounts and dates asked about.

    ``not_public`` counts records that were asked for and are not shown, on whatever page they would be.
    """

    hits: tuple[Hit, ...]
    more: bool
    coverage: tuple[Row, ...]
    not_public: int = 0

    def documents(self) -> list[dict[str, Any]]:
        """The hits in the words of the exports."""
        return [{name: value for name, value in asdict(hit).items() if name != "marks"} for hit in self.hits]

    def shortcomings(self) -> Iterator[Row]:
        """The spans in which something may be missing from the answer."""
        return (span for span in self.coverage if span["state"] == "gap")


@dataclass(frozen=True, slots=True)
class Shown:
    """One record with its thread, the exchanges that its rows cite, and the open holds that it is under.

    ``withheld`` says what of it is not public and not shown, ``not_public`` how many records of its thread are not;
    ``disposed`` when and under which series it was disposed of; ``said`` are people's marks of what it is. ``minor`` is
    whether its author is said to be a minor, for those who may know.
    """

    record: Record
    thread: tuple[Row, ...]
    exchanges: tuple[Row, ...]
    holds: tuple[Row, ...] = ()
    withheld: tuple[Row, ...] = ()
    not_public: int = 0
    disposed: Row | None = None
    said: tuple[Row, ...] = ()
    minor: Row | None = None

    def document(self) -> dict[str, Any]:
        """All of it, in the words of the exports."""
        parts = {name: value for name, value in asdict(self.record).items() if name != "row"}
        beside: dict[str, Any] = {
            "thread": list(self.thread),
            "exchanges": list(self.exchanges),
            "holds": list(self.holds),
        }
        closed = {"withheld": list(self.withheld), "not_public": self.not_public, "disposed": self.disposed}
        closed |= {"said": list(self.said), "minor": self.minor}
        return dict(self.record.row) | parts | beside | closed


def find(store: Store, query: Query, access: Access) -> Found:
    """A page of what was found and may be seen, and how complete the archive is there."""
    with store.read() as conn:
        page, more = _page(conn, query, access)
        closed = _closed(conn, query, access)
        spans = tuple(views.coverage_rows(conn, query))
    return Found(tuple(page), more, spans, closed)


_BLOCK = 50
_LARGEST_BLOCK = 5000


def _page(conn: Connection, query: Query, access: Access) -> tuple[list[Hit], bool]:
    """The hits of a page, and whether there are more; what may not be seen takes no place on it."""
    if query.limit is None:
        everything = search(conn, replace(query, offset=0))
        return _released(conn, _open(conn, everything, query, access)[query.offset :], query, access), False
    end = query.offset + query.limit
    size = max(end + 1, _BLOCK)
    seen: list[Hit] = []
    start, last = 0, False
    while not last and len(seen) <= end:
        block = search(conn, replace(query, limit=size, offset=start))
        seen += _open(conn, block, query, access)
        start, last = start + len(block), len(block) < size
        size = min(2 * size, _LARGEST_BLOCK)
    return _released(conn, seen[query.offset : end], query, access), len(seen) > end


def _open(conn: Connection, hits: Sequence[Hit], query: Query, access: Access) -> list[Hit]:
    """The hits of which not all is withheld."""
    keys = [hit.record for hit in hits]
    doubtful = {*classes.limited(conn, keys), *classes.of_records(conn, keys)}
    if not doubtful:
        return list(hits)
    release = Release(conn, replace(access, opened=None, refused=None), doubtful)
    found_by = FoundBy.of(query)
    closed = {
        key
        for record in views.records_of(conn, doubtful)
        for key in [record.row["record"]]
        if release.outgoing(record, found_by) is None
    }
    return [hit for hit in hits if hit.record not in closed]


def _released(conn: Connection, hits: Sequence[Hit], query: Query, access: Access) -> list[Hit]:
    """The hits as they may be seen; that they are is noted first."""
    release = Release(conn, replace(access, refused=None))  # these are told of all that was asked for, see `_closed`
    nothing = not release.closes_anything and not release.opens_anything
    if nothing and not classes.limited(conn, [hit.record for hit in hits]):
        return list(hits)
    release.prepare(hit.record for hit in hits)
    found_by = FoundBy.of(query)
    found: list[Hit] = []
    for some in chunks(hits):
        records = {one.row["record"]: one for one in views.records_of(conn, [hit.record for hit in some])}
        said = {key: _said(one) for key, one in records.items()}
        for hit in some:
            record = release.outgoing(records[hit.record], found_by)
            if record is not None:
                found.append(_retold(hit, record, query) if _said(record) != said[hit.record] else hit)
    release.done()
    return found


def _said(record: Record) -> list[object]:
    return [record.row[name] for name in ("record", "author", "author_handle", "permalink", "text")] + texts_of(record)


def _retold(hit: Hit, record: Record, query: Query) -> Hit:
    """A hit with the names and words of its record as that may be seen."""
    row = record.row
    piece = excerpt(filter(None, (row["text"], row["title"], *texts_of(record))), query.terms)
    return replace(
        hit, record=row["record"], permalink=row["permalink"], author=row["author"],
        author_handle=row["author_handle"], snippet=piece.text, marks=piece.marks,
    )  # fmt: skip


def _closed(conn: Connection, query: Query, access: Access) -> int:
    """How many records of a query may not be seen; those of them whose class was asked for are told as refused."""
    few = classes.limited_unmarked(conn, query)
    number = sum(count for account, count in few.items() if not access.clearance.covers(UNDECIDED, account))
    asked = classes.marked(conn, query)
    if number and UNDECIDED in access.clearance.classes:
        number, asked = 0, sorted({*asked, *classes.limited_unmarked_keys(conn, query)})
    release = Release(conn, replace(access, opened=None), asked)
    found_by = FoundBy.of(query)
    number += sum(release.outgoing(one, found_by) is None for one in views.records_of(conn, asked))
    release.done()
    return number


def load(store: Store, name: str, access: Access) -> Shown | None:
    """A record by its key, the platform's id or another name that the platform has for it.

    Raises NotCleared where it is not public and the access does not open it.
    """
    with store.read() as conn:
        key = items.resolve(conn, name)
        record = views.record(conn, key) if key is not None else None
        if record is None or key is None:
            return None
        release = Release(conn, access)
        beside = [one for one in views.thread(conn, record.row["thread"]) if one.row["record"] != key]
        release.prepare([key, *(one.row["record"] for one in beside)])
        minor = _minor(conn, release, record)
        shown = release.outgoing(record)
        if shown is None:
            (line,) = release.withheld
            raise NotCleared(
                f"{key} is not public: {line['class']} ({line['basis']}).",
                advice="--clearance, --by and --purpose show it to whom it is open.",
            )
        withheld = tuple(release.withheld)
        thread = [one.row for one in beside if release.outgoing(one) is not None]
        cited = {row["exchange"] for row in (*shown.versions, *shown.events, *shown.metrics, *shown.origins)}
        cited |= {row["exchange"] for row in shown.attachments if row.get("exchange")}
        stopped = tuple(_hold(stop) for stop in over(conn, key))
        if minor is not None:
            release.note_beside(key, MINOR)
        exchanges = tuple(release.exchange(row) for row in views.exchanges_of(conn, cited))
        release.done()
        gone = disposals.gone(conn, [key]).get(key)
        disposed = asdict(gone) if gone is not None else None
        said, hidden = tuple(said_of(conn, key)), len(beside) - len(thread)
        return Shown(shown, tuple(thread), exchanges, stopped, withheld, hidden, disposed, said, minor)


def _minor(conn: Connection, release: Release, record: Record) -> Row | None:
    """Whether the author is said to be a minor, by whom and why; None where nobody said anything, or not to know."""
    author = author_of(record)
    if author is None or not release.names_author(record):
        return None
    found = minors.flags(conn, [author]).get(author)
    if found is None:
        return None
    told: Row = {"flag": found.flag.value, "at": found.at, "by": found.by.name, "reason": found.reason}
    return told | {"evidence": found.evidence}


def _hold(stop: Stop) -> Row:
    return {"hold": stop.name, "type": stop.type.value, "matter": stop.matter, "placed_at": stop.at}

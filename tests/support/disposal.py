"""An archive with a schedule by which what is older than a year may go, and two people who decide; for tests."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from archiver.domain.acting import Actor
from archiver.domain.disposal import Certificate
from archiver.domain.item import Kind
from archiver.domain.keys import Key
from archiver.domain.retention import Disposition, Edition, Period, Series, Trigger
from archiver.domain.stops import StopName, StopType
from archiver.ledger.notes import Signer
from archiver.services.disposal import proposing
from archiver.services.disposal.running import Workshop, run
from archiver.services.disposal.weighing import Wish
from archiver.services.retention.eligibility import Terms
from archiver.store.decisions import assignments, schedules, stops
from archiver.store.decisions.assignments import Assignment
from archiver.store.decisions.schedules import Adoption
from archiver.store.decisions.scopes import Scope
from archiver.store.engine import Store
from archiver.store.selection import Query
from archiver.warc.records import WarcInfo
from tests.services.loopback import Desk

ANN, BOB = Actor("Ann Clerk", "ann"), Actor("Bob Attorney", "bob")
LAW = date(2019, 1, 1)
KINDS = (Kind.POST, Kind.COMMENT, Kind.REPLY, Kind.SHARE)
LONG_AGO = datetime(2019, 1, 1, tzinfo=UTC)
TERMS = Terms(ZoneInfo("America/Chicago"))
INFO = WarcInfo(operator="City", archive="City", user_agent="test")
SERIES = Series("COM-1", "Posts and comments", (Trigger.CREATED,), Period.parse("1 year"), Disposition.DESTROY)


def schedule(store: Store, *, series: Series = SERIES, kinds: Sequence[Kind] = KINDS) -> None:
    """Import and adopt a schedule of one series, and assign what of these kinds there is, and will be."""
    edition = Edition("general", LAW, "General schedule", (series,))
    with store.begin() as conn:
        schedules.add_edition(conn, edition, file_sha256="0" * 64, by=ANN, at=LONG_AGO)
        schedules.add_adoption(conn, Adoption(edition.name, LAW, "Resolution 1", ANN, LONG_AGO))
        for kind in kinds:
            query = Query(kind=kind, limit=None)
            assignments.assign(conn, Assignment((edition.name, series.code), query, (), ANN, LONG_AGO))


def workshop(desk: Desk) -> Workshop:
    """What a run works with, on the archive of a desk."""
    return Workshop(
        desk.store, desk.segments, desk.folder / "warc", desk.folder, Signer.generate("city"), INFO, "City", TERMS
    )


def propose(desk: Desk, wish: Wish | None = None) -> str:
    """Ann proposes what is due; the list's name."""
    now = desk.clock.now()
    with desk.store.begin() as conn:
        day = now.astimezone(TERMS.zone).date()
        return proposing.propose(conn, at=now, day=day, by=ANN, terms=TERMS, wish=wish or Wish()).name


def approve(desk: Desk, name: str) -> None:
    """Bob approves a list."""
    with desk.store.begin() as conn:
        found = proposing.review(conn, name)
        proposing.approve(conn, name, at=desk.clock.now(), by=BOB, digest=found.proposal.digest)


def dispose(desk: Desk, shop: Workshop | None = None) -> Certificate:
    """Propose, approve and run all that is due."""
    name = propose(desk)
    approve(desk, name)
    return run(shop or workshop(desk), name, by=BOB, at=desk.clock.now())


def hold(store: Store, keys: Sequence[Key], at: datetime, *, context: bool = False) -> StopName:
    """A stop over these records."""
    with store.begin() as conn:
        scope = Scope(None, records=tuple(keys), context=context)
        placed = stops.place(conn, at=at, kind=StopType.LEGAL_HOLD, matter="Case", reason="suit", by=ANN, scope=scope)
    return placed.name


def found_in(folder: Path, words: Sequence[bytes]) -> Iterator[tuple[Path, bytes]]:
    """The files below a folder in whose bytes one of the words stands; compressed ones are read inflated, too."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        plain = [data, *_inflated(path, data)]
        for word in words:
            if any(word in one for one in plain):
                yield path, word


def _inflated(path: Path, data: bytes) -> Iterator[bytes]:
    """What gzip members hold, and content codings inside of them."""
    if ".gz" not in path.name:
        return
    for member in _members(data):
        yield member
        head, gap, body = member.partition(b"\r\n\r\n")
        while gap:
            for decode in (gzip.decompress, zlib.decompress):
                try:
                    yield decode(body.rstrip(b"\r\n"))
                except (OSError, EOFError, zlib.error):
                    continue
            _head, gap, body = body.partition(b"\r\n\r\n")


def _members(data: bytes) -> Iterator[bytes]:
    while data:
        inflate = zlib.decompressobj(wbits=31)
        yield inflate.decompress(data) + inflate.flush()
        data = inflate.unused_data

"""An archive with a schedule by which what is older than a year may go, and two people who decide; for tests."""

from __future__ import annotations

import gzip
import re
import shutil
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Self
from unittest.mock import patch
from zoneinfo import ZoneInfo

from archiver.domain.acting import Actor
from archiver.domain.disposal import Certificate
from archiver.domain.item import Kind
from archiver.domain.keys import Key
from archiver.domain.retention import Disposition, Edition, Period, Series, Trigger
from archiver.domain.stops import StopName, StopType
from archiver.ledger.notes import Signer
from archiver.services import rebuild
from archiver.services import verify as verifying
from archiver.services.disposal import proposing
from archiver.services.disposal.running import Workshop, run
from archiver.services.disposal.weighing import Wish
from archiver.services.retention.eligibility import Terms
from archiver.store.decisions import assignments, schedules, stops
from archiver.store.decisions.assignments import Assignment
from archiver.store.decisions.schedules import Adoption
from archiver.store.decisions.scopes import Scope
from archiver.store.engine import Store, open_store
from archiver.store.selection import Query
from archiver.warc.records import WarcInfo
from tests.platforms.mastodon_world import ANN as RESIDENT
from tests.platforms.mastodon_world import CITY, Server
from tests.services.house import empty_store
from tests.services.loopback import Desk, desk, served
from tests.support.clock import FakeClock

ROOT, FIRST, SECOND = "113000000000000020", "113100000000000000", "113100000000000001"
WORDS = [b"rootword", b"answer1word"]
"""Of what is due in the thread."""
OTHERS = [b"answer0word", b"answer2word", b"answer3word"]
ANN, BOB = Actor("Ann Clerk", "ann"), Actor("Bob Attorney", "bob")
LAW = date(2019, 1, 1)
KINDS = (Kind.POST, Kind.COMMENT, Kind.REPLY, Kind.SHARE)
LONG_AGO = datetime(2019, 1, 1, tzinfo=UTC)
TERMS = Terms(ZoneInfo("America/Chicago"))
_CHUNK = re.compile(rb"([0-9A-Fa-f]+)[^\r\n]*\r\n")
INFO = WarcInfo(operator="City", archive="City", user_agent="test")
SERIES = Series("COM-1", "Posts and comments", (Trigger.CREATED,), Period.parse("1 year"), Disposition.DESTROY)


@contextmanager
def quick_scratch() -> Iterator[None]:
    """Second stores are copies of an empty one: making the tables step by step takes a second each time."""

    def copied(path: Path) -> Store:
        shutil.copy(empty_store(), path)
        return open_store(f"sqlite:///{path}")

    with patch.object(rebuild, "create_scratch", copied):
        yield


@cache
def thread_archive() -> Path:
    """The folder of an archive with a thread whose root and second answer are of long ago; to be copied."""
    folder = Path(mkdtemp(prefix="archiver-disposal-"))
    world = Server()
    world.post(ROOT, CITY, "<p>rootword is here</p>", created_at="2020-01-01T00:00:00.000Z")
    for number in range(4):
        created = "2020-01-02T00:00:00.000Z" if number == 1 else "2026-11-01T00:00:00.000Z"
        world.post(f"11310000000000000{number}", RESIDENT, f"<p>answer{number}word</p>", to=ROOT, created_at=created)
    shutil.copy(empty_store(), folder / "archive.sqlite")
    with served(world), desk(folder, world) as made:
        made.round()
        made.clock.advance(86400)
        made.round(everything=True)
        schedule(made.store)
        made.segments.seal()
        (folder / "base").write_text(world.base)
    return folder


@dataclass
class Done:
    """A disposal or an expungement that was carried out, for tests that only look at it."""

    desk: Desk
    shop: Workshop
    certificate: Certificate


@contextmanager
def thread_at(folder: Path, url: str | None = None) -> Iterator[Desk]:
    """A copy of that archive, at work on the day after; no platform answers. ``url`` is where its store was moved."""
    if url is None and not (folder / "archive.sqlite").exists():
        shutil.copytree(thread_archive(), folder, dirs_exist_ok=True)
    world = Server(base=(folder / "base").read_text())
    clock = FakeClock(datetime(2026, 11, 24, tzinfo=UTC))
    with quick_scratch(), desk(folder, world, clock=clock, url=url) as made:
        yield made


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


def key(native_id: str) -> Key:
    """A status's key."""
    return Key(f"mastodon:{native_id}")


def no_progress(_done: int, _total: int) -> None:
    """Progress that nobody looks at."""


class _InPlace:
    """Takes the place of a pool of processes, each of which takes a second to start."""

    def __init__(self, **_settings: object) -> None:
        """Nothing to start."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """Nothing to end."""

    map = staticmethod(map)


def faults(one: Desk) -> list[object]:
    """What verifying in full, and reading everything again, finds to be wrong."""
    warc, spool = one.folder / "warc", one.folder / "spool"
    with patch.object(verifying, "ProcessPoolExecutor", _InPlace):
        found: list[object] = list(verifying.verify(one.store, warc, full=True, workers=1, progress=no_progress))
    compared = rebuild.check(one.store, warc, spool, one.clock.now(), progress=no_progress)
    return [*found, *compared.differences, *compared.replayed.unread]


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
        _head, gap, body = member.partition(b"\r\n\r\n")
        while gap:
            for payload in (body.rstrip(b"\r\n"), _joined(body)):
                for decode in (gzip.decompress, zlib.decompress):
                    try:
                        yield decode(payload)
                    except (OSError, EOFError, zlib.error):
                        continue
            _head, gap, body = body.partition(b"\r\n\r\n")


def _joined(body: bytes) -> bytes:
    """A body without chunk framing; as far as there is any."""
    joined = b""
    while (found := _CHUNK.match(body)) and (size := int(found[1], 16)):
        joined += body[found.end() : found.end() + size]
        body = body[found.end() + size + 2 :]
    return joined


def _members(data: bytes) -> Iterator[bytes]:
    while data[:2] == b"\x1f\x8b":
        inflate = zlib.decompressobj(wbits=31)
        yield inflate.decompress(data) + inflate.flush()
        data = inflate.unused_data

"""Disposals: lists that were proposed, who approved them, what was carried out, and the tombstones that stay.

A list and its lines never change, so that what was approved is what is carried out; the digest says so (R28).
``disposed`` is what a rebuild knows the tombstones from, ``rewrites`` tells which WARC file took another's place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Identity,
    Index,
    Table,
    func,
    insert,
    select,
    update,
)

from archiver.domain.acting import Actor
from archiver.domain.disposal import Certificate, Destroyed, Entry, Kept, Rewritten, Tombstone, entry_from, stone_from
from archiver.domain.keys import Key
from archiver.store.bulk import chunks
from archiver.store.guards import lifted, refuse_change_of
from archiver.store.tables import metadata
from archiver.store.types import Id, Json, Moment, Words

disposals = Table(
    # lists of records that somebody proposes to dispose of
    "disposals",
    metadata,
    Column("disposal", Words, primary_key=True),  # D-2026-001
    Column("proposed_at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Column("reason", Words),
    Column("digest", Words, nullable=False),
    Column("records", BigInteger, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("stopped", Json, nullable=False),  # what was due and is not on the list: [record, reason]
)
disposal_entries = Table(
    "disposal_entries",
    metadata,
    Column("disposal", Words, ForeignKey("disposals.disposal"), primary_key=True),
    Column("record", Words, primary_key=True),
    Column("line", Words, nullable=False),  # JSON, as the digest takes it
)
disposal_approvals = Table(
    "disposal_approvals",
    metadata,
    Column("disposal", Words, ForeignKey("disposals.disposal"), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Column("digest", Words, nullable=False),
)
transfer_receipts = Table(
    # what an archive says it has received of a list (records rule R34)
    "transfer_receipts",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("disposal", Words, ForeignKey("disposals.disposal"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Column("bag", Words, nullable=False),
    Column("digest", Words, nullable=False),
    Column("reference", Words, nullable=False),
    Index(None, "disposal"),
)
disposal_runs = Table(
    "disposal_runs",
    metadata,
    Column("disposal", Words, ForeignKey("disposals.disposal"), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Column("certificate", Words, nullable=False),  # a signed note
)
disposal_endings = Table(
    # when all that a run leaves to be done after its transaction was done
    "disposal_endings",
    metadata,
    Column("disposal", Words, ForeignKey("disposal_runs.disposal"), primary_key=True),
    Column("at", Moment, nullable=False),
)
disposed = Table(
    "disposed",
    metadata,
    Column("record", Words, primary_key=True),
    Column("disposal", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("schedule", Words, nullable=False),
    Column("edition", Words, nullable=False),
    Column("series", Words, nullable=False),
    Column("series_title", Words, nullable=False),
    Column("not_public", Boolean, nullable=False),
    Column("stone", Json, nullable=False),
    Index(None, "disposal"),
)
rewrites = Table(
    # WARC files that a disposal wrote anew
    "rewrites",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("disposal", Words, ForeignKey("disposals.disposal"), nullable=False),
    Column("warc_file", Words, nullable=False),
    Column("sha256", Words, nullable=False),
    Column("new_file", Words),
    Column("new_sha256", Words),
    Column("removed", Json, nullable=False),  # ids of WARC records
    Column("changed", Json, nullable=False),
    Index(None, "disposal"),
)
NAMES = (
    "disposals", "disposal_entries", "disposal_approvals", "transfer_receipts", "disposal_runs", "disposal_endings",
    "disposed", "rewrites",
)  # fmt: skip
refuse_change_of(*NAMES)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A list as it was proposed. ``stopped``: what was due and is kept, with the reason; moments are aware, UTC."""

    name: str
    at: datetime
    by: Actor
    digest: str
    records: int
    expires_at: datetime
    reason: str | None = None
    stopped: tuple[Kept, ...] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """That another person approved a list of just this digest."""

    name: str
    at: datetime
    by: Actor
    digest: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an archive has received: the bag by its name, the digest of its manifest, the archive's own reference."""

    name: str
    at: datetime
    by: Actor
    bag: str
    digest: str
    reference: str


@dataclass(frozen=True, slots=True)
class Run:
    """A list that was carried out; ``note`` is the signed destruction list."""

    name: str
    at: datetime
    by: Actor
    note: str


@dataclass(frozen=True, slots=True)
class Gone:
    """Under what a record was disposed of, and when (records rule R33)."""

    record: Key
    disposal: str
    at: datetime
    schedule: str
    edition: str
    series: str
    series_title: str


def next_name(conn: Connection, at: datetime, letter: str = "D") -> str:
    """The next free name of that year: ``D-2026-001``, or by order of a court ``E-2026-001``."""
    year = f"{letter}-{at.year}-"
    names = conn.execute(select(disposals.c.disposal).where(disposals.c.disposal.startswith(year))).scalars()
    last = max((int(name.rpartition("-")[2]) for name in names), default=0)
    return f"{year}{last + 1:03d}"


def propose(conn: Connection, proposal: Proposal, entries: Iterable[Entry]) -> None:
    """Enter a list with all its lines."""
    conn.execute(
        insert(disposals).values(
            disposal=proposal.name, proposed_at=proposal.at, person=proposal.by.name, login=proposal.by.login,
            reason=proposal.reason, digest=proposal.digest, records=proposal.records, expires_at=proposal.expires_at,
            stopped=[[one.record, one.reason] for one in proposal.stopped],
        )
    )  # fmt: skip
    lines = [{"disposal": proposal.name, "record": one.record, "line": one.line()} for one in entries]
    for some in chunks(lines):
        conn.execute(insert(disposal_entries), list(some))


def proposal(conn: Connection, name: str) -> Proposal | None:
    """A list by its name; None where there is none."""
    row = conn.execute(select(disposals).where(disposals.c.disposal == name)).one_or_none()
    return None if row is None else _proposal(row)


def proposals(conn: Connection) -> list[Proposal]:
    """All lists, the oldest first."""
    c = disposals.c
    return [_proposal(row) for row in conn.execute(select(disposals).order_by(c.proposed_at, c.disposal))]


def _proposal(row: Any) -> Proposal:
    stopped = tuple(Kept(Key(record), reason) for record, reason in row.stopped)
    return Proposal(
        row.disposal, row.proposed_at, Actor(row.person, row.login), row.digest, row.records, row.expires_at,
        row.reason, stopped,
    )  # fmt: skip


def entries(conn: Connection, name: str) -> list[Entry]:
    """The lines of a list, in the order of the records' keys."""
    c = disposal_entries.c
    query = select(c.line).where(c.disposal == name).order_by(c.record)
    return [entry_from(json.loads(line)) for line in conn.execute(query).scalars()]


def approve(conn: Connection, one: Approval) -> None:
    """Enter an approval."""
    conn.execute(
        insert(disposal_approvals).values(
            disposal=one.name, at=one.at, person=one.by.name, login=one.by.login, digest=one.digest
        )
    )


def approval(conn: Connection, name: str) -> Approval | None:
    """Who approved a list; None: nobody yet."""
    row = conn.execute(select(disposal_approvals).where(disposal_approvals.c.disposal == name)).one_or_none()
    return None if row is None else Approval(name, row.at, Actor(row.person, row.login), row.digest)


def add_receipt(conn: Connection, one: Receipt) -> None:
    """Enter what an archive has received."""
    conn.execute(
        insert(transfer_receipts).values(
            disposal=one.name, at=one.at, person=one.by.name, login=one.by.login, bag=one.bag, digest=one.digest,
            reference=one.reference,
        )
    )  # fmt: skip


def receipt(conn: Connection, name: str) -> Receipt | None:
    """The latest receipt for a list; None: there is none."""
    c = transfer_receipts.c
    query = select(transfer_receipts).where(c.disposal == name).order_by(c.id.desc()).limit(1)
    row = conn.execute(query).one_or_none()
    if row is None:
        return None
    return Receipt(name, row.at, Actor(row.person, row.login), row.bag, row.digest, row.reference)


def carried_out(conn: Connection, run: Run, certificate: Certificate, removed: Sequence[Removed]) -> None:
    """Enter a run: the signed list, what stays of each record, and which files took the place of which."""
    conn.execute(
        insert(disposal_runs).values(
            disposal=run.name, at=run.at, person=run.by.name, login=run.by.login, certificate=run.note
        )
    )
    bury(conn, run.name, run.at, certificate.destroyed)
    for one in removed:
        conn.execute(
            insert(rewrites).values(
                disposal=run.name, warc_file=one.file.file, sha256=one.file.sha256, new_file=one.file.new,
                new_sha256=one.file.new_sha256, removed=list(one.removed), changed=list(one.changed),
            )
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Removed:
    """A WARC file that was written anew, with the ids of the WARC records that went and of those that were changed."""

    file: Rewritten
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


def bury(conn: Connection, name: str, at: datetime, records: Iterable[Destroyed]) -> None:
    """Keep what a rebuild needs to know of records that went."""
    rows = [
        {
            "record": one.stone.record, "disposal": name, "at": at, "schedule": one.entry.schedule,
            "edition": one.entry.edition, "series": one.entry.series, "series_title": one.entry.series_title,
            "not_public": one.not_public, "stone": one.stone.document(),
        }
        for one in records
    ]  # fmt: skip
    for some in chunks(rows):
        conn.execute(insert(disposed), list(some))


def stones(conn: Connection) -> Iterator[Tombstone]:
    """All tombstones, in the order of their keys."""
    with conn.execute(select(disposed.c.stone).order_by(disposed.c.record)) as found:
        for stone in found.scalars():
            yield stone_from(stone)


def names_gone(conn: Connection) -> set[str]:
    """The keys and other names of everything that was disposed of."""
    return {name for stone in stones(conn) for name in (stone.record, *stone.names)}


def gone(conn: Connection, keys: Sequence[Key]) -> dict[Key, Gone]:
    """Those of the records that were disposed of."""
    c = disposed.c
    columns = (c.record, c.disposal, c.at, c.schedule, c.edition, c.series, c.series_title)
    found: dict[Key, Gone] = {}
    for some in chunks(sorted(set(keys))):
        for row in conn.execute(select(*columns).where(c.record.in_(some))):
            found[Key(row.record)] = Gone(Key(row.record), *row[1:])
    return found


def counts(conn: Connection) -> list[tuple[str, str, str, str, int]]:
    """How many records went under each series: schedule, edition, series, title, number."""
    c = disposed.c
    names = (c.schedule, c.edition, c.series, c.series_title)
    query = select(*names, func.count()).group_by(*names).order_by(*names)
    return [(row[0], row[1], row[2], row[3], row[4]) for row in conn.execute(query)]


def run_of(conn: Connection, name: str) -> Run | None:
    """How a list was carried out; None: it was not."""
    row = conn.execute(select(disposal_runs).where(disposal_runs.c.disposal == name)).one_or_none()
    return None if row is None else Run(name, row.at, Actor(row.person, row.login), row.certificate)


def runs(conn: Connection) -> list[Run]:
    """All that were carried out, the oldest first."""
    c = disposal_runs.c
    rows = conn.execute(select(disposal_runs).order_by(c.at, c.disposal))
    return [Run(row.disposal, row.at, Actor(row.person, row.login), row.certificate) for row in rows]


def unfinished(conn: Connection) -> list[Run]:
    """Those after which something is still to be done."""
    ended = set(conn.execute(select(disposal_endings.c.disposal)).scalars())
    return [run for run in runs(conn) if run.name not in ended]


def end(conn: Connection, name: str, at: datetime) -> None:
    """All was done."""
    conn.execute(insert(disposal_endings).values(disposal=name, at=at))


def signed_again(conn: Connection, name: str, note: str) -> None:
    """Another signed list in the place of a run's: it names nothing any more that a court had expunged."""
    with lifted(conn, disposal_runs.name):
        conn.execute(update(disposal_runs).where(disposal_runs.c.disposal == name).values(certificate=note))


def replaced(conn: Connection, name: str) -> list[Rewritten]:
    """The files that a run wrote anew."""
    rows = conn.execute(select(rewrites).where(rewrites.c.disposal == name).order_by(rewrites.c.id))
    return [
        Rewritten(row.warc_file, row.sha256, row.new_file, row.new_sha256, len(row.removed), len(row.changed))
        for row in rows
    ]

"""Lists, approvals, runs and tombstones: kept as they were entered, and never changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.exc import DatabaseError

from archiver.domain.acting import Actor
from archiver.domain.disposal import Certificate, Destroyed, Entry, Kept, Rewritten, Tombstone, digest_of
from archiver.domain.item import Kind
from archiver.domain.keys import Key
from archiver.store.decisions import disposals
from archiver.store.decisions.disposals import Approval, Proposal, Receipt, Removed, Run
from archiver.store.engine import Store

AT = datetime(2026, 11, 23, 5, tzinfo=UTC)
ANN, BOB = Actor("Ann", "ann"), Actor("Bob", "bob")
ENTRIES = [
    Entry(
        Key(f"x:{number}"), "city", Kind.POST, AT, "general", "2024", "COM-1", "Posts", "destroy",
        date(2020, 1, 1), date(2023, 1, 1),
    )
    for number in range(3)
]  # fmt: skip
PROPOSAL = Proposal(
    "D-2026-001", AT, ANN, digest_of(ENTRIES), 3, AT + timedelta(days=30), "time", (Kept(Key("x:9"), "stop H-1"),)
)
STONE = Tombstone(Key("x:0"), ("x:00",), "city", Kind.POST, None, "x:0", "7", AT, AT, AT, AT)
CERTIFICATE = Certificate(
    "D-2026-001", "City", digest_of(ENTRIES), "Ann", AT, "Bob", AT, "Bob", AT, (Destroyed(ENTRIES[0], STONE, 2),)
)
FILE = Rewritten("a/old.warc.gz", "0" * 64, "a/new.warc.gz", "1" * 64, 1, 1)


def fill(store: Store) -> None:
    """One list, from its proposal to its end."""
    with store.begin() as conn:
        disposals.propose(conn, PROPOSAL, ENTRIES)
        disposals.approve(conn, Approval("D-2026-001", AT, BOB, PROPOSAL.digest))
        disposals.add_receipt(conn, Receipt("D-2026-001", AT, ANN, "bag-1", "ab", "MHS 7"))
        run = Run("D-2026-001", AT, BOB, "note")
        disposals.carried_out(conn, run, CERTIFICATE, [Removed(FILE, ("one",), ("two",))])


def test_all_is_read_as_it_was_entered(store: Store) -> None:
    """A list, its lines, approval, receipt, run, tombstones and files come back as they were."""
    fill(store)
    with store.begin() as conn:
        assert disposals.proposals(conn) == [disposals.proposal(conn, "D-2026-001")] == [PROPOSAL]
        assert disposals.entries(conn, "D-2026-001") == ENTRIES
        assert disposals.approval(conn, "D-2026-001") == Approval("D-2026-001", AT, BOB, PROPOSAL.digest)
        assert disposals.receipt(conn, "D-2026-001") == Receipt("D-2026-001", AT, ANN, "bag-1", "ab", "MHS 7")
        assert disposals.runs(conn) == disposals.unfinished(conn) == [Run("D-2026-001", AT, BOB, "note")]
        assert list(disposals.stones(conn)) == [STONE]
        gone = disposals.gone(conn, [Key("x:0"), Key("x:1")])
        assert (gone[Key("x:0")].series, gone[Key("x:0")].at, len(gone)) == ("COM-1", AT, 1)
        assert disposals.counts(conn) == [("general", "2024", "COM-1", "Posts", 1)]
        assert disposals.replaced(conn, "D-2026-001") == [FILE]
        disposals.end(conn, "D-2026-001", AT)
        assert disposals.unfinished(conn) == []


def test_names_count_within_a_year(store: Store) -> None:
    """The first list of a year is number one."""
    with store.begin() as conn:
        assert disposals.next_name(conn, AT) == "D-2026-001"
        disposals.propose(conn, PROPOSAL, ENTRIES)
        assert disposals.next_name(conn, AT) == "D-2026-002"
        assert disposals.next_name(conn, AT.replace(year=2027)) == "D-2027-001"
        disposals.propose(conn, replace(PROPOSAL, name="D-2026-011"), [])
        assert disposals.next_name(conn, AT) == "D-2026-012"


@pytest.mark.parametrize("table", disposals.NAMES)
@pytest.mark.parametrize("verb", ["UPDATE {} SET disposal = 'x'", "DELETE FROM {}"])
def test_nothing_of_it_can_be_changed(store: Store, table: str, verb: str) -> None:
    """The database refuses to change or delete what was decided."""
    fill(store)
    with store.begin() as conn:
        disposals.end(conn, "D-2026-001", AT)
    with pytest.raises(DatabaseError, match="append-only"), store.begin() as conn:
        conn.exec_driver_sql(verb.format(table))

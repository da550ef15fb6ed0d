"""Names go from what people decided, on both databases; nothing else changes, and change is refused as before."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.exc import DatabaseError

from archiver.domain.acting import Actor
from archiver.domain.disposal import Entry, digest_of
from archiver.domain.expungement import Marks
from archiver.domain.item import Kind
from archiver.domain.keys import Key
from archiver.domain.stops import StopType
from archiver.services.disposal.expunging import new_mark
from archiver.store import expunging
from archiver.store.decisions import audit, disposals, stops
from archiver.store.decisions.audit import Act
from archiver.store.decisions.disposals import Proposal
from archiver.store.decisions.scopes import Scope
from archiver.store.engine import Store

AT = datetime(2026, 11, 23, 5, tzinfo=UTC)
ANN = Actor("Ann", "ann")
GOING, STAYING = Key("x:1234567"), Key("x:12345678")


def fill(store: Store, salt: str | None = "ab") -> None:
    """Decisions that name both records."""
    days = date(2026, 1, 1), date(2026, 1, 1)
    entry = Entry(GOING, "city", Kind.POST, AT, "court order", "1", "expungement", "", "expunge", *days, salt)
    with store.begin() as conn:
        audit.add(conn, Act(AT, ANN, "class mark", GOING, "of 1234567", {"records": [GOING, STAYING]}))
        audit.add(conn, Act(AT, ANN, "class mark", STAYING, "Zoë's"))
        scope = Scope(None, records=(GOING, STAYING))
        stops.place(conn, at=AT, kind=StopType.LEGAL_HOLD, matter="Case", reason="suit", by=ANN, scope=scope)
        proposal = Proposal("E-2026-001", AT, ANN, digest_of([entry]), 1, AT + timedelta(days=30), "order")
        disposals.propose(conn, proposal, [entry])


def test_names_give_way_to_marks(store: Store) -> None:
    """Wherever it is named; a longer name that begins alike stays, and so do all rows but the order's lines."""
    fill(store)
    marks = Marks.of({GOING: ()}, new_mark)
    mark = marks.keys[GOING]
    with store.begin() as conn:
        before = [act for act in audit.rows(conn) if act.subject == STAYING]
        expunging.forget_names(conn, marks, "E-2026-001")
    with store.read() as conn:
        assert expunging.own_names(conn) == {"Ann", "ann"}
        assert expunging.naming(conn, Marks.of_people(["Somebody"], new_mark)) == set()
        first, second = audit.rows(conn)
        assert (first.subject, first.reason) == (mark, f"of {mark.removeprefix('x:')}")
        assert first.details == {"records": [mark, STAYING]}
        assert [second] == before
        assert {row[0] for row in conn.exec_driver_sql("SELECT key FROM stopped_records")} == {mark, STAYING}
        assert disposals.entries(conn, "E-2026-001") == []
        assert disposals.proposal(conn, "E-2026-001") is not None


def test_change_is_refused_afterwards(store: Store) -> None:
    """The triggers are back, of every table from which names went."""
    fill(store)
    with store.begin() as conn:
        expunging.forget_names(conn, Marks.of({GOING: ()}, new_mark), "E-2026-001")
    for statement in (
        "UPDATE acts SET reason = NULL",
        "DELETE FROM stopped_records",
        "UPDATE disposals SET reason = ''",
    ):
        with pytest.raises(DatabaseError, match="append-only"), store.begin() as conn:
            conn.exec_driver_sql(statement)


def test_a_salt_makes_a_commitment(store: Store) -> None:
    """Two lists of the same record under the same order have digests that tell nothing of each other."""
    fill(store)
    with store.read() as conn:
        (entry,) = disposals.entries(conn, "E-2026-001")
        told = disposals.proposal(conn, "E-2026-001")
    assert entry.salt == "ab"
    assert told is not None
    assert told.digest == digest_of([entry])

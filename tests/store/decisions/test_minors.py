"""What is said of minors comes back as it was entered, on both databases, and can't be changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from archiver.domain.acting import Actor
from archiver.domain.minors import Decision, MinorFlag, Outcome, Relation, Statement, WithholdRequest
from archiver.store import subjects
from archiver.store.decisions import minors
from archiver.store.engine import Store
from tests.services.house import ANN, BOB, House, sight

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DANA = Actor("Dana Clerk", "dclerk")
DECIDED = Decision(Outcome.WITHHOLD, "harm", DANA, NOW)
PARENT = Relation("x:1", "Pat Lee", "birth certificate", DANA, NOW)


@dataclass(frozen=True)
class Kept:
    """What was entered, with the numbers that the store gave."""

    store: Store
    said: list[Statement]
    parent: Relation
    asked: list[WithholdRequest]


@pytest.fixture
def kept(store: Store) -> Kept:
    """Two statements about one person and one about another, a parent, a request that is decided and an open one."""
    said = [
        Statement("x:1", MinorFlag.EVIDENCED, "R-7", DANA, NOW, "school card"),
        Statement("x:1", MinorFlag.UNKNOWN, "R-8", DANA, NOW),
        Statement("x:2", MinorFlag.ASSERTED, "R-9", DANA, NOW),
    ]
    asked = [
        WithholdRequest("x:1", date(2026, 11, 20), "a letter", DANA, NOW),
        WithholdRequest("x:2", date(2026, 11, 21), "a call", DANA, NOW),
    ]
    with store.begin() as conn:
        said = [replace(one, number=minors.state(conn, one)) for one in said]
        asked = [replace(one, number=minors.ask(conn, one)) for one in asked]
        parent = replace(PARENT, number=minors.relate(conn, PARENT))
        minors.decide(conn, asked[0].number, DECIDED)
    return Kept(store, said, parent, [replace(asked[0], decision=DECIDED), asked[1]])


def test_it_comes_back(kept: Kept) -> None:
    """Of all, or of some; what was said last counts."""
    with kept.store.read() as conn:
        assert minors.statements(conn) == kept.said
        assert minors.flags(conn) == {"x:1": kept.said[1], "x:2": kept.said[2]}
        assert minors.flags(conn, ["x:2", "x:9"]) == {"x:2": kept.said[2]}
        assert minors.relations(conn, ["x:1"]) == minors.relations(conn) == [kept.parent]
        assert minors.requests(conn) == kept.asked
        assert minors.requests(conn, ["x:2"]) == kept.asked[1:]
        assert minors.requests(conn, []) == []


def test_a_request_is_decided_once(kept: Kept) -> None:
    """The database refuses a second decision, and a change of any row."""
    with pytest.raises(IntegrityError), kept.store.begin() as conn:
        minors.decide(conn, kept.asked[0].number, DECIDED)
    for table in ("minor_flags", "minor_parents", "withhold_requests", "withhold_decisions"):
        for statement in (f"UPDATE {table} SET person = 'x'", f"DELETE FROM {table}"):
            with pytest.raises(DBAPIError, match="append-only"), kept.store.begin() as conn:
                conn.exec_driver_sql(statement)


def test_on_which_accounts_somebody_wrote(store: Store) -> None:
    """By the name that stays; nobody who wrote nothing."""
    House(store).show(sight("1", ANN), sight("2", BOB))
    with store.read() as conn:
        assert subjects.accounts_of(conn, ["mastodon:2", "mastodon:9"]) == {"mastodon:2": {"city"}}
        assert subjects.accounts_of(conn, []) == {}

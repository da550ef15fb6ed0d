"""The audit log: what was done is told, in order, and can't be taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from archiver.domain.acting import Actor
from archiver.store.decisions import audit
from archiver.store.decisions.audit import Act
from archiver.store.engine import Store

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DANA = Actor("Dana Clerk", "dclerk")


def acts(store: Store) -> list[Act]:
    """Three, a day apart, about two holds."""
    told = [
        Act(NOW, DANA, "hold place", "H-1", "Doe v. City", {"records": 3}),
        Act(NOW + timedelta(days=1), DANA, "hold place", "H-2"),
        Act(NOW + timedelta(days=2), Actor("Lee Attorney", "lee"), "hold release", "H-1", "settled"),
    ]
    with store.begin() as conn:
        for one in told:
            audit.add(conn, one)
    return told


def test_what_was_done_is_told_in_order(store: Store) -> None:
    """All of it, or what was done to one thing, or within a time whose end does not count."""
    told = acts(store)
    with store.read() as conn:
        assert list(audit.rows(conn)) == told
        assert list(audit.rows(conn, subject="H-1")) == [told[0], told[2]]
        since, until = told[1].at, told[2].at
        assert list(audit.rows(conn, since=since, until=until)) == [told[1]]


@pytest.mark.parametrize("statement", ["UPDATE acts SET reason = 'better'", "DELETE FROM acts"])
def test_an_act_stays(store: Store, statement: str) -> None:
    """The database itself refuses to change or delete it."""
    acts(store)
    with pytest.raises(DBAPIError, match="append-only"), store.begin() as conn:
        conn.exec_driver_sql(statement)


def test_an_act_that_fails_leaves_no_trace(store: Store) -> None:
    """The log's row and the act are one transaction."""

    def fail() -> None:
        with store.begin() as conn:
            audit.add(conn, Act(NOW, DANA, "hold place", "H-1"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.read() as conn:
        assert not list(audit.rows(conn))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Dana Clerk", "dana  clerk ", True),
        ("Dana Clerk", "Dana Clark", False),
        ("STRASSE", "straße", True),
        ("René Clerk", "Rene\N{COMBINING ACUTE ACCENT} Clerk", True),
        ("Dana Clerk", "Dana\N{NO-BREAK SPACE}Cl\N{SOFT HYPHEN}erk\N{ZERO WIDTH SPACE}", True),
    ],
)
def test_a_person_is_known_by_name(one: str, other: str, same: bool) -> None:
    """Spaces, capitals and what nobody sees make nobody a second person, whatever login is used."""
    assert Actor(one, "a").is_same_person(Actor(other, "b")) is same

"""Marks of what is not public: set, withdrawn, found; never changed, and without a word of the record."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from archiver.domain.acting import Actor
from archiver.domain.classification import Mark, Part, Span, Withdrawal
from archiver.domain.keys import Key
from archiver.errors import NotFound, UsageError
from archiver.store.decisions import classes
from archiver.store.decisions.classes import NewMark
from archiver.store.engine import Store
from archiver.store.selection import Query

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DANA = Actor("Dana Clerk", "dclerk")
LATER = NOW + timedelta(hours=1)
WHOLE = NewMark(Key("mastodon:1"), Part.RECORD, "closed", "Law 1", "A child wrote it")
PIECE = NewMark(
    Key("mastodon:2"), Part.TEXT, "closed", "Law 2", "A number", Span(1, "d1", 3, 9), "number", date(2030, 1, 1), True
)


def put(store: Store, *new: NewMark) -> list[Mark]:
    """Set these marks."""
    with store.begin() as conn:
        return [classes.add(conn, one, DANA, NOW) for one in new]


def test_a_mark_comes_back_as_it_was_set(store: Store) -> None:
    """With everything that it says, whether it is asked for by number, record or at all."""
    whole, piece = put(store, WHOLE, PIECE)
    assert piece.span == PIECE.span
    assert piece.opens_on == PIECE.opens_on
    with store.read() as conn:
        assert classes.get(conn, whole.id) == whole
        assert classes.of_record(conn, Key("mastodon:2")) == [piece]
        assert classes.standing(conn) == {whole.record: [whole], piece.record: [piece]}
        assert classes.of_records(conn, [piece.record, Key("mastodon:9")]) == {piece.record: [piece]}
        assert list(classes.listed(conn)) == [whole, piece]
        assert classes.get(conn, 99) is None


def test_withdrawing_is_another_row(store: Store) -> None:
    """The mark stays, with who took it back, when and why; it no longer stands, and can't be withdrawn twice."""
    whole, piece = put(store, WHOLE, PIECE)
    with store.begin() as conn:
        classes.withdraw(conn, whole.id, Actor("Lee", "lee"), LATER, "It was a grown-up")
    with store.read() as conn:
        assert classes.standing(conn) == {piece.record: [piece]}
        assert list(classes.listed(conn)) == [piece]
        (first, _) = classes.listed(conn, withdrawn=True)
        assert first.withdrawn == Withdrawal(Actor("Lee", "lee"), LATER, "It was a grown-up")
    with pytest.raises(UsageError, match="withdrawn before, by Lee"), store.begin() as conn:
        classes.withdraw(conn, whole.id, DANA, LATER, "again")
    with pytest.raises(NotFound), store.begin() as conn:
        classes.withdraw(conn, 99, DANA, LATER, "none")


@pytest.mark.parametrize("table", ["class_marks", "class_withdrawals"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET reason = 'better'", "DELETE FROM {}"])
def test_a_decision_stays(store: Store, table: str, statement: str) -> None:
    """The database itself refuses to change or delete it."""
    (mark,) = put(store, WHOLE)
    with store.begin() as conn:
        classes.withdraw(conn, mark.id, DANA, LATER, "no")
    with pytest.raises(DBAPIError, match="append-only"), store.begin() as conn:
        conn.exec_driver_sql(statement.format(table))


def test_records_that_not_everybody_could_see(city: Any, store: Store) -> None:
    """Those of which any version was shown to fewer people than all, with the platform's word for it."""
    city.post(1, visibility="public")
    city.post(2, visibility="private")
    city.post(3)
    city.post(4, visibility="public")
    city.post(4, visibility="direct")
    keys = [Key(f"mastodon:{number}") for number in range(1, 6)]
    with store.read() as conn:
        assert classes.limited(conn, keys) == {keys[1]: ["private"], keys[3]: ["direct"]}


def test_what_of_a_query_may_not_be_public(city: Any, store: Store) -> None:
    """Marked records and those shown to few, of what is asked for; a withdrawn mark doesn't count."""
    for number, text in enumerate(("apple tree", "apple pie", "pear tree", "apple cake"), start=1):
        city.post(number, text, visibility="private" if number == 4 else "public")
    whole, piece = put(store, WHOLE, PIECE)
    with store.read() as conn:
        assert classes.standing(conn, everywhere=True) == {piece.record: [piece]}
        assert set(classes.marked(conn, Query())) == {Key("mastodon:1"), Key("mastodon:2")}
        assert classes.marked(conn, Query(words="tree")) == [Key("mastodon:1")]
        assert classes.limited_unmarked(conn, Query()) == {"city": 1}
        assert classes.limited_unmarked(conn, Query(words="tree")) == {}
        assert classes.limited_posts(conn) == [Key("mastodon:4")]
        assert list(classes.listed(conn, account="elsewhere")) == []
        assert len(list(classes.listed(conn, account="city"))) == 2
    with store.begin() as conn:
        classes.withdraw(conn, whole.id, DANA, LATER, "no")
    with store.read() as conn:
        assert classes.marked(conn, Query(words="tree")) == []


def test_the_index_of_what_few_could_see_is_used(store: Store, dialect: str) -> None:
    """Looking for it reads no table of a million versions."""
    if dialect != "sqlite":
        return
    with store.read() as conn:
        sql = str(classes._limited().compile(dialect=conn.dialect))
        plan = " ".join(row[3] for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}"))
    assert "ix_versions_limited" in plan

"""Stops among everything else that goes on: captures, edits, releases, a second connection."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archiver.domain.item import Kind, State
from archiver.domain.keys import Key
from archiver.domain.observation import GoneSeen, StateSeen
from archiver.domain.stops import StopName
from archiver.errors import OperatorError
from archiver.store import sqlite
from archiver.store.decisions import stops
from archiver.store.decisions.scopes import Scope
from archiver.store.engine import Store, open_store
from archiver.store.selection import Query
from tests.store.conftest import City, _emptied, sighting
from tests.store.decisions.test_stops import placed, released

RECORDS = (1, 2, 3)
"""A post, a comment on it, and an answer to that."""
ROOT = Key("mastodon:1")
SCOPES = (
    Scope(Query("flood", limit=None), context=False),
    Scope(Query("flood", state=State.LIVE, limit=None), context=False),
    Scope(Query(state=State.GONE, limit=None), context=False),
    Scope(Query(kind=Kind.REPLY, limit=None)),
    Scope(Query("parade", limit=None)),
    Scope(threads=(ROOT,), context=False),
    Scope(Query(account="nobody", limit=None)),
)


def key(number: int) -> Key:
    """The record of that number."""
    return Key(f"mastodon:{number}")


@dataclass
class Model:
    """What should be covered, worked out without SQL: what ever matched an open stop, and what stands above it."""

    words: dict[int, set[str]] = field(default_factory=dict)
    states: dict[int, State] = field(default_factory=dict)
    open: dict[StopName, Scope] = field(default_factory=dict)
    covered: dict[StopName, set[int]] = field(default_factory=dict)

    def matches(self, scope: Scope, number: int) -> bool:
        """Whether a record matches now; words that were edited away are found too."""
        if scope.threads:
            return True
        query = scope.query
        assert query is not None
        return (
            (not query.words or query.words in self.words[number])
            and query.state in {None, self.states[number]}
            and (query.kind is None or number == 3)
            and query.account is None
        )

    def look(self) -> None:
        """Something has changed."""
        for name, scope in self.open.items():
            for number in self.words:
                if self.matches(scope, number):
                    self.covered[name].update(range(1, number + 1) if scope.context else (number,))

    def expected(self) -> dict[Key, tuple[StopName, ...]]:
        """What `stopping` should answer; of those that were seen."""
        found = {key(number): tuple(name for name in self.open if number in self.covered[name]) for number in RECORDS}
        return {one: names for one, names in found.items() if names}


class Town:
    """A store and its model; what is done is done to both."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.city = City(store)
        self.model = Model()

    def see(self, number: int, text: str) -> None:
        """The platform shows a record with these words, live."""
        if self.model.states.get(number) is State.GONE:
            return  # it stays so, whatever it said
        above = {1: None, 2: key(1), 3: key(2)}[number]
        kind = {1: Kind.POST, 2: Kind.COMMENT, 3: Kind.REPLY}[number]
        self.city.see(sighting(number, text, thread=ROOT, parent=above), kind=kind)
        self.model.words.setdefault(number, set()).add(text)
        self.model.states[number] = State.LIVE

    def take(self, number: int, *, hidden: bool) -> None:
        """The platform says that a record is hidden, or not there."""
        if number not in self.model.words or self.model.states[number] is State.GONE:
            return
        state = State.HIDDEN if hidden else State.GONE
        stated = StateSeen(key(number), state, "stated") if hidden else GoneSeen(key(number), "404")
        self.city.state(key(number), stated)
        self.model.states[number] = state

    def place(self, scope: Scope) -> None:
        """A stop is placed."""
        name = placed(self.store, scope).name
        self.model.open[name], self.model.covered[name] = scope, set()

    def release(self, which: int) -> None:
        """One of the open stops is released."""
        if self.model.open:
            name = sorted(self.model.open)[which % len(self.model.open)]
            released(self.store, name)
            del self.model.open[name]

    def check(self) -> None:
        """The store says what the model expects, whether records are asked for together or alone."""
        self.model.look()
        expected = self.model.expected()
        with self.store.begin() as conn:
            together = [key(number) for number in RECORDS]
            assert stops.stopping(conn, together) == expected
            with patch.object(stops, "FEW", 0):  # as for many records
                assert stops.stopping(conn, together) == expected
            for number in RECORDS:
                alone = stops.stopping(conn, [key(number)])
                assert alone == {one: names for one, names in expected.items() if one == key(number)}
            assert stops.anything_stopped(conn) is bool(self.model.open)


NUMBERS = st.sampled_from(RECORDS)
STEPS = st.one_of(
    st.tuples(st.just("see"), NUMBERS, st.sampled_from(("flood", "parade", "news"))),
    st.tuples(st.just("hide"), NUMBERS),
    st.tuples(st.just("remove"), NUMBERS),
    st.tuples(st.just("place"), st.sampled_from(SCOPES)),
    st.tuples(st.just("release"), st.integers(0, 3)),
)


def go_through(store: Store, steps: list[tuple[object, ...]]) -> None:
    """Do these, and compare after each."""
    town = Town(store)
    for what, *rest in steps:
        if what == "see":
            town.see(*rest)  # type: ignore[arg-type]
        elif what in {"hide", "remove"}:
            town.take(*rest, hidden=what == "hide")  # type: ignore[arg-type]
        elif what == "place":
            town.place(*rest)  # type: ignore[arg-type]
        else:
            town.release(*rest)  # type: ignore[arg-type]
        town.check()


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """A second store on the same database."""
    store = open_store(url)
    try:
        yield store
    finally:
        store.dispose()


def test_what_ever_matched_is_covered_until_the_release(empty_sqlite: Path, tmp_path: Path) -> None:
    """Whatever is captured, edited, removed, stopped and released, and in whichever order."""

    @settings(max_examples=15, deadline=None)
    @given(st.lists(STEPS, min_size=3, max_size=14))
    @example([("place", SCOPES[1]), ("see", 1, "flood"), ("hide", 1), ("see", 1, "news"), ("remove", 1)])
    @example([("see", 3, "parade"), ("place", SCOPES[4]), ("see", 1, "news"), ("remove", 3), ("see", 2, "news")])
    def run(steps: list[tuple[object, ...]]) -> None:
        path = shutil.copy(empty_sqlite, tmp_path / "archive.sqlite")
        for rest in tmp_path.glob("archive.sqlite-*"):
            rest.unlink()
        with opened(f"sqlite:///{path}") as store:
            go_through(store, steps)

    run()


def test_what_ever_matched_is_covered_on_postgresql(postgres_store: str) -> None:
    """The same on the other database, a few times."""

    @settings(max_examples=4, deadline=None)
    @given(st.lists(STEPS, min_size=3, max_size=12))
    def run(steps: list[tuple[object, ...]]) -> None:
        _emptied(postgres_store)
        with opened(postgres_store) as store:
            go_through(store, steps)

    try:
        run()
    finally:
        _emptied(postgres_store)


def test_a_stop_from_elsewhere_is_seen_by_the_destruction(city: City, store_url: str) -> None:
    """Placed between the approval of a list and the transaction that destroys: the item is told (records rule R26)."""
    one = city.post(1, "flood")
    with city.store.read() as conn:
        assert stops.stopping(conn, [one]) == {}
        with opened(store_url) as elsewhere:
            stop = placed(elsewhere, SCOPES[0])
    with city.store.begin() as conn:
        assert stops.stopping(conn, [one]) == {one: (stop.name,)}


def test_nobody_places_a_stop_while_the_destruction_goes_on(city: City, dialect: str, store_url: str) -> None:
    """From the moment in which it asked to its end; then the stop covers what is left."""
    one = city.post(1, "flood")
    with opened(store_url) as elsewhere:
        with city.store.begin() as conn:
            assert stops.stopping(conn, [one]) == {}
            with pytest.raises((OperatorError, sqlite.driver().module.OperationalError), match="lock"):
                _settle_at_once(elsewhere, dialect, store_url)
        assert placed(elsewhere, SCOPES[0]).name == "H-1"


def test_a_stop_waits_for_what_is_being_captured(city: City, dialect: str, store_url: str) -> None:
    """A record whose capture is not over yet can't slip in between the list and the query."""
    with opened(store_url) as elsewhere:
        with city.store.begin() as conn:
            stops.cover(conn, ["mastodon:1"], city.now)
            with pytest.raises((OperatorError, sqlite.driver().module.OperationalError), match="lock"):
                _settle_at_once(elsewhere, dialect, store_url)
        assert placed(elsewhere, SCOPES[0]).name == "H-1"


def test_a_stop_that_was_placed_meanwhile_is_seen_in_a_running_transaction(
    city: City, dialect: str, store_url: str
) -> None:
    """On PostgreSQL, where others may write at the same time: what counts is the moment of asking."""
    if dialect == "sqlite":
        pytest.skip("one writer at a time")
    one = city.post(1, "flood")
    with city.store.begin() as conn, opened(store_url) as elsewhere:
        conn.exec_driver_sql("SELECT count(*) FROM items")
        stop = placed(elsewhere, SCOPES[0])
        assert stops.stopping(conn, [one]) == {one: (stop.name,)}


def _settle_at_once(elsewhere: Store, dialect: str, url: str) -> None:
    """Begin to place a stop, without patience."""
    if dialect == "sqlite":
        with closing(sqlite.driver().module.connect(url.removeprefix("sqlite:///"), timeout=0)) as raw:
            raw.execute("BEGIN IMMEDIATE")
        return
    with elsewhere.begin() as conn:
        conn.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
        stops.settle(conn)

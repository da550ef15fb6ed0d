"""Stops: what they cover when they are placed, what arrives later, what changes, and until when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from archiver.domain.acting import Actor
from archiver.domain.item import Kind, Person, State
from archiver.domain.keys import Key
from archiver.domain.observation import GoneSeen
from archiver.domain.stops import Step, StopName, StopType
from archiver.store.decisions import stops
from archiver.store.decisions.scopes import Scope, read_scope
from archiver.store.decisions.stops import Release, Stop
from archiver.store.engine import Store
from archiver.store.selection import Query
from tests.store.conftest import City, sighting

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DANA = Actor("Dana Clerk", "dclerk")
LEE = Actor("Lee Attorney", "lattorney")


def placed(store: Store, scope: Scope, kind: StopType = StopType.LEGAL_HOLD) -> Stop:
    """A stop with that scope."""
    with store.begin() as conn:
        return stops.place(
            conn, at=NOW, kind=kind, matter="Doe v. City", reason="suit is expected", by=DANA, scope=scope
        )


def released(store: Store, name: StopName) -> None:
    """Its release, approved."""
    with store.begin() as conn:
        stops.add_step(conn, name, Release(Step.ASKED, NOW, DANA, "settled"))
        stops.add_step(conn, name, Release(Step.APPROVED, NOW, LEE, "settled"))


def stopping(store: Store, *keys: Key) -> dict[Key, tuple[StopName, ...]]:
    """What a destruction would be told."""
    with store.begin() as conn:
        return stops.stopping(conn, keys)


def asked(**filters: Any) -> Scope:
    """The scope of a query alone."""
    return Scope(Query(limit=None, **filters), context=False)


QUERIES: list[tuple[dict[str, Any], set[str]]] = [
    ({"words": "pothole"}, {"mastodon:1", "mastodon:3"}),
    ({"words": '"pothole on main"'}, {"mastodon:1"}),
    ({"words": "potholes*"}, set()),
    ({"account": "city"}, {"mastodon:1", "mastodon:2", "mastodon:3"}),
    ({"account": "other"}, set()),
    ({"platform": "mastodon", "words": "parade"}, {"mastodon:2"}),
    ({"state": State.GONE}, {"mastodon:3"}),
    ({"kind": Kind.POST, "state": State.LIVE}, {"mastodon:1", "mastodon:2"}),
    ({"author": "resident", "words": "main"}, {"mastodon:1"}),
    (
        {"since": datetime(2026, 1, 1, 0, 2, tzinfo=UTC), "until": datetime(2026, 1, 1, 0, 3, tzinfo=UTC)},
        {"mastodon:2"},
    ),
    ({}, {"mastodon:1", "mastodon:2", "mastodon:3"}),
]


@pytest.mark.parametrize(("filters", "covered"), QUERIES, ids=[str(sorted(filters)) for filters, _ in QUERIES])
def test_a_query_covers_what_is_there_and_what_comes(city: City, filters: dict[str, Any], covered: set[str]) -> None:
    """All filters of search; a record that comes after the stop is under it in the transaction that captures it."""
    early = placed(city.store, asked(**filters))
    one, two, three = city.post(1, "A pothole on Main"), city.post(2, "Parade"), city.post(3, "pothole")
    live = {key for (key,) in city.rows("SELECT key FROM stopped_records")}
    city.state(three, GoneSeen(three, "asked"))
    late = placed(city.store, asked(**filters))
    listed: dict[str, set[str]] = {early.name: set(), late.name: set()}
    for key, name in city.rows("SELECT key, stop FROM stopped_records"):
        listed[name].add(key)
    assert listed == {early.name: covered | live, late.name: covered}
    assert set(stopping(city.store, one, two, three)) == covered | live


def test_what_matched_once_stays_covered(city: City) -> None:
    """A record that is hidden, removed or reworded is under the stop until its release, and no longer."""
    stop = placed(city.store, asked(state=State.LIVE, words="pothole"))
    key = city.post(1, "pothole")
    city.post(1, "parade", edited_at=city.now)
    city.state(key, GoneSeen(key, "404"))
    assert stopping(city.store, key) == {key: (stop.name,)}
    released(city.store, stop.name)
    assert stopping(city.store, key) == {}


def test_a_scope_is_kept_as_it_was_meant() -> None:
    """What the store holds of it gives the same scope again, with the words as typed and as understood."""
    moment = datetime(2026, 1, 1, 6, tzinfo=UTC)
    query = Query("Peña #x pot*", "city", "mastodon", Kind.REPLY, State.HIDDEN, "someone", moment, moment, limit=None)
    scope = Scope(query, (Key("mastodon:1"),), (Key("mastodon:2"),), context=False)
    kept = scope.document()
    assert read_scope(kept) == scope
    assert kept["query"]["terms"][0] == {"tokens": ["pena"], "prefix": False}
    assert read_scope(Scope().document()) == Scope()


def test_a_thread_is_covered_with_its_root(city: City) -> None:
    """What stands in the thread, whenever it comes, and nothing else."""
    root, other = city.post(1), city.post(2)
    stop = placed(city.store, Scope(threads=(root,)))
    city.see(sighting(3, thread=root, parent=root), kind=Kind.COMMENT)
    keys = (root, other, Key("mastodon:3"))
    assert stopping(city.store, *keys) == {root: (stop.name,), Key("mastodon:3"): (stop.name,)}


def test_context_is_covered(city: City) -> None:
    """What a covered reply answers, up to the root, and what it quotes, also where that is seen only later."""
    stop = placed(city.store, Scope(Query("flood", limit=None)))
    root, comment, reply, quoted = (Key(f"mastodon:{number}") for number in (1, 2, 3, 4))
    city.see(sighting(3, "flood", thread=root, parent=comment, quotes=quoted), kind=Kind.REPLY)
    city.see(sighting(2, "so what", thread=root, parent=root), kind=Kind.COMMENT)
    city.see(sighting(1, "news"), sighting(4, "quoted"), sighting(5, "beside", thread=root, parent=root))
    found = stopping(city.store, root, comment, reply, quoted, Key("mastodon:5"))
    assert found == dict.fromkeys((root, comment, reply, quoted), (stop.name,))


def test_context_is_told_when_it_is_asked_for_alone(city: City) -> None:
    """The root of a reply that only now matches, by a name that its author has taken since."""
    stop = placed(city.store, Scope(Query(author="agitator", limit=None)))
    root = city.post(1, author=Person("p2", "city", "The City"))
    city.see(sighting(2, thread=root, parent=root), kind=Kind.COMMENT)
    assert stopping(city.store, root) == {}
    with city.store.begin() as conn:
        name = city.exchange(conn)
        conn.exec_driver_sql(
            "INSERT INTO person_versions (person_id, names, observed_at, exchange_id) "
            "SELECT p.id, 'agitator', e.captured_at, e.id FROM people p, exchanges e "
            f"WHERE p.native_id = 'p1' AND e.exchange = '{name}'"
        )
    assert stopping(city.store, root) == {root: (stop.name,)}
    assert city.rows("SELECT key FROM stopped_records") == []
    with city.store.begin() as conn:
        stops.cover_all(conn, city.now)  # as after a rebuild
    assert city.rows("SELECT key, basis FROM stopped_records ORDER BY key") == [
        ("mastodon:1", "context"), ("mastodon:2", "matched"),
    ]  # fmt: skip


def test_a_record_is_known_by_its_other_names(city: City) -> None:
    """A record that was listed under a name that turned out to be another's alias is covered."""
    alias = Key("mastodon:medium-7")
    stop = placed(city.store, Scope(records=(alias,), context=False))
    city.see(sighting(7, aliases=(alias,)))
    assert stopping(city.store, Key("mastodon:7")) == {Key("mastodon:7"): (stop.name,)}


def test_every_stop_counts(city: City) -> None:
    """A release makes only what no other stop covers eligible; names are given in order, and never again."""
    key, other = city.post(1), city.post(2)
    first = placed(city.store, Scope(records=(key,)))
    second = placed(city.store, asked(account="city"), StopType.DATA_REQUEST)
    assert (first.name, second.name) == ("H-1", "H-2")
    assert stopping(city.store, other, key) == {other: ("H-2",), key: ("H-1", "H-2")}
    released(city.store, second.name)
    assert stopping(city.store, other, key) == {key: ("H-1",)}
    released(city.store, first.name)
    with city.store.read() as conn:
        assert not stops.anything_stopped(conn)
    assert placed(city.store, Scope(records=(key,))).name == "H-3"


@pytest.mark.parametrize("table", ["stops", "stopped_records", "stop_releases"])
@pytest.mark.parametrize("verb", ["DELETE FROM {}", "UPDATE {} SET at = at"])
def test_a_stop_stays_written(city: City, table: str, verb: str) -> None:
    """The database itself refuses to change or delete a stop, its list and its release."""
    stop = placed(city.store, Scope(records=(city.post(1),)))
    released(city.store, stop.name)
    with pytest.raises(DBAPIError, match="append-only"), city.store.begin() as conn:
        conn.exec_driver_sql(verb.format(table))
